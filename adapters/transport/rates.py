"""Calls a minute, counted in this process or by all replicas together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeVar

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from app.domain.identifiers import SourceKey

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

T = TypeVar("T")

_LOOK_AGAIN_AFTER_SECONDS: Final = 1.0

_log = structlog.get_logger("creditgraph.rates")


class CallsPerMinute:
    """
    A sliding minute over *shared*, where all replicas count; while that is away, over *own*.

    Args:
        patience_seconds: The longest that *shared* is waited for.
    """

    def __init__(
        self,
        most: int,
        *,
        source: SourceKey,
        own: Storage,
        shared: Storage | None = None,
        patience_seconds: float = 0.1,
    ) -> None:
        self._limit = RateLimitItemPerMinute(most)
        self._source = source
        self._own = SlidingWindowCounterRateLimiter(own)
        self._shared = None if shared is None else SlidingWindowCounterRateLimiter(shared)
        self._patience_seconds = patience_seconds
        self._away_until = 0.0

    async def take(self) -> float | None:
        return await self._asked(self._taken_of)

    async def remaining(self) -> int | None:
        return await self._asked(self._remaining_of)

    async def _taken_of(self, counter: SlidingWindowCounterRateLimiter) -> float | None:
        if await counter.hit(self._limit, self._source):
            return None
        stats = await counter.get_window_stats(self._limit, self._source)
        return max(0.0, stats.reset_time - time.time())

    async def _remaining_of(self, counter: SlidingWindowCounterRateLimiter) -> int:
        return (await counter.get_window_stats(self._limit, self._source)).remaining

    async def _asked(
        self, question: Callable[[SlidingWindowCounterRateLimiter], Awaitable[T]]
    ) -> T:
        now = time.monotonic()
        if self._shared is None or now < self._away_until:
            return await question(self._own)
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await question(self._shared)
        except (TimeoutError, OSError, StorageError) as exc:
            self._go_apart(cause=type(exc).__name__)
        return await question(self._own)

    def _go_apart(self, *, cause: str) -> None:
        """Told once, however many were waiting."""
        now = time.monotonic()
        if now >= self._away_until:
            self._away_until = now + _LOOK_AGAIN_AFTER_SECONDS
            _log.warning("replicas count apart", source=self._source, cause=cause)


@asynccontextmanager
async def open_pool(
    url: str | None, *, patience_seconds: float
) -> AsyncIterator[ConnectionPool | None]:
    """
    Connections to where all replicas count, until the end of the block; None without an *url*.

    Args:
        url: `redis://` or `rediss://`, with `async+` before it or without.
    """
    if url is None:
        yield None
        return
    from redis.asyncio import ConnectionPool  # half a second of start-up, for those who have one

    pool = ConnectionPool.from_url(
        url.removeprefix("async+"),
        socket_timeout=patience_seconds,
        socket_connect_timeout=patience_seconds,
    )
    try:
        yield pool
    finally:
        await pool.aclose()


def counts_in(pool: ConnectionPool) -> Storage:
    """Where all replicas count their calls a minute."""
    return RedisStorage(
        "async+redis://",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="creditgraph:provider-rate",
        connection_pool=pool,  # type: ignore[arg-type]  # declared for plain options only
    )
