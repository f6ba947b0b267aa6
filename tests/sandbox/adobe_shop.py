"""A small shop of the Adobe Commerce stand-in, and a client that says and hears exact numbers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import httpx

from sandbox import exact_json
from sandbox.adobe import create_adobe
from sandbox.clock import Clock

NOW: Final = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)
PERMISSION: Final = "Magento_Company::credit_history"

GRANTED, NEVER_GRANTED, EUROPEAN = 1, 2, 3
"""Of the companies 101 to 103: limit 0 USD and no limit in USD, both without history; 1000 EUR."""

SECTION: Final[Mapping[str, Any]] = {
    "credentials": [
        {"token": "admin", "kind": "admin", "permissions": [PERMISSION], "user_id": 8},
        {"token": "customers-only", "permissions": ["Magento_Customer::customer"]},
    ],
    "admins": [{"id": 8, "username": "clerk", "password": "s3cret", "permissions": [PERMISSION]}],
    "integrations": [
        {
            "id": 5,
            "consumer_key": "ck",
            "consumer_secret": "cs&1",
            "access_token": "at",
            "access_token_secret": "as/2",
            "permissions": [PERMISSION],
        },
        {
            "id": 6,
            "consumer_key": "revoked",
            "consumer_secret": "cs",
            "access_token": "revoked-token",
            "access_token_secret": "as",
            "permissions": [PERMISSION],
            "revoked": True,
        },
    ],
    "ims_clients": [
        {
            "client_id": "client",
            "client_secret": "hush",
            "organization": "ORG@AdobeOrg",
            "permissions": [PERMISSION],
        }
    ],
    "websites": [
        {"id": 1, "base_currency": "USD"},
        {"id": 2, "base_currency": "EUR"},
        {"id": 3, "base_currency": "JPY"},
    ],
    "rates": [
        {"from": "USD", "to": "EUR", "rate": Decimal("0.8")},
        {"from": "EUR", "to": "USD", "rate": Decimal("1.2")},
    ],
    "customers": [
        {
            "id": 7,
            "email": "dana@example.com",
            "website_id": 1,
            "created_at": "2025-01-05T08:00:00Z",
            "updated_at": "2025-01-05T08:00:00Z",
            "firstname": "Dana",
            "lastname": "Reyes",
        }
    ],
    "companies": [
        {
            "id": number,
            "company_name": f"Company {number}",
            "company_email": f"office@c{number}.example",
            "super_user_id": 7,
        }
        for number in (101, 102, 103)
    ],
    "credits": [
        {
            "id": GRANTED,
            "company_id": 101,
            "balance": 0,
            "credit_limit": 0,
            "currency_code": "USD",
        },
        {"id": NEVER_GRANTED, "company_id": 102, "balance": 0, "currency_code": "USD"},
        {
            "id": EUROPEAN,
            "company_id": 103,
            "balance": -400,
            "credit_limit": 1000,
            "currency_code": "EUR",
            "history": [
                {
                    "datetime": "now-1d",
                    "type": 2,
                    "amount": -400,
                    "balance": -400,
                    "credit_limit": 1000,
                }
            ],
        },
    ],
}


def frozen_clock() -> Clock:
    clock = Clock()
    clock.set(NOW)
    return clock


class ShopClient:
    """Asks as an administrator unless *headers* say otherwise."""

    def __init__(self, clock: Clock | None = None, **switches: str) -> None:
        self.clock = clock or frozen_clock()
        adobe = create_adobe({**SECTION, "switches": switches}, self.clock)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=adobe),
            base_url="http://shop.example/rest/default",
            headers={"Authorization": "Bearer admin"},
        )

    async def send(self, method: str, path: str, body: object) -> httpx.Response:
        return await self.http.request(
            method,
            path,
            content=exact_json.dumps(body),
            headers={"Content-Type": "application/json"},
        )

    async def move(self, direction: str, credit_id: object, **body: object) -> httpx.Response:
        """*direction* is increase or decrease; the currency is USD unless given."""
        path = f"/V1/companyCredits/{credit_id}/{direction}Balance"
        return await self.send("POST", path, {"currency": "USD", **body})

    async def moved(self, direction: str, credit_id: int, **body: object) -> None:
        answer = await self.move(direction, credit_id, **body)
        assert (answer.status_code, answer.content) == (200, b"true"), answer.text

    async def put(self, credit_id: object, **members: object) -> httpx.Response:
        """Company and currency are those of the record in USD unless given."""
        credit_limit = {"company_id": 101, "currency_code": "USD", **members}
        return await self.send(
            "PUT", f"/V1/companyCredits/{credit_id}", {"creditLimit": credit_limit}
        )

    async def note(self, row_id: object, **body: object) -> httpx.Response:
        return await self.send("PUT", f"/V1/companyCredits/history/{row_id}", body)

    async def credit(self, credit_id: int) -> dict[str, Any]:
        return await self._read(f"/V1/companyCredits/{credit_id}")

    async def credit_of(self, company_id: int) -> dict[str, Any]:
        return await self._read(f"/V1/companyCredits/company/{company_id}")

    async def rows(self, credit_id: int) -> list[dict[str, Any]]:
        """Oldest first."""
        place = "searchCriteria[filterGroups][0][filters][0]"
        order = "searchCriteria[sortOrders][0]"
        found = await self._read(
            f"/V1/companyCredits/history?{place}[field]=company_credit_id&{place}[value]={credit_id}"
            f"&{order}[field]=entity_id&{order}[direction]=ASC"
        )
        return list(found["items"])

    async def last_row(self, credit_id: int) -> dict[str, Any]:
        return (await self.rows(credit_id))[-1]

    async def _read(self, path: str) -> dict[str, Any]:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return dict(exact_json.loads(answer.content))


def refusal(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, exact_json.loads(answer.content)


def required(name: str) -> dict[str, Any]:
    return {
        "message": '"%fieldName" is required. Enter and try again.',
        "parameters": {"fieldName": name},
    }


def unsupported(name: str) -> dict[str, Any]:
    return {
        "message": '"%fieldName" is not supported. Correct the field name and try again.',
        "parameters": {"fieldName": name},
    }


def wrong_type(value: str, kind: str) -> dict[str, Any]:
    return {
        "message": f'The "{value}" value\'s type is invalid. The "{kind}" type was expected. '
        "Verify and try again."
    }


def bad_value(name: str, value: object) -> dict[str, Any]:
    return {
        "message": "Invalid attribute value. Row ID: %fieldName = %fieldValue.",
        "parameters": {"fieldName": name, "fieldValue": value},
    }


MISFIT: Final = {
    "message": "Cannot process the request. Please check the operation type and try again."
}
UNKNOWN_CREDIT: Final = {
    "message": "Requested company is not found. Row ID: %fieldName = %fieldValue.",
    "parameters": {"fieldName": "CompanyCreditID", "fieldValue": 999},
}
