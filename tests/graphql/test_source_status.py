"""How a source has been doing, to those who run the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest

from adapters.transport.circuit import BreakerSettings
from adapters.transport.settings import SourceSettings
from adapters.transport.way import Way
from app.main import ENDPOINT, create_app
from sandbox.application import create_sandbox
from tests.graphql.graph import SOURCES, Graph, Wire, as_caller, settings

QUERY: Final = """{ sources { key status {
  state since circuit errorRate p95Millis rateLimitRemaining lastSuccessAt lastErrorCode } } }"""
ASK_CARD: Final = (
    '{ searchGiftCards(search: {source: "vtex-giftcard", email: "%s"}) { nodes { id } } }'
)


@asynccontextmanager
async def watched() -> AsyncIterator[Graph]:
    """On the ways that real sources have, which end at the sandbox in this process."""
    sandbox = httpx.ASGITransport(create_sandbox())

    def way(one: SourceSettings) -> Way:
        breaker = BreakerSettings(least_calls=2)
        return Way(sandbox, one.model_copy(update={"breaker": breaker, "timeout_seconds": 30}))

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
        yield Graph(client, Wire(), controls)


async def status_of(graph: Graph, key: str) -> dict[str, Any]:
    found = {one["key"]: one["status"] for one in (await graph.data(QUERY))["sources"]}
    assert set(found) == set(SOURCES)
    status: dict[str, Any] = found[key]
    return status


async def test_a_source_that_nobody_asked_is_up_and_nothing_else_is_known() -> None:
    async with watched() as graph:
        status = await status_of(graph, "medusa")
    assert status.pop("since")
    assert status == {
        "state": "UP",
        "circuit": "CLOSED",
        "errorRate": None,
        "p95Millis": None,
        "rateLimitRemaining": None,
        "lastSuccessAt": None,
        "lastErrorCode": None,
    }


async def test_a_source_that_answers_says_when_it_last_did() -> None:
    async with watched() as graph:
        await graph.data(ASK_CARD % "shopper@example.com")
        status = await status_of(graph, "vtex-giftcard")
    assert (status["state"], status["errorRate"], status["lastErrorCode"]) == ("UP", 0, None)
    assert status["lastSuccessAt"]
    assert status["p95Millis"] >= 0


@pytest.mark.parametrize(
    ("mode", "state", "circuit", "code"),
    [
        ("error", "DOWN", "OPEN", "UPSTREAM_UNAVAILABLE"),
        ("unauthorized", "DEGRADED", "CLOSED", "UPSTREAM_REJECTED"),
    ],
)
async def test_a_source_in_trouble_says_so_and_the_others_do_not(
    mode: str, state: str, circuit: str, code: str
) -> None:
    async with watched() as graph:
        await graph.fault("vtex-giftcard", mode)
        for _ in range(2):
            await graph.answer(ASK_CARD % "shopper@example.com")
        status = await status_of(graph, "vtex-giftcard")
        assert (await status_of(graph, "medusa"))["state"] == "UP"
    assert (status["state"], status["circuit"], status["errorRate"]) == (state, circuit, 1)
    assert status["lastErrorCode"] == code
    assert status["lastSuccessAt"] is None


async def test_a_shopper_is_not_told() -> None:
    async with watched() as graph:
        response = await graph.client.post(
            ENDPOINT, json={"query": QUERY}, headers=as_caller("shopper")
        )
    codes = {error["extensions"]["code"] for error in response.json()["errors"]}
    assert codes == {"FORBIDDEN"}
