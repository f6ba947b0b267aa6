"""Which connections are kept, for whom, and for how long."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohappyeyeballs
import httpx
import pytest

from adapters.transport import pool
from adapters.transport.connection import Connection
from adapters.transport.layers import BodyLimit

Ask = Callable[..., httpx.Request]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, object]]:
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture
async def narrow() -> AsyncIterator[Connection]:
    connection = Connection(max_connections=1)
    yield connection
    await connection.aclose()


async def body_of(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> bytes:
    response = await BodyLimit(transport, max_bytes=1_000_000).handle_async_request(request)
    return response.content


async def test_a_place_is_free_again_when_its_answer_was_read(
    narrow: Connection, peer: Any, ask: Ask
) -> None:
    answers = await asyncio.gather(*(body_of(narrow, ask()) for _ in range(5)))

    assert answers == [b"ok"] * 5
    assert len(peer.writers) == 1


async def test_a_place_is_free_again_when_nobody_was_reached(
    narrow: Connection, peer: Any, ask: Ask, unused_base_url: Callable[[], str]
) -> None:
    nowhere = httpx.Request("GET", unused_base_url(), extensions=ask().extensions)
    for _ in range(3):
        with pytest.raises(httpx.ConnectError):
            await narrow.handle_async_request(nowhere)

    assert await body_of(narrow, ask()) == b"ok"


async def test_the_connection_that_was_used_last_is_used_next(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    both = asyncio.Barrier(2)

    async def together(writer: asyncio.StreamWriter) -> None:
        await both.wait()
        writer.write(OK)

    peer.answer = together
    await asyncio.gather(body_of(connection, ask("/a")), body_of(connection, ask("/b")))
    asked: list[asyncio.StreamWriter] = []

    async def note(writer: asyncio.StreamWriter) -> None:
        asked.append(writer)
        writer.write(OK)

    peer.answer = note
    for _ in range(5):
        await body_of(connection, ask())

    assert len(peer.writers) == 2
    assert len(set(map(id, asked))) == 1


async def test_a_connection_that_rested_too_long_is_replaced(
    connection: Connection, peer: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "RESTS_SECONDS", 0.0)

    for _ in range(2):
        assert await body_of(connection, ask()) == b"ok"

    assert len(peer.writers) == 2


async def test_a_connection_that_nobody_uses_is_closed(
    connection: Connection, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "RESTS_SECONDS", 0.01)
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        assert await reader.read() == b""
        gone.set()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await body_of(connection, httpx.Request("GET", url, extensions=ask().extensions))
        await asyncio.wait_for(gone.wait(), 5)


async def test_what_rests_at_one_site_makes_room_for_another(
    narrow: Connection, peer: Any, ask: Ask
) -> None:
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        assert await reader.read() == b""
        ended.set()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await body_of(narrow, httpx.Request("GET", url, extensions=ask().extensions))
        assert await body_of(narrow, ask()) == b"ok"
        await asyncio.wait_for(ended.wait(), 2)


async def test_closing_closes_what_rests_and_what_is_in_use(peer: Any, ask: Ask) -> None:
    connection = Connection(max_connections=10)
    reached = asyncio.Event()
    await body_of(connection, ask())

    async def say_nothing(_: asyncio.StreamWriter) -> None:
        reached.set()

    peer.answer = say_nothing
    call = asyncio.create_task(connection.handle_async_request(ask()))
    await reached.wait()
    await connection.aclose()

    with pytest.raises(httpx.ReadError):
        await call


@pytest.mark.parametrize("url", ["ftp://store.example/", "/path", "https:///path"])
async def test_only_http_is_spoken(connection: Connection, ask: Ask, url: str) -> None:
    request = httpx.Request("GET", url, extensions=ask().extensions)

    with pytest.raises(httpx.UnsupportedProtocol):
        await connection.handle_async_request(request)


async def test_a_host_without_an_address_is_a_connect_error(
    connection: Connection, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(aiohappyeyeballs, "start_connection", unknown)

    with pytest.raises(httpx.ConnectError):
        await connection.handle_async_request(ask())


async def test_a_host_that_does_not_answer_is_a_connect_timeout(
    connection: Connection, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(aiohappyeyeballs, "start_connection", hang)

    with pytest.raises(httpx.ConnectTimeout):
        await connection.handle_async_request(ask(timeout=httpx.Timeout(5, connect=0.01)))


async def test_a_host_by_its_ipv6_address_is_reached(connection: Connection, ask: Ask) -> None:
    asked = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set_result(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK)
        writer.close()

    try:
        server = await asyncio.start_server(serve, "::1", 0)
    except OSError:
        pytest.skip("this machine has no IPv6")
    async with server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://[::1]:{port}"
        await body_of(connection, httpx.Request("GET", url, extensions=ask().extensions))

    assert f"Host: [::1]:{port}\r\n".encode() in await asked
