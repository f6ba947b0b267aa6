"""Whom the questions are about. What is answered and expected of each follows from a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

_CARDS_A_CUSTOMER: Final = 1000
"""Room for card numbers between two customers."""

_SHOPPERS: Final = 400
_COLLECTORS: Final = range(1001, 1007)
_SAVERS: Final = range(2001, 2007)


@dataclass(frozen=True)
class Customer:
    """
    Attributes:
        invoices: Of the credit account.
        transactions: On each card.
    """

    number: int
    cards: int = 1
    invoices: int = 0
    transactions: int = 0

    @cached_property
    def email(self) -> str:
        return f"shopper{self.number}@example.com"

    @property
    def document(self) -> str:
        return f"{self.number:011}"

    @cached_property
    def credit_account_id(self) -> str:
        return f"{self.document}_CPF"

    @cached_property
    def medusa_id(self) -> str:
        return f"cus_{self.number:026}"

    @property
    def company_id(self) -> int:
        return 50_000 + self.number

    @cached_property
    def card_ids(self) -> Sequence[str]:
        first = self.number * _CARDS_A_CUSTOMER
        return [str(first + place) for place in range(self.cards)]

    @property
    def available_credit(self) -> Decimal:
        return Decimal(100_000 + 37 * self.number) / 100

    @property
    def available_limit(self) -> Decimal:
        return Decimal(250_000 + 113 * self.number) / 100

    @property
    def store_credit(self) -> Decimal:
        return Decimal(1_230 + 7 * self.number) / 100

    @cached_property
    def parts(self) -> Sequence[tuple[str, Decimal]]:
        """What can be spent, a provider each."""
        return [
            ("vtex.customer-credit", self.available_credit),
            ("vtex.giftcard", sum(map(card_balance, self.card_ids), Decimal(0))),
            ("adobe.company-credit", self.available_limit),
            ("medusa.store-credit", self.store_credit),
        ]

    def spendable(self, *, without: str | None = None) -> Decimal:
        """
        Args:
            without: A provider that does not answer.
        """
        return sum((part for provider, part in self.parts if provider != without), Decimal(0))


def card_balance(card_id: str) -> Decimal:
    return Decimal(4_000 + int(card_id) % 997) / 100


def invoice_value(place: int) -> Decimal:
    return Decimal(10_000 + 11 * place) / 100


SHOPPERS: Final = [Customer(number) for number in range(1, _SHOPPERS + 1)]
"""Six facts each: more of them than there are questions at a time, so that no two meet."""

COLLECTORS: Final = [
    Customer(number, cards=50, invoices=50, transactions=1) for number in _COLLECTORS
]
"""With a history of 253 facts: the credit that each card was issued with is a story of three."""

SAVERS: Final = [Customer(number, cards=50, invoices=50) for number in _SAVERS]
"""With a history of 103 facts: nothing has happened to their cards yet."""

EVERYBODY: Final = (*SHOPPERS, *COLLECTORS, *SAVERS)


def owner_of_card(card_id: str) -> int:
    """The number of the customer whose card it is."""
    return int(card_id) // _CARDS_A_CUSTOMER
