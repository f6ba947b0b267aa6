"""What is not brought to its end yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select

from app.domain.operation import OperationStatus
from app.journal.tables import OPERATIONS

OPEN_STATUSES: Final = tuple(status for status in OperationStatus if not status.is_final)


@dataclass(frozen=True, slots=True)
class Backlog:
    """
    Of all replicas together.

    Attributes:
        counts: How many operations have each status that is not final.
        oldest_at: When the oldest of them was asked for; None where there is none.
    """

    counts: Mapping[OperationStatus, int]
    oldest_at: datetime | None


def counting() -> Select[Any]:
    """For each open status that there is: how many, and since when the oldest."""
    return (
        select(
            OPERATIONS.c.status,
            func.count().label("many"),
            func.min(OPERATIONS.c.started_at).label("oldest_at"),
        )
        .where(OPERATIONS.c.status.in_(OPEN_STATUSES))
        .group_by(OPERATIONS.c.status)
    )
