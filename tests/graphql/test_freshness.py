"""How live figures are, and what stands in for a source that fails."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import uuid4

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from app.cache.settings import CacheSettings
from tests.graphql.graph import JSON, Graph, over_sandbox, query_of, settings

REDIS: Final = ("127.0.0.1", 6379)
LISTS = (
    "creditAccounts { nodes { freshness } } giftCards { nodes { freshness } }"
    " storeCreditAccounts { nodes { freshness } }"
)
SPENDABLE = """
    spendableCredit(currency: "BRL", options: {%s}) {
      total { amount } completeness asOf
      unavailable { source { key } kind servedStaleFrom affects }
      byInstrument { instrument { freshness source { key } } spendable { warnings } }
    }
"""


def spendable(*, seconds: int) -> str:
    return query_of("shopper", SPENDABLE % f"maxStalenessSeconds: {seconds}")


async def sum_of(graph: Graph, *, seconds: int) -> JSON:
    found: JSON = (await graph.data(spendable(seconds=seconds)))["customer"]["spendableCredit"]
    return found


def freshness_in(customer: JSON) -> set[str]:
    return {one["freshness"] for each in customer.values() for one in each["nodes"]}


@pytest.fixture(scope="module")
async def remembering() -> AsyncIterator[Graph]:
    async with over_sandbox(settings(cache=CacheSettings())) as graph:
        yield graph


async def test_what_was_read_for_another_request_is_cached(remembering: Graph) -> None:
    first = await remembering.data(query_of("shopper", LISTS))
    remembering.wire.forget()
    second = await remembering.data(query_of("shopper", LISTS))
    assert (freshness_in(first["customer"]), freshness_in(second["customer"])) == (
        {"LIVE"},
        {"CACHED"},
    )
    assert remembering.wire.asked == []


async def test_a_total_is_live_unless_the_caller_allows_older(remembering: Graph) -> None:
    await remembering.data(query_of("shopper", LISTS))
    remembering.wire.forget()
    live = await sum_of(remembering, seconds=0)
    calls = remembering.wire.times()
    remembering.wire.forget()
    cached = await sum_of(remembering, seconds=30)
    assert calls
    assert remembering.wire.asked == []
    assert {one["instrument"]["freshness"] for one in live["byInstrument"]} == {"LIVE"}
    assert {one["instrument"]["freshness"] for one in cached["byInstrument"]} == {"CACHED"}
    assert (live["completeness"], cached["completeness"]) == ("COMPLETE", "COMPLETE")
    assert cached["total"] == live["total"]


async def test_one_request_can_ask_both_ways(remembering: Graph) -> None:
    await remembering.data(query_of("shopper", LISTS))
    both = query_of("shopper", f"{LISTS} {SPENDABLE % 'maxStalenessSeconds: 0'}")
    customer = (await remembering.data(both))["customer"]
    found = customer.pop("spendableCredit")
    assert {one["instrument"]["freshness"] for one in found["byInstrument"]} == {"LIVE"}


async def test_an_age_below_zero_is_refused(graph: Graph) -> None:
    error = await graph.error(spendable(seconds=-1))
    assert error["message"] == "`maxStalenessSeconds` is not negative."


async def test_older_data_stands_in_for_a_source_that_fails(graph: Graph) -> None:
    whole = await sum_of(graph, seconds=0)
    await graph.fault("medusa", "error")
    found = await sum_of(graph, seconds=60)
    (problem,) = found["unavailable"]
    assert found["total"] == whole["total"]
    assert found["completeness"] == "STALE"
    assert problem["source"]["key"] == "medusa"
    assert problem["affects"] == ["STORE_CREDIT"]
    assert problem["servedStaleFrom"] == whole["asOf"]
    (line,) = [
        one for one in found["byInstrument"] if one["instrument"]["source"]["key"] == "medusa"
    ]
    assert line["instrument"]["freshness"] == "STALE"
    assert "STALE_BALANCE" in line["spendable"]["warnings"]


async def test_without_leave_a_source_that_fails_is_missing(graph: Graph) -> None:
    await sum_of(graph, seconds=0)
    await graph.fault("medusa", "error")
    found = await sum_of(graph, seconds=0)
    (problem,) = found["unavailable"]
    assert (found["completeness"], problem["servedStaleFrom"]) == ("PARTIAL", None)


async def test_something_older_and_something_missing_is_partial() -> None:
    narrowed = 'maxStalenessSeconds: 60 kinds: [STORE_CREDIT] sources: ["medusa"]'
    async with over_sandbox() as graph:  # one that has told of nobody yet
        await graph.data(query_of("buyer", SPENDABLE % narrowed))
        await graph.fault("medusa", "error")
        await graph.fault("adobe", "error")
        answer = await graph.data(query_of("buyer", SPENDABLE % "maxStalenessSeconds: 60"))
    found = answer["customer"]["spendableCredit"]
    moments = {one["source"]["key"]: one["servedStaleFrom"] for one in found["unavailable"]}
    assert moments == {"medusa": "2026-11-22T12:00:00Z", "adobe": None}
    assert found["completeness"] == "PARTIAL"


async def test_two_hundred_who_ask_the_same_are_one_question_a_fact() -> None:
    query = spendable(seconds=0)
    async with over_sandbox(settings(deadline_seconds=30.0)) as graph:
        one = await graph.data(query)
        once = graph.wire.times()
        graph.wire.forget()
        answers = await asyncio.gather(*(graph.data(query) for _ in range(200)))
        assert graph.wire.times() == once
    assert answers == 200 * [one]


async def test_after_an_own_write_reads_are_live() -> None:
    card = (
        "giftCards { nodes { id freshness balance { amount currencyCode } status"
        " source { key } reloadable } }"
    )
    credit = """
        mutation ($input: GiftCardAmountInput!) { creditGiftCard(input: $input) {
          userErrors { message } giftCard { balance { amount currencyCode } }
        } }
    """
    async with over_sandbox(settings(cache=CacheSettings())) as graph:
        before = await cards(graph, card)
        assert {one["freshness"] for one in await cards(graph, card)} == {"CACHED"}
        one = next(one for one in before if one["status"] == "ACTIVE")
        more = {"amount": "7.00", "currencyCode": one["balance"]["currencyCode"]}
        told = await graph.data(
            credit,
            input={
                "id": one["id"],
                "amount": more,
                "description": "more",
                "idempotencyKey": "a key",
            },
        )
        assert told["creditGiftCard"]["userErrors"] == []
        (after,) = [each for each in await cards(graph, card) if each["id"] == one["id"]]
        assert after["freshness"] == "LIVE"
        assert after["balance"] == told["creditGiftCard"]["giftCard"]["balance"]


async def cards(graph: Graph, fields: str) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await graph.data(query_of("shopper", fields)))["customer"][
        "giftCards"
    ]["nodes"]
    return nodes


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    """One where nothing is left of the test."""
    try:
        socket.create_connection(REDIS, timeout=0.2).close()
    except OSError:
        pytest.skip("no Redis answers at {}:{}".format(*REDIS))
    async with Redis(host=REDIS[0], port=REDIS[1]) as client:
        before = {key async for key in client.scan_iter("creditgraph:cache:*")}
        yield client
        async for key in client.scan_iter("creditgraph:cache:*"):
            if key not in before:
                await client.delete(key)


async def test_replicas_remember_together_and_a_code_is_asked_for(redis: Redis) -> None:
    """Redis has no code, not even a sealed one."""
    url = SecretStr("redis://{}:{}".format(*REDIS))
    secret = SecretStr(f"known to both replicas alone: {uuid4().hex}")
    configured = settings(cache=CacheSettings(redis_url=url, timeout_seconds=2), id_secret=secret)
    codes = query_of("shopper", "giftCards { nodes { freshness redemptionCode } }")
    async with over_sandbox(configured) as one:
        first = await codes_of(one, codes)
    async with over_sandbox(configured) as other:
        second = await codes_of(other, codes)
    assert {card["freshness"] for card in second} == {"CACHED"}
    assert [card["redemptionCode"] for card in second] == [card["redemptionCode"] for card in first]
    assert all(card["redemptionCode"] for card in first)


async def codes_of(graph: Graph, query: str) -> list[dict[str, Any]]:
    customer = (await graph.data(query))["customer"]
    nodes: list[dict[str, Any]] = customer["giftCards"]["nodes"]
    return nodes
