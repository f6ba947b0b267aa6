"""From an id to the thing it stands for."""

from __future__ import annotations

from typing import TypeVar

from app.domain.customer import CustomerIdentity
from app.domain.errors import AccountNotFound, InvalidQuestion
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderInvoiceId,
)
from app.domain.instruments import InstrumentKind
from app.domain.provider import ReadsInvoices
from app.graphql.context import Context
from app.graphql.ids import GlobalId, NodeKind
from app.graphql.inputs.arguments import given
from app.graphql.inputs.lookups import CustomerRef
from app.graphql.types.basics import CreditSource, Node
from app.graphql.types.customer import Customer
from app.graphql.types.instruments import (
    CreditAccount,
    GiftCard,
    StoreCreditAccount,
    instrument_from_domain,
)
from app.graphql.types.invoices import Invoice
from app.graphql.types.ledger import Hold, entry_from_domain
from app.operations.customers import (
    DocumentReference,
    EmailReference,
    ExternalReference,
    customer,
)
from app.operations.ownership import owns
from app.operations.read_gift_cards import hold
from app.operations.read_instruments import instrument
from app.operations.read_invoices import invoice
from app.operations.read_ledgers import ledger_entry

N = TypeVar("N", bound=Node)

_KIND_OF: dict[NodeKind, InstrumentKind] = {
    NodeKind.CREDIT_ACCOUNT: InstrumentKind.CREDIT_LINE,
    NodeKind.GIFT_CARD: InstrumentKind.GIFT_CARD,
    NodeKind.STORE_CREDIT_ACCOUNT: InstrumentKind.STORE_CREDIT,
}


async def node_of(text: str, context: Context) -> Node | None:
    """
    What an id stands for, read now; None when it was not made here, or what it stands for is gone.

    Raises:
        ProviderFault: Its source did not answer.
    """
    known = context.ids.read(text)
    if known is None or not await _may_see(known, context):
        return None
    try:
        return await _read(known, context)
    except AccountNotFound:
        return None


async def _may_see(known: GlobalId, context: Context) -> bool:
    """
    Whether the caller may know that it exists. Asked before it is read, so that what is somebody
    else's and what does not exist look alike.
    """
    if context.sees_everybody or known.kind is NodeKind.SOURCE:
        return True
    own = context.caller.identity
    if own is None:
        return False
    match known.kind:
        case NodeKind.CUSTOMER:
            return context.is_own(context.ids.read_customer(known))
        case NodeKind.LEDGER_ENTRY:
            kind, provider_id = InstrumentKind(known.parts[0]), known.parts[1]
        case NodeKind.INVOICE:
            kind, provider_id = InstrumentKind.CREDIT_LINE, known.parts[0]
        case NodeKind.HOLD:
            kind, provider_id = InstrumentKind.GIFT_CARD, known.parts[0]
        case _:
            kind, provider_id = _KIND_OF[known.kind], known.parts[0]
    return await owns(context.desk, own, known.source, kind, provider_id)


async def typed_node_of(text: str, context: Context, kind: type[N]) -> N | None:
    """The same, where only one type is meant; None for an id of another."""
    known = context.ids.read(text)
    if known is None or known.kind is not _KINDS[kind]:
        return None
    found = await node_of(text, context)
    return found if isinstance(found, kind) else None


_KINDS: dict[type[Node], NodeKind] = {
    CreditSource: NodeKind.SOURCE,
    CreditAccount: NodeKind.CREDIT_ACCOUNT,
    GiftCard: NodeKind.GIFT_CARD,
    StoreCreditAccount: NodeKind.STORE_CREDIT_ACCOUNT,
    Invoice: NodeKind.INVOICE,
    Hold: NodeKind.HOLD,
    Customer: NodeKind.CUSTOMER,
}


async def _read(known: GlobalId, context: Context) -> Node | None:
    desk = context.desk
    match known.kind:
        case NodeKind.CUSTOMER:
            return Customer.from_domain(context.ids.read_customer(known), context)
        case NodeKind.SOURCE:
            provider = desk.sources.find(known.source)
            return CreditSource.from_domain(provider.info, context) if provider else None
        case NodeKind.INVOICE:
            return await _invoice(known, context)
        case NodeKind.HOLD:
            card_id, hold_id = known.parts
            card, story = await hold(
                desk, known.source, ProviderCardId(card_id), ProviderHoldId(hold_id)
            )
            return Hold.from_domain(story, card, context)
        case NodeKind.LEDGER_ENTRY:
            kind, instrument_id, entry_id = known.parts
            one = await instrument(desk, known.source, InstrumentKind(kind), instrument_id)
            entry = await ledger_entry(desk, one, ProviderEntryId(entry_id))
            return entry_from_domain(entry, context)
        case _:
            (provider_id,) = known.parts
            one = await instrument(desk, known.source, _KIND_OF[known.kind], provider_id)
            return instrument_from_domain(one, context)


async def _invoice(known: GlobalId, context: Context) -> Invoice | None:
    provider = context.desk.sources.find(known.source)
    if not isinstance(provider, ReadsInvoices):
        return None
    account_id, invoice_id = known.parts
    found = await invoice(
        context.desk, provider, ProviderAccountId(account_id), ProviderInvoiceId(invoice_id)
    )
    return Invoice.from_domain(found, context)


def who_is(by: CustomerRef, context: Context) -> CustomerIdentity | None:
    """
    Who a reference means; None for an id that was not made here.

    Raises:
        InvalidQuestion: Malformed.
    """
    if (id_ := given(by.id)) is not None:
        known = context.ids.read(id_)
        is_customer = known is not None and known.kind is NodeKind.CUSTOMER
        return context.ids.read_customer(known) if known and is_customer else None
    if (email := given(by.email)) is not None:
        return customer(context.desk, EmailReference(email))
    if (document := given(by.document)) is not None:
        return customer(context.desk, DocumentReference(document))
    if (external := given(by.external_id)) is not None:
        reference = ExternalReference(external.source, external.native_id)
        return customer(context.desk, reference)
    raise InvalidQuestion("Say who is meant: an id, an e-mail, a document or an external id.")
