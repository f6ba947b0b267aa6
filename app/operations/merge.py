"""
One list out of many sources, page by page.

Each stream keeps its own position, so that a source that was away for one page is not skipped in
the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Generic, NamedTuple, TypeVar

from app.domain.errors import AccountNotFound, ProviderContractBroken, ProviderFault
from app.domain.identifiers import SourceKey
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.paging import Page, Window
from app.domain.source_problem import SourceProblem, distinct
from app.operations.at_once import at_once
from app.operations.reading import Deadline

T = TypeVar("T")

MOST_WINDOWS: Final = 20
"""Windows read of one stream for one page. A filter that lets little through gives a short page."""

LARGEST_WINDOW: Final = 100


class Position(NamedTuple):
    """
    Where a stream goes on: the window at *offset*, less its first *skip* items.

    An offset of None is the end.
    """

    offset: int | None = 0
    skip: int = 0


Reader = Callable[[Window], Awaitable[Page[T]]]
"""A source's list, window by window."""

Positions = Mapping[str, Position]
"""By stream key; a stream that is not named starts at its beginning."""

START: Final = Position()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream(Generic[T]):
    """
    One source's part of a merged list.

    Attributes:
        key: Its name in positions, the same in every request.
        affects: What is missing from the list when it fails.
        read: The provider's list, window by window.
        matches: Keeps only these items, after reading.
    """

    key: str
    source: SourceKey
    affects: frozenset[InstrumentKind]
    read: Reader[T]
    matches: Callable[[T], bool] | None = None


def stream_key(instrument: Instrument) -> str:
    """Names an instrument's stream, without its id, which may be personal."""
    name = f"{instrument.source}\x1f{instrument.kind}\x1f{instrument.provider_id}"
    return hashlib.sha256(name.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """An item and where all streams go on after it."""

    item: T
    after: Positions


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Generic[T]):
    """
    A page of a merged list.

    Attributes:
        end: Where all streams go on after the page, past what a filter left out behind the last
            item; of use even when the page is empty.
        total: Items in all pages; None unless every source says it and nothing was filtered here.
    """

    items: tuple[Placed[T], ...]
    end: Positions
    has_next: bool
    total: int | None
    problems: tuple[SourceProblem, ...]


@dataclass(slots=True)
class _Filled(Generic[T]):
    items: list[tuple[T, Position]]
    reached: Position
    exhausted: bool = False
    total: int | None = None
    problems: tuple[SourceProblem, ...] = ()


async def merge(
    streams: Sequence[Stream[T]],
    *,
    first: int,
    after: Positions,
    deadline: Deadline,
    newest_first: Callable[[T], datetime] | None = None,
) -> Merged[T]:
    """
    The next *first* items.

    Args:
        newest_first: Orders items of all streams by this moment, each stream being in that order
            itself. Without it streams follow one another.
    """
    fills = await at_once(
        [_fill(stream, after.get(stream.key, START), first, deadline) for stream in streams]
    )
    positions = {stream.key: after.get(stream.key, START) for stream in streams}
    taken = [0] * len(streams)
    items: list[Placed[T]] = []
    while len(items) < first:
        best = _next(fills, taken, newest_first)
        if best is None:
            break
        item, position = fills[best].items[taken[best]]
        taken[best] += 1
        positions = {**positions, streams[best].key: position}
        items.append(Placed(item, positions))
    used_up = [taken[index] == len(fill.items) for index, fill in enumerate(fills)]
    reached = {
        stream.key: fill.reached
        for stream, fill, used in zip(streams, fills, used_up, strict=True)
        if used
    }
    has_next = any(not (used and fill.exhausted) for used, fill in zip(used_up, fills, strict=True))
    totals = [fill.total for fill in fills]
    return Merged(
        items=tuple(items),
        end={**positions, **reached},
        has_next=has_next,
        total=sum(known for known in totals if known is not None) if None not in totals else None,
        problems=distinct([problem for fill in fills for problem in fill.problems]),
    )


