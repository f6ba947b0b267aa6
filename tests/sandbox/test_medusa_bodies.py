"""Bodies that the write routes refuse, and in which words."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.sandbox.medusa_shop import (
    ACCOUNTS,
    CARDS,
    CLAIM,
    account,
    account_id,
    as_shopper,
    balance,
    client_of,
    get,
    post,
    refused,
    section,
)

CREDIT = f"{ACCOUNTS}/{account_id(1)}/credit"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(section(accounts=[account(1)])) as client:
        yield client


def wrong(name: str, kind: str, got: str) -> str:
    return f"Expected type: '{kind}' for field '{name}', got: '{got}'"


@pytest.mark.parametrize(
    ("path", "body", "faults"),
    [
        (ACCOUNTS, "{}", ["Field 'currency_code' is required"]),
        (ACCOUNTS, '{"currency_code":5}', [wrong("currency_code", "string", "5")]),
        (ACCOUNTS, '{"currency_code":{}}', [wrong("currency_code", "string", "[object Object]")]),
        (
            ACCOUNTS,
            '{"currency_code":[1,"a",null,[true,{}]]}',
            [wrong("currency_code", "string", "1,a,,true,[object Object]")],
        ),
        (
            ACCOUNTS,
            '{"z":1,"metadata":[1],"customer_id":null,"a":2}',
            [
                "Field 'currency_code' is required",
                wrong("customer_id", "string", "null"),
                wrong("metadata", "record", "1"),
                "Unrecognized fields: 'z, a'",
            ],
        ),
        (CREDIT, "{}", ["Field 'amount' is required"]),
        (CREDIT, '{"amount":"5"}', [wrong("amount", "number", "5")]),
        (CREDIT, '{"amount":null}', [wrong("amount", "number", "null")]),
        (CREDIT, '{"amount":true}', [wrong("amount", "number", "true")]),
        (CREDIT, '{"amount":[5]}', [wrong("amount", "number", "5")]),
        (CREDIT, '{"amount":1e400}', [wrong("amount", "number", "Infinity")]),
        (CREDIT, '{"amount":-1e400}', [wrong("amount", "number", "-Infinity")]),
        (CREDIT, f'{{"amount":{"9" * 5000}}}', [wrong("amount", "number", "Infinity")]),
        (CREDIT, '{"amount":1,"note":null}', [wrong("note", "string", "null")]),
        (CREDIT, '{"amount":1,"note":1e21}', [wrong("note", "string", "1e+21")]),
        (
            CREDIT,
            '{"reference_id":"x","amount":1,"reference":"y"}',
            ["Unrecognized fields: 'reference_id, reference'"],
        ),
        (
            CARDS,
            '{"value":0.99}',
            [
                "Field 'currency_code' is required",
                "Value for field 'value' too small, expected at least: '1'",
            ],
        ),
        (CARDS, '{"currency_code":"","value":"1"}', [wrong("value", "number", "1")]),
        (
            CARDS,
            '{"currency_code":"usd","value":1,"status":"paid","code":null,"note":1}',
            [
                wrong("code", "string", "null"),
                "Expected: 'pending, redeemed' for field 'status', but got: 'paid'",
                wrong("note", "string", "1"),
            ],
        ),
        (
            CARDS,
            '{"currency_code":"usd","value":1,"expires_at":5,"metadata":null}',
            [wrong("expires_at", "string", "5"), wrong("metadata", "record", "null")],
        ),
        (f"{CARDS}/gcard_none", '{"status":""}', ["Expected: 'pending, redeemed' for field"]),
        (f"{CARDS}/gcard_none", '{"code":"X"}', ["Unrecognized fields: 'code'"]),
    ],
)
async def test_every_fault_is_named_in_schema_order(
    client: httpx.AsyncClient, path: str, body: str, faults: list[str]
) -> None:
    status, answer = await post(client, path, body.encode())
    assert (status, answer["type"]) == (400, "invalid_data")
    assert answer["message"].startswith(f"Invalid request: {'; '.join(faults)}")
    assert answer["message"].count(";") == len(faults) - 1


@pytest.mark.parametrize("text", ["{name}", "{0}", "%s", "'; "])
async def test_a_text_is_quoted_as_it_is(client: httpx.AsyncClient, text: str) -> None:
    message = f"Invalid request: {wrong('amount', 'number', text)}"
    assert await post(client, CREDIT, {"amount": text}) == refused(message)


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/merge-patch+json"])
async def test_a_body_of_another_type_is_not_read(
    client: httpx.AsyncClient, media_type: str
) -> None:
    answer = await client.post(
        CREDIT, content=b'{"amount":1}', headers={"content-type": media_type}
    )
    expected = refused("Invalid request: Field 'amount' is required")
    assert (answer.status_code, answer.json()) == expected


async def test_a_form_opens_an_account_and_cannot_move_money(client: httpx.AsyncClient) -> None:
    opened = await client.post(ACCOUNTS, data={"currency_code": "usd", "metadata[a]": "1"})
    assert opened.json()["store_credit_account"]["metadata"] == {"a": "1"}
    moved = await client.post(CREDIT, data={"amount": "5"})
    message = f"Invalid request: {wrong('amount', 'number', '5')}"
    assert (moved.status_code, moved.json()) == refused(message)


@pytest.mark.parametrize("body", [b"[]", b"", b'[{"amount":1}]'])
async def test_a_list_or_nothing_is_an_empty_body(client: httpx.AsyncClient, body: bytes) -> None:
    assert await post(client, CREDIT, body) == refused(
        "Invalid request: Field 'amount' is required"
    )


@pytest.mark.parametrize("depth", [100, 20_000])
async def test_a_bottomless_body_is_malformed(client: httpx.AsyncClient, depth: int) -> None:
    body = f'{{"currency_code":"usd","metadata":{{"a":{"[" * depth}{"]" * depth}}}}}'
    status, answer = await post(client, ACCOUNTS, body.encode())
    assert (status, answer["type"]) == (400, "invalid_data")
    assert (await get(client, ACCOUNTS))["count"] == 1


async def test_a_body_above_100_kb_moves_nothing(client: httpx.AsyncClient) -> None:
    status, _ = await post(client, CREDIT, {"amount": 1, "note": "x" * 100 * 1024})
    assert (status, await balance(client, account_id(1))) == (413, 0)


async def test_metadata_comes_back_as_javascript_and_the_database_leave_it(
    client: httpx.AsyncClient,
) -> None:
    body = b'{"currency_code":"usd","metadata":{"a":1.50,"b":1e400,"c":12345678901234567890}}'
    answer = await client.post(ACCOUNTS, content=body, headers={"content-type": "application/json"})
    assert '"metadata":{"a":1.5,"b":null,"c":12345678901234567000}' in answer.text


@pytest.mark.parametrize("path", [ACCOUNTS, CREDIT, CARDS, CLAIM])
async def test_malformed_json_goes_before_credentials(client: httpx.AsyncClient, path: str) -> None:
    status, answer = await post(client, path, b"{bad", {"authorization": ""})
    assert (status, answer["message"][:22]) == (400, "Expected property name")


@pytest.mark.parametrize("path", [ACCOUNTS, CREDIT, CARDS, f"{CARDS}/gcard_none"])
async def test_a_shopper_is_no_admin(client: httpx.AsyncClient, path: str) -> None:
    assert await post(client, path, {"amount": 1}, as_shopper(1)) == (
        401,
        {"message": "Unauthorized"},
    )
