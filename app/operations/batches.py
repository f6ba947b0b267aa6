"""Things that are asked for by id in the same moment, as one question to their source."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from app.domain.errors import AccountNotFound, ProviderFault
from app.domain.identifiers import SourceKey
from app.domain.provider import Each

K = TypeVar("K", bound=str)
T = TypeVar("T")


@dataclass(slots=True)
class _Batch(Generic[K, T]):
    """
    Attributes:
        waiting: How many callers have not given up.
    """

    task: asyncio.Task[Each[K, T]]
    ids: dict[K, None] = field(default_factory=dict)
    waiting: int = 0


class Batches:
    """
    Of one request.

    A batch takes in whatever is asked for in the same turn of the event loop. Nothing is remembered
    beyond that: asking once for each thing is the callers' part.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[SourceKey, str], _Batch[Any, Any]] = {}

    async def read(
        self,
        source: SourceKey,
        what: str,
        wanted: K,
        *,
        one: Callable[[K], Awaitable[T]],
        many: Callable[[Collection[K]], Awaitable[Each[K, T]]],
    ) -> T:
        """
        *wanted*, read with *many* where others of its kind are wanted too, else with *one*.

        Args:
            what: Kind of thing that the ids are of, as in a refusal.

        Raises:
            AccountNotFound: It is the id of nothing.
            ProviderFault: That of *wanted*; where the whole question fails, of everyone who asked.
        """
        key = (source, what)
        batch: _Batch[K, T] | None = self._open.get(key)
        if batch is None:
            batch = self._open[key] = _Batch(asyncio.create_task(self._ask(key, one, many)))
        batch.ids[wanted] = None
        answer = (await _waited_for(batch)).get(wanted)
        if answer is None:
            raise AccountNotFound(what)
        if isinstance(answer, ProviderFault):
            raise answer
        return answer

    async def _ask(
        self,
        key: tuple[SourceKey, str],
        one: Callable[[K], Awaitable[T]],
        many: Callable[[Collection[K]], Awaitable[Each[K, T]]],
    ) -> Each[K, T]:
        """Begins when everybody who is at it in this turn has said what they want."""
        ids: tuple[K, ...] = tuple(self._open.pop(key).ids)
        return {ids[0]: await one(ids[0])} if len(ids) == 1 else await many(ids)


async def _waited_for(batch: _Batch[K, T]) -> Each[K, T]:
    """
    A caller who is cancelled does not take the answer from the others; the last one does. The task
    has begun by then: it was made before anybody could wait for it.
    """
    batch.waiting += 1
    try:
        return await asyncio.shield(batch.task)
    finally:
        batch.waiting -= 1
        if not batch.waiting:
            batch.task.cancel()
