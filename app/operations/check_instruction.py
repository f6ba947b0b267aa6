"""What is refused before a provider is asked, because it is ours to say."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from app.domain.errors import CurrencyMismatch, InvalidQuestion
from app.domain.holds import Hold
from app.domain.instructions import (
    DebitGiftCard,
    DebitStoreCredit,
    HoldOnCredit,
    HoldOnGiftCard,
    Instruction,
)
from app.domain.instruments import Instrument, version_of
from app.domain.invoices import Invoice, StoreConfiguration
from app.domain.money import Money
from app.domain.refusals import InstrumentNotUsable, StaleVersion
from app.domain.spendable import IneligibilityReason, ToleranceRule, verdict_on

_UNUSABLE: Final = {
    IneligibilityReason.EXPIRED,
    IneligibilityReason.CLOSED,
    IneligibilityReason.BLOCKED,
    IneligibilityReason.NOT_YET_VALID,
}
"""Reasons that stand against any payment; the others are for the provider to judge."""

_SPENDS: Final = (DebitGiftCard, HoldOnGiftCard, DebitStoreCredit, HoldOnCredit)


def refuse_stale(
    observed: Instrument | Invoice | StoreConfiguration | Hold, expected_version: str | None
) -> None:
    """
    Raises:
        StaleVersion: It is not as the caller saw it.
    """
    if expected_version is not None and expected_version != version_of(observed):
        raise StaleVersion(expected=expected_version)


def refuse_nothing(amount: Money) -> None:
    """
    Raises:
        InvalidQuestion: It is nothing, or negative.
    """
    if amount.amount <= 0:
        raise InvalidQuestion("An amount is more than nothing.", path=("amount", "amount"))


def refuse_at_sight(instruction: Instruction, observed: Instrument, *, at: datetime) -> None:
    """
    Raises:
        InvalidQuestion: An amount that is nothing, or negative.
        CurrencyMismatch: Money of another currency than the instrument's.
        InstrumentNotUsable: Nothing can be paid with the instrument.
    """
    amount = getattr(instruction, "amount", None)
    if isinstance(amount, Money):
        refuse_nothing(amount)
        if amount.currency != observed.currency:
            raise CurrencyMismatch(expected=observed.currency.code, actual=amount.currency.code)
    if isinstance(instruction, _SPENDS):
        verdict = verdict_on(observed, at=at, tolerance=ToleranceRule.NOT_WANTED)
        if reasons := tuple(reason for reason in verdict.reasons if reason in _UNUSABLE):
            raise InstrumentNotUsable(reasons)
