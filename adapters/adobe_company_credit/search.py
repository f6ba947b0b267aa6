"""Adobe's search grammar: one filter a group, always sorted, always in pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from adapters.adobe_company_credit.wire import ERROR, SEARCH_RESULTS, SearchResults
from adapters.transport.upstream import Answer, Upstream
from app.domain.errors import ProviderContractBroken
from app.domain.identifiers import SourceKey
from app.domain.paging import Window

LARGEST_PAGE: Final = 100
_BELOW_LARGEST: Final = re.compile(r"[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Filter:
    """*column* is one of the database, not a key of the answer: `entity_id`, never `id`."""

    column: str
    value: str
    condition: Literal["eq", "gt", "gteq", "lt", "lteq", "in", "nin", "like"] = "eq"


def equals(column: str, number: int) -> Filter:
    return Filter(column, str(number))


def one_of(column: str, numbers: Collection[int]) -> Filter:
    return Filter(column, _comma_list(numbers), "in")


def none_of(column: str, numbers: Collection[int]) -> Filter:
    return Filter(column, _comma_list(numbers), "nin")


def _comma_list(numbers: Collection[int]) -> str:
    """Numbers only: a text with a comma in it would become two."""
    if not numbers:
        raise ValueError("a list to choose from cannot be empty")
    return ",".join(map(str, sorted(numbers)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """
    A question to one of the searchable lists.

    Attributes:
        path: Below `/V1`.
        filters: All must hold. Each goes out in a group of its own: the releases reported on join
            the filters of credits and history by AND even where the grammar says OR.
        fields: The members wanted; everything when empty.
    """

    operation: str
    path: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    order: Literal["ASC", "DESC"] = "ASC"
    fields: str = ""

    def query(self, *, page_size: int, page_number: int) -> list[tuple[str, str]]:
        groups = [
            (f"searchCriteria[filterGroups][{group}][filters][0][{name}]", value)
            for group, wanted in enumerate(self.filters)
            for name, value in (
                ("field", wanted.column),
                ("value", wanted.value),
                ("conditionType", wanted.condition),
            )
        ]
        return [
            *groups,
            ("searchCriteria[sortOrders][0][field]", "entity_id"),
            ("searchCriteria[sortOrders][0][direction]", self.order),
            ("searchCriteria[pageSize]", str(page_size)),
            ("searchCriteria[currentPage]", str(page_number)),
            *([("fields", self.fields)] if self.fields else []),
        ]


@dataclass(frozen=True, slots=True)
class Listing:
    """What a window showed: raw items, the size of the whole list, and the last answer."""

    answer: Answer
    parts: list[object]
    total: int


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages *first* to *last*, counted from 1, of *size* items each."""

    size: int
    first: int
    last: int

    @classmethod
    def covering(cls, window: Window, *, largest: int) -> Pages:
        """One page wherever a size up to *largest* allows it, else two."""
        limit = max(1, min(window.limit, largest))
        end = window.offset + limit - 1
        size = next(
            (size for size in range(limit, largest + 1) if window.offset // size == end // size),
            limit,
        )
        return cls(size, window.offset // size + 1, end // size + 1)


class PageTooLarge(ProviderContractBroken):
    """The merchant allows at most *largest* items a page."""

    def __init__(self, source: SourceKey, largest: int) -> None:
        super().__init__(source)
        self.largest = largest


class Searcher:
    """Reads windows of Adobe's lists. Remembers a page size that the merchant limits."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._largest_page = LARGEST_PAGE

    async def listing(self, search: Search, window: Window) -> Listing:
        """At most `LARGEST_PAGE` items of *window*, from its offset on."""
        try:
            return await self._listing(search, window)
        except PageTooLarge as refusal:
            self._largest_page = refusal.largest
            return await self._listing(search, window)

    async def first(self, search: Search, *, most: int) -> Sequence[Listing]:
        """The first *most* items of a list, in pages as small as the merchant wants them."""
        listings: list[Listing] = []
        seen = 0
        while True:
            listing = await self.listing(search, Window(seen, most - seen))
            listings.append(listing)
            seen += len(listing.parts)
            if seen >= min(most, listing.total) or not listing.parts:
                return listings

    async def _listing(self, search: Search, window: Window) -> Listing:
        pages = Pages.covering(window, largest=self._largest_page)
        answer = await self._page(search, pages.size, pages.first)
        results = answer.read(SEARCH_RESULTS)
        parts = _rows(results, pages.size, pages.first)
        if pages.last > pages.first and pages.first * pages.size < results.total_count:
            answer = await self._page(search, pages.size, pages.last)
            results = answer.read(SEARCH_RESULTS)
            parts += _rows(results, pages.size, pages.last)
        skipped = window.offset - (pages.first - 1) * pages.size
        return Listing(answer, parts[skipped : skipped + window.limit], results.total_count)

    async def _page(self, search: Search, page_size: int, page_number: int) -> Answer:
        answer = await self._upstream.read(
            search.operation,
            "V1",
            *search.path,
            query=search.query(page_size=page_size, page_number=page_number),
            refusals=(400,),
        )
        if answer.status == 400:
            raise _refusal(answer, page_size)
        return answer


def _rows(results: SearchResults, page_size: int, page_number: int) -> list[object]:
    """The page's items; none past the end, where Adobe repeats the last page."""
    past_the_end = (page_number - 1) * page_size >= results.total_count
    return [] if past_the_end else list(results.items or ())


def _refusal(answer: Answer, page_size: int) -> ProviderContractBroken:
    """`{"max": n}` alone is the page size; with a `type` it is the length of a list."""
    match answer.read(ERROR).parameters:
        case {"max": largest, **others} if (
            "type" not in others
            and _BELOW_LARGEST.fullmatch(str(largest))
            and int(largest) < page_size
        ):
            return PageTooLarge(answer.source, int(largest))
        case _:
            return ProviderContractBroken(answer.source)
