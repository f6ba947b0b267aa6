"""The transports that stand before the connection, each with one job."""

from __future__ import annotations

import asyncio
import time
import zlib
from typing import Final

import httpx

from adapters.transport.calls import ANSWER_BEGAN, DEADLINE_SECONDS, DUE_AT, seconds_left

_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32

MOST_HEADER_BYTES: Final = 65_536

_OF_THE_WIRE: Final = (b"content-encoding", b"content-length", b"transfer-encoding")
"""Headers that speak of the body as it was on the wire."""


class BodyLimit(httpx.AsyncBaseTransport):
    """
    Reads the whole answer, so that every layer above sees it complete; one too large is given up.

    Decompresses here: httpx inflates a chunk whole before anybody can count, and a small one can
    hold gigabytes.

    Raises:
        httpx.DecodingError: More than *max_bytes* before or after decompression, or cut short, or
            compressed in another way than gzip or deflate, or more than 64 KB of headers.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, *, max_bytes: int) -> None:
        self._inner = inner
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        request.extensions[ANSWER_BEGAN] = True
        try:
            _refuse_many_headers(response)
            body = await self._read(response)
        finally:
            await response.aclose()
        headers = [
            (name, value)
            for name, value in response.headers.raw
            if name.lower() not in _OF_THE_WIRE
        ]
        return httpx.Response(response.status_code, headers=headers, content=body, request=request)

    async def _read(self, response: httpx.Response) -> bytes:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        body = bytearray()
        async for chunk in response.stream:
            body += chunk
            self._refuse_beyond_limit(len(body))
        coding = response.headers.get("content-encoding", "identity").lower()
        if coding == "identity" or not body:
            return bytes(body)
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise httpx.DecodingError("the answer is compressed in a way nobody asked for")
        return self._inflated(body)

    def _inflated(self, body: bytearray) -> bytes:
        inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
        try:
            plain = inflater.decompress(body, self._max_bytes + 1)
        except zlib.error as exc:
            raise httpx.DecodingError("the answer is not what it was compressed to") from exc
        self._refuse_beyond_limit(len(plain))
        if not inflater.eof:
            raise httpx.DecodingError("the answer is cut short")
        return plain

    def _refuse_beyond_limit(self, size: int) -> None:
        if size > self._max_bytes:
            raise httpx.DecodingError("the answer is too large")

    async def aclose(self) -> None:
        await self._inner.aclose()


def _refuse_many_headers(response: httpx.Response) -> None:
    if sum(len(name) + len(value) for name, value in response.headers.raw) > MOST_HEADER_BYTES:
        raise httpx.DecodingError("the answer has too many headers")


class Due(httpx.AsyncBaseTransport):
    """
    Writes on each request by when it must be over, unless that stands there: after *seconds*, or
    after those that its extension `deadline_seconds` names. All tries share that time, and the
    pauses between them.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, *, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        seconds = request.extensions.get(DEADLINE_SECONDS, self._seconds)
        request.extensions.setdefault(DUE_AT, time.monotonic() + seconds)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Deadline(httpx.AsyncBaseTransport):
    """
    Ends the exchange when it is due; where nobody has said when, after *seconds* or those that the
    request's extension `deadline_seconds` names. A read timeout alone is renewed by every byte.

    Stands below the breaker, which can so tell a slow source from a caller who went away.

    Raises:
        httpx.ReadTimeout: The time was over.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, *, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        left = seconds_left(request)
        if left is None:
            left = request.extensions.get(DEADLINE_SECONDS, self._seconds)
        try:
            async with asyncio.timeout(left):
                return await self._inner.handle_async_request(request)
        except TimeoutError as exc:
            raise httpx.ReadTimeout("the whole exchange took too long", request=request) from exc

    async def aclose(self) -> None:
        await self._inner.aclose()
