"""A read is asked once more when that can help, and nothing else ever is."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.transport.calls import ANSWER_BEGAN, CallClass
from adapters.transport.layers import BodyLimit
from adapters.transport.retry import Budget, Retry
from tests.adapters.transport.stand_ins import SOURCE, Script, Step, request


@dataclass
class Pauses:
    taken: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


def retry(script: httpx.AsyncBaseTransport, pauses: Pauses | None = None, draw: float = 0) -> Retry:
    return Retry(script, source=SOURCE, draw=lambda: draw, pause=pauses or Pauses())


def throttled(seconds: str) -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": seconds})


@pytest.mark.parametrize(
    "first",
    [
        502,
        503,
        504,
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        throttled("1"),
    ],
    ids=repr,
)
async def test_a_read_that_was_not_answered_is_asked_once_more(first: Step) -> None:
    script = Script(first, 200)

    repeating = retry(script)
    response = await repeating.handle_async_request(request())

    assert response.status_code == 200
    assert (script.calls, repeating.repeats) == (2, 1)


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404, 409, 500, 501])
async def test_any_other_answer_is_the_answer(status: int) -> None:
    script = Script(status, 200)

    response = await retry(script).handle_async_request(request())

    assert (response.status_code, script.calls) == (status, 1)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("slow"),
        httpx.PoolTimeout("full"),
        httpx.RemoteProtocolError("no HTTP"),
        httpx.DecodingError("too large"),
        asyncio.CancelledError(),
    ],
    ids=repr,
)
async def test_what_took_its_time_or_is_no_answer_is_not_asked_again(error: BaseException) -> None:
    script = Script(error, 200)

    with pytest.raises(type(error)):
        await retry(script).handle_async_request(request())

    assert script.calls == 1


@pytest.mark.parametrize("call_class", [CallClass.WRITE, CallClass.OTHER, None])
@pytest.mark.parametrize("first", [503, httpx.ConnectError("refused"), throttled("0")], ids=repr)
async def test_what_is_no_read_goes_out_once_whatever_its_verb(
    call_class: CallClass | None, first: Step
) -> None:
    script = Script(first, 200)
    with suppress(httpx.ConnectError):
        await retry(script).handle_async_request(request(call_class))

    assert script.calls == 1


async def test_two_tries_are_all() -> None:
    script = Script(503, httpx.ConnectError("refused"), 200)

    with pytest.raises(httpx.ConnectError):
        await retry(script).handle_async_request(request())

    assert script.calls == 2


async def test_an_answer_that_breaks_off_is_not_asked_for_again() -> None:
    class BreaksOff(httpx.AsyncBaseTransport):
        calls = 0

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.calls += 1
            return httpx.Response(200, stream=Half())

    class Half(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]  # a generator that fails
            yield b"{"
            raise httpx.ReadError("reset")

    last = BreaksOff()

    with pytest.raises(httpx.ReadError):
        await retry(BodyLimit(last, max_bytes=10)).handle_async_request(request())

    assert last.calls == 1


async def test_a_request_that_is_sent_again_from_above_is_judged_anew() -> None:
    sent = request()
    sent.extensions[ANSWER_BEGAN] = True
    script = Script(httpx.ReadError("reset"), 200)

    await retry(script).handle_async_request(sent)

    assert script.calls == 2


@pytest.mark.parametrize(("told", "left", "calls"), [("2", 5, 2), ("2", 2, 1), ("5", 5, 1)])
async def test_it_waits_as_long_as_it_was_told_if_the_time_allows(
    told: str, left: float, calls: int
) -> None:
    script, pauses = Script(throttled(told), 200), Pauses()

    response = await retry(script, pauses).handle_async_request(request(left=left))

    assert script.calls == calls
    assert pauses.taken == ([float(told)] if calls == 2 else [])
    assert response.status_code == (200 if calls == 2 else 429)


async def test_a_503_that_says_when_is_believed_too() -> None:
    script = Script(httpx.Response(503, headers={"Retry-After": "30"}), 200)

    response = await retry(script).handle_async_request(request(left=5))

    assert (response.status_code, script.calls) == (503, 1)


@pytest.mark.parametrize("told", ["", "soon", "-1", "Sun, 22 Nov 2026 12:00:00 GMT", "9999999"])
async def test_a_429_that_does_not_say_when_is_the_answer(told: str) -> None:
    script = Script(throttled(told), 200)

    await retry(script).handle_async_request(request())

    assert script.calls == 1


async def test_nothing_is_asked_again_when_the_time_is_nearly_over() -> None:
    script = Script(503, 200)

    await retry(script).handle_async_request(request(left=0.05))

    assert script.calls == 1


@pytest.mark.parametrize(("draw", "seconds"), [(0.0, 0.0), (0.5, 0.05), (1.0, 0.1)])
async def test_the_pause_is_any_up_to_the_longest(draw: float, seconds: float) -> None:
    pauses = Pauses()

    await retry(Script(503, 200), pauses, draw).handle_async_request(request())

    assert pauses.taken == [pytest.approx(seconds)]


async def test_when_everything_fails_the_load_grows_by_a_fifth_and_a_little_at_first() -> None:
    script = Script(503)
    failing = retry(script)
    for _ in range(1000):
        await failing.handle_async_request(request())

    assert 1200 <= script.calls <= 1210


@given(st.lists(st.booleans(), max_size=300))
def test_repeats_are_never_more_than_the_reserve_and_a_fifth_of_the_reads(
    wanted: list[bool],
) -> None:
    budget, repeats = Budget(), 0
    for reads, repeat in enumerate(wanted, start=1):
        budget.earn()
        repeats += repeat and budget.spend()
        assert repeats <= 10 + reads / 5


async def test_closing_it_closes_what_is_below() -> None:
    script = Script(200)
    await retry(script).aclose()
    assert script.closed
