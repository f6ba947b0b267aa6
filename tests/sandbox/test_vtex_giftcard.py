"""The VTEX Giftcard stand-in, as its contract describes the real one."""

from collections.abc import AsyncIterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.exact_json import loads
from sandbox.seed import built_in_section
from sandbox.vtex_giftcard import create_vtex_giftcard

NOW = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
KEYS = {"X-VTEX-API-AppKey": "vtexappkey-sandbox", "X-VTEX-API-AppToken": "sandbox-vtex-token"}
CARDS = "http://vtex.example/api/giftcards"
SHOPPER = {"id": "", "email": "shopper@example.com", "document": "11144477735"}
COLLECTOR = {"id": "", "email": "collector@example.com", "document": "39053344705"}
NOBODY = {"id": "", "email": "", "document": ""}


def client_of(
    section: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> httpx.AsyncClient:
    clock = Clock()
    clock.set(NOW)
    app = create_vtex_giftcard(section, clock)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), headers=KEYS if headers is None else headers
    )


@pytest.fixture
async def vtex() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(built_in_section("vtex_giftcard")) as client:
        yield client


def with_defects(**switches: bool) -> httpx.AsyncClient:
    return client_of(built_in_section("vtex_giftcard") | {"defects": switches})


def body_for(client: Mapping[str, str], code: str = "") -> dict[str, Any]:
    return {
        "cart": {
            "grandTotal": 0,
            "relationName": None,
            "redemptionCode": code,
            "discounts": 0,
            "shipping": 0,
            "taxes": 0,
            "itemsTotal": 0,
            "items": [],
        },
        "client": dict(client),
    }


async def search(
    client: httpx.AsyncClient, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Any:
    response = await client.post(f"{CARDS}/_search", json=body, headers=headers)
    assert response.status_code == 200, response.text
    return loads(response.content)


async def found_ids(client: httpx.AsyncClient, body: Mapping[str, Any]) -> list[str]:
    return [item["id"] for item in (await search(client, body))["items"]]


async def read(client: httpx.AsyncClient, path: str) -> Any:
    response = await client.get(f"{CARDS}/{path}")
    assert response.status_code == 200, response.text
    return loads(response.content)


async def test_a_search_finds_the_customers_cards_expired_ones_included(
    vtex: httpx.AsyncClient,
) -> None:
    assert await search(vtex, body_for(SHOPPER)) == {
        "items": [
            {"id": "shopper@example.com_7", "_self": {"href": "cards/7"}},
            {"id": "shopper@example.com_8", "_self": {"href": "cards/8"}},
            {"id": "shopper@example.com_9", "_self": {"href": "cards/9"}},
        ],
        "paging": {"page": 0, "perPage": 50, "total": 3, "pages": 1},
    }


@pytest.mark.parametrize("member", ["id", "email", "document"])
async def test_each_of_id_email_and_document_is_enough(
    vtex: httpx.AsyncClient, member: str
) -> None:
    buyer = {
        "id": "92de2449-4a5b-4e0c-9d36-1f7d5e8a0b21",
        "email": "buyer@example.com",
        "document": "11222333000181",
    }
    assert await found_ids(vtex, body_for(NOBODY | {member: buyer[member]}))


async def test_a_document_with_punctuation_finds_nothing(vtex: httpx.AsyncClient) -> None:
    assert await found_ids(vtex, body_for(NOBODY | {"document": "111.444.777-35"})) == []


async def test_empty_identities_match_nobody(vtex: httpx.AsyncClient) -> None:
    assert await found_ids(vtex, body_for(NOBODY)) == []


async def test_the_first_page_is_fifty_and_the_rest_follows(vtex: httpx.AsyncClient) -> None:
    first = await search(vtex, body_for(COLLECTOR))
    second = await search(vtex, body_for(COLLECTOR), {"REST-Range": "resources=50-99"})

    assert (len(first["items"]), len(second["items"])) == (50, 14)
    assert second["paging"] == {"page": 1, "perPage": 50, "total": 64, "pages": 2}
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(set(ids)) == 64


async def test_small_ranges_return_nothing_when_switched_on() -> None:
    async with with_defects(small_ranges_return_nothing=True) as client:
        small = await search(client, body_for(SHOPPER), {"REST-Range": "resources=0-8"})
        large = await search(client, body_for(SHOPPER), {"REST-Range": "resources=0-9"})

    assert (small["items"], len(large["items"])) == ([], 3)


async def test_a_code_finds_a_card_that_belongs_to_nobody(vtex: httpx.AsyncClient) -> None:
    code = (await read(vtex, "954"))["redemptionCode"]

    assert await found_ids(vtex, body_for(NOBODY, code)) == ["954"]


async def test_a_restricted_card_needs_code_and_document(vtex: httpx.AsyncClient) -> None:
    restricted = "collector@example.com_200"
    code = (await read(vtex, restricted))["redemptionCode"]

    assert restricted not in await found_ids(vtex, body_for(COLLECTOR))
    assert await found_ids(vtex, body_for(SHOPPER, code)) == []
    assert await found_ids(vtex, body_for(COLLECTOR, code)) == [restricted]


async def test_a_company_document_hides_the_personal_cards(vtex: httpx.AsyncClient) -> None:
    with_company = SHOPPER | {"corporateDocument": "11222333000181"}

    assert await found_ids(vtex, body_for(with_company)) == [
        "92de2449-4a5b-4e0c-9d36-1f7d5e8a0b21_74"
    ]


async def test_the_older_search_answers_an_array_with_balances() -> None:
    async with with_defects(bare_array_search=True) as client:
        items = await search(client, body_for(SHOPPER))

    assert [item["balance"] for item in items] == [Decimal(40), Decimal(25), Decimal(10)]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("cart", "grandTotal"),
        ("cart", "relationName"),
        ("cart", "redemptionCode"),
        ("cart", "items"),
        ("client", "id"),
        ("client", "email"),
        ("client", "document"),
    ],
)
async def test_a_search_without_a_required_member_is_400(
    vtex: httpx.AsyncClient, place: str, name: str
) -> None:
    body = deepcopy(body_for(SHOPPER))
    del body[place][name]
    response = await vtex.post(f"{CARDS}/_search", json=body)

    assert response.status_code == 400
    assert response.json()["message"] == f"{place}.{name} is required."


