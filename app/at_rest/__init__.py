"""How values are kept outside of the process: exactly, sealed, and found by keyed hashes."""
