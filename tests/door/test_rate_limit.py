"""How often one caller may ask."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from time import perf_counter
from uuid import uuid4

import pytest
import structlog
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.limits import RateLimitItemPerSecond
from redis.asyncio import Redis
from starlette.types import ASGIApp, Scope

from app.door.rate_limit import RateLimit
from app.door.rate_windows import BoundedWindows
from app.door.settings import RateLimits
from tests.door.front import Visitor, greeter

REDIS = "127.0.0.1", 6379


def named(scope: Scope) -> str | None:
    headers = dict(scope["headers"])
    return headers[b"x-name"].decode() if b"x-name" in headers else None


def limited(**settings: object) -> ASGIApp:
    given = RateLimits.model_validate({"per_caller": 3, "per_address": 2, **settings})
    return RateLimit(greeter, given, caller_name=named)


async def ask(app: ASGIApp, name: str | None = None, address: str = "192.0.2.1") -> Visitor:
    headers = [(b"x-name", name.encode())] if name else []
    visitor = Visitor(headers=headers, client=(address, 50_000))
    await visitor.visit(app)
    return visitor


async def statuses(app: ASGIApp, times: int, **who: str) -> list[int | None]:
    return [(await ask(app, **who)).status for _ in range(times)]


async def test_a_caller_who_asks_too_often_is_refused() -> None:
    assert await statuses(limited(), 4, name="shop") == [200, 200, 200, 429]


async def test_one_caller_does_not_use_up_what_another_has() -> None:
    app = limited()
    await statuses(app, 4, name="shop")

    assert await statuses(app, 1, name="other") == [200]


async def test_a_caller_is_one_from_every_address() -> None:
    app = limited()
    used = [(await ask(app, "shop", f"192.0.2.{n}")).status for n in range(4)]

    assert used == [200, 200, 200, 429]


async def test_who_is_nobody_known_is_counted_by_address() -> None:
    app = limited()

    assert await statuses(app, 3, address="192.0.2.1") == [200, 200, 429]
    assert await statuses(app, 1, address="192.0.2.2") == [200]


async def test_a_name_is_never_mistaken_for_an_address() -> None:
    app = limited()
    await statuses(app, 3, address="192.0.2.1")

    assert await statuses(app, 1, name="192.0.2.1") == [200]


async def test_a_network_of_64_bits_is_one_ipv6_client() -> None:
    app = limited()
    used = [(await ask(app, address=f"2001:db8:0:1::{n}")).status for n in range(1, 4)]

    assert used == [200, 200, 429]
    assert await statuses(app, 1, address="2001:db8:0:2::1") == [200]


async def test_an_ipv4_client_on_an_ipv6_socket_is_an_ipv4_client() -> None:
    app = limited()
    await statuses(app, 2, address="::ffff:192.0.2.1")

    assert await statuses(app, 1, address="192.0.2.1") == [429]
    assert await statuses(app, 1, address="::ffff:192.0.2.2") == [200]


async def test_a_client_without_address_is_counted_too() -> None:
    app = limited()
    visitors = [Visitor(client=None) for _ in range(3)]
    for visitor in visitors:
        await visitor.visit(app)

    assert [visitor.status for visitor in visitors] == [200, 200, 429]


async def test_a_refusal_tells_how_long_to_wait() -> None:
    app = limited(window_seconds=30)
    await statuses(app, 3, name="shop")

    headers = dict((await ask(app, "shop")).answer[0]["headers"])

    wait = int(headers[b"retry-after"])
    assert 1 <= wait <= 30
    assert headers[b"ratelimit-policy"] == b'"default";q=3;w=30'
    assert headers[b"ratelimit"] == b'"default";r=0;t=%d' % wait


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_020.0

    def __call__(self) -> float:
        return self.now


async def test_the_window_slides() -> None:
    clock = Clock()
    limiter = SlidingWindowCounterRateLimiter(BoundedWindows(most=10, clock=clock))
    limit = RateLimitItemPerSecond(10, 60)
    for _ in range(10):
        assert await limiter.hit(limit, "shop")
    assert not await limiter.hit(limit, "shop")

    clock.now += 60 + 30
    passed = [await limiter.hit(limit, "shop") for _ in range(6)]
    clock.now += 120
    later = [await limiter.hit(limit, "shop") for _ in range(11)]

    assert passed == [True] * 5 + [False]
    assert later == [True] * 10 + [False]


async def test_more_is_never_taken_than_there_is() -> None:
    limiter = SlidingWindowCounterRateLimiter(BoundedWindows(most=10, clock=Clock()))

    assert not await limiter.hit(RateLimitItemPerSecond(3, 60), "shop", cost=4)


async def test_the_caller_not_seen_for_longest_is_forgotten() -> None:
    limiter = SlidingWindowCounterRateLimiter(BoundedWindows(most=2, clock=Clock()))
    limit = RateLimitItemPerSecond(1, 60)

    used = [await limiter.hit(limit, name) for name in ("a", "b", "a", "c", "a", "b")]

    assert used == [True, True, False, True, False, True]


async def test_a_hundred_thousand_addresses_slow_nobody_down() -> None:
    windows = BoundedWindows(most=200_000)
    limiter = SlidingWindowCounterRateLimiter(windows)
    limit = RateLimitItemPerSecond(10, 60)
    for number in range(100_000):
        await windows.acquire_sliding_window_entry(str(number), 10, 60)

    started_at = perf_counter()
    for number in range(100):
        await limiter.hit(limit, str(number))

    assert (perf_counter() - started_at) / 100 < 0.001


@pytest.fixture
async def prefix() -> AsyncIterator[str]:
    """Of caller names that nobody else uses; their counters are gone afterwards."""
    try:
        socket.create_connection(REDIS, timeout=0.2).close()
    except OSError:
        pytest.skip("no Redis answers at 127.0.0.1:6379")
    before: set[bytes] = set()
    async with Redis(host=REDIS[0], port=REDIS[1]) as redis:
        before = {key async for key in redis.scan_iter("creditgraph:rate:*")}
        yield uuid4().hex
        async for key in redis.scan_iter("creditgraph:rate:*"):
            if key not in before:
                await redis.delete(key)


async def closed(app: ASGIApp) -> None:
    """The end of *app*'s life, as a server tells it."""

    async def send(_: object) -> None:
        return None

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.shutdown"}

    await app({"type": "lifespan"}, receive, send)


