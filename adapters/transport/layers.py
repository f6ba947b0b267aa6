"""The transports that stand before the connection, each with one job."""

from __future__ import annotations

import asyncio
import zlib
from typing import Final

import httpx

_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32

DEADLINE_SECONDS: Final = "deadline_seconds"

_OF_THE_WIRE: Final = (b"content-encoding", b"content-length", b"transfer-encoding")
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
        try:
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


class Deadline(httpx.AsyncBaseTransport):
    """
    Ends the whole exchange after *seconds*, or after those that the request's extension
    `deadline_seconds` names; a read timeout alone is renewed by every byte.

    Raises:
        httpx.ReadTimeout: The time was over.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, *, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(request.extensions.get(DEADLINE_SECONDS, self._seconds)):
                return await self._inner.handle_async_request(request)
        except TimeoutError as exc:
            raise httpx.ReadTimeout("the whole exchange took too long", request=request) from exc

    async def aclose(self) -> None:
        await self._inner.aclose()
