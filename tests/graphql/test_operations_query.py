"""Receipts, asked for later: by id, by key, as a node, and by whom."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.authentication.api_keys import new_api_key
from app.authentication.settings import ApiKeySettings, AuthenticationSettings
from app.domain.access import AccessLevel, Scope
from tests.graphql.graph import as_caller
from tests.graphql.ordering import Shop, a_shop


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with a_shop() as open_one:
        yield open_one


def become(shop: Shop, name: str) -> None:
    shop.graph.client.headers.update(as_caller(name))


async def node(shop: Shop, id_: str) -> object:
    found = await shop.graph.data("query ($id: ID!) { node(id: $id) { __typename id } }", id=id_)
    return found["node"]


async def test_a_receipt_is_found_by_its_id_and_by_its_key(shop: Shop) -> None:
    made = (await shop.order("creditGiftCard"))["operation"]
    by_id, by_key = await shop.receipt(id=made["id"]), await shop.receipt(idempotencyKey="key-1")
    assert by_id == by_key
    assert by_id == {
        "id": made["id"],
        "name": "creditGiftCard",
        "status": "SUCCEEDED",
        "replayed": False,
        "attempts": made["attempts"],
    }
    assert await node(shop, made["id"]) == {"__typename": "OperationReceipt", "id": made["id"]}


async def test_a_key_that_stood_for_several_names_the_newest(shop: Shop) -> None:
    await shop.order("creditGiftCard")
    newest = (await shop.order("debitGiftCard"))["operation"]
    found = await shop.receipt(idempotencyKey="key-1")
    assert found is not None
    assert found["id"] == newest["id"]


async def test_what_was_refused_at_sight_has_a_receipt_too(shop: Shop) -> None:
    made = (await shop.order("creditGiftCard", expectedVersion="old"))["operation"]
    found = await shop.receipt(id=made["id"])
    assert found is not None
    assert found["status"] == "REJECTED"


async def test_what_makes_no_sense_has_a_receipt_that_nobody_keeps(shop: Shop) -> None:
    made = (await shop.order("creditGiftCard", idempotencyKey=""))["operation"]
    assert (made["status"], made["idempotencyKey"]) == ("REJECTED", None)
    assert await shop.receipt(id=made["id"]) is None


async def test_the_receipt_of_an_input_that_makes_no_sense_names_the_key_which_is_free(
    shop: Shop,
) -> None:
    refused = (await shop.order("creditGiftCard", description=" "))["operation"]
    assert (refused["status"], refused["idempotencyKey"]) == ("REJECTED", "key-1")
    assert await shop.receipt(idempotencyKey="key-1") is None

    done = (await shop.order("creditGiftCard"))["operation"]
    assert (done["status"], done["replayed"]) == ("SUCCEEDED", False)


async def test_what_is_no_key_is_not_named_in_a_receipt(shop: Shop) -> None:
    refused = await shop.order("creditGiftCard", description=" ", idempotencyKey="k" * 201)
    assert refused["operation"]["idempotencyKey"] is None


@pytest.mark.parametrize("id_", ["", "op_", "op_nope", "x", "\x00", "op_" + "a" * 5000])
async def test_an_id_of_nothing_has_no_receipt(shop: Shop, id_: str) -> None:
    assert await shop.receipt(id=id_) is None


@pytest.mark.parametrize("key", ["", "another", "\x00", "x" * 5000])
async def test_a_key_that_nobody_sent_has_no_receipt(shop: Shop, key: str) -> None:
    await shop.order("creditGiftCard")
    assert await shop.receipt(idempotencyKey=key) is None


async def test_the_id_of_something_else_has_no_receipt(shop: Shop) -> None:
    assert await shop.receipt(id=shop.ids["giftCards"]) is None


@pytest.mark.parametrize("by", [{}, {"id": "x", "idempotencyKey": "y"}, {"id": None}])
async def test_exactly_one_way_to_name_it_is_taken(shop: Shop, by: dict[str, object]) -> None:
    response = await shop.graph.post(
        "query ($by: OperationRef!) { operation(by: $by) { id } }", by=by
    )
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_what_others_did_looks_as_if_it_had_not_happened(shop: Shop) -> None:
    """The administrator's credit, and a service that asks for it."""
    made = (await shop.order("creditGiftCard"))["operation"]
    become(shop, "service")
    assert await shop.receipt(id=made["id"]) is None
    assert await shop.receipt(idempotencyKey="key-1") is None
    assert await node(shop, made["id"]) is None


async def test_an_administrator_sees_what_everybody_did_by_its_id(shop: Shop) -> None:
    become(shop, "service")
    made = (await shop.order("debitGiftCard"))["operation"]
    become(shop, "admin")
    assert await node(shop, made["id"]) is not None
    assert await shop.receipt(id=made["id"]) is not None
    assert await shop.receipt(idempotencyKey="key-1") is None


async def test_two_services_with_one_key_each_see_their_own() -> None:
    first, second = new_api_key(), new_api_key()
    keys = [
        ApiKeySettings(name=name, hash=key.hash_line, level=AccessLevel.SERVICE, scopes=list(Scope))
        for name, key in (("first", first), ("second", second))
    ]
    both = AuthenticationSettings(
        api_keys=keys, anonymous_level=AccessLevel.ADMIN, anonymous_scopes=list(Scope)
    )
    async with a_shop(authentication=both) as shop:
        made = []
        for key in (first, second):
            shop.graph.client.headers["Authorization"] = f"Bearer {key.key}"
            receipt = (await shop.order("debitGiftCard"))["operation"]
            found = await shop.receipt(idempotencyKey="key-1")
            assert found is not None
            assert found["id"] == receipt["id"]
            assert not receipt["replayed"]
            made.append(receipt["id"])
        assert await shop.receipt(id=made[0]) is None
        assert await shop.receipt(id=made[1]) is not None


async def test_a_shopper_sees_no_receipts_of_others(shop: Shop) -> None:
    made = (await shop.order("creditGiftCard"))["operation"]
    become(shop, "shopper")
    error = await shop.graph.error("{ operation(by: {idempotencyKey: %s}) { id } }" % '"key-1"')
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert await node(shop, made["id"]) is None
