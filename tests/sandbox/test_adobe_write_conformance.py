"""Writes to the Adobe Commerce stand-in, both ways, against the published schema."""

import json
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator, ValidationError

from tests.sandbox.adobe_shop import GRANTED, ShopClient
from tests.sandbox.test_adobe_conformance import SPECIFICATION, strict_json_schema

pytestmark = pytest.mark.skipif(
    not SPECIFICATION.exists(), reason=f"the OpenAPI file {SPECIFICATION.name} is not here"
)

CREDIT = ("put", "/V1/companyCredits/{creditId}")
INCREASE = ("post", "/V1/companyCredits/{creditId}/increaseBalance")
DECREASE = ("post", "/V1/companyCredits/{creditId}/decreaseBalance")
NOTE = ("put", "/V1/companyCredits/history/{historyId}")
TOKEN = ("post", "/V1/integration/admin/token")

MOVE = {"value": 1, "currency": "USD", "operationType": 2}
LIMIT = {"company_id": 101, "currency_code": "USD", "credit_limit": 5000, "exceed_limit": False}
OPTIONS = {
    "purchase_order": "gw-1",
    "custom_reference_number": "gw-1",
    "order_increment": "000000412",
    "currency_display": "USD",
    "currency_base": "USD",
}

Call = tuple[str, str]


def operation(call: Call) -> Any:
    method, path = call
    return json.loads(SPECIFICATION.read_text())["paths"][path][method]


def check(schema: Any, document: object) -> None:
    components = json.loads(SPECIFICATION.read_text())["components"]["schemas"]
    Draft4Validator(
        {"components": {"schemas": strict_json_schema(components)}, **strict_json_schema(schema)}
    ).validate(document)


def check_request(call: Call, body: object) -> None:
    check(operation(call)["requestBody"]["content"]["application/json"]["schema"], body)


def published(call: Call, status: int) -> Any:
    """The JSON answer that the schema has for *status*."""
    answer = operation(call)["responses"][str(status)]
    if "$ref" in answer:
        responses = json.loads(SPECIFICATION.read_text())["components"]["responses"]
        answer = responses[answer["$ref"].rpartition("/")[2]]
    return answer["content"]["application/json"]


async def send(shop: ShopClient, call: Call, record: object, body: object) -> httpx.Response:
    method, path = call
    for name in ("{creditId}", "{historyId}"):
        path = path.replace(name, str(record))
    return await shop.send(method.upper(), path, body)


async def shop_with_a_payment() -> tuple[ShopClient, int]:
    shop = ShopClient()
    await shop.moved("increase", GRANTED, value=1, operationType=4)
    return shop, (await shop.last_row(GRANTED))["id"]


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (CREDIT, {"creditLimit": LIMIT}),
        (CREDIT, {"creditLimit": {"company_id": 101, "currency_code": "EUR"}}),
        (CREDIT, {"creditLimit": {**LIMIT, "id": 1, "credit_comment": "raised"}}),
        (INCREASE, MOVE),
        (INCREASE, {**MOVE, "comment": "ref gw-1", "options": OPTIONS}),
        *((INCREASE, {**MOVE, "operationType": one}) for one in (4, 5, 6)),
        *((DECREASE, {**MOVE, "operationType": one}) for one in (2, 3, 4)),
        (DECREASE, {**MOVE, "currency": "EUR"}),
        (NOTE, {"purchaseOrder": "gw-1", "comment": "wire"}),
        (NOTE, {}),
        (TOKEN, {"username": "clerk", "password": "s3cret"}),
    ],
)
async def test_what_the_schema_allows_is_done_and_answered_by_the_schema(
    call: Call, body: object
) -> None:
    check_request(call, body)
    shop, row_id = await shop_with_a_payment()
    answer = await send(shop, call, row_id if call == NOTE else GRANTED, body)
    assert answer.status_code == 200, answer.text
    check(published(call, 200)["schema"], answer.json())


