"""The layer that asks once more."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final

import httpx
import structlog

from adapters.transport.calls import ANSWER_BEGAN, CallClass, class_of, seconds_left
from adapters.transport.faults import retry_after_seconds
from app.domain.identifiers import SourceKey

_log = structlog.get_logger("creditgraph.retry")

LONGEST_PAUSE_SECONDS: Final = 0.1
READS_PER_RETRY: Final = 5
"""One read in five may be repeated: when everything fails, the load grows by a fifth at most."""

MOST_SAVED: Final = 50

_NOT_ANSWERED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ReadError,
    httpx.WriteError,
)


class Budget:
    """What reads have saved up for repeats; it begins full, so that the first may be repeated."""

    def __init__(self) -> None:
        self._saved = MOST_SAVED

    def earn(self) -> None:
        self._saved = min(self._saved + 1, MOST_SAVED)

    def spend(self) -> bool:
        """Whether there was enough for a repeat, which is then paid."""
        if self._saved < READS_PER_RETRY:
            return False
        self._saved -= READS_PER_RETRY
        return True


class Retry(httpx.AsyncBaseTransport):
    """
    Repeats a read once, after a random pause, when it was not answered or the answer was that it
    cannot be now, the time allows it, and not too many others were repeated.

    A 429 is repeated only when it says when, and that is in time. Retry libraries repeat functions
    by the exceptions they raise; here an answer decides as well, and the budget, and when the
    exchange is due.

    Args:
        draw: A number from 0 to 1.

    Attributes:
        repeats: How many were asked once more.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        source: SourceKey,
        draw: Callable[[], float] = random.random,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inner = inner
        self._source = source
        self._draw = draw
        self._pause = pause
        self._budget = Budget()
        self.repeats = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if class_of(request) is not CallClass.READ:
            return await self._inner.handle_async_request(request)
        self._budget.earn()
        request.extensions.pop(ANSWER_BEGAN, None)
        try:
            response = await self._inner.handle_async_request(request)
        except _NOT_ANSWERED as exc:
            if ANSWER_BEGAN in request.extensions or not self._may_repeat(request, wait=0):
                raise
            wait, why = 0.0, type(exc).__name__
        else:
            needed = _wait_after(response)
            if needed is None or not self._may_repeat(request, wait=needed):
                return response
            await response.aclose()
            wait, why = needed, str(response.status_code)
        self.repeats += 1
        _log.debug("asked once more", source=self._source, why=why)
        await self._pause(wait + self._draw() * LONGEST_PAUSE_SECONDS)
        return await self._inner.handle_async_request(request)

    def _may_repeat(self, request: httpx.Request, *, wait: float) -> bool:
        left = seconds_left(request)
        in_time = left is None or wait + LONGEST_PAUSE_SECONDS < left
        return in_time and self._budget.spend()

    async def aclose(self) -> None:
        await self._inner.aclose()


def _wait_after(response: httpx.Response) -> float | None:
    """Seconds after which a repeat may be answered otherwise; None when it will not."""
    if response.status_code not in (429, 502, 503, 504):
        return None
    told = retry_after_seconds(response.headers)
    if response.status_code == 429:
        return None if told is None else float(told)
    return float(told or 0)
