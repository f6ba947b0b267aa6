"""The people of the built-in seeds, over all four stand-ins at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

import httpx
import pytest

from sandbox.application import create_sandbox
from sandbox.exact_json import loads

VTEX = {"X-VTEX-API-AppKey": "vtexappkey-sandbox", "X-VTEX-API-AppToken": "sandbox-vtex-token"}
ADOBE = {"Authorization": "Bearer sandbox-adobe-token"}
MEDUSA = {"Authorization": f"Basic sk_{'5a' * 32}"}
SHOPPER = {"id": "", "email": "shopper@example.com", "document": "11144477735"}
SEARCH = {
    "cart": {
        **dict.fromkeys(("grandTotal", "discounts", "shipping", "taxes", "itemsTotal"), 0),
        "relationName": None,
        "redemptionCode": "",
        "items": [],
    },
    "client": SHOPPER,
}


@pytest.fixture
async def sandbox() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_sandbox())
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.example") as client:
        yield client


async def read(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> Any:
    response = await client.get(path, headers=headers)
    assert response.status_code == 200, response.text
    return loads(response.content)


async def credit_line(client: httpx.AsyncClient) -> Decimal:
    """With tolerance, rounded down to a cent."""
    path = "/vtex/api/creditcontrol/accounts?email=shopper%40example.com"
    (account,) = (await read(client, path, VTEX))["data"]
    available = min(account["availableCredit"], account["availableBalance"])
    room = available + account["creditLimit"] * account["tolerance"]
    return Decimal(room).quantize(Decimal("0.01"), ROUND_DOWN)


async def live_cards(client: httpx.AsyncClient, currency: str) -> Decimal:
    found = await client.post("/vtex/api/giftcards/_search", json=SEARCH, headers=VTEX)
    cards = [
        await read(client, f"/vtex/api/giftcards/{item['id']}", VTEX)
        for item in found.json()["items"]
    ]
    return sum(
        (
            card["balance"]
            for card in cards
            if card["currencyCode"] == currency and not _is_past(card["expiringDate"])
        ),
        Decimal(0),
    )


def _is_past(written: str) -> bool:
    moment = datetime.fromisoformat(written)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= datetime.now(UTC)


async def store_credit(client: httpx.AsyncClient) -> Decimal:
    path = "/medusa/admin/store-credit-accounts?customer_id=cus_01K0A000000000000000000001"
    (account,) = (await read(client, path, MEDUSA))["store_credit_accounts"]
    assert account["currency_code"] == "brl"
    return Decimal(account["balance"])


async def test_the_shopper_is_exactly_the_worked_example(sandbox: httpx.AsyncClient) -> None:
    credit = await credit_line(sandbox)
    cards = await live_cards(sandbox, "BRL")
    store = await store_credit(sandbox)
    company = await read(sandbox, "/adobe/rest/default/V1/companyCredits/company/21", ADOBE)

    assert (credit, cards, store) == (Decimal("950.55"), Decimal(40), Decimal("12.30"))
    assert credit + cards + store == Decimal("1002.85")
    assert (company["currency_code"], company["available_limit"]) == ("BRL", Decimal("3749.50"))
    assert credit + cards + store + company["available_limit"] == Decimal("4752.35")


async def test_the_shoppers_dollar_card_is_live(sandbox: httpx.AsyncClient) -> None:
    assert await live_cards(sandbox, "USD") == 10
