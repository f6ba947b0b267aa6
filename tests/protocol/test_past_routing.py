"""The endpoint, reached without Starlette's routing, answers as it does with it."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.main import ENDPOINT, PastRouting


class Answering:
    """What stands at the endpoint; says whether Starlette's routing was there before."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("routed" if "router" in scope else "at once")(scope, receive, send)


class Broken:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("a fault")


async def _front(_: Request) -> PlainTextResponse:
    return PlainTextResponse("front")


def _app(endpoint: ASGIApp) -> Starlette:
    return Starlette(routes=[Route("/", _front), Route(ENDPOINT, endpoint)])


def _client(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://gateway.example")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
async def test_the_endpoint_is_reached_at_once_by_every_method(method: str) -> None:
    async with _client(PastRouting(_app(Answering()))) as client:
        assert (await client.request(method, ENDPOINT)).text == "at once"


@pytest.mark.parametrize("path", ["/", f"{ENDPOINT}/", f"{ENDPOINT}s", "/elsewhere"])
async def test_all_other_paths_are_answered_as_without_it(path: str) -> None:
    app = _app(Answering())
    async with _client(app) as plainly, _client(PastRouting(app)) as past:
        expected, found = await plainly.get(path), await past.get(path)

    assert (found.status_code, found.content) == (expected.status_code, expected.content)
    assert found.headers == expected.headers


async def test_a_fault_is_answered_as_without_it() -> None:
    app = _app(Broken())
    async with _client(app) as plainly, _client(PastRouting(app)) as past:
        expected, found = await plainly.post(ENDPOINT), await past.post(ENDPOINT)

    assert found.status_code == 500
    assert (found.content, found.headers) == (expected.content, expected.headers)


async def test_a_fault_is_seen_outside() -> None:
    transport = httpx.ASGITransport(PastRouting(_app(Broken())))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.example") as client:
        with pytest.raises(RuntimeError, match="a fault"):
            await client.post(ENDPOINT)
