"""One list out of many: pages tile, whatever fails in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import (
    AccountNotFound,
    DeadlineExceeded,
    ProviderContractBroken,
    ProviderFailed,
    SourceProblemKind,
)
from app.domain.identifiers import SourceKey
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.paging import Page, Window
from app.domain.source_problem import SourceProblem
from app.operations.merge import (
    LARGEST_WINDOW,
    MOST_WINDOWS,
    Merged,
    Position,
    Positions,
    Stream,
    merge,
    read_whole,
    slice_of,
    stream_key,
)
from app.operations.reading import Deadline
from tests.doubles.desk import PATIENT
from tests.doubles.samples import NOW, a_gift_card, a_store_credit


@dataclass(frozen=True)
class Item:
    """
    Attributes:
        shown: The provider filters it out after reading when it is not.
        readable: Stepped over with a fault when it is not.
        wanted: Kept by the stream's own filter.
    """

    name: str
    age: int = 0
    shown: bool = True
    readable: bool = True
    wanted: bool = True

    @property
    def is_listed(self) -> bool:
        return self.shown and self.readable and self.wanted


@dataclass
class Listed:
    """A provider's list, and whether it is away."""

    key: str
    items: Sequence[Item]
    away: bool = False
    filtered: bool = False
    windows: list[Window] = field(default_factory=list)

    async def read(self, window: Window) -> Page[Item]:
        self.windows.append(window)
        if self.away:
            raise ProviderFailed(SourceKey(self.key))
        page = slice_of(self.items, window)
        unreadable = [item for item in page.items if not item.readable]
        return Page(
            items=tuple(item for item in page.items if item.readable and item.shown),
            next_offset=page.next_offset,
            total=page.total,
            faults=tuple(ProviderContractBroken(SourceKey(self.key)) for _ in unreadable),
        )

    def stream(self) -> Stream[Item]:
        return Stream(
            key=self.key,
            source=SourceKey(self.key),
            affects=frozenset({InstrumentKind.GIFT_CARD}),
            read=self.read,
            matches=(lambda item: item.wanted) if self.filtered else None,
        )


def listed(key: str, size: int, *, filtered: bool = False, wanted_every: int = 1) -> Listed:
    items = [Item(f"{key}{n}", age=n, wanted=n % wanted_every == 0) for n in range(size)]
    return Listed(key, items, filtered=filtered)


def moment_of(item: Item) -> datetime:
    return NOW - timedelta(hours=item.age)


async def page_of(
    lists: Sequence[Listed],
    first: int,
    after: Positions | None = None,
    *,
    newest_first: bool = False,
) -> Merged[Item]:
    return await merge(
        [one.stream() for one in lists],
        first=first,
        after=after or {},
        deadline=Deadline(PATIENT),
        newest_first=moment_of if newest_first else None,
    )


def names(page: Merged[Item]) -> list[str]:
    return [placed.item.name for placed in page.items]


class TestPages:
    async def test_streams_follow_one_another(self) -> None:
        a, b = listed("a", 3), listed("b", 2)
        first = await page_of([a, b], 2)
        second = await page_of([a, b], 2, first.end)
        third = await page_of([a, b], 2, second.end)
        assert [names(page) for page in (first, second, third)] == [
            ["a0", "a1"],
            ["a2", "b0"],
            ["b1"],
        ]
        assert [page.has_next for page in (first, second, third)] == [True, True, False]

    async def test_the_last_full_page_says_that_it_is_the_last(self) -> None:
        page = await page_of([listed("a", 2), listed("b", 2)], 4)
        assert len(page.items) == 4
        assert not page.has_next

    async def test_nothing_asked_for_is_nothing_read(self) -> None:
        a = listed("a", 3)
        page = await page_of([a], 0)
        assert (names(page), page.has_next, a.windows) == ([], True, [])

    async def test_no_streams_make_an_empty_list(self) -> None:
        page = await page_of([], 10)
        assert page == Merged(items=(), end={}, has_next=False, total=0, problems=())

    async def test_the_newest_of_all_streams_come_first(self) -> None:
        a = Listed("a", [Item("today", 0), Item("last-week", 7)])
        b = Listed("b", [Item("yesterday", 1), Item("last-month", 30)])
        page = await page_of([a, b], 3, newest_first=True)
        assert names(page) == ["today", "yesterday", "last-week"]
        rest = await page_of([a, b], 3, page.end, newest_first=True)
        assert names(rest) == ["last-month"]

    async def test_of_the_same_moment_the_first_stream_comes_first(self) -> None:
        lists = [Listed(key, [Item(f"{key}0"), Item(f"{key}1")]) for key in "ab"]
        page = await page_of(lists, 4, newest_first=True)
        assert names(page) == ["a0", "a1", "b0", "b1"]

    async def test_no_window_is_larger_than_providers_take(self) -> None:
        a = listed("a", 250)
        page = await page_of([a], 250)
        assert len(page.items) == 250
        assert max(window.limit for window in a.windows) == LARGEST_WINDOW

    async def test_a_smaller_page_in_the_middle_of_a_window_repeats_nothing(self) -> None:
        a, b = listed("a", 30), listed("b", 30)
        first = await page_of([a, b], 50, newest_first=True)
        second = await page_of([a, b], 3, first.end, newest_first=True)
        third = await page_of([a, b], 50, second.end, newest_first=True)
        seen = names(first) + names(second) + names(third)
        assert len(seen) == len(set(seen)) == 60

    async def test_a_position_at_the_end_is_not_read_again(self) -> None:
        a, b = listed("a", 1), listed("b", 5)
        page = await page_of([a, b], 2)
        a.windows.clear()
        await page_of([a, b], 2, page.end)
        assert a.windows == []

    async def test_a_cursor_of_any_item_goes_on_behind_it(self) -> None:
        a, b = listed("a", 4), listed("b", 4)
        page = await page_of([a, b], 8, newest_first=True)
        for index, placed in enumerate(page.items):
            rest = await page_of([a, b], 8, placed.after, newest_first=True)
            assert names(rest) == names(page)[index + 1 :]


