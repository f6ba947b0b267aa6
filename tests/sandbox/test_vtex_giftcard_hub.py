"""The same cards through the Gift Card Hub."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox.vtex_giftcard.hub import DISPOSED_OBJECT, NULL_REFERENCE
from tests.sandbox.giftcard_shop import (
    HOST,
    JSON,
    Shop,
    answered,
    cart_search,
    new_card,
    open_shop,
    order,
    path_of,
    refused,
    transaction,
)

HUB_JSON = "application/vnd.vtex.giftcardproviders.v1+json"
PROVIDERS = "/api/giftcardproviders"
CARDS = f"{PROVIDERS}/VtexGiftCard/giftcards"
REGISTRATION = {
    "serviceUrl": "https://cards.example/provider",
    "oauthProvider": "vtex",
    "preAuthEnabled": True,
    "cancelEnabled": False,
    "appKey": "key",
    "appToken": "a secret",
}


def at_hub(native: Shop, root: str = CARDS) -> Shop:
    hub = Shop(native.client, native.clock)
    hub.root, hub.media_type, hub.settlement_media_type = root, HUB_JSON, JSON
    return hub


@pytest.fixture
async def native() -> AsyncIterator[Shop]:
    async with open_shop() as shop:
        yield shop


@pytest.fixture
def hub(native: Shop) -> Shop:
    return at_hub(native)


@pytest.fixture
async def card(native: Shop) -> dict[str, Any]:
    """With 100 on it."""
    card = await native.issue()
    await native.credit(card, 100)
    return card


def hub_card(**members: object) -> dict[str, Any]:
    flags = dict.fromkeys(("restrictedToOwner", "multipleCredits", "multipleRedemptions"), True)
    return new_card(emissionDate="2026-05-01T00:00:00", **flags) | members


async def register(hub: Shop, provider_id: str, body: object, media_type: str = HUB_JSON) -> Any:
    return await hub.client.put(
        f"{HOST}{PROVIDERS}/{provider_id}", json=body, headers={"Content-Type": media_type}
    )


async def listed_providers(hub: Shop) -> list[str]:
    return [one["id"] for one in answered(await hub.client.get(f"{HOST}{PROVIDERS}"))]


async def test_a_search_answers_a_bare_array_with_balances(hub: Shop) -> None:
    response = await hub.post("/_search", cart_search("shopper@example.com"))

    assert response.headers["Content-Type"] == HUB_JSON
    assert answered(response)[0] == {
        "id": "shopper@example.com_7",
        "_self": {"href": "cards/7"},
        "provider": "VtexGiftCard",
        "balance": Decimal("40.00"),
    }
    paged = await hub.post(
        "/_search", cart_search("shopper@example.com"), **{"REST-Range": "resources=1-1"}
    )
    assert [item["id"] for item in answered(paged)] == ["shopper@example.com_8"]


async def test_a_card_made_at_the_hub_is_the_native_one_and_hides_its_code(
    hub: Shop, native: Shop
) -> None:
    made = answered(await hub.post("", hub_card()))
    read = await native.read(path_of(made))

    assert set(made) == {
        "id",
        "emissionDate",
        "expiringDate",
        "caption",
        "discount",
        "provider",
        "transactions",
    }
    assert (read["emissionDate"], read["balance"]) == ("2026-05-01T00:00:00Z", 0)
    assert read == await hub.read(path_of(made))


@pytest.mark.parametrize(
    "name",
    [
        "relationName",
        "emissionDate",
        "expiringDate",
        "caption",
        "profileId",
        "restrictedToOwner",
        "multipleCredits",
        "multipleRedemptions",
    ],
)
async def test_a_card_needs_more_at_the_hub(hub: Shop, name: str) -> None:
    body = hub_card()
    del body[name]
    response = await hub.post("", body)

    assert refused(response) == (400, 2001)
    assert response.json()["message"] == f"body.{name} is required."


async def test_both_move_the_same_money(hub: Shop, native: Shop, card: dict[str, Any]) -> None:
    made = answered(await hub.transact(card, "Debit", 30, "2", orderInfo=order()))
    path = f"{path_of(card)}/transactions/{made['id']}"
    number = card["id"].rpartition("_")[2]

    assert made["cardId"] == number
    assert made["_self"]["href"] == f"sandbox/giftcards/{number}/transactions/{made['id']}"
    assert await native.balance(card) == await hub.balance(card) == 70
    assert await native.read(path) == await hub.read(path)
    assert await native.read(f"{path}/authorization") == await hub.read(f"{path}/authorization")
    answered(await hub.move(path, "cancellations", 10))
    assert await native.balance(card) == 80
    assert await native.read(f"{path}/cancellations") == await hub.read(f"{path}/cancellations")


async def test_a_request_id_used_at_the_native_api_is_used_at_the_hub(
    hub: Shop, card: dict[str, Any]
) -> None:
    answered(await hub.transact(card, "Credit", 100, "1", orderInfo=order()))

    assert await hub.balance(card) == 100


async def test_a_settlement_is_plain_json_and_answers_an_array(
    hub: Shop, native: Shop, card: dict[str, Any]
) -> None:
    debit = await native.debit(card, 30)
    response = await hub.move(debit, "settlements", 20)
    (made,) = answered(response)

    assert response.headers["Content-Type"] == JSON
    assert await hub.read(f"{debit}/settlements") == [made]
    wrong = await hub.post(
        f"{debit}/settlements", {"value": 1, "requestId": "m"}, media_type=HUB_JSON
    )
    assert wrong.status_code == 415


async def test_a_transaction_needs_its_order(hub: Shop, card: dict[str, Any]) -> None:
    body = transaction(card, "Debit", 1, "2")
    path = f"{path_of(card)}/transactions"

    assert refused(await hub.post(path, body)) == (400, 2001)
    assert refused(await hub.post(path, {**body, "orderInfo": None})) == (400, 2001)


async def test_price_tags_pass_as_the_object_of_the_file_too(
    hub: Shop, card: dict[str, Any]
) -> None:
    info = order()
    info["cart"]["items"][0]["priceTags"] = {"name": "discount", "value": 0}

    assert (await hub.transact(card, "Debit", 1, "2", orderInfo=info)).status_code == 200


@pytest.mark.parametrize("media_type", [JSON, "application/vnd.vtex.giftcard.v1+json", ""])
async def test_bodies_are_declared_in_the_hubs_own_type(hub: Shop, media_type: str) -> None:
    response = await hub.post("/_search", cart_search("shopper@example.com"), media_type=media_type)
    assert response.status_code == 415


async def test_an_unknown_provider_is_a_null_reference(native: Shop) -> None:
    unknown = at_hub(native, f"{PROVIDERS}/Unknown/giftcards")
    responses = [
        await unknown.get("/954"),
        await unknown.post("/_search", cart_search("shopper@example.com")),
        await native.client.get(f"{HOST}{PROVIDERS}/Unknown"),
    ]
    assert [(r.status_code, r.json()["message"]) for r in responses] == [(500, NULL_REFERENCE)] * 3


async def test_the_native_provider_is_there_from_the_start(hub: Shop) -> None:
    (provider,) = answered(await hub.client.get(f"{HOST}{PROVIDERS}"))

    assert (provider["id"], provider["oauthProvider"]) == ("VtexGiftCard", "vtex")
    assert answered(await hub.client.get(f"{HOST}{PROVIDERS}/VtexGiftCard")) == provider


async def test_a_provider_is_registered_changed_and_deleted(hub: Shop) -> None:
    registered = answered(await register(hub, "Other", REGISTRATION))
    changed = answered(await register(hub, "Other", REGISTRATION | {"cancelEnabled": True}))

    assert registered == {
        "id": "Other",
        **{name: value for name, value in REGISTRATION.items() if not name.startswith("app")},
        "_self": {"href": "sandbox/giftcardproviders/Other"},
    }
    assert changed == registered | {"cancelEnabled": True}
    assert await listed_providers(hub) == ["VtexGiftCard", "Other"]

    url = f"{HOST}{PROVIDERS}/Other"
    deleted = [(await hub.client.delete(url)).status_code for _ in range(2)]
    assert deleted == [200, 404]
    assert await listed_providers(hub) == ["VtexGiftCard"]


@pytest.mark.parametrize("name", ["serviceUrl", "oauthProvider", "preAuthEnabled", "cancelEnabled"])
async def test_a_registration_that_lacks_something_is_refused(hub: Shop, name: str) -> None:
    body = {key: value for key, value in REGISTRATION.items() if key != name}

    assert refused(await register(hub, "Other", body)) == (400, 2001)
    assert (await register(hub, "Other", REGISTRATION, media_type=JSON)).status_code == 415
    assert await listed_providers(hub) == ["VtexGiftCard"]


async def test_a_registered_provider_that_nobody_serves_is_a_500(native: Shop) -> None:
    await register(native, "Other", REGISTRATION)
    response = await at_hub(native, f"{PROVIDERS}/Other/giftcards").get("/954")

    assert (response.status_code, response.json()["message"]) == (500, DISPOSED_OBJECT)


async def test_the_first_provider_may_replace_a_native_one_that_nobody_saved() -> None:
    async with open_shop(first_provider_replaces_native=True) as shop:
        await register(shop, "Other", REGISTRATION)
        assert await listed_providers(shop) == ["Other"]
        assert (await at_hub(shop).get("/954")).status_code == 500
        assert (await shop.get("/954")).status_code == 200

    async with open_shop(first_provider_replaces_native=True) as shop:
        await register(shop, "VtexGiftCard", REGISTRATION)
        await register(shop, "Other", REGISTRATION)
        assert await listed_providers(shop) == ["VtexGiftCard", "Other"]


async def test_every_error_of_the_provider_may_surface_as_500() -> None:
    async with open_shop(hub_errors_as_500=True) as shop:
        card = await shop.issue()
        hub = at_hub(shop)
        responses = [
            await hub.get("/unknown"),
            await hub.transact(card, "Debit", 1, "2", orderInfo=order()),
        ]
        assert [r.status_code for r in responses] == [500, 500]
        assert {r.json()["message"] for r in responses} == {DISPOSED_OBJECT}
        assert (await shop.get("/unknown")).status_code == 404


async def test_a_time_out_may_surface_as_401_with_the_money_moved() -> None:
    async with open_shop(hub_timeouts_as_401=True) as shop:
        card = await shop.issue()
        response = await at_hub(shop).transact(card, "Credit", 5, "1", orderInfo=order())

        assert (response.status_code, response.content) == (401, b"")
        assert await shop.balance(card) == 5
        assert await at_hub(shop).balance(card) == 5


async def test_who_may_only_view_providers_reads_and_does_not_write() -> None:
    viewer = {"VtexIdclientAutCookie": "sandbox-vtex-user-token"}
    async with open_shop(headers=viewer) as shop:
        hub = at_hub(shop)
        card = await hub.read("/954")
        search = await hub.post("/_search", cart_search("shopper@example.com"))
        writes = [
            await hub.post("", hub_card()),
            await hub.transact(card, "Credit", 5, "1", orderInfo=order()),
            await register(hub, "Other", REGISTRATION),
            await hub.client.delete(f"{HOST}{PROVIDERS}/VtexGiftCard"),
        ]
        assert search.status_code == 200
        assert [response.status_code for response in writes] == [403] * 4


async def test_the_right_to_gift_cards_is_none_to_providers() -> None:
    section = {
        "credentials": {
            "users": [{"token": "native only", "rights": ["Gift card full access"]}],
        }
    }
    async with open_shop(section, {"VtexIdclientAutCookie": "native only"}) as shop:
        assert (await shop.get("/954")).status_code == 200
        assert (await at_hub(shop).get("/954")).status_code == 403
    async with open_shop(headers={}) as shop:
        assert (await at_hub(shop).get("/954")).status_code == 401
