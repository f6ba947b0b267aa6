"""The layer that keeps to what a provider allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import ceil
from typing import Protocol

import httpx
import structlog

from adapters.transport.calls import seconds_left
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


class Limiter(httpx.AsyncBaseTransport):
    """
    Lets *concurrent* calls through at a time, the others wait in a row for as long as they have,
    and no more in a minute than *rate* allows.

    What is turned away is answered as the provider would: 429, with a Retry-After. Nothing was
    sent then.

    Args:
        concurrent: Of this process: replicas share the provider's figure between them.
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

    async def remaining(self) -> int | None:
        return None if self._rate is None else await self._rate.remaining()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with self._slot(request) as free:
            wait = await self._wait() if free else 1.0
            if wait is None:
                return await self._inner.handle_async_request(request)
        _log.info("turned away", source=self._source, limit="rate" if free else "concurrency")
        headers = {"Retry-After": str(max(1, ceil(wait)))}
        return httpx.Response(429, headers=headers, request=request)

    async def _wait(self) -> float | None:
        return None if self._rate is None else await self._rate.take()

    @asynccontextmanager
    async def _slot(self, request: httpx.Request) -> AsyncIterator[bool]:
        """Whether there was a place in time; it is kept until the end of the block."""
        if self._slots is None:
            yield True
            return
        try:
            async with asyncio.timeout(seconds_left(request)):
                await self._slots.acquire()
        except TimeoutError:
            yield False
            return
        try:
            yield True
        finally:
            self._slots.release()

    async def aclose(self) -> None:
        await self._inner.aclose()
