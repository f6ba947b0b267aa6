"""Alive, ready, draining, closed."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.door import DoorSettings, Lifecycle, guarded
from tests.door.front import JSON, QUERY, Hall, Visitor, client_of, greeter


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def probe(lifecycle: Lifecycle, path: str = "/readyz", method: str = "GET") -> httpx.Response:
    async with client_of(guarded(greeter, DoorSettings(), lifecycle=lifecycle)) as client:
        return await client.request(method, path)


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def broken() -> bool:
    raise ConnectionError("redis://user:hunter2@cache")


async def hanging() -> bool:
    await asyncio.Event().wait()
    return True


def running(**checks: object) -> Lifecycle:
    lifecycle = Lifecycle(check_within_seconds=0.02)
    for name, check in checks.items():
        lifecycle.register(name, check)  # type: ignore[arg-type]  # checks
    lifecycle.ready()
    return lifecycle


async def test_a_process_is_alive_before_it_is_ready() -> None:
    lifecycle = Lifecycle()

    assert (await probe(lifecycle, "/healthz")).text == "ok\n"
    response = await probe(lifecycle)
    assert response.status_code == 503
    assert response.json() == {"ready": False, "stage": "starting", "checks": {}}


async def test_a_process_with_all_it_needs_is_ready() -> None:
    response = await probe(running(journal=yes, cache=yes))

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "stage": "ready",
        "checks": {"journal": "ok", "cache": "ok"},
    }


@pytest.mark.parametrize("check", [no, broken, hanging])
async def test_a_process_without_something_it_needs_is_not_ready(check: object) -> None:
    response = await probe(running(journal=yes, cache=check))

    assert response.status_code == 503
    assert response.json()["checks"] == {"journal": "ok", "cache": "failed"}
    assert "hunter2" not in response.text


async def test_a_process_that_drains_is_alive_and_not_ready() -> None:
    lifecycle = running()
    lifecycle.drain()

    assert (await probe(lifecycle, "/healthz")).status_code == 200
    assert (await probe(lifecycle)).json()["stage"] == "draining"


async def test_a_process_that_drains_never_becomes_ready_again() -> None:
    lifecycle = running()
    lifecycle.close()
    lifecycle.drain()
    lifecycle.ready()

    assert (await probe(lifecycle)).json()["stage"] == "closed"


async def test_however_often_somebody_asks_a_check_runs_once_a_second() -> None:
    runs = 0

    async def count() -> bool:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0)
        return True

    clock = Clock()
    lifecycle = Lifecycle(clock=clock)
    lifecycle.register("journal", count)
    lifecycle.ready()

    await asyncio.gather(*(probe(lifecycle) for _ in range(20)))
    assert runs == 1
    clock.now += 1
    await probe(lifecycle)
    assert runs == 2


async def test_the_end_of_start_up_makes_ready() -> None:
    lifecycle = Lifecycle()

    async def starts(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.complete"})

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(_: Message) -> None:
        return None

    await guarded(starts, DoorSettings(), lifecycle=lifecycle)({"type": "lifespan"}, receive, send)

    assert (await probe(lifecycle)).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_a_probe_only_asks(path: str) -> None:
    response = await probe(running(), path, "POST")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"


async def test_probes_are_answered_when_nothing_else_is() -> None:
    hall = Hall()
    settings = DoorSettings.model_validate(
        {"concurrency": {"running": 1, "waiting": 0}, "rate": {"per_address": 1}}
    )
    app = guarded(hall, settings, lifecycle=running())
    visit = asyncio.create_task(Visitor().visit(app))
    await hall.entered.acquire()

    async with client_of(app) as client:
        refused = await client.post("/graphql", headers=JSON, content=QUERY)
        probed = [(await client.get("/readyz")).status_code for _ in range(3)]

    assert refused.status_code == 503
    assert probed == [200, 200, 200]
    hall.open.set()
    await visit


async def test_while_it_drains_requests_are_answered_for_the_last_time() -> None:
    lifecycle = running()
    app = guarded(greeter, DoorSettings(), lifecycle=lifecycle)
    lifecycle.drain()

    async with client_of(app) as client:
        response = await client.post("/graphql", headers=JSON, content=QUERY)

    assert response.status_code == 200
    assert response.headers["Connection"] == "close"


async def test_once_closed_a_new_request_is_refused_and_a_running_one_finishes() -> None:
    hall, lifecycle = Hall(), running()
    app = guarded(hall, DoorSettings(), lifecycle=lifecycle)
    inside, late = Visitor(), Visitor()
    visit = asyncio.create_task(inside.visit(app))
    await hall.entered.acquire()

    lifecycle.close()
    await late.visit(app)
    hall.open.set()
    await visit

    assert (inside.status, late.status) == (200, 503)
    assert (b"connection", b"close") in inside.answer[0]["headers"]
    assert (b"connection", b"close") in late.answer[0]["headers"]
    assert b"SHUTTING_DOWN" in late.answer[1]["body"]
