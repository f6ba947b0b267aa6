"""Global ids: which thing, of which source, in a text that tells nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import strawberry

from app.domain.customer import CustomerIdentity
from app.domain.holds import Hold
from app.domain.identifiers import SourceKey
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.invoices import Invoice
from app.domain.ledger import LedgerEntry
from app.domain.operation import Operation
from app.graphql.opaque import Seal, SealBroken
from app.operations.directory import Directory


class NodeKind(StrEnum):
    """What an id starts with."""

    SOURCE = "src"
    CREDIT_ACCOUNT = "ca"
    GIFT_CARD = "gc"
    STORE_CREDIT_ACCOUNT = "sc"
    INVOICE = "inv"
    HOLD = "hold"
    LEDGER_ENTRY = "le"
    CUSTOMER = "cus"
    OPERATION = "op"


_OF_INSTRUMENT: Final = {
    InstrumentKind.CREDIT_LINE: NodeKind.CREDIT_ACCOUNT,
    InstrumentKind.GIFT_CARD: NodeKind.GIFT_CARD,
    InstrumentKind.STORE_CREDIT: NodeKind.STORE_CREDIT_ACCOUNT,
}


KIND_OF_INSTRUMENT: Final = {node: kind for kind, node in _OF_INSTRUMENT.items()}


_PARTS_OF_HOLD: Final = 3


@dataclass(frozen=True, slots=True)
class GlobalId:
    """
    Attributes:
        parts: The provider's ids from the outermost thing inwards.
    """

    kind: NodeKind
    source: SourceKey
    parts: tuple[str, ...]


class Ids:
    """Makes and reads global ids."""

    def __init__(self, seal: Seal, directory: Directory) -> None:
        self._seal = seal
        self._directory = directory

    def source(self, key: SourceKey) -> strawberry.ID:
        return self._make(NodeKind.SOURCE, key)

    def instrument(self, one: Instrument) -> strawberry.ID:
        return self._make(_OF_INSTRUMENT[one.kind], one.source, one.provider_id)

    def invoice(self, one: Invoice) -> strawberry.ID:
        return self._make(
            NodeKind.INVOICE, one.source, one.provider_account_id, one.provider_invoice_id
        )

    def hold(self, one: Hold) -> strawberry.ID:
        return self._make(
            NodeKind.HOLD,
            one.source,
            one.instrument_kind,
            one.instrument_id,
            one.provider_hold_id,
        )

    def ledger_entry(self, one: LedgerEntry) -> strawberry.ID:
        return self._make(
            NodeKind.LEDGER_ENTRY,
            one.source,
            one.instrument_kind,
            one.instrument_id,
            one.native.provider_entry_id,
        )

    def operation(self, one: Operation) -> strawberry.ID:
        return self._make(NodeKind.OPERATION, SourceKey(""), one.operation_id)

    def customer(self, who: CustomerIdentity) -> strawberry.ID:
        if who.email:
            return self._make(NodeKind.CUSTOMER, SourceKey(""), "email", who.email)
        if who.document:
            return self._make(NodeKind.CUSTOMER, SourceKey(""), "document", who.document)
        link = who.links[0]
        return self._make(NodeKind.CUSTOMER, link.source, "link", link.provider_customer_id)

    def read(self, text: str) -> GlobalId | None:
        """What an id stands for; None for one that was not made here."""
        try:
            kind = NodeKind(text.partition("_")[0])
            source, *parts = self._seal.open(kind, text)
        except (SealBroken, ValueError):
            return None
        if kind is NodeKind.HOLD and len(parts) != _PARTS_OF_HOLD:  # of an older release
            return None
        return GlobalId(kind, SourceKey(source), tuple(parts))

    def read_customer(self, known: GlobalId) -> CustomerIdentity:
        """Everything that is known of the customer an id stands for."""
        how, value = known.parts
        match how:
            case "email":
                return self._directory.by_email(value)
            case "document":
                return self._directory.by_document(value)
            case _:
                return self._directory.by_external_id(known.source, value)

    def _make(self, kind: NodeKind, source: SourceKey, *parts: str) -> strawberry.ID:
        return strawberry.ID(self._seal.seal(kind, [source, *parts]))
