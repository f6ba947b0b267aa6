"""Every readable VTEX answer of the built-in data against the (patched) official OpenAPI files."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator
from starlette.types import ASGIApp

from sandbox.clock import Clock
from sandbox.exact_json import loads
from sandbox.seed import built_in_section
from sandbox.vtex_credit import create_vtex_credit
from sandbox.vtex_giftcard import create_vtex_giftcard

SPECS = Path(__file__).parents[2] / "../shared/providers/specs"
KEYS = {"X-VTEX-API-AppKey": "vtexappkey-sandbox", "X-VTEX-API-AppToken": "sandbox-vtex-token"}
CREDIT = "vtex-customer-credit.patched.openapi.json"
GIFTCARD = "vtex-giftcard.patched.openapi.json"
ACCOUNT = "/api/creditcontrol/accounts/{creditAccountId}"
TRANSACTION = "/api/giftcards/{giftCardId}/transactions/{transactionId}"

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the official OpenAPI files (../shared/providers/specs) are not here"
)


class Spec:
    """The response schemas of one OpenAPI 3.0 file, as JSON Schema."""

    def __init__(self, name: str) -> None:
        self._document = json.loads((SPECS / name).read_text())

    def check(self, path: str, body: Any, *, verb: str = "get") -> None:
        answer = self._document["paths"][path][verb]["responses"]["200"]
        schema = self._plain(answer["content"]["application/json"]["schema"])
        faults = [e.message for e in Draft4Validator(schema).iter_errors(body)]
        assert not faults, f"{verb} {path}: {faults}"

    def _plain(self, schema: Any) -> Any:
        """Without references, and with `nullable` as JSON Schema says it."""
        if isinstance(schema, list):
            return [self._plain(part) for part in schema]
        if not isinstance(schema, Mapping):
            return schema
        if "$ref" in schema:
            return self._plain(self._referred(schema["$ref"]))
        plain = {name: self._plain(part) for name, part in schema.items()}
        if plain.pop("nullable", None) is True:
            plain["type"] = [plain["type"], "null"]
        return plain

    def _referred(self, reference: str) -> Any:
        found = self._document
        for name in reference.removeprefix("#/").split("/"):
            found = found[name.replace("~1", "/")]
        return found


class Reader:
    def __init__(self, client: httpx.AsyncClient, spec: Spec) -> None:
        self._client = client
        self._spec = spec

    async def get(self, template: str, query: str = "", **ids: str) -> Any:
        response = await self._client.get(template.format(**ids) + query)
        assert response.status_code == 200, response.text
        body = loads(response.content)
        self._spec.check(template, body)
        return body

    async def search(self, email: str) -> Any:
        amounts = dict.fromkeys(("grandTotal", "discounts", "shipping", "taxes", "itemsTotal"), 0)
        cart: dict[str, Any] = {**amounts, "relationName": None, "redemptionCode": "", "items": []}
        request = {"cart": cart, "client": {"id": "", "email": email, "document": ""}}
        response = await self._client.post(
            "/api/giftcards/_search", json=request, headers={"REST-Range": "resources=0-99"}
        )
        body = loads(response.content)
        self._spec.check("/api/giftcards/_search", body, verb="post")
        return body


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://vtex.example", headers=KEYS)


@pytest.fixture
async def credit() -> AsyncIterator[Reader]:
    async with client_of(create_vtex_credit(built_in_section("vtex_credit"), Clock())) as client:
        yield Reader(client, Spec(CREDIT))


@pytest.fixture(params=[False, True], ids=["envelope", "older-array"])
async def giftcard(request: pytest.FixtureRequest) -> AsyncIterator[Reader]:
    defects = {"bare_array_search": request.param, "captions_on_reading": request.param}
    section = built_in_section("vtex_giftcard") | {"defects": defects}
    async with client_of(create_vtex_giftcard(section, Clock())) as client:
        yield Reader(client, Spec(GIFTCARD))


async def test_every_credit_answer_fits_the_official_file(credit: Reader) -> None:
    accounts = await credit.get("/api/creditcontrol/accounts", "?from=1&to=100")
    for account_id in (account["id"] for account in accounts["data"]):
        await credit.get(ACCOUNT, creditAccountId=account_id)
        await credit.get(f"{ACCOUNT}/statements", creditAccountId=account_id)
        invoices = await credit.get(f"{ACCOUNT}/invoices", creditAccountId=account_id)
        for invoice in invoices["data"]:
            await credit.get(
                f"{ACCOUNT}/invoices/{{invoiceId}}",
                creditAccountId=account_id,
                invoiceId=invoice["id"],
            )
    found = await credit.get("/api/creditcontrol/invoices", "?from=1&to=500")
    assert found["summary"]["count"] > 60
    await credit.get("/api/creditcontrol/storeconfig")


async def test_every_giftcard_answer_fits_the_official_file(giftcard: Reader) -> None:
    for card_id in [card_id async for card_id in _all_cards(giftcard)]:
        await giftcard.get("/api/giftcards/{giftCardId}", giftCardId=card_id)
        references = await giftcard.get(
            "/api/giftcards/{giftCardId}/transactions", giftCardId=card_id
        )
        for transaction_id in _ids(references):
            for path in ("", "/authorization", "/cancellations", "/settlements"):
                await giftcard.get(
                    TRANSACTION + path, giftCardId=card_id, transactionId=transaction_id
                )


async def _all_cards(giftcard: Reader) -> AsyncIterator[str]:
    for name in ("shopper", "buyer", "collector", "overdrawn", "newly-issued"):
        found = await giftcard.search(f"{name}@example.com")
        for card_id in _ids(found if isinstance(found, list) else found["items"]):
            yield card_id


def _ids(listed: list[dict[str, Any]]) -> Iterator[str]:
    return (entry["id"] for entry in listed)
