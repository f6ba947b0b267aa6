"""Faults that need a real connection to break."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from app.listen import HOST, listen
from app.main import ENDPOINT, create_app
from app.run_sandbox import running_sandbox
from tests.graphql.graph import JSON, SOURCES, as_caller, settings
from tests.graphql.spendable import PART_OF, QUERY, TOTAL, source_of, spendable_of

HANG_SECONDS = 0.5


@pytest.fixture(scope="module")
async def sandbox() -> AsyncIterator[httpx.AsyncClient]:
    listener = listen(HOST, 0)
    port = listener.getsockname()[1]
    listener.close()
    with running_sandbox(port):
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
            yield client


async def ask(sandbox: httpx.AsyncClient, *, timeouts: dict[str, float] | None = None) -> JSON:
    """One question to an application of its own, over its real transports."""
    assert sandbox.base_url.port is not None
    built_in = settings(sandbox.base_url.port)
    sources = [
        one.model_copy(update={"timeout_seconds": (timeouts or {}).get(one.key, 20.0)})
        for one in built_in.sources
    ]
    app = create_app(built_in.model_copy(update={"sources": sources, "deadline_seconds": 25.0}))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://gateway.example", headers=as_caller("admin")
        ) as client,
    ):
        response = await client.post(ENDPOINT, json={"query": QUERY}, timeout=30)
    assert response.status_code == 200
    return spendable_of(response.json()["data"])


@pytest.fixture(autouse=True)
async def healthy(sandbox: httpx.AsyncClient) -> None:
    await sandbox.post("/_sandbox/reset")


async def test_over_real_connections_the_total_is_the_same(sandbox: httpx.AsyncClient) -> None:
    found = await ask(sandbox)
    assert (found["total"]["amount"], found["completeness"]) == ("4752.35", "COMPLETE")


@pytest.mark.parametrize(("mode", "kind"), [("reset", "UNREACHABLE"), ("hang", "TIMEOUT")])
@pytest.mark.parametrize("source", SOURCES)
async def test_a_source_whose_connection_breaks_is_missing_from_the_total(
    sandbox: httpx.AsyncClient, source: str, mode: str, kind: str
) -> None:
    whole = await ask(sandbox)
    await sandbox.put(f"/_sandbox/faults/{source}", json={"mode": mode})
    found = await ask(sandbox, timeouts={source: HANG_SECONDS})
    assert found["total"]["amount"] == str(TOTAL - PART_OF[source])
    assert [(one["source"]["key"], one["kind"]) for one in found["unavailable"]] == [(source, kind)]
    assert verdicts(found) == verdicts(whole, without=source)


async def test_with_every_connection_broken_the_total_is_unknown(
    sandbox: httpx.AsyncClient,
) -> None:
    for source in SOURCES:
        await sandbox.put(f"/_sandbox/faults/{source}", json={"mode": "reset"})
    found = await ask(sandbox)
    assert (found["total"], found["completeness"]) == (None, "NONE")
    assert {one["kind"] for one in found["unavailable"]} == {"UNREACHABLE"}


def verdicts(sum_: JSON, *, without: str = "") -> list[tuple[str, JSON]]:
    """The lines but for `observedAt`, which tells the real time here."""
    return [
        (line["instrument"]["id"], line["spendable"])
        for line in sum_["byInstrument"]
        if source_of(line) != without
    ]
