"""Secrets stay secret, states have fingerprints, and every instrument has a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.customer import CustomerIdentity
from app.domain.identifiers import SourceKey
from app.domain.instruments import InstrumentKind, Secret, version_of
from app.domain.provider import GiftCardQuestion
from tests.doubles.samples import (
    NOW,
    a_credit_account,
    a_customer,
    a_gift_card,
    a_store_credit,
    money,
)

CODE = "BEARER-SECRET-7QX4"


@pytest.mark.parametrize(
    ("code", "masked"),
    [
        (CODE, "****7QX4"),
        ("123456789", "****6789"),
        ("12345678", "****"),
        ("1234", "****"),
        ("", "****"),
    ],
)
def test_a_mask_never_shows_half_of_a_secret(code: str, masked: str) -> None:
    assert Secret(code).masked() == masked


def test_a_secret_prints_as_stars_everywhere() -> None:
    secret = Secret(CODE)
    for text in (repr(secret), str(secret), f"{secret}", f"{[secret]}", repr(a_gift_card())):
        assert CODE not in text
        assert "7QX4" not in text


def test_a_question_by_code_does_not_print_the_code() -> None:
    assert CODE not in repr(GiftCardQuestion(redemption_code=CODE))


def test_only_revealing_shows_a_secret() -> None:
    assert Secret(CODE).reveal() == CODE


def test_secrets_are_equal_by_what_they_hide() -> None:
    assert Secret(CODE) == Secret(CODE)
    assert Secret(CODE) != Secret("another")
    assert Secret(CODE) != CODE
    assert len({Secret(CODE), Secret(CODE)}) == 1


def test_a_version_is_the_same_for_the_same_state() -> None:
    assert version_of(a_gift_card()) == version_of(a_gift_card())


def test_a_version_does_not_depend_on_when_it_was_observed() -> None:
    later = a_credit_account(observed_at=NOW + timedelta(hours=1))
    assert version_of(a_credit_account()) == version_of(later)


def test_any_other_change_is_another_version() -> None:
    card = a_gift_card()
    others = [
        replace(card, balance=money("39.99")),
        replace(card, reusable=None),
        replace(card, details=None),
    ]
    assert len({version_of(one) for one in [card, *others]}) == 4


def test_a_version_says_nothing_of_the_state() -> None:
    assert len(version_of(a_gift_card())) == 20
    assert set(version_of(a_gift_card())) <= set("0123456789abcdef")


def test_every_instrument_says_its_kind_and_the_providers_id() -> None:
    assert [
        (one.kind, one.provider_id) for one in (a_credit_account(), a_gift_card(), a_store_credit())
    ] == [
        (InstrumentKind.CREDIT_LINE, "11144477735_CPF"),
        (InstrumentKind.GIFT_CARD, "card-1"),
        (InstrumentKind.STORE_CREDIT, "sca-1"),
    ]


def test_a_customer_has_an_own_id_only_where_one_is_linked() -> None:
    customer = a_customer(medusa="cus_1", adobe="11")
    assert customer.id_at(SourceKey("medusa")) == "cus_1"
    assert customer.id_at(SourceKey("adobe")) == "11"
    assert customer.id_at(SourceKey("vtex-br")) is None
    assert CustomerIdentity(email="a@example.com").id_at(SourceKey("medusa")) is None
