"""What the gift card stand-in takes and answers when money moves, against the official file."""

from collections.abc import AsyncIterator, Mapping
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator

from sandbox.exact_json import loads
from tests.sandbox.giftcard_shop import Shop, answered, open_shop, order, path_of

SPEC = Path(__file__).parents[2] / "../shared/providers/specs/vtex-giftcard.patched.openapi.json"
CARDS = "/api/giftcards"
TRANSACTIONS = f"{CARDS}/{{giftCardId}}/transactions"
TRANSACTION = f"{TRANSACTIONS}/{{transactionId}}"

pytestmark = pytest.mark.skipif(
    not SPEC.is_file(), reason="the official OpenAPI file (../shared/providers/specs) is not here"
)


class Spec:
    """The bodies of one OpenAPI 3.0 file, as JSON Schema."""

    def __init__(self) -> None:
        self._document = loads(SPEC.read_bytes())

    def check(self, path: str, verb: str, exchange: httpx.Response) -> None:
        operation = self._document["paths"][path][verb]
        if verb == "post":
            asked = operation["requestBody"]["content"][_media_type(exchange.request)]["schema"]
            self._compare(asked, loads(exchange.request.content))
        given = operation["responses"]["200"]["content"][_media_type(exchange)]["schema"]
        self._compare(given, loads(exchange.content))

    def example(self, schema: str) -> Any:
        """The example values of a schema's members."""
        return _example(self._plain({"$ref": f"#/components/schemas/{schema}"}))

    def required(self, schema: str) -> list[str]:
        return list(self._document["components"]["schemas"][schema]["required"])

    def _compare(self, schema: Any, body: Any) -> None:
        faults = [e.message for e in Draft4Validator(self._plain(schema)).iter_errors(body)]
        assert not faults, faults

    def _plain(self, schema: Any) -> Any:
        """Without references, and with `nullable` as JSON Schema says it."""
        if isinstance(schema, list):
            return [self._plain(part) for part in schema]
        if not isinstance(schema, Mapping):
            return schema
        if "$ref" in schema:
            return self._plain(self._document["components"]["schemas"][schema["$ref"][21:]])
        plain = {name: self._plain(part) for name, part in schema.items()}
        if plain.pop("nullable", None) is True:
            plain["type"] = [plain["type"], "null"]
        return plain


def _media_type(message: httpx.Request | httpx.Response) -> str:
    return str(message.headers["Content-Type"])


def _example(schema: Any) -> Any:
    if "example" in schema:
        return schema["example"]
    if schema["type"] == "array":
        return [_example(schema["items"])]
    return {name: _example(part) for name, part in schema["properties"].items()}


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as shop:
        yield shop


@pytest.fixture(scope="module")
def spec() -> Spec:
    return Spec()


async def test_a_cards_whole_life_fits_the_official_file(shop: Shop, spec: Spec) -> None:
    wanted = spec.example("CreateGiftCardRequest") | {"expiringDate": "2027-09-01T13:15:30Z"}
    made = await shop.post("", wanted)
    spec.check(CARDS, "post", made)
    card = answered(made)
    spec.check(TRANSACTIONS, "post", await shop.transact(card, "Credit", Decimal("500.0000"), "1"))
    debit = await shop.transact(card, "Debit", Decimal("120.5"), "2", orderInfo=order())
    spec.check(TRANSACTIONS, "post", debit)
    path = f"{path_of(card)}/transactions/{debit.json()['id']}"
    for kind in ("settlements", "cancellations"):
        spec.check(f"{TRANSACTION}/{kind}", "post", await shop.move(path, kind, Decimal("17.4")))

    spec.check(f"{CARDS}/{{giftCardId}}", "get", await shop.get(path_of(card)))
    spec.check(TRANSACTIONS, "get", await shop.get(f"{path_of(card)}/transactions"))
    spec.check(TRANSACTION, "get", await shop.get(path))
    for below in ("authorization", "settlements", "cancellations"):
        spec.check(f"{TRANSACTION}/{below}", "get", await shop.get(f"{path}/{below}"))


async def test_the_order_of_the_official_file_is_taken(shop: Shop, spec: Spec) -> None:
    card = await shop.issue()
    info = spec.example("OrderInfo")
    response = await shop.transact(card, "Credit", 3, "1", orderInfo=info)

    spec.check(TRANSACTIONS, "post", response)


async def test_what_the_official_file_requires_is_required(shop: Shop, spec: Spec) -> None:
    card = await shop.issue()
    debit = await shop.credit(card, 10)
    places = {
        "CreateGiftCardRequest": "",
        "CreateGiftCardTransactionRequest": f"{path_of(card)}/transactions",
        "GiftCardTransactionRequest": f"{debit}/cancellations",
    }
    for schema, path in places.items():
        for name in spec.required(schema):
            body = {k: v for k, v in spec.example(schema).items() if k != name}
            response = await shop.post(path, body)
            assert response.status_code == 400, (schema, name)
            assert response.json()["message"] == f"body.{name} is required."


@pytest.mark.parametrize("place", ["Cart1", "Item2", "ClientProfile", "Shipping"])
async def test_what_it_requires_of_an_order_is_required(shop: Shop, spec: Spec, place: str) -> None:
    card = await shop.issue()
    for name in spec.required(place):
        info = deepcopy(spec.example("OrderInfo"))
        inside = {
            "Cart1": info["cart"],
            "Item2": info["cart"]["items"][0],
            "ClientProfile": info["clientProfile"],
            "Shipping": info["shipping"],
        }[place]
        del inside[name]
        response = await shop.transact(card, "Credit", 3, "1", orderInfo=info)
        assert response.status_code == 400, name
        assert response.json()["message"].endswith(f".{name} is required.")
