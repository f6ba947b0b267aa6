"""The layers before the connection: how much is read, and how long it may take."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from adapters.transport.calls import DEADLINE_SECONDS, DUE_AT, seconds_left
from adapters.transport.layers import BodyLimit, Deadline, Due

REQUEST = httpx.Request("GET", "https://store.example/")

MEGABYTE = 1_000_000


class Chunks(httpx.AsyncByteStream):
    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks
        self.closed = False
        self.given = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            self.given += 1
            yield chunk

    async def aclose(self) -> None:
        self.closed = True


class Inner(httpx.AsyncBaseTransport):
    def __init__(self, answer: Callable[[], Awaitable[httpx.Response]]) -> None:
        self._answer = answer
        self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._answer()

    async def aclose(self) -> None:
        self.closed = True


def limit(stream: Chunks, *, coding: str | None = None, max_bytes: int = MEGABYTE) -> BodyLimit:
    headers = [("Content-Type", "application/json"), ("Content-Length", "17")]
    if coding is not None:
        headers.append(("Content-Encoding", coding))

    async def answer() -> httpx.Response:
        return httpx.Response(200, headers=headers, stream=stream)

    return BodyLimit(Inner(answer), max_bytes=max_bytes)


async def test_an_answer_is_read_whole_and_its_stream_closed() -> None:
    stream = Chunks(b"a" * 10, b"", b"b" * 10)

    response = await limit(stream, max_bytes=20).handle_async_request(REQUEST)

    assert response.content == b"a" * 10 + b"b" * 10
    assert response.headers["content-length"] == "20"
    assert response.headers["content-type"] == "application/json"
    assert stream.closed


async def test_an_answer_beyond_the_limit_is_given_up_at_once() -> None:
    stream = Chunks(b"a" * 10, b"b" * 11, b"c" * 10)

    with pytest.raises(httpx.DecodingError):
        await limit(stream, max_bytes=20).handle_async_request(REQUEST)

    assert stream.given == 2
    assert stream.closed


@pytest.mark.parametrize(
    ("coding", "compressed"),
    [
        ("gzip", gzip.compress(b"plain")),
        ("GZIP", gzip.compress(b"plain")),
        ("x-gzip", gzip.compress(b"plain")),
        ("deflate", zlib.compress(b"plain")),
        ("identity", b"plain"),
    ],
)
async def test_a_compressed_answer_is_inflated(coding: str, compressed: bytes) -> None:
    stream = Chunks(compressed[:3], compressed[3:])

    response = await limit(stream, coding=coding).handle_async_request(REQUEST)

    assert response.content == b"plain"
    assert response.headers["content-length"] == "5"
    assert "content-encoding" not in response.headers


async def test_a_small_answer_that_inflates_beyond_the_limit_costs_no_more_than_the_limit() -> None:
    bomb = gzip.compress(b"\0" * 200 * MEGABYTE)
    transport = limit(Chunks(bomb), coding="gzip")
    assert len(bomb) < MEGABYTE

    tracemalloc.start()
    with pytest.raises(httpx.DecodingError):
        await transport.handle_async_request(REQUEST)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 5 * MEGABYTE


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"not compressed"),
        ("gzip", gzip.compress(b"plain" * 100)[:-12]),
        ("gzip, gzip", gzip.compress(gzip.compress(b"plain"))),
        ("br", b"plain"),
        ("zstd", b"plain"),
    ],
)
async def test_an_answer_that_cannot_be_inflated_is_no_answer(coding: str, body: bytes) -> None:
    with pytest.raises(httpx.DecodingError):
        await limit(Chunks(body), coding=coding).handle_async_request(REQUEST)


async def test_an_empty_answer_may_call_itself_compressed() -> None:
    response = await limit(Chunks(), coding="gzip").handle_async_request(REQUEST)

    assert response.content == b""


async def test_an_answer_that_was_made_in_the_process_is_read_too() -> None:
    inner = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": []}))

    response = await BodyLimit(inner, max_bytes=100).handle_async_request(REQUEST)

    assert response.json() == {"data": []}


async def test_a_header_that_is_no_ascii_passes_through() -> None:
    async def answer() -> httpx.Response:
        return httpx.Response(200, headers=[(b"X", b"\xff")], stream=Chunks(b"ok"))

    response = await BodyLimit(Inner(answer), max_bytes=100).handle_async_request(REQUEST)

    assert (b"X", b"\xff") in response.headers.raw


@pytest.mark.parametrize(("extensions", "seconds"), [({}, 60), ({DEADLINE_SECONDS: 15}, 15)])
async def test_when_an_exchange_must_be_over_stands_on_its_request(
    extensions: dict[str, float], seconds: float
) -> None:
    async def answer() -> httpx.Response:
        return httpx.Response(204)

    request = httpx.Request("GET", "https://store.example/", extensions=extensions)
    await Due(Inner(answer), seconds=60).handle_async_request(request)

    left = seconds_left(request)
    assert left is not None
    assert seconds - 5 < left <= seconds


async def test_what_a_layer_above_has_said_stays() -> None:
    async def answer() -> httpx.Response:
        return httpx.Response(204)

    request = httpx.Request("GET", "https://store.example/", extensions={DUE_AT: 17.0})
    await Due(Inner(answer), seconds=60).handle_async_request(request)

    assert request.extensions[DUE_AT] == 17.0


async def test_a_deadline_keeps_to_what_stands_on_the_request() -> None:
    async def answer() -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    request = httpx.Request("GET", "https://store.example/", extensions={DUE_AT: 0.0})

    with pytest.raises(httpx.ReadTimeout):
        await Deadline(Inner(answer), seconds=60).handle_async_request(request)


async def test_a_deadline_ends_what_never_ends() -> None:
    cancelled: list[str] = []

    async def answer() -> httpx.Response:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append("cancelled")
        raise AssertionError

    with pytest.raises(httpx.ReadTimeout):
        await Deadline(Inner(answer), seconds=0.01).handle_async_request(REQUEST)

    assert cancelled == ["cancelled"]


async def test_a_deadline_leaves_a_cancellation_from_outside_alone() -> None:
    started = asyncio.Event()

    async def answer() -> httpx.Response:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(Deadline(Inner(answer), seconds=60).handle_async_request(REQUEST))
    await started.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_answer_in_time_passes_the_deadline() -> None:
    async def answer() -> httpx.Response:
        return httpx.Response(204)

    response = await Deadline(Inner(answer), seconds=60).handle_async_request(REQUEST)

    assert response.status_code == 204


async def test_closing_a_stack_closes_what_is_below() -> None:
    async def answer() -> httpx.Response:
        raise AssertionError

    inner = Inner(answer)

    await Due(Deadline(BodyLimit(inner, max_bytes=1), seconds=1), seconds=1).aclose()

    assert inner.closed
