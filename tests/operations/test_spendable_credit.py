"""The main question, asked of real little ledgers: in parallel, by a deadline, to the cent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.domain.customer import CustomerIdentity
from app.domain.errors import (
    DeadlineExceeded,
    InvalidQuestion,
    ProviderContractBroken,
    ProviderFailed,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
    ProviderUnreachable,
    SourceProblemKind,
)
from app.domain.instruments import InstrumentKind
from app.domain.spendable import (
    Completeness,
    ExchangeRate,
    SpendableCredit,
    SpendWarning,
)
from app.operations.desk import Desk
from app.operations.spendable_credit import SpendableQuestion, spendable_credit
from tests.doubles.desk import a_desk
from tests.doubles.in_memory_provider import (
    CreditAccountsInMemory,
    GiftCardsInMemory,
    InMemoryProvider,
    InvoicedCreditInMemory,
    StoreCreditInMemory,
)
from tests.doubles.samples import (
    BRL,
    NOW,
    SHOPPER,
    SHOPPER_ID,
    USD,
    a_company_credit,
    a_credit_account,
    a_customer,
    a_gift_card,
    a_source,
    a_store_configuration,
    a_store_credit,
    money,
)

SHOPPER_KNOWN = a_customer(SHOPPER, medusa=SHOPPER_ID)

DeadlinePasses = Callable[[], Awaitable[None]]


AnySource = (
    InvoicedCreditInMemory | GiftCardsInMemory | CreditAccountsInMemory | StoreCreditInMemory
)


@dataclass(frozen=True)
class Shop:
    """The four sources of the worked example, and a desk over them."""

    vtex: InvoicedCreditInMemory
    cards: GiftCardsInMemory
    adobe: CreditAccountsInMemory
    medusa: StoreCreditInMemory

    @property
    def all(self) -> list[AnySource]:
        return [self.vtex, self.cards, self.adobe, self.medusa]

    @property
    def desk(self) -> Desk:
        return a_desk(*self.all, rates=lambda of, _to: DOLLARS if of == USD else None)


DOLLARS = ExchangeRate(
    from_=USD,
    to=BRL,
    rate=money("5.4321").amount,
    provider="central-bank",
    as_of=NOW,
    haircut_bps=100,
)


@pytest.fixture
def shop() -> Shop:
    return Shop(
        vtex=InvoicedCreditInMemory(
            a_source("vtex-br", InstrumentKind.CREDIT_LINE),
            a_credit_account(available="850.555", tolerance="0.10"),
            configuration=a_store_configuration(),
        ),
        cards=GiftCardsInMemory(
            a_source("cards", InstrumentKind.GIFT_CARD),
            a_gift_card("live", balance="40.00"),
            a_gift_card("expired", balance="25.00", expires_at=NOW - timedelta(days=1)),
            a_gift_card("dollars", balance="10.00", currency="USD"),
            owner=SHOPPER,
        ),
        adobe=CreditAccountsInMemory(
            a_source("adobe", InstrumentKind.CREDIT_LINE), a_company_credit()
        ),
        medusa=StoreCreditInMemory(
            a_source("medusa", InstrumentKind.STORE_CREDIT), a_store_credit()
        ),
    )


def keep_sixty(cards: GiftCardsInMemory) -> None:
    """Sixty cards of one real each, instead of what is there."""
    cards.cards[:] = [a_gift_card(f"card-{n}", balance="1.00") for n in range(60)]
    cards.owners = {one.provider_card_id: SHOPPER for one in cards.cards}


async def ask(
    desk: Desk,
    question: SpendableQuestion | None = None,
    *,
    customer: CustomerIdentity = SHOPPER_KNOWN,
) -> SpendableCredit:
    return await spendable_credit(desk, customer, question or SpendableQuestion(currency=BRL))


def problems(answer: SpendableCredit) -> list[tuple[str, SourceProblemKind]]:
    return [(one.source, one.kind) for one in answer.problems]


class TestWorkedExample:
    async def test_all_four_up(self, shop: Shop) -> None:
        answer = await ask(shop.desk)
        assert answer.total == money("4752.35")
        assert answer.completeness is Completeness.COMPLETE
        assert answer.problems == ()
        assert answer.as_of == answer.at == NOW

    async def test_adobe_away(self, shop: Shop) -> None:
        shop.adobe.fail(ProviderTimedOut)
        answer = await ask(shop.desk, SpendableQuestion(currency=BRL, indicative_conversion=True))
        assert answer.total == money("1002.85")
        assert answer.indicative_total == money("1056.62")
        assert answer.completeness is Completeness.PARTIAL
        assert problems(answer) == [("adobe", SourceProblemKind.TIMEOUT)]
        assert answer.rates == (DOLLARS,)

    async def test_all_four_away(self, shop: Shop) -> None:
        for source in shop.all:
            source.fail(ProviderUnreachable)
        answer = await ask(shop.desk)
        assert answer.total is None
        assert answer.completeness is Completeness.NONE
        assert {source for source, _ in problems(answer)} == {"vtex-br", "cards", "adobe", "medusa"}

    async def test_without_tolerance(self, shop: Shop) -> None:
        question = SpendableQuestion(currency=BRL, include_tolerance=False)
        answer = await ask(shop.desk, question)
        assert answer.total == money("4652.35")
        assert shop.vtex.times_asked("store_configuration") == 0

    async def test_at_a_moment_to_come(self, shop: Shop) -> None:
        later = NOW + timedelta(days=365)
        answer = await ask(shop.desk, SpendableQuestion(currency=BRL, at=later))
        assert answer.total == money("4712.35")
        assert answer.at == later


class TestFanOut:
    async def test_every_source_is_asked_before_any_answers(self, shop: Shop) -> None:
        for source in shop.all:
            source.hang()
        asking = asyncio.create_task(ask(shop.desk))
        await shop.vtex.until_asked(1, "credit_accounts_of")
        await shop.vtex.until_asked(1, "store_configuration")
        await shop.cards.until_asked(1, "search_gift_cards")
        await shop.adobe.until_asked(1, "credit_accounts_of")
        await shop.medusa.until_asked(1, "search_store_credit")
        for source in shop.all:
            source.answer(100)
        assert (await asking).total == money("4752.35")

    async def test_the_order_of_answers_changes_nothing(self, shop: Shop) -> None:
        in_order = await ask(shop.desk)
        shop.vtex.hang()
        asking = asyncio.create_task(ask(shop.desk))
        await shop.cards.until_asked(3 * 2, "gift_card")
        shop.vtex.answer(100)
        assert await asking == in_order

    @pytest.mark.parametrize(
        ("kinds", "asked"),
        [
            ([InstrumentKind.STORE_CREDIT], {"medusa"}),
            ([InstrumentKind.GIFT_CARD], {"cards"}),
            ([InstrumentKind.CREDIT_LINE], {"vtex-br", "adobe"}),
            ([], set()),
        ],
    )
    async def test_only_the_kinds_wanted_are_asked_for(
        self, shop: Shop, kinds: list[InstrumentKind], asked: set[str]
    ) -> None:
        await ask(shop.desk, SpendableQuestion(currency=BRL, kinds=kinds))
        assert {one.info.key for one in shop.all if one.asked} == asked

    async def test_only_the_sources_wanted_are_asked(self, shop: Shop) -> None:
        question = SpendableQuestion(currency=BRL, sources=["medusa", "cards"])
        answer = await ask(shop.desk, question)
        assert answer.total == money("52.30")
        assert {one.info.key for one in shop.all if one.asked} == {"medusa", "cards"}

    async def test_nothing_to_ask_is_no_answer(self, shop: Shop) -> None:
        question = SpendableQuestion(
            currency=BRL, sources=["medusa"], kinds=[InstrumentKind.GIFT_CARD]
        )
        answer = await ask(shop.desk, question)
        assert answer.total is None
        assert answer.completeness is Completeness.NONE

    async def test_a_source_that_does_not_exist_is_no_question(self, shop: Shop) -> None:
        with pytest.raises(InvalidQuestion):
            await ask(shop.desk, SpendableQuestion(currency=BRL, sources=["medusa", "nowhere"]))
        assert not any(one.asked for one in shop.all)

    async def test_a_source_of_several_kinds_answers_for_each(self) -> None:
        everything = InMemoryProvider(
            a_source("everything"),
            a_credit_account(source="everything", available="1.00"),
            a_gift_card(source="everything", balance="2.00"),
            a_store_credit(source="everything", balance="4.00"),
            owner=SHOPPER,
            configuration=a_store_configuration(),
        )
        everything.fail(ProviderFailed, "search_store_credit")
        answer = await ask(a_desk(everything), customer=a_customer(SHOPPER, everything=SHOPPER_ID))
        assert answer.total == money("3.00")
        assert [one.affects for one in answer.problems] == [{InstrumentKind.STORE_CREDIT}]

    async def test_a_source_that_cannot_read_what_it_claims_to_keep_is_a_mistake(self) -> None:
        boastful = StoreCreditInMemory(a_source("medusa", InstrumentKind.GIFT_CARD))
        with pytest.raises(AssertionError, match="medusa keeps GIFT_CARD"):
            await ask(a_desk(boastful))


class TestDeadline:
    @pytest.mark.parametrize(
        ("source", "total"),
        [
            ("vtex-br", "3801.80"),
            ("cards", "4712.35"),
            ("adobe", "1002.85"),
            ("medusa", "4740.05"),
        ],
    )
    async def test_a_source_that_hangs_costs_itself_only(
        self, shop: Shop, deadline_passes: DeadlinePasses, source: str, total: str
    ) -> None:
        whole = await ask(shop.desk)
        hanging = next(one for one in shop.all if one.info.key == source)
        hanging.hang()
        asking = asyncio.create_task(ask(shop.desk))
        await deadline_passes()
        answer = await asking
        assert answer.total == money(total)
        assert answer.completeness is Completeness.PARTIAL
        assert problems(answer) == [(source, SourceProblemKind.DEADLINE_EXCEEDED)]
        assert answer.lines == tuple(
            line for line in whole.lines if line.instrument.source != source
        )

    async def test_all_hanging_is_no_answer(
        self, shop: Shop, deadline_passes: DeadlinePasses
    ) -> None:
        for source in shop.all:
            source.hang()
        asking = asyncio.create_task(ask(shop.desk))
        await deadline_passes()
        answer = await asking
        assert answer.total is None
        assert {kind for _, kind in problems(answer)} == {DeadlineExceeded.kind}

    async def test_cards_that_were_read_in_time_count(
        self, shop: Shop, deadline_passes: DeadlinePasses
    ) -> None:
        keep_sixty(shop.cards)
        shop.cards.hang("gift_card", about="card-30")
        asking = asyncio.create_task(
            ask(shop.desk, SpendableQuestion(currency=BRL, sources=["cards"]))
        )
        await deadline_passes()
        answer = await asking
        assert answer.total == money("59.00")
        assert problems(answer) == [("cards", SourceProblemKind.DEADLINE_EXCEEDED)]


class TestFaults:
    @pytest.mark.parametrize(
        "fault",
        [
            ProviderTimedOut,
            ProviderUnreachable,
            ProviderFailed,
            ProviderThrottled,
            ProviderRefusedUs,
            ProviderContractBroken,
        ],
    )
    @pytest.mark.parametrize("source", ["vtex-br", "cards", "adobe", "medusa"])
    async def test_every_fault_of_every_source_is_told_and_the_rest_is_whole(
        self, shop: Shop, source: str, fault: type[ProviderFault]
    ) -> None:
        whole = await ask(shop.desk)
        failing = next(one for one in shop.all if one.info.key == source)
        failing.fail(fault)
        answer = await ask(shop.desk)
        assert problems(answer) == [(source, fault.kind)]
        assert answer.completeness is Completeness.PARTIAL
        assert answer.lines == tuple(
            line for line in whole.lines if line.instrument.source != source
        )

    async def test_an_unreadable_account_leaves_the_others(self) -> None:
        adobe = CreditAccountsInMemory(
            a_source("adobe", InstrumentKind.CREDIT_LINE),
            a_company_credit("31", available="10"),
            a_company_credit("32", available="20"),
        )
        adobe.spoil("31")
        answer = await ask(a_desk(adobe))
        assert answer.total == money("20")
        assert problems(answer) == [("adobe", SourceProblemKind.BAD_RESPONSE)]
        assert answer.completeness is Completeness.PARTIAL

    async def test_a_source_whose_every_instrument_is_unreadable_has_not_answered(self) -> None:
        adobe = CreditAccountsInMemory(
            a_source("adobe", InstrumentKind.CREDIT_LINE), a_company_credit("31")
        )
        adobe.spoil("31")
        answer = await ask(a_desk(adobe))
        assert answer.total is None
        assert answer.completeness is Completeness.NONE

    async def test_a_source_that_says_there_is_nothing_has_answered(self, shop: Shop) -> None:
        answer = await ask(shop.desk, customer=a_customer("nobody@example.com", medusa="cus_0"))
        assert answer.total == money("0")
        assert answer.completeness is Completeness.COMPLETE

    async def test_a_source_that_does_not_know_who_it_is_says_so(self, shop: Shop) -> None:
        answer = await ask(shop.desk, customer=a_customer(SHOPPER))
        assert answer.total == money("4740.05")
        assert problems(answer) == [("medusa", SourceProblemKind.IDENTITY_NOT_LINKED)]
        assert shop.medusa.asked == []

    async def test_someone_known_at_one_source_only_is_linked_nowhere_else(
        self, shop: Shop
    ) -> None:
        answer = await ask(shop.desk, customer=a_customer(None, medusa=SHOPPER_ID))
        assert answer.total == money("12.30")
        assert {kind for _, kind in problems(answer)} == {SourceProblemKind.IDENTITY_NOT_LINKED}
        assert {source for source, _ in problems(answer)} == {"vtex-br", "cards", "adobe"}


class TestTolerance:
    async def test_a_store_that_does_not_say_costs_the_tolerance_only(self, shop: Shop) -> None:
        shop.vtex.fail(ProviderFailed, "store_configuration")
        answer = await ask(shop.desk)
        assert answer.total == money("4652.35")
        assert answer.lines[0].verdict.warnings == (SpendWarning.TOLERANCE_UNKNOWN,)
        assert problems(answer) == [("vtex-br", SourceProblemKind.UPSTREAM_ERROR)]
        assert answer.completeness is Completeness.PARTIAL

    async def test_a_store_that_hangs_on_it_costs_the_tolerance_only(
        self, shop: Shop, deadline_passes: DeadlinePasses
    ) -> None:
        shop.vtex.hang("store_configuration")
        asking = asyncio.create_task(ask(shop.desk))
        await deadline_passes()
        answer = await asking
        assert answer.total == money("4652.35")
        assert problems(answer) == [("vtex-br", SourceProblemKind.DEADLINE_EXCEEDED)]

    @pytest.mark.parametrize("tolerance", [None, "0"])
    async def test_where_no_account_has_a_tolerance_nothing_is_missing(
        self, shop: Shop, tolerance: str | None
    ) -> None:
        shop.vtex.accounts[:] = [a_credit_account(available="850", tolerance=tolerance)]
        shop.vtex.fail(ProviderFailed, "store_configuration")
        answer = await ask(shop.desk)
        assert answer.problems == ()
        assert answer.completeness is Completeness.COMPLETE

    async def test_a_store_that_disables_it_gives_none(self, shop: Shop) -> None:
        shop.vtex.configuration = a_store_configuration(tolerance_enabled=False)
        answer = await ask(shop.desk)
        assert answer.total == money("4652.35")
        assert answer.completeness is Completeness.COMPLETE

    async def test_a_source_without_such_terms_gives_none(self, shop: Shop) -> None:
        shop.adobe.accounts[:] = [a_credit_account("31", source="adobe", tolerance="0.5")]
        answer = await ask(shop.desk, SpendableQuestion(currency=BRL, sources=["adobe"]))
        assert answer.total == money("850.00")
        assert answer.completeness is Completeness.COMPLETE


class TestCards:
    async def test_sixty_cards_cost_sixty_reads_and_no_more(self, shop: Shop) -> None:
        keep_sixty(shop.cards)
        desk = shop.desk
        first, second = await asyncio.gather(ask(desk), ask(desk))
        assert first == second
        assert first.total == money("4772.35")
        assert shop.cards.times_asked("gift_card") == 60
        assert shop.cards.times_asked("search_gift_cards") == 1

    async def test_one_card_of_sixty_that_fails_leaves_fifty_nine(self, shop: Shop) -> None:
        keep_sixty(shop.cards)
        shop.cards.fail(ProviderFailed, "gift_card", about="card-30")
        answer = await ask(shop.desk, SpendableQuestion(currency=BRL, sources=["cards"]))
        assert answer.total == money("59.00")
        assert answer.completeness is Completeness.PARTIAL
        assert problems(answer) == [("cards", SourceProblemKind.UPSTREAM_ERROR)]

    async def test_a_card_that_is_listed_but_not_known_is_a_problem_and_no_more(
        self, shop: Shop
    ) -> None:
        shop.cards.lose("live")
        answer = await ask(shop.desk)
        assert answer.total == money("4712.35")
        assert problems(answer) == [("cards", SourceProblemKind.BAD_RESPONSE)]

    async def test_cards_of_which_none_can_be_read_are_no_answer(self, shop: Shop) -> None:
        shop.cards.fail(ProviderFailed, "gift_card")
        answer = await ask(shop.desk, SpendableQuestion(currency=BRL, sources=["cards"]))
        assert answer.total is None

    async def test_so_many_cards_are_read_at_a_time(self, shop: Shop) -> None:
        keep_sixty(shop.cards)
        shop.cards.hang("gift_card")
        asking = asyncio.create_task(ask(a_desk(shop.cards, parallel=8)))
        await shop.cards.until_asked(8, "gift_card")
        shop.cards.answer(60)
        assert (await asking).total == money("60.00")
        assert shop.cards.most_under_way == 8

    async def test_a_search_that_never_ends_is_read_to_its_last_card(self, shop: Shop) -> None:
        keep_sixty(shop.cards)
        shop.cards.repeats_last_page = True
        answer = await ask(shop.desk, SpendableQuestion(currency=BRL, sources=["cards"]))
        assert answer.total == money("60.00")
        assert len(answer.lines) == 60


async def test_two_requests_share_nothing(shop: Shop) -> None:
    assert (await ask(a_desk(*shop.all))).total == money("4752.35")
    shop.medusa.store_credit[:] = [a_store_credit(balance="2.30")]
    assert (await ask(a_desk(*shop.all))).total == money("4742.35")
