"""
The journal, as the rest of the gateway sees it.

What a method wrote is durable when it returns. Where one fails or is cancelled, what it was to
write may be there or not; the operation is then let go of, so that `take_due` hands it to whoever
settles it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.at_rest.sealing import KeyedHash
from app.domain.clock import Clock, utc_now
from app.domain.errors import CreditError
from app.domain.identifiers import OperationId, ProviderHoldId
from app.domain.instructions import Subject
from app.domain.instruments import Instrument
from app.domain.operation import Booking, Operation, OperationStatus, Step
from app.journal.asked import Asked, Started
from app.journal.backlog import OPEN_STATUSES, Backlog, counting
from app.journal.database import Database, locate, open_database, rows_of
from app.journal.due import giving_away, longer_to_settle, taking
from app.journal.failures import JournalUnavailable, JournalUnusable, OperationTakenOver
from app.journal.migrating import migrate
from app.journal.pruning import Pruned, Pruning
from app.journal.records import Records, reading, reading_steps
from app.journal.replica import Replica, at_work
from app.journal.subject_locks import SubjectLocks
from app.journal.tables import OPERATIONS, REPLICAS, STEPS

_GIVEN_AWAY_AT_ONCE: Final = 1000
"""Bounds what one statement names; the others' turn is the next one's."""

_ALIVE_WITHIN_SECONDS: Final = 2

_IS_OPEN: Final = OPERATIONS.c.status.in_(OPEN_STATUSES)


class Journal:
    def __init__(
        self,
        database: Database,
        *,
        replica: Replica,
        locks: SubjectLocks,
        records: Records,
        clock: Clock,
    ) -> None:
        self._database = database
        self._replica = replica
        self._locks = locks
        self._records = records
        self._clock = clock
        self._let_go: set[OperationId] = set()

    async def start(self, asked: Asked) -> Started:
        """
        Open an operation and claim the key for it, or find the one that has it.

        Raises:
            JournalUnavailable: Nothing may be sent.
        """
        operation = self._records.opened(asked, at=self._clock())
        with self._let_go_unless_done(operation.operation_id):
            while True:
                if await self._claim(operation, asked):
                    return Started(operation=operation, is_new=True, same_input=True)
                if standing := await self._rows(OPERATIONS.c.claim == self._records.claim(asked)):
                    return Started(
                        operation=self._records.operations(standing)[0],
                        is_new=False,
                        same_input=standing[0].fingerprint == asked.fingerprint,
                    )
                # between the two looks the key was set free

    async def begin_step(self, operation_id: OperationId, step: Step) -> None:
        """
        Write down a call before it is sent, and count it.

        Raises:
            OperationTakenOver, JournalUnavailable: It must not be sent.
        """
        row = self._records.step_row(operation_id, step)
        begin = (
            update(OPERATIONS)
            .where(
                OPERATIONS.c.operation_id == operation_id,
                OPERATIONS.c.owner == self._replica.replica_id,
                _IS_OPEN,
                self._replica.may_act(),
            )
            .values(
                attempts=OPERATIONS.c.attempts + 1,
                taken_until=longer_to_settle(self._database),
            )
        )
        write = self._database.insert(STEPS).values(row).on_conflict_do_nothing()

        async def both(connection: AsyncConnection) -> None:
            for statement in (begin, write):
                if not (await connection.execute(statement)).rowcount:
                    raise OperationTakenOver

        with self._let_go_unless_done(operation_id):
            await self._database.transact(both)

    async def begin_again(self, operation_id: OperationId, number: int, *, at: datetime) -> None:
        """A call of which nothing is known may have gone out once more."""
        this = and_(
            STEPS.c.operation_id == operation_id,
            STEPS.c.number == number,
            STEPS.c.booking.is_(None),
        )
        with self._let_go_unless_done(operation_id):
            await self._database.write(update(STEPS).where(this).values(begun_at=at))

    async def count_attempt(self, operation_id: OperationId) -> None:
        """A look-up at the provider is an attempt as well."""
        await self._change(operation_id, {"attempts": OPERATIONS.c.attempts + 1})

    async def book_step(self, operation_id: OperationId, number: int, booking: Booking) -> None:
        """
        Write down what came of a call. Who learns it first has said it; what is said is a fact,
        whoever the operation belongs to by now.

        Raises:
            LookupError: There is no such step.
        """
        this = and_(STEPS.c.operation_id == operation_id, STEPS.c.number == number)
        sealed = self._records.booking(operation_id, number, booking)
        book = update(STEPS).where(this, STEPS.c.booking.is_(None)).values(booking=sealed)

        async def book_and_name_hold(connection: AsyncConnection) -> None:
            await connection.execute(book)
            rows = await rows_of(connection, reading_steps(this))
            if not rows:
                raise LookupError(f"operation {operation_id} has no step {number}")
            for hold in self._records.holds(rows):
                await connection.execute(update(STEPS).where(this).values(hold=hold))

        with self._let_go_unless_done(operation_id):
            await self._database.transact(book_and_name_hold)

    async def postpone(
        self, operation_id: OperationId, *, refusal: CreditError, check_after: datetime
    ) -> Operation:
        """What became of it is UNKNOWN for now; a final status stays. Returns what stands."""
        mine = OPERATIONS.c.owner == self._replica.replica_id
        return await self._change(
            operation_id,
            {
                "status": OperationStatus.UNKNOWN,
                "refusal": self._records.refusal(operation_id, refusal),
                "check_after": check_after,
                "taken_until": case((mine, None), else_=OPERATIONS.c.taken_until),
            },
        )

    async def finish(
        self,
        operation_id: OperationId,
        status: OperationStatus,
        *,
        refusal: CreditError | None = None,
        observed: Instrument | None = None,
        frees_key: bool = False,
    ) -> Operation:
        """
        Give it its final status, once; whoever comes later changes nothing. Returns what stands.

        Args:
            frees_key: Nothing was ever sent, so the same key may try again.

        Raises:
            LookupError: There is no such operation.
        """
        if not status.is_final:
            raise ValueError(f"{status} is not the end of an operation")
        return await self._change(
            operation_id,
            {
                "status": status,
                "completed_at": self._clock(),
                "refusal": refusal and self._records.refusal(operation_id, refusal),
                "observed": observed and self._records.observed(operation_id, observed),
                "check_after": None,
                "taken_until": None,
                **({"claim": None} if frees_key else {}),
            },
        )

    def let_go(self, operation_id: OperationId) -> None:
        """Nobody in this process goes on with it: what is unfinished of it is to be settled."""
        self._let_go.add(operation_id)

    async def operation(self, operation_id: OperationId) -> Operation | None:
        return self._only(await self._rows(OPERATIONS.c.operation_id == operation_id))

    async def latest(self, *, caller: str, idempotency_key: str) -> Operation | None:
        """The newest that this caller opened with the key, whatever its name."""
        asked_by = self._records.asked_by(caller, idempotency_key)
        newest = select(func.max(OPERATIONS.c.ordinal)).where(OPERATIONS.c.asked_by == asked_by)
        return self._only(await self._rows(OPERATIONS.c.ordinal == newest.scalar_subquery()))

    async def steps_of_hold(self, subject: Subject, hold_id: ProviderHoldId) -> Sequence[Step]:
        """The calls that made a hold and took it further, oldest first."""
        rows = await self._step_rows(STEPS.c.hold == self._records.hold(subject, hold_id))
        return self._records.steps(rows)

    async def holds_on(self, subject: Subject) -> Mapping[ProviderHoldId, Sequence[Step]]:
        """The same for each hold on an instrument that was made here."""
        rows = await self._step_rows(
            and_(STEPS.c.subject == self._records.subject(subject), STEPS.c.hold.is_not(None))
        )
        found: dict[ProviderHoldId, list[Step]] = {}
        for step in self._records.steps(rows):
            if step.hold_id is not None:
                found.setdefault(step.hold_id, []).append(step)
        return found

    async def take_due(self, *, limit: int) -> Sequence[Operation]:
        """
        Operations to settle: those put off until now, and those that nobody goes on with. From
        now on they are this replica's; they are due again when they are not settled soon. What
        this gateway cannot read is passed over.
        """
        given_away = list(self._let_go)[:_GIVEN_AWAY_AT_ONCE]
        give = giving_away(self._replica, given_away)
        take = taking(self._database, self._replica, now=self._clock(), limit=limit)

        async def hand_over(connection: AsyncConnection) -> Sequence[Row[Any]]:
            await connection.execute(give)
            taken = (await connection.scalars(take)).all()
            return await rows_of(connection, reading(OPERATIONS.c.ordinal.in_(taken)))

        rows = await self._database.transact(hand_over)
        self._let_go.difference_update(given_away)
        return [each for each in self._records.operations(rows) if not each.status.is_final]

    def lock(self, subject: Subject, *, wait_seconds: float) -> AbstractAsyncContextManager[None]:
        """
        Be the only writer to *subject* over all replicas, in the order of asking within this one.

        Raises:
            InstrumentBusy: Somebody else was, for all of *wait_seconds*.
            JournalUnavailable
        """
        return self._locks.holding(subject, wait_seconds=wait_seconds)

    async def beat(self) -> None:
        """Tell the other replicas that this one lives, and release what could not be before."""
        await self._replica.beat()
        await self._locks.release_left_over()

    async def is_alive(self) -> bool:
        """Whether the database answers, soon."""
        asking = asyncio.create_task(self._answers())
        answered, _ = await asyncio.wait([asking], timeout=_ALIVE_WITHIN_SECONDS)
        return asking in answered and asking.result()

    async def backlog(self) -> Backlog:
        rows = await self._database.read(counting())
        counts = {status: 0 for status in OPEN_STATUSES}
        counts |= {OperationStatus(row.status): row.many for row in rows}
        return Backlog(counts, min((row.oldest_at for row in rows), default=None))

    async def prune(self, *, ended_before: datetime, after: int, most: int) -> Pruned:
        """
        Forget operations that ended before then, with their keys; see `Pruning` for what stays.

        Args:
            after: Where the last look ended; 0 for the first.
            most: How many are looked at.
        """
        pruning = Pruning(self._database, self._records)
        return await pruning.prune(
            ended_before=ended_before, now=self._clock(), after=after, most=most
        )

    async def _answers(self) -> bool:
        try:
            await self._database.read(select(REPLICAS.c.replica_id).limit(1))
        except JournalUnavailable:
            return False
        return True

    async def _claim(self, operation: Operation, asked: Asked) -> bool:
        row = self._records.opening_row(operation, asked)
        insert = (
            self._database.insert(OPERATIONS)
            .values({**row, "owner": self._replica.replica_id})
            .on_conflict_do_nothing(index_elements=[OPERATIONS.c.claim])
        )
        return bool(await self._database.write(insert))

    async def _change(self, operation_id: OperationId, values: dict[str, Any]) -> Operation:
        """What is final stays as it is."""
        this = OPERATIONS.c.operation_id == operation_id
        change = update(OPERATIONS).where(this, _IS_OPEN).values(values)

        async def change_and_read(connection: AsyncConnection) -> Sequence[Row[Any]]:
            await connection.execute(change)
            return await rows_of(connection, reading(this))

        with self._let_go_unless_done(operation_id):
            rows = await self._database.transact(change_and_read)
            if (operation := self._only(rows)) is None:
                raise LookupError(f"there is no operation {operation_id}")
            return operation

    async def _step_rows(self, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
        return await self._database.read(reading_steps(which))

    async def _rows(self, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
        return await self._database.read(reading(which))

    def _only(self, rows: Sequence[Row[Any]]) -> Operation | None:
        return next(iter(self._records.operations(rows)), None)

    @contextmanager
    def _let_go_unless_done(self, operation_id: OperationId) -> Iterator[None]:
        """A failure may be a commit whose answer was lost, so that nobody here knows of it."""
        is_known = False
        try:
            yield
            is_known = True
        except OperationTakenOver:
            is_known = True
            raise
        finally:
            if not is_known:
                self.let_go(operation_id)


@asynccontextmanager
async def open_journal(
    url: str,
    *,
    secret: str,
    clock: Clock = utc_now,
    beat_every: timedelta = timedelta(seconds=2),
    dead_after: timedelta = timedelta(seconds=10),
) -> AsyncIterator[Journal]:
    """
    The journal at *url*, its tables brought up to date, with this process as one of its replicas.

    Args:
        url: Of a SQLite file or a PostgreSQL database; the driver may be left out.
        secret: What is written can only be read with it. With another one, what was asked before
            is not recognised: a key that was used is new again.
        dead_after: What a replica owned that was not seen for so long is anybody's; several times
            *beat_every*, since a replica stops acting after half of it.

    Raises:
        JournalUnusable: No journal of this release can be kept there.
        JournalUnavailable
    """
    if not secret:
        raise JournalUnusable("The journal needs a secret.")
    address = await locate(url)
    await migrate(address)
    async with open_database(address) as database:
        replica = Replica(database, dead_after=dead_after)
        locks = SubjectLocks(database, replica, KeyedHash(secret, "journal subjects"))
        records = Records(secret)
        journal = Journal(database, replica=replica, locks=locks, records=records, clock=clock)
        async with at_work(replica, beat=journal.beat, every=beat_every):
            yield journal
