"""What mutations of invoices are given."""

from __future__ import annotations

import strawberry

from app.graphql.declare import described, optional
from app.graphql.enums import InvoiceStatus
from app.graphql.inputs.writes import KEY, VERSION
from app.graphql.scalars import Url


@strawberry.input(description="Changes to an invoice. Absent members keep their value.")
class UpdateInvoiceInput:
    id: strawberry.ID = described("The invoice.")
    status: InvoiceStatus | None = optional("Its state.")
    note: str | None = optional("A remark.")
    payment_link: Url | None = optional("Where it can be paid.")
    expected_version: str | None = optional(VERSION)
    idempotency_key: str | None = optional(KEY)


@strawberry.input(description="An invoice that is to be paid or cancelled, whole.")
class InvoiceActionInput:
    id: strawberry.ID = described("The invoice.")
    expected_version: str | None = optional(VERSION)
    idempotency_key: str = described(KEY)


@strawberry.input(description="An invoice that is to be due later.")
class PostponeInvoiceInput:
    id: strawberry.ID = described("The invoice.")
    days: int = described("How many days later than now.")
    expected_version: str | None = optional(VERSION)
    idempotency_key: str = described(KEY)
