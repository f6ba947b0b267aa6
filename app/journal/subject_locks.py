"""One writer at a time per instrument: in this process by turns, over all replicas by a row."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import delete, or_

from app.at_rest.sealing import KeyedHash
from app.domain.instructions import Subject
from app.domain.refusals import InstrumentBusy
from app.journal.database import Database
from app.journal.failures import JournalUnavailable
from app.journal.replica import Replica
from app.journal.tables import INSTRUMENT_LOCKS

_FIRST_PAUSE_SECONDS: Final = 0.005
_LONGEST_PAUSE_SECONDS: Final = 0.25

_log = structlog.get_logger("creditgraph.journal")


@dataclass(slots=True)
class _Queue:
    """Those of this process that want one subject."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0


class SubjectLocks:
    def __init__(self, database: Database, replica: Replica, subject_hash: KeyedHash) -> None:
        self._database = database
        self._replica = replica
        self._subject_hash = subject_hash
        self._queues: dict[str, _Queue] = {}
        self._left_over: set[str] = set()

    @asynccontextmanager
    async def holding(self, subject: Subject, *, wait_seconds: float) -> AsyncIterator[None]:
        """
        Raises:
            InstrumentBusy: Somebody else had it all the while.
            JournalUnavailable
        """
        deadline = asyncio.get_running_loop().time() + wait_seconds
        key = self._subject_hash(subject.source, subject.kind, subject.provider_id)
        async with self._turn(key, deadline):
            token = uuid4().hex
            try:
                await self._take(key, token, deadline)
                yield
            finally:
                await self._release(token)

    async def release_left_over(self) -> None:
        """
        What could not be released when its holder was done with it.

        Raises:
            JournalUnavailable
        """
        for token in tuple(self._left_over):
            await self._delete(token)
            self._left_over.discard(token)

    @asynccontextmanager
    async def _turn(self, key: str, deadline: float) -> AsyncIterator[None]:
        """First come, first served; only whose turn it is asks the database."""
        queue = self._queues.setdefault(key, _Queue())
        queue.length += 1
        try:
            await _acquire(queue.turn, deadline)
            try:
                yield
            finally:
                queue.turn.release()
        finally:
            queue.length -= 1
            if not queue.length:
                del self._queues[key]

    async def _take(self, key: str, token: str, deadline: float) -> None:
        now = asyncio.get_running_loop().time
        pause = _FIRST_PAUSE_SECONDS
        while not await self._try(key, token):
            left = deadline - now()
            if left <= 0:
                raise InstrumentBusy
            await asyncio.sleep(min(left, pause * random.uniform(0.5, 1)))
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _try(self, key: str, token: str) -> bool:
        """A row of this replica is left over: whoever has the turn is the only one of it."""
        taken = INSTRUMENT_LOCKS.c
        ours = self._replica.replica_id
        take = self._database.insert(INSTRUMENT_LOCKS).values(subject=key, owner=ours, token=token)
        take = take.on_conflict_do_update(
            index_elements=[taken.subject],
            set_={"owner": ours, "token": token},
            where=or_(taken.owner == ours, taken.owner.not_in(self._replica.living())),
        )
        return bool(await self._database.write(take))

    async def _release(self, token: str) -> None:
        """What the holder did is done, so that the next beat has to go on where this fails."""
        try:
            await self._delete(token)
        except JournalUnavailable:
            self._left_over.add(token)
            _log.warning("instrument not released yet", exc_info=True)

    async def _delete(self, token: str) -> None:
        await self._database.write(
            delete(INSTRUMENT_LOCKS).where(INSTRUMENT_LOCKS.c.token == token)
        )


async def _acquire(turn: asyncio.Lock, deadline: float) -> None:
    try:
        async with asyncio.timeout_at(deadline):
            await turn.acquire()
    except TimeoutError:
        raise InstrumentBusy from None
