"""Mutations of invoices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Protocol

import strawberry

from app.domain.access import AccessLevel, Scope
from app.domain.errors import AccountNotFound, InvalidQuestion
from app.domain.identifiers import ProviderAccountId, ProviderInvoiceId
from app.domain.instructions import (
    CancelInvoice,
    MarkInvoicePaid,
    OnInvoice,
    PostponeInvoice,
    UpdateInvoice,
)
from app.domain.invoices import Invoice
from app.graphql.context import Context, Info
from app.graphql.declare import access, entrance
from app.graphql.ids import NodeKind
from app.graphql.inputs.arguments import given, text
from app.graphql.inputs.invoices import (
    InvoiceActionInput,
    PostponeInvoiceInput,
    UpdateInvoiceInput,
)
from app.graphql.inputs.writes import known
from app.graphql.mutations.carry_out import CALLS, carry_out_order, what
from app.graphql.nodes import may_see
from app.graphql.types.payloads import InvoicePayload
from app.operations.carry_out import Order
from app.operations.change_invoices import InvoicePlace, order_on_invoice

MOST_DAYS = 3650

Updated = Annotated[UpdateInvoiceInput, what("What is to change.")]
Which = Annotated[InvoiceActionInput, what("Which invoice.")]
Postponed = Annotated[PostponeInvoiceInput, what("Which invoice, and by how much.")]


class OnOneInvoice(Protocol):
    id: strawberry.ID
    expected_version: str | None


async def _change(
    info: Info, asked: OnOneInvoice, instruction: Callable[[InvoicePlace, Invoice], OnInvoice]
) -> InvoicePayload:
    """One of somebody else's looks like one that does not exist."""
    place = await _place(asked.id, info.context)

    def order(name: str, key: str) -> Order:
        if place is None:
            raise AccountNotFound("invoice")
        return order_on_invoice(
            info.context.desk.sources,
            place,
            lambda now: instruction(place, now),
            name=name,
            idempotency_key=key,
            asked=asked,
            expected_version=given(asked.expected_version),
        )

    return await carry_out_order(info, asked, order, InvoicePayload, about=asked.id)


async def _place(id_: strawberry.ID, context: Context) -> InvoicePlace | None:
    try:
        invoice = known(id_, NodeKind.INVOICE, context, what="invoice")
    except AccountNotFound:
        return None
    if not await may_see(invoice, context):
        return None
    account_id, invoice_id = invoice.parts
    return InvoicePlace(
        invoice.source, ProviderAccountId(account_id), ProviderInvoiceId(invoice_id)
    )


@strawberry.type
class InvoiceMutations:
    @entrance(
        "Change what is given of an invoice.",
        may=access(AccessLevel.ADMIN, Scope.INVOICE_WRITE),
        upstream=["vtex.cc/ChangeInvoice"],
        cost=CALLS,
    )
    async def update_invoice(self, info: Info, input: Updated) -> InvoicePayload | None:
        return await _change(
            info,
            input,
            lambda place, _: UpdateInvoice(
                source=place.source,
                account_id=place.account_id,
                invoice_id=place.invoice_id,
                status=given(input.status),
                note=text(input.note, "note"),
                payment_link=text(input.payment_link, "paymentLink"),
            ),
        )

    @entrance(
        "The holder has paid an invoice, whole.",
        may=access(AccessLevel.ADMIN, Scope.INVOICE_WRITE),
        upstream=["vtex.cc/MarkaninvoiceasPaid"],
        cost=CALLS,
    )
    async def mark_invoice_paid(self, info: Info, input: Which) -> InvoicePayload | None:
        return await _change(
            info,
            input,
            lambda place, _: MarkInvoicePaid(
                source=place.source, account_id=place.account_id, invoice_id=place.invoice_id
            ),
        )

    @entrance(
        "Let an invoice be due later, within the terms of the store.",
        may=access(AccessLevel.SHOPPER, Scope.INVOICE_POSTPONE, owner=True),
        upstream=["vtex.cc/Postponeaninvoice"],
        cost=CALLS,
    )
    async def postpone_invoice(self, info: Info, input: Postponed) -> InvoicePayload | None:
        def instruction(place: InvoicePlace, now: Invoice) -> PostponeInvoice:
            if not 0 < input.days <= MOST_DAYS:
                raise InvalidQuestion(f"`days` is between 1 and {MOST_DAYS}.", path=("days",))
            return PostponeInvoice(
                source=place.source,
                account_id=place.account_id,
                invoice_id=place.invoice_id,
                days=input.days,
                due_at_before=now.due_at,
            )

        return await _change(info, input, instruction)

    @entrance(
        "An invoice is not owed any more.",
        may=access(AccessLevel.ADMIN, Scope.INVOICE_WRITE),
        upstream=["vtex.cc/CancelInvoice"],
        cost=CALLS,
    )
    async def cancel_invoice(self, info: Info, input: Which) -> InvoicePayload | None:
        return await _change(
            info,
            input,
            lambda place, _: CancelInvoice(
                source=place.source, account_id=place.account_id, invoice_id=place.invoice_id
            ),
        )
