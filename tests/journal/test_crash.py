"""What a killed process leaves behind."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.domain.identifiers import OperationId
from app.domain.operation import OperationStatus
from app.domain.refusals import InstrumentBusy
from tests.journal.conftest import Open
from tests.journal.databases import Place
from tests.journal.scenes import CARD, let_die, standing

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def a_replica(place: Place, task: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.journal.a_replica", place.url, task, cwd=ROOT, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ids_said_by(process: Process) -> AsyncIterator[OperationId]:
    """Log lines stand between them."""
    assert process.stdout
    async for line in process.stdout:
        words = line.decode().strip()
        if len(words) == 32 and words.isalnum():
            yield OperationId(words)


async def test_what_a_killed_replica_was_at_is_settled_by_another(
    place: Place, open_one: Open
) -> None:
    async with a_replica(place, "hold") as process:
        operation_id = await anext(ids_said_by(process))
        async with open_one() as journal:
            assert await journal.take_due(limit=10) == []
            with pytest.raises(InstrumentBusy):
                async with journal.lock(CARD, wait_seconds=0):
                    pytest.fail("two are in")
            process.kill()
            await process.wait()
    await let_die(place)
    async with open_one() as journal:
        (operation,) = await journal.take_due(limit=10)
        assert operation.operation_id == operation_id
        assert operation.status is OperationStatus.IN_PROGRESS
        assert operation.open_step
        async with journal.lock(CARD, wait_seconds=0):
            pass


async def test_whatever_was_said_to_be_written_is_there_after_a_kill(
    place: Place, open_one: Open
) -> None:
    said = []
    async with a_replica(place, "work") as process:
        async for operation_id in ids_said_by(process):
            said.append(operation_id)
            if len(said) == 20:
                process.kill()
    await let_die(place)
    async with open_one() as journal:
        due = {operation.operation_id for operation in await journal.take_due(limit=1000)}
        assert due >= set(said)
        for operation_id in said:
            assert (await standing(journal, operation_id)).open_step
