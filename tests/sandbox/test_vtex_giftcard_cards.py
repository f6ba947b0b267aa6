"""Making a gift card at the stand-in."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.exact_json import dumps
from tests.sandbox.giftcard_shop import (
    Shop,
    answered,
    cart_search,
    new_card,
    open_shop,
    path_of,
    refused,
)


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as shop:
        yield shop


async def found(shop: Shop, email: str, *, code: str = "", document: str = "") -> list[str]:
    body = cart_search(email, code=code, document=document)
    return [item["id"] for item in answered(await shop.post("/_search", body))["items"]]


async def test_a_new_card_is_empty_and_tells_its_code_in_clear(shop: Shop) -> None:
    card = await shop.issue(currencyCode="BRL", caption="Bonus")

    assert (card["balance"], card["currencyCode"]) == (0, "BRL")
    assert (card["relationName"], card["caption"]) == ("card-1", "Bonus")
    assert card["redemptionToken"] == card["redemptionCode"]
    groups = card["redemptionCode"].split("-")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert all(group.isalpha() and group.isupper() for group in groups)
    assert card["emissionDate"] == "2026-06-01T12:00:00Z"
    assert card["transaction"] == card["transactions"]


async def test_a_new_card_is_read_as_it_was_made_but_for_its_names(shop: Shop) -> None:
    card = await shop.issue()
    read = await shop.read(path_of(card))

    assert read == {k: v for k, v in card.items() if k not in ("relationName", "caption")}
    assert await shop.read(f"{path_of(card)}/transactions") == []


async def test_a_new_card_is_found_by_its_owner_and_by_its_code(shop: Shop) -> None:
    card = await shop.issue(profileId="someone@example.com")

    assert await found(shop, "someone@example.com") == [card["id"]]
    assert await found(shop, "", code=card["redemptionCode"]) == [card["id"]]


async def test_a_restricted_card_is_found_by_code_and_the_owners_document(shop: Shop) -> None:
    card = await shop.issue(restrictedToOwner=True)
    code = card["redemptionCode"]

    assert card["id"] not in await found(shop, "shopper@example.com")
    assert await found(shop, "shopper@example.com", code=code) == []
    assert await found(shop, "", code=code, document="11144477735") == [card["id"]]


async def test_ids_name_the_owner_and_never_come_twice(shop: Shop) -> None:
    first, second = await shop.issue(), await shop.issue()
    third = await shop.issue(profileId="no/path ✂")

    numbers = [int(card["id"].rpartition("_")[2]) for card in (first, second, third)]
    assert first["id"] == f"shopper@example.com_{numbers[0]}"
    assert third["id"] == str(numbers[2])
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    assert (await shop.get(f"/{numbers[0]}")).status_code == 404


@pytest.mark.parametrize("taken", ["card-1", "loyalty-7"])
async def test_a_relation_name_is_good_for_one_card(shop: Shop, taken: str) -> None:
    await shop.issue()
    before = await found(shop, "shopper@example.com")
    response = await shop.post("", new_card(relationName=taken))

    assert refused(response) == (400, 2003)
    assert await found(shop, "shopper@example.com") == before


@pytest.mark.parametrize("name", ["relationName", "expiringDate", "caption", "profileId"])
async def test_a_card_without_a_required_member_is_refused(shop: Shop, name: str) -> None:
    body = new_card()
    del body[name]
    response = await shop.post("", body)

    assert refused(response) == (400, 2001)
    assert response.json()["message"] == f"body.{name} is required."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("relationName", ""),
        ("relationName", 7),
        ("relationName", None),
        ("profileId", ""),
        ("caption", {}),
        ("expiringDate", "soon"),
        ("expiringDate", "2027-13-01"),
        ("expiringDate", "0001-01-01T00:00:00+14:00"),
        ("expiringDate", "0999-01-01"),
        ("expiringDate", "9999-12-31T23:59:59-14:00"),
        ("currencyCode", "Real"),
        ("currencyCode", "brl"),
        ("currencyCode", 986),
        ("restrictedToOwner", "true"),
        ("multipleRedemptions", 1),
    ],
)
async def test_a_member_of_a_card_that_makes_no_sense_is_refused(
    shop: Shop, name: str, value: object
) -> None:
    response = await shop.post("", new_card(**{name: value}))

    assert refused(response) == (400, 2001)
    assert response.json()["message"].startswith(f"body.{name} ")


async def test_half_a_surrogate_pair_is_refused(shop: Shop) -> None:
    body = dumps(new_card(caption="half")).replace(b"half", b"\\ud800")

    assert refused(await shop.post("", body)) == (400, 2001)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"card"', b"[" * 100_000, b"\xff"])
async def test_a_body_that_is_no_card_is_refused(shop: Shop, body: bytes) -> None:
    assert refused(await shop.post("", body)) == (400, 2001)


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("application/vnd.vtex.giftcard.v1+json", 200),
        ("application/vnd.vtex.giftcardproviders.v1+json", 415),
        ("text/plain", 415),
        ("", 415),
    ],
)
async def test_a_card_is_declared_as_plain_or_vendor_json(
    shop: Shop, media_type: str, status: int
) -> None:
    assert (await shop.post("", new_card(), media_type=media_type)).status_code == status


@pytest.mark.parametrize(
    ("written", "answered_as"),
    [
        ("2020-09-01T13:15:30Z", "2020-09-01T13:15:30Z"),
        ("2030-01-01T00:00:00.123", "2030-01-01T00:00:00.123Z"),
        ("2030-01-01T00:00:00.5000000Z", "2030-01-01T00:00:00.5Z"),
        ("2030-01-01T00:00:00-03:00", "2030-01-01T03:00:00Z"),
        ("2030-01-01", "2030-01-01T00:00:00Z"),
    ],
)
async def test_an_expiry_comes_in_any_iso_form_and_is_utc_without_a_zone(
    shop: Shop, written: str, answered_as: str
) -> None:
    assert (await shop.issue(expiringDate=written))["expiringDate"] == answered_as


async def test_a_card_ends_at_the_very_instant_of_its_expiry(shop: Shop) -> None:
    card = await shop.issue(expiringDate="2026-06-02T00:00:00-03:00")
    await shop.credit(card, 10)
    shop.clock.advance(timedelta(hours=15) - timedelta(microseconds=1))
    await shop.debit(card, 4, "last moment")
    shop.clock.advance(timedelta(microseconds=1))

    assert refused(await shop.transact(card, "Debit", 1, "late")) == (400, 2005)
    assert refused(await shop.transact(card, "Credit", 1, "late")) == (400, 2005)
    assert await shop.balance(card) == 6


async def test_a_key_without_the_right_cannot_make_a_card() -> None:
    keys = {
        "X-VTEX-API-AppKey": "vtexappkey-readonly",
        "X-VTEX-API-AppToken": "sandbox-readonly-token",
    }
    async with open_shop(headers=keys) as shop:
        assert (await shop.post("", new_card())).status_code == 403
    async with open_shop(headers={}) as shop:
        response = await shop.post("", new_card())
        assert (response.status_code, response.content) == (401, b"")


async def test_a_card_cannot_be_changed_or_deleted(shop: Shop) -> None:
    card = await shop.issue()
    url = f"http://vtex.example/api/giftcards{path_of(card)}"

    for verb in ("PUT", "PATCH", "DELETE", "POST"):
        assert (await shop.client.request(verb, url, json={})).status_code == 405
