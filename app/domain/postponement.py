"""Whether an invoice may be due later, by the terms of its store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from app.domain.invoices import Invoice, InvoiceStatus, StoreConfiguration

_NO_TIME: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponement:
    """
    What is left of a store's leave to postpone one invoice.

    Attributes:
        max_days: In all, from the day it was due at first; `max_times`: in how many steps.
        days_left: Whole ones, from the day it is due now.
        times_used: None of one that was postponed: no provider says how often.
        reason: Why it may not be postponed: the term that is against it, or `status`.
    """

    max_days: int
    max_times: int
    days_left: int
    times_used: int | None
    reason: str | None

    @property
    def allowed(self) -> bool:
        return self.reason is None

    @classmethod
    def of(cls, invoice: Invoice, terms: StoreConfiguration) -> Self:
        postponed_by = max(_NO_TIME, invoice.due_at - invoice.original_due_at)
        days_left = max(0, (timedelta(days=terms.max_postponement_days) - postponed_by).days)
        return cls(
            max_days=terms.max_postponement_days,
            max_times=terms.max_postponements,
            days_left=days_left,
            times_used=None if postponed_by else 0,
            reason=_obstacle(invoice, terms, at_least=1 if postponed_by else 0, left=days_left),
        )


def _obstacle(
    invoice: Invoice, terms: StoreConfiguration, *, at_least: int, left: int
) -> str | None:
    """
    Args:
        at_least: How often it was postponed.
        left: How many days it may still be postponed by.
    """
    obstacles = {
        "status": invoice.status is not InvoiceStatus.OPEN,
        "postponementEnabled": not terms.postponement_enabled,
        "maxPostponements": terms.max_postponements <= at_least,
        "maxPostponementDays": not left,
    }
    return next((name for name, stands in obstacles.items() if stands), None)
