"""Who reads the metrics, and what is counted at the door."""

from __future__ import annotations

import asyncio
from typing import Final

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from app.door import DoorSettings, Exposition, Lifecycle, Tally, bearers_of, guarded, neighbours
from app.door.tally import Route
from tests.door.front import JSON, QUERY, Hall, Visitor, client_of, greeter

TOKEN: Final = "a token of some length"


async def two_lines() -> bytes:
    return b"# TYPE up gauge\nup 1\n"


def exposed(
    app: ASGIApp = greeter,
    *,
    lifecycle: Lifecycle | None = None,
    tally: Tally | None = None,
    **settings: object,
) -> ASGIApp:
    return guarded(
        app,
        DoorSettings.model_validate(settings),
        lifecycle=lifecycle or Lifecycle(),
        tally=tally,
        exposition=Exposition(read=two_lines, may_read=bearers_of(TOKEN)),
    )


async def read(
    app: ASGIApp, authorization: bytes | None = f"Bearer {TOKEN}".encode()
) -> httpx.Response:
    headers = {} if authorization is None else {b"Authorization": authorization}
    async with client_of(app) as client:
        return await client.get("/metrics", headers=headers)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_who_has_the_token_reads_the_metrics(scheme: str) -> None:
    response = await read(exposed(), f"{scheme} {TOKEN}".encode())

    assert (response.status_code, response.content) == (200, await two_lines())
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        b"",
        b"Bearer",
        f"Bearer {TOKEN}x".encode(),
        f"Bearer {TOKEN[:-1]}".encode(),
        TOKEN.encode(),
        f"Basic {TOKEN}".encode(),
        b"Bearer \xe9\xff",
    ],
)
async def test_for_everybody_else_there_is_what_is_at_any_other_path(
    authorization: bytes | None,
) -> None:
    response = await read(exposed(), authorization)

    assert response.text == "0 bytes"


async def test_metrics_are_only_read() -> None:
    async with client_of(exposed()) as client:
        response = await client.post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert response.text == "0 bytes"


async def test_metrics_are_read_until_the_process_ends() -> None:
    lifecycle = Lifecycle()
    lifecycle.close()

    assert (await read(exposed(lifecycle=lifecycle))).status_code == 200
    assert (await read(exposed(lifecycle=lifecycle), None)).status_code == 503


async def test_metrics_count_against_no_limit() -> None:
    hall = Hall()
    app = exposed(hall, rate={"per_address": 1}, concurrency={"running": 1, "waiting": 0})
    inside = asyncio.create_task(Visitor().visit(app))
    await hall.entered.acquire()

    assert [(await read(app)).status_code for _ in range(3)] == 3 * [200]

    hall.open.set()
    await inside


@pytest.mark.parametrize(
    ("address", "may_read"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("192.0.2.1", False),
        ("a socket", False),
    ],
)
def test_neighbours_are_on_this_machine(address: str, *, may_read: bool) -> None:
    assert neighbours({"type": "http", "client": (address, 50_000)}) is may_read


def test_who_has_no_address_is_no_neighbour() -> None:
    scope: Scope = {"type": "http", "client": None}

    assert not neighbours(scope)


async def test_requests_are_counted_by_route_and_status() -> None:
    tally = Tally(endpoint="/graphql")
    app = exposed(tally=tally)
    async with client_of(app) as client:
        await client.post("/graphql", content=QUERY, headers=JSON)
        await client.post("/graphql/", content=QUERY, headers=JSON)
        await client.get("/healthz")
        await client.post("/graphql", content=QUERY)

    assert tally.ended == {(Route.GRAPHQL, 200): 2, (Route.GRAPHQL, 415): 1, (Route.OTHER, 200): 1}
    assert tally.refused == {"UNSUPPORTED_MEDIA_TYPE": 1}
    assert [list(tally.took[one].at_most())[-1][1] for one in Route] == [3, 1]
    assert tally.in_flight == 0


async def test_a_request_is_in_flight_until_it_is_answered() -> None:
    hall, tally = Hall(), Tally(endpoint="/graphql")
    inside = asyncio.create_task(Visitor().visit(exposed(hall, tally=tally)))
    await hall.entered.acquire()

    assert (tally.in_flight, tally.ended) == (1, {})

    hall.open.set()
    await inside
    assert (tally.in_flight, tally.ended) == (0, {(Route.GRAPHQL, 200): 1})


async def test_a_request_that_nobody_waited_for_is_counted_as_that() -> None:
    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        """Saw that the client had left."""

    tally = Tally(endpoint="/graphql")
    await Visitor().visit(exposed(silent, tally=tally))

    assert (tally.in_flight, tally.ended) == (0, {(Route.GRAPHQL, 499): 1})


async def test_a_request_that_ends_in_an_error_is_counted_as_that() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError

    tally = Tally(endpoint="/graphql")
    with pytest.raises(LookupError):
        await Visitor().visit(exposed(broken, tally=tally))

    assert (tally.in_flight, tally.ended) == (0, {(Route.GRAPHQL, 500): 1})
