"""History of one instrument, and of everything a customer has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from app.domain.errors import AccountNotFound, InvalidQuestion, ProviderFailed, SourceProblemKind
from app.domain.identifiers import ProviderEntryId
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.ledger import Direction, LedgerEntry, LedgerEntryKind, LedgerQuestion
from app.operations.desk import Desk
from app.operations.merge import Merged, Positions
from app.operations.read_ledgers import ledger, ledger_entry, timeline
from tests.doubles.desk import a_desk
from tests.doubles.in_memory_provider import GiftCardsInMemory, InMemoryProvider
from tests.doubles.samples import (
    NOW,
    SHOPPER,
    SHOPPER_ID,
    a_card_transaction,
    a_credit_account,
    a_customer,
    a_gift_card,
    a_ledger_entry,
    a_source,
    a_store_credit,
)

ACCOUNT = a_credit_account(source="all")
CARD = a_gift_card(source="all")
STORE = a_store_credit(source="all")
CUSTOMER = a_customer(SHOPPER, all=SHOPPER_ID)
EVERYTHING = LedgerQuestion()


def days_ago(days: int) -> timedelta:
    return timedelta(days=days)


@pytest.fixture
def provider() -> InMemoryProvider:
    """One source of all kinds; something happened every day, in turns."""
    provider = InMemoryProvider(a_source("all"), ACCOUNT, CARD, STORE, owner=SHOPPER)
    for day in range(0, 9, 3):
        provider.entries.append(
            a_ledger_entry(f"line-{day}", source="all", occurred_at=NOW - days_ago(day))
        )
        provider.tell(
            a_card_transaction(f"card-{day + 1}", source="all", occurred_at=NOW - days_ago(day + 1))
        )
        provider.store_credit_entries.append(
            a_ledger_entry(
                f"store-{day + 2}",
                source="all",
                instrument_id="sca-1",
                instrument_kind=InstrumentKind.STORE_CREDIT,
                occurred_at=NOW - days_ago(day + 2),
                direction=Direction.CREDIT,
            )
        )
    return provider


@pytest.fixture
def desk(provider: InMemoryProvider) -> Desk:
    plain = GiftCardsInMemory(a_source("cards", InstrumentKind.GIFT_CARD))
    return a_desk(provider, plain)


def ids(page: Merged[LedgerEntry]) -> list[str]:
    return [placed.item.native.provider_entry_id for placed in page.items]


async def history(
    desk: Desk,
    question: LedgerQuestion = EVERYTHING,
    *,
    kinds: list[InstrumentKind] | None = None,
    sources: list[str] | None = None,
    first: int = 100,
    after: Positions | None = None,
) -> Merged[LedgerEntry]:
    return await timeline(
        desk, CUSTOMER, question, kinds=kinds, sources=sources, first=first, after=after or {}
    )


class TestLedger:
    @pytest.mark.parametrize(
        ("instrument", "expected"),
        [
            (ACCOUNT, ["line-0", "line-3", "line-6"]),
            (CARD, ["card-1", "card-4", "card-7"]),
            (STORE, ["store-2", "store-5", "store-8"]),
        ],
    )
    async def test_an_instruments_history_is_told_newest_first_page_by_page(
        self, desk: Desk, instrument: Instrument, expected: list[str]
    ) -> None:
        first = await ledger(desk, instrument, EVERYTHING, first=2, after={})
        second = await ledger(desk, instrument, EVERYTHING, first=2, after=first.items[-1].after)
        assert ids(first) + ids(second) == expected
        assert (first.has_next, second.has_next) == (True, False)
        assert first.total == 3

    @pytest.mark.parametrize("instrument", [ACCOUNT, CARD, STORE])
    async def test_a_question_is_answered_by_every_kind(
        self, desk: Desk, instrument: Instrument
    ) -> None:
        question = LedgerQuestion(to_at=NOW - days_ago(3), from_at=NOW - days_ago(5))
        page = await ledger(desk, instrument, question, first=10, after={})
        assert len(page.items) == 1
        assert page.total == 1

    async def test_a_fault_is_a_problem_of_the_page(
        self, desk: Desk, provider: InMemoryProvider
    ) -> None:
        provider.fail(ProviderFailed, "credit_ledger")
        page = await ledger(desk, ACCOUNT, EVERYTHING, first=10, after={})
        assert page.items == ()
        assert [(one.source, one.affects) for one in page.problems] == [
            ("all", frozenset({InstrumentKind.CREDIT_LINE}))
        ]

    async def test_a_source_that_keeps_no_history_has_an_empty_one(self, desk: Desk) -> None:
        account = a_credit_account(source="cards")
        page = await ledger(desk, account, EVERYTHING, first=10, after={})
        assert (page.items, page.has_next, page.total, page.problems) == ((), False, 0, ())


class TestTimeline:
    async def test_everything_a_customer_has_is_merged_newest_first(self, desk: Desk) -> None:
        page = await history(desk)
        assert ids(page) == [
            "line-0",
            "card-1",
            "store-2",
            "line-3",
            "card-4",
            "store-5",
            "line-6",
            "card-7",
            "store-8",
        ]
        assert page.total is None

    @pytest.mark.parametrize("size", [1, 2, 4, 9])
    async def test_its_pages_tile(self, desk: Desk, size: int) -> None:
        whole = ids(await history(desk))
        seen: list[str] = []
        after: Positions = {}
        for _ in range(0, len(whole), size):
            page = await history(desk, first=size, after=after)
            seen += ids(page)
            after = page.items[-1].after
        assert seen == whole

    async def test_it_may_be_of_some_kinds_only(
        self, desk: Desk, provider: InMemoryProvider
    ) -> None:
        page = await history(desk, kinds=[InstrumentKind.STORE_CREDIT])
        assert ids(page) == ["store-2", "store-5", "store-8"]
        assert {one.method for one in provider.asked} == {
            "search_store_credit",
            "store_credit_ledger",
        }

    async def test_it_may_be_of_some_sources_only(
        self, desk: Desk, provider: InMemoryProvider
    ) -> None:
        assert ids(await history(desk, sources=["cards"])) == []
        assert provider.asked == []
        with pytest.raises(InvalidQuestion):
            await history(desk, sources=["nowhere"])

    async def test_it_answers_a_question(self, desk: Desk) -> None:
        settled = LedgerQuestion(
            kinds=frozenset({LedgerEntryKind.SETTLEMENT}), direction=Direction.CREDIT
        )
        assert ids(await history(desk, settled)) == ["store-2", "store-5", "store-8"]

    async def test_what_could_not_be_found_or_read_is_told_and_the_rest_is_whole(
        self, desk: Desk, provider: InMemoryProvider
    ) -> None:
        provider.fail(ProviderFailed, "search_gift_cards")
        provider.fail(ProviderFailed, "credit_ledger")
        page = await history(desk)
        assert ids(page) == ["store-2", "store-5", "store-8"]
        assert [(one.kind, one.affects) for one in page.problems] == [
            (
                SourceProblemKind.UPSTREAM_ERROR,
                frozenset({InstrumentKind.GIFT_CARD, InstrumentKind.CREDIT_LINE}),
            )
        ]

    async def test_an_account_that_is_gone_by_then_is_a_problem_and_no_more(
        self, desk: Desk, provider: InMemoryProvider
    ) -> None:
        provider.lose(ACCOUNT.provider_account_id)
        page = await history(desk)
        assert len(page.items) == 6
        assert [one.kind for one in page.problems] == [SourceProblemKind.BAD_RESPONSE]

    async def test_a_history_that_hangs_costs_itself_only(
        self,
        desk: Desk,
        provider: InMemoryProvider,
        deadline_passes: Callable[[], Awaitable[None]],
    ) -> None:
        provider.hang("credit_ledger")
        asking = asyncio.create_task(history(desk))
        await deadline_passes()
        page = await asking
        assert len(page.items) == 6
        assert [one.kind for one in page.problems] == [SourceProblemKind.DEADLINE_EXCEEDED]


class TestEntry:
    @pytest.mark.parametrize(
        ("instrument", "entry_id"), [(ACCOUNT, "line-3"), (CARD, "card-4"), (STORE, "store-5")]
    )
    async def test_every_line_is_found_by_its_id(
        self, desk: Desk, instrument: Instrument, entry_id: str
    ) -> None:
        entry = await ledger_entry(desk, instrument, ProviderEntryId(entry_id))
        assert entry.native.provider_entry_id == entry_id

    @pytest.mark.parametrize("instrument", [ACCOUNT, CARD, STORE, a_credit_account(source="cards")])
    async def test_a_line_of_another_instrument_is_not_found(
        self, desk: Desk, instrument: Instrument
    ) -> None:
        with pytest.raises(AccountNotFound, match="ledger entry"):
            await ledger_entry(desk, instrument, ProviderEntryId("elsewhere"))
