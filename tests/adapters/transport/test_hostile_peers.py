"""Peers that never end, lie about lengths, speak out of turn, or hang up in the middle."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from adapters.transport.connection import Connection
from adapters.transport.layers import BodyLimit, Deadline
from adapters.transport.line import Line

Ask = Callable[..., httpx.Request]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BEGINS = b"HTTP/1.1 200 OK\r\n"
CHUNKED = BEGINS + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, object]]:
    return "asyncio", {"use_uvloop": request.param}


async def body_of(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> bytes:
    response = await BodyLimit(transport, max_bytes=1_000_000).handle_async_request(request)
    return response.content


def without_end(begin: bytes, again: bytes) -> Callable[[asyncio.StreamWriter], Any]:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        while not writer.is_closing():
            writer.write(again)
            await writer.drain()

    return write


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (BEGINS, b"X-Name: value\r\n"),
        (BEGINS + b"X-Name: ", b"a" * 1000),
        (BEGINS, b"X" * 1000),
        (b"HTTP/1.1 200 ", b"OK" * 1000),
        (b"", b"\r\n" * 1000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
        (CHUNKED + b"1;", b"extension=" * 100),
        (CHUNKED, b"1;" + b"extension=" * 100 + b"\r\n \r\n"),
        (CHUNKED, b"0" * 1000),
        (CHUNKED + b"0\r\n", b"X-Behind: value\r\n"),
    ],
    ids=[
        "headers",
        "value",
        "name",
        "reason",
        "empty lines",
        "interim answers",
        "hints",
        "extension",
        "extensions",
        "length of a chunk",
        "headers behind the body",
    ],
)
async def test_what_never_becomes_an_answer_is_given_up(
    connection: Connection, peer: Any, ask: Ask, begin: bytes, again: bytes
) -> None:
    peer.answer = without_end(begin, again)

    with pytest.raises(httpx.RemoteProtocolError):
        await body_of(connection, ask())

    assert len(peer.requests) == 1


async def test_a_body_without_end_is_given_up_at_the_limit(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    peer.answer = without_end(CHUNKED, b"400\r\n" + b" " * 1024 + b"\r\n")

    with pytest.raises(httpx.DecodingError):
        await body_of(connection, ask())

    peer.answer = peer.says(OK)
    assert await body_of(connection, ask()) == b"ok"
    assert len(peer.writers) == 2


async def test_a_head_that_comes_byte_by_byte_is_beaten_by_the_deadline(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        for byte in itertools.cycle(b"X"):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)

    async def begin(writer: asyncio.StreamWriter) -> None:
        writer.write(BEGINS)
        await trickle(writer)

    peer.answer = begin

    with pytest.raises(httpx.ReadTimeout):
        await Deadline(connection, seconds=0.2).handle_async_request(
            ask(timeout=httpx.Timeout(5, read=0.1))
        )


async def test_interim_answers_are_not_the_answer(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    peer.answer = peer.says(interim + OK)

    for _ in range(2):
        response = await BodyLimit(connection, max_bytes=10).handle_async_request(ask())
        assert (response.status_code, response.content) == (200, b"ok")
        assert response.headers.raw == [(b"Content-Length", b"2")]

    assert len(peer.writers) == 1


async def test_headers_behind_a_body_are_not_those_of_the_answer(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    peer.answer = peer.says(CHUNKED + b"2\r\nok\r\n0\r\nRetry-After: 9\r\n\r\n")

    for _ in range(2):
        response = await connection.handle_async_request(ask())
        assert await response.aread() == b"ok"
        await response.aclose()
        assert "retry-after" not in response.headers

    assert len(peer.writers) == 1


async def test_another_protocol_is_not_switched_to(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    peer.answer = peer.says(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n"
    )

    with pytest.raises(httpx.RemoteProtocolError):
        await body_of(connection, ask())


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_an_answer_that_has_no_body_by_its_status_needs_no_length(
    connection: Connection, peer: Any, ask: Ask, status: bytes
) -> None:
    peer.answer = peer.says(b"HTTP/1.1 " + status + b"\r\nX: x\r\n\r\n")

    for _ in range(2):
        assert await body_of(connection, ask()) == b""

    assert len(peer.writers) == 1


async def test_the_length_of_an_answer_to_head_is_not_waited_for(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    peer.answer = peer.says(BEGINS + b"Content-Length: 100\r\n\r\n")

    assert await body_of(connection, ask(method="HEAD")) == b""


@pytest.mark.parametrize(
    "answer",
    [
        BEGINS + b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
    ids=["said", "by the version"],
)
async def test_a_connection_that_the_peer_wants_to_close_serves_nobody_else(
    connection: Connection, peer: Any, ask: Ask, answer: bytes
) -> None:
    peer.answer = peer.says(answer)

    for _ in range(2):
        assert await body_of(connection, ask()) == b"ok"

    assert len(peer.writers) == 2


async def test_an_answer_without_a_length_ends_with_its_connection(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    peer.answer = peer.says_and_hangs_up(BEGINS + b"\r\nok")

    assert await body_of(connection, ask()) == b"ok"


async def test_an_answer_without_a_length_that_is_reset_is_cut_short(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.write(BEGINS + b"\r\nok")
        await writer.drain()
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    peer.answer = reset

    with pytest.raises(httpx.ReadError):
        await body_of(connection, ask())


async def test_a_peer_that_ends_its_side_before_answering_is_a_read_error(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    async def end(writer: asyncio.StreamWriter) -> None:
        writer.write(BEGINS)
        writer.write_eof()

    peer.answer = end

    with pytest.raises(httpx.ReadError):
        await body_of(connection, ask())


async def test_an_answer_that_comes_before_the_question_was_read_ends_the_connection(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    large = httpx.Request(
        "POST", peer.base_url, content=b" " * 20_000_000, extensions=ask().extensions
    )

    async def answer_at_once(writer: asyncio.StreamWriter) -> None:
        writer.write(OK.replace(b"200 OK", b"413 Too Large"))
        await asyncio.Event().wait()

    peer.answer = answer_at_once
    response = await BodyLimit(connection, max_bytes=10).handle_async_request(large)
    assert response.status_code == 413

    peer.answer = peer.says(OK)
    assert await body_of(connection, ask()) == b"ok"
    assert len(peer.writers) == 2


async def test_a_peer_that_takes_nothing_is_a_write_timeout(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    async def take_nothing(_: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    peer.answer = take_nothing
    request = httpx.Request(
        "POST",
        peer.base_url,
        content=b" " * 20_000_000,
        extensions={"timeout": httpx.Timeout(5, write=0.05).as_dict()},
    )

    with pytest.raises(httpx.WriteTimeout):
        await connection.handle_async_request(request)


async def test_a_peer_that_sends_faster_than_is_read_is_kept_waiting(
    connection: Connection, peer: Any, ask: Ask
) -> None:
    size = 64_000_000
    written = asyncio.Event()

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(BEGINS + b"Content-Length: %d\r\n\r\n" % size)
        writer.write(b" " * size)
        await writer.drain()
        written.set()

    peer.answer = answer
    response = await connection.handle_async_request(ask())
    for _ in range(1000):
        await asyncio.sleep(0)
    assert not written.is_set()

    assert isinstance(response.stream, httpx.AsyncByteStream)
    assert sum([len(piece) async for piece in response.stream]) == size
    await response.aclose()


async def test_who_leaves_takes_the_connection_along(connection: Connection, ask: Ask) -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        assert await reader.read() == b""
        gone.set()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        request = httpx.Request("GET", url, extensions=ask().extensions)
        call = asyncio.create_task(connection.handle_async_request(request))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(gone.wait(), 5)


@pytest.mark.parametrize("said", [OK, b"\r\n", b"220 mail.example ESMTP\r\n"])
async def test_a_peer_that_speaks_before_it_is_asked_is_not_asked(said: bytes) -> None:
    here, there = socket.socketpair()
    here.setblocking(False)
    _, line = await asyncio.get_running_loop().create_connection(Line, sock=here)
    assert line.is_unspoiled()

    there.sendall(said)
    await line.lost

    assert not line.is_unspoiled()
    there.close()


def cut(answer: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    for first, second in itertools.combinations(range(1, len(answer)), 2):
        yield answer[:first], answer[first:second], answer[second:]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
    ids=["length", "chunks", "interim"],
)
async def test_an_answer_is_the_same_wherever_it_is_cut(answer: bytes) -> None:
    class Nowhere(asyncio.Transport):
        def __init__(self) -> None:
            super().__init__({"socket": there})

        def write(self, data: object) -> None:
            pass

        def is_closing(self) -> bool:
            return False

        def get_write_buffer_size(self) -> int:
            return 0

    here, there = socket.socketpair()
    line = Line()
    line.connection_made(Nowhere())
    for parts in cut(answer):
        line.ask(b"", has_body=True, read_seconds=None, write_seconds=None)
        for part in parts:
            line.data_received(part)
        await line.head()
        read = b""
        while piece := await line.chunk():
            read += piece
        assert (line.status, read, line.may_rest()) == (200, b"ok", True)
    here.close()
    there.close()


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {"X": "a\r\nY: b"}),
        ("GET", "/", {"X": "a\nY: b"}),
        ("GET", "/", {"X": "a\0"}),
        ("GET", "/", {"X\r\nY": "a"}),
        ("GET", "/", {"X Y": "a"}),
        ("GET", "/", {"": "a"}),
        ("GET / HTTP/1.1\r\nX: x\r\n\r\nGET", "/", {}),
    ],
)
async def test_a_request_that_would_be_read_as_two_is_not_sent(
    connection: Connection, peer: Any, ask: Ask, method: str, path: str, headers: dict[str, str]
) -> None:
    request = ask(path, method=method)
    request.headers.update(headers)

    with pytest.raises(httpx.LocalProtocolError):
        await connection.handle_async_request(request)

    assert peer.writers == []
