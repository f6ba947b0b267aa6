"""The tables are what this release needs, whoever else starts at the same time."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from app.journal.database import locate, make_engine
from app.journal.failures import JournalUnusable
from app.journal.journal import Journal
from app.journal.tables import METADATA
from tests.journal.conftest import Open
from tests.journal.databases import Place
from tests.journal.scenes import opened, standing


async def test_many_that_start_at_once_find_the_same_tables(open_one: Open, place: Place) -> None:
    async with AsyncExitStack() as stack:
        journals = await asyncio.gather(*(stack.enter_async_context(open_one()) for _ in range(8)))
        operation_id = await opened(journals[0])
        for journal in journals:
            assert (await standing(journal, operation_id)).operation_id == operation_id
        assert len(await place.see(text("SELECT * FROM alembic_version"))) == 1


async def test_the_migrated_tables_are_those_the_code_speaks_of(
    journal: Journal, place: Place
) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    engine = make_engine(await locate(place.url), patience_seconds=None)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == []


async def test_a_journal_that_is_opened_again_keeps_what_it_had(open_one: Open) -> None:
    async with open_one() as journal:
        operation_id = await opened(journal)
    async with open_one() as journal:
        assert (await standing(journal, operation_id)).idempotency_key == "key-1"


async def test_a_journal_of_a_newer_release_is_refused_and_left_alone(
    open_one: Open, place: Place
) -> None:
    async with open_one():
        pass
    await place.see(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(JournalUnusable, match="newer release"):
        async with open_one():
            pytest.fail("it was opened")
    (row,) = await place.see(text("SELECT version_num FROM alembic_version"))
    assert row.version_num == "9999"
