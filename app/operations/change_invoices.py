"""Orders about one invoice, made of the invoice as it is when its account is locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.capability import Capability
from app.domain.errors import AccountNotFound, UnsupportedOperation
from app.domain.identifiers import ProviderAccountId, ProviderInvoiceId, SourceKey
from app.domain.instructions import OnInvoice, Subject
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.invoices import Invoice
from app.domain.provider import ReadsInvoices
from app.operations.abilities import able_to
from app.operations.carry_out import Order
from app.operations.check_instruction import refuse_stale
from app.operations.sources import Sources


@dataclass(frozen=True, slots=True)
class InvoicePlace:
    source: SourceKey
    account_id: ProviderAccountId
    invoice_id: ProviderInvoiceId


async def invoice_now(sources: Sources, place: InvoicePlace) -> Invoice:
    """
    Live.

    Raises:
        AccountNotFound, ProviderFault
    """
    provider = sources.find(place.source)
    if provider is None:
        raise AccountNotFound("invoice")
    if not able_to(provider, ReadsInvoices):
        raise UnsupportedOperation(source=place.source, capability=Capability.INVOICES)
    return await provider.invoice(place.account_id, place.invoice_id)


def order_on_invoice(
    sources: Sources,
    place: InvoicePlace,
    instruction: Callable[[Invoice], OnInvoice],
    *,
    name: str,
    idempotency_key: str,
    asked: object,
    expected_version: str | None,
) -> Order:
    """
    Args:
        expected_version: Of the invoice.
    """

    async def instruct(_: Instrument | None) -> OnInvoice:
        now = await invoice_now(sources, place)
        refuse_stale(now, expected_version)
        return instruction(now)

    return Order(
        name=name,
        idempotency_key=idempotency_key,
        asked=asked,
        subject=Subject(place.source, InstrumentKind.CREDIT_LINE, place.account_id),
        instruct=instruct,
    )
