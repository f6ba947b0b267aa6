"""What is done to invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.capability import Capability
from app.domain.identifiers import (
    ProviderInvoiceId,
)
from app.domain.instructions.credit_accounts import OnCreditAccount
from app.domain.invoices import InvoiceStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OnInvoice(OnCreditAccount):
    """Anything that is done to one invoice of an account."""

    capability = Capability.INVOICES

    invoice_id: ProviderInvoiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateInvoice(OnInvoice):
    """Change what is given; what is None keeps its value."""

    status: InvoiceStatus | None = None
    note: str | None = None
    payment_link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkInvoicePaid(OnInvoice):
    """Whole: there are no partial payments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostponeInvoice(OnInvoice):
    """
    Attributes:
        due_at_before: When it was due until then.
    """

    days: int
    due_at_before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelInvoice(OnInvoice):
    """It is not owed any more."""
