"""The questions, and what an answer to each has to say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, assert_never

from benchmarks.gateways.people import (
    COLLECTORS,
    SAVERS,
    SHOPPERS,
    Customer,
    card_balance,
    invoice_value,
)


class Question(StrEnum):
    """
    Attributes:
        TOTAL: What can be spent, with a line an instrument: 6 provider calls, 2 deep.
        HISTORY: 50 invoices, and 50 cards, each with what happened to it: 253 calls, 4 deep.
        QUIET_HISTORY: The same of cards that nothing happened to yet: 103 calls, 3 deep.
        SPARED: The total of all providers but the sick one, which is not asked.
    """

    TOTAL = "total"
    SPARED = "spared"
    HISTORY = "history"
    QUIET_HISTORY = "quiet-history"

    @property
    def people(self) -> list[Customer]:
        match self:
            case Question.TOTAL | Question.SPARED:
                return SHOPPERS
            case Question.HISTORY:
                return COLLECTORS
            case Question.QUIET_HISTORY:
                return SAVERS
            case _:
                assert_never(self)


SICK: Final = "adobe.company-credit"
"""The provider that hangs, when one does."""


class WrongAnswer(Exception):
    """It says something else than the providers do."""


@dataclass(frozen=True)
class Spendable:
    """
    Attributes:
        total: None for who cannot add up.
        lines: The amounts, a provider each.
        missing: Providers that are named as not answering.
    """

    total: Decimal | None
    lines: dict[str, Decimal]
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class History:
    """How many there are of each, and their sums."""

    invoices: int
    owed: Decimal
    cards: int
    left: Decimal
    transactions: int
    issued: Decimal


Told = Spendable | History


def expected(question: Question, customer: Customer, *, without: str | None = None) -> Told:
    """
    Args:
        without: A provider that does not answer.
    """
    if question in (Question.TOTAL, Question.SPARED):
        absent = SICK if question is Question.SPARED else without
        return Spendable(
            total=customer.spendable(without=absent),
            lines={provider: part for provider, part in customer.parts if provider != absent},
            missing=frozenset() if without is None else frozenset({without}),
        )
    left = added_up(map(card_balance, customer.card_ids))
    return History(
        invoices=customer.invoices,
        owed=added_up(map(invoice_value, range(customer.invoices))),
        cards=customer.cards,
        left=left,
        transactions=customer.cards * customer.transactions,
        issued=left * customer.transactions,
    )


def agrees(told: Told, with_: Told) -> bool:
    """Whether *told* is what *with_* says; who has no total is not asked for one."""
    match told, with_:
        case Spendable(total=None), Spendable():
            return (told.lines, told.missing) == (with_.lines, with_.missing)
    return told == with_


def added_up(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