def _next(
    fills: Sequence[_Filled[T]],
    taken: Sequence[int],
    newest_first: Callable[[T], datetime] | None,
) -> int | None:
    """
    The stream of the next item. None when nothing is left, or when an item before it may be in
    what was not yet read of another stream.
    """
    heads = [index for index, fill in enumerate(fills) if taken[index] < len(fill.items)]
    unread = [
        index
        for index, fill in enumerate(fills)
        if taken[index] == len(fill.items) and not fill.exhausted
    ]
    if not heads:
        return None
    if newest_first is None:
        return None if unread and unread[0] < heads[0] else heads[0]
    if unread:
        return None
    return max(heads, key=lambda index: newest_first(fills[index].items[taken[index]][0]))


async def _fill(stream: Stream[T], start: Position, wanted: int, deadline: Deadline) -> _Filled[T]:
    """Read windows until *wanted* items are there, the stream ends or a fault stops it."""
    filled: _Filled[T] = _Filled(items=[], reached=start, exhausted=start.offset is None)
    faults: list[ProviderFault] = []
    most = wanted if stream.matches is None else LARGEST_WINDOW
    for _ in range(MOST_WINDOWS):
        offset, skip = filled.reached
        if offset is None or len(filled.items) >= wanted:
            break
        window = Window(offset, min(LARGEST_WINDOW, skip + most))
        try:
            page = await deadline.within(stream.source, stream.read(window))
        except (ProviderFault, AccountNotFound) as exc:
            faults.append(as_fault(exc, stream.source))
            filled.exhausted = True
            break
        faults.extend(page.faults)
        filled.items.extend(_placed(stream, page, window, skip))
        filled.total = page.total if stream.matches is None else None
        filled.reached = Position(page.next_offset, max(0, skip - len(page.items)))
        filled.exhausted = page.next_offset is None
    filled.problems = tuple(SourceProblem.of(fault, stream.affects) for fault in faults)
    return filled


def as_fault(error: ProviderFault | AccountNotFound, source: SourceKey) -> ProviderFault:
    """*error* in a merged list: a source that does not know what it has itself listed is broken."""
    return error if isinstance(error, ProviderFault) else ProviderContractBroken(source)


def _placed(
    stream: Stream[T], page: Page[T], window: Window, skip: int
) -> list[tuple[T, Position]]:
    """The wanted items of a page after *skip*, each with the position behind it."""
    last = len(page.items) - 1
    return [
        (
            item,
            Position(page.next_offset) if index == last else Position(window.offset, index + 1),
        )
        for index, item in enumerate(page.items)
        if index >= skip and (stream.matches is None or stream.matches(item))
    ]


async def read_whole(
    read: Callable[[Window], Awaitable[Page[T]]], *, identity: Callable[[T], object]
) -> Page[T]:
    """
    The whole list of a source, each item once.

    A page that brings nothing new ends it: some providers repeat their last page for ever, others
    ignore paging. One page that brings nothing but faults is stepped over.
    """
    items: dict[object, T] = {}
    faults: list[ProviderFault] = []
    offset: int | None = 0
    barren = 0
    while offset is not None:
        page = await read(Window(offset, LARGEST_WINDOW))
        known = len(items)
        items.update({identity(item): item for item in page.items})
        faults.extend(page.faults)
        barren = 0 if len(items) > known else barren + 1
        goes_on = not barren or (barren == 1 and page.faults and not page.items)
        offset = page.next_offset if goes_on else None
    return Page(items=tuple(items.values()), next_offset=None, faults=tuple(faults))


def slice_of(items: Sequence[T], window: Window) -> Page[T]:
    """A window into a list that is already whole."""
    end = window.offset + window.limit
    return Page(
        items=tuple(items[window.offset : end]),
        next_offset=end if end < len(items) else None,
        total=len(items),
    )


def sliced(read_all: Callable[[], Awaitable[Page[T]]]) -> Reader[T]:
    """Windows of a list that is read whole; its faults come with the first one."""

    async def read(window: Window) -> Page[T]:
        whole = await read_all()
        page = slice_of(whole.items, window)
        return replace(
            page,
            total=None if whole.faults else page.total,
            faults=whole.faults if window.offset == 0 else (),
        )

    return read
