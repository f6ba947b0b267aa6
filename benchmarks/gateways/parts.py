"""Answers of those who only pass on what each provider says: adding up is left to who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from benchmarks.gateways.contestants import Wording
from benchmarks.gateways.people import Customer
from benchmarks.gateways.provider_answers import ADOBE, MEDUSA, VTEX_CREDIT, VTEX_GIFTCARD
from benchmarks.gateways.questions import History, Question, Spendable, added_up

Parts = Sequence[Mapping[str, Any]]


def ids_of(customer: Customer, age: int) -> Mapping[str, Any]:
    """Who asks has to know who is who at the providers; how old an answer may be is not heard."""
    return {
        "email": customer.email,
        "company": customer.company_id,
        "medusa": customer.medusa_id,
    }


def wordings(*, total: str, history: str) -> Mapping[Question, Wording]:
    """Of those whose parts have the same names, after the members of the providers' documents."""
    return {
        Question.TOTAL: Wording(total, _spendable),
        Question.HISTORY: Wording(history, _history),
        Question.QUIET_HISTORY: Wording(history, _history),
    }


def _spendable(data: Any) -> Spendable:
    """The total is None."""
    accounts = [one for one in data["creditAccounts"]["data"] if one["status"] == "Open"]
    limit = data["companyCredit"]["available_limit"] if data["company"]["status"] == 1 else 0
    return Spendable(
        total=None,
        lines={
            VTEX_CREDIT: _sum(accounts, "availableCredit"),
            VTEX_GIFTCARD: _sum(_cards(data), "balance"),
            ADOBE: _exact(limit),
            MEDUSA: _sum(data["storeCredit"]["store_credit_accounts"], "balance"),
        },
    )


def _history(data: Any) -> History:
    accounts, cards = data["creditAccounts"]["data"], _cards(data)
    invoices = [invoice for account in accounts for invoice in account["invoices"]["data"]]
    transactions = [one["told"] for card in cards for one in card["transactions"]]
    return History(
        invoices=len(invoices),
        owed=_sum(invoices, "value"),
        cards=len(cards),
        left=_sum(cards, "balance"),
        transactions=len(transactions),
        issued=_sum(transactions, "value"),
    )


def _cards(data: Any) -> Parts:
    return [found["card"] for found in data["cards"]["items"]]


def _sum(parts: Parts, member: str) -> Decimal:
    return added_up(_exact(part[member]) for part in parts)


def _exact(number: float) -> Decimal:
    """The digits that stood in the answer."""
    return Decimal(str(number))
