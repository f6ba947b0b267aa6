"""Invoices and lists of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, Self

import strawberry

from app.domain import invoices as domain
from app.domain.instructions import Subject
from app.domain.instruments import InstrumentKind, version_of
from app.domain.postponement import Postponement
from app.domain.provider import ReadsCreditAccounts
from app.graphql.context import Context, Info
from app.graphql.declare import SERVICE, described, resolved
from app.graphql.enums import InvoiceStatus
from app.graphql.list_names import ListName
from app.graphql.look_ahead import selects
from app.graphql.scalars import Url
from app.graphql.types.basics import OPAQUE_ID, CreditSource, Money, Node
from app.graphql.types.connections import Connection, page_asked
from app.graphql.types.ledger import Hold
from app.operations.abilities import able_to
from app.operations.holds import HoldPlace
from app.operations.list_invoices import InvoiceList
from app.operations.read_credit_accounts import credit_account, postponement

if TYPE_CHECKING:
    from app.graphql.types.instruments import CreditAccount


@strawberry.type(description="Whether an invoice may be due later, by the terms of its store.")
class PostponementTerms:
    allowed: bool = described(
        "Whether nothing is known to be against it; the provider has the last word."
    )
    max_days: int = described("By how many days in all, from when it was due at first.")
    max_times: int = described("How often in all.")
    days_left: int = described("By how many whole days still, from when it is due now.")
    times_used: int | None = described(
        "How often it was postponed; null where that was done but the provider does not count."
    )
    reason: str | None = described(
        "What is against it: a term, named as `PolicyError.policy` does, or `status`."
    )

    @classmethod
    def from_domain(cls, one: Postponement) -> Self:
        return cls(
            allowed=one.allowed,
            max_days=one.max_days,
            max_times=one.max_times,
            days_left=one.days_left,
            times_used=one.times_used,
            reason=one.reason,
        )


@strawberry.type(description="One instalment of what a credit account's holder owes.")
class Invoice(Node):
    source: CreditSource = described("Where it is kept.")
    number: str = described("The short number people see.")
    status: InvoiceStatus = described("Whether it is still owed.")
    amount: Money = described("Its current amount, the provider's figure.")
    credit_applied: Money = described("Credit the provider has set against it.")
    issued_at: datetime = described("When it was made.")
    due_at: datetime = described("When it is due, after postponements.")
    original_due_at: datetime = described("When it was due at first.")
    is_overdue: bool = described("Open and past due at the moment of reading.")
    days_overdue: int = described("Whole days past due; 0 when it is not.")
    resolved_at: datetime | None = described("When it was paid or cancelled.")
    updated_at: datetime = described("When the provider last changed it.")
    installment: int | None = described("Which instalment it is, from 1.")
    installment_count: int | None = described("Of how many.")
    order_id: str | None = described("The store's order, where the provider knows it.")
    payment_link: Url | None = described("Where it can be paid.")
    note: str | None = described("The seller's remark.", may=SERVICE)
    value: strawberry.Private[domain.Invoice]

    @resolved(OPAQUE_ID)  # type: ignore[misc]  # a field of its own
    def id(self, info: Info) -> strawberry.ID:
        return info.context.ids.invoice(self.value)

    @resolved("Opaque fingerprint of the observed state; send it back as `expectedVersion`.")
    def version(self) -> str:
        return version_of(self.value)

    @resolved("The account it belongs to.", upstream=["vtex.cc/RetrieveaAccountbyId"], cost=1)
    async def account(
        self, info: Info
    ) -> Annotated[CreditAccount, strawberry.lazy("app.graphql.types.instruments")] | None:
        from app.graphql.types.instruments import CreditAccount

        provider = info.context.desk.sources.named(self.value.source)
        if not able_to(provider, ReadsCreditAccounts):
            return None
        found = await credit_account(info.context.desk, provider, self.value.provider_account_id)
        return CreditAccount.from_domain(found, info.context)

    @resolved("The hold that it was captured of; null when the gateway did not make that.")
    async def hold(self, info: Info) -> Hold | None:
        one, context = self.value, info.context
        if one.provider_hold_id is None:
            return None
        subject = Subject(one.source, InstrumentKind.CREDIT_LINE, one.provider_account_id)
        told = await context.holds.told(HoldPlace(subject, one.provider_hold_id))
        return None if told is None else Hold.from_domain(told, context)

    @resolved(
        "Whether it may be due later; null where the provider has no terms for that.",
        upstream=["vtex.cc/Retrievestoreconfiguration"],
        cost=1,
    )
    async def postponement(self, info: Info) -> PostponementTerms | None:
        known = await postponement(info.context.desk, self.value)
        return None if known is None else PostponementTerms.from_domain(known)

    @classmethod
    def from_domain(cls, one: domain.Invoice, context: Context) -> Self:
        now = context.desk.clock()
        return cls(
            source=CreditSource.of(one.source, context),
            number=one.number,
            status=one.status,
            amount=Money.from_domain(one.amount),
            credit_applied=Money.from_domain(one.credit_applied),
            issued_at=one.issued_at,
            due_at=one.due_at,
            original_due_at=one.original_due_at,
            is_overdue=one.is_overdue(now),
            days_overdue=one.days_overdue(now),
            resolved_at=one.resolved_at,
            updated_at=one.updated_at,
            installment=one.installment,
            installment_count=one.installment_count,
            order_id=one.order_id,
            payment_link=Url(one.payment_link) if one.payment_link else None,
            note=one.note,
            value=one,
        )


_SUMS: Final = frozenset({"openAmount", "overdueAmount", "paidAmount"})


@strawberry.type(
    description=(
        "A page of invoices. The sums cover all pages of the list asked for, not the page shown; "
        "null when that cannot be proven."
    )
)
class InvoiceConnection(Connection[Invoice]):
    list_: strawberry.Private[InvoiceList]

    @resolved("Sum of the open ones.", cost=5)
    async def open_amount(self) -> Money | None:
        known = await self.list_.sums()
        return Money.from_domain(known.open) if known else None

    @resolved("Sum of the open ones that are past due.", cost=5)
    async def overdue_amount(self) -> Money | None:
        known = await self.list_.sums()
        return Money.from_domain(known.overdue) if known else None

    @resolved("Sum of the paid ones.", cost=5)
    async def paid_amount(self) -> Money | None:
        known = await self.list_.sums()
        return Money.from_domain(known.paid) if known else None

    @classmethod
    async def page_of(
        cls, list_: InvoiceList, info: Info, first: int | None, after: str | None
    ) -> Self:
        context = info.context
        asked = page_asked(context, ListName(list_.about, list_.question), first, after)
        page = await list_.page(
            first=asked.first, after=asked.after, with_sums=selects(info, _SUMS)
        )
        return cls.from_domain(page, Invoice.from_domain, context, asked, list_=list_)