class TestTotals:
    async def test_all_streams_add_up(self) -> None:
        assert (await page_of([listed("a", 30), listed("b", 12)], 5)).total == 42

    async def test_a_filter_here_makes_the_total_unknown(self) -> None:
        lists = [listed("a", 30, filtered=True), listed("b", 12)]
        assert (await page_of(lists, 5)).total is None

    async def test_a_source_that_is_away_makes_the_total_unknown(self) -> None:
        lists = [listed("a", 30), listed("b", 12)]
        lists[1].away = True
        assert (await page_of(lists, 5)).total is None


class TestFaults:
    async def test_the_rest_of_the_list_stays_whole(self) -> None:
        a, b = listed("a", 2), listed("b", 2)
        a.away = True
        page = await page_of([a, b], 5)
        assert names(page) == ["b0", "b1"]
        assert page.problems == (
            SourceProblem.of(ProviderFailed(SourceKey("a")), {InstrumentKind.GIFT_CARD}),
        )

    async def test_a_source_that_was_away_is_not_skipped_in_the_next_page(self) -> None:
        a, b = listed("a", 3), listed("b", 6)
        first = await page_of([a, b], 2)
        a.away = True
        second = await page_of([a, b], 2, first.end)
        a.away = False
        third = await page_of([a, b], 5, second.end)
        assert [names(page) for page in (first, second, third)] == [
            ["a0", "a1"],
            ["b0", "b1"],
            ["a2", "b2", "b3", "b4", "b5"],
        ]

    async def test_when_all_are_away_the_page_ends_and_says_why(self) -> None:
        a = listed("a", 3)
        a.away = True
        page = await page_of([a], 2)
        assert (names(page), page.has_next, len(page.problems)) == ([], False, 1)
        assert page.end == {"a": Position(0, 0)}

    async def test_a_fault_in_a_later_window_keeps_what_was_read(self) -> None:
        a = listed("a", 150)

        async def read(window: Window) -> Page[Item]:
            a.away = window.offset > 0
            return await a.read(window)

        stream = Stream(key="a", source=SourceKey("a"), affects=frozenset(), read=read)
        page = await merge([stream], first=120, after={}, deadline=Deadline(PATIENT))
        assert len(page.items) == 100
        assert page.end == {"a": Position(100)}
        assert len(page.problems) == 1

    async def test_an_unreadable_item_is_one_problem_and_no_gap_in_the_others(self) -> None:
        a = Listed("a", [Item("a0"), Item("a1", readable=False), Item("a2"), Item("a3")])
        first = await page_of([a], 2)
        second = await page_of([a], 2, first.end)
        assert names(first) + names(second) == ["a0", "a2", "a3"]
        assert [one.kind for one in first.problems] == [SourceProblemKind.BAD_RESPONSE]

    async def test_a_source_that_does_not_know_its_own_list_is_broken(self) -> None:
        async def read(_: Window) -> Page[Item]:
            raise AccountNotFound("gift card")

        stream = Stream(key="a", source=SourceKey("a"), affects=frozenset(), read=read)
        b = listed("b", 1)
        page = await merge([stream, b.stream()], first=5, after={}, deadline=Deadline(PATIENT))
        assert names(page) == ["b0"]
        assert [(one.source, one.kind) for one in page.problems] == [
            ("a", SourceProblemKind.BAD_RESPONSE)
        ]

    async def test_a_source_that_hangs_costs_the_deadline_and_no_more(
        self, deadline_passes: Callable[[], Awaitable[None]]
    ) -> None:
        async def read(_: Window) -> Page[Item]:
            await asyncio.Event().wait()
            raise AssertionError("nobody sets it")

        hanging: Stream[Item] = Stream(
            key="a", source=SourceKey("a"), affects=frozenset(), read=read
        )
        streams = [hanging, listed("b", 1).stream()]
        work = asyncio.create_task(merge(streams, first=5, after={}, deadline=Deadline(PATIENT)))
        await deadline_passes()
        page = await work
        assert names(page) == ["b0"]
        assert [one.kind for one in page.problems] == [DeadlineExceeded.kind]


