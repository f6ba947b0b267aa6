"""What every answer carries, and what the log says of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest
import structlog
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from app.door import DoorSettings, Lifecycle, correlation_id, guarded
from tests.door.front import JSON, QUERY, Hall, Visitor, client_of, door, greeter


@pytest.mark.parametrize("path", ["/graphql", "/elsewhere", "/healthz"])
async def test_every_answer_is_safe_in_a_browser(path: str) -> None:
    async with client_of(door(greeter)) as client:
        response = await client.get(path)

    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Cache-Control"] == "no-store"
    assert (
        response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    )
    assert "Strict-Transport-Security" not in response.headers


async def test_a_refusal_is_safe_in_a_browser() -> None:
    async with client_of(door(greeter)) as client:
        response = await client.post("/graphql")

    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"


async def test_a_page_brings_its_own_policy() -> None:
    own = {"Content-Security-Policy": "default-src 'self'", "Cache-Control": "no-cache"}

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await HTMLResponse("<p>", headers=own)(scope, receive, send)

    async with client_of(door(page)) as client:
        response = await client.get("/")

    assert response.headers.get_list("Content-Security-Policy") == ["default-src 'self'"]
    assert response.headers.get_list("Cache-Control") == ["no-cache"]


async def test_browsers_can_be_told_to_come_by_https_only() -> None:
    async with client_of(door(greeter, hsts_seconds=31_536_000)) as client:
        response = await client.get("/")

    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_a_correlation_id_comes_back() -> None:
    async with client_of(door(greeter)) as client:
        response = await client.get("/", headers={"X-Correlation-Id": "shop-7.a_B"})

    assert response.headers["X-Correlation-Id"] == "shop-7.a_B"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "é", "a\tb", "<script>", "a%0d%0ab"])
async def test_an_odd_correlation_id_is_replaced(given: str) -> None:
    async with client_of(door(greeter)) as client:
        response = await client.get("/", headers={b"X-Correlation-Id": given.encode()})

    own = response.headers["X-Correlation-Id"]
    assert own != given
    assert len(own) == 32


async def test_everybody_inside_knows_the_correlation_id() -> None:
    seen: list[object] = []

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["state"]["correlation_id"])
        seen.append(correlation_id.get())
        seen.append(structlog.contextvars.get_contextvars()["correlation_id"])
        await greeter(scope, receive, send)

    async with client_of(door(inside)) as client:
        await client.post("/graphql", headers={**JSON, "X-Correlation-Id": "one"}, content=QUERY)

    assert seen == ["one", "one", "one"]
    assert correlation_id.get() is None


async def test_requests_at_the_same_time_keep_their_ids_apart() -> None:
    arrived = asyncio.Barrier(3)
    seen = {}

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        await arrived.wait()
        seen[scope["state"]["correlation_id"]] = correlation_id.get()
        await greeter(scope, receive, send)

    async with client_of(door(inside)) as client:
        await asyncio.gather(
            *(client.get("/", headers={"X-Correlation-Id": name}) for name in "abc")
        )

    assert seen == {"a": "a", "b": "b", "c": "c"}


@pytest.fixture
def log() -> object:
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as lines:
        yield lines


async def test_a_request_leaves_one_line(log: list[dict[str, object]]) -> None:
    async with client_of(door(greeter)) as client:
        await client.post(
            "/graphql?apiKey=canary",
            headers={**JSON, "Authorization": "Bearer canary", "X-Correlation-Id": "one"},
            content=b'{"query": "canary"}',
        )

    (line,) = log
    assert isinstance(line.pop("ms"), float)
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "caller": None,
        "correlation_id": "one",
    }


async def test_the_line_has_the_name_of_the_caller(log: list[dict[str, object]]) -> None:
    def authenticate(app: Callable[..., object]) -> object:
        async def authenticated(scope: Scope, receive: Receive, send: Send) -> None:
            scope["state"]["name"] = "shop"
            await app(scope, receive, send)  # type: ignore[misc]  # an ASGI application

        return authenticated

    app = guarded(
        greeter,
        DoorSettings(),
        lifecycle=Lifecycle(),
        authenticate=authenticate,  # type: ignore[arg-type]  # an ASGI middleware
        caller_name=lambda scope: scope["state"].get("name"),
    )
    async with client_of(app) as client:
        await client.post("/graphql", headers=JSON, content=QUERY)

    assert log[0]["caller"] == "shop"


async def test_the_line_of_a_refusal_says_why(log: list[dict[str, object]]) -> None:
    async with client_of(door(greeter)) as client:
        await client.post("/graphql", headers={"Content-Type": "text/plain"}, content=QUERY)

    assert (log[0]["status"], log[0]["refused"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_path_cannot_write_lines_of_its_own(log: list[dict[str, object]]) -> None:
    async with client_of(door(greeter)) as client:
        await client.get("/a%0d%0aforged" + "x" * 1000)

    path = str(log[0]["path"])
    assert path.startswith("/a%0D%0Aforged") or path.startswith("/a%0d%0aforged")
    assert len(path) == 256


async def test_a_fault_is_logged_as_500(log: list[dict[str, object]]) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("a fault")

    with pytest.raises(RuntimeError):
        await Visitor().visit(door(broken))

    assert log[0]["status"] == 500


async def test_who_left_is_logged_as_499(log: list[dict[str, object]]) -> None:
    visitor = Visitor()
    visitor.leave()

    await visitor.visit(door(Hall()))

    assert log[0]["status"] == 499


async def test_probes_do_not_fill_the_log(log: list[dict[str, object]]) -> None:
    async with client_of(door(greeter)) as client:
        await client.get("/healthz")
        await client.get("/readyz")

    assert [line["log_level"] for line in log] == ["debug", "debug"]


async def test_a_refusal_carries_the_id_of_the_caller() -> None:
    async with client_of(door(greeter)) as client:
        response = await client.post("/graphql", headers={"X-Correlation-Id": "one"})

    assert json.loads(response.content)["errors"][0]["extensions"]["correlationId"] == "one"
