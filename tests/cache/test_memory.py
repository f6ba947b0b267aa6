"""The bound on what a process remembers."""

from __future__ import annotations

from app.cache.memory import BoundedMemoryCache


def test_what_was_not_asked_for_longest_goes_first() -> None:
    cache = BoundedMemoryCache(most=2)
    cache.keep("one", 1)
    cache.keep("two", 2)
    assert cache.recall("one") == 1
    cache.keep("three", 3)
    assert [cache.recall(key) for key in ("one", "two", "three")] == [1, None, 3]


def test_what_is_kept_again_is_not_counted_twice() -> None:
    cache = BoundedMemoryCache(most=2)
    cache.keep("one", 1)
    cache.keep("two", 2)
    cache.keep("one", 11)
    cache.keep("three", 3)
    assert [cache.recall(key) for key in ("one", "two", "three")] == [11, None, 3]


async def test_aiocache_sees_the_same() -> None:
    cache = BoundedMemoryCache(most=2)
    cache.keep("one", 1)
    assert await cache.get("one") == 1
