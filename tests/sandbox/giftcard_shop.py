"""A caller of the gift card stand-in who keeps every digit, and a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx

from sandbox.clock import Clock
from sandbox.exact_json import dumps, loads
from sandbox.seed import built_in_section
from sandbox.vtex_giftcard import create_vtex_giftcard

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOST = "http://vtex.example"
KEYS = {"X-VTEX-API-AppKey": "vtexappkey-sandbox", "X-VTEX-API-AppToken": "sandbox-vtex-token"}
JSON = "application/json"

CART_AMOUNTS = dict.fromkeys(("grandTotal", "discounts", "shipping", "taxes", "itemsTotal"), 0)


class Shop:
    """Speaks one of the three APIs: the one below its root."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock) -> None:
        self.client = client
        self.clock = clock
        self.root = "/api/giftcards"
        self.media_type = JSON
        self.settlement_media_type = JSON
        self._numbers = count(1)

    async def post(
        self, path: str, body: object, *, media_type: str | None = None, **headers: str
    ) -> httpx.Response:
        declared = self.settlement_media_type if "/settlements" in path else self.media_type
        return await self.client.post(
            f"{HOST}{self.root}{path}",
            content=body if isinstance(body, bytes) else dumps(body),
            headers={"Content-Type": declared if media_type is None else media_type, **headers},
        )

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(f"{HOST}{self.root}{path}")

    async def read(self, path: str) -> Any:
        return answered(await self.get(path))

    async def issue(self, **members: object) -> dict[str, Any]:
        number = next(self._numbers)
        wanted = new_card(relationName=f"card-{number}", **members)
        return dict(answered(await self.post("", wanted)))

    async def balance(self, card: Mapping[str, Any]) -> Decimal:
        return Decimal((await self.read(path_of(card)))["balance"])

    async def transact(
        self,
        card: Mapping[str, Any],
        operation: str,
        value: object,
        request_id: str,
        **more: object,
    ) -> httpx.Response:
        body = transaction(card, operation, value, request_id, **more)
        return await self.post(f"{path_of(card)}/transactions", body)

    async def credit(self, card: Mapping[str, Any], value: object, request_id: str = "1") -> str:
        """The id of the new transaction's path."""
        return await self._path(card, "Credit", value, request_id)

    async def debit(self, card: Mapping[str, Any], value: object, request_id: str = "2") -> str:
        return await self._path(card, "Debit", value, request_id)

    async def move(
        self, transaction_path: str, kind: str, value: object, request_id: str = "m"
    ) -> httpx.Response:
        body = {"value": value, "requestId": request_id}
        return await self.post(f"{transaction_path}/{kind}", body)

    async def _path(
        self, card: Mapping[str, Any], operation: str, value: object, request_id: str
    ) -> str:
        made = answered(await self.transact(card, operation, value, request_id))
        return f"{path_of(card)}/transactions/{made['id']}"


def answered(response: httpx.Response) -> Any:
    assert response.status_code == 200, (response.status_code, response.text)
    return loads(response.content)


def refused(response: httpx.Response) -> tuple[int, int]:
    """Status and code of a refusal in words."""
    body = loads(response.content)
    assert body["message"]
    return response.status_code, body["code"]


def path_of(card: Mapping[str, Any]) -> str:
    return f"/{quote(card['id'], safe='')}"


def new_card(**members: object) -> dict[str, Any]:
    return {
        "relationName": "a relation",
        "expiringDate": "2027-06-01T12:00:00",
        "caption": "A caption",
        "profileId": "shopper@example.com",
        **members,
    }


def transaction(
    card: Mapping[str, Any], operation: str, value: object, request_id: str, **more: object
) -> dict[str, Any]:
    return {
        "operation": operation,
        "value": value,
        "description": "Order 7",
        "redemptionToken": card["redemptionToken"],
        "redemptionCode": card["redemptionCode"],
        "requestId": request_id,
        **more,
    }


def cart_search(email: str, *, code: str = "", document: str = "") -> dict[str, Any]:
    return {
        "cart": {**CART_AMOUNTS, "relationName": None, "redemptionCode": code, "items": []},
        "client": {"id": "", "email": email, "document": document},
    }


def order(email: str = "shopper@example.com", document: str = "11144477735") -> dict[str, Any]:
    """A whole `orderInfo`, as the official file wants it."""
    item = {
        **dict.fromkeys(("id", "productId", "refId", "name"), "1"),
        **dict.fromkeys(("value", "price", "quantity"), 1),
        **dict.fromkeys(("shippingDiscount", "discount"), 0),
        "priceTags": [{"name": "discount", "value": 0}],
    }
    address = ("receiverName", "postalCode", "city", "state", "country", "street", "number")
    return {
        "orderId": "v7-01",
        "sequence": 7,
        "cart": {**CART_AMOUNTS, "items": [item]},
        "clientProfile": {
            "email": email,
            "document": document,
            **dict.fromkeys(("firstName", "lastName", "phone", "birthDate"), ""),
            "isCorporate": False,
        },
        "shipping": {**dict.fromkeys((*address, "neighborhood", "complement", "reference"), "")},
    }


@asynccontextmanager
async def open_shop(
    section: Mapping[str, Any] | None = None, headers: Mapping[str, str] = KEYS, **defects: bool
) -> AsyncIterator[Shop]:
    clock = Clock()
    clock.set(NOW)
    seed = {**built_in_section("vtex_giftcard"), **(section or {}), "defects": defects}
    transport = httpx.ASGITransport(app=create_vtex_giftcard(seed, clock))
    async with httpx.AsyncClient(transport=transport, headers=headers) as client:
        yield Shop(client, clock)
