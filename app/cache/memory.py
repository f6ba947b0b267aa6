"""Remembered in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from datetime import timedelta
from typing import Any

from aiocache import SimpleMemoryCache  # type: ignore[import-untyped]  # it declares no types

from app.cache.drops import MARGIN, DropLog
from app.cache.entries import Entry
from app.cache.questions import Question, Tag
from app.domain.clock import Clock


class BoundedMemoryCache(SimpleMemoryCache):  # type: ignore[misc]  # nor has it any
    """
    aiocache's own has no bound; this one lets go of what was not asked for longest.

    Args:
        most: Entries at a time.
    """

    def __init__(self, *, most: int) -> None:
        super().__init__(timeout=None)
        self._most = most
        self._cache: OrderedDict[Hashable, Any] = OrderedDict()

    def recall(self, key: Hashable) -> Any:
        """As `get`, which goes through five coroutines and takes twenty times as long."""
        value = self._cache.get(key)
        if value is not None:
            self._cache.move_to_end(key)
        return value

    def keep(self, key: Hashable, value: object) -> None:
        """As `set`."""
        self._cache[key] = value
        self._cache.move_to_end(key)
        if len(self._cache) > self._most:
            self._cache.popitem(last=False)


class MemoryStore:
    """
    Holds the values themselves: they are frozen.

    Args:
        kept_seconds: What is older is of no use to anybody.
    """

    def __init__(self, *, most: int, kept_seconds: float, clock: Clock) -> None:
        self._cache = BoundedMemoryCache(most=most)
        self._drops: DropLog[Tag] = DropLog(kept_seconds=kept_seconds)
        self._clock = clock

    async def find(self, question: Question[Any]) -> Entry[Any] | None:
        entry: Entry[Any] | None = self._cache.recall(question.key)
        if entry is None or not self._drops.untouched(entry.tags, since=entry.began):
            return None
        return entry

    def put(self, question: Question[Any], entry: Entry[Any]) -> None:
        self._cache.keep(question.key, entry)

    async def untouched(
        self, tags: Iterable[Tag], *, since: float, margin: timedelta = MARGIN
    ) -> bool:
        return self._drops.untouched(tags, since=since, margin=margin)

    async def drop(self, tags: Iterable[Tag]) -> None:
        self._drops.drop(tags, at=self._clock().timestamp())

    async def aclose(self) -> None:
        await self._cache.clear()
