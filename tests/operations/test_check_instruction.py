"""What is refused before a provider is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.errors import CurrencyMismatch, InvalidQuestion
from app.domain.instructions import CreditGiftCard, DebitGiftCard, Instruction
from app.domain.instruments import Instrument, InstrumentKind, InstrumentStatus, version_of
from app.domain.refusals import InstrumentNotUsable, StaleVersion
from app.domain.spendable import IneligibilityReason
from app.operations.check_instruction import refuse_at_sight, refuse_stale
from tests.doubles.samples import (
    NOW,
    a_company_credit,
    a_credit_account,
    a_gift_card,
    a_store_credit,
    money,
)
from tests.operations.counter import credit, debit, one_of_each

MOVES = pytest.mark.parametrize("instruction", one_of_each(), ids=lambda one: type(one).__name__)
INSTRUMENTS: dict[InstrumentKind, Instrument] = {
    InstrumentKind.GIFT_CARD: a_gift_card(),
    InstrumentKind.CREDIT_LINE: a_credit_account(),
    InstrumentKind.STORE_CREDIT: a_store_credit(),
}


def of_that(instruction: Instruction) -> Instrument:
    return INSTRUMENTS[instruction.subject.kind]


@MOVES
def test_an_amount_of_the_instruments_currency_is_left_to_the_provider(
    instruction: Instruction,
) -> None:
    refuse_at_sight(instruction, of_that(instruction), at=NOW)


@pytest.mark.parametrize("amount", ["0", "0.00", "-0", "-0.01", "-10", "-1000000000000000000000"])
@pytest.mark.parametrize("number", range(6))
def test_an_amount_that_is_nothing_or_less_is_refused(number: int, amount: str) -> None:
    instruction = one_of_each(amount)[number]
    with pytest.raises(InvalidQuestion) as refused:
        refuse_at_sight(instruction, of_that(instruction), at=NOW)
    assert refused.value.path == ("amount", "amount")


@pytest.mark.parametrize("amount", ["0.01", "0.0000000001", "9" * 50])
@pytest.mark.parametrize("number", range(6))
def test_how_small_or_large_an_amount_may_be_is_for_the_provider_to_say(
    number: int, amount: str
) -> None:
    instruction = one_of_each(amount)[number]
    refuse_at_sight(instruction, of_that(instruction), at=NOW)


@pytest.mark.parametrize("number", range(6))
def test_money_of_another_currency_is_refused_with_both(number: int) -> None:
    instruction = one_of_each(currency="USD")[number]
    with pytest.raises(CurrencyMismatch) as refused:
        refuse_at_sight(instruction, of_that(instruction), at=NOW)
    assert (refused.value.expected, refused.value.actual) == ("BRL", "USD")


UNUSABLE = {
    "expired": (a_gift_card(expires_at=NOW), IneligibilityReason.EXPIRED),
    "closed": (a_gift_card(status=InstrumentStatus.CLOSED), IneligibilityReason.CLOSED),
    "blocked": (a_gift_card(status=InstrumentStatus.BLOCKED), IneligibilityReason.BLOCKED),
    "not yet valid": (
        a_gift_card(issued_at=NOW + timedelta(seconds=1)),
        IneligibilityReason.NOT_YET_VALID,
    ),
}


@pytest.mark.parametrize(("card", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_nothing_is_paid_with_what_is_not_usable(
    card: Instrument, reason: IneligibilityReason
) -> None:
    with pytest.raises(InstrumentNotUsable) as refused:
        refuse_at_sight(debit(), card, at=NOW)
    assert refused.value.reasons == (reason,)


@pytest.mark.parametrize(("card", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_putting_money_on_what_is_not_usable_is_left_to_the_provider(
    card: Instrument, reason: IneligibilityReason
) -> None:
    refuse_at_sight(credit(), card, at=NOW)


def test_a_card_is_usable_until_the_moment_it_expires() -> None:
    card = a_gift_card(expires_at=NOW + timedelta(microseconds=1))
    refuse_at_sight(debit(), card, at=NOW)


def test_a_card_with_nothing_on_it_is_for_the_provider_to_refuse() -> None:
    refuse_at_sight(debit(), a_gift_card(balance="0"), at=NOW)


@pytest.mark.parametrize("status", [InstrumentStatus.CLOSED, InstrumentStatus.BLOCKED])
def test_nothing_is_paid_with_store_credit_that_is_closed(status: InstrumentStatus) -> None:
    spends = one_of_each()[-1]
    with pytest.raises(InstrumentNotUsable):
        refuse_at_sight(spends, a_store_credit(status=status), at=NOW)


@pytest.mark.parametrize("kind", [CreditGiftCard, DebitGiftCard])
def test_the_amount_comes_before_the_currency_and_that_before_the_card(
    kind: type[CreditGiftCard],
) -> None:
    card = a_gift_card(expires_at=NOW)
    both_wrong = kind(
        source=card.source,
        card_id=card.provider_card_id,
        amount=money("-1", "USD"),
        description="x",
    )
    with pytest.raises(InvalidQuestion):
        refuse_at_sight(both_wrong, card, at=NOW)
    with pytest.raises(CurrencyMismatch):
        refuse_at_sight(replace(both_wrong, amount=money("1", "USD")), card, at=NOW)


@pytest.mark.parametrize(
    "seen", [a_gift_card(), a_credit_account(), a_company_credit(), a_store_credit()]
)
def test_what_is_as_the_caller_saw_it_passes_whenever_it_is_looked_at(seen: Instrument) -> None:
    later = replace(seen, observed_at=NOW + timedelta(hours=1))
    refuse_stale(later, version_of(seen))


def test_a_caller_who_names_no_version_does_not_mind() -> None:
    refuse_stale(a_gift_card(), None)


@pytest.mark.parametrize(
    "changed",
    [
        a_gift_card(balance="39.99"),
        a_gift_card(status=InstrumentStatus.BLOCKED),
        a_gift_card(expires_at=None),
        a_gift_card("card-2"),
    ],
)
def test_what_changed_since_the_caller_saw_it_is_refused(changed: Instrument) -> None:
    with pytest.raises(StaleVersion) as refused:
        refuse_stale(changed, version_of(a_gift_card()))
    assert refused.value.expected == version_of(a_gift_card())


@pytest.mark.parametrize("version", ["", "x", "\x00", "9" * 100_000])
def test_a_version_that_is_none_is_one_of_the_past(version: str) -> None:
    with pytest.raises(StaleVersion):
        refuse_stale(a_gift_card(), version)
