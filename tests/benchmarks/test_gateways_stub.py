"""The stub: what it says of whom, what it counts, and how it is made slow or silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import simplejson

from benchmarks.gateways.people import COLLECTORS, SHOPPERS
from benchmarks.gateways.provider_answers import (
    ADOBE,
    PROVIDERS,
    VTEX_GIFTCARD,
    Asked,
    UnknownQuestion,
    answer,
)
from benchmarks.gateways.stub import Connection, Weather

SHOPPER = SHOPPERS[0]
COLLECTOR = COLLECTORS[0]
COMPANY = f"/adobe/rest/default/V1/company/{SHOPPER.company_id}"
ACCOUNTS = f"/vtex/api/creditcontrol/accounts?from=1&to=20&email={SHOPPER.email}"


def document(target: str, *, method: str = "GET", body: object = None, rows: str = "") -> Any:
    asked = Asked(method.encode(), target.encode(), rows.encode(), simplejson.dumps(body).encode())
    return simplejson.loads(answer(asked).content.partition(b"\r\n\r\n")[2], use_decimal=True)


@pytest.fixture
async def stub() -> AsyncIterator[str]:
    weather = Weather()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(weather), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def test_an_account_has_what_its_customer_can_spend() -> None:
    (account,) = document(ACCOUNTS)["data"]
    assert account["availableCredit"] == SHOPPER.available_credit
    assert account["email"] == SHOPPER.email


def test_invoices_come_in_the_window_that_was_asked_for() -> None:
    path = f"/vtex/api/creditcontrol/accounts/{COLLECTOR.credit_account_id}/invoices"
    shown = document(f"{path}?from=41&to=60")["data"]
    assert [one["friendlyId"] for one in shown] == [f"{n:08}-1" for n in range(40, 50)]


def test_a_card_search_gives_the_range_of_its_header() -> None:
    question = {"client": {"email": COLLECTOR.email}}
    found = document(
        "/vtex/api/giftcards/_search", method="POST", body=question, rows="resources=45-94"
    )
    assert [one["id"] for one in found["items"]] == COLLECTOR.card_ids[45:]


def test_every_transaction_of_a_collector_can_be_read() -> None:
    path = f"/vtex/api/giftcards/{COLLECTOR.card_ids[0]}/transactions"
    (reference,) = document(path)
    assert document(f"{path}/{reference['id']}")["operation"] == "Credit"
    assert document(f"{path}/{reference['id']}/settlements") == []


@pytest.mark.parametrize(
    "target",
    [
        "/vtex/api/creditcontrol/accounts?email=nobody@example.com",
        "/vtex/api/giftcards/999999999",
        f"/vtex/api/giftcards/{SHOPPER.card_ids[0]}/transactions/0",
        "/adobe/rest/default/V1/company/1",
        "/elsewhere",
    ],
)
def test_what_nobody_has_is_unknown(target: str) -> None:
    with pytest.raises(UnknownQuestion):
        document(target)


async def test_calls_are_counted_by_fact_until_they_are_forgotten(
    stub: str, client: aiohttp.ClientSession
) -> None:
    for path in (COMPANY, COMPANY, f"/vtex/api/giftcards/{SHOPPER.card_ids[0]}"):
        async with client.get(stub + path) as said:
            assert said.status == 200
    async with client.get(f"{stub}/_stub") as said:
        report = await said.json()
    assert report["calls"] == {f"{ADOBE}: company": 2, f"{VTEX_GIFTCARD}: card": 1}
    async with client.delete(f"{stub}/_stub") as said:
        assert (await said.json())["calls"] == {}


async def test_a_provider_that_hangs_says_nothing_and_the_others_do(
    stub: str, client: aiohttp.ClientSession
) -> None:
    async with client.put(f"{stub}/_stub", json={"hanging": ADOBE}) as said:
        assert said.status == 200
    with pytest.raises(TimeoutError):
        await client.get(stub + COMPANY, timeout=aiohttp.ClientTimeout(total=0.2))
    async with client.get(stub + ACCOUNTS) as said:
        assert said.status == 200


async def test_a_slow_provider_takes_its_time(stub: str, client: aiohttp.ClientSession) -> None:
    async with client.put(f"{stub}/_stub", json={"latency_ms": 50}) as said:
        assert (await said.json())["latency_ms"] == 50
    began = asyncio.get_running_loop().time()
    async with client.get(stub + COMPANY) as said:
        assert said.status == 200
    assert asyncio.get_running_loop().time() - began >= 0.045


@pytest.mark.parametrize("wish", ['{"hanging": "nobody"}', '{"weather": 1}', "[]", "nonsense"])
async def test_a_wish_it_does_not_know_is_refused(
    stub: str, client: aiohttp.ClientSession, wish: str
) -> None:
    async with client.put(f"{stub}/_stub", data=wish) as said:
        assert said.status == 400


async def test_what_nobody_has_is_404_and_no_call(stub: str, client: aiohttp.ClientSession) -> None:
    async with client.get(f"{stub}/vtex/api/giftcards/1") as said:
        assert said.status == 404
    async with client.get(f"{stub}/_stub") as said:
        assert (await said.json())["calls"] == {}


def test_a_customers_parts_are_a_line_a_provider() -> None:
    assert [provider for provider, _ in SHOPPER.parts] == list(PROVIDERS)
    assert SHOPPER.spendable() - SHOPPER.spendable(without=ADOBE) == SHOPPER.available_limit
