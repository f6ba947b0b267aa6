"""
What the stand-in knows: customers, accounts, one ledger an account, gift cards.

No total is kept anywhere: credits, debits and balance are sums over the ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from sandbox.medusa.numbers import EXACT, total

Metadata = Mapping[str, Any] | None
Movement = Literal["credit", "debit"]


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
    type: Movement
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
        return EXACT.subtract(self.credits, self.debits)

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Totals":
        return cls(
            credits=total(entry.amount for entry in entries if entry.type == "credit"),
            debits=total(entry.amount for entry in entries if entry.type == "debit"),
        )


class Release(StrEnum):
    """2.18.0 has no lock, no debit route and no list of columns on store routes (recorded)."""

    UNLOCKED = "2.18.0"
    CURRENT = "2.21.1"


class DataModel(StrEnum):
    """The one of early 2025 has `transaction_groups` and no `code` (documented)."""

    EARLY_2025 = "early_2025"
    CURRENT = "current"


@dataclass(frozen=True)
class Outage:
    """The database is down from one moment to another, or for good."""

    since: datetime
    until: datetime | None

    def covers(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Defects:
    release: Release = Release.CURRENT
    data_model: DataModel = DataModel.CURRENT
    outage: Outage | None = None

    @property
    def is_early(self) -> bool:
        return self.data_model is DataModel.EARLY_2025

    @property
    def is_unlocked(self) -> bool:
        return self.release is Release.UNLOCKED


@dataclass
class State:
    defects: Defects = field(default_factory=Defects)
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

    def live_ledger(self, account_id: str) -> list[Entry]:
        return [entry for entry in self.ledger(account_id) if entry.deleted_at is None]

    def totals(self, account_id: str) -> Totals:
        """Before 2.21.0 deleted entries count (documented)."""
        unlocked = self.defects.is_unlocked
        return Totals.of(self.ledger(account_id) if unlocked else self.live_ledger(account_id))

    def gift_cards_of(self, account_id: str) -> list[GiftCard]:
        return [card for card in self.gift_cards.values() if card.account_id == account_id]
