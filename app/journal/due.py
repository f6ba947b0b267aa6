"""Which operations are to be settled, and how one replica gets each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Update, and_, case, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from app.domain.identifiers import OperationId
from app.domain.operation import OperationStatus
from app.journal.database import Database
from app.journal.replica import Replica
from app.journal.tables import OPERATIONS

_TO_SETTLE: Final = timedelta(seconds=30)
"""So long an operation that was taken is not due again."""

_NOW: Final = timedelta(0)


def longer_to_settle(database: Database) -> ColumnElement[datetime | None]:
    """Until when it is taken, by who goes on settling it now; it stays untaken where it was."""
    until = OPERATIONS.c.taken_until
    return case((until.is_not(None), database.ago(-_TO_SETTLE)), else_=until)


def giving_away(replica: Replica, operation_ids: Sequence[OperationId]) -> Update:
    return (
        update(OPERATIONS)
        .where(
            OPERATIONS.c.operation_id.in_(operation_ids),
            OPERATIONS.c.owner == replica.replica_id,
        )
        .values(owner=None)
    )


def taking(
    database: Database, replica: Replica, *, now: datetime, limit: int
) -> ReturningUpdate[tuple[int]]:
    """Rows that another replica is just taking are not waited for."""
    due = (
        select(OPERATIONS.c.ordinal)
        .where(
            or_(_is_put_off_until(now), _is_nobodys(replica)),
            or_(
                OPERATIONS.c.taken_until.is_(None),
                OPERATIONS.c.taken_until <= database.ago(_NOW),
            ),
        )
        .order_by(func.coalesce(OPERATIONS.c.check_after, OPERATIONS.c.started_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        update(OPERATIONS)
        .where(OPERATIONS.c.ordinal.in_(select(due.c.ordinal)))
        .values(owner=replica.replica_id, taken_until=database.ago(-_TO_SETTLE))
        .returning(OPERATIONS.c.ordinal)
    )


def _is_put_off_until(now: datetime) -> ColumnElement[bool]:
    return and_(OPERATIONS.c.status == OperationStatus.UNKNOWN, OPERATIONS.c.check_after <= now)


def _is_nobodys(replica: Replica) -> ColumnElement[bool]:
    """One that was taken, and not settled in time, is nobody's again."""
    owner = OPERATIONS.c.owner
    return and_(
        OPERATIONS.c.status == OperationStatus.IN_PROGRESS,
        or_(
            OPERATIONS.c.taken_until.is_not(None),
            owner.is_(None),
            and_(owner != replica.replica_id, owner.not_in(replica.living())),
        ),
    )
