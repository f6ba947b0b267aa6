"""Remembered by all replicas together, in Redis: sealed, and found by keyed hashes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple, TypeVar

import structlog
from aiocache import RedisCache  # type: ignore[import-untyped]  # it declares no types
from aiocache.serializers import StringSerializer  # type: ignore[import-untyped]  # the same
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from app.at_rest.canonical import canonical
from app.at_rest.codec import Codec, Unreadable
from app.at_rest.sealing import KeyedHash, Seal, SealBroken
from app.cache.drops import MARGIN, DropLog, counts
from app.cache.entries import Entry
from app.cache.questions import Question, Tag
from app.domain.clock import Clock
from app.domain.identifiers import SourceKey

T = TypeVar("T")

_LOOK_AGAIN_AFTER_SECONDS: Final = 1.0
_MOST_ON_THE_WAY: Final = 1000
"""Entries that wait for Redis; more are not kept."""

_FORM: Final = "1"
"""Of what is written; another one is not read."""

_DIGEST: Final = "digest"
"""A tag that came from Redis is the hash of one: nobody needs to know more."""

_log = structlog.get_logger("creditgraph.cache")


class _Packed(NamedTuple):
    """An entry as it is sealed; *value* is text of the codec's."""

    began: float
    share: float
    tags: list[str]
    value: str


class _Redis(RedisCache):  # type: ignore[misc]  # aiocache declares no types
    """
    aiocache's, on a pool of its own: what aiocache makes of an address has no user and no TLS.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        super().__init__(StringSerializer(), connection_pool_class=lambda **_: pool, timeout=None)

    async def _set(
        self,
        key: str,
        value: str,
        ttl: float | None = None,
        _cas_token: object = None,
        _conn: object = None,
    ) -> Any:
        """aiocache uses a command that is deprecated."""
        return await self.client.set(key, value, px=None if ttl is None else int(ttl * 1000))


class RedisStore:
    """
    While Redis is away, nothing is remembered, and what is dropped is told to it later.

    Args:
        secret: The seal and the hashes are made of it.
        identities: For each source, a text that is another one for another address or other
            credentials; nothing is shared across it.
        patience_seconds: The longest that Redis is waited for.
    """

    def __init__(
        self,
        url: str,
        *,
        secret: str,
        identities: Mapping[SourceKey, str],
        kept_seconds: float,
        patience_seconds: float,
        clock: Clock,
    ) -> None:
        self._pool = ConnectionPool.from_url(
            url, socket_timeout=patience_seconds, socket_connect_timeout=patience_seconds
        )
        self._cache = _Redis(self._pool)
        self._seal = Seal(secret, "cache contents")
        self._key_hash = KeyedHash(secret, "cache keys")
        self._tag_hash = KeyedHash(secret, "cache tags")
        self._codec = Codec()
        self._identities = identities
        self._kept_seconds = kept_seconds
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._own: DropLog[str] = DropLog(kept_seconds=kept_seconds)
        self._untold: dict[str, float] = {}
        self._on_the_way: set[asyncio.Task[None]] = set()
        self._away_until = 0.0

    async def find(self, question: Question[Any]) -> Entry[Any] | None:
        return await self._asked(lambda: self._find(question), otherwise=None)

    def put(self, question: Question[Any], entry: Entry[Any]) -> None:
        """In the background: nobody waits for it."""
        if self._is_away or len(self._on_the_way) >= _MOST_ON_THE_WAY:
            return
        task = asyncio.create_task(self._asked(lambda: self._put(question, entry), otherwise=None))
        self._on_the_way.add(task)
        task.add_done_callback(self._on_the_way.discard)

    async def untouched(
        self, tags: Iterable[Tag], *, since: float, margin: timedelta = MARGIN
    ) -> bool:
        digests = [*map(self._digest, tags)]
        return self._own.untouched(digests, since=since, margin=margin) and await self._asked(
            lambda: self._not_dropped(digests, since, margin), otherwise=True
        )

    async def drop(self, tags: Iterable[Tag]) -> None:
        at = self._clock().timestamp()
        digests = [*map(self._digest, tags)]
        self._own.drop(digests, at=at)
        self._untold.update(dict.fromkeys(digests, at))
        await self._asked(self._tell, otherwise=None)

    async def is_there(self) -> bool:
        async def ask() -> bool:
            await self._cache.exists("creditgraph:cache")
            return True

        return await self._asked(ask, otherwise=False)

    async def aclose(self) -> None:
        await asyncio.gather(*self._on_the_way)
        await self._pool.aclose()

    @property
    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    async def _asked(self, ask: Callable[[], Awaitable[T]], *, otherwise: T) -> T:
        """What Redis says, or *otherwise* when it does not, or not in time."""
        if self._is_away:
            return otherwise
        try:
            async with asyncio.timeout(self._patience_seconds):
                if self._untold:
                    await self._tell()
                return await ask()
        except (TimeoutError, OSError, RedisError) as exc:
            if not self._is_away:
                self._away_until = time.monotonic() + _LOOK_AGAIN_AFTER_SECONDS
                _log.warning("the cache is away", cause=type(exc).__name__)
        return otherwise

    async def _find(self, question: Question[Any]) -> Entry[Any] | None:
        key = self._key(question)
        try:
            text: str | None = await self._cache.get(key)
            if text is None:
                return None
            packed = _Packed(*json.loads(self._seal.open(text, key)))
            value = self._codec.decode(packed.value, question.fact.form)
        except (SealBroken, Unreadable, TypeError, ValueError):
            return None
        if not await self._counts(packed):
            return None
        tags = tuple((_DIGEST, digest) for digest in packed.tags)
        return Entry(value, began=packed.began, share=packed.share, tags=tags)

    async def _put(self, question: Question[Any], entry: Entry[Any]) -> None:
        key = self._key(question)
        packed = _Packed(
            began=entry.began,
            share=entry.share,
            tags=[*map(self._digest, entry.tags)],
            value=self._codec.encode(entry.value, question.fact.form),
        )
        await self._cache.set(key, self._seal.seal(json.dumps(packed), key), self._kept_seconds)

    async def _counts(self, packed: _Packed) -> bool:
        return self._own.untouched(packed.tags, since=packed.began) and await self._not_dropped(
            packed.tags, packed.began, MARGIN
        )

    async def _not_dropped(self, digests: list[str], since: float, margin: timedelta) -> bool:
        """By any replica."""
        dropped: list[str | None] = await self._cache.multi_get([*map(_place_of_drop, digests)])
        return all(at is None or counts(since, float(at), margin=margin) for at in dropped)

    async def _tell(self) -> None:
        """Of what was dropped here, also while Redis was away."""
        oldest = self._clock().timestamp() - self._kept_seconds
        untold = {digest: at for digest, at in self._untold.items() if at > oldest}
        places = [(_place_of_drop(digest), str(at)) for digest, at in untold.items()]
        if places:
            ttl = self._kept_seconds + 2 * MARGIN.total_seconds()
            await self._cache.multi_set(places, ttl)
        self._untold = {
            digest: at for digest, at in self._untold.items() if at > untold.get(digest, oldest)
        }

    def _key(self, question: Question[Any]) -> str:
        identity = self._identities[question.source]
        parts = (_FORM, identity, question.fact.name, canonical(question.about))
        return f"creditgraph:cache:{self._key_hash(*parts)}"

    def _digest(self, tag: Tag) -> str:
        if tag[0] == _DIGEST:
            return tag[1]
        what, source, *names = tag
        return self._tag_hash(self._identities[SourceKey(source)], what, *names)


def _place_of_drop(digest: str) -> str:
    return f"creditgraph:dropped:{digest}"
