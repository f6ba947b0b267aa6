"""Store credit, as the loyalty plugin of Medusa v2 keeps it."""
