"""What a credit account's holder owes, bill by bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.identifiers import (
    ProviderAccountId,
    ProviderHoldId,
    ProviderInvoiceId,
    SourceKey,
)
from app.domain.money import Money


class InvoiceStatus(StrEnum):
    """An unknown word of a provider is UNKNOWN; such an invoice counts as neither open nor paid."""

    OPEN = "OPEN"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """
    One instalment that is due.

    Attributes:
        number: The short number people see; the provider's id where it has none.
        amount: Current amount.
        credit_applied: Credit the provider has set against it.
        due_at: After postponements; `original_due_at` before any.
        installment: 1-based.
    """

    source: SourceKey
    provider_account_id: ProviderAccountId
    provider_invoice_id: ProviderInvoiceId
    provider_hold_id: ProviderHoldId | None
    number: str
    status: InvoiceStatus
    amount: Money
    credit_applied: Money
    issued_at: datetime
    due_at: datetime
    original_due_at: datetime
    resolved_at: datetime | None
    updated_at: datetime
    installment: int | None
    installment_count: int | None
    order_id: str | None
    payment_link: str | None
    note: str | None
    observed_at: datetime

    def days_overdue(self, at: datetime) -> int:
        """Whole days that an open invoice is past due, 0 when it is not."""
        if self.status is not InvoiceStatus.OPEN:
            return 0
        return max(0, (at - self.due_at).days)

    def is_overdue(self, at: datetime) -> bool:
        return self.status is InvoiceStatus.OPEN and at > self.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceQuestion:
    """
    Which invoices are wanted. Every member that is set must hold; ranges include both ends.

    Attributes:
        overdue: Asked of the moment of reading, on open invoices only.
    """

    statuses: frozenset[InvoiceStatus] | None = None
    overdue: bool | None = None
    due_from: datetime | None = None
    due_to: datetime | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    amount: Decimal | None = None
    number: str | None = None
    note: str | None = None
    order_id: str | None = None

    def matches(self, invoice: Invoice, *, at: datetime) -> bool:
        """Whether *invoice* is wanted; a text must be contained, without regard to case."""
        return (
            (self.statuses is None or invoice.status in self.statuses)
            and (self.overdue is None or invoice.is_overdue(at) is self.overdue)
            and _within(invoice.due_at, self.due_from, self.due_to)
            and _within(invoice.issued_at, self.created_from, self.created_to)
            and (self.amount is None or invoice.amount.amount == self.amount)
            and _contains(invoice.number, self.number)
            and _contains(invoice.note, self.note)
            and (self.order_id is None or invoice.order_id == self.order_id)
        )


def _within(at: datetime, first: datetime | None, last: datetime | None) -> bool:
    return (first is None or at >= first) and (last is None or at <= last)


def _contains(text: str | None, wanted: str | None) -> bool:
    return wanted is None or (text is not None and wanted.casefold() in text.casefold())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A notice *days* before or after the due date, at the provider's text of a time of day."""

    days: int
    time_of_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfiguration:
    """Terms a store sets for all its credit accounts. Rates are fractions: 0.1 is ten percent."""

    source: SourceKey
    daily_interest_rate: Decimal
    tax_rate: Decimal
    default_limit: Money
    postponement_enabled: bool
    max_postponements: int
    max_postponement_days: int
    tolerance_enabled: bool
    self_service_enabled: bool
    automatic_accounts: bool
    max_hold_growth_rate: Decimal
    reminders_before: tuple[Reminder, ...]
    reminders_after: tuple[Reminder, ...]
