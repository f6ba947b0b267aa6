"""How often one caller may ask."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from hashlib import blake2b
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import TYPE_CHECKING, Final

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from limits.util import WindowStats
from starlette.types import ASGIApp, Receive, Scope, Send

from app.door.access_log import CallerName
from app.door.rate_windows import BoundedWindows
from app.door.refusal import Refusal
from app.door.settings import RateLimits

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

RATE_LIMITED: Final = Refusal(
    HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMITED", "You ask too often; try again later."
)

_LOOK_AGAIN_AFTER_SECONDS: Final = 1.0

_log = structlog.get_logger("creditgraph.rate_limit")


class RateLimit:
    """
    Refuses a caller, or an address of nobody known, who has asked too often.

    When the shared storage is away nobody is refused: it is waited for briefly, then left alone
    for a second, and a log line says so.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: RateLimits,
        *,
        caller_name: CallerName,
        storage: Storage | None = None,
    ) -> None:
        self.app = app
        self._caller_name = caller_name
        self._per_caller = RateLimitItemPerSecond(settings.per_caller, settings.window_seconds)
        self._per_address = RateLimitItemPerSecond(settings.per_address, settings.window_seconds)
        self._timeout = settings.redis_timeout_seconds
        self._pool = _pool(settings)
        storage = storage or _storage(settings, self._pool)
        self._is_never_away = isinstance(storage, BoundedWindows)
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._away_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._pass(scope, receive, send)
            return
        name = self._caller_name(scope)
        limit = self._per_address if name is None else self._per_caller
        key = _key("address", _address(scope)) if name is None else _key("caller", name)
        stats = await self._exceeded(limit, key)
        if stats is None:
            await self.app(scope, receive, send)
        else:
            await _refusal(limit, stats).while_sending(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            if self._pool and scope["type"] == "lifespan":
                await self._pool.aclose()

    async def _exceeded(self, limit: RateLimitItem, key: str) -> WindowStats | None:
        """The caller's window when it is full."""
        if self._is_never_away:
            return await self._hit(limit, key)
        now = time.monotonic()
        if now < self._away_until:
            return None
        try:
            async with asyncio.timeout(self._timeout):
                return await self._hit(limit, key)
        except (TimeoutError, OSError, StorageError) as exc:
            self._away_until = now + _LOOK_AGAIN_AFTER_SECONDS
            _log.warning("nobody is counted, the storage is away", cause=type(exc).__name__)
            return None

    async def _hit(self, limit: RateLimitItem, key: str) -> WindowStats | None:
        if await self._limiter.hit(limit, key):
            return None
        return await self._limiter.get_window_stats(limit, key)


def _pool(settings: RateLimits) -> ConnectionPool | None:
    """Importing Redis takes half a second of start-up, so who has none does not pay for it."""
    if settings.redis_url is None:
        return None
    from redis.asyncio import ConnectionPool

    return ConnectionPool.from_url(
        settings.redis_url.get_secret_value().removeprefix("async+"),
        socket_timeout=settings.redis_timeout_seconds,
        socket_connect_timeout=settings.redis_timeout_seconds,
    )


def _storage(settings: RateLimits, pool: ConnectionPool | None) -> Storage:
    if pool is None:
        return BoundedWindows(most=settings.most_windows)
    return RedisStorage(
        "async+redis://",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="creditgraph:rate",
        connection_pool=pool,  # type: ignore[arg-type]  # declared for plain options only
    )


def _key(kind: str, name: str) -> str:
    """Without the name itself: whoever reads the storage learns nothing about callers."""
    return f"{kind}:{blake2b(name.encode(), digest_size=16).hexdigest()}"


def _address(scope: Scope) -> str:
    """An IPv6 client has a whole network of 64 bits to choose its address from."""
    host = scope["client"][0] if scope.get("client") else "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False))
    return str(address)


def _refusal(limit: RateLimitItem, stats: WindowStats) -> Refusal:
    wait = max(1, ceil(stats.reset_time - time.time()))
    return replace(
        RATE_LIMITED,
        headers={
            "Retry-After": str(wait),
            "RateLimit-Policy": f'"default";q={limit.amount};w={limit.get_expiry()}',
            "RateLimit": f'"default";r={stats.remaining};t={wait}',
        },
    )