@pytest.mark.parametrize("call", [INCREASE, DECREASE, NOTE, TOKEN])
async def test_what_the_schema_gives_as_an_example_is_understood(call: Call) -> None:
    body = operation(call)["requestBody"]["content"]["application/json"]["example"]
    shop, row_id = await shop_with_a_payment()
    answer = await send(shop, call, row_id if call == NOTE else GRANTED, body)
    assert answer.status_code == (401 if call == TOKEN else 200), answer.text


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (CREDIT, {}),
        (CREDIT, {"creditLimit": {"company_id": 101}}),
        (CREDIT, {"creditLimit": {**LIMIT, "credit_limit": -1}}),
        (CREDIT, {"creditLimit": {**LIMIT, "currency_code": "DOLLAR"}}),
        (CREDIT, {"creditLimit": {**LIMIT, "exceed_limit": "no"}}),
        (CREDIT, {"creditLimit": {**LIMIT, "balance": 5}}),
        (INCREASE, {**MOVE, "value": -1}),
        (INCREASE, {**MOVE, "value": "1"}),
        (INCREASE, {**MOVE, "operationType": 3}),
        (INCREASE, {"value": 1, "currency": "USD"}),
        (DECREASE, {**MOVE, "operationType": 1}),
        (DECREASE, {**MOVE, "options": {"purchase_order": "x" * 61}}),
        (DECREASE, {**MOVE, "options": {"reference": "x"}}),
        (NOTE, {"purchaseOrder": "x" * 61}),
        (NOTE, {"comment": 5}),
        (TOKEN, {"username": "clerk"}),
    ],
)
async def test_what_the_schema_forbids_is_refused_by_the_schema(call: Call, body: object) -> None:
    with pytest.raises(ValidationError):
        check_request(call, body)
    shop, row_id = await shop_with_a_payment()
    answer = await send(shop, call, row_id if call == NOTE else GRANTED, body)
    assert answer.status_code == 400
    check(published(call, 400)["schema"], answer.json())


@pytest.mark.parametrize(
    ("call", "record", "body", "status", "example"),
    [
        (CREDIT, 999, {"creditLimit": LIMIT}, 404, None),
        (CREDIT, 1, {"creditLimit": {**LIMIT, "company_id": 5}}, 400, "company_mismatch"),
        (CREDIT, 1, {"creditLimit": {**LIMIT, "credit_limit": -1}}, 400, "bad_limit"),
        (INCREASE, 999, MOVE, 404, None),
        (INCREASE, 1, {**MOVE, "operationType": 3}, 400, "operation_type"),
        (INCREASE, 1, {**MOVE, "value": -5}, 400, "bad_value"),
        (INCREASE, 1, {"value": 1}, 400, "missing_many"),
        (DECREASE, 999, MOVE, 404, None),
        (DECREASE, 1, {**MOVE, "operationType": 6}, 400, "operation_type"),
        (DECREASE, 1, {**MOVE, "value": -5}, 400, "bad_value"),
        (DECREASE, 1, {"value": 1}, 400, "missing_many"),
        (NOTE, 999, {}, 404, None),
        (NOTE, 1, {}, 400, None),
        (TOKEN, None, {"password": "x"}, 400, None),
        (TOKEN, None, {"username": "clerk", "password": "x"}, 401, None),
    ],
)
async def test_a_refusal_equals_the_published_example(
    call: Call, record: object, body: object, status: int, example: str | None
) -> None:
    answer = await send(ShopClient(), call, record, body)
    assert answer.status_code == status
    wanted = published(call, status)
    assert answer.json() == (wanted["examples"][example]["value"] if example else wanted["example"])


async def test_rows_left_by_writes_fit_the_published_schema() -> None:
    shop, row_id = await shop_with_a_payment()
    await shop.note(row_id, comment="wire")
    await shop.moved("decrease", GRANTED, **{**MOVE, "currency": "EUR"}, options=OPTIONS)
    await shop.put(GRANTED, currency_code="EUR", credit_limit=5, exceed_limit=True)
    answer = await shop.http.get("/V1/companyCredits/history?searchCriteria=")
    assert answer.json()["total_count"] == 4
    check(published(("get", "/V1/companyCredits/history"), 200)["schema"], answer.json())
