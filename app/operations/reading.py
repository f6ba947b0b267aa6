"""Reads of one request: each fact once, not too many at a time, none for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from datetime import timedelta
from typing import Any, TypeVar

from app.domain.errors import DeadlineExceeded
from app.domain.identifiers import SourceKey
from app.domain.paging import Window
from app.domain.provider import Provider

T = TypeVar("T")
P = TypeVar("P", bound=Provider)


class Deadline:
    """A moment by which an answer is given with what is there."""

    def __init__(self, period: timedelta) -> None:
        self._at = asyncio.get_running_loop().time() + period.total_seconds()

    async def within(self, source: SourceKey, work: Awaitable[T]) -> T:
        """
        The result of *work* on a source.

        Raises:
            DeadlineExceeded: It was not there in time; the work is cancelled.
        """
        try:
            async with asyncio.timeout_at(self._at):
                return await work
        except TimeoutError as exc:
            raise DeadlineExceeded(source) from exc


class Reads:
    """
    What one request has asked so far.

    Args:
        parallel: Most reads of one source at a time.
    """

    def __init__(self, *, parallel: int) -> None:
        self._parallel = parallel
        self._asked: dict[Hashable, asyncio.Task[Any]] = {}
        self._forgotten: list[asyncio.Task[Any]] = []
        self._gates: dict[SourceKey, asyncio.Semaphore] = {}

    async def once(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """
        The answer to the question *key* stands for, asked at most once. A caller that is
        cancelled does not take the answer from the others.
        """
        task: asyncio.Task[T] | None = self._asked.get(key)
        if task is None:
            task = asyncio.create_task(ask())
            self._asked[key] = task
        return await asyncio.shield(task)

    def by_window(
        self, key: Hashable, read: Callable[[Window], Coroutine[Any, Any, T]]
    ) -> Callable[[Window], Awaitable[T]]:
        """*read*, the list that *key* stands for, with each window asked for at most once."""
        return lambda window: self.once((key, window), lambda: read(window))

    async def gated(self, source: SourceKey, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask when fewer than the allowed number of reads of *source* are under way."""
        gate = self._gates.setdefault(source, asyncio.Semaphore(self._parallel))
        async with gate:
            return await ask()

    def forget(self) -> None:
        """After something was changed: what was asked before is asked again."""
        self._forgotten.extend(self._asked.values())
        self._asked.clear()

    async def close(self) -> None:
        """Drop what nobody waits for any more."""
        left = [*self._asked.values(), *self._forgotten]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
