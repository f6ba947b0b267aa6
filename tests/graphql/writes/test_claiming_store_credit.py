"""Store credit that nobody owns becomes the caller's, once, and tells a stranger nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from tests.graphql.graph import JSON, Graph, as_caller, over_sandbox, settings
from tests.graphql.writes.asking import asked, done, refused, speaks_as

BRL = "SC-SABC-JE3T-WNSA-BCJE"
USD = "SC-5M5W-4SKZ-LX5M-5W4S"
EMPTIED = "SC-JP3D-K4R6-JJJP-3DK4"
OF_AN_ENDED_CARD = "SC-3G5Y-NPAD-M83G-5YNP"
SOMEBODYS = "SC-RN3C-7ZL8-3LRN-3C7Z"
UNKNOWN = "SC-AAAA-AAAA-AAAA-AAAA"

OWN = """
{ viewer { customer { storeCreditAccounts { nodes { id currencyCode balance { amount } } } } } }
"""
EVERY = (
    "{ storeCreditAccounts(first: 100) { nodes { id status balance { amount currencyCode } } } }"
)


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    """Who asks is the shopper."""
    async with over_sandbox() as graph:
        speaks_as(graph, "shopper")
        yield graph


async def own(graph: Graph) -> dict[str, Decimal]:
    accounts = (await graph.data(OWN))["viewer"]["customer"]["storeCreditAccounts"]["nodes"]
    return {one["currencyCode"]: Decimal(one["balance"]["amount"]) for one in accounts}


def claim(code: str, key: str = "claim") -> JSON:
    return {"source": "medusa", "code": code, "idempotencyKey": key}


async def test_what_is_claimed_is_added_to_what_the_caller_has(graph: Graph) -> None:
    before = await own(graph)

    payload = await done(graph, "claimStoreCredit", **claim(BRL))

    after = await own(graph)
    assert after["BRL"] == before["BRL"] + Decimal(payload["entry"]["amount"]["amount"])
    assert payload["entry"]["direction"] == "CREDIT"


async def test_an_account_is_opened_for_whoever_has_none_in_that_currency(graph: Graph) -> None:
    assert "USD" not in await own(graph)

    payload = await done(graph, "claimStoreCredit", **claim(USD))

    balance = payload["storeCreditAccount"]["balance"]
    assert balance["currencyCode"] == "USD"
    assert (await own(graph))["USD"] == Decimal(balance["amount"]) > 0


@pytest.mark.parametrize(
    ("code", "lost"),
    [(BRL, "/debit"), (BRL, "/credit"), (USD, "store-credit-accounts")],
    ids=["taking", "giving", "opening"],
)
async def test_an_answer_that_gets_lost_loses_no_money(graph: Graph, code: str, lost: str) -> None:
    speaks_as(graph, "admin")
    before = await money_at_large(graph)
    speaks_as(graph, "shopper")
    await graph.fault("medusa", "applied_then_500", times=1, path_contains=lost)

    payload = await done(graph, "claimStoreCredit", **claim(code))

    assert Decimal(payload["entry"]["amount"]["amount"]) > 0
    speaks_as(graph, "admin")
    assert await money_at_large(graph) == before


async def test_money_is_moved_and_not_made(graph: Graph) -> None:
    speaks_as(graph, "admin")
    before = await money_at_large(graph)
    speaks_as(graph, "shopper")
    for code in (BRL, USD):
        await done(graph, "claimStoreCredit", **claim(code, key=code))
    speaks_as(graph, "admin")

    assert await money_at_large(graph) == before


async def money_at_large(graph: Graph) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for one in (await graph.data(EVERY))["storeCreditAccounts"]["nodes"]:
        balance = one["balance"]
        before = totals.get(balance["currencyCode"], Decimal(0))
        totals[balance["currencyCode"]] = before + Decimal(balance["amount"])
    return totals


@pytest.mark.parametrize(
    "code",
    [UNKNOWN, SOMEBODYS, EMPTIED, OF_AN_ENDED_CARD, "no code at all", "GIFT-YSQL-N8F9-T3YS-QLN8"],
    ids=["unknown", "somebody's", "empty", "of a card that ended", "no code", "of a card"],
)
async def test_a_code_that_opens_nothing_tells_nothing(graph: Graph, code: str) -> None:
    before = await own(graph)

    error = await refused(graph, "claimStoreCredit", **claim(code))

    assert error == await refused(graph, "claimStoreCredit", **claim(UNKNOWN, key="another"))
    assert error["__typename"] == "NotFoundError"
    assert await own(graph) == before


async def test_a_code_is_good_once(graph: Graph) -> None:
    await done(graph, "claimStoreCredit", **claim(BRL))
    before = await own(graph)

    again = await refused(graph, "claimStoreCredit", **claim(BRL, key="again"))

    unknown = await refused(graph, "claimStoreCredit", **claim(UNKNOWN, key="unknown"))
    assert again == unknown
    assert await own(graph) == before


async def test_the_same_key_claims_once_and_answers_the_same(graph: Graph) -> None:
    first = await done(graph, "claimStoreCredit", **claim(BRL))

    second = await asked(graph, "claimStoreCredit", **claim(BRL))

    assert second["operation"] == {**first["operation"], "replayed": True}
    assert second["storeCreditAccount"] == first["storeCreditAccount"]


async def test_one_key_is_not_for_two_codes(graph: Graph) -> None:
    await done(graph, "claimStoreCredit", **claim(BRL))

    payload = await asked(graph, "claimStoreCredit", **claim(USD))

    assert [one["code"] for one in payload["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_claimed_many_times_at_once_it_is_paid_out_once(graph: Graph) -> None:
    before = await own(graph)

    payloads = await asyncio.gather(
        *(asked(graph, "claimStoreCredit", **claim(BRL, key=f"claim {n}")) for n in range(8))
    )

    won = [one for one in payloads if not one["userErrors"]]
    (payload,) = won
    assert (await own(graph))["BRL"] == before["BRL"] + Decimal(
        payload["entry"]["amount"]["amount"]
    )
    lost = {one["userErrors"][0]["__typename"] for one in payloads if one["userErrors"]}
    assert lost == {"NotFoundError"}


@pytest.mark.parametrize("who", ["service", "admin"])
async def test_only_a_customer_can_claim(graph: Graph, who: str) -> None:
    speaks_as(graph, who)

    error = await refused(graph, "claimStoreCredit", **claim(BRL))

    assert (error["__typename"], error["retryable"]) == ("UpstreamError", False)


async def test_a_store_where_money_cannot_be_taken_off_knows_no_claims() -> None:
    built_in = settings()
    sources = [
        one.model_copy(update={"release": "2.18.0"}) if one.key == "medusa" else one
        for one in built_in.sources
    ]
    async with over_sandbox(built_in.model_copy(update={"sources": sources})) as graph:
        graph.client.headers.update(as_caller("shopper"))

        error = await refused(graph, "claimStoreCredit", **claim(BRL))

    assert error["__typename"] == "UnsupportedError"


async def test_the_code_is_neither_logged_nor_kept(
    graph: Graph, capsys: pytest.CaptureFixture[str]
) -> None:
    await done(graph, "claimStoreCredit", **claim(BRL))
    await refused(graph, "claimStoreCredit", **claim(UNKNOWN, key="unknown"))

    told = "".join(capsys.readouterr())
    assert "claimStoreCredit" in told or "medusa.sc" in told
    assert BRL not in told
    assert UNKNOWN not in told
    sent = [one for one in graph.wire.asked if one.source == "medusa"]
    assert sent
    assert not any(BRL in one.target or BRL.encode() in one.body for one in sent)
