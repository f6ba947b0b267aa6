"""Invoices, one or all of an account or a store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.cache.questions import Fact, Question, Tag, tag_of_instrument, tag_of_searches
from app.domain.identifiers import ProviderAccountId, ProviderInvoiceId, SourceKey
from app.domain.instruments import InstrumentKind
from app.domain.invoices import Invoice, InvoiceQuestion, InvoiceStatus
from app.domain.ledger import LedgerEntry
from app.domain.paging import Page
from app.domain.provider import ReadsInvoices
from app.operations.abilities import able_to
from app.operations.desk import Desk
from app.operations.merge import read_whole

_AFFECTS: Final = frozenset({InstrumentKind.CREDIT_LINE})
_INVOICE: Final = Fact[Invoice]("invoice", Invoice, _AFFECTS)
_INVOICES_OF: Final = Fact[Page[Invoice]]("invoices of", Page[Invoice], _AFFECTS)
_INVOICES: Final = Fact[Page[Invoice]]("invoices", Page[Invoice], _AFFECTS)


def invoices_of(source: SourceKey, account_id: ProviderAccountId) -> Question[Page[Invoice]]:
    """All of an account's."""
    return Question(_INVOICES_OF, source, account_id, tags=(_tag(source, account_id),))


def invoices_in(source: SourceKey, question: InvoiceQuestion) -> Question[Page[Invoice]]:
    """All of a store's that answer *question*."""
    return Question(_INVOICES, source, question, tags=(tag_of_searches(source),))


def _tag(source: SourceKey, account_id: ProviderAccountId) -> Tag:
    return tag_of_instrument(source, InstrumentKind.CREDIT_LINE, account_id)


async def invoice(
    desk: Desk,
    provider: ReadsInvoices,
    account_id: ProviderAccountId,
    invoice_id: ProviderInvoiceId,
) -> Invoice:
    """One invoice, read at most once a request."""
    source = provider.info.key
    return await desk.reads.once(
        Question(_INVOICE, source, account_id, invoice_id, tags=(_tag(source, account_id),)),
        lambda: provider.invoice(account_id, invoice_id),
    )


async def all_invoices_of_account(
    desk: Desk, provider: ReadsInvoices, account_id: ProviderAccountId
) -> Page[Invoice]:
    """Every invoice of an account, read at most once a request."""
    return await desk.reads.once(
        invoices_of(provider.info.key, account_id),
        lambda: read_whole(
            lambda window: provider.invoices_of_account(account_id, window),
            identity=lambda one: one.provider_invoice_id,
        ),
    )


async def all_invoices(
    desk: Desk, provider: ReadsInvoices, question: InvoiceQuestion
) -> Page[Invoice]:
    """Every invoice of a store that answers *question*, read at most once a request."""
    return await desk.reads.once(
        invoices_in(provider.info.key, question),
        lambda: read_whole(
            lambda window: provider.search_invoices(question, window),
            identity=lambda one: (one.provider_account_id, one.provider_invoice_id),
        ),
    )


async def open_invoices(
    desk: Desk, provider: ReadsInvoices, account_id: ProviderAccountId
) -> Sequence[Invoice]:
    """
    The invoices of an account that are still owed.

    Raises:
        ProviderFault: Any of its invoices could not be read; the others are not all that is owed.
    """
    page = await all_invoices_of_account(desk, provider, account_id)
    if page.faults:
        raise page.faults[0]
    return [one for one in page.items if one.status is InvoiceStatus.OPEN]


async def invoices_of_settlement(desk: Desk, entry: LedgerEntry) -> Sequence[Invoice] | None:
    """
    The invoices that a settlement made, by the hold they share; None where the source keeps none.

    Raises:
        ProviderFault: Any invoice of the account could not be read.
    """
    provider = desk.sources.named(entry.source)
    if not able_to(provider, ReadsInvoices) or entry.provider_hold_id is None:
        return None
    page = await all_invoices_of_account(desk, provider, ProviderAccountId(entry.instrument_id))
    if page.faults:
        raise page.faults[0]
    hold_id = entry.provider_hold_id.casefold()
    return [one for one in page.items if (one.provider_hold_id or "").casefold() == hold_id]
