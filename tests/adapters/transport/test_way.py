"""The layers together: before a script, and between the whole application and the sandbox."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from adapters.transport.calls import CALL_CLASS, DEADLINE_SECONDS, CallClass
from adapters.transport.circuit import BreakerSettings
from adapters.transport.faults import CircuitIsOpen
from adapters.transport.settings import SourceSettings
from adapters.transport.way import Way
from app.domain.source_health import CircuitState, SourceState
from app.main import ENDPOINT, create_app
from sandbox.application import create_sandbox
from tests.adapters.transport.stand_ins import MovedTime, Script, Step
from tests.graphql.graph import as_caller, settings

SHORT_SECONDS: Final = 0.1
BREAKER: Final = BreakerSettings(least_calls=3)


def source(**changes: object) -> SourceSettings:
    table = {
        "key": "vtex-br",
        "provider": "vtex.customer-credit",
        "base_url": "https://store.example",
        "default_currency": "BRL",
        "timeout_seconds": SHORT_SECONDS,
    }
    return SourceSettings.model_validate(table | changes)


class Hangs(httpx.AsyncBaseTransport):
    def __init__(self) -> None:
        self.calls = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        await asyncio.Event().wait()
        raise AssertionError("nothing ever comes")


async def ask(
    way: Way, call_class: CallClass = CallClass.READ, *, within: float | None = None
) -> httpx.Response:
    extensions: dict[str, object] = {CALL_CLASS: call_class}
    if within is not None:
        extensions[DEADLINE_SECONDS] = within
    return await way.repeating(way).handle_async_request(
        httpx.Request("GET", "https://store.example/", extensions=extensions)
    )


async def test_a_source_that_hangs_is_left_alone_and_its_callers_are_told_at_once() -> None:
    last, now = Hangs(), MovedTime()
    way = Way(last, source(breaker=BREAKER), now=now)
    for _ in range(3):
        with pytest.raises(httpx.ReadTimeout):
            await ask(way)

    begun = time.perf_counter()
    with pytest.raises(CircuitIsOpen):
        await ask(way)

    assert time.perf_counter() - begun < 0.05
    assert last.calls == 3
    health = await way.health()
    assert (health.state, health.circuit) == (SourceState.DOWN, CircuitState.OPEN)


async def test_a_caller_who_leaves_before_the_deadline_opens_nothing() -> None:
    way = Way(Hangs(), source(breaker=BREAKER, timeout_seconds=60))
    for _ in range(5):
        call = asyncio.create_task(ask(way))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    assert (await way.health()).circuit is CircuitState.CLOSED


async def test_every_try_is_counted_by_the_breaker() -> None:
    script = Script(503)
    way = Way(script, source(breaker=BREAKER, timeout_seconds=5))
    assert (await ask(way)).status_code == 503
    with pytest.raises(CircuitIsOpen):
        await ask(way)
    assert script.calls == 3


@pytest.mark.parametrize(
    ("retries", "call_class", "calls"),
    [(1, CallClass.READ, 2), (0, CallClass.READ, 1), (1, CallClass.WRITE, 1)],
)
async def test_reads_are_repeated_where_it_is_configured(
    retries: int, call_class: CallClass, calls: int
) -> None:
    script = Script(502, 200)
    await ask(Way(script, source(retries=retries, timeout_seconds=5)), call_class)
    assert script.calls == calls


async def test_each_try_is_proven_anew() -> None:
    class Numbered(httpx.AsyncBaseTransport):
        """A proof that is good for one try, as a signature with a nonce is."""

        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self._inner = inner
            self.given = 0

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.given += 1
            request.headers["Authorization"] = f"OAuth {self.given}"
            return await self._inner.handle_async_request(request)

    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(503 if len(seen) == 1 else 200)

    way = Way(httpx.MockTransport(answer), source(timeout_seconds=5))
    request = httpx.Request(
        "GET", "https://store.example/", extensions={CALL_CLASS: CallClass.READ}
    )

    response = await way.repeating(Numbered(way)).handle_async_request(request)

    assert response.status_code == 200
    assert seen == ["OAuth 1", "OAuth 2"]


async def test_both_tries_share_one_deadline() -> None:
    class RefusesThenHangs(Hangs):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if self.calls == 0:
                self.calls += 1
                raise httpx.ConnectError("refused")
            return await super().handle_async_request(request)

    last, begun = RefusesThenHangs(), time.perf_counter()
    with pytest.raises(httpx.ReadTimeout):
        await ask(Way(last, source(timeout_seconds=0.3)))

    assert last.calls == 2
    assert time.perf_counter() - begun < 0.6


async def test_who_waits_for_a_place_when_the_time_ends_says_nothing_about_the_source() -> None:
    way = Way(Hangs(), source(max_concurrent_calls=1, breaker={"least_calls": 1}))
    first = asyncio.create_task(ask(way, within=60))
    await asyncio.sleep(0)

    answer = await ask(way, CallClass.WRITE, within=0.01)

    assert answer.status_code == 429
    assert (await way.health()).circuit is CircuitState.CLOSED
    first.cancel()


@pytest.mark.parametrize("step", [200, httpx.ReadError("reset")])
async def test_closing_the_way_closes_its_connections(step: Step) -> None:
    script = Script(step)
    await Way(script, source()).aclose()
    assert script.closed


QUERY: Final = """{
  customer(by: {email: "shopper@example.com"}) {
    spendableCredit(currency: BRL) {
      completeness
      byInstrument { instrument { source { key } } }
      unavailable { kind retryable source { key } }
    }
  }
}"""


@dataclass
class Gateway:
    client: httpx.AsyncClient
    sandbox: httpx.AsyncClient
    now: MovedTime
    asked: dict[str, int]

    async def spendable(self) -> dict[str, Any]:
        response = await self.client.post(ENDPOINT, json={"query": QUERY})
        assert "errors" not in response.json(), response.text
        found: dict[str, Any] = response.json()["data"]["customer"]["spendableCredit"]
        return found

    async def order(self, mode: str) -> None:
        response = await self.sandbox.put("/_sandbox/faults/vtex-giftcard", json={"mode": mode})
        response.raise_for_status()


class Counted(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, key: str, asked: dict[str, int]) -> None:
        self._inner = inner
        self._key = key
        self._asked = asked

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._asked[self._key] = self._asked.get(self._key, 0) + 1
        return await self._inner.handle_async_request(request)


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    """The whole application on real ways that end at the sandbox in this process."""
    sandbox = httpx.ASGITransport(create_sandbox())
    now, asked = MovedTime(), dict[str, int]()

    def way(one: SourceSettings) -> Way:
        seconds = SHORT_SECONDS if one.key == "vtex-giftcard" else 30
        changed = one.model_copy(update={"timeout_seconds": seconds, "breaker": BREAKER})
        return Way(Counted(sandbox, one.key, asked), changed, now=now)

    app = create_app(settings(), transport=way)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://gateway.example",
            headers=as_caller("admin"),
        ) as client,
        httpx.AsyncClient(transport=sandbox, base_url="http://sandbox.example") as controls,
    ):
        yield Gateway(client, controls, now, asked)


def sources_of(answer: dict[str, Any]) -> set[str]:
    return {line["instrument"]["source"]["key"] for line in answer["byInstrument"]}


async def test_a_provider_that_hangs_is_left_alone_until_one_probe_finds_it_back() -> None:
    async with gateway() as graph:
        everywhere = sources_of(await graph.spendable())

        graph.now.pass_(BREAKER.window_seconds)
        await graph.order("hang")
        for _ in range(3):
            (problem,) = (await graph.spendable())["unavailable"]
            assert problem["kind"] == "TIMEOUT"
        graph.asked.clear()

        answer = await graph.spendable()

        (problem,) = answer["unavailable"]
        assert problem == {
            "kind": "CIRCUIT_OPEN",
            "retryable": True,
            "source": {"key": "vtex-giftcard"},
        }
        assert "vtex-giftcard" not in graph.asked
        assert sources_of(answer) == everywhere - {"vtex-giftcard"}

        await graph.order("none")
        assert (await graph.spendable())["completeness"] == "PARTIAL"
        graph.now.pass_(BREAKER.open_seconds)
        assert (await graph.spendable())["completeness"] == "COMPLETE"
