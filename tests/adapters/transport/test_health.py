"""What is told of a source is what its last calls came to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.transport.calls import CallClass
from adapters.transport.health import MOST_REMEMBERED, Health
from app.domain.errors import SourceProblemKind
from app.domain.source_health import CircuitState, SourceHealth, SourceState
from tests.adapters.transport.stand_ins import SOURCE, MovedTime, Script, Step, request

BEGAN = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Watched:
    """A source whose calls take as long as a test says."""

    def __init__(self, *steps: Step) -> None:
        self.now = MovedTime()
        self.takes = 0.0
        script = Script(*steps, during=self._pass)
        self.health = Health(script, source=SOURCE, clock=self.clock, now=self.now)

    async def _pass(self) -> None:
        self.now.pass_(self.takes)

    def clock(self) -> datetime:
        return BEGAN + timedelta(seconds=self.now.seconds - 1000)

    async def asked(self, times: int = 1, *, seconds: float = 0.0) -> None:
        self.takes = seconds
        for _ in range(times):
            try:
                await self.health.handle_async_request(request())
            except (httpx.HTTPError, asyncio.CancelledError):
                continue

    def seen(
        self,
        reads: CircuitState = CircuitState.CLOSED,
        circuit: CircuitState = CircuitState.CLOSED,
    ) -> SourceHealth:
        return self.health.seen(reads=reads, circuit=circuit, remaining=7)


async def test_of_a_source_that_nobody_asked_nothing_is_known() -> None:
    assert Watched(200).seen() == SourceHealth(
        state=SourceState.UP,
        since=BEGAN,
        circuit=CircuitState.CLOSED,
        error_rate=None,
        p95=None,
        rate_limit_remaining=7,
        last_success_at=None,
        last_problem=None,
    )


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (500, SourceProblemKind.UPSTREAM_ERROR),
        (401, SourceProblemKind.CREDENTIALS_REJECTED),
        (429, SourceProblemKind.RATE_LIMITED),
        (httpx.ReadTimeout("slow"), SourceProblemKind.TIMEOUT),
        (httpx.ConnectError("refused"), SourceProblemKind.UNREACHABLE),
        (httpx.DecodingError("too large"), SourceProblemKind.BAD_RESPONSE),
    ],
    ids=repr,
)
async def test_a_fault_is_told_by_its_kind_and_counts(step: Step, kind: SourceProblemKind) -> None:
    watched = Watched(step)
    await watched.asked()
    health = watched.seen()
    assert (health.last_problem, health.error_rate) == (kind, 1.0)
    assert health.last_success_at is None


@pytest.mark.parametrize("status", [200, 204, 400, 404, 409])
async def test_an_answer_and_a_refusal_are_successes(status: int) -> None:
    watched = Watched(status)
    await watched.asked(seconds=2)
    health = watched.seen()
    assert (health.error_rate, health.last_problem) == (0.0, None)
    assert health.last_success_at == BEGAN + timedelta(seconds=2)


async def test_a_caller_who_leaves_leaves_no_note() -> None:
    watched = Watched(asyncio.CancelledError())
    await watched.asked(5)
    assert watched.seen().error_rate is None


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (200, "ANSWERED"),
        (302, "ANSWERED"),
        (404, "REFUSED"),
        (403, "CREDENTIALS_REJECTED"),
        (503, "UPSTREAM_ERROR"),
        (httpx.ReadTimeout("slow"), "TIMEOUT"),
        (asyncio.CancelledError(), "ABANDONED"),
    ],
    ids=repr,
)
async def test_every_call_is_counted_by_its_class_and_how_it_ended(
    step: Step, outcome: str
) -> None:
    watched = Watched(step)
    await watched.asked(2, seconds=0.3)

    tally = watched.health.tally
    assert tally.ended == {(CallClass.READ, outcome): 2}
    assert tally.took[CallClass.READ].total_seconds == pytest.approx(0.6)
    assert tally.took[CallClass.WRITE].total_seconds == 0
    assert tally.in_flight == 0


async def test_a_call_is_in_flight_until_it_ends() -> None:
    seen: list[int] = []

    async def during() -> None:
        seen.append(health.tally.in_flight)

    health = Health(Script(200, during=during), source=SOURCE, clock=lambda: BEGAN)
    await health.handle_async_request(request())

    assert [*seen, health.tally.in_flight] == [1, 0]


async def test_the_95th_percentile_is_a_time_that_was_measured() -> None:
    watched = Watched(200)
    await watched.asked(95, seconds=0.01)
    await watched.asked(5, seconds=3)
    p95 = watched.seen().p95
    assert p95 is not None
    assert p95.total_seconds() == pytest.approx(0.01)

    await watched.asked(1, seconds=3)
    p95 = watched.seen().p95
    assert p95 is not None
    assert p95.total_seconds() == pytest.approx(3)


async def test_after_a_minute_only_the_last_success_and_problem_are_remembered() -> None:
    watched = Watched(200, 500)
    await watched.asked(2)
    watched.now.pass_(60)
    health = watched.seen()
    assert (health.error_rate, health.p95) == (None, None)
    assert health.last_success_at == BEGAN
    assert health.last_problem is SourceProblemKind.UPSTREAM_ERROR


async def test_many_calls_cost_no_more_memory_than_the_last_of_them() -> None:
    watched = Watched(*[500] * 100, 200)
    await watched.asked(100 + MOST_REMEMBERED)
    assert watched.seen().error_rate == 0


@pytest.mark.parametrize(
    ("failures", "successes", "state"),
    [
        (0, 20, SourceState.UP),
        (2, 18, SourceState.UP),
        (3, 17, SourceState.DEGRADED),
        (19, 1, SourceState.DEGRADED),
        (9, 0, SourceState.DEGRADED),
        (10, 0, SourceState.DOWN),
    ],
)
async def test_the_state_follows_from_how_many_calls_fail(
    failures: int, successes: int, state: SourceState
) -> None:
    watched = Watched(*[500] * failures, 200)
    await watched.asked(failures + successes)
    assert watched.seen().state is state


@pytest.mark.parametrize(
    ("reads", "worst", "state"),
    [
        (CircuitState.OPEN, CircuitState.OPEN, SourceState.DOWN),
        (CircuitState.HALF_OPEN, CircuitState.HALF_OPEN, SourceState.DEGRADED),
        (CircuitState.CLOSED, CircuitState.OPEN, SourceState.DEGRADED),
        (CircuitState.CLOSED, CircuitState.CLOSED, SourceState.UP),
    ],
)
async def test_the_state_follows_from_the_circuits(
    reads: CircuitState, worst: CircuitState, state: SourceState
) -> None:
    health = Watched(200).seen(reads, worst)
    assert (health.state, health.circuit) == (state, worst)


async def test_since_is_when_it_was_first_seen_to_be_so() -> None:
    watched = Watched(200)
    watched.now.pass_(10)
    assert watched.seen().since == BEGAN
    assert watched.seen(CircuitState.OPEN, CircuitState.OPEN).since == BEGAN + timedelta(seconds=10)
    watched.now.pass_(10)
    assert watched.seen(CircuitState.OPEN, CircuitState.OPEN).since == BEGAN + timedelta(seconds=10)
    assert watched.seen().since == BEGAN + timedelta(seconds=20)
