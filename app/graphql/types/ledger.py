"""History: ledger entries of six kinds, and holds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final, Self

import strawberry

from app.domain import holds as domain_holds
from app.domain import ledger as domain
from app.domain.identifiers import ProviderAccountId, ProviderCardId
from app.domain.instructions import Subject
from app.domain.instruments import GiftCard, version_of
from app.domain.provider import ReadsInvoices
from app.graphql.context import Context, Info
from app.graphql.declare import SERVICE, described, resolved
from app.graphql.enums import (
    ActorKind,
    BalanceOperation,
    Direction,
    HoldMode,
    HoldState,
    InstrumentKind,
    LedgerEntryKind,
)
from app.graphql.types.basics import OPAQUE_ID, CreditSource, Money, Node, money_or_none
from app.operations.abilities import able_to
from app.operations.holds import HoldPlace
from app.operations.read_gift_cards import card_authorization, hold
from app.operations.read_instruments import instrument
from app.operations.read_invoices import invoice, invoices_of_settlement
from app.operations.read_ledgers import balance_after

if TYPE_CHECKING:
    from app.graphql.types.instruments import CreditInstrument
    from app.graphql.types.invoices import Invoice

_Instrument = Annotated["CreditInstrument", strawberry.lazy("app.graphql.types.instruments")]
_Invoice = Annotated["Invoice", strawberry.lazy("app.graphql.types.invoices")]


@strawberry.type(description="What a ledger line points to outside the ledger.")
class EntryReference:
    kind: str = described("The provider's word for it: `transactionId`, `purchase_order`, `cart`.")
    value: str = described("The id or number itself.")
    purchase_order: str | None = described("The customer's purchase order number.")
    order_id: str | None = described("The store's order.")

    @classmethod
    def from_domain(cls, reference: domain.EntryReference) -> Self:
        return cls(
            kind=reference.kind,
            value=reference.value,
            purchase_order=reference.purchase_order,
            order_id=reference.order_id,
        )


@strawberry.type(description="Who did it.")
class Actor:
    kind: ActorKind = described("What kind of party.")
    display_name: str | None = described("As the provider calls them.", may=SERVICE)

    @classmethod
    def from_domain(cls, actor: domain.Actor) -> Self:
        return cls(kind=actor.kind, display_name=actor.display_name)


@strawberry.type(description="The provider's own words, so that nothing is lost in translation.")
class NativeEntry:
    id: str | None = described("The provider's id; null when it gives none.")
    type: str = described("The provider's word for the kind of entry.")
    synthetic: bool = described("True when the entry's id was made by the gateway.")


@strawberry.interface(
    description=(
        "One line of the unified timeline. `amount` is positive; `direction` is seen from the "
        "customer's spendable credit."
    )
)
class LedgerEntry(Node):
    kind: LedgerEntryKind = described("What it records.")
    direction: Direction = described("Whether it adds to or takes from what can be spent.")
    amount: Money = described("Never negative, in the currency the provider booked.")
    occurred_at: datetime = described("When the provider booked it.")
    source: CreditSource = described("Where it was booked.")
    available_after: Money | None = described("What could be spent right after, where told.")
    reference: EntryReference | None = described("What it points to.")
    actor: Actor | None = described("Who did it, where the provider tells.")
    note: str | None = described("Free text written with it.")
    native: NativeEntry = described("The provider's own words.")
    value: strawberry.Private[domain.LedgerEntry]

    @resolved(OPAQUE_ID)  # type: ignore[misc]  # a field of its own
    def id(self, info: Info) -> strawberry.ID:
        return info.context.ids.ledger_entry(self.value)

    @resolved(
        "The balance right after: the provider's figure; of store credit the sum of its ledger up "
        "to there, read once for all its lines. Null where neither can be had."
    )
    async def balance_after(self, info: Info) -> Money | None:
        return money_or_none(await balance_after(info.context.desk, self.value))

    @resolved("The account or card it belongs to.")
    async def instrument(self, info: Info) -> _Instrument | None:
        return await _instrument_of(self.value, info.context)

    @classmethod
    def from_domain(cls, entry: domain.LedgerEntry, context: Context) -> Self:
        native = entry.native
        return cls(
            kind=entry.kind,
            direction=entry.direction,
            amount=Money.from_domain(entry.amount),
            occurred_at=entry.occurred_at,
            source=CreditSource.of(entry.source, context),
            available_after=money_or_none(entry.available_after),
            reference=EntryReference.from_domain(entry.reference) if entry.reference else None,
            actor=Actor.from_domain(entry.actor) if entry.actor else None,
            note=entry.note,
            native=NativeEntry(
                id=None if native.synthetic else native.provider_entry_id,
                type=native.type,
                synthetic=native.synthetic,
            ),
            value=entry,
        )


async def _instrument_of(entry: domain.LedgerEntry, context: Context) -> _Instrument:
    from app.graphql.types.instruments import instrument_from_domain

    found = await instrument(context.desk, entry.source, entry.instrument_kind, entry.instrument_id)
    return instrument_from_domain(found, context)


async def _hold_of(entry: domain.LedgerEntry, context: Context) -> Hold | None:
    hold_id = entry.provider_hold_id
    if hold_id is None:
        return None
    subject = Subject(entry.source, entry.instrument_kind, entry.instrument_id)
    told = await context.holds.told(HoldPlace(subject, hold_id))
    if entry.instrument_kind is InstrumentKind.GIFT_CARD:
        card_id = ProviderCardId(entry.instrument_id)
        card, story = await hold(context.desk, entry.source, card_id, hold_id)
        return Hold.of_story(story, card, context, told)
    return None if told is None else Hold.from_domain(told, context)


@strawberry.type(description="Credit was set aside.")
class PreAuthorizationEntry(LedgerEntry):
    @resolved("The hold it made; null where the provider cannot tell of it again.")
    async def hold(self, info: Info) -> Hold | None:
        return await _hold_of(self.value, info.context)

    @resolved("When the hold ends by itself, where the provider tells.")
    def expires_at(self) -> datetime | None:
        return self.value.expires_at


@strawberry.type(description="Held credit became owed or spent.")
class SettlementEntry(LedgerEntry):
    @resolved("The hold that was settled; null where the provider cannot tell of it again.")
    async def hold(self, info: Info) -> Hold | None:
        return await _hold_of(self.value, info.context)

    @resolved(
        "The invoices it made; null where the provider keeps none.",
        upstream=["vtex.cc/SearchallinvoicesofaAccount"],
        cost=5,
    )
    async def invoices(self, info: Info) -> list[_Invoice] | None:
        from app.graphql.types.invoices import Invoice

        found = await invoices_of_settlement(info.context.desk, self.value)
        if found is None:
            return None
        return [Invoice.from_domain(one, info.context) for one in found]

    @resolved("Number of instalments.")
    def installments(self) -> int | None:
        return self.value.installments


@strawberry.type(description="Settled value was given back.")
class RefundEntry(LedgerEntry):
    @resolved("The hold it gave back from; null where the provider cannot tell of it again.")
    async def hold(self, info: Info) -> Hold | None:
        return await _hold_of(self.value, info.context)


@strawberry.type(description="Held credit was released before it was settled.")
class CancellationEntry(LedgerEntry):
    @resolved("The hold that was released; null where the provider cannot tell of it again.")
    async def hold(self, info: Info) -> Hold | None:
        return await _hold_of(self.value, info.context)


@strawberry.type(description="The holder paid an invoice, which gives the credit back.")
class InvoicePaymentEntry(LedgerEntry):
    @resolved("The invoice, where the provider names it.")
    async def invoice(self, info: Info) -> _Invoice | None:
        return await _invoice_of(self.value, info.context)


async def _invoice_of(entry: domain.LedgerEntry, context: Context) -> _Invoice | None:
    from app.graphql.types.invoices import Invoice

    provider = context.desk.sources.named(entry.source)
    if entry.provider_invoice_id is None or not able_to(provider, ReadsInvoices):
        return None
    account_id = ProviderAccountId(entry.instrument_id)
    found = await invoice(context.desk, provider, account_id, entry.provider_invoice_id)
    return Invoice.from_domain(found, context)


@strawberry.type(description="A balance was changed directly.")
class BalanceOperationEntry(LedgerEntry):
    @resolved("Why.")
    def operation(self) -> BalanceOperation:
        return self.value.operation or BalanceOperation.OTHER

    @resolved("Units of the booked currency for one of the account's, where they differ.")
    def rate(self) -> Decimal | None:
        return self.value.rate


@strawberry.type(description="The granted limit or its terms were changed.")
class LimitChangeEntry(LedgerEntry):
    @resolved("The limit right after.")
    def limit_after(self) -> Money | None:
        return money_or_none(self.value.limit_after)


_KINDS: Final[dict[LedgerEntryKind, type[LedgerEntry]]] = {
    LedgerEntryKind.PRE_AUTHORIZATION: PreAuthorizationEntry,
    LedgerEntryKind.SETTLEMENT: SettlementEntry,
    LedgerEntryKind.REFUND: RefundEntry,
    LedgerEntryKind.CANCELLATION: CancellationEntry,
    LedgerEntryKind.INVOICE_PAYMENT: InvoicePaymentEntry,
    LedgerEntryKind.BALANCE_OPERATION: BalanceOperationEntry,
    LedgerEntryKind.LIMIT_CHANGE: LimitChangeEntry,
}

ENTRY_TYPES: Final = tuple(_KINDS.values())


def entry_from_domain(entry: domain.LedgerEntry, context: Context) -> LedgerEntry:
    return _KINDS[entry.kind].from_domain(entry, context)


@strawberry.type(description="An amount set aside: reserve, then capture, refund or release.")
class Hold(Node):
    mode: HoldMode = described("Who keeps it.")
    state: HoldState = described("How far it has come.")
    amount: Money = described("Set aside.")
    captured: Money = described("Taken of it.")
    refunded: Money = described("Given back after it was taken.")
    released: Money = described("Given back before it was taken.")
    remaining: Money = described("Still set aside.")
    capturable: Money = described(
        "How much of that may be captured: less, where a refund has used up a part of the hold."
    )
    installments: int | None = described("In how many invoices it will be owed.")
    order_id: str | None = described("The order it is for, as the caller named it.")
    created_at: datetime = described("When it was made.")
    expires_at: datetime | None = described("When it ends by itself, if it does.")
    version: str = described("Opaque fingerprint of the observed state.")
    value: strawberry.Private[domain_holds.Hold]
    story: strawberry.Private[domain_holds.CardStory | None]
    card: strawberry.Private[GiftCard | None]

    @resolved("The instrument it is on.", cost=1)
    async def instrument(self, info: Info) -> _Instrument | None:
        from app.graphql.types.instruments import instrument_from_domain

        found = self.card or await instrument(
            info.context.desk,
            self.value.source,
            self.value.instrument_kind,
            self.value.instrument_id,
        )
        return instrument_from_domain(found, info.context)

    @resolved(
        "The provider's own record of the authorization; null where it keeps none.",
        upstream=["vtex.gc/GetTransactionAuthorizations"],
        cost=1,
    )
    async def authorization(self, info: Info) -> PreAuthorizationEntry | None:
        if self.card is None or self.story is None:
            return None
        found = await card_authorization(info.context.desk, self.card, self.story)
        return PreAuthorizationEntry.from_domain(found, info.context) if found else None

    @resolved(
        "What was captured; null where the provider keeps no list.",
        upstream=["vtex.gc/GetTransactionSettlements"],
        cost=1,
    )
    def settlements(self, info: Info) -> list[SettlementEntry] | None:
        if self.story is None:
            return None
        return [SettlementEntry.from_domain(one, info.context) for one in self.story.settled()]

    @resolved(
        "What was given back, before or after capture; null where the provider keeps no list.",
        upstream=["vtex.gc/GetTransactionCancellations"],
        cost=1,
    )
    def cancellations(self, info: Info) -> list[CancellationEntry] | None:
        if self.story is None:
            return None
        return [CancellationEntry.from_domain(one, info.context) for one in self.story.cancelled()]

    @classmethod
    def of_story(
        cls,
        story: domain_holds.CardStory,
        card: GiftCard,
        context: Context,
        told: domain_holds.Hold | None,
    ) -> Self:
        """As the provider of *card* tells it, with what the gateway remembers of it."""
        return cls.from_domain(story.hold(told), context, story=story, card=card)

    @classmethod
    def from_domain(
        cls,
        hold: domain_holds.Hold,
        context: Context,
        *,
        story: domain_holds.CardStory | None = None,
        card: GiftCard | None = None,
    ) -> Self:
        return cls(
            id=context.ids.hold(hold),
            mode=hold.mode,
            state=hold.state(context.desk.clock()),
            amount=Money.from_domain(hold.amount),
            captured=Money.from_domain(hold.captured),
            refunded=Money.from_domain(hold.refunded),
            released=Money.from_domain(hold.released),
            remaining=Money.from_domain(hold.remaining),
            capturable=Money.from_domain(hold.capturable),
            installments=hold.installments,
            order_id=hold.order_id,
            created_at=hold.created_at,
            expires_at=hold.expires_at,
            version=version_of(hold),
            value=hold,
            story=story,
            card=card,
        )
