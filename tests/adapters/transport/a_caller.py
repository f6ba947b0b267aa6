"""
A replica in a process of its own that calls as much as it may, when all are there. Arguments: where
Redis is, how many replicas there are, how many calls may be under way, and how many calls to make.
It says how many it saw under way at most.
"""

from __future__ import annotations

import asyncio
import sys

import httpx
from redis.asyncio import Redis

from adapters.transport.lease_book import RedisLeaseBook
from adapters.transport.leases import Leased, Leases
from adapters.transport.limiter import Limiter
from adapters.transport.rates import open_pool
from tests.adapters.transport.stand_ins import SOURCE, request


class Counted(httpx.AsyncBaseTransport):
    """Counts, for all processes together, what is under way."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.most = max(self.most, await self._redis.incr("under-way"))
        await self._redis.ping()
        await self._redis.decr("under-way")
        return httpx.Response(200, request=request)


async def all_here(redis: Redis, replicas: int) -> None:
    await redis.incr("here")
    while int(await redis.get("here") or 0) < replicas:
        pass


async def main(url: str, replicas: int, most: int, calls: int) -> None:
    async with open_pool(url, patience_seconds=30) as pool:
        assert pool is not None
        redis = Redis(connection_pool=pool)
        counted = Counted(redis)
        book = RedisLeaseBook(pool, source=SOURCE, most=most)
        leased = Leased(counted, Leases(book, source=SOURCE, patience_seconds=30))
        limiter = Limiter(leased, source=SOURCE, concurrent=most)
        await all_here(redis, replicas)
        answers = await asyncio.gather(
            *(limiter.handle_async_request(request(left=60)) for _ in range(calls))
        )
        await limiter.aclose()
    assert [answer.status_code for answer in answers] == [200] * calls
    sys.stdout.write(f"{counted.most}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