class TestFilters:
    async def test_only_what_matches_is_listed(self) -> None:
        a = listed("a", 20, filtered=True, wanted_every=5)
        assert names(await page_of([a], 10)) == ["a0", "a5", "a10", "a15"]

    async def test_a_filter_that_lets_little_through_gives_a_short_page(self) -> None:
        size = MOST_WINDOWS * LARGEST_WINDOW + 1
        a = listed("a", size, filtered=True, wanted_every=size - 1)
        first = await page_of([a], 2)
        assert (names(first), first.has_next) == (["a0"], True)
        assert len(a.windows) == MOST_WINDOWS

    async def test_a_page_of_nothing_still_says_where_to_go_on(self) -> None:
        size = MOST_WINDOWS * LARGEST_WINDOW + 1
        items = [Item(f"a{n}", wanted=n == size - 1) for n in range(size)]
        a = Listed("a", items, filtered=True)
        first = await page_of([a], 2)
        assert (names(first), first.has_next) == ([], True)
        second = await page_of([a], 2, first.end)
        assert (names(second), second.has_next) == ([f"a{size - 1}"], False)

    async def test_nothing_overtakes_a_stream_that_was_not_read_to_its_next_item(self) -> None:
        size = MOST_WINDOWS * LARGEST_WINDOW + 1
        sparse = listed("a", size, filtered=True, wanted_every=size - 1)
        old = Listed("b", [Item("old", age=size)])
        for newest_first in (False, True):
            first = await page_of([sparse, old], 3, newest_first=newest_first)
            second = await page_of([sparse, old], 3, first.end, newest_first=newest_first)
            assert names(first) == ["a0"]
            assert names(second) == [f"a{size - 1}", "old"]
            assert not second.has_next

    async def test_a_stream_behind_does_not_hold_up_the_ones_before_it(self) -> None:
        size = MOST_WINDOWS * LARGEST_WINDOW + 1
        a = listed("a", 2)
        sparse = Listed("b", [Item(f"b{n}", wanted=False) for n in range(size)], filtered=True)
        page = await page_of([a, sparse], 5)
        assert (names(page), page.has_next) == (["a0", "a1"], True)


items = st.builds(
    Item,
    name=st.just("item"),
    age=st.integers(0, 6),
    shown=st.sampled_from([True, True, False]),
    readable=st.sampled_from([True, True, True, False]),
    wanted=st.sampled_from([True, True, False]),
)


@st.composite
def lists_of_sources(draw: st.DrawFn) -> list[Listed]:
    lists = []
    for key in "abc"[: draw(st.integers(1, 3))]:
        drawn = sorted(draw(st.lists(items, max_size=12)), key=lambda item: item.age)
        filtered = draw(st.booleans())
        named = [
            Item(f"{key}{n}", one.age, one.shown, one.readable, one.wanted or not filtered)
            for n, one in enumerate(drawn)
        ]
        lists.append(Listed(key, named, filtered=filtered))
    return lists


@dataclass(frozen=True)
class Turn:
    """How one page is asked for: its size, who is away, how many of its items are taken."""

    first: int
    away: frozenset[str]
    taken: int


turns_of_a_client = st.lists(
    st.builds(
        Turn,
        first=st.integers(1, 15),
        away=st.frozensets(st.sampled_from("abc")),
        taken=st.integers(0, 15),
    ),
    max_size=8,
)


