"""What alembic runs; a file in `versions` for each change of the tables."""
