"""A small shop for tests of the store-credit stand-in's write routes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from sandbox import exact_json
from sandbox.clock import Clock
from sandbox.medusa import create_medusa

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY_ID = "apk_01K0A000000000000000000001"
KEY = "sk_" + "5a" * 32
USER_ID = "user_01K0A000000000000000000001"
PUBLISHABLE = {"x-publishable-api-key": "pk_" + "5b" * 32}
AS_KEY = {"authorization": f"Basic {KEY}"}
AS_USER = {"authorization": "Bearer user-token"}

ACCOUNTS = "/admin/store-credit-accounts"
CARDS = "/admin/gift-cards"
OWN = "/store/store-credit-accounts"
CLAIM = f"{OWN}/claim"

SHOPPERS = 6
UNKNOWN_ERROR = {
    "code": "unknown_error",
    "type": "unknown_error",
    "message": "An unknown error occurred.",
}

Json = dict[str, Any]
Reply = tuple[int, Any]


def shopper_id(number: int) -> str:
    return f"cus_01K0A00000000000000000000{number}"


def as_shopper(number: int) -> dict[str, str]:
    return {**PUBLISHABLE, "authorization": f"Bearer shopper-{number}-token"}


def account(number: int, balance: str = "0", **members: Any) -> Json:
    """A seed account with one credit, or none."""
    line = {
        "id": f"sc_trx_01K0D{number:021d}",
        "type": "credit",
        "amount": Decimal(balance),
        "reference": "user",
        "reference_id": USER_ID,
        "created_at": "now-9d",
    }
    return {
        "id": account_id(number),
        "code": f"SC-{number:04d}",
        "currency_code": "usd",
        "created_at": "now-10d",
        "ledger": [line] if Decimal(balance) else [],
        **members,
    }


def account_id(number: int) -> str:
    return f"sc_acc_01K0B{number:021d}"


def section(
    *,
    accounts: Sequence[Json] = (),
    gift_cards: Sequence[Json] = (),
    defects: Json | None = None,
) -> Json:
    numbers = range(1, SHOPPERS + 1)
    return {
        "credentials": {
            "users": [
                {
                    "id": USER_ID,
                    "email": "admin@example.com",
                    "password": "correct",
                    "tokens": ["user-token"],
                }
            ],
            "secret_keys": [{"id": KEY_ID, "key": KEY}],
            "publishable_keys": [PUBLISHABLE["x-publishable-api-key"]],
            "customer_tokens": [
                {"token": f"shopper-{number}-token", "customer_id": shopper_id(number)}
                for number in numbers
            ],
        },
        "customers": [
            {
                "id": shopper_id(number),
                "email": f"shopper-{number}@example.com",
                "created_at": "now-30d",
            }
            for number in numbers
        ],
        "accounts": list(accounts),
        "gift_cards": list(gift_cards),
        "defects": defects,
    }


def frozen_clock() -> Clock:
    clock = Clock()
    clock.set(NOW)
    return clock


def client_of(content: Json, clock: Clock | None = None) -> httpx.AsyncClient:
    """An admin's with the secret key, unless a request brings credentials of its own."""
    app = create_medusa(content, clock or frozen_clock())
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://medusa.example", headers=AS_KEY)


async def post(
    client: httpx.AsyncClient, path: str, body: object, headers: dict[str, str] | None = None
) -> Reply:
    """A body in bytes is sent as it is."""
    answer = await client.post(
        path,
        content=body if isinstance(body, bytes) else exact_json.dumps(body),
        headers={"content-type": "application/json", **(headers or {})},
    )
    return answer.status_code, exact_json.loads(answer.content)


async def get(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return exact_json.loads(answer.content)


async def totals(client: httpx.AsyncClient, identifier: str) -> tuple[Any, Any, Any]:
    """Credits, debits and balance."""
    shown = await get(client, f"{ACCOUNTS}/{identifier}?fields=credits,debits,balance")
    found = shown["store_credit_account"]
    return found["credits"], found["debits"], found["balance"]


async def balance(client: httpx.AsyncClient, identifier: str) -> Any:
    return (await totals(client, identifier))[2]


async def ledger(client: httpx.AsyncClient, identifier: str, query: str = "") -> list[Json]:
    path = f"{ACCOUNTS}/{identifier}/transactions?limit=1000&{query}"
    lines: list[Json] = (await get(client, path))["transactions"]
    return lines


def refused(message: str) -> Reply:
    return 400, {"type": "invalid_data", "message": message}
