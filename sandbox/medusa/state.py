"""
What the stand-in knows: customers, accounts, one ledger an account, gift cards.

No total is kept anywhere: credits, debits and balance are sums over the ledger.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sandbox.medusa.numbers import counted

Metadata = Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Customer:
    id: str
    email: str | None
    first_name: str | None
    last_name: str | None
    company_name: str | None
    phone: str | None
    has_account: bool
    metadata: Metadata
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    groups: Sequence[Mapping[str, Any]]
    addresses: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account without a customer is unowned; its code is a bearer secret."""

    id: str
    code: str | None
    currency_code: str
    customer_id: str | None
    metadata: Metadata
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One unchangeable line of a ledger; *amount* is positive, in major units, of any scale."""

    id: str
    account_id: str
    type: Literal["credit", "debit"]
    amount: Decimal
    reference: str
    reference_id: str
    note: str | None
    metadata: Metadata
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class GiftCard:
    """What is left of *value* is the balance of the account, an unowned one."""

    id: str
    account_id: str
    status: str
    code: str
    value: Decimal
    currency_code: str
    line_item_id: str | None
    reference: str | None
    reference_id: str | None
    expires_at: datetime | None
    note: str | None
    metadata: Metadata
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    orders: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Totals:
    credits: Decimal
    debits: Decimal

    @property
    def balance(self) -> Decimal:
        return self.credits - self.debits


@dataclass
class State:
    customers: dict[str, Customer] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    ledgers: dict[str, list[Entry]] = field(default_factory=dict)
    gift_cards: dict[str, GiftCard] = field(default_factory=dict)

    def customer_of(self, account: Account) -> Customer | None:
        customer = self.customers.get(account.customer_id or "")
        return customer if customer and customer.deleted_at is None else None

    def ledger(self, account_id: str) -> list[Entry]:
        """Deleted entries included; empty for an account nobody knows."""
        return self.ledgers.get(account_id, [])

    def totals(self, account_id: str) -> Totals:
        live = [entry for entry in self.ledger(account_id) if entry.deleted_at is None]
        return Totals(
            credits=_total(entry for entry in live if entry.type == "credit"),
            debits=_total(entry for entry in live if entry.type == "debit"),
        )

    def gift_cards_of(self, account_id: str) -> list[GiftCard]:
        return [card for card in self.gift_cards.values() if card.account_id == account_id]


def _total(entries: Iterable[Entry]) -> Decimal:
    return sum((counted(entry.amount) for entry in entries), Decimal(0))
