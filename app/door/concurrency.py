"""How much is done at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from app.door.refusal import Refusal
from app.door.settings import ConcurrencyLimits

OVERLOADED: Final = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "OVERLOADED",
    "Too much is asked at once; try again.",
    {"Retry-After": "1"},
)


class _NoPlace(Exception):
    pass


class ConcurrencyLimit:
    """
    Lets so many requests run and a few more wait, in order, for so long.

    A request that is cancelled gives its place back, waiting or running.
    """

    def __init__(self, app: ASGIApp, limits: ConcurrencyLimits) -> None:
        self.app = app
        self.limits = limits
        self._places = asyncio.Semaphore(limits.running)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            await self._enter()
        except _NoPlace:
            await OVERLOADED(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self._places.release()

    async def _enter(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        async with self._queue():
            await self._places.acquire()

    @asynccontextmanager
    async def _queue(self) -> AsyncIterator[None]:
        if self._waiting >= self.limits.waiting:
            raise _NoPlace
        self._waiting += 1
        try:
            async with asyncio.timeout(self.limits.wait_at_most_seconds):
                yield
        except TimeoutError:
            raise _NoPlace from None
        finally:
            self._waiting -= 1
