"""From an id to the thing it stands for."""

from __future__ import annotations

from typing import TypeVar

from app.domain.access import AccessLevel
from app.domain.customer import CustomerIdentity
from app.domain.errors import AccountNotFound, InvalidQuestion
from app.domain.identifiers import (
    OperationId,
    ProviderAccountId,
    ProviderCardId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderInvoiceId,
)
from app.domain.instructions import Subject
from app.domain.instruments import InstrumentKind
from app.domain.provider import ReadsInvoices
from app.graphql.context import Context
from app.graphql.ids import KIND_OF_INSTRUMENT, GlobalId, NodeKind
from app.graphql.inputs.arguments import given
from app.graphql.inputs.lookups import CustomerRef
from app.graphql.inputs.writes import OperationRef
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
from app.graphql.types.operations import OperationReceipt
from app.operations.abilities import able_to
from app.operations.customers import (
    DocumentReference,
    EmailReference,
    ExternalReference,
    customer,
)
from app.operations.holds import HoldPlace
from app.operations.ownership import owns
from app.operations.read_gift_cards import hold
from app.operations.read_instruments import instrument
from app.operations.read_invoices import invoice
from app.operations.read_ledgers import ledger_entry

N = TypeVar("N", bound=Node)


async def node_of(text: str, context: Context) -> Node | None:
    """
    What an id stands for, read now; None when it was not made here, or what it stands for is gone.

    Raises:
        ProviderFault: Its source did not answer.
    """
    known = context.ids.read(text)
    if known is None or not await may_see(known, context):
        return None
    try:
        return await _read(known, context)
    except AccountNotFound:
        return None


async def may_see(known: GlobalId, context: Context) -> bool:
    """
    Whether the caller may know that it exists. Asked before it is read, so that what is somebody
    else's and what does not exist look alike.
    """
    if context.sees_everybody or known.kind is NodeKind.SOURCE:
        return True
    if known.kind is NodeKind.OPERATION:
        return False
    own = context.caller.identity
    if own is None:
        return False
    match known.kind:
        case NodeKind.CUSTOMER:
            return context.is_own(context.ids.read_customer(known))
        case NodeKind.LEDGER_ENTRY | NodeKind.HOLD:
            kind, provider_id = InstrumentKind(known.parts[0]), known.parts[1]
        case NodeKind.INVOICE:
            kind, provider_id = InstrumentKind.CREDIT_LINE, known.parts[0]
        case _:
            kind, provider_id = KIND_OF_INSTRUMENT[known.kind], known.parts[0]
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
    OperationReceipt: NodeKind.OPERATION,
}


async def _read(known: GlobalId, context: Context) -> Node | None:
    desk = context.desk
    match known.kind:
        case NodeKind.CUSTOMER:
            return Customer.from_domain(context.ids.read_customer(known), context)
        case NodeKind.SOURCE:
            provider = desk.sources.find(known.source)
            return CreditSource.from_domain(provider.info, context) if provider else None
        case NodeKind.OPERATION:
            return await _receipt(OperationId(known.parts[0]), context)
        case NodeKind.INVOICE:
            return await _invoice(known, context)
        case NodeKind.HOLD:
            return await hold_at(hold_place(known), context)
        case NodeKind.LEDGER_ENTRY:
            kind, instrument_id, entry_id = known.parts
            one = await instrument(desk, known.source, InstrumentKind(kind), instrument_id)
            entry = await ledger_entry(desk, one, ProviderEntryId(entry_id))
            return entry_from_domain(entry, context)
        case _:
            (provider_id,) = known.parts
            one = await instrument(desk, known.source, KIND_OF_INSTRUMENT[known.kind], provider_id)
            return instrument_from_domain(one, context)


def hold_place(known: GlobalId) -> HoldPlace:
    """Where a hold is, by its id."""
    kind, instrument_id, hold_id = known.parts
    subject = Subject(known.source, InstrumentKind(kind), instrument_id)
    return HoldPlace(subject, ProviderHoldId(hold_id))


async def hold_at(place: HoldPlace, context: Context) -> Hold:
    """A card's provider tells of its holds; of all others the journal does."""
    subject = place.subject
    if subject.kind is not InstrumentKind.GIFT_CARD:
        return Hold.from_domain(await context.holds.now(place), context)
    card, story = await hold(
        context.desk, subject.source, ProviderCardId(subject.provider_id), place.hold_id
    )
    told = await context.holds.told(place)
    return Hold.of_story(story, card, context, told)


async def receipt_of(by: OperationRef, context: Context) -> OperationReceipt | None:
    """
    What became of an operation of the caller's; an administrator sees everybody's by id.

    Raises:
        InvalidQuestion: Neither id nor key is given.
    """
    if (id_ := given(by.id)) is not None:
        return await typed_node_of(id_, context, OperationReceipt)
    if (key := given(by.idempotency_key)) is not None:
        found = await context.operations.latest(context.caller, key)
        return None if found is None else OperationReceipt.from_domain(found, context)
    raise InvalidQuestion("Say which operation is meant: an id or an idempotency key.")


async def _receipt(operation_id: OperationId, context: Context) -> OperationReceipt | None:
    found = await context.operations.find(operation_id)
    if found is None:
        return None
    own = found.caller == context.caller.name or context.caller.level >= AccessLevel.ADMIN
    return OperationReceipt.from_domain(found, context) if own else None


async def _invoice(known: GlobalId, context: Context) -> Invoice | None:
    provider = context.desk.sources.find(known.source)
    if not able_to(provider, ReadsInvoices):
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
