"""Connections that are kept for the next exchange."""

from __future__ import annotations

import asyncio
import socket
import ssl
from functools import cache
from typing import Final, NamedTuple

import aiohappyeyeballs
import httpx

from adapters.transport.line import Line

RESTS_SECONDS: Final = 4.0
"""
Servers on Node hang up after five, most others later. A write that meets the hang-up on its way has
an unknown outcome, so it is better sent over a new connection.
"""

_NEXT_ADDRESS_AFTER_SECONDS: Final = 0.25
"""Of a host with several addresses: recommended by RFC 8305."""

_PORTS: Final = {"http": 80, "https": 443}


class Site(NamedTuple):
    """What a connection leads to."""

    scheme: str
    host: str
    port: int


def site_of(url: httpx.URL) -> Site:
    """
    Raises:
        httpx.UnsupportedProtocol: It is no address of HTTP.
    """
    if url.scheme not in _PORTS or not url.raw_host:
        raise httpx.UnsupportedProtocol("only http and https are spoken")
    return Site(url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme])


@cache
def _trusting_the_system() -> ssl.SSLContext:
    tls = ssl.create_default_context()
    tls.set_alpn_protocols(["http/1.1"])
    return tls


class Pool:
    """
    Lines to sites, the one that was used last first, so that those too many grow old and go.

    Args:
        most: Lines in use at a time; as many are open at most.
        tls: Whom to trust; the system's certificates without it.
    """

    def __init__(self, *, most: int, tls: ssl.SSLContext | None = None) -> None:
        self._most = most
        self._tls = tls or _trusting_the_system()
        self._places = asyncio.Semaphore(most)
        self._open: set[Line] = set()
        self._resting: dict[Site, list[Line]] = {}
        self._sweep_timer: asyncio.TimerHandle | None = None

    async def take(
        self, site: Site, *, pool_seconds: float | None, connect_seconds: float | None
    ) -> Line:
        """
        A line to *site* that nobody else uses until it is given back or dropped.

        Raises:
            httpx.PoolTimeout: All were in use for too long.
            httpx.ConnectError, httpx.ConnectTimeout: There is no way there.
        """
        await self._take_place(pool_seconds)
        line = None
        try:
            line = self._rested(site) or await self._connected(site, connect_seconds)
        finally:
            if line is None:
                self._places.release()
        return line

    def give_back(self, site: Site, line: Line) -> None:
        """For the next exchange, if it is good for one."""
        self._places.release()
        if not line.may_rest():
            line.drop()
            return
        line.rested_at = asyncio.get_running_loop().time()
        self._resting.setdefault(site, []).append(line)
        self._sweep_later()

    async def _take_place(self, seconds: float | None) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("all connections are in use") from None

    def _rested(self, site: Site) -> Line | None:
        resting = self._resting.get(site)
        while resting:
            line = resting.pop()
            if _is_fresh(line) and line.may_be_asked():
                return line
            line.drop()
        return None

    async def _connected(self, site: Site, seconds: float | None) -> Line:
        self._make_room()
        try:
            async with asyncio.timeout(seconds):
                line = await self._reach(site)
        except TimeoutError:
            raise httpx.ConnectTimeout("no connection in time") from None
        except (OSError, UnicodeError) as exc:
            raise httpx.ConnectError(type(exc).__name__) from None
        self._open.add(line)
        line.lost.add_done_callback(lambda _: self._open.discard(line))
        if line.is_unspoiled():
            return line
        line.drop()
        raise httpx.ConnectError("it spoke before it was asked, or hung up")

    async def _reach(self, site: Site) -> Line:
        """uvloop cannot try several addresses at once by itself."""
        loop = asyncio.get_running_loop()
        addresses = await loop.getaddrinfo(site.host, site.port, type=socket.SOCK_STREAM)
        connected = await aiohappyeyeballs.start_connection(
            addresses, happy_eyeballs_delay=_NEXT_ADDRESS_AFTER_SECONDS, interleave=1
        )
        secure = site.scheme == "https"
        line = None
        try:
            _, line = await loop.create_connection(
                Line,
                sock=connected,
                ssl=self._tls if secure else None,
                server_hostname=site.host if secure else None,
            )
        finally:
            if line is None:
                connected.close()
        return line

    def _make_room(self) -> None:
        """None rests at the site that a new line leads to; others are not kept at its cost."""
        if len(self._open) >= self._most:
            for lines in self._resting.values():
                _drop(lines)

    def _sweep_later(self) -> None:
        if self._sweep_timer is None:
            loop = asyncio.get_running_loop()
            self._sweep_timer = loop.call_later(RESTS_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._sweep_timer = None
        for lines in self._resting.values():
            _drop([line for line in lines if not _is_fresh(line)])
            lines[:] = filter(_is_fresh, lines)
        if any(self._resting.values()):
            self._sweep_later()

    async def aclose(self) -> None:
        """Drop all, those in use too, and see them closed."""
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
        self._resting.clear()
        lost = [line.lost for line in self._open]
        _drop(list(self._open))
        await asyncio.gather(*lost)


def _is_fresh(line: Line) -> bool:
    rested = asyncio.get_running_loop().time() - line.rested_at
    return rested < RESTS_SECONDS and line.is_unspoiled()


def _drop(lines: list[Line]) -> None:
    while lines:
        lines.pop().drop()
