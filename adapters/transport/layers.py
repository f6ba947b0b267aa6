"""The transports that stand before the connection, each with one job."""

from __future__ import annotations

import asyncio
import time
import zlib
from typing import Final

import httpx

from adapters.transport.calls import ANSWER_BEGAN, DEADLINE_SECONDS, DUE_AT, seconds_left
from adapters.transport.messages import completed, fields_of

_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32

_CODING: Final = b"content-encoding"
_OF_THE_WIRE: Final = (_CODING, b"content-length", b"transfer-encoding")
"""Headers that speak of the body as it was on the wire."""


class BodyLimit(httpx.AsyncBaseTransport):
    """
    Reads the whole answer, so that every layer above sees it complete; one too large is given up.

    Decompresses here: httpx inflates a chunk whole before anybody can count, and a small one can
    hold gigabytes.

    Raises:
        httpx.DecodingError: More than *max_bytes* before or after decompression, or cut short, or
            compressed in another way than gzip or deflate.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, *, max_bytes: int) -> None:
        self._inner = inner
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        request.extensions[ANSWER_BEGAN] = True
        try:
            body = await self._read(response)
        finally:
            await response.aclose()
        fields, codings = [], []
        for name, value in fields_of(response):
            lower = name.lower()
            if lower not in _OF_THE_WIRE:
                fields.append((name, value))
            elif lower == _CODING:
                codings.append(value)
        if codings and body:
            body = self._decoded(body, b",".join(codings).decode("latin-1").lower())
        fields.append((b"Content-Length", b"%d" % len(body)))
        return completed(response, fields, body, request)

    async def _read(self, response: httpx.Response) -> bytes:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        pieces, size = [], 0
        async for piece in response.stream:
            pieces.append(piece)
            size += len(piece)
            self._refuse_beyond_limit(size)
        return b"".join(pieces)

    def _decoded(self, body: bytes, coding: str) -> bytes:
        if coding == "identity":
            return body
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise httpx.DecodingError("the answer is compressed in a way nobody asked for")
        return self._inflated(body)

    def _inflated(self, body: bytes) -> bytes:
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
