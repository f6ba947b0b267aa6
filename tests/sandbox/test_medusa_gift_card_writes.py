"""Gift cards are issued and changed; their money lies on an account of nobody."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from sandbox.clock import Clock
from tests.sandbox.medusa_shop import (
    ACCOUNTS,
    CARDS,
    CLAIM,
    NOW,
    PUBLISHABLE,
    UNKNOWN_ERROR,
    Json,
    as_shopper,
    client_of,
    frozen_clock,
    get,
    ledger,
    post,
    refused,
    section,
)


@pytest.fixture
def clock() -> Clock:
    return frozen_clock()


@pytest.fixture
async def client(clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(section(), clock) as client:
        yield client


async def issued(client: httpx.AsyncClient, **members: object) -> Json:
    """The card with its account."""
    body = {"currency_code": "usd", "value": 25, **members}
    status, answer = await post(client, f"{CARDS}?fields=*store_credit_account", body)
    assert status == 200, answer
    card: Json = answer["gift_card"]
    return card


async def test_a_card_has_a_code_and_the_defaults(client: httpx.AsyncClient) -> None:
    card = await issued(client)
    assert re.fullmatch(r"gcard_[0-9A-HJKMNP-TV-Z]{26}", card.pop("id"))
    code = card.pop("code").replace("-", "")
    assert re.fullmatch(r"GIFT[A-HJ-NP-Z2-9]{16}", code)
    assert code[4:10] == code[14:]
    del card["store_credit_account"]
    assert card == {
        "status": "redeemed",
        "value": 25,
        "currency_code": "usd",
        "line_item_id": None,
        "reference_id": None,
        "reference": None,
        "expires_at": None,
        "note": None,
        "updated_at": "2026-03-01T12:00:00.000Z",
        "created_at": "2026-03-01T12:00:00.000Z",
        "metadata": None,
    }


async def test_its_account_is_nobodys_and_holds_the_value(client: httpx.AsyncClient) -> None:
    card = await issued(client, value=Decimal("5.25"))
    behind = card["store_credit_account"]
    assert (behind["customer_id"], behind["currency_code"]) == (None, "usd")
    assert (behind["credits"], behind["debits"]) == (Decimal("5.25"), 0)
    [line] = await ledger(client, behind["id"])
    assert (line["type"], line["amount"]) == ("credit", Decimal("5.25"))
    assert (line["reference"], line["reference_id"]) == ("gift_card", card["id"])
    assert line["note"] == "Gift card redemption"


async def test_all_keys_are_kept_but_the_status(client: httpx.AsyncClient) -> None:
    members = {
        "code": "WELCOME",
        "expires_at": "2030-01-01T02:00:00+02:00",
        "reference": "order",
        "reference_id": "order_1",
        "line_item_id": "li_1",
        "note": "Gift",
        "metadata": {"a": [1, Decimal("2.50"), None]},
    }
    card = await issued(client, status="pending", **members)
    kept = {**members, "expires_at": "2030-01-01T00:00:00.000Z", "status": "redeemed"}
    assert {name: card[name] for name in kept} == kept


async def test_it_is_read_again_by_id_by_code_and_in_the_list(client: httpx.AsyncClient) -> None:
    card = await issued(client, code="WELCOME")
    assert (await get(client, f"{CARDS}/{card['id']}"))["gift_card"]["code"] == "WELCOME"
    assert [row["id"] for row in (await get(client, f"{CARDS}?q=welc"))["gift_cards"]] == [
        card["id"]
    ]
    client.headers.update(PUBLISHABLE)
    assert (await get(client, "/store/gift-cards/WELCOME"))["gift_card"]["id"] == card["id"]
    assert await get(client, f"{CARDS}/{card['id']}/orders") == {"orders": []}


async def test_a_code_is_taken_once_and_case_counts(client: httpx.AsyncClient) -> None:
    body = {"currency_code": "usd", "value": 5, "code": "WELCOME"}
    await issued(client, code="WELCOME")
    assert await post(client, CARDS, body) == refused(
        "Loyalty gift card with code: WELCOME, already exists."
    )
    assert (await post(client, CARDS, {**body, "code": "welcome"}))[0] == 200
    assert (await get(client, ACCOUNTS))["count"] == 2


async def test_empty_codes_are_drawn(client: httpx.AsyncClient) -> None:
    codes = {(await issued(client, code=""))["code"] for _ in range(5)}
    assert len(codes) == 5
    assert all(code.startswith("GIFT-") for code in codes)


async def test_any_currency_text_passes_an_empty_one_too(client: httpx.AsyncClient) -> None:
    for currency in ("", "zzz"):
        card = await issued(client, currency_code=currency)
        assert card["store_credit_account"]["currency_code"] == currency


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2031-05-05", "2031-05-05T00:00:00.000Z"),
        ("2031-05", "2031-05-01T00:00:00.000Z"),
        ("2031", "2031-01-01T00:00:00.000Z"),
        ("2031-05-05T10:00", "2031-05-05T10:00:00.000Z"),
        ("2031-05-05T10:00:00.123456Z", "2031-05-05T10:00:00.123Z"),
        ("2031-05-05T23:30:00-01:00", "2031-05-06T00:30:00.000Z"),
        ("1999-01-01", "1999-01-01T00:00:00.000Z"),
        (None, None),
    ],
)
async def test_an_expiry_may_be_any_date(
    client: httpx.AsyncClient, written: str | None, kept: str | None
) -> None:
    assert (await issued(client, expires_at=written))["expires_at"] == kept


@pytest.mark.parametrize(
    "written", ["soon", "", "2031-02-30", "2031-13", "0000", "9999-12-31T23:59:59-12:00"]
)
async def test_an_expiry_that_is_no_date_is_500_and_issues_nothing(
    client: httpx.AsyncClient, written: str
) -> None:
    body = {"currency_code": "usd", "value": 5, "expires_at": written}
    assert await post(client, CARDS, body) == (500, UNKNOWN_ERROR)
    assert (await get(client, ACCOUNTS))["count"] == 0


@pytest.mark.parametrize("name", ["code", "note", "reference", "currency_code"])
async def test_a_nul_character_is_500_and_issues_nothing(
    client: httpx.AsyncClient, name: str
) -> None:
    body = {"currency_code": "usd", "value": 5, name: "\0"}
    assert await post(client, CARDS, body) == (500, UNKNOWN_ERROR)
    assert (await get(client, CARDS))["count"] == (await get(client, ACCOUNTS))["count"] == 0


async def test_its_account_is_credited_debited_and_claimed_like_any_other(
    client: httpx.AsyncClient,
) -> None:
    card = await issued(client, expires_at="1999-01-01")
    behind = card["store_credit_account"]
    await post(client, f"{ACCOUNTS}/{behind['id']}/credit", {"amount": 5})
    await post(client, f"{ACCOUNTS}/{behind['id']}/debit", {"amount": 10})
    assert (await post(client, CLAIM, {"code": behind["code"]}, as_shopper(1)))[0] == 200
    [own] = (await get(client, f"{ACCOUNTS}?currency_code=usd&customer_id[$ne]=x"))[
        "store_credit_accounts"
    ]
    assert own["balance"] == 20
    after = await get(client, f"{CARDS}/{card['id']}?fields=value,*store_credit_account")
    assert after["gift_card"]["value"] == 25
    assert after["gift_card"]["store_credit_account"]["balance"] == 0


async def test_a_change_keeps_what_it_does_not_name(
    client: httpx.AsyncClient, clock: Clock
) -> None:
    card = await issued(client, note="old", metadata={"a": 1, "b": 2})
    clock.advance(timedelta(seconds=1))
    change = {"status": "pending", "expires_at": "2031-05-05", "metadata": {"b": 3, "c": 4}}
    path = f"{CARDS}/{card['id']}?fields=*store_credit_account"
    status, answer = await post(client, path, change)
    assert status == 200
    assert answer["gift_card"] == {
        **card,
        "status": "pending",
        "expires_at": "2031-05-05T00:00:00.000Z",
        "metadata": {"a": 1, "b": 3, "c": 4},
        "updated_at": "2026-03-01T12:00:01.000Z",
    }
    assert (await get(client, path))["gift_card"] == answer["gift_card"]


async def test_note_and_expiry_can_be_taken_away(client: httpx.AsyncClient) -> None:
    card = await issued(client, note="old", expires_at="2031-05-05")
    change = {"note": None, "expires_at": None}
    _, answer = await post(client, f"{CARDS}/{card['id']}", change)
    assert (answer["gift_card"]["note"], answer["gift_card"]["expires_at"]) == (None, None)


async def test_an_empty_change_changes_nothing(client: httpx.AsyncClient, clock: Clock) -> None:
    card = await issued(client)
    clock.set(NOW + timedelta(days=1))
    path = f"{CARDS}/{card['id']}?fields=*store_credit_account"
    assert await post(client, path, {}) == (200, {"gift_card": card})


async def test_changes_are_checked_before_the_card_is_looked_for(
    client: httpx.AsyncClient,
) -> None:
    path = f"{CARDS}/gcard_none"
    assert await post(client, path, {"value": 9}) == refused(
        "Invalid request: Unrecognized fields: 'value'"
    )
    message = "GiftCard id not found: gcard_none"
    missing = (404, {"type": "not_found", "message": message})
    assert await post(client, path, {"expires_at": "soon"}) == missing


async def test_a_change_that_cannot_be_kept_leaves_the_card_alone(
    client: httpx.AsyncClient,
) -> None:
    card = await issued(client, note="old")
    for change in ({"note": "\0"}, {"note": "new", "expires_at": "soon"}):
        assert await post(client, f"{CARDS}/{card['id']}", change) == (500, UNKNOWN_ERROR)
    assert (await get(client, f"{CARDS}/{card['id']}"))["gift_card"]["note"] == "old"