async def test_replicas_count_together_in_redis(prefix: str) -> None:
    url = "async+redis://{}:{}".format(*REDIS)
    one, other = limited(redis_url=url), limited(redis_url=url)

    used = [(await ask(app, prefix)).status for app in (one, other, one, other)]

    assert used == [200, 200, 200, 429]
    await closed(one)
    await closed(other)


async def test_redis_learns_no_name(prefix: str) -> None:
    app = limited(redis_url="async+redis://{}:{}".format(*REDIS))
    await ask(app, f"{prefix}@example.com")

    async with Redis(host=REDIS[0], port=REDIS[1]) as redis:
        keys = [key async for key in redis.scan_iter("creditgraph:rate:*")]

    assert keys
    assert not any(prefix.encode() in key for key in keys)
    await closed(app)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Connections are accepted there, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize("port", ["silent_port", "closed_port"])
async def test_without_redis_nobody_is_refused_and_nobody_waits(
    port: str, request: pytest.FixtureRequest
) -> None:
    app = limited(redis_url=f"async+redis://127.0.0.1:{request.getfixturevalue(port)}")

    with structlog.testing.capture_logs() as lines:
        started_at = perf_counter()
        used = await statuses(app, 20, name="shop")

    assert used == [200] * 20
    assert perf_counter() - started_at < 0.5
    assert [line["event"] for line in lines] == ["nobody is counted, the storage is away"]
    await closed(app)


async def test_the_log_of_a_lost_redis_has_no_password(closed_port: int) -> None:
    app = limited(redis_url=f"async+redis://user:hunter2@127.0.0.1:{closed_port}")

    with structlog.testing.capture_logs() as lines:
        await ask(app, "shop")

    assert "hunter2" not in str(lines)
    await closed(app)


def test_the_storage_of_the_library_is_what_ours_replaces() -> None:
    """So that a change of its interface is noticed here."""
    ours = {name for name in vars(BoundedWindows) if not name.startswith("_")}
    assert ours <= {name for name in dir(RedisStorage) if not name.startswith("_")}


@pytest.mark.parametrize("url", ["redis://127.0.0.1", "async+redis://", "async+memory://x"])
def test_an_address_that_is_not_redis_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is expected"):
        RateLimits.model_validate({"redis_url": url})
