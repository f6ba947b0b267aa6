"""The changes of the tables: each says in `down_revision` which one it follows."""
