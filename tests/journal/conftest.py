"""A journal on each of the two databases, its heart and its clock at rest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from app.journal.journal import Journal, open_journal
from tests.journal.databases import Place, postgresql_place, sqlite_place
from tests.journal.scenes import SECRET, StoppedClock

LONG = timedelta(days=1)

Open = Callable[[], AbstractAsyncContextManager[Journal]]


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param == "sqlite":
        yield sqlite_place(tmp_path)
    else:
        async with postgresql_place() as one:
            yield one


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def open_one(place: Place, clock: StoppedClock) -> Open:
    """Another replica on the same database; dead when a test says so."""

    def open_it() -> AbstractAsyncContextManager[Journal]:
        return open_journal(
            place.url, secret=SECRET, clock=clock, beat_every=LONG, dead_after=4 * LONG
        )

    return open_it


@pytest.fixture
async def journal(open_one: Open) -> AsyncIterator[Journal]:
    async with open_one() as one:
        yield one


@pytest.fixture
async def other(journal: Journal, open_one: Open) -> AsyncIterator[Journal]:
    async with open_one() as one:
        yield one
