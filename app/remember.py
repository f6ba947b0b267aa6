"""What is remembered of sources, opened from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from adapters.transport.settings import SourceSettings
from app.at_rest.canonical import canonical
from app.at_rest.sealing import KeyedHash
from app.cache.front import Lifetimes, SharedReads
from app.cache.memory import MemoryStore
from app.cache.store import Store
from app.domain.clock import Clock, utc_now
from app.domain.identifiers import SourceKey
from app.settings import Settings, Source

if TYPE_CHECKING:
    from app.cache.shared import RedisStore

_TELLS_APART: Final = frozenset({"key", "provider", "base_url", "default_currency"})
"""Of what all sources have: the rest is how they are asked, which changes no answer."""


@asynccontextmanager
async def open_shared_reads(settings: Settings, clock: Clock) -> AsyncIterator[SharedReads]:
    """Until the end of the block."""
    cache = settings.cache
    shared = SharedReads(
        _store(settings, clock),
        Lifetimes(
            balance=timedelta(seconds=cache.fresh_seconds),
            configuration=timedelta(seconds=cache.configuration_seconds),
            kept=timedelta(seconds=cache.keep_seconds),
            wait=timedelta(seconds=cache.wait_seconds),
        ),
        clock=clock,
    )
    try:
        yield shared
    finally:
        await shared.aclose()


async def cache_answers(settings: Settings) -> bool:
    """Whether there is a place to remember things, now."""
    if settings.cache.redis_url is None:
        return True
    store = _redis_store(settings, settings.cache.redis_url, utc_now)
    try:
        return await store.is_there()
    finally:
        await store.aclose()


def _store(settings: Settings, clock: Clock) -> Store:
    cache = settings.cache
    if cache.redis_url is not None:
        return _redis_store(settings, cache.redis_url, clock)
    return MemoryStore(most=cache.most_entries, kept_seconds=cache.keep_seconds, clock=clock)


def _redis_store(settings: Settings, url: SecretStr, clock: Clock) -> RedisStore:
    from app.cache.shared import RedisStore  # brings Redis with it, for those who have one

    secret = settings.id_secret.get_secret_value()
    return RedisStore(
        url.get_secret_value(),
        secret=secret,
        identities=identities(settings.sources, secret),
        kept_seconds=settings.cache.keep_seconds,
        patience_seconds=settings.cache.timeout_seconds,
        clock=clock,
    )


def identities(sources: Sequence[Source], secret: str) -> Mapping[SourceKey, str]:
    """
    For each source what is another text as soon as it is asked at another place, with other
    credentials or in another way.
    """
    hashed = KeyedHash(secret, "cache identities")
    return {SourceKey(one.key): hashed(canonical(_revealed(_own(one)))) for one in sources}


def _own(source: Source) -> dict[str, object]:
    shared = SourceSettings.model_fields.keys() - _TELLS_APART
    return {name: value for name, value in source.model_dump().items() if name not in shared}


def _revealed(value: object) -> object:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case dict():
            return {str(name): _revealed(member) for name, member in value.items()}
        case list() | tuple():
            return [_revealed(member) for member in value]
        case _:
            return value
