"""What the callers ask for: mutations with amounts of which no two are equal."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from benchmarks.soak.instruments import CURRENCY, Known, Provider

RECEIPT: Final = "id status replayed attempts"

_TOO_MUCH: Final = 1_000_000
"""On top of an amount: more than any instrument has."""
_TOO_MUCH_SHARE: Final = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """
    One mutation as one provider has it.

    Attributes:
        sign: Of the line in the provider's ledger.
        says: The members of the input besides id, amount and key, given a text.
        refuses_too_much: Whether more than there is must be refused.
        is_captured: Whether the debit is captured in a second step.
    """

    name: str
    provider: Provider
    input: str
    sign: int
    says: Callable[[str], Mapping[str, str]]
    refuses_too_much: bool = False
    is_captured: bool = False

    @property
    def document(self) -> str:
        return (
            f"mutation Move($input: {self.input}!) {{ done: {self.name}(input: $input) {{ "
            f"operation {{ {RECEIPT} }} userErrors {{ code retryable }} }} }}"
        )


def _described(text: str) -> Mapping[str, str]:
    return {"description": text}


def _noted(text: str) -> Mapping[str, str]:
    return {"note": text}


def _without_words(_: str) -> Mapping[str, str]:
    """VTEX keeps no text with an entry of its manual ledger."""
    return {"reason": "UPDATED"}


def _reimbursed(text: str) -> Mapping[str, str]:
    return {"reason": "REIMBURSED", "comment": text}


def _purchased(text: str) -> Mapping[str, str]:
    return {"reason": "PURCHASED", "comment": text}


KINDS: Final[Mapping[Provider, Sequence[Kind]]] = {
    Provider.VTEX_CREDIT: (
        Kind(
            name="decreaseCreditBalance",
            provider=Provider.VTEX_CREDIT,
            input="BalanceInput",
            sign=-1,
            says=_without_words,
        ),
    ),
    Provider.VTEX_GIFTCARD: (
        Kind(
            name="creditGiftCard",
            provider=Provider.VTEX_GIFTCARD,
            input="GiftCardAmountInput",
            sign=1,
            says=_described,
        ),
        Kind(
            name="debitGiftCard",
            provider=Provider.VTEX_GIFTCARD,
            input="GiftCardAmountInput",
            sign=-1,
            says=_described,
            refuses_too_much=True,
            is_captured=True,
        ),
    ),
    Provider.ADOBE: (
        Kind(
            name="increaseCreditBalance",
            provider=Provider.ADOBE,
            input="BalanceInput",
            sign=1,
            says=_reimbursed,
        ),
        Kind(
            name="decreaseCreditBalance",
            provider=Provider.ADOBE,
            input="BalanceInput",
            sign=-1,
            says=_purchased,
            refuses_too_much=True,
        ),
    ),
    Provider.MEDUSA: (
        Kind(
            name="creditStoreCredit",
            provider=Provider.MEDUSA,
            input="StoreCreditAmountInput",
            sign=1,
            says=_noted,
        ),
        Kind(
            name="debitStoreCredit",
            provider=Provider.MEDUSA,
            input="StoreCreditAmountInput",
            sign=-1,
            says=_noted,
            refuses_too_much=True,
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """
    Attributes:
        amount: Unlike that of any other mutation of the run, so that it is found in a ledger.
    """

    key: str
    kind: Kind
    on: Known
    amount: Decimal

    @property
    def effect(self) -> Decimal:
        """On the balance, once it is booked."""
        return self.kind.sign * self.amount

    def variables(self, *, amount: Decimal | None = None) -> Mapping[str, Any]:
        """
        Args:
            amount: Instead of its own: another input under the same key.
        """
        asked = {
            "id": self.on.id,
            "amount": {"amount": str(amount or self.amount), "currencyCode": CURRENCY},
            "idempotencyKey": self.key,
            **self.kind.says(f"soak {self.key}"),
        }
        return {"input": asked}


def planned(count: int, known: Sequence[Known], dice: random.Random) -> Sequence[Mutation]:
    """*count* mutations, the providers in equal parts."""
    cents = dice.sample(range(1, count + 1), count)
    return [_one(f"soak-{number}", cent, known, dice) for number, cent in enumerate(cents)]


def _one(key: str, cents: int, known: Sequence[Known], dice: random.Random) -> Mutation:
    on = dice.choice(known)
    kind = dice.choice(KINDS[on.instrument.provider])
    too_much = kind.refuses_too_much and dice.random() < _TOO_MUCH_SHARE
    return Mutation(key, kind, on, Decimal(cents) / 100 + too_much * _TOO_MUCH)
