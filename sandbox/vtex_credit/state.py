"""
The accounts of a store and how their numbers relate.

    used            = sum of value over Opened invoices
    held            = sum of live holds
    availableCredit = creditLimit - used - held
    balance         = sum of the manual debits and credits only
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

FIRST_DUE = timedelta(days=30)
"""Documented: first due after 30 days, each next one 30 days later."""


class AccountStatus(StrEnum):
    OPEN = "Open"
    CLOSED = "Closed"


class InvoiceStatus(StrEnum):
    OPENED = "Opened"
    PAID = "Paid"
    CANCELLED = "Cancelled"


class Origin(StrEnum):
    CREDIT = "Credit"
    INVOICE = "Invoice"
    PAYMENT = "Payment"
    STATEMENT = "Statement"


@dataclass
class Hold:
    transaction_id: str
    value: Decimal
    expires_at: datetime


@dataclass
class Invoice:
    """One installment of a purchase."""

    transaction_id: str
    installment: int
    number_of_installments: int
    value: Decimal
    credit_value: Decimal
    status: InvoiceStatus
    created_at: datetime
    updated_at: datetime
    due_at: datetime
    order_id: str | None
    postponed: timedelta = timedelta()
    resolved_at: datetime | None = None
    observation: str | None = None
    payment_link: str | None = None
    before_2020: bool = False

    @property
    def id(self) -> str:
        return f"{self.transaction_id.upper()}-{self.installment:02d}"

    @property
    def friendly_id(self) -> str | None:
        """Eight characters that look random, a hyphen, the installment; none before 2020."""
        if self.before_2020:
            return None
        digest = hashlib.sha256(self.transaction_id.encode()).digest()
        letters = base64.b64encode(digest, b"xX").decode()[:8]
        return f"{letters}-{self.installment}"

    @property
    def postponed_due_at(self) -> datetime:
        return self.due_at + self.postponed


@dataclass
class Entry:
    """One line of the statements."""

    origin: Origin
    value: Decimal
    made_at: datetime
    done_by: str | None = None
    transaction_id: str | None = None
    installment: int | None = None
    number_of_installments: int | None = None
    order_id: str | None = None


@dataclass
class Account:
    id: str
    email: str
    document: str | None
    document_type: str | None
    credit_limit: Decimal
    tolerance: Decimal
    status: AccountStatus
    created_at: datetime
    updated_at: datetime
    holds: list[Hold] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    claimed_available_balance: Decimal | None = None
    """Published defect: an availableBalance that disagrees with availableCredit."""

    def used(self) -> Decimal:
        return total(i.value for i in self.invoices if i.status is InvoiceStatus.OPENED)

    def held(self, now: datetime) -> Decimal:
        return total(hold.value for hold in self.holds if hold.expires_at > now)

    def available_credit(self, now: datetime) -> Decimal:
        return self.credit_limit - self.used() - self.held(now)

    def available_balance(self, now: datetime) -> Decimal:
        if self.claimed_available_balance is not None:
            return self.claimed_available_balance
        return self.available_credit(now)

    def manual_balance(self) -> Decimal:
        return total(e.value for e in self.entries if e.origin is Origin.STATEMENT)

    def interval_balance(self) -> Decimal:
        return total(entry.value for entry in self.entries)


@dataclass(frozen=True)
class Defects:
    """Published faults of the real answers that a seed can switch on."""

    lower_case_doneby: bool = False
    checking_account_id: bool = False
    invoices_without_order: bool = False
    largest_page: int | None = None


@dataclass
class Store:
    configuration: Mapping[str, object]
    accounts: dict[str, Account]
    defects: Defects

    def open_accounts(self) -> list[Account]:
        return [a for a in self.accounts.values() if a.status is AccountStatus.OPEN]

    def invoices(self) -> Iterator[tuple[Account, Invoice]]:
        for account in self.accounts.values():
            for invoice in account.invoices:
                yield account, invoice


def total(values: Iterator[Decimal]) -> Decimal:
    """Starts at 0.0, the way this provider writes nothing."""
    return sum(values, Decimal("0.0"))
