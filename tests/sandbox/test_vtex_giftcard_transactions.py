"""Credits and debits at the gift card stand-in."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.giftcard_shop import (
    Shop,
    answered,
    cart_search,
    open_shop,
    order,
    path_of,
    refused,
    transaction,
)


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as shop:
        yield shop


@pytest.fixture
async def card(shop: Shop) -> dict[str, Any]:
    """With 500 on it, by the credit "1"."""
    card = await shop.issue()
    await shop.credit(card, 500)
    return card


async def test_the_guides_example_ends_at_four_hundred(shop: Shop) -> None:
    card = await shop.issue(multipleRedemptions=False)
    balances = [await shop.balance(card)]
    await shop.credit(card, 500, "1")
    balances.append(await shop.balance(card))
    debit = await shop.debit(card, 120, "2")
    balances.append(await shop.balance(card))
    answered(await shop.move(debit, "settlements", 100, "3"))
    balances.append(await shop.balance(card))
    answered(await shop.move(debit, "cancellations", 20, "4"))
    balances.append(await shop.balance(card))

    assert balances == [0, 500, 380, 380, 400]


async def test_a_new_transaction_is_listed_first_and_can_be_read(
    shop: Shop, card: dict[str, Any]
) -> None:
    made = answered(await shop.transact(card, "Debit", Decimal("12.30"), "2"))
    listed = await shop.read(f"{path_of(card)}/transactions")
    read = await shop.read(f"{path_of(card)}/transactions/{made['id']}")

    number = card["id"].rpartition("_")[2]
    assert made == {
        "cardId": number,
        "id": made["id"],
        "_self": {
            "href": f"providers/VtexGiftCardProvider/cards/{number}/transactions/{made['id']}"
        },
        "provider": "VtexGiftCard",
    }
    assert (len(made["id"]), int(made["id"], 16) > 0) == (32, True)
    assert listed[0]["id"] == made["id"]
    assert (len(listed), str(read["value"])) == (2, "12.30")
    assert {name: read[name] for name in ("operation", "requestId", "description", "date")} == {
        "operation": "Debit",
        "requestId": "2",
        "description": "Order 7",
        "date": "2026-06-01T12:00:00Z",
    }


async def test_a_new_debit_is_authorized_whole_and_neither_settled_nor_cancelled(
    shop: Shop, card: dict[str, Any]
) -> None:
    debit = await shop.debit(card, 120)

    assert await shop.read(f"{debit}/authorization") == {
        "oid": debit.rpartition("/")[2],
        "value": 120,
        "date": "2026-06-01T12:00:00Z",
    }
    assert await shop.read(f"{debit}/settlements") == []
    assert await shop.read(f"{debit}/cancellations") == []


async def test_a_repeated_request_id_answers_the_first_reference_and_moves_nothing(
    shop: Shop, card: dict[str, Any]
) -> None:
    first = await shop.transact(card, "Debit", 120, "2")
    repeats = [
        await shop.transact(card, operation, value, "2")
        for operation, value in (("Debit", 120), ("Debit", 7), ("Credit", 120), ("Debit", 10**6))
    ]

    assert [repeat.content for repeat in repeats] == [first.content] * 4
    assert await shop.balance(card) == 380
    assert len(await shop.read(f"{path_of(card)}/transactions")) == 2


async def test_a_request_id_counts_for_its_card_only(shop: Shop, card: dict[str, Any]) -> None:
    other = await shop.issue()
    await shop.credit(other, 20, "1")

    assert await shop.balance(card) == 500
    assert await shop.balance(other) == 20


async def test_a_repeat_still_finds_what_was_booked_when_the_card_is_spent(
    shop: Shop, card: dict[str, Any]
) -> None:
    first = await shop.transact(card, "Debit", 500, "2")

    assert (await shop.transact(card, "Debit", 500, "2")).content == first.content
    assert refused(await shop.transact(card, "Debit", 500, "3")) == (400, 2006)


async def test_a_repeat_with_a_wrong_code_learns_nothing(shop: Shop, card: dict[str, Any]) -> None:
    response = await shop.transact(card, "Credit", 500, "1", redemptionCode="AAAA-AAAA")

    assert refused(response) == (400, 2004)


async def test_nobody_spends_more_than_the_balance(shop: Shop, card: dict[str, Any]) -> None:
    assert refused(await shop.transact(card, "Debit", Decimal("500.0001"), "2")) == (400, 2006)
    await shop.debit(card, Decimal("500.0000"), "3")
    assert refused(await shop.transact(card, "Debit", Decimal("0.0001"), "4")) == (400, 2006)

    assert await shop.balance(card) == 0


@pytest.mark.parametrize("member", ["redemptionCode", "redemptionToken"])
async def test_code_and_token_are_compared_unless_they_are_masked(
    shop: Shop, card: dict[str, Any], member: str
) -> None:
    wrong = await shop.transact(card, "Debit", 1, "2", **{member: "AAAA-BBBB-CCCC-DDDD"})
    empty = await shop.transact(card, "Debit", 1, "2", **{member: ""})
    masked = await shop.transact(card, "Debit", 1, "2", **{member: "***********ASDQ"})

    assert refused(wrong) == refused(empty) == (400, 2004)
    assert masked.status_code == 200
    assert await shop.balance(card) == 499


async def test_a_single_use_card_pays_for_one_order(shop: Shop) -> None:
    card = await shop.issue(multipleRedemptions=False)
    await shop.credit(card, 100)
    first = await shop.debit(card, 30, "2")

    assert refused(await shop.transact(card, "Debit", 10, "3")) == (400, 2007)
    answered(await shop.move(first, "cancellations", 30))
    await shop.debit(card, 10, "4")
    assert await shop.balance(card) == 90


async def test_a_card_that_is_not_reloadable_is_credited_anyway(shop: Shop) -> None:
    card = await shop.issue(multipleCredits=False)
    await shop.credit(card, 10, "1")
    await shop.credit(card, 15, "2")

    assert await shop.balance(card) == 25


@pytest.mark.parametrize(
    ("email", "document", "status"),
    [
        ("shopper@example.com", "", 200),
        ("other@example.com", "11144477735", 200),
        ("other@example.com", "39053344705", 400),
    ],
)
async def test_an_order_of_somebody_else_cannot_use_a_restricted_card(
    shop: Shop, email: str, document: str, status: int
) -> None:
    card = await shop.issue(restrictedToOwner=True)
    await shop.credit(card, 10)
    named = await shop.transact(card, "Debit", 1, "2", orderInfo=order(email, document))

    assert named.status_code == status
    assert (await shop.transact(card, "Debit", 1, "3")).status_code == 200


async def test_an_unrestricted_card_pays_for_anybodys_order(
    shop: Shop, card: dict[str, Any]
) -> None:
    info = order("other@example.com", "39053344705")

    assert (await shop.transact(card, "Debit", 1, "2", orderInfo=info)).status_code == 200


async def test_an_inactive_card_is_not_found_but_moves_money() -> None:
    inactive = {
        "id": "7",
        "code": "ABCD-EFGH-IJKL-MNOP",
        "emitted": "now-9d",
        "expires": "now+9d",
        "profile_id": "shopper@example.com",
        "deactivated": True,
        "balance": 5,
    }
    async with open_shop({"cards": [inactive]}) as shop:
        card = await shop.read("/7")
        by_code = await shop.post("/_search", cart_search("", code="ABCD-EFGH-IJKL-MNOP"))
        by_owner = await shop.post("/_search", cart_search("shopper@example.com"))
        assert answered(by_code)["items"] == answered(by_owner)["items"] == []

        await shop.credit(card, 3, "1")
        await shop.debit(card, 2, "2")
        assert await shop.balance(card) == 6


@pytest.mark.parametrize(
    "name",
    ["operation", "value", "description", "redemptionToken", "redemptionCode", "requestId"],
)
async def test_a_transaction_without_a_required_member_is_refused(
    shop: Shop, card: dict[str, Any], name: str
) -> None:
    body = transaction(card, "Debit", 1, "2")
    del body[name]
    response = await shop.post(f"{path_of(card)}/transactions", body)

    assert refused(response) == (400, 2001)
    assert response.json()["message"] == f"body.{name} is required."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("operation", "debit"),
        ("operation", "Refund"),
        ("operation", None),
        ("value", 0),
        ("value", -1),
        ("value", Decimal("0.00001")),
        ("value", Decimal("1E-300")),
        ("value", Decimal("1.00000000000000000000000000000000000000001")),
        ("value", 10**15),
        ("value", Decimal("1E+300")),
        ("value", "1"),
        ("value", True),
        ("value", None),
        ("requestId", ""),
        ("requestId", 2),
        ("redemptionCode", None),
        ("orderInfo", []),
        ("orderInfo", {"cart": {}}),
        ("orderInfo", {"clientProfile": {"email": "shopper@example.com"}}),
        ("orderInfo", {**order(), "shipping": {}}),
        ("orderInfo", {**order(), "sequence": "7"}),
    ],
)
async def test_a_transaction_that_makes_no_sense_is_refused_and_moves_nothing(
    shop: Shop, card: dict[str, Any], name: str, value: object
) -> None:
    body = transaction(card, "Debit", 1, "2") | {name: value}
    response = await shop.post(f"{path_of(card)}/transactions", body)

    assert refused(response) == (400, 2001)
    assert await shop.balance(card) == 500
    assert len(await shop.read(f"{path_of(card)}/transactions")) == 1


@pytest.mark.parametrize("body", [b"", b"NaN", b'{"value":NaN}', b'{"value":1e9999}'])
async def test_a_body_that_is_no_transaction_is_refused(
    shop: Shop, card: dict[str, Any], body: bytes
) -> None:
    response = await shop.post(f"{path_of(card)}/transactions", body)

    assert refused(response) == (400, 2001)


async def test_an_unknown_card_takes_no_transaction(shop: Shop, card: dict[str, Any]) -> None:
    response = await shop.post("/unknown/transactions", transaction(card, "Debit", 1, "2"))

    assert response.status_code == 404


async def test_a_card_answered_by_number_is_credited_by_either_id(shop: Shop) -> None:
    by_number = await shop.read("/74")
    by_long_id = {**by_number, "id": "92de2449-4a5b-4e0c-9d36-1f7d5e8a0b21_74"}
    before = await shop.balance(by_number)
    await shop.credit(by_number, 1, "number")
    await shop.credit(by_long_id, 2, "long id")

    assert await shop.balance(by_number) == before + 3


async def test_two_hundred_debits_at_once_never_overdraw(shop: Shop, card: dict[str, Any]) -> None:
    responses = await asyncio.gather(
        *(shop.transact(card, "Debit", 3, f"debit-{number}") for number in range(200))
    )

    assert [r.status_code for r in responses].count(200) == 166
    assert await shop.balance(card) == 2


async def test_the_same_request_two_hundred_times_at_once_books_once(
    shop: Shop, card: dict[str, Any]
) -> None:
    responses = await asyncio.gather(
        *(shop.transact(card, "Debit", 3, "one purchase") for _ in range(200))
    )

    assert {response.content for response in responses} == {responses[0].content}
    assert await shop.balance(card) == 497
