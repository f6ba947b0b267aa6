"""Settlements and cancellations at the gift card stand-in."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.giftcard_shop import Shop, answered, open_shop, refused

KINDS = ("settlements", "cancellations")


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as shop:
        yield shop


@pytest.fixture
async def card(shop: Shop) -> dict[str, Any]:
    """With 500 on it."""
    card = await shop.issue()
    await shop.credit(card, 500)
    return card


async def values(shop: Shop, path: str) -> list[Decimal]:
    return [entry["value"] for entry in await shop.read(path)]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_movement_is_answered_and_listed_with_an_id_of_its_own(
    shop: Shop, card: dict[str, Any], kind: str
) -> None:
    debit = await shop.debit(card, 120)
    shop.clock.advance(timedelta(hours=1))
    made = answered(await shop.move(debit, kind, Decimal("17.40")))

    assert await shop.read(f"{debit}/{kind}") == [made]
    assert (str(made["value"]), made["date"]) == ("17.40", "2026-06-01T13:00:00Z")
    assert made["oid"] != debit.rpartition("/")[2]


@pytest.mark.parametrize("kind", KINDS)
async def test_parts_add_up_to_the_value_and_no_further(
    shop: Shop, card: dict[str, Any], kind: str
) -> None:
    debit = await shop.debit(card, 120)
    for value in (20, Decimal("99.9999"), Decimal("0.0001")):
        answered(await shop.move(debit, kind, value))

    assert refused(await shop.move(debit, kind, Decimal("0.0001"))) == (400, 2009)
    assert await values(shop, f"{debit}/{kind}") == [20, Decimal("99.9999"), Decimal("0.0001")]


@pytest.mark.parametrize("kind", KINDS)
async def test_more_than_the_value_is_refused_at_once(
    shop: Shop, card: dict[str, Any], kind: str
) -> None:
    debit = await shop.debit(card, 120)

    assert refused(await shop.move(debit, kind, Decimal("120.01"))) == (400, 2009)
    assert await shop.read(f"{debit}/{kind}") == []


async def test_settling_moves_nothing(shop: Shop, card: dict[str, Any]) -> None:
    debit = await shop.debit(card, 120)
    answered(await shop.move(debit, "settlements", 120))

    assert await shop.balance(card) == 380


async def test_cancelling_gives_back_what_a_debit_took(shop: Shop, card: dict[str, Any]) -> None:
    debit = await shop.debit(card, 120)
    answered(await shop.move(debit, "cancellations", 20))
    answered(await shop.move(debit, "cancellations", 30))

    assert await shop.balance(card) == 430


async def test_cancelling_takes_out_what_a_credit_gave(shop: Shop, card: dict[str, Any]) -> None:
    credit = await shop.credit(card, 50, "bonus")
    answered(await shop.move(credit, "cancellations", 20))

    assert await shop.balance(card) == 530


async def test_a_credit_that_is_spent_cannot_be_taken_out(shop: Shop, card: dict[str, Any]) -> None:
    credit = await shop.credit(card, 50, "bonus")
    await shop.debit(card, 540)

    assert refused(await shop.move(credit, "cancellations", 11)) == (400, 2006)
    answered(await shop.move(credit, "cancellations", 10))
    assert await shop.balance(card) == 0


async def test_a_cancellation_refunds_what_is_settled(shop: Shop, card: dict[str, Any]) -> None:
    debit = await shop.debit(card, 120)
    answered(await shop.move(debit, "settlements", 120))
    answered(await shop.move(debit, "cancellations", 120))

    assert await shop.balance(card) == 500


async def test_what_is_cancelled_cannot_be_settled(shop: Shop, card: dict[str, Any]) -> None:
    debit = await shop.debit(card, 120)
    answered(await shop.move(debit, "cancellations", 20))

    assert refused(await shop.move(debit, "settlements", 101)) == (400, 2009)
    answered(await shop.move(debit, "settlements", 100))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_request_id_does_not_protect_a_movement(
    shop: Shop, card: dict[str, Any], kind: str
) -> None:
    debit = await shop.debit(card, 120)
    answered(await shop.move(debit, kind, 20, "same"))
    answered(await shop.move(debit, kind, 20, "same"))

    assert await values(shop, f"{debit}/{kind}") == [20, 20]


async def test_an_expired_card_still_settles_and_cancels(shop: Shop, card: dict[str, Any]) -> None:
    debit = await shop.debit(card, 120)
    shop.clock.advance(timedelta(days=400))
    answered(await shop.move(debit, "settlements", 100))
    answered(await shop.move(debit, "cancellations", 20))

    assert await shop.balance(card) == 400


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body",
    [
        {"value": 1},
        {"requestId": "m"},
        {"value": 0, "requestId": "m"},
        {"value": -5, "requestId": "m"},
        {"value": "5", "requestId": "m"},
        {"value": True, "requestId": "m"},
        {"value": Decimal("0.00005"), "requestId": "m"},
        {"value": 1, "requestId": 7},
        [],
        b"{",
    ],
)
async def test_a_movement_that_makes_no_sense_is_refused(
    shop: Shop, card: dict[str, Any], kind: str, body: object
) -> None:
    debit = await shop.debit(card, 120)

    assert refused(await shop.post(f"{debit}/{kind}", body)) == (400, 2001)
    assert await shop.read(f"{debit}/{kind}") == []


@pytest.mark.parametrize("kind", KINDS)
async def test_what_does_not_exist_cannot_be_moved(
    shop: Shop, card: dict[str, Any], kind: str
) -> None:
    debit = await shop.debit(card, 120)
    other = await shop.issue()

    assert (await shop.move(debit[:-1], kind, 1)).status_code == 404
    assert (await shop.move(debit.replace(card["id"][-4:], "0"), kind, 1)).status_code == 404
    elsewhere = f"/{other['id']}/transactions/{debit.rpartition('/')[2]}"
    assert (await shop.move(elsewhere, kind, 1)).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
async def test_two_hundred_movements_at_once_never_exceed_the_value(
    shop: Shop, card: dict[str, Any], kind: str
) -> None:
    debit = await shop.debit(card, 100)
    responses = await asyncio.gather(*(shop.move(debit, kind, 3, str(n)) for n in range(200)))

    assert [r.status_code for r in responses].count(200) == 33
    assert sum(await values(shop, f"{debit}/{kind}")) == 99
