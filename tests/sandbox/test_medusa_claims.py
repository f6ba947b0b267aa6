"""A shopper claims the money behind a code."""

from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest

from tests.sandbox.medusa_shop import (
    ACCOUNTS,
    CLAIM,
    OWN,
    PUBLISHABLE,
    UNKNOWN_ERROR,
    account,
    account_id,
    as_shopper,
    balance,
    client_of,
    get,
    ledger,
    post,
    refused,
    section,
    shopper_id,
    totals,
)

UNOWNED, EMPTY, ANNS, BENS = (account_id(number) for number in (1, 2, 3, 4))
ANN, BEN, CLEO = 1, 2, 3


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    accounts = [
        account(1, "7.5"),
        account(2),
        account(3, "1", customer_id=shopper_id(ANN)),
        account(4, customer_id=shopper_id(BEN)),
    ]
    cards = [
        {
            "id": "gcard_1",
            "account_id": UNOWNED,
            "code": "CARD-ONE",
            "value": 20,
            "currency_code": "usd",
            "expires_at": "now-1d",
            "created_at": "now-10d",
        }
    ]
    async with client_of(section(accounts=accounts, gift_cards=cards)) as client:
        yield client


async def claimed(client: httpx.AsyncClient, code: object, shopper: int = ANN) -> object:
    return await post(client, CLAIM, {"code": code}, as_shopper(shopper))


async def test_the_answer_is_the_emptied_source(client: httpx.AsyncClient) -> None:
    assert await claimed(client, "SC-0001") == (
        200,
        {
            "store_credit_account": {
                "id": UNOWNED,
                "code": "SC-0001",
                "customer_id": None,
                "currency_code": "usd",
                "balance": 0,
            }
        },
    )


async def test_the_whole_balance_moves_to_the_shoppers_account(client: httpx.AsyncClient) -> None:
    await claimed(client, "SC-0001")
    assert await totals(client, UNOWNED) == (Decimal("7.5"), Decimal("7.5"), 0)
    assert await totals(client, ANNS) == (Decimal("8.5"), 0, Decimal("8.5"))


async def test_either_entry_names_the_other_account_and_has_no_note(
    client: httpx.AsyncClient,
) -> None:
    await claimed(client, "SC-0001")
    out, into = (await ledger(client, UNOWNED))[-1], (await ledger(client, ANNS))[-1]
    assert (out["type"], out["reference"], out["reference_id"]) == ("debit", "store-credit", ANNS)
    assert (into["type"], into["reference"], into["reference_id"]) == (
        "credit",
        "store-credit",
        UNOWNED,
    )
    assert (out["note"], into["note"]) == (None, None)


async def test_a_shopper_without_an_account_gets_one(client: httpx.AsyncClient) -> None:
    await claimed(client, "SC-0001", CLEO)
    client.headers.update(as_shopper(CLEO))
    [opened] = (await get(client, f"{OWN}?currency_code=usd"))["store_credit_accounts"]
    assert (opened["customer_id"], opened["balance"]) == (shopper_id(CLEO), Decimal("7.5"))
    shown = await get(client, f"{OWN}/{opened['id']}")
    assert shown["store_credit_account"]["balance"] == Decimal("7.5")


async def test_the_same_code_twice_is_refused_the_second_time(client: httpx.AsyncClient) -> None:
    await claimed(client, "SC-0001")
    again = await claimed(client, "SC-0001", BEN)
    assert again == refused("Cannot claim a store credit account with no balance")
    assert await balance(client, BENS) == 0


@pytest.mark.parametrize(
    ("code", "shopper", "message"),
    [
        ("SC-0002", ANN, "Cannot claim a store credit account with no balance"),
        ("SC-0003", BEN, "Cannot claim a store credit account that belongs to a customer"),
        ("SC-0004", ANN, "Cannot claim a store credit account that belongs to a customer"),
        ("SC-0003", ANN, "Customer already owns the store credit account"),
        ("", ANN, "Code is required to claim a store credit account"),
        (None, ANN, "Invalid request: Expected type: 'string' for field 'code', got: 'null'"),
        (["x"], ANN, "Invalid request: Expected type: 'string' for field 'code', got: 'x'"),
    ],
)
async def test_anything_else_is_refused(
    client: httpx.AsyncClient, code: object, shopper: int, message: str
) -> None:
    assert await claimed(client, code, shopper) == refused(message)


@pytest.mark.parametrize("code", ["SC-NOPE", "sc-0001", " SC-0001", "CARD-ONE", "\0"])
async def test_an_unknown_code_is_500(client: httpx.AsyncClient, code: str) -> None:
    assert await claimed(client, code) == (500, UNKNOWN_ERROR)
    assert await balance(client, UNOWNED) == Decimal("7.5")


async def test_a_failed_claim_leaves_no_account_behind(client: httpx.AsyncClient) -> None:
    await claimed(client, "SC-0002", CLEO)
    found = await get(client, f"{ACCOUNTS}?customer_id={shopper_id(CLEO)}")
    assert found["count"] == 0


async def test_unknown_keys_and_parameters_are_refused(client: httpx.AsyncClient) -> None:
    body = {"amount": 1, "code": "SC-0001"}
    unknown = "Invalid request: Unrecognized fields: '{}'"
    assert await post(client, CLAIM, body, as_shopper(ANN)) == refused(unknown.format("amount"))
    answer = await post(client, f"{CLAIM}?fields=id", {"code": "SC-0001"}, as_shopper(ANN))
    assert answer == refused(unknown.format("fields"))


async def test_the_publishable_key_is_asked_for_before_the_customer(
    client: httpx.AsyncClient,
) -> None:
    status, answer = await post(client, CLAIM, {}, {"authorization": ""})
    assert (status, answer["type"]) == (400, "not_allowed")
    stranger = {**PUBLISHABLE, "authorization": "Bearer user-token"}
    assert await post(client, CLAIM, {}, stranger) == (401, {"message": "Unauthorized"})


async def test_a_new_account_can_be_credited_and_claimed_by_its_code(
    client: httpx.AsyncClient,
) -> None:
    _, answer = await post(client, ACCOUNTS, {"currency_code": "jpy"})
    opened = answer["store_credit_account"]
    await post(client, f"{ACCOUNTS}/{opened['id']}/credit", {"amount": 1500})
    assert (await post(client, CLAIM, {"code": opened["code"]}, as_shopper(BEN)))[0] == 200
    found = await get(client, f"{ACCOUNTS}?customer_id={shopper_id(BEN)}&currency_code=jpy")
    assert [row["balance"] for row in found["store_credit_accounts"]] == [1500]


async def test_more_than_a_double_holds_cannot_be_claimed(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        await post(client, f"{ACCOUNTS}/{UNOWNED}/credit", b'{"amount":1.5e308}')
    assert await claimed(client, "SC-0001") == (500, UNKNOWN_ERROR)
    assert len(await ledger(client, UNOWNED)) == 3
