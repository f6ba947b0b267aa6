"""A customer's instruments and searches, merged over sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pytest

from app.domain.cart import Cart
from app.domain.errors import (
    InvalidQuestion,
    ProviderFailed,
    SourceProblemKind,
    UnsupportedOperation,
)
from app.domain.instruments import (
    CreditAccount,
    GiftCard,
    InstrumentKind,
    InstrumentStatus,
    StoreCreditAccount,
)
from app.domain.provider import (
    CreditAccountQuestion,
    GiftCardQuestion,
    StoreCreditQuestion,
)
from app.operations.desk import Desk
from app.operations.list_instruments import (
    credit_accounts_of_customer,
    find_credit_accounts,
    find_gift_cards,
    find_store_credit,
    gift_cards_of_customer,
    store_credit_of_customer,
)
from app.operations.merge import Placed
from app.operations.read_store_credit import store_credit_account
from tests.doubles.desk import a_desk
from tests.doubles.in_memory_provider import (
    CreditAccountsInMemory,
    GiftCardsInMemory,
    InMemoryProvider,
    StoreCreditInMemory,
)
from tests.doubles.samples import (
    SHOPPER,
    SHOPPER_ID,
    USD,
    a_company_credit,
    a_credit_account,
    a_customer,
    a_gift_card,
    a_source,
    a_store_credit,
)

CUSTOMER = a_customer(SHOPPER, all=SHOPPER_ID, medusa=SHOPPER_ID)
CART = Cart()

Kept = TypeVar("Kept", CreditAccount, GiftCard, StoreCreditAccount)


@pytest.fixture
def everything() -> InMemoryProvider:
    return InMemoryProvider(
        a_source("all"),
        *(a_credit_account(f"account-{n}", source="all") for n in range(3)),
        *(a_gift_card(f"card-{n}", source="all", code=f"CODE-{n}-SECRET") for n in range(3)),
        *(a_store_credit(f"sca-{n}", source="all") for n in range(3)),
        owner=SHOPPER,
    )


@pytest.fixture
def adobe() -> CreditAccountsInMemory:
    return CreditAccountsInMemory(
        a_source("adobe", InstrumentKind.CREDIT_LINE),
        a_company_credit("31"),
        a_company_credit("32", status=InstrumentStatus.BLOCKED, holder="other@example.com"),
    )


@pytest.fixture
def cards() -> GiftCardsInMemory:
    card = a_gift_card("own", source="cards")
    return GiftCardsInMemory(a_source("cards", InstrumentKind.GIFT_CARD), card, owner=SHOPPER)


@pytest.fixture
def medusa() -> StoreCreditInMemory:
    return StoreCreditInMemory(
        a_source("medusa", InstrumentKind.STORE_CREDIT),
        a_store_credit("mine"),
        a_store_credit("dollars", currency="USD"),
        a_store_credit("unclaimed", owner=None),
    )


@pytest.fixture
def desk(
    everything: InMemoryProvider,
    adobe: CreditAccountsInMemory,
    cards: GiftCardsInMemory,
    medusa: StoreCreditInMemory,
) -> Desk:
    return a_desk(everything, adobe, cards, medusa)


def ids(items: Sequence[Placed[Kept]]) -> list[str]:
    return [placed.item.provider_id for placed in items]


class TestOfACustomer:
    async def test_credit_accounts_of_all_sources_page_by_page(
        self, desk: Desk, everything: InMemoryProvider
    ) -> None:
        first = await credit_accounts_of_customer(desk, CUSTOMER, first=2, after={})
        second = await credit_accounts_of_customer(desk, CUSTOMER, first=9, after=first.end)
        assert ids([*first.items, *second.items]) == [
            "account-0",
            "account-1",
            "account-2",
            "31",
        ]
        assert (first.has_next, second.has_next) == (True, False)
        assert first.total == 4
        assert everything.times_asked("credit_accounts_of") == 1

    async def test_store_credit_of_all_sources_page_by_page(self, desk: Desk) -> None:
        first = await store_credit_of_customer(desk, CUSTOMER, first=4, after={})
        second = await store_credit_of_customer(desk, CUSTOMER, first=4, after=first.end)
        assert ids([*first.items, *second.items]) == ["sca-0", "sca-1", "sca-2", "mine", "dollars"]
        assert first.total == 5

    async def test_gift_cards_of_all_sources_page_by_page(
        self, desk: Desk, everything: InMemoryProvider
    ) -> None:
        first = await gift_cards_of_customer(desk, CUSTOMER, CART, first=2, after={})
        second = await gift_cards_of_customer(desk, CUSTOMER, CART, first=2, after=first.end)
        assert ids([*first.items, *second.items]) == ["card-0", "card-1", "card-2", "own"]
        assert everything.times_asked("gift_card") == 3

    async def test_a_card_that_cannot_be_read_is_a_problem_of_its_page(
        self, desk: Desk, everything: InMemoryProvider
    ) -> None:
        everything.fail(ProviderFailed, "gift_card", about="card-1")
        page = await gift_cards_of_customer(desk, CUSTOMER, CART, first=9, after={})
        assert ids(page.items) == ["card-0", "card-2", "own"]
        assert [(one.source, one.kind) for one in page.problems] == [
            ("all", SourceProblemKind.UPSTREAM_ERROR)
        ]

    async def test_an_unreadable_account_is_told_and_makes_the_total_unknown(
        self, desk: Desk, everything: InMemoryProvider
    ) -> None:
        everything.spoil("account-1")
        page = await credit_accounts_of_customer(desk, CUSTOMER, first=9, after={})
        assert ids(page.items) == ["account-0", "account-2", "31"]
        assert page.total is None
        assert len(page.problems) == 1

    async def test_it_is_told_on_the_page_where_the_list_begins_and_not_again(
        self, desk: Desk, everything: InMemoryProvider
    ) -> None:
        everything.spoil("account-1")
        first = await credit_accounts_of_customer(desk, CUSTOMER, first=1, after={})
        second = await credit_accounts_of_customer(desk, CUSTOMER, first=1, after=first.end)
        assert ids(second.items) == ["account-2"]
        assert (len(first.problems), second.problems) == (1, ())

    async def test_a_source_that_does_not_know_them_says_so(self, desk: Desk) -> None:
        stranger = a_customer(SHOPPER)
        page = await store_credit_of_customer(desk, stranger, first=9, after={})
        assert page.items == ()
        assert {one.kind for one in page.problems} == {SourceProblemKind.IDENTITY_NOT_LINKED}
        nameless = a_customer(None, medusa=SHOPPER_ID)
        cards = await gift_cards_of_customer(desk, nameless, CART, first=9, after={})
        assert {one.source for one in cards.problems} == {"all", "cards"}


class TestSearches:
    async def test_credit_accounts_that_answer_a_question(self, desk: Desk) -> None:
        blocked = CreditAccountQuestion(status=InstrumentStatus.BLOCKED)
        page = await find_credit_accounts(desk, blocked, sources=None, first=9, after={})
        assert ids(page.items) == ["32"]

    async def test_credit_accounts_of_some_sources(
        self, desk: Desk, everything: InMemoryProvider
    ) -> None:
        page = await find_credit_accounts(
            desk, CreditAccountQuestion(), sources=["adobe"], first=1, after={}
        )
        rest = await find_credit_accounts(
            desk, CreditAccountQuestion(), sources=["adobe"], first=1, after=page.end
        )
        assert ids([*page.items, *rest.items]) == ["31", "32"]
        assert everything.asked == []

    async def test_store_credit_that_answers_a_question(self, desk: Desk) -> None:
        dollars = StoreCreditQuestion(currency=USD)
        page = await find_store_credit(desk, dollars, sources=None, first=9, after={})
        assert ids(page.items) == ["dollars"]
        every = await find_store_credit(
            desk, StoreCreditQuestion(), sources=["medusa"], first=9, after={}
        )
        assert ids(every.items) == ["mine", "dollars", "unclaimed"]

    async def test_a_gift_card_by_its_code(self, desk: Desk) -> None:
        question = GiftCardQuestion(redemption_code="CODE-1-SECRET")
        page = await find_gift_cards(desk, "all", question, first=9, after={})
        assert ids(page.items) == ["card-1"]

    async def test_sources_that_do_not_exist_or_cannot_are_no_question(self, desk: Desk) -> None:
        with pytest.raises(InvalidQuestion):
            await find_gift_cards(desk, "nowhere", GiftCardQuestion(), first=9, after={})
        with pytest.raises(UnsupportedOperation):
            await find_gift_cards(desk, "adobe", GiftCardQuestion(), first=9, after={})
        with pytest.raises(InvalidQuestion):
            await find_credit_accounts(
                desk, CreditAccountQuestion(), sources=["nowhere"], first=9, after={}
            )


async def test_one_store_credit_account_is_read_once_a_request(
    desk: Desk, medusa: StoreCreditInMemory
) -> None:
    for _ in range(2):
        account = await store_credit_account(
            desk, medusa, a_store_credit("mine").provider_store_credit_id
        )
        assert account == a_store_credit("mine")
    assert medusa.times_asked() == 1
