"""Lists of invoices, of accounts or of a store: their pages, and sums over all pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.capability import Capability
from app.domain.customer import CustomerIdentity
from app.domain.errors import ProviderFault, UnsupportedOperation
from app.domain.identifiers import SourceKey
from app.domain.instruments import CreditAccount, InstrumentKind
from app.domain.invoices import Invoice, InvoiceQuestion, InvoiceStatus
from app.domain.money import Currency, Money, total
from app.domain.paging import Page
from app.domain.provider import ReadsInvoices
from app.domain.source_problem import SourceProblem, distinct
from app.operations.abilities import able_to
from app.operations.desk import Desk
from app.operations.merge import Merged, Positions, Reader, Stream, merge, sliced, stream_key
from app.operations.read_invoices import (
    all_invoices,
    all_invoices_of_account,
    invoices_in,
    invoices_of,
)
from app.operations.reading import Deadline
from app.operations.spendable_credit import holdings


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSums:
    """Sums over all pages of a list of invoices."""

    open: Money
    overdue: Money
    paid: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """
    What one account or store adds to a list.

    Attributes:
        read: Window by window.
        whole: All of it at once.
        filtered: Whether *read* gives only what was asked for.
    """

    key: str
    source: SourceKey
    currency: Currency
    read: Reader[Invoice]
    whole: Callable[[], Awaitable[Page[Invoice]]]
    filtered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceList:
    """
    A list of invoices that answer one question.

    Attributes:
        about: Whose invoices: an account, a customer, or a store by its source key.
        deadline: For its page and its sums together.
        missing: What could not be asked at all.
    """

    desk: Desk
    about: CreditAccount | CustomerIdentity | SourceKey
    deadline: Deadline
    question: InvoiceQuestion
    parts: Sequence[_Part]
    missing: Sequence[SourceProblem] = ()

    async def page(
        self, *, first: int, after: Positions, with_sums: bool = False
    ) -> Merged[Invoice]:
        """
        The next *first* invoices, part by part, in the order each source keeps them.

        Args:
            with_sums: The sums are wanted too: the page is then cut from the same whole lists.
        """
        page = await merge(
            [
                self._stream(part, sliced(part.whole) if with_sums else part.read)
                for part in self.parts
            ],
            first=first,
            after=after,
            deadline=self.deadline,
        )
        return replace(
            page,
            total=page.total if not self.missing else None,
            problems=distinct([*self.missing, *page.problems]),
        )

    def _stream(self, part: _Part, read: Reader[Invoice]) -> Stream[Invoice]:
        as_it_is = part.filtered or self.question == InvoiceQuestion()
        return Stream(
            key=part.key,
            source=part.source,
            affects=frozenset({InstrumentKind.CREDIT_LINE}),
            read=read,
            matches=None if as_it_is else self._matches,
        )

    def _matches(self, one: Invoice) -> bool:
        return self.question.matches(one, at=self.desk.clock())

    async def sums(self) -> InvoiceSums | None:
        """None when they cannot be proven: something is unreadable, or currencies differ."""
        currencies = {part.currency for part in self.parts}
        if self.missing or len(currencies) != 1:
            return None
        try:
            pages = await asyncio.gather(
                *(self.deadline.within(part.source, part.whole()) for part in self.parts)
            )
        except ProviderFault:
            return None
        if any(page.faults for page in pages):
            return None
        invoices = [one for page in pages for one in page.items if self._matches(one)]
        return _sums(invoices, currencies.pop(), at=self.desk.clock())


def _sums(invoices: Sequence[Invoice], currency: Currency, *, at: datetime) -> InvoiceSums:
    def sum_of(status: InvoiceStatus) -> Money:
        return total([one.amount for one in invoices if one.status is status], currency)

    return InvoiceSums(
        open=sum_of(InvoiceStatus.OPEN),
        overdue=total([one.amount for one in invoices if one.is_overdue(at)], currency),
        paid=sum_of(InvoiceStatus.PAID),
    )


def invoices_of_account(
    desk: Desk, account: CreditAccount, question: InvoiceQuestion
) -> InvoiceList | None:
    """One account's; None where its source keeps no invoices."""
    if not able_to(desk.sources.named(account.source), ReadsInvoices):
        return None
    return InvoiceList(
        desk=desk,
        about=account,
        deadline=desk.deadline(),
        question=question,
        parts=_parts(desk, [account]),
    )


async def invoices_of_customer(
    desk: Desk, customer: CustomerIdentity, question: InvoiceQuestion
) -> InvoiceList:
    """Those of all the customer's credit accounts."""
    keeping = [one.info.key for one in desk.sources.able(ReadsInvoices)]
    deadline = desk.deadline()
    found = await holdings(
        desk,
        customer,
        kinds=[InstrumentKind.CREDIT_LINE],
        sources=keeping,
        deadline=desk.deadline(share=0.5),
    )
    accounts = [one for part in found for one in part.instruments if isinstance(one, CreditAccount)]
    return InvoiceList(
        desk=desk,
        about=customer,
        deadline=deadline,
        question=question,
        parts=_parts(desk, accounts),
        missing=[SourceProblem.of(fault, {part.kind}) for part in found for fault in part.faults],
    )


def invoices_of_store(desk: Desk, source: str, question: InvoiceQuestion) -> InvoiceList:
    """
    All of a store's.

    Raises:
        InvalidQuestion: There is no such source.
        UnsupportedOperation: It keeps no invoices.
    """
    provider = desk.sources.named(source)
    if not able_to(provider, ReadsInvoices):
        raise UnsupportedOperation(source=source, capability=Capability.INVOICES)
    source_key = provider.info.key
    part = _Part(
        key=source_key,
        source=source_key,
        currency=provider.info.default_currency,
        read=desk.reads.by_window(
            invoices_in(source_key, question),
            lambda window: provider.search_invoices(question, window),
        ),
        whole=lambda: all_invoices(desk, provider, question),
        filtered=True,
    )
    return InvoiceList(
        desk=desk,
        about=source_key,
        deadline=desk.deadline(),
        question=question,
        parts=[part],
    )


def _parts(desk: Desk, accounts: Sequence[CreditAccount]) -> list[_Part]:
    return [
        _part(desk, account, provider)
        for account in accounts
        if able_to(provider := desk.sources.named(account.source), ReadsInvoices)
    ]


def _part(desk: Desk, account: CreditAccount, provider: ReadsInvoices) -> _Part:
    account_id = account.provider_account_id
    return _Part(
        key=stream_key(account),
        source=account.source,
        currency=account.currency,
        read=desk.reads.by_window(
            invoices_of(account.source, account_id),
            lambda window: provider.invoices_of_account(account_id, window),
        ),
        whole=lambda: all_invoices_of_account(desk, provider, account_id),
        filtered=False,
    )
