"""Alembic's entry: on the connection, and in the transaction, of whoever migrates."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
