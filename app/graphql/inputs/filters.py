"""What lists can be narrowed by, and what the total can be asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import strawberry

from app.domain.errors import InvalidQuestion
from app.domain.identifiers import ProviderCustomerId
from app.domain.invoices import InvoiceQuestion
from app.domain.ledger import LedgerQuestion
from app.domain.money import Currency
from app.domain.provider import CreditAccountQuestion, StoreCreditQuestion
from app.graphql.declare import optional
from app.graphql.enums import (
    BalanceOperation,
    Direction,
    InstrumentKind,
    InstrumentStatus,
    InvoiceStatus,
    LedgerEntryKind,
)
from app.graphql.inputs.arguments import given, text
from app.operations.spendable_credit import SpendableQuestion


@strawberry.input(description="Narrows credit accounts; all members that are set must hold.")
class CreditAccountFilter:
    sources: list[str] | None = optional("Keys of the sources to ask; absent means all.")
    email: str | None = optional("The holder's address.")
    company_id: int | None = optional("Adobe: the company.")
    status: InstrumentStatus | None = optional("Only accounts in this state.")
    outstanding_min: Decimal | None = optional(
        "Owed at least this, in major units; accounts whose source does not tell are left out."
    )
    limit_min: Decimal | None = optional("A limit of at least this, in major units.")

    def to_domain(self) -> CreditAccountQuestion:
        return CreditAccountQuestion(
            email=text(self.email, "email"),
            company_id=given(self.company_id),
            status=given(self.status),
            outstanding_min=given(self.outstanding_min),
            limit_min=given(self.limit_min),
        )


@strawberry.input(description="Narrows invoices; all members that are set must hold.")
class InvoiceFilter:
    status: list[InvoiceStatus] | None = optional("In one of these states.")
    overdue: bool | None = optional("Open and past due, or not, at the moment of reading.")
    due_from: datetime | None = optional("Due then or later.")
    due_to: datetime | None = optional("Due then or earlier.")
    created_from: datetime | None = optional("Made then or later.")
    created_to: datetime | None = optional("Made then or earlier.")
    amount: Decimal | None = optional("Exactly this amount, in major units.")
    number: str | None = optional("Its number contains this, without regard to case.")
    note: str | None = optional("Its remark contains this, without regard to case.")
    order_id: str | None = optional("Of exactly this order.")

    def to_domain(self) -> InvoiceQuestion:
        statuses = given(self.status)
        return InvoiceQuestion(
            statuses=None if statuses is None else frozenset(statuses),
            overdue=given(self.overdue),
            due_from=given(self.due_from),
            due_to=given(self.due_to),
            created_from=given(self.created_from),
            created_to=given(self.created_to),
            amount=given(self.amount),
            number=text(self.number, "number"),
            note=text(self.note, "note"),
            order_id=text(self.order_id, "orderId"),
        )


@strawberry.input(description="Narrows history; all members that are set must hold.")
class LedgerFilter:
    kinds: list[LedgerEntryKind] | None = optional("One of these kinds.")
    operations: list[BalanceOperation] | None = optional(
        "Only direct changes of a balance, for one of these reasons."
    )
    direction: Direction | None = optional("Only this direction.")
    from_: datetime | None = optional("Booked then or later.", name="from")
    to: datetime | None = optional("Booked then or earlier.")
    purchase_order: str | None = optional("With exactly this purchase order number.")
    instrument_kinds: list[InstrumentKind] | None = optional("Of these kinds of instrument.")
    sources: list[str] | None = optional("Of these sources, by key.")

    def to_domain(self) -> LedgerQuestion:
        kinds, operations = given(self.kinds), given(self.operations)
        return LedgerQuestion(
            kinds=None if kinds is None else frozenset(kinds),
            operations=None if operations is None else frozenset(operations),
            direction=given(self.direction),
            from_at=given(self.from_),
            to_at=given(self.to),
            purchase_order=text(self.purchase_order, "purchaseOrder"),
        )


@strawberry.input(description="Narrows store-credit accounts; all members that are set must hold.")
class StoreCreditFilter:
    sources: list[str] | None = optional("Keys of the sources to ask; absent means all.")
    currency: Currency | None = optional("Of this currency.")
    customer_native_id: str | None = optional("Of the customer with this id at the source.")
    search: str | None = optional("The provider's own free search; Medusa looks in currencies.")
    created_from: datetime | None = optional("Made then or later.")
    created_to: datetime | None = optional("Made then or earlier.")

    def to_domain(self) -> StoreCreditQuestion:
        own_id = text(self.customer_native_id, "customerNativeId")
        return StoreCreditQuestion(
            currency=given(self.currency),
            provider_customer_id=None if own_id is None else ProviderCustomerId(own_id),
            search=text(self.search, "search"),
            created_from=given(self.created_from),
            created_to=given(self.created_to),
        )


@strawberry.input(description="What counts as spendable.")
class SpendableOptions:
    kinds: list[InstrumentKind] | None = optional("Only these kinds; absent means all.")
    sources: list[str] | None = optional("Only these sources, by key; absent means all.")
    include_tolerance: bool | None = strawberry.field(
        default=True, description="Whether leave to exceed a limit counts."
    )
    max_staleness_seconds: int | None = strawberry.field(
        default=0, description="How old a balance may be; 0 means live."
    )
    indicative_conversion: bool | None = strawberry.field(
        default=False, description="Also convert other currencies, for `indicativeTotal`."
    )
    at: datetime | None = optional("Judge expiry at this moment instead of now.")

    def to_domain(self, currency: Currency) -> SpendableQuestion:
        return SpendableQuestion(
            currency=currency,
            kinds=given(self.kinds),
            sources=given(self.sources),
            include_tolerance=self.include_tolerance is not False,
            indicative_conversion=bool(self.indicative_conversion),
            at=given(self.at),
            may_be_old=_age(self.max_staleness_seconds or 0),
        )


def _age(seconds: int) -> timedelta:
    """
    Raises:
        InvalidQuestion: It is negative.
    """
    if seconds < 0:
        raise InvalidQuestion("`maxStalenessSeconds` is not negative.")
    return timedelta(seconds=seconds)
