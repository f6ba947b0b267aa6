"""What is old and over is forgotten, so that the journal does not grow for ever."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.holds import Hold, HoldState
from app.domain.identifiers import OperationId
from app.domain.operation import OperationStatus
from app.journal.database import Database
from app.journal.records import Records, reading_steps
from app.journal.tables import OPERATIONS, STEPS

_FINAL: Final = tuple(status for status in OperationStatus if status.is_final)
_OVER: Final = (HoldState.CAPTURED, HoldState.RELEASED, HoldState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Pruned:
    """
    Attributes:
        forgotten: How many operations.
        after: From where to look on; None when all that comes is too young.
    """

    forgotten: int
    after: int | None


class Pruning:
    """
    Operations that ended before some moment, with their keys.

    What is not final stays however old, and so does everything that tells of a hold that is still
    open, or of which something happened since, or that cannot be read: the journal may be the only
    one to know of it. Replicas may do this at the same time.
    """

    def __init__(self, database: Database, records: Records) -> None:
        self._database = database
        self._records = records

    async def prune(
        self, *, ended_before: datetime, now: datetime, after: int, most: int
    ) -> Pruned:
        """
        Look at the oldest operations, in the order in which they were opened.

        Args:
            after: Where the last look ended; 0 for the first.
            most: How many are looked at; each may take others of its hold along.
        """
        looked_at = await self._oldest(after, most)
        old = [row for row in looked_at if row.started_at < ended_before]
        over = {row.operation_id for row in old if _is_over(row, ended_before)}
        forgotten = await self._without_holds(over)
        open_ones: set[OperationId] = set()
        for story in await self._stories(over - forgotten):
            is_over = self._is_told_to_the_end(story, ended_before, now)
            (forgotten if is_over else open_ones).update(row.operation_id for row in story)
        forgotten -= open_ones
        await self._forget(forgotten)
        at_the_end = len(old) < most
        return Pruned(len(forgotten), None if at_the_end else looked_at[-1].ordinal)

    async def _oldest(self, after: int, most: int) -> Sequence[Row[Any]]:
        columns = (
            OPERATIONS.c.ordinal,
            OPERATIONS.c.operation_id,
            OPERATIONS.c.status,
            OPERATIONS.c.started_at,
            OPERATIONS.c.completed_at,
        )
        later = select(*columns).where(OPERATIONS.c.ordinal > after)
        return await self._database.read(later.order_by(OPERATIONS.c.ordinal).limit(most))

    async def _without_holds(self, operation_ids: Collection[OperationId]) -> set[OperationId]:
        with_holds = select(STEPS.c.operation_id).where(
            STEPS.c.operation_id.in_(operation_ids), STEPS.c.hold.is_not(None)
        )
        rows = await self._database.read(with_holds)
        return {*operation_ids} - {row.operation_id for row in rows}

    async def _stories(
        self, operation_ids: Collection[OperationId]
    ) -> Sequence[Sequence[Row[Any]]]:
        """For each hold that these operations touched, all steps that did, oldest first."""
        touched = select(STEPS.c.hold).where(STEPS.c.operation_id.in_(operation_ids))
        steps = reading_steps(STEPS.c.hold.in_(touched)).add_columns(
            OPERATIONS.c.status, OPERATIONS.c.completed_at
        )
        stories: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in await self._database.read(steps):
            stories[row.step_hold].append(row)
        return list(stories.values())

    def _is_told_to_the_end(
        self, story: Sequence[Row[Any]], ended_before: datetime, now: datetime
    ) -> bool:
        steps = self._records.steps(story)
        if len(steps) < len(story) or not all(_is_over(row, ended_before) for row in story):
            return False
        name = steps[0].hold_id
        hold = name and Hold.told(steps[0].instruction.subject, name, steps)
        return not hold or hold.state(now) in _OVER

    async def _forget(self, operation_ids: Collection[OperationId]) -> None:
        async def steps_first(connection: AsyncConnection) -> None:
            for table in (STEPS, OPERATIONS):
                await connection.execute(
                    delete(table).where(table.c.operation_id.in_(operation_ids))
                )

        if operation_ids:
            await self._database.transact(steps_first)


def _is_over(row: Row[Any], ended_before: datetime) -> bool:
    return row.status in _FINAL and row.completed_at < ended_before
