"""What the gateway itself must never lose: what it was asked to do once, and how far it came."""
