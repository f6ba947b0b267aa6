"""Several reads at once, within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Final, Generic, NamedTuple, TypeVar

from app.domain.errors import ProviderFault

A = TypeVar("A")
B = TypeVar("B")

AT_ONCE: Final = 8


class Outcomes(NamedTuple, Generic[B]):
    results: tuple[B, ...]
    faults: tuple[ProviderFault, ...]


async def read_all(read: Callable[[A], Awaitable[B]], of: Iterable[A]) -> Outcomes[B]:
    """
    What *read* answers for each, in order, and the faults of those that failed.

    Raises:
        ProviderFault: All of them failed; the first one's.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def outcome(wanted: A) -> B | ProviderFault:
        async with turns:
            try:
                return await read(wanted)
            except ProviderFault as fault:
                return fault

    outcomes = await asyncio.gather(*map(outcome, of))
    faults = tuple(each for each in outcomes if isinstance(each, ProviderFault))
    if faults and len(faults) == len(outcomes):
        raise faults[0]
    return Outcomes(tuple(each for each in outcomes if not isinstance(each, ProviderFault)), faults)


async def both(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """Both answers; when one fails the other is given up."""
    tasks = asyncio.create_task(first), asyncio.create_task(second)
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
