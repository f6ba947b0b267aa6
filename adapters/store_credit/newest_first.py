"""Reading a list back to where it was before a call, to find what came of the call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar

from adapters.store_credit import wire
from app.domain.paging import Page, Window

Row = TypeVar("Row", bound=wire.Dated)

_NEWEST: Final = Window(limit=100)
_CLOCKS_AGREE_WITHIN: Final = timedelta(minutes=5)
"""Ids sort by the clock of the server that made them, and a store may run several. Assumed."""


async def since(
    newest_before: str | None, read: Callable[[Window], Awaitable[Page[Row]]]
) -> Page[Row]:
    """
    All rows from the newest one to some that are older than *newest_before*; without it, all there
    are. What is added meanwhile shifts older rows into view, not out of it.
    """
    page = await read(_NEWEST)
    while page.next_offset is not None and not _go_back_past(newest_before, page.items):
        older = await read(replace(_NEWEST, offset=page.next_offset))
        page = replace(
            older, items=(*page.items, *older.items), faults=(*page.faults, *older.faults)
        )
    return page


def _go_back_past(newest_before: str | None, rows: Sequence[wire.Dated]) -> bool:
    before = next((row.created_at for row in rows if row.id == newest_before), None)
    return before is not None and rows[-1].created_at < before - _CLOCKS_AGREE_WITHIN
