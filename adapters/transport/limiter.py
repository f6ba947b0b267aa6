"""The layer that keeps to what a provider allows."""

from __future__ import annotations

import asyncio
from collections import Counter
from math import ceil
from typing import Protocol

import httpx
import structlog

from adapters.transport.calls import seconds_left
from adapters.transport.figures import TurnedAway
from app.domain.identifiers import SourceKey

_log = structlog.get_logger("creditgraph.limiter")


class Rate(Protocol):
    """So many calls in so much time."""

    async def take(self) -> float | None:
        """None: the call may be made, and counts. Otherwise seconds until it may be."""
        ...

    async def remaining(self) -> int | None:
        """How many calls may be made now; None when it cannot be told."""
        ...


class NoPlace(Exception):
    """There was none among the calls of all replicas, in time; nothing was sent."""


class Limiter(httpx.AsyncBaseTransport):
    """
    Lets *concurrent* calls through at a time, the others wait in a row for as long as they have,
    and no more in a minute than *rate* allows.

    What is turned away is answered as the provider would: 429, with a Retry-After. Nothing was
    sent then.

    Args:
        inner: May say that there was `NoPlace`.
        concurrent: Of this process; all replicas together are for `leases.py`.

    Attributes:
        turned_away: How many, by why.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        source: SourceKey,
        concurrent: int | None = None,
        rate: Rate | None = None,
    ) -> None:
        self._inner = inner
        self._source = source
        self._slots = None if concurrent is None else asyncio.Semaphore(concurrent)
        self._rate = rate
        self.turned_away: Counter[TurnedAway] = Counter()

    async def remaining(self) -> int | None:
        return None if self._rate is None else await self._rate.remaining()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._slots is None:
            return await self._at_its_rate(request)
        if not await self._takes_place(self._slots, request):
            return self._turn_away(request, TurnedAway.CONCURRENCY)
        try:
            return await self._at_its_rate(request)
        finally:
            self._slots.release()

    async def _at_its_rate(self, request: httpx.Request) -> httpx.Response:
        wait = None if self._rate is None else await self._rate.take()
        if wait is not None:
            return self._turn_away(request, TurnedAway.RATE, wait)
        try:
            return await self._inner.handle_async_request(request)
        except NoPlace:
            return self._turn_away(request, TurnedAway.CONCURRENCY)

    async def _takes_place(self, slots: asyncio.Semaphore, request: httpx.Request) -> bool:
        """Whether there was one in time."""
        if not slots.locked():
            return await slots.acquire()
        try:
            async with asyncio.timeout(seconds_left(request)):
                return await slots.acquire()
        except TimeoutError:
            return False

    def _turn_away(
        self, request: httpx.Request, why: TurnedAway, wait: float = 1.0
    ) -> httpx.Response:
        self.turned_away[why] += 1
        _log.info("turned away", source=self._source, limit=why.lower())
        headers = {"Retry-After": str(max(1, ceil(wait)))}
        return httpx.Response(429, headers=headers, request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()
