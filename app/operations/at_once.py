"""Several things done at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


async def at_once(works: Sequence[Coroutine[Any, Any, T]]) -> Sequence[T]:
    """
    As `asyncio.gather`; one by itself needs no task of its own, nor does nothing at all. Lists of
    one thing are the usual case, a hundred times in a request.
    """
    if len(works) == 1:
        return [await works[0]]
    return await asyncio.gather(*works) if works else ()
