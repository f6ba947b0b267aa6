"""
Who is at work on this journal: a row for each process that has it open, renewed by heartbeats.

A replica without a heartbeat for long is dead to the others: its operations are due, its locks are
free. It holds itself for dead twice as soon, so that it has stopped before they go on, and comes
back under another name: a dead one never comes to life again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import ColumnElement, Select, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.journal.database import Database
from app.journal.failures import JournalUnavailable
from app.journal.tables import INSTRUMENT_LOCKS, REPLICAS

_NOW: Final = timedelta(0)

_log = structlog.get_logger("creditgraph.journal")


class Replica:
    """
    This process, as the others see it.

    Attributes:
        replica_id: Its name at the moment.
    """

    def __init__(self, database: Database, *, dead_after: timedelta) -> None:
        self._database = database
        self._dead_after = dead_after
        self.replica_id = ""

    def living(self) -> Select[tuple[str]]:
        """The names of all that are not dead."""
        return select(REPLICAS.c.replica_id).where(
            REPLICAS.c.seen_at > self._database.ago(self._dead_after)
        )

    def may_act(self) -> ColumnElement[bool]:
        """No other holds this one for dead, and none will for a while."""
        return exists(select(REPLICAS).where(*self._is_well()))

    async def register(self) -> None:
        """Take a new name, and forget the dead: what no living one owns is anybody's."""
        replica_id = uuid4().hex
        statements = (
            insert(REPLICAS).values(replica_id=replica_id, seen_at=self._database.ago(_NOW)),
            delete(REPLICAS).where(REPLICAS.c.replica_id.not_in(self.living())),
            delete(INSTRUMENT_LOCKS).where(INSTRUMENT_LOCKS.c.owner.not_in(self.living())),
        )

        async def run(connection: AsyncConnection) -> None:
            for statement in statements:
                await connection.execute(statement)

        await self._database.transact(run)
        self.replica_id = replica_id

    async def beat(self) -> None:
        """Tell the others that this one lives."""
        renew = update(REPLICAS).where(*self._is_well()).values(seen_at=self._database.ago(_NOW))
        if not await self._database.write(renew):
            _log.warning("journal replica was away for too long", replica=self.replica_id)
            await self.register()

    async def unregister(self) -> None:
        """What it leaves unfinished is due at once."""
        await self._database.write(delete(REPLICAS).where(REPLICAS.c.replica_id == self.replica_id))

    def _is_well(self) -> tuple[ColumnElement[bool], ...]:
        return (
            REPLICAS.c.replica_id == self.replica_id,
            REPLICAS.c.seen_at > self._database.ago(self._dead_after / 2),
        )


@asynccontextmanager
async def at_work(
    replica: Replica, *, beat: Callable[[], Awaitable[None]], every: timedelta
) -> AsyncIterator[None]:
    """Registered, and alive, from here to the end."""
    await replica.register()
    heart = asyncio.create_task(_keep_beating(beat, every))
    try:
        yield
    finally:
        heart.cancel()
        with suppress(asyncio.CancelledError):
            await heart
        await _leave(replica)


async def _keep_beating(beat: Callable[[], Awaitable[None]], every: timedelta) -> None:
    is_reached = True
    while True:
        await asyncio.sleep(every.total_seconds())
        try:
            await beat()
        except JournalUnavailable:
            if is_reached:
                _log.warning("journal out of reach", exc_info=True)
            is_reached = False
        else:
            is_reached = True


async def _leave(replica: Replica) -> None:
    try:
        await replica.unregister()
    except JournalUnavailable:
        _log.warning("journal out of reach at the end", replica=replica.replica_id)
