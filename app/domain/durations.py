"""How long things took, counted in classes: small, however many there were."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, from a cached answer to the end of anybody's patience."""


class Durations:
    """
    Since the process began. Counted here and not by a metrics library, as each call to a provider
    passes: this costs a third of a microsecond, theirs four times as much.

    Attributes:
        total_seconds: All of them together.
    """

    __slots__ = ("_counts", "total_seconds")

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.total_seconds = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.total_seconds += seconds

    def at_most(self) -> Iterator[tuple[float, int]]:
        """How many took no longer than each bound, the last of which is infinite."""
        return zip((*BOUNDS, float("inf")), accumulate(self._counts), strict=True)
