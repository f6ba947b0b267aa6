"""The model in the middle: what credit is, whoever keeps it. Imports the standard library only."""
