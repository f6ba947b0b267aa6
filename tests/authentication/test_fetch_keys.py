"""Key sets come over the same stack as everything else, and failures have our own words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from app.authentication.key_set import MAX_KEY_SET_BYTES
from app.authentication.refusals import KeysUnavailable
from app.fetch_keys import fetch_keys, key_transport
from tests.authentication.issuing import JWKS_URL


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    return httpx.MockTransport(answer)


async def test_the_body_is_handed_over_as_it_is() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == JWKS_URL
        assert request.method == "GET"
        assert "authorization" not in request.headers
        return httpx.Response(200, content=b'{"keys": []}')

    assert await fetch_keys(answering(answer), JWKS_URL) == b'{"keys": []}'


@pytest.mark.parametrize("status", [204, 301, 302, 404, 500])
async def test_only_200_is_an_answer(status: int) -> None:
    away = answering(lambda _: httpx.Response(status, headers={"Location": "https://x.example/"}))
    with pytest.raises(KeysUnavailable, match=f"an answer with status {status}"):
        await fetch_keys(away, JWKS_URL)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (httpx.ConnectError("10.0.0.1 refused"), "no answer"),
        (httpx.ReadTimeout("slow"), "no answer in time"),
        (httpx.DecodingError("the answer is too large"), "the answer is too large"),
        (httpx.RemoteProtocolError("odd bytes"), "no answer"),
    ],
)
async def test_a_failure_is_told_in_our_words(fault: httpx.HTTPError, said: str) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise fault

    with pytest.raises(KeysUnavailable) as caught:
        await fetch_keys(answering(fail), JWKS_URL)
    assert str(caught.value) == said


@pytest.fixture
async def peer() -> AsyncIterator[str]:
    """A server on this machine that says more than anybody needs."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        size = MAX_KEY_SET_BYTES + 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"
    server.close()
    await server.wait_closed()


async def test_a_huge_answer_is_given_up(peer: str) -> None:
    transport = key_transport()
    with pytest.raises(KeysUnavailable, match="the answer is too large"):
        await fetch_keys(transport, peer)
    await transport.aclose()


async def test_a_place_where_nobody_listens_gives_no_answer() -> None:
    transport = key_transport()
    with pytest.raises(KeysUnavailable, match="no answer"):
        await fetch_keys(transport, "http://127.0.0.1:1/keys")
    await transport.aclose()
