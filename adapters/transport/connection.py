"""The last transport of a stack: real connections."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator

import httpx

from adapters.transport.line import Line
from adapters.transport.messages import Received, destination, head_of
from adapters.transport.pool import Pool, Site


class _Body(httpx.AsyncByteStream):
    def __init__(self, pool: Pool, site: Site, line: Line) -> None:
        self._pool = pool
        self._site = site
        self._line: Line | None = line

    async def __aiter__(self) -> AsyncIterator[bytes]:
        line = self._line
        while line is not None and (piece := await line.chunk()):
            yield piece

    async def aclose(self) -> None:
        """Give the connection back; one with unread bytes is closed by that."""
        line, self._line = self._line, None
        if line is not None:
            self._pool.give_back(self._site, line)


class Connection(httpx.AsyncBaseTransport):
    """
    Sends a request once over a pooled HTTP/1.1 connection; follows no redirect, keeps no cookie,
    asks no proxy.

    The four parts of `httpx.Timeout` come with the request, as httpx transports expect it. To be
    made and closed inside a running loop.

    Raises:
        httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError,
        httpx.UnsupportedProtocol: Nothing was sent.
        httpx.TransportError: Any other comes when some of it was sent, perhaps all.
    """

    def __init__(self, *, max_connections: int, tls: ssl.SSLContext | None = None) -> None:
        self._pool = Pool(most=max_connections, tls=tls)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions["timeout"]
        site, target = destination(request)
        message = head_of(request, target) + await request.aread()
        line = await self._pool.take(
            site, pool_seconds=timeout.get("pool"), connect_seconds=timeout.get("connect")
        )
        answered = False
        try:
            line.ask(
                message,
                has_body=request.method != "HEAD",
                read_seconds=timeout.get("read"),
                write_seconds=timeout.get("write"),
            )
            await line.head()
            answered = True
        finally:
            if not answered:
                self._pool.give_back(site, line)
        return Received(line.status, line.fields, _Body(self._pool, site, line), request)

    async def aclose(self) -> None:
        await self._pool.aclose()
