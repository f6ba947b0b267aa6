"""What counts against a source, and what an open circuit does to calls."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from structlog.testing import capture_logs

from adapters.transport.breaker import Breaker
from adapters.transport.calls import CallClass
from adapters.transport.circuit import BreakerSettings
from adapters.transport.faults import CircuitIsOpen, read_fault, write_fault
from app.domain.errors import CircuitOpen
from app.domain.source_health import CircuitState
from tests.adapters.transport.stand_ins import SOURCE, MovedTime, Script, Step, request, turns

SETTINGS = BreakerSettings(least_calls=2)
DOWN = httpx.ConnectError("no way")


def breaker(script: Script, now: MovedTime | None = None) -> Breaker:
    return Breaker(script, SETTINGS, source=SOURCE, now=now or MovedTime())


async def ask(breaker: Breaker, call_class: CallClass | None = CallClass.READ) -> None:
    try:
        await breaker.handle_async_request(request(call_class))
    except CircuitIsOpen:
        raise
    except httpx.HTTPError:
        return


@pytest.mark.parametrize(
    "failure",
    [500, 502, 503, 504, 599]
    + [
        error("text")
        for error in (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.ReadTimeout,
            httpx.ReadError,
            httpx.RemoteProtocolError,
            httpx.DecodingError,
        )
    ],
    ids=repr,
)
async def test_what_is_no_usable_answer_opens_the_circuit(failure: Step) -> None:
    script = Script(failure)
    made = breaker(script)
    await ask(made)
    await ask(made)
    assert made.state is CircuitState.OPEN
    with pytest.raises(CircuitIsOpen):
        await ask(made)
    assert script.calls == 2


@pytest.mark.parametrize(
    "answer",
    [200, 204, 302, 400, 401, 403, 404, 409, 422, 429]
    + [
        error("text")
        for error in (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.PoolTimeout)
    ],
    ids=repr,
)
async def test_an_answer_and_a_mistake_of_ours_do_not(answer: Step) -> None:
    script = Script(answer)
    made = breaker(script)
    for _ in range(50):
        await ask(made)
    assert made.state is CircuitState.CLOSED
    assert script.calls == 50


async def test_a_caller_who_goes_away_says_nothing_about_the_source() -> None:
    made = breaker(Script(asyncio.CancelledError()))
    for _ in range(20):
        with pytest.raises(asyncio.CancelledError):
            await ask(made)
    assert made.state is CircuitState.CLOSED


async def test_writes_fail_without_taking_reads_along() -> None:
    made = breaker(Script(DOWN, DOWN, 200))
    await ask(made, CallClass.WRITE)
    await ask(made, CallClass.WRITE)

    with pytest.raises(CircuitIsOpen):
        await ask(made, CallClass.WRITE)
    await ask(made, CallClass.READ)

    assert made.state_of(CallClass.READ) is CircuitState.CLOSED
    assert made.state is CircuitState.OPEN


async def test_a_sign_in_that_fails_has_a_circuit_of_its_own() -> None:
    made = breaker(Script(DOWN))
    await ask(made, None)
    await ask(made, None)
    with pytest.raises(CircuitIsOpen):
        await ask(made, None)
    assert made.state is CircuitState.CLOSED


async def test_one_probe_closes_it_while_nineteen_others_are_told_at_once() -> None:
    now, answered = MovedTime(), asyncio.Event()
    answered.set()

    async def until_answered() -> None:
        await answered.wait()

    script = Script(DOWN, DOWN, 404, during=until_answered)
    made = breaker(script, now)
    await ask(made)
    await ask(made)
    now.pass_(5)
    answered.clear()

    asked = [asyncio.create_task(ask(made)) for _ in range(20)]
    await turns()
    told = [one.exception() for one in asked if one.done()]
    assert [type(one) for one in told] == [CircuitIsOpen] * 19

    answered.set()
    await asyncio.gather(*asked, return_exceptions=True)

    assert script.calls == 3
    assert made.state is CircuitState.CLOSED


async def test_a_probe_that_is_told_to_slow_down_proves_nothing() -> None:
    now = MovedTime()
    made = breaker(Script(DOWN, DOWN, 429, 200), now)
    await ask(made)
    await ask(made)
    now.pass_(5)
    await ask(made)
    states = [made.state]
    await ask(made)
    states.append(made.state)
    assert states == [CircuitState.HALF_OPEN, CircuitState.CLOSED]


async def test_every_change_is_a_line_in_the_log() -> None:
    now = MovedTime()
    made = breaker(Script(DOWN, DOWN, 200), now)
    with capture_logs() as lines:
        await ask(made)
        await ask(made)
        now.pass_(5)
        await ask(made)
    assert [(line["log_level"], line["state"], line["calls"]) for line in lines] == [
        ("warning", "OPEN", "read"),
        ("info", "CLOSED", "read"),
    ]
    assert {line["source"] for line in lines} == {SOURCE}


async def test_changes_and_calls_that_are_not_made_are_counted() -> None:
    now = MovedTime()
    made = breaker(Script(DOWN, DOWN, 200), now)
    await ask(made)
    await ask(made)
    for _ in range(3):
        with pytest.raises(CircuitIsOpen):
            await ask(made)
    now.pass_(5)
    await ask(made)

    assert made.left_alone == 3
    counted = {change: many for change, many in made.changes.items() if many}
    assert counted == {
        (CallClass.READ, CircuitState.OPEN): 1,
        (CallClass.READ, CircuitState.CLOSED): 1,
    }


def test_an_open_circuit_means_that_a_write_was_not_sent() -> None:
    assert type(write_fault(CircuitIsOpen("open"), SOURCE)) is CircuitOpen
    assert type(read_fault(CircuitIsOpen("open"), SOURCE)) is CircuitOpen


async def test_closing_it_closes_what_is_below() -> None:
    script = Script(200)
    await breaker(script).aclose()
    assert script.closed
