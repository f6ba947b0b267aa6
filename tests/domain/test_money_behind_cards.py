"""Money that a card and the account behind it both show is counted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.identifiers import ProviderStoreCreditId, SourceKey
from app.domain.instruments import GiftCard, Instrument, InstrumentKind, InstrumentStatus
from app.domain.money import Currency
from app.domain.spendable import ExchangeRate, IneligibilityReason, SpendableCredit, verdict_on
from tests.doubles.samples import BRL, NOW, a_gift_card, a_store_credit, money

BEHIND = ProviderStoreCreditId("sca-1")
CARD = replace(a_gift_card("live", source="medusa", balance="12.30"), backed_by=BEHIND)
ACCOUNT = a_store_credit("sca-1", balance="12.30")
ENDED = replace(CARD, status=InstrumentStatus.EXPIRED, expires_at=NOW - timedelta(days=1))


def summed(*instruments: Instrument) -> SpendableCredit:
    def rate(from_: Currency, to: Currency) -> ExchangeRate:
        return ExchangeRate(
            from_=from_, to=to, rate=Decimal(2), provider="test", as_of=NOW, haircut_bps=0
        )

    return SpendableCredit.summed(
        BRL,
        [(one, verdict_on(one, at=NOW)) for one in instruments],
        at=NOW,
        problems=(),
        answered=True,
        rate=rate,
    )


@pytest.mark.parametrize("instruments", [(CARD, ACCOUNT), (ACCOUNT, CARD)])
def test_the_account_behind_a_counted_card_is_left_out(
    instruments: tuple[Instrument, ...],
) -> None:
    found = summed(*instruments)

    assert found.total == money("12.30")
    assert [line.counted for line in found.lines] == [
        isinstance(one, GiftCard) for one in instruments
    ]
    (account,) = (one for one in found.lines if one.instrument == ACCOUNT)
    assert account.verdict.reasons == (IneligibilityReason.DUPLICATE_OF_OTHER_INSTRUMENT,)
    assert account.verdict.amount == money("0.00")
    assert found.by_kind[InstrumentKind.STORE_CREDIT].total == money("0.00")


@pytest.mark.parametrize(
    "other",
    [ENDED, replace(CARD, source=SourceKey("another")), replace(CARD, backed_by=None)],
    ids=["a card that ended", "an account of another source", "a card of its own"],
)
def test_an_account_counts_unless_a_counted_card_shows_its_money(other: Instrument) -> None:
    found = summed(other, ACCOUNT)

    (account,) = (one for one in found.lines if one.instrument == ACCOUNT)
    assert account.counted


def test_in_another_currency_it_is_converted_once_too() -> None:
    card = replace(
        a_gift_card("live", source="medusa", balance="5", currency="USD"), backed_by=BEHIND
    )

    found = summed(card, a_store_credit("sca-1", balance="5", currency="USD"))

    assert found.total == money("0.00")
    assert found.indicative_total == money("10.00")
    assert [(one.total, one.instruments) for one in found.by_currency] == [
        (money("5.00", "USD"), 1)
    ]
