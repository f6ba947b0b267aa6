"""Where answers are remembered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Protocol

from app.cache.drops import MARGIN
from app.cache.entries import Entry
from app.cache.questions import Question, Tag


class Store(Protocol):
    """No fault of it ever shows: what cannot be had is not there."""

    async def find(self, question: Question[Any]) -> Entry[Any] | None:
        """The last answer, unless something that it tells of was dropped since."""
        ...

    def put(self, question: Question[Any], entry: Entry[Any]) -> None: ...

    async def untouched(
        self, tags: Iterable[Tag], *, since: float, margin: timedelta = MARGIN
    ) -> bool:
        """Whether none of *tags* was dropped since."""
        ...

    async def drop(self, tags: Iterable[Tag]) -> None:
        """Let nothing count any more of what was begun to be read until now."""
        ...

    async def aclose(self) -> None: ...
