"""
The gift cards of a store.

A card starts with nothing. A credit adds and a debit takes at once; a settlement moves nothing; a
cancellation gives back what a debit took and takes back what a credit gave.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Operation(StrEnum):
    CREDIT = "Credit"
    DEBIT = "Debit"


class DateForm(StrEnum):
    """Answers have been seen with dates of each of these forms."""

    TICKS = "ticks"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"


@dataclass(frozen=True)
class Movement:
    """A settlement or a cancellation."""

    oid: str
    value: Decimal
    made_at: datetime


@dataclass
class Transaction:
    id: str
    operation: Operation
    value: Decimal
    description: str
    made_at: datetime
    request_id: str
    settlements: list[Movement] = field(default_factory=list)
    cancellations: list[Movement] = field(default_factory=list)

    def effect(self) -> Decimal:
        """On the card's balance."""
        left = self.value - sum((c.value for c in self.cancellations), Decimal(0))
        return left if self.operation is Operation.CREDIT else -left


@dataclass
class Card:
    id: str
    code: str
    token: str
    emitted_at: datetime
    expires_at: datetime
    profile_id: str | None = None
    document: str | None = None
    currency: str | None = None
    relation_name: str | None = None
    caption: str | None = None
    restricted_to_owner: bool = False
    multiple_credits: bool = False
    multiple_redemptions: bool = True
    answers_by_number: bool = False
    """Answers name the card by the number at the end of its id."""
    dates: DateForm = DateForm.TICKS
    transactions: list[Transaction] = field(default_factory=list)
    """Oldest first."""

    @property
    def number(self) -> str:
        return self.id.rpartition("_")[2]

    @property
    def answered_id(self) -> str:
        return self.number if self.answers_by_number else self.id

    def balance(self) -> Decimal:
        return sum((t.effect() for t in self.transactions), Decimal("0.0"))

    def transaction(self, transaction_id: str) -> Transaction | None:
        return next((t for t in self.transactions if t.id == transaction_id), None)


@dataclass(frozen=True)
class Defects:
    """Published faults of the real answers, and older shapes, that a seed can switch on."""

    small_ranges_return_nothing: bool = False
    incomplete_transactions: bool = False
    empty_body_without_transactions: bool = False
    bare_array_search: bool = False
    array_authorization: bool = False
    swapped_reference_ids: bool = False
    masked_codes: bool = False
    captions_on_reading: bool = False


@dataclass
class Store:
    cards: dict[str, Card]
    """By id, and by number too where answers give only that."""
    defects: Defects

    def listed(self) -> list[Card]:
        return [card for name, card in self.cards.items() if name == card.id]

    def by_code(self, code: str) -> Card | None:
        return next((card for card in self.listed() if card.code == code), None)


@dataclass(frozen=True)
class Client:
    """The shopper a search is for."""

    id: str
    email: str
    document: str
    corporate_document: str

    def owns(self, card: Card) -> bool:
        """
        Known issue: with a company document the cards of the personal one are ignored.

        Assumed: a document must match character by character; API cards hold digits only.
        """
        if self.corporate_document and card.document and card.document == self.document:
            return False
        by_profile = bool(card.profile_id) and card.profile_id in (self.id, self.email)
        return by_profile or self.shows_document_of(card)

    def shows_document_of(self, card: Card) -> bool:
        return bool(card.document) and card.document == (self.corporate_document or self.document)


def cards_for(store: Store, client: Client, code: str) -> list[Card]:
    """
    With a code that card alone (assumed); otherwise the customer's.

    Documented: a restricted voucher needs both code and document.
    """
    if code:
        card = store.by_code(code)
        usable = card and (not card.restricted_to_owner or client.shows_document_of(card))
        return [card] if card and usable else []
    return [card for card in store.listed() if client.owns(card) and not card.restricted_to_owner]
