"""The last transport of a stack: real connections, by aiohttp."""

from __future__ import annotations

import asyncio
import selectors
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final
from weakref import WeakSet

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace
from yarl import URL

AIOHTTP_FAULTS: Final[tuple[tuple[type[Exception], type[httpx.TransportError]], ...]] = (
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientPayloadError, httpx.ReadError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.ClientError, httpx.ReadError),
    (asyncio.TimeoutError, httpx.ReadTimeout),
)
"""
First match wins. The httpx-aiohttp package is not used: it maps a connection lost after sending to
`ConnectTimeout`, which says that nothing was sent.
"""

_Selector: Final[type[selectors.PollSelector | selectors.SelectSelector]] = getattr(
    selectors, "PollSelector", selectors.SelectSelector
)


@contextmanager
def _as_httpx_errors() -> Iterator[None]:
    """The cause is cut off: aiohttp repeats the URL and the headers, credentials included."""
    try:
        yield
    except tuple(ours for ours, _ in AIOHTTP_FAULTS) as exc:
        theirs = next(theirs for ours, theirs in AIOHTTP_FAULTS if isinstance(exc, ours))
        raise theirs(type(exc).__name__) from None


async def _one_try(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keeps aiohttp from sending GET, PUT and DELETE again, which it does on its own errors."""
    with _as_httpx_errors():
        return await send(request)


class _CleanConnector(aiohttp.TCPConnector):
    """
    Hands out no kept connection on which something arrived after its last answer.

    That would be read as the answer to the next request, which may be another customer's. A
    connection that the peer has closed is found the same way.
    """

    def __init__(self, *, limit: int, tls: ssl.SSLContext | None) -> None:
        super().__init__(limit=limit, ssl=True if tls is None else tls, ttl_dns_cache=30)
        self._used: WeakSet[ResponseHandler] = WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the signature is aiohttp's
    ) -> aiohttp.connector.Connection:
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            assert protocol is not None
            if protocol not in self._used:
                self._used.add(protocol)
                return connection
            if not (protocol.should_close or _has_unread(connection.transport)):
                return connection
            connection.close()


def _has_unread(transport: asyncio.Transport | None) -> bool:
    """Whether the peer sent something, be it the end, that the loop may not know of yet."""
    if transport is None:
        return True
    with _Selector() as selector:
        selector.register(transport.get_extra_info("socket").fileno(), selectors.EVENT_READ)
        return bool(selector.select(0))


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx_errors():
            async for chunk in self._response.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        """Give the connection back; one with unread bytes is closed instead."""
        self._response.release()


class Connection(httpx.AsyncBaseTransport):
    """
    Sends a request once over a pooled HTTP/1.1 connection; follows no redirect, keeps no cookie.

    The four parts of `httpx.Timeout` come with the request, as httpx transports expect it. To be
    made and closed inside a running loop.
    """

    def __init__(self, *, max_connections: int, tls: ssl.SSLContext | None = None) -> None:
        self._session = aiohttp.ClientSession(
            connector=_CleanConnector(limit=max_connections, tls=tls),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            middlewares=(_one_try,),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions["timeout"]
        with _as_httpx_errors():
            response = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    connect=timeout["pool"],
                    sock_connect=timeout["connect"],
                    sock_read=timeout["read"],
                ),
            )
        return httpx.Response(
            response.status, headers=response.raw_headers, stream=_Body(response), request=request
        )

    async def aclose(self) -> None:
        await self._session.close()
