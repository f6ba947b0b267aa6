"""From a reference in a query to who is meant."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.customer import CustomerIdentity
from app.domain.errors import InvalidQuestion
from app.domain.instruments import CreditAccount, GiftCard, StoreCreditAccount
from app.operations.desk import Desk


@dataclass(frozen=True, slots=True)
class EmailReference:
    email: str


@dataclass(frozen=True, slots=True)
class DocumentReference:
    document: str


@dataclass(frozen=True, slots=True)
class ExternalReference:
    """The customer's own id at a source, by its key."""

    source: str
    native_id: str


CustomerReference = EmailReference | DocumentReference | ExternalReference


def customer(desk: Desk, reference: CustomerReference) -> CustomerIdentity:
    """
    Who is meant, with everything the directory adds. Calls no source.

    Raises:
        InvalidQuestion: Malformed, or a source that does not exist.
    """
    match reference:
        case EmailReference(email):
            return desk.directory.by_email(email)
        case DocumentReference(document):
            return desk.directory.by_document(document)
        case ExternalReference(source, native_id):
            return desk.directory.by_external_id(desk.sources.named(source).info.key, native_id)


def holder_of(desk: Desk, account: CreditAccount) -> CustomerIdentity | None:
    """Whose credit account it is, where its source tells."""
    try:
        return desk.directory.by_email(account.holder_email) if account.holder_email else None
    except InvalidQuestion:
        return None


def owner_of_card(desk: Desk, card: GiftCard) -> CustomerIdentity | None:
    """Whose card it is, where its source tells."""
    if card.owner is None:
        return None
    try:
        if "@" in card.owner:
            return desk.directory.by_email(card.owner)
        return desk.directory.by_external_id(card.source, card.owner)
    except InvalidQuestion:
        return None


def owner_of(desk: Desk, account: StoreCreditAccount) -> CustomerIdentity | None:
    """Whose store credit it is; None while it is unclaimed."""
    own_id = account.details.provider_customer_id
    return desk.directory.by_external_id(account.source, own_id) if own_id else None
