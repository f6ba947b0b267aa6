"""The leases of all replicas, in Redis."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from adapters.transport.leases import BookAway
from app.domain.identifiers import SourceKey

_EXCHANGE: Final = """
local most, ended = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for i = 3, 2 + ended do
  redis.call('ZREM', KEYS[1], ARGV[i])
end
local room = most - redis.call('ZCARD', KEYS[1])
local given = 0
for i = 3 + ended, #ARGV, 2 do
  if given >= room then
    break
  end
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[i + 1]), ARGV[i])
  given = given + 1
end
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if last[2] then
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last[2]))
end
return given
"""
"""
A sorted set of names by their end, in milliseconds as Redis counts: the clocks of replicas differ.
"""


class RedisLeaseBook:
    """
    Args:
        most: How many leases there are.
    """

    def __init__(self, pool: ConnectionPool, *, source: SourceKey, most: int) -> None:
        self._exchange = Redis(connection_pool=pool).register_script(_EXCHANGE)
        self._key = f"creditgraph:provider-leases:{source}"
        self._most = most

    async def exchange(self, ended: Collection[str], wanted: Sequence[tuple[str, float]]) -> int:
        parts = (part for name, seconds in wanted for part in (name, round(seconds * 1000)))
        try:
            given = await self._exchange(
                keys=[self._key], args=[self._most, len(ended), *ended, *parts]
            )
        except (RedisError, OSError) as exc:
            raise BookAway from exc
        return int(given)
