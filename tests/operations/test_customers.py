"""Who is meant, and what the directory adds to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.customer import CustomerIdentity, IdentityMatch, Link
from app.domain.errors import InvalidQuestion
from app.domain.identifiers import ProviderCustomerId, SourceKey
from app.domain.instruments import InstrumentKind
from app.operations.customers import (
    DocumentReference,
    EmailReference,
    ExternalReference,
    customer,
    holder_of,
    owner_of,
    owner_of_card,
)
from app.operations.directory import Directory
from tests.doubles.desk import a_desk
from tests.doubles.in_memory_provider import StoreCreditInMemory
from tests.doubles.samples import (
    SHOPPER,
    SHOPPER_DOCUMENT,
    SHOPPER_ID,
    a_credit_account,
    a_customer,
    a_gift_card,
    a_source,
    a_store_credit,
)

KNOWN = replace(
    a_customer(SHOPPER, document=SHOPPER_DOCUMENT, medusa=SHOPPER_ID), display_name="Shopper"
)
MEDUSA = StoreCreditInMemory(a_source("medusa", InstrumentKind.STORE_CREDIT))
DESK = a_desk(MEDUSA, people=[KNOWN, CustomerIdentity(document="999")])


@pytest.mark.parametrize(
    "reference",
    [
        EmailReference(SHOPPER),
        EmailReference("  Shopper@Example.COM "),
        DocumentReference(SHOPPER_DOCUMENT),
        DocumentReference("111.444.777-35"),
        ExternalReference("medusa", SHOPPER_ID),
    ],
)
def test_every_name_of_a_known_customer_finds_the_same_one(
    reference: EmailReference | DocumentReference | ExternalReference,
) -> None:
    assert customer(DESK, reference) == KNOWN


def test_a_stranger_is_known_by_what_was_said() -> None:
    assert customer(DESK, EmailReference("New@example.com")) == CustomerIdentity(
        email="new@example.com"
    )
    assert customer(DESK, DocumentReference("12-3")) == CustomerIdentity(document="123")
    assert customer(DESK, ExternalReference("medusa", "cus_2")) == CustomerIdentity(
        links=(Link(SourceKey("medusa"), ProviderCustomerId("cus_2"), IdentityMatch.DIRECTORY),)
    )


def test_someone_with_a_document_only_has_no_e_mail_to_be_found_by() -> None:
    assert customer(DESK, DocumentReference("999")) == CustomerIdentity(document="999")


@pytest.mark.parametrize(
    "email",
    ["", "@", "a@", "@example.com", "shopper", "a" * 250 + "@b.co", "a@exa\x00mple.com", "a@b\nc"],
)
def test_what_is_no_e_mail_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidQuestion, match="no e-mail"):
        customer(DESK, EmailReference(email))


@pytest.mark.parametrize("document", ["", "abc", "---", "٣٤", "1" * 33])
def test_what_is_no_document_is_refused(document: str) -> None:
    with pytest.raises(InvalidQuestion, match="document"):
        customer(DESK, DocumentReference(document))


@pytest.mark.parametrize("native_id", ["", "a\nb", "x" * 513])
def test_what_cannot_be_an_id_is_refused(native_id: str) -> None:
    with pytest.raises(InvalidQuestion, match="id of a customer"):
        customer(DESK, ExternalReference("medusa", native_id))


def test_an_id_at_a_source_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidQuestion, match="no source"):
        customer(DESK, ExternalReference("elsewhere", "1"))


def test_the_same_id_at_another_source_is_somebody_else() -> None:
    directory = Directory([KNOWN])
    assert directory.by_external_id(SourceKey("adobe"), SHOPPER_ID) != KNOWN


def test_nobody_was_called_for_any_of_it() -> None:
    assert MEDUSA.asked == []


def test_the_holder_of_a_credit_account_is_who_its_e_mail_says() -> None:
    assert holder_of(DESK, a_credit_account()) == KNOWN
    assert holder_of(DESK, a_credit_account(holder=None)) is None


def test_the_owner_of_store_credit_is_who_its_customer_id_says() -> None:
    assert owner_of(DESK, a_store_credit()) == KNOWN
    assert owner_of(DESK, a_store_credit(owner=None)) is None


@pytest.mark.parametrize(
    ("owner", "found"),
    [
        (SHOPPER, KNOWN),
        (SHOPPER.upper(), KNOWN),
        (SHOPPER_ID, KNOWN),
        ("not @", None),
        ("", None),
        (None, None),
    ],
)
def test_the_owner_of_a_card_is_who_its_provider_names(
    owner: str | None, found: CustomerIdentity | None
) -> None:
    assert owner_of_card(DESK, replace(a_gift_card(source="medusa"), owner=owner)) == found
