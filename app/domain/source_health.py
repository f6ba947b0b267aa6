"""How a source has been doing lately, as this process saw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.errors import SourceProblemKind


class SourceState(StrEnum):
    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"
    DISABLED = "DISABLED"


class CircuitState(StrEnum):
    CLOSED = "CLOSED"
    HALF_OPEN = "HALF_OPEN"
    OPEN = "OPEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """
    Attributes:
        since: When the state was first seen to be this.
        circuit: The worst of reads and writes.
        error_rate: Share of the last minute's calls that failed; None when there were none.
        p95: Nineteen of twenty calls of the last minute took no longer.
        rate_limit_remaining: Calls that may still be made now; None where no limit is set.
        last_problem: Kind of the last fault, however long ago.
    """

    state: SourceState
    since: datetime
    circuit: CircuitState
    error_rate: float | None
    p95: timedelta | None
    rate_limit_remaining: int | None
    last_success_at: datetime | None
    last_problem: SourceProblemKind | None
