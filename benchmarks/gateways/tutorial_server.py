"""
The schema of `bff/` in plain Strawberry and httpx, as their tutorials show it.

`PROVIDERS` (a URL) and `PEOPLE` (a JSON file) are in the environment; uvicorn serves `app`.
"""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import strawberry
from strawberry.asgi import GraphQL

PROVIDERS = os.environ["PROVIDERS"]
PEOPLE = json.loads(Path(os.environ["PEOPLE"]).read_text())

VTEX = f"{PROVIDERS}/vtex/api"
ADOBE = f"{PROVIDERS}/adobe/rest/default/V1"
MEDUSA = f"{PROVIDERS}/medusa/admin"
VTEX_HEADERS = {"X-VTEX-API-AppKey": "key", "X-VTEX-API-AppToken": "token"}
ADOBE_HEADERS = {"Authorization": "Bearer token"}
MEDUSA_HEADERS = {"Authorization": "Basic sk_key"}

client = httpx.AsyncClient()


async def read(url: str, headers: dict[str, str], **params: str) -> Any:
    response = await client.get(url, headers=headers, params=params)
    response.raise_for_status()
    return response.json(parse_float=Decimal)


async def credit_accounts(email: str) -> Any:
    url = f"{VTEX}/creditcontrol/accounts"
    window = {"from": "1", "to": "20"}
    return (await read(url, VTEX_HEADERS, email=email, **window))["data"]


async def gift_cards(email: str) -> list[Any]:
    cart: dict[str, Any] = {
        "grandTotal": 0,
        "relationName": None,
        "redemptionCode": "",
        "discounts": 0,
        "shipping": 0,
        "taxes": 0,
        "items": [],
        "itemsTotal": 0,
    }
    response = await client.post(
        f"{VTEX}/giftcards/_search",
        headers={**VTEX_HEADERS, "REST-Range": "resources=0-49"},
        json={"cart": cart, "client": {"id": "", "email": email, "document": ""}},
    )
    response.raise_for_status()
    return await asyncio.gather(*(of_card(item["id"]) for item in response.json()["items"]))


async def of_card(*path: str) -> Any:
    return await read(f"{VTEX}/giftcards/{'/'.join(path)}", VTEX_HEADERS)


async def company_credit(email: str) -> Decimal:
    company = PEOPLE[email]["company"]
    credit, owner = await asyncio.gather(
        read(f"{ADOBE}/companyCredits/company/{company}", ADOBE_HEADERS),
        read(f"{ADOBE}/company/{company}", ADOBE_HEADERS, fields="id,status"),
    )
    return positive(credit["available_limit"]) if owner["status"] == 1 else Decimal(0)


async def store_credit(email: str) -> Any:
    url = f"{MEDUSA}/store-credit-accounts"
    found = await read(url, MEDUSA_HEADERS, customer_id=PEOPLE[email]["medusa"], limit="100")
    return found["store_credit_accounts"]


def positive(amount: Decimal) -> Decimal:
    return max(Decimal(0), Decimal(amount))


@strawberry.type
class Line:
    source: str
    amount: Decimal


@strawberry.type
class Spendable:
    total: Decimal
    lines: list[Line]


@strawberry.type
class Invoice:
    number: str
    status: str
    amount: Decimal
    due_at: str


@strawberry.type
class Transaction:
    operation: str
    amount: Decimal
    occurred_at: str
    settled: Decimal
    cancelled: Decimal


@strawberry.type
class GiftCard:
    card_id: strawberry.Private[str]
    masked_code: str
    balance: Decimal
    expires_at: str

    @strawberry.field
    async def transactions(self) -> list[Transaction]:
        found = await of_card(self.card_id, "transactions")
        return await asyncio.gather(*(self._transaction(one["id"]) for one in found))

    async def _transaction(self, transaction_id: str) -> Transaction:
        path = (self.card_id, "transactions", transaction_id)
        told, settled, cancelled = await asyncio.gather(
            of_card(*path), of_card(*path, "settlements"), of_card(*path, "cancellations")
        )
        return Transaction(
            operation=told["operation"],
            amount=Decimal(told["value"]),
            occurred_at=told["date"],
            settled=sum((one["value"] for one in settled), Decimal(0)),
            cancelled=sum((one["value"] for one in cancelled), Decimal(0)),
        )


@strawberry.type
class Customer:
    email: strawberry.Private[str]

    @strawberry.field
    async def spendable(self) -> Spendable:
        accounts, cards, credit, store = await asyncio.gather(
            credit_accounts(self.email),
            gift_cards(self.email),
            company_credit(self.email),
            store_credit(self.email),
        )
        now = datetime.now(UTC)
        lines = [
            *(
                Line(source="vtex.customer-credit", amount=positive(one["availableCredit"]))
                for one in accounts
                if one["status"] == "Open"
            ),
            *(
                Line(source="vtex.giftcard", amount=Decimal(one["balance"]))
                for one in cards
                if datetime.fromisoformat(one["expiringDate"]) > now
            ),
            Line(source="adobe.company-credit", amount=credit),
            *(Line(source="medusa.store-credit", amount=positive(one["balance"])) for one in store),
        ]
        return Spendable(total=sum((one.amount for one in lines), Decimal(0)), lines=lines)

    @strawberry.field
    async def invoices(self) -> list[Invoice]:
        (account,) = await credit_accounts(self.email)
        url = f"{VTEX}/creditcontrol/accounts/{account['id']}/invoices"
        window = {"from": "1", "to": "50"}
        return [
            Invoice(
                number=one["friendlyId"],
                status=one["status"],
                amount=Decimal(one["value"]),
                due_at=one["dueDate"],
            )
            for one in (await read(url, VTEX_HEADERS, **window))["data"]
        ]

    @strawberry.field
    async def gift_cards(self) -> list[GiftCard]:
        return [
            GiftCard(
                card_id=one["id"],
                masked_code=f"****{one['redemptionCode'][-4:]}",
                balance=Decimal(one["balance"]),
                expires_at=one["expiringDate"],
            )
            for one in await gift_cards(self.email)
        ]


@strawberry.type
class Query:
    @strawberry.field
    def customer(self, email: str) -> Customer:
        return Customer(email=email)


app = GraphQL[None, None](strawberry.Schema(query=Query))
