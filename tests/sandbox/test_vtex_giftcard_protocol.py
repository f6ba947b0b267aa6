"""The same cards through the provider protocol, as a third party would serve them."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.giftcard_shop import (
    HOST,
    KEYS,
    Shop,
    answered,
    cart_search,
    new_card,
    open_shop,
    order,
    path_of,
    transaction,
)

PROTOCOL_JSON = "application/vnd.vtex.giftcards.v1+json"
PROVIDER_KEYS = {
    "X-PROVIDER-API-AppKey": "provider-sandbox",
    "X-PROVIDER-API-AppToken": "sandbox-provider-token",
    "Accept": PROTOCOL_JSON,
}


@pytest.fixture
async def native() -> AsyncIterator[Shop]:
    async with open_shop(headers={**KEYS, **PROVIDER_KEYS, "Accept": "*/*"}) as shop:
        yield shop


@pytest.fixture
def provider(native: Shop) -> Shop:
    provider = Shop(native.client, native.clock)
    provider.root = "/protocol/giftcards"
    provider.media_type = provider.settlement_media_type = PROTOCOL_JSON
    return provider


@pytest.fixture
async def card(native: Shop) -> dict[str, Any]:
    """With 100 on it."""
    card = await native.issue()
    await native.credit(card, 100)
    return card


async def test_a_search_answers_the_cards_that_have_a_balance(provider: Shop, native: Shop) -> None:
    owner = "somebody@example.com"
    assert answered(await provider.post("/_search", cart_search(owner))) == []
    card = await native.issue(profileId=owner)
    assert answered(await provider.post("/_search", cart_search(owner))) == []
    await native.credit(card, Decimal("5.90"))
    response = await provider.post("/_search", cart_search(owner))

    assert response.headers["Content-Type"] == PROTOCOL_JSON
    number = card["id"].rpartition("_")[2]
    assert answered(response) == [
        {
            "id": card["id"],
            "provider": "VtexGiftCard",
            "balance": Decimal("5.90"),
            "_self": {"href": f"cards/{number}"},
        }
    ]


async def test_a_new_card_is_answered_with_the_request_and_its_id(provider: Shop) -> None:
    asked = {"relationName": "loyalty", "caption": "Bonus", "profileId": "me@example.com"}
    made = answered(await provider.post("", asked))
    read = await provider.read(path_of(made))

    assert made == {"id": made["id"], **asked}
    assert (read["balance"], read["expiringDate"]) == (0, "2027-06-01T12:00:00Z")


@pytest.mark.parametrize("name", ["relationName", "caption", "profileId"])
async def test_a_card_needs_three_members(provider: Shop, name: str) -> None:
    body = new_card()
    del body[name]

    assert (await provider.post("", body)).status_code == 500


async def test_money_is_the_same_as_everywhere(
    provider: Shop, native: Shop, card: dict[str, Any]
) -> None:
    made = answered(await provider.transact(card, "Debit", 30, "2", orderInfo=order()))
    path = f"{path_of(card)}/transactions/{made['id']}"
    settled = answered(await provider.move(path, "settlements", 20))
    cancelled = answered(await provider.move(path, "cancellations", 10))
    number = card["id"].rpartition("_")[2]

    assert made["cardId"] == number
    assert made["_self"]["href"] == f"/sandbox/giftcards/{number}/transactions/{made['id']}"
    assert await native.balance(card) == await provider.balance(card) == 80
    assert await provider.read(f"{path}/settlements") == [settled]
    assert await provider.read(f"{path}/cancellations") == [cancelled]
    assert (await provider.read(f"{path}/authorization"))["value"] == 30
    assert len(await provider.read(f"{path_of(card)}/transactions")) == 2


@pytest.mark.parametrize(("kind", "balance"), [("settlements", 70), ("cancellations", 80)])
async def test_a_request_id_protects_movements_too(
    provider: Shop, native: Shop, card: dict[str, Any], kind: str, balance: int
) -> None:
    debit = await native.debit(card, 30)
    first = await provider.move(debit, kind, 10, "same")
    again = await provider.move(debit, kind, 10, "same")
    other_value = await provider.move(debit, kind, 20, "same")

    assert again.content == other_value.content == first.content
    assert len(await provider.read(f"{debit}/{kind}")) == 1
    assert await provider.balance(card) == balance


async def test_a_transaction_needs_its_order(provider: Shop, card: dict[str, Any]) -> None:
    body = transaction(card, "Debit", 1, "2")

    assert (await provider.post(f"{path_of(card)}/transactions", body)).status_code == 500
    assert await provider.balance(card) == 100


async def test_every_other_refusal_is_a_500(provider: Shop, card: dict[str, Any]) -> None:
    responses = [
        await provider.get("/unknown"),
        await provider.get(f"{path_of(card)}/transactions/unknown"),
        await provider.transact(card, "Debit", 101, "2", orderInfo=order()),
        await provider.transact(card, "Debit", 1, "2", orderInfo=order(), redemptionCode="A"),
        await provider.post("/_search", b"{"),
        await provider.post("/_search", cart_search(""), media_type="application/json"),
        await provider.post("/_search", cart_search(""), Accept="application/json"),
    ]
    assert [response.status_code for response in responses] == [500] * 7
    assert await provider.balance(card) == 100


async def test_a_time_stamp_against_caches_is_ignored(provider: Shop) -> None:
    with_stamp = await provider.get("/954?ts=1767225600")

    assert answered(with_stamp) == await provider.read("/954")


async def test_the_service_address_ends_without_a_slash(provider: Shop) -> None:
    url = f"{HOST}/protocol//giftcards/954"

    assert (await provider.client.get(url)).status_code == 404


@pytest.mark.parametrize(
    ("key", "token", "status"),
    [
        (None, None, 401),
        ("provider-sandbox", None, 401),
        (None, "sandbox-provider-token", 401),
        ("", "", 401),
        ("provider-sandbox", "wrong", 403),
        ("wrong", "sandbox-provider-token", 403),
        ("provider-sandbox", "tökén", 403),
    ],
)
async def test_every_route_asks_for_the_providers_own_keys(
    key: str | None, token: str | None, status: int
) -> None:
    given = {"X-PROVIDER-API-AppKey": key, "X-PROVIDER-API-AppToken": token}
    headers = {
        **KEYS,
        **{name: value for name, value in given.items() if value is not None},
        "Content-Type": PROTOCOL_JSON,
    }
    transaction_path = "/954/transactions/x"
    routes = [
        ("POST", ""),
        ("POST", "/_search"),
        ("GET", "/954"),
        ("GET", "/954/transactions"),
        ("POST", "/954/transactions"),
        ("GET", transaction_path),
        ("GET", f"{transaction_path}/authorization"),
        *((verb, f"{transaction_path}/cancellations") for verb in ("GET", "POST")),
        *((verb, f"{transaction_path}/settlements") for verb in ("GET", "POST")),
    ]
    encoded = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    async with open_shop(headers={}) as shop:
        for verb, path in routes:
            response = await shop.client.request(
                verb, f"{HOST}/protocol/giftcards{path}", headers=encoded
            )
            assert (response.status_code, response.content) == (status, b"")


async def test_the_providers_keys_open_nothing_at_vtex() -> None:
    async with open_shop(headers=PROVIDER_KEYS) as shop:
        assert (await shop.get("/954")).status_code == 401
