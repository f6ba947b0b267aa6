"""What happened to a card: stories, ledger lines, holds."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from app.domain.errors import AccountNotFound, ProviderFailed
from app.domain.holds import HoldState
from app.domain.identifiers import ProviderCardId, ProviderHoldId, SourceKey
from app.domain.instruments import InstrumentKind
from app.domain.ledger import BalanceOperation, CardOperation
from app.domain.ledger import LedgerEntryKind as Kind
from app.operations.desk import Desk
from app.operations.read_gift_cards import (
    card_authorization,
    card_ledger,
    card_stories,
    gift_card,
    hold,
    holds_of,
)
from tests.doubles.desk import a_desk
from tests.doubles.in_memory_provider import GiftCardsInMemory, StoreCreditInMemory
from tests.doubles.samples import (
    NOW,
    a_card_movement,
    a_card_transaction,
    a_gift_card,
    a_source,
    money,
)

CARD = a_gift_card()
CARD_ID = CARD.provider_card_id
CARDS = SourceKey("cards")


def days_ago(days: int) -> timedelta:
    return timedelta(days=days)


@pytest.fixture
def cards() -> GiftCardsInMemory:
    """A card that was issued, held twice, captured once, topped up, and touched oddly."""
    cards = GiftCardsInMemory(a_source("cards", InstrumentKind.GIFT_CARD), CARD)
    cards.tell(
        a_card_transaction(
            "issue", operation=CardOperation.CREDIT, amount="100", occurred_at=NOW - days_ago(30)
        )
    )
    cards.tell(
        a_card_transaction("spent", amount="30", occurred_at=NOW - days_ago(20)),
        settled=[a_card_movement("capture", amount="30", occurred_at=NOW - days_ago(19))],
        cancelled=[a_card_movement("refund", amount="5", occurred_at=NOW - days_ago(5))],
    )
    cards.tell(
        a_card_transaction(
            "top-up", operation=CardOperation.CREDIT, amount="10", occurred_at=NOW - days_ago(10)
        )
    )
    cards.tell(a_card_transaction("held", amount="20", occurred_at=NOW - days_ago(4)))
    cards.tell(
        a_card_transaction(
            "odd", operation=CardOperation.UNKNOWN, amount="1", occurred_at=NOW - days_ago(3)
        )
    )
    cards.tell(a_card_transaction("elsewhere", card_id="another"))
    return cards


@pytest.fixture
def desk(cards: GiftCardsInMemory) -> Desk:
    return a_desk(
        cards, StoreCreditInMemory(a_source("medusa", InstrumentKind.STORE_CREDIT)), parallel=4
    )


async def test_a_card_is_read_once_a_request(desk: Desk, cards: GiftCardsInMemory) -> None:
    both = await asyncio.gather(gift_card(desk, cards, CARD_ID), gift_card(desk, cards, CARD_ID))
    assert list(both) == [CARD, CARD]
    assert cards.times_asked("gift_card") == 1


async def test_everything_that_happened_is_told_newest_first(
    desk: Desk, cards: GiftCardsInMemory
) -> None:
    stories = await card_stories(desk, cards, CARD)
    assert [one.transaction.provider_hold_id for one in stories] == [
        "odd",
        "held",
        "top-up",
        "spent",
        "issue",
    ]


async def test_reading_a_history_twice_costs_it_once_and_never_too_much_at_a_time(
    desk: Desk, cards: GiftCardsInMemory
) -> None:
    await asyncio.gather(card_stories(desk, cards, CARD), card_stories(desk, cards, CARD))
    assert cards.times_asked() == 1 + 5 * 3
    assert cards.most_under_way <= 4


async def test_the_ledger_is_made_of_all_lines_newest_first(
    desk: Desk, cards: GiftCardsInMemory
) -> None:
    entries = await card_ledger(desk, cards, CARD)
    assert [(one.native.provider_entry_id, one.kind, one.operation) for one in entries] == [
        ("odd", Kind.BALANCE_OPERATION, BalanceOperation.OTHER),
        ("held", Kind.PRE_AUTHORIZATION, None),
        ("refund", Kind.REFUND, None),
        ("top-up", Kind.BALANCE_OPERATION, BalanceOperation.TOP_UP),
        ("capture", Kind.SETTLEMENT, None),
        ("spent", Kind.PRE_AUTHORIZATION, None),
        ("issue", Kind.BALANCE_OPERATION, BalanceOperation.ISSUE),
    ]


async def test_lines_of_the_same_instant_are_told_backwards_too(cards: GiftCardsInMemory) -> None:
    cards.stories.clear()
    cards.tell(
        a_card_transaction("spent", occurred_at=NOW),
        settled=[a_card_movement("capture", occurred_at=NOW)],
        cancelled=[a_card_movement("refund", occurred_at=NOW)],
    )
    entries = await card_ledger(a_desk(cards), cards, CARD)
    assert [one.native.provider_entry_id for one in entries] == ["refund", "capture", "spent"]


async def test_a_card_that_was_never_credited_has_no_issue(cards: GiftCardsInMemory) -> None:
    cards.stories.clear()
    cards.tell(a_card_transaction("held"))
    entries = await card_ledger(a_desk(cards), cards, CARD)
    assert [one.kind for one in entries] == [Kind.PRE_AUTHORIZATION]


async def test_a_transaction_that_cannot_be_read_is_a_fault_of_the_history(
    desk: Desk, cards: GiftCardsInMemory
) -> None:
    cards.fail(ProviderFailed, "card_settlements", about="spent")
    with pytest.raises(ProviderFailed):
        await card_ledger(desk, cards, CARD)


class TestHold:
    async def test_a_debit_is_a_hold(self, desk: Desk) -> None:
        card, story = await hold(desk, CARDS, CARD_ID, ProviderHoldId("spent"))
        assert card == CARD
        assert story.hold().state(NOW) is HoldState.CAPTURED
        assert story.hold().refunded == money("5")

    @pytest.mark.parametrize("transaction", ["issue", "odd", "elsewhere", "nothing"])
    async def test_anything_else_is_not(self, desk: Desk, transaction: str) -> None:
        with pytest.raises(AccountNotFound):
            await hold(desk, CARDS, CARD_ID, ProviderHoldId(transaction))

    @pytest.mark.parametrize("source", ["medusa", "elsewhere"])
    async def test_a_source_without_cards_has_no_holds(self, desk: Desk, source: str) -> None:
        with pytest.raises(AccountNotFound, match="hold"):
            await hold(desk, SourceKey(source), CARD_ID, ProviderHoldId("spent"))

    async def test_a_card_nobody_knows_has_no_holds(self, desk: Desk) -> None:
        with pytest.raises(AccountNotFound, match="gift card"):
            await hold(desk, CARDS, ProviderCardId("nobody"), ProviderHoldId("spent"))


class TestAuthorization:
    async def test_it_is_the_providers_own_record(
        self, desk: Desk, cards: GiftCardsInMemory
    ) -> None:
        cards.authorizations[ProviderHoldId("held")] = a_card_movement("auth-1", amount="20")
        card, story = await hold(desk, CARDS, CARD_ID, ProviderHoldId("held"))
        for _ in range(2):
            entry = await card_authorization(desk, card, story)
            assert entry is not None
            assert (entry.native.provider_entry_id, entry.amount) == ("auth-1", money("20"))
        assert cards.times_asked("card_authorization") == 1

    async def test_a_debit_may_have_none(self, desk: Desk) -> None:
        card, story = await hold(desk, CARDS, CARD_ID, ProviderHoldId("held"))
        assert await card_authorization(desk, card, story) is None

    async def test_a_source_that_keeps_no_cards_has_none(
        self, desk: Desk, cards: GiftCardsInMemory
    ) -> None:
        (story,) = [one for one in await card_stories(desk, cards, CARD) if one.settlements]
        assert await card_authorization(desk, a_gift_card(source="medusa"), story) is None


class TestHoldsOfACard:
    async def test_they_are_its_debits_newest_first_page_by_page(self, desk: Desk) -> None:
        first = await holds_of(desk, CARD, first=1, after={})
        second = await holds_of(desk, CARD, first=1, after=first.items[-1].after)
        assert [
            placed.item.transaction.provider_hold_id
            for page in (first, second)
            for placed in page.items
        ] == ["held", "spent"]
        assert (first.has_next, second.has_next) == (True, False)
        assert (first.total, second.total) == (2, 2)

    async def test_a_fault_is_a_problem_of_the_page(
        self, desk: Desk, cards: GiftCardsInMemory
    ) -> None:
        cards.fail(ProviderFailed, "card_transactions")
        page = await holds_of(desk, CARD, first=10, after={})
        assert page.items == ()
        assert [(one.source, one.affects) for one in page.problems] == [
            (CARDS, frozenset({InstrumentKind.GIFT_CARD}))
        ]

    async def test_a_source_that_keeps_no_cards_has_none(self, desk: Desk) -> None:
        page = await holds_of(desk, a_gift_card(source="medusa"), first=10, after={})
        assert (page.items, page.has_next, page.problems) == ((), False, ())
