"""Real connections to a peer on the loopback."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.transport.connection import Connection
from adapters.transport.layers import BodyLimit, Deadline


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, object]]:
    """Tests run on the one, production on the other."""
    return "asyncio", {"use_uvloop": request.param}


Ask = Callable[..., httpx.Request]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FOREIGN = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforeign"


async def body_of(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> bytes:
    response = await BodyLimit(transport, max_bytes=1_000_000).handle_async_request(request)
    return response.content


async def test_a_request_goes_out_byte_for_byte_as_it_was_built(
    connection: Connection, peer: Any
) -> None:
    request = httpx.Request(
        "GET",
        f"{peer.base_url}/a%2Fb/%40x/it%27s?email=a%2Bb%40example.com&q=%20%27",
        headers={"X-VTEX-API-AppKey": "key", "Accept": "application/json"},
        extensions={"timeout": httpx.Timeout(5).as_dict()},
    )

    assert await body_of(connection, request) == b"ok"

    line, *headers = peer.requests[0].decode().strip().split("\r\n")
    assert line == "GET /a%2Fb/%40x/it%27s?email=a%2Bb%40example.com&q=%20%27 HTTP/1.1"
    assert sorted(header.lower() for header in headers) == [
        "accept: application/json",
        f"host: {peer.base_url.removeprefix('http://')}",
        "x-vtex-api-appkey: key",
    ]


async def test_a_question_goes_out_with_its_body(connection: Connection, peer: Any) -> None:
    request = httpx.Request(
        "POST",
        peer.base_url,
        content=b'{"value":0.10}',
        extensions={"timeout": httpx.Timeout(5).as_dict()},
    )
    received = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        received.set_result(await reader.readexactly(14))
        writer.write(OK)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        request.url = request.url.copy_with(port=port)
        await body_of(connection, request)

    assert await received == b'{"value":0.10}'


async def test_status_and_headers_come_back_as_they_were_sent(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    peer.answer = peer.says(
        b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nX: \xff\r\nContent-Length: 0\r\n\r\n"
    )

    response = await connection.handle_async_request(ask())

    assert response.status_code == 429
    assert response.headers.raw == [
        (b"Retry-After", b"7"),
        (b"X", b"\xff"),
        (b"Content-Length", b"0"),
    ]


async def test_a_connection_serves_again_after_an_answer_was_read(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    for _ in range(3):
        assert await body_of(connection, ask()) == b"ok"

    assert len(peer.writers) == 1


async def test_a_refused_connection_is_a_connect_error(
    connection: Connection, unused_base_url: Callable[[], str]
) -> None:
    request = httpx.Request(
        "GET", unused_base_url(), extensions={"timeout": httpx.Timeout(5).as_dict()}
    )

    with pytest.raises(httpx.ConnectError):
        await connection.handle_async_request(request)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_a_connection_lost_before_the_answer_is_a_read_error_and_no_second_request(
    connection: Connection, peer: Any, ask: Ask, method: str
) -> None:
    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    peer.answer = hang_up

    with pytest.raises(httpx.ReadError):
        await connection.handle_async_request(ask(method=method))

    assert len(peer.requests) == 1


async def test_a_kept_connection_lost_before_the_answer_is_no_second_request_either(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    await body_of(connection, ask())

    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    peer.answer = hang_up

    with pytest.raises(httpx.ReadError):
        await connection.handle_async_request(ask(method="PUT"))

    assert len(peer.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{",
    ],
    ids=["length", "chunked"],
)
async def test_a_body_cut_short_is_a_read_error(
    connection: Connection, peer: Any, ask: Ask, answer: bytes
) -> None:
    peer.answer = peer.says_and_hangs_up(answer)

    with pytest.raises(httpx.ReadError):
        await body_of(connection, ask())


@pytest.mark.parametrize(
    "answer",
    [
        b"220 mail.example ESMTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 100_000 + b"\r\n",
    ],
    ids=["not HTTP", "length", "chunk", "two lengths", "large header", "many headers"],
)
async def test_an_answer_that_is_not_http_is_a_protocol_error(
    connection: Connection, peer: Any, ask: Ask, answer: bytes
) -> None:
    peer.answer = peer.says_and_hangs_up(answer)

    with pytest.raises(httpx.RemoteProtocolError):
        await body_of(connection, ask())


async def test_a_silent_peer_is_a_read_timeout(connection: Connection, peer: Any, ask: Ask) -> None:
    peer.answer = peer.says(b"")

    with pytest.raises(httpx.ReadTimeout):
        await body_of(connection, ask(timeout=httpx.Timeout(5, read=0.05)))


async def test_a_body_that_trickles_is_beaten_by_the_deadline_only(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    peer.answer = trickle
    limited = BodyLimit(connection, max_bytes=2_000_000)

    with pytest.raises(httpx.ReadTimeout):
        await Deadline(limited, seconds=0.2).handle_async_request(
            ask(timeout=httpx.Timeout(5, read=0.1))
        )


async def test_a_chunk_that_breaks_off_midway_is_beaten_by_the_deadline_at_the_latest(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    async def break_off(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
        for _ in range(10):
            await asyncio.sleep(0)
        writer.write(b"many\r\n")

    peer.answer = break_off
    limited = BodyLimit(connection, max_bytes=100)

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, httpx.ReadTimeout)):
        await Deadline(limited, seconds=0.2).handle_async_request(ask())

    peer.answer = peer.says(OK)
    assert await body_of(connection, ask()) == b"ok"
    assert len(peer.writers) == 2


async def test_waiting_for_a_connection_ends_with_nothing_sent(peer: Any, ask: Ask) -> None:
    reached = asyncio.Event()

    async def say_nothing(_: asyncio.StreamWriter) -> None:
        reached.set()

    peer.answer = say_nothing
    connection = Connection(max_connections=1)
    first = asyncio.create_task(connection.handle_async_request(ask()))
    await reached.wait()

    with pytest.raises(httpx.PoolTimeout):
        await connection.handle_async_request(ask(timeout=httpx.Timeout(5, pool=0.05)))

    assert len(peer.requests) == 1
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await connection.aclose()


async def test_a_cookie_is_not_sent_back(connection: Connection, peer: Any, ask: Ask) -> None:
    peer.answer = peer.says(
        b"HTTP/1.1 200 OK\r\nSet-Cookie: session=theirs; Path=/\r\nContent-Length: 2\r\n\r\nok"
    )

    await body_of(connection, ask())
    await body_of(connection, ask())

    assert b"session" not in peer.requests[1]


async def test_a_redirect_is_not_followed(connection: Connection, peer: Any, ask: Ask) -> None:
    peer.answer = peer.says(
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    )

    response = await connection.handle_async_request(ask())

    assert response.status_code == 302
    assert len(peer.requests) == 1


async def test_a_connection_with_an_unread_body_serves_nobody_else(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    peer.answer = peer.says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", OK)
    response = await connection.handle_async_request(ask())
    await response.aclose()

    assert await body_of(connection, ask()) == b"ok"
    assert len(peer.writers) == 2


async def test_a_connection_whose_read_was_cancelled_serves_nobody_else(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    peer.answer = peer.says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", OK)
    limited = BodyLimit(connection, max_bytes=100)

    with pytest.raises(httpx.ReadTimeout):
        await Deadline(limited, seconds=0.05).handle_async_request(ask())

    assert await body_of(connection, ask()) == b"ok"
    assert len(peer.writers) == 2


async def test_bytes_behind_an_answer_are_not_the_next_callers_answer(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    peer.answer = peer.says(OK + FOREIGN, OK)

    assert await body_of(connection, ask()) == b"ok"
    assert await body_of(connection, ask()) == b"ok"
    assert len(peer.writers) == 2


@pytest.mark.parametrize("turns_of_the_loop", [0, 10], ids=["unseen", "seen"])
async def test_bytes_that_come_while_a_connection_rests_are_not_the_next_callers_answer(
    connection: Connection, peer: Any, ask: Ask, turns_of_the_loop: int
) -> None:
    assert await body_of(connection, ask()) == b"ok"
    peer.writers[0].write(FOREIGN)
    for _ in range(turns_of_the_loop):
        await asyncio.sleep(0)

    assert await body_of(connection, ask()) == b"ok"
    assert len(peer.writers) == 2


@pytest.mark.parametrize("turns_of_the_loop", [0, 10], ids=["unseen", "seen"])
async def test_a_connection_closed_while_it_rests_is_replaced(
    connection: Connection, peer: Any, ask: Ask, turns_of_the_loop: int
) -> None:
    assert await body_of(connection, ask()) == b"ok"
    fileno = peer.writers[0].get_extra_info("socket").fileno()
    with socket.socket(fileno=os.dup(fileno)) as theirs:  # uvloop would end it a turn later
        theirs.shutdown(socket.SHUT_WR)
    for _ in range(turns_of_the_loop):
        await asyncio.sleep(0)

    assert await body_of(connection, ask()) == b"ok"
    assert len(peer.writers) == 2


async def test_a_certificate_that_nobody_vouches_for_is_a_connect_error(
    connection: Connection, tls_peer: Any
) -> None:
    request = httpx.Request(
        "GET", tls_peer.base_url, extensions={"timeout": httpx.Timeout(5).as_dict()}
    )

    with pytest.raises(httpx.ConnectError):
        await connection.handle_async_request(request)

    assert tls_peer.requests == []


async def test_a_trusted_tls_connection_serves_again(certificate: Path, tls_peer: Any) -> None:
    connection = Connection(
        max_connections=10, tls=ssl.create_default_context(cafile=str(certificate))
    )
    request = httpx.Request(
        "GET", tls_peer.base_url, extensions={"timeout": httpx.Timeout(5).as_dict()}
    )

    for _ in range(3):
        assert await body_of(connection, request) == b"ok"

    assert len(tls_peer.writers) == 1
    await connection.aclose()


@pytest.mark.parametrize(("more", "read"), [(0, True), (1, False)])
async def test_64_kb_of_headers_are_read_and_no_more(
    connection: Connection, peer: Any, ask: Ask, *, more: int, read: bool
) -> None:
    long = b"a" * (65_536 - len(b"Content-Length2X-Long") + more)
    peer.answer = peer.says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Long: " + long + OK[-6:])

    if read:
        assert await body_of(connection, ask()) == b"ok"
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            await body_of(connection, ask())
