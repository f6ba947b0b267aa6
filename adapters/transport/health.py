"""What the calls of the last minute say about a source."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Final, NamedTuple

import httpx

from adapters.transport.calls import class_of
from adapters.transport.faults import fault_of_status, read_fault
from adapters.transport.figures import ABANDONED, ANSWERED, REFUSED, Tally
from app.domain.clock import Clock
from app.domain.errors import SourceProblemKind
from app.domain.identifiers import SourceKey
from app.domain.source_health import CircuitState, SourceHealth, SourceState

REMEMBERED_SECONDS: Final = 60.0
MOST_REMEMBERED: Final = 1000
DEGRADED_FROM: Final = 0.1
DOWN_FROM_CALLS: Final = 10


class _Seen(NamedTuple):
    at: float
    seconds: float
    failed: bool


class Health(httpx.AsyncBaseTransport):
    """
    Notes how each call that is really made ends; a caller who goes away leaves no note.

    A source is DOWN while nothing is read from it, or when all of at least ten calls failed;
    DEGRADED while a circuit is not closed, or when a tenth of the calls failed. Credentials that
    are refused and requests to slow down count as failures here, unlike at the breaker: calling
    less does not mend them, but somebody should look.

    Args:
        now: Seconds that only grow.

    Attributes:
        tally: All calls since the beginning, those too whose caller went away.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        source: SourceKey,
        clock: Clock,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._source = source
        self._clock = clock
        self._now = now
        self.tally = Tally()
        self._seen: deque[_Seen] = deque(maxlen=MOST_REMEMBERED)
        self._state, self._since = SourceState.UP, clock()
        self._last_success_at: datetime | None = None
        self._last_problem: SourceProblemKind | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        begun = self._now()
        outcome: str = ABANDONED
        self.tally.in_flight += 1
        try:
            response = await self._inner.handle_async_request(request)
            outcome = self._outcome_of(response)
        except httpx.HTTPError as exc:
            outcome = read_fault(exc, self._source).kind
            raise
        finally:
            seconds = self._now() - begun
            self.tally.end(class_of(request), outcome, seconds)
            if outcome is not ABANDONED:
                self._note(outcome, seconds)
        return response

    def _outcome_of(self, response: httpx.Response) -> str:
        if response.status_code < 400:
            return ANSWERED
        fault = fault_of_status(response.status_code, response.headers, self._source)
        return REFUSED if fault is None else fault.kind

    def _note(self, outcome: str, seconds: float) -> None:
        if isinstance(outcome, SourceProblemKind):
            self._last_problem = outcome
        else:
            self._last_success_at = self._clock()
        failed = isinstance(outcome, SourceProblemKind)
        self._seen.append(_Seen(self._now(), seconds, failed))

    def seen(
        self, *, reads: CircuitState, circuit: CircuitState, remaining: int | None
    ) -> SourceHealth:
        """
        Args:
            reads: The circuit of reads.
            circuit: The worst of all circuits.
            remaining: Calls that the rate limit still allows.
        """
        recent = [one for one in self._seen if one.at > self._now() - REMEMBERED_SECONDS]
        failed = sum(one.failed for one in recent)
        self._turn(_state(reads, circuit, calls=len(recent), failed=failed))
        return SourceHealth(
            state=self._state,
            since=self._since,
            circuit=circuit,
            error_rate=failed / len(recent) if recent else None,
            p95=_p95([one.seconds for one in recent]),
            rate_limit_remaining=remaining,
            last_success_at=self._last_success_at,
            last_problem=self._last_problem,
        )

    def _turn(self, state: SourceState) -> None:
        if state is not self._state:
            self._state, self._since = state, self._clock()

    async def aclose(self) -> None:
        await self._inner.aclose()


def _state(reads: CircuitState, circuit: CircuitState, *, calls: int, failed: int) -> SourceState:
    if reads is CircuitState.OPEN or failed == calls >= DOWN_FROM_CALLS:
        return SourceState.DOWN
    if circuit is not CircuitState.CLOSED or failed > calls * DEGRADED_FROM:
        return SourceState.DEGRADED
    return SourceState.UP


def _p95(seconds: list[float]) -> timedelta | None:
    """The nearest rank: a figure that was really measured."""
    if not seconds:
        return None
    return timedelta(seconds=sorted(seconds)[ceil(0.95 * len(seconds)) - 1])
