"""What a provider allows is kept to, and who is turned away is told when to come back."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from limits.aio.storage import MemoryStorage

from adapters.transport.faults import fault_of_status, write_fault_of_status
from adapters.transport.figures import TurnedAway
from adapters.transport.limiter import Limiter
from adapters.transport.rates import CallsPerMinute
from app.domain.errors import ProviderThrottled
from tests.adapters.transport.stand_ins import SOURCE, Script, request, turns


class Gate(httpx.AsyncBaseTransport):
    """Answers when it is opened; knows how many wait for it."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.inside = 0
        self.most_inside = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            await self.opened.wait()
        finally:
            self.inside -= 1
        return httpx.Response(200, request=request)


async def test_no_more_calls_than_allowed_are_under_way_and_all_are_answered() -> None:
    gate = Gate()
    limiter = Limiter(gate, source=SOURCE, concurrent=3)
    calls = [asyncio.create_task(limiter.handle_async_request(request())) for _ in range(20)]
    await turns()
    assert gate.inside == 3

    gate.opened.set()

    assert [answer.status_code for answer in await asyncio.gather(*calls)] == [200] * 20
    assert gate.most_inside == 3


async def test_who_finds_no_place_in_time_is_turned_away_unsent() -> None:
    gate = Gate()
    limiter = Limiter(gate, source=SOURCE, concurrent=1)
    first = asyncio.create_task(limiter.handle_async_request(request()))
    await turns()

    response = await limiter.handle_async_request(request(left=0.01))

    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    assert gate.most_inside == 1
    gate.opened.set()
    await first


@pytest.mark.parametrize("ended_by", ["a failure", "a caller who leaves"])
async def test_a_place_is_free_again_however_its_call_ended(ended_by: str) -> None:
    error = httpx.ReadError("reset") if ended_by == "a failure" else asyncio.CancelledError()
    limiter = Limiter(Script(error, 200), source=SOURCE, concurrent=1)
    with pytest.raises(type(error)):
        await limiter.handle_async_request(request())

    assert (await limiter.handle_async_request(request(left=1))).status_code == 200


async def test_who_leaves_the_row_takes_no_place_with_them() -> None:
    gate = Gate()
    limiter = Limiter(gate, source=SOURCE, concurrent=1)
    first, second, third = (
        asyncio.create_task(limiter.handle_async_request(request())) for _ in range(3)
    )
    await turns()
    second.cancel()
    gate.opened.set()
    assert (await first).status_code == (await third).status_code == 200
    assert second.cancelled()


async def test_calls_beyond_the_rate_are_turned_away_and_told_when_to_come_back() -> None:
    rate = CallsPerMinute(3, source=SOURCE, own=MemoryStorage())
    script = Script(200)
    limiter = Limiter(script, source=SOURCE, rate=rate)
    assert await limiter.remaining() == 3

    answers = [await limiter.handle_async_request(request()) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 120
    assert await limiter.remaining() == 0
    assert script.calls == 3


async def test_who_is_turned_away_is_counted_by_why() -> None:
    gate, rate = Gate(), CallsPerMinute(2, source=SOURCE, own=MemoryStorage())
    limiter = Limiter(gate, source=SOURCE, concurrent=1, rate=rate)
    first = asyncio.create_task(limiter.handle_async_request(request()))
    await turns()
    await limiter.handle_async_request(request(left=0.01))
    gate.opened.set()
    await first

    for _ in range(3):
        await limiter.handle_async_request(request())

    assert limiter.turned_away == {TurnedAway.CONCURRENCY: 1, TurnedAway.RATE: 2}


async def test_being_turned_away_is_a_fault_that_changed_nothing() -> None:
    limiter = Limiter(Gate(), source=SOURCE, concurrent=1)
    first = asyncio.create_task(limiter.handle_async_request(request()))
    await turns()
    turned = await limiter.handle_async_request(request(left=0.01))
    first.cancel()

    for told in (fault_of_status, write_fault_of_status):
        fault = told(turned.status_code, turned.headers, SOURCE)
        assert isinstance(fault, ProviderThrottled)
        assert fault.retry_after_seconds == 1


async def test_without_limits_all_pass_and_nothing_is_said_to_remain() -> None:
    limiter = Limiter(Script(200), source=SOURCE)
    answers = [await limiter.handle_async_request(request()) for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    assert await limiter.remaining() is None
