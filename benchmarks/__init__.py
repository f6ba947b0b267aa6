"""What the README claims in figures, each to be run again."""
