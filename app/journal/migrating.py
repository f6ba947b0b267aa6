"""Bringing the tables to what this release needs, whoever else is just doing the same."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, func, select

from app.journal.database import make_engine, speaking_of_the_journal
from app.journal.failures import JournalUnusable

_SCRIPTS: Final = Path(__file__).parent / "migrations"

_LOCK: Final = 0x6372_6564_6974
"""Of PostgreSQL's advisory locks, the one that whoever migrates a journal holds."""

_log = structlog.get_logger("creditgraph.journal")


async def migrate(address: URL) -> None:
    """
    In one transaction: either all of it or nothing.

    Raises:
        JournalUnusable: A newer release has been here.
        JournalUnavailable
    """
    engine = make_engine(address, patience_seconds=None)
    try:
        with speaking_of_the_journal():
            async with engine.begin() as connection:
                await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    standing = MigrationContext.configure(connection).get_current_heads()
    if not set(standing) <= {script.revision for script in scripts.walk_revisions()}:
        raise JournalUnusable("A newer release wrote this journal; run that one, or a later one.")
    if set(standing) != set(scripts.get_heads()):
        command.upgrade(config, "head")
        tell = _log.info if standing else _log.debug  # a new one is nothing to tell of
        tell("journal migrated", to=scripts.get_current_head())
