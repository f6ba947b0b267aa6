"""
The gift cards of a store.

A card starts with nothing. A credit adds and a debit takes at once; a settlement moves nothing; a
cancellation gives back what a debit took and takes back what a credit gave.
"""

from collections.abc import Iterable
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
    request_id: str | None = None


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
    recorded: bool = True
    """False when the balance moved and the second of two databases failed (known issue)."""

    @property
    def not_cancelled(self) -> Decimal:
        return self.value - _sum(self.cancellations)

    @property
    def not_settled(self) -> Decimal:
        """Assumed: what is cancelled cannot be settled any more, whichever was first."""
        return self.not_cancelled - _sum(self.settlements)

    def effect(self) -> Decimal:
        """On the card's balance."""
        return self.not_cancelled if self.operation is Operation.CREDIT else -self.not_cancelled


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
    deactivated: bool = False
    """Not found by searches (assumed), and otherwise like any other card (known issue)."""
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

    def recorded(self) -> list[Transaction]:
        return [transaction for transaction in self.transactions if transaction.recorded]

    def transaction(self, transaction_id: str) -> Transaction | None:
        return next((t for t in self.recorded() if t.id == transaction_id), None)

    def booked(self, request_id: str) -> Transaction | None:
        return next((t for t in self.transactions if t.request_id == request_id), None)

    def has_expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    def is_redeemed(self) -> bool:
        """Assumed: an order that was cancelled as a whole does not count."""
        return any(t.operation is Operation.DEBIT and t.not_cancelled for t in self.transactions)


@dataclass(frozen=True)
class Defects:
    """Published faults, and older shapes of answers, that a seed can switch on."""

    small_ranges_return_nothing: bool = False
    incomplete_transactions: bool = False
    empty_body_without_transactions: bool = False
    bare_array_search: bool = False
    array_authorization: bool = False
    swapped_reference_ids: bool = False
    masked_codes: bool = False
    captions_on_reading: bool = False
    lower_case_operations: bool = False
    wrong_numbers_in_links: bool = False
    transactions_fail_after_booking: bool = False
    debits_without_record: bool = False
    second_cancellation_in_full: bool = False
    racing_debits: bool = False
    hub_errors_as_500: bool = False
    hub_timeouts_as_401: bool = False
    first_provider_replaces_native: bool = False


@dataclass
class Store:
    cards: dict[str, Card]
    """By id, and by number too where answers give only that."""
    defects: Defects

    def add(self, card: Card) -> None:
        self.cards[card.id] = self.cards[card.answered_id] = card

    def listed(self) -> list[Card]:
        return [card for name, card in self.cards.items() if name == card.id]

    def by_code(self, code: str) -> Card | None:
        return next((card for card in self.listed() if card.code == code), None)

    def has_relation(self, relation_name: str) -> bool:
        return any(card.relation_name == relation_name for card in self.listed())

    def document_of(self, profile_id: str) -> str | None:
        """What the customer's other cards hold: there is no customer database here."""
        cards = (card for card in self.listed() if card.profile_id == profile_id)
        return next((card.document for card in cards if card.document), None)

    def next_number(self) -> int:
        numbers = (int(card.number) for card in self.listed() if card.number.isdecimal())
        return max(numbers, default=0) + 1


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
        return [card] if card and _is_found_by_code(card, client) else []
    found = (card for card in store.listed() if client.owns(card))
    return [card for card in found if not (card.restricted_to_owner or card.deactivated)]


def _is_found_by_code(card: Card, client: Client) -> bool:
    may_use = not card.restricted_to_owner or client.shows_document_of(card)
    return may_use and not card.deactivated


def _sum(movements: Iterable[Movement]) -> Decimal:
    return sum((movement.value for movement in movements), Decimal(0))
