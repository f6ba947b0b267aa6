"""Older releases, the older data model, a database that is down: by the seed's `defects`."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.medusa import create_medusa
from sandbox.seed import SeedError
from tests.sandbox.medusa_shop import (
    ACCOUNTS,
    AS_KEY,
    AS_USER,
    CARDS,
    CLAIM,
    NOW,
    OWN,
    PUBLISHABLE,
    UNKNOWN_ERROR,
    Json,
    Reply,
    account,
    account_id,
    as_shopper,
    balance,
    client_of,
    frozen_clock,
    get,
    ledger,
    post,
    refused,
    section,
    shopper_id,
)

ONE = account_id(1)
SIGN_IN = "/auth/user/emailpass"
RELEASE_218: Json = {"release": "2.18.0"}
EARLY: Json = {"data_model": "early_2025"}
DATABASE_DOWN: Json = {"database_down": {"from": "now+1h", "until": "now+2h"}}
DOWN = NOW + timedelta(hours=1)

RIGHT = {"email": "admin@example.com", "password": "correct"}


def shop(defects: Json, clock: Clock | None = None, **members: object) -> httpx.AsyncClient:
    content = section(accounts=[account(1, "10", **members)], defects=defects)
    return client_of(content, clock)


class TestRelease218:
    async def test_there_is_no_debit_route(self) -> None:
        async with shop(RELEASE_218) as client:
            answer = await client.post(f"{ACCOUNTS}/{ONE}/debit", json={"amount": 1})
            assert (answer.status_code, answer.headers["content-type"]) == (
                404,
                "text/html; charset=utf-8",
            )
            assert f"<pre>Cannot POST {ACCOUNTS}/{ONE}/debit</pre>" in answer.text
            stranger = await client.post(
                f"{ACCOUNTS}/{ONE}/debit", headers={"authorization": "Bearer a.b.c"}
            )
            assert stranger.status_code == 401
            assert await balance(client, ONE) == 10

    async def test_credits_and_single_claims_work(self) -> None:
        async with shop(RELEASE_218) as client:
            assert (await post(client, f"{ACCOUNTS}/{ONE}/credit", {"amount": 1}))[0] == 200
            claimed = await post(client, CLAIM, {"code": "SC-0001"}, as_shopper(1))
            assert claimed[1]["store_credit_account"]["balance"] == 0

    async def test_columns_of_store_routes_are_not_bound(self) -> None:
        async with shop(RELEASE_218) as client:
            answer = await client.get(
                f"{OWN}?currency_code=usd&order=nothing", headers=as_shopper(1)
            )
        assert (answer.status_code, answer.json()) == (500, UNKNOWN_ERROR)

    @pytest.mark.parametrize(("release", "total"), [("2.18.0", 10), ("2.21.1", 0)])
    async def test_deleted_entries_count(self, release: str, total: int) -> None:
        content = section(accounts=[account(1, "10")], defects={"release": release})
        content["accounts"][0]["ledger"][0]["deleted_at"] = "now-1d"
        async with client_of(content) as client:
            assert await balance(client, ONE) == total


class TestEarlyDataModel:
    async def test_accounts_have_groups_and_no_code(self) -> None:
        async with shop(EARLY, customer_id=shopper_id(1)) as client:
            await post(client, f"{ACCOUNTS}/{ONE}/credit", {"amount": Decimal("0.5")})
            await post(client, f"{ACCOUNTS}/{ONE}/debit", {"amount": 3})
            shown = (await get(client, f"{ACCOUNTS}/{ONE}"))["store_credit_account"]
            [listed] = (await get(client, ACCOUNTS))["store_credit_accounts"]
        half, left = Decimal("0.5"), Decimal("-2.5")
        assert "code" not in shown
        assert shown["transaction_groups"] == [
            {"code": "user", "credits": 10, "debits": 0, "balance": 10},
            {"code": "api-key", "credits": half, "debits": 3, "balance": left},
        ]
        assert shown["balance"] == Decimal("7.5")
        assert listed == shown

    async def test_the_groups_can_be_left_out(self) -> None:
        async with shop(EARLY) as client:
            path = f"{ACCOUNTS}/{ONE}?fields=-transaction_groups,-customer"
            shown = (await get(client, path))["store_credit_account"]
        assert "transaction_groups" not in shown

    async def test_the_current_model_ignores_the_question_for_groups(self) -> None:
        async with shop({}) as client:
            path = f"{ACCOUNTS}/{ONE}?fields=id,*transaction_groups,code"
            shown = (await get(client, path))["store_credit_account"]
        assert shown == {"id": ONE, "code": "SC-0001"}

    async def test_every_account_has_a_customer(self) -> None:
        async with shop(EARLY) as client:
            assert await post(client, ACCOUNTS, {"currency_code": "eur"}) == refused(
                "Invalid request: Field 'customer_id' is required"
            )
            body = {"currency_code": "eur", "customer_id": shopper_id(1)}
            status, answer = await post(client, ACCOUNTS, body)
        assert (status, answer["store_credit_account"]["transaction_groups"]) == (200, [])

    async def test_nothing_can_be_claimed(self) -> None:
        async with shop(EARLY) as client:
            answer = await client.post(CLAIM, json={"code": "SC-0001"}, headers=as_shopper(1))
        assert "<pre>Cannot POST" in answer.text

    async def test_no_code_of_an_account_shows_through_its_card(self) -> None:
        async with shop(EARLY) as client:
            path = f"{CARDS}?fields=*store_credit_account"
            _, answer = await post(client, path, {"currency_code": "usd", "value": 5})
        assert "code" not in answer["gift_card"]["store_credit_account"]


class TestDatabaseDown:
    async def answered(
        self, request: Any, seconds: int, client: httpx.AsyncClient, clock: Clock
    ) -> Reply:
        """Nothing comes before *seconds* of the clock have passed since the database went."""
        clock.set(DOWN)
        waiting = asyncio.ensure_future(request(client))
        await asyncio.sleep(0)
        clock.advance(timedelta(seconds=seconds - 1))
        _, unanswered = await asyncio.wait([waiting], timeout=0.1)
        assert unanswered == {waiting}
        clock.advance(timedelta(seconds=1))
        answer = await asyncio.wait_for(waiting, timeout=5)
        return answer.status_code, answer.json()

    @pytest.mark.parametrize(
        ("method", "path", "headers", "seconds", "expected"),
        [
            ("GET", ACCOUNTS, AS_USER, 60, (500, UNKNOWN_ERROR)),
            ("GET", ACCOUNTS, AS_KEY, 60, (401, {"message": "Unauthorized"})),
            ("GET", f"{OWN}?currency_code=usd", as_shopper(1), 60, (500, UNKNOWN_ERROR)),
            ("GET", "/store/gift-cards/X", PUBLISHABLE, 60, (500, UNKNOWN_ERROR)),
            ("POST", f"{ACCOUNTS}/{ONE}/credit", AS_USER, 120, (500, UNKNOWN_ERROR)),
            ("POST", f"{ACCOUNTS}/{ONE}/credit", AS_KEY, 60, (401, {"message": "Unauthorized"})),
        ],
    )
    async def test_nothing_is_answered_at_first_and_then_a_refusal(
        self, method: str, path: str, headers: dict[str, str], seconds: int, expected: Reply
    ) -> None:
        async def ask(client: httpx.AsyncClient) -> httpx.Response:
            return await client.request(method, path, headers=headers, json={"amount": 1})

        clock = frozen_clock()
        async with shop(DATABASE_DOWN, clock) as client:
            assert await self.answered(ask, seconds, client, clock) == expected
            clock.set(NOW + timedelta(hours=2))
            assert (await balance(client, ONE), len(await ledger(client, ONE))) == (10, 1)

    async def test_signing_in_is_refused_with_words_about_the_pool(self) -> None:
        async def ask(client: httpx.AsyncClient) -> httpx.Response:
            return await client.post(SIGN_IN, json=RIGHT)

        clock = frozen_clock()
        async with shop(DATABASE_DOWN, clock) as client:
            status, answer = await self.answered(ask, 60, client, clock)
        assert (status, answer["type"]) == (401, "unauthorized")
        assert "pool" in answer["message"]

    async def test_whoever_waits_is_served_when_it_is_up_again(self) -> None:
        clock = frozen_clock()
        async with shop(DATABASE_DOWN, clock) as client:
            clock.set(NOW + timedelta(hours=2, seconds=-1))
            waiting = asyncio.ensure_future(post(client, f"{ACCOUNTS}/{ONE}/credit", {"amount": 1}))
            await asyncio.sleep(0)
            clock.advance(timedelta(seconds=1))
            assert (await waiting)[0] == 200
            assert await balance(client, ONE) == 11

    async def test_it_works_until_then_and_health_never_knows(self) -> None:
        clock = frozen_clock()
        async with shop(DATABASE_DOWN, clock) as client:
            assert await balance(client, ONE) == 10
            clock.set(DOWN)
            assert (await client.get("/health")).text == "OK"

    async def test_what_needs_no_database_is_refused_at_once(self) -> None:
        clock = frozen_clock()
        async with shop(DATABASE_DOWN, clock) as client:
            clock.set(DOWN)
            stranger = await client.get(ACCOUNTS, headers={"authorization": "Bearer a.b.c"})
            unknown = await client.get("/admin/nothing")
            malformed = await post(client, ACCOUNTS, b"{bad")
        assert (stranger.status_code, unknown.status_code, malformed[0]) == (401, 404, 400)

    async def test_a_caller_that_has_gone_is_not_waited_for(self) -> None:
        clock = frozen_clock()
        clock.set(NOW)
        app = create_medusa(section(defects={"database_down": {"from": "now"}}), clock)
        messages = iter([{"type": "http.request"}, {"type": "http.disconnect"}])
        sent: list[Any] = []

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "GET",
            "path": ACCOUNTS,
            "raw_path": ACCOUNTS.encode(),
            "query_string": b"",
            "headers": [(b"authorization", AS_USER["authorization"].encode())],
        }
        await app(scope, receive, send)
        assert sent[0]["status"] == 500


@pytest.mark.parametrize(
    ("defects", "place"),
    [
        ({"release": "2.19.0"}, "medusa.defects.release"),
        ({"data_model": "late"}, "medusa.defects.data_model"),
        ({"database_down": {"from": "soon"}}, "medusa.defects.database_down.from"),
        ({"database_down": {"until": "now"}}, "medusa.defects.database_down.until"),
        (
            {"database_down": {"from": "now", "until": "now-1s"}},
            "medusa.defects.database_down.until",
        ),
        ({"database_down": {"for": 60}}, "medusa.defects.database_down.for"),
        ({"no_lock": True}, "medusa.defects.no_lock"),
    ],
)
def test_a_wrong_switch_is_refused_with_the_place(defects: Json, place: str) -> None:
    with pytest.raises(SeedError) as refusal:
        create_medusa(section(defects=defects), frozen_clock())
    assert str(refusal.value).startswith(f"{place}: ")


class TestSigningIn:
    async def test_a_token_writes_for_one_day_and_a_refreshed_one_longer(self) -> None:
        clock = frozen_clock()
        async with client_of(section(accounts=[account(1)]), clock) as client:
            _, first = await post(client, SIGN_IN, RIGHT)
            headers = {"authorization": f"Bearer {first['token']}"}
            clock.advance(timedelta(hours=23))
            _, second = await post(client, "/auth/token/refresh", {}, headers)
            clock.advance(timedelta(hours=1))
            credit = f"{ACCOUNTS}/{ONE}/credit"
            assert (await post(client, credit, {"amount": 1}, headers))[0] == 401
            headers = {"authorization": f"Bearer {second['token']}"}
            assert (await post(client, credit, {"amount": 1}, headers))[0] == 200

    async def test_a_shoppers_token_refreshed_is_still_a_shoppers(self) -> None:
        async with client_of(section(accounts=[account(1, "5")])) as client:
            _, answer = await post(client, "/auth/token/refresh", {}, as_shopper(1))
            headers = {**PUBLISHABLE, "authorization": f"Bearer {answer['token']}"}
            assert (await post(client, ACCOUNTS, {}, headers))[0] == 401
            assert (await post(client, CLAIM, {"code": "SC-0001"}, headers))[0] == 200