@pytest.mark.parametrize(
    ("member", "value"),
    [("grandTotal", "0"), ("grandTotal", True), ("items", {}), ("items", [{"id": "1"}])],
)
async def test_a_member_of_the_wrong_type_is_400(
    vtex: httpx.AsyncClient, member: str, value: object
) -> None:
    body = body_for(SHOPPER)
    body["cart"][member] = value

    assert (await vtex.post(f"{CARDS}/_search", json=body)).status_code == 400


@pytest.mark.parametrize("written", ["0-49", "resources=0", "resources=9-0", "resources=-1-5"])
async def test_a_bad_range_is_400(vtex: httpx.AsyncClient, written: str) -> None:
    response = await vtex.post(
        f"{CARDS}/_search", json=body_for(SHOPPER), headers={"REST-Range": written}
    )
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("application/vnd.vtex.giftcard.v1+json", 200),
        ("text/plain", 415),
        ("", 415),
    ],
)
async def test_a_body_must_be_declared_as_json(
    vtex: httpx.AsyncClient, content_type: str, status: int
) -> None:
    response = await vtex.post(
        f"{CARDS}/_search", json=body_for(SHOPPER), headers={"Content-Type": content_type}
    )
    assert response.status_code == status


async def test_a_body_that_is_not_json_is_400(vtex: httpx.AsyncClient) -> None:
    response = await vtex.post(
        f"{CARDS}/_search", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400


async def test_the_shopper_holds_the_cards_of_the_worked_example(vtex: httpx.AsyncClient) -> None:
    cards = [await read(vtex, item) for item in await found_ids(vtex, body_for(SHOPPER))]

    assert [(card["currencyCode"], card["balance"]) for card in cards] == [
        ("BRL", Decimal(40)),
        ("BRL", Decimal(25)),
        ("USD", Decimal(10)),
    ]
    assert [card["expiringDate"] > "2026-06-01" for card in cards] == [True, False, True]


async def test_a_card_names_its_code_in_clear_and_its_link_twice(vtex: httpx.AsyncClient) -> None:
    card = await read(vtex, "shopper%40example.com_7")

    assert card["id"] == "shopper@example.com_7"
    assert card["redemptionToken"] == card["redemptionCode"]
    assert [len(group) for group in card["redemptionCode"].split("-")] == [4, 4, 4, 4]
    assert card["transaction"] == card["transactions"] == {"href": "cards/7/transactions"}


async def test_some_cards_are_answered_by_number_alone(vtex: httpx.AsyncClient) -> None:
    by_long_id = await read(vtex, "92de2449-4a5b-4e0c-9d36-1f7d5e8a0b21_74")

    assert by_long_id["id"] == "74"
    assert by_long_id == await read(vtex, "74")


async def test_a_balance_is_what_the_transactions_left() -> None:
    section = {
        "credentials": built_in_section("vtex_giftcard")["credentials"],
        "cards": [
            {
                "id": "1",
                "code": "ABCD-EFGH-IJKL-MNOP",
                "emitted": "now-9d",
                "expires": "now+9d",
                "transactions": [
                    {"request_id": "1", "operation": "Credit", "value": 500, "made": "now-9d"},
                    {
                        "request_id": "2",
                        "value": 120,
                        "made": "now-8d",
                        "settlements": [{"value": 100, "made": "now-7d"}],
                        "cancellations": [{"value": 20, "made": "now-6d"}],
                    },
                    {
                        "request_id": "3",
                        "operation": "Credit",
                        "value": 30,
                        "made": "now-5d",
                        "cancellations": [{"value": 30, "made": "now-4d"}],
                    },
                ],
            }
        ],
    }
    async with client_of(section) as client:
        card = await read(client, "1")

    assert card["balance"] == 400
    assert "currencyCode" not in card


async def test_dates_come_in_the_forms_seen(vtex: httpx.AsyncClient) -> None:
    ticks, milliseconds, seconds = [
        (await read(vtex, card))["emissionDate"]
        for card in ("buyer@example.com_75", "shopper@example.com_9", "954")
    ]

    assert ticks == "2026-05-27T12:00:00.1234566Z"
    assert milliseconds == "2026-05-22T12:00:00.123"
    assert seconds == "2026-05-29T12:00:00"


async def test_codes_can_be_masked_and_captions_shown() -> None:
    async with with_defects(masked_codes=True, captions_on_reading=True) as client:
        card = await read(client, "shopper@example.com_7")

    assert card["redemptionCode"].startswith("***********")
    assert (card["relationName"], card["caption"]) == ("loyalty-7", "Loyalty")


async def test_transactions_are_listed_newest_first_without_amounts(
    vtex: httpx.AsyncClient,
) -> None:
    newest, oldest = await read(vtex, "shopper@example.com_7/transactions")

    assert set(newest) == {"id", "cardId", "_self", "provider"}
    assert newest["cardId"] == "7"
    operations = [
        (await read(vtex, f"shopper@example.com_7/transactions/{reference['id']}"))["operation"]
        for reference in (newest, oldest)
    ]
    assert operations == ["Debit", "Credit"]


async def test_a_transaction_tells_its_authorization_settlements_and_cancellations(
    vtex: httpx.AsyncClient,
) -> None:
    newest, _ = await read(vtex, "74/transactions")
    path = f"74/transactions/{newest['id']}"
    transaction = await read(vtex, path)
    authorization = await read(vtex, f"{path}/authorization")
    settlements = await read(vtex, f"{path}/settlements")
    cancellations = await read(vtex, f"{path}/cancellations")

    assert (transaction["operation"], transaction["value"]) == ("Debit", 120)
    assert transaction["requestId"] == "2"
    assert {"settlement", "cancellation", "authorization"} < transaction.keys()
    assert (authorization["oid"], authorization["value"]) == (newest["id"], 120)
    assert [entry["value"] for entry in settlements] == [60, 40]
    assert [entry["value"] for entry in cancellations] == [20]
    assert len({entry["oid"] for entry in [authorization, *settlements, *cancellations]}) == 4


async def test_a_card_without_transactions_lists_none(vtex: httpx.AsyncClient) -> None:
    assert await read(vtex, "958/transactions") == []


async def test_a_card_without_transactions_may_answer_an_empty_body() -> None:
    async with with_defects(empty_body_without_transactions=True) as client:
        response = await client.get(f"{CARDS}/958/transactions")

    assert (response.status_code, response.content) == (200, b"")


async def test_known_defects_of_transactions_can_be_switched_on(vtex: httpx.AsyncClient) -> None:
    newest, oldest = await read(vtex, "74/transactions")
    async with with_defects(
        incomplete_transactions=True, swapped_reference_ids=True, array_authorization=True
    ) as client:
        (reference,) = await read(client, "74/transactions")
        authorization = await read(client, f"74/transactions/{newest['id']}/authorization")

    assert (reference["cardId"], reference["id"]) == (oldest["id"], "74")
    assert [entry["oid"] for entry in authorization] == [newest["id"]]


async def test_without_credentials_the_answer_is_a_bare_401() -> None:
    async with client_of(built_in_section("vtex_giftcard"), {}) as client:
        response = await client.get(f"{CARDS}/954")

    assert (response.status_code, response.content) == (401, b"")


async def test_a_key_without_the_right_gets_403() -> None:
    keys = {
        "X-VTEX-API-AppKey": "vtexappkey-readonly",
        "X-VTEX-API-AppToken": "sandbox-readonly-token",
    }
    async with client_of(built_in_section("vtex_giftcard"), keys) as client:
        assert (await client.get(f"{CARDS}/954")).status_code == 403
        response = await client.post(f"{CARDS}/_search", json=body_for(SHOPPER))
        assert response.status_code == 403


@pytest.mark.parametrize(
    "path", ["unknown", "unknown/transactions", "954/transactions/unknown", "954/nothing"]
)
async def test_what_does_not_exist_is_404(vtex: httpx.AsyncClient, path: str) -> None:
    assert (await vtex.get(f"{CARDS}/{path}")).status_code == 404


@pytest.mark.parametrize("path", ["/954", "/954/transactions", "/954/transactions/x/settlements"])
async def test_a_wrong_verb_is_405(vtex: httpx.AsyncClient, path: str) -> None:
    assert (await vtex.put(f"{CARDS}{path}", json={})).status_code == 405


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("application/vnd.vtex.giftcard.v1+json", 200),
        ("text/html, */*;q=0.1", 200),
        ("application/xml", 406),
    ],
)
async def test_only_json_can_be_accepted(vtex: httpx.AsyncClient, accept: str, status: int) -> None:
    response = await vtex.get(f"{CARDS}/954", headers={"Accept": accept})

    assert response.status_code == status