@settings(max_examples=600, deadline=None)
@given(
    lists=lists_of_sources(),
    turns=turns_of_a_client,
    newest_first=st.booleans(),
    last_size=st.integers(1, 6),
)
async def test_pages_tile_whatever_their_size_and_whoever_is_away(
    *, lists: list[Listed], turns: list[Turn], newest_first: bool, last_size: int
) -> None:
    seen: list[str] = []
    after: Positions = {}
    for turn in turns:
        for one in lists:
            one.away = one.key in turn.away
        page = await page_of(lists, turn.first, after, newest_first=newest_first)
        assert len(page.items) <= turn.first
        taken = page.items[: turn.taken]
        seen += [placed.item.name for placed in taken]
        if len(taken) == len(page.items):
            after = page.end
        elif taken:
            after = taken[-1].after
    for one in lists:
        one.away = False
    has_next = True
    while has_next:
        page = await page_of(lists, last_size, after, newest_first=newest_first)
        seen += names(page)
        after, has_next = page.end, page.has_next

    wanted = {one.key: [item.name for item in one.items if item.is_listed] for one in lists}
    assert {key: [name for name in seen if name[0] == key] for key in wanted} == wanted
    if not any(turn.away for turn in turns):
        assert seen == in_order(lists, newest_first=newest_first)


def in_order(lists: Sequence[Listed], *, newest_first: bool) -> list[str]:
    every = [item for one in lists for item in one.items if item.is_listed]
    if newest_first:
        every.sort(key=lambda item: item.age)
    return [item.name for item in every]


class TestReadWhole:
    async def whole(
        self, pages: Mapping[int, Page[str]], *, most: int = 10
    ) -> tuple[Page[str], list[int]]:
        """What is made of *pages* by offset; behind them the last one comes again for ever."""
        offsets: list[int] = []

        async def read(window: Window) -> Page[str]:
            offsets.append(window.offset)
            assert len(offsets) < most, "it never ends"
            return pages.get(window.offset, pages[max(pages)])

        return await read_whole(read, identity=lambda item: item), offsets

    async def test_all_pages_make_one_list(self) -> None:
        pages = {
            0: Page(items=("a", "b"), next_offset=2),
            2: Page(items=("c",), next_offset=None),
        }
        page, offsets = await self.whole(pages)
        assert page == Page(items=("a", "b", "c"), next_offset=None)
        assert offsets == [0, 2]

    async def test_an_item_on_two_pages_is_there_once(self) -> None:
        pages = {
            0: Page(items=("a", "b"), next_offset=2),
            2: Page(items=("b", "c"), next_offset=None),
        }
        assert (await self.whole(pages))[0].items == ("a", "b", "c")

    async def test_a_last_page_that_comes_for_ever_ends_the_list(self) -> None:
        pages = {
            0: Page(items=("a", "b"), next_offset=2),
            2: Page(items=("c",), next_offset=4),
        }
        page, offsets = await self.whole(pages)
        assert page.items == ("a", "b", "c")
        assert offsets == [0, 2, 4]

    async def test_an_unreadable_item_on_it_does_not_keep_the_list_going(self) -> None:
        broken = ProviderContractBroken(SourceKey("a"))
        pages = {0: Page(items=("a",), next_offset=2, faults=(broken,))}
        page, _ = await self.whole(pages)
        assert page.items == ("a",)

    async def test_a_page_that_cannot_be_read_at_all_is_stepped_over(self) -> None:
        broken = ProviderContractBroken(SourceKey("a"))
        pages: dict[int, Page[str]] = {
            0: Page(items=("a",), next_offset=1),
            1: Page(items=(), next_offset=2, faults=(broken,)),
            2: Page(items=("b",), next_offset=None),
        }
        page, _ = await self.whole(pages)
        assert page == Page(items=("a", "b"), next_offset=None, faults=(broken,))

    async def test_unreadable_pages_without_end_are_given_up(self) -> None:
        broken = ProviderContractBroken(SourceKey("a"))
        pages: dict[int, Page[str]] = {0: Page(items=(), next_offset=7, faults=(broken,))}
        page, _ = await self.whole(pages)
        assert page.items == ()
        assert set(page.faults) == {broken}


def test_a_slice_of_a_whole_list_says_where_the_next_one_begins() -> None:
    assert slice_of("abcde", Window(1, 3)) == Page(items=("b", "c", "d"), next_offset=4, total=5)
    assert slice_of("abcde", Window(3, 2)) == Page(items=("d", "e"), next_offset=None, total=5)
    assert slice_of("abcde", Window(9, 2)) == Page(items=(), next_offset=None, total=5)


def test_streams_of_instruments_have_keys_without_their_ids() -> None:
    card = a_gift_card("shopper@example.com-1")
    assert stream_key(card) == stream_key(a_gift_card("shopper@example.com-1", balance="1"))
    others: list[Instrument] = [
        a_gift_card("another"),
        a_gift_card("shopper@example.com-1", source="cards-pt"),
        a_store_credit("shopper@example.com-1", source="cards"),
    ]
    assert len({stream_key(one) for one in [card, *others]}) == 4
    assert "shopper" not in stream_key(card)
