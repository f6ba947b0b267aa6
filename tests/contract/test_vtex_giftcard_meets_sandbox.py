"""VTEX Giftcard and its stand-in, written apart from the same contract."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.vtex_giftcard.client import VtexGiftcard
from app.domain.identifiers import ProviderCardId
from app.domain.instruments import InstrumentStatus
from app.domain.ledger import CardOperation
from app.domain.paging import Window
from app.domain.provider import GiftCardQuestion
from tests.contract.cast import COLLECTORS_CARDS, LIMITS, LOYALTY_CARD, Said, brl
from tests.contract.stack import NOW, Adapters, over_sandbox, section, walked


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_customers_cards_come_each_once(sources: Adapters, limit: int) -> None:
    vtex = sources.vtex_giftcard()

    ids = await walked(lambda window: vtex.search_gift_cards(COLLECTORS_CARDS, window), limit=limit)

    assert len(ids) == len(set(ids)) == 64


async def test_every_card_that_is_found_can_be_read(sources: Adapters, said: Said) -> None:
    vtex = sources.vtex_giftcard()
    ids = (await vtex.search_gift_cards(COLLECTORS_CARDS, Window(0, 100))).items
    cards = [await vtex.gift_card(card_id) for card_id in ids]

    for card in cards:
        document = await said(f"/vtex/api/giftcards/{card.provider_card_id}")
        assert card.balance.amount == document["balance"]
        assert card.redemption_code.reveal() == document["redemptionCode"]
    assert {card.currency.code for card in cards} == {"BRL", "USD", "EUR", "JPY", "KWD"}
    assert {card.currency_assumed for card in cards} == {True, False}
    assert {card.status for card in cards} == {
        InstrumentStatus.ACTIVE,
        InstrumentStatus.EXPIRED,
        InstrumentStatus.DEPLETED,
    }


async def test_a_card_answered_by_its_number_keeps_the_id_asked_for(sources: Adapters) -> None:
    vtex = sources.vtex_giftcard()
    question = GiftCardQuestion(document="11222333000181")
    (card_id,) = (await vtex.search_gift_cards(question, Window())).items

    assert (await vtex.gift_card(card_id)).provider_card_id == card_id
    assert card_id.endswith("_74")
    assert len(await vtex.card_transactions(card_id)) == 2


async def test_a_debit_its_authorization_and_what_became_of_it(sources: Adapters) -> None:
    vtex = sources.vtex_giftcard()
    card = await vtex.gift_card(LOYALTY_CARD)

    debit_id, credit_id = await vtex.card_transactions(LOYALTY_CARD)
    debit = await vtex.card_transaction(card, debit_id)
    credit = await vtex.card_transaction(card, credit_id)
    authorization = await vtex.card_authorization(card, debit_id)
    settlements = await vtex.card_settlements(card, debit_id)
    cancellations = await vtex.card_cancellations(card, debit_id)

    assert (debit.operation, debit.amount) == (CardOperation.DEBIT, brl("25"))
    assert (credit.operation, credit.amount) == (CardOperation.CREDIT, brl("60"))
    assert debit.occurred_at == NOW - timedelta(days=30)
    assert authorization is not None
    assert authorization.amount == debit.amount
    assert [it.amount for it in settlements] == [brl("20")]
    assert [it.amount for it in cancellations] == [brl("5")]
    assert card.balance == credit.amount - debit.amount + cancellations[0].amount


async def test_a_card_without_transactions_has_none(sources: Adapters) -> None:
    assert await sources.vtex_giftcard().card_transactions(ProviderCardId("958")) == ()


async def test_a_card_is_found_by_its_code(sources: Adapters) -> None:
    question = GiftCardQuestion(redemption_code="GWED-DART-JLJW-OLYS")

    found = await sources.vtex_giftcard().search_gift_cards(question, Window())

    assert found.items == ("954",)


@pytest.mark.parametrize(("document", "found"), [("", 0), ("39053344705", 1)])
async def test_a_restricted_card_needs_code_and_document(
    sources: Adapters, document: str, found: int
) -> None:
    question = GiftCardQuestion(redemption_code="SNPL-JPPG-HONP-KCNS", document=document)

    page = await sources.vtex_giftcard().search_gift_cards(question, Window())

    assert len(page.items) == found


async def test_a_document_with_punctuation_finds_no_card_made_through_the_api(
    sources: Adapters,
) -> None:
    vtex = sources.vtex_giftcard()

    plain = await vtex.search_gift_cards(GiftCardQuestion(document="11144477735"), Window())
    other = await vtex.search_gift_cards(GiftCardQuestion(document="111.444.777-35"), Window())

    assert (len(plain.items), len(other.items)) == (3, 0)


HARMLESS_DEFECTS = (
    "small_ranges_return_nothing",
    "empty_body_without_transactions",
    "bare_array_search",
    "array_authorization",
    "swapped_reference_ids",
)
NEWLY_ISSUED = ProviderCardId("958")


def with_defect(name: str) -> VtexGiftcard:
    return over_sandbox(section("vtex_giftcard", defects={name: True})).vtex_giftcard()


@pytest.mark.parametrize("defect", HARMLESS_DEFECTS)
async def test_a_published_defect_changes_nothing_that_is_read(
    sources: Adapters, defect: str
) -> None:
    async def told_by(vtex: VtexGiftcard) -> list[object]:
        card = await vtex.gift_card(LOYALTY_CARD)
        transactions = await vtex.card_transactions(LOYALTY_CARD)
        found = await walked(
            lambda window: vtex.search_gift_cards(COLLECTORS_CARDS, window), limit=7
        )
        return [
            card,
            transactions,
            found,
            await vtex.card_transactions(NEWLY_ISSUED),
            *[await vtex.card_transaction(card, one) for one in transactions],
            *[await vtex.card_authorization(card, one) for one in transactions],
        ]

    assert await told_by(with_defect(defect)) == await told_by(sources.vtex_giftcard())


async def test_a_masked_code_still_ends_like_the_real_one(sources: Adapters) -> None:
    masked = await with_defect("masked_codes").gift_card(LOYALTY_CARD)
    plain = await sources.vtex_giftcard().gift_card(LOYALTY_CARD)

    assert masked.redemption_code.masked() == plain.redemption_code.masked()
    assert masked.balance == plain.balance


async def test_captions_are_shown_where_reading_gives_them() -> None:
    card = await with_defect("captions_on_reading").gift_card(LOYALTY_CARD)

    assert card.details
    assert (card.details.caption, card.details.relation_name) == ("Loyalty", "loyalty-7")


async def test_a_list_that_lacks_a_transaction_leaves_the_balance_right() -> None:
    vtex = with_defect("incomplete_transactions")

    assert len(await vtex.card_transactions(LOYALTY_CARD)) == 1
    assert (await vtex.gift_card(LOYALTY_CARD)).balance == brl("40.00")
