"""Lists whose items are read one by one, so that a broken one does not take the others with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from app.domain.errors import ProviderContractBroken
from app.domain.paging import Page, Window

T = TypeVar("T")


def read_each(
    parts: Iterable[object], read: Callable[[object], T]
) -> tuple[tuple[T, ...], tuple[ProviderContractBroken, ...]]:
    """What *read* makes of each part, and the faults of those it could not read."""
    items: list[T] = []
    faults: list[ProviderContractBroken] = []
    for part in parts:
        try:
            items.append(read(part))
        except ProviderContractBroken as fault:
            faults.append(fault)
    return tuple(items), tuple(faults)


def page_of(
    window: Window,
    parts: list[object],
    read: Callable[[object], T],
    *,
    total: int | None = None,
) -> Page[T]:
    """
    The page that *parts*, the provider's answer to *window*, make.

    Args:
        total: Size of the whole list where the provider says it; without it a full window means
            that there may be more.
    """
    items, faults = read_each(parts, read)
    end = window.offset + len(parts)
    more = bool(parts) and (end < total if total is not None else len(parts) >= window.limit)
    return Page(items=items, next_offset=end if more else None, total=total, faults=faults)
