"""Which tags were dropped when: a write makes what was read before it worth nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from math import inf
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MARGIN: Final = timedelta(seconds=2)
"""
What was begun to be read so soon after a drop does not count either: clocks of replicas differ, and
a provider may show a write a moment after it has confirmed it.
"""


def counts(began: float, dropped_at: float, *, margin: timedelta = MARGIN) -> bool:
    """Whether what was begun to be read at one moment tells of a write at another."""
    return began >= dropped_at + margin.total_seconds()


class DropLog(Generic[T]):
    """
    Of this process.

    Args:
        kept_seconds: Longer than anything that a drop could be asked about is remembered.
    """

    def __init__(self, *, kept_seconds: float) -> None:
        self._kept_seconds = kept_seconds
        self._at: dict[T, float] = {}
        self._latest = -inf

    def drop(self, tags: Iterable[T], *, at: float) -> None:
        for tag in tags:
            self._at.pop(tag, None)  # so that the oldest stand first
            self._at[tag] = at
        self._latest = max(self._latest, at)
        for tag in [*self._at]:
            if self._at[tag] > at - self._kept_seconds:
                break
            del self._at[tag]

    def untouched(self, tags: Iterable[T], *, since: float, margin: timedelta = MARGIN) -> bool:
        """Whether what was begun to be read then still counts."""
        if counts(since, self._latest, margin=margin):
            return True
        return all(counts(since, self._at.get(tag, -inf), margin=margin) for tag in tags)
