"""What a monitoring system is told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from app.cache.settings import CacheSettings
from app.door import Lifecycle
from app.journal.failures import JournalUnavailable
from app.journal.journal import Journal
from app.main import behind_the_door, create_app
from app.settings import MetricsSettings, Settings, read_settings
from tests.graphql.graph import settings
from tests.journal.scenes import opened
from tests.metrics.measured import OPENS_AT, Family, Measured, measured
from tests.whole_gateway.configured import SECRETS, configuration
from tests.whole_gateway.process import measurable

DEPLOY: Final = (Path(__file__).parents[2] / "docs/deploy.md").read_text()
CARDS: Final = """{ searchGiftCards(search: {source: "vtex-giftcard", email: "%s@example.com"}) {
  nodes { id balance { amount } } } }"""
STORE_CREDIT: Final = """{ customer(by: {email: "shopper@example.com"}) {
  storeCreditAccounts { nodes { balance { amount } } } } }"""
CREDIT: Final = """mutation ($id: ID!, $key: String!) { creditGiftCard(input: {
  id: $id, amount: {amount: "1.00", currencyCode: BRL}, description: "metrics",
  idempotencyKey: $key}) { operation { status } } }"""


@pytest.fixture
async def gateway() -> AsyncIterator[Measured]:
    async with measured() as one:
        yield one


async def a_card(gateway: Measured) -> str:
    answer = await gateway.ask(CARDS % "shopper")
    card: str = answer["data"]["searchGiftCards"]["nodes"][0]["id"]
    return card


async def break_gift_cards(gateway: Measured) -> None:
    """Until their circuit is open, and one call more."""
    await gateway.fault("vtex-giftcard", "error")
    for _ in range(OPENS_AT + 1):
        await gateway.ask(CARDS % "shopper")


def documented() -> dict[str, tuple[str, set[str]]]:
    """Type and labels of each metric in the table of the page."""
    rows = re.findall(r"^\| `(creditgraph_\w+)` \| (\w+) \| ([^|]*) \|", DEPLOY, re.MULTILINE)
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def told(families: dict[str, Family]) -> dict[str, tuple[str, set[str]]]:
    return {
        name: (family.type, family.labels)
        for name, family in families.items()
        if name.startswith("creditgraph_")
    }


async def test_the_page_lists_exactly_the_metrics_there_are(gateway: Measured) -> None:
    await gateway.ask(CREDIT, id=await a_card(gateway), key="key-1")
    await break_gift_cards(gateway)
    await gateway.client.post("/graphql", content=b"refused")

    assert told(await gateway.families()) == documented()


async def test_the_alerts_of_the_page_ask_for_metrics_and_labels_that_there_are() -> None:
    alerts = DEPLOY.split("| Alert | When |")[1]
    names = set(re.findall(r"creditgraph_\w+", alerts))

    assert names
    assert names <= documented().keys()
    for name, given in re.findall(r"(creditgraph_\w+)\{(\w+)", alerts):
        assert given in documented()[name][1]


@measurable
async def test_the_process_is_measured(gateway: Measured) -> None:
    assert await gateway.value("process_resident_memory_bytes")
    assert await gateway.value("process_cpu_seconds_total")
    assert await gateway.value("python_gc_collections_total", generation="0")


async def test_calls_to_a_source_are_counted_and_measured(gateway: Measured) -> None:
    of_cards = {"source": "vtex-giftcard", "class_": "read"}
    assert await gateway.value("creditgraph_provider_calls_total", **of_cards) is None

    await gateway.ask(CARDS % "shopper")

    answered = await gateway.value(
        "creditgraph_provider_calls_total", **of_cards, outcome="ANSWERED"
    )
    assert answered is not None
    assert answered >= 2  # the search, and the cards that it found
    took = "creditgraph_provider_call_duration_seconds"
    assert await gateway.value(f"{took}_count", **of_cards) == answered
    assert await gateway.value(f"{took}_bucket", **of_cards, le="+Inf") == answered
    assert await gateway.value(f"{took}_count", source="medusa", class_="read") == 0


async def test_a_source_in_trouble_is_seen_with_all_that_is_done_about_it(
    gateway: Measured,
) -> None:
    await break_gift_cards(gateway)

    source = {"source": "vtex-giftcard"}
    assert await gateway.value("creditgraph_source_state", **source, state="DOWN") == 1
    assert await gateway.value("creditgraph_source_state", **source, state="UP") == 0
    reads = {**source, "class_": "read"}
    open_ = {**reads, "state": "OPEN"}
    assert await gateway.value("creditgraph_provider_circuit_state", **open_) == 1
    assert await gateway.value("creditgraph_provider_circuit_changes_total", **open_) == 1
    failed = {**reads, "outcome": "UPSTREAM_ERROR"}
    assert await gateway.value("creditgraph_provider_calls_total", **failed) == OPENS_AT
    turned_away = "creditgraph_provider_calls_turned_away_total"
    assert await gateway.value(turned_away, **source, reason="CIRCUIT")
    assert await gateway.value("creditgraph_source_state", source="medusa", state="UP") == 1


async def test_a_read_that_is_asked_once_more_is_counted_as_two_calls(gateway: Measured) -> None:
    await gateway.fault("medusa", "error", status=503, times=1)
    query = '{ storeCreditAccounts(filter: {sources: ["medusa"]}) { totalCount } }'

    assert "errors" not in await gateway.ask(query)

    medusa = {"source": "medusa"}
    assert await gateway.value("creditgraph_provider_retries_total", **medusa) == 1
    calls = {
        outcome: await gateway.value(
            "creditgraph_provider_calls_total", **medusa, class_="read", outcome=outcome
        )
        for outcome in ("UPSTREAM_ERROR", "ANSWERED")
    }
    assert calls == {"UPSTREAM_ERROR": 1, "ANSWERED": 1}


async def test_calls_that_the_rate_limit_still_allows_are_told(gateway: Measured) -> None:
    await gateway.ask(CARDS % "newcomer")

    name = "creditgraph_provider_calls_remaining"
    assert await gateway.value(name, source="vtex-giftcard") == 4999
    assert await gateway.value(name, source="medusa") is None


async def test_what_is_remembered_is_told_apart_from_what_was_asked() -> None:
    cache = CacheSettings(fresh_seconds=60)
    async with measured(settings(cache=cache)) as gateway:
        await gateway.ask(STORE_CREDIT)
        await gateway.ask(STORE_CREDIT)

        given = {
            freshness: await gateway.value(
                "creditgraph_reads_total", source="medusa", freshness=freshness
            )
            for freshness in ("LIVE", "CACHED")
        }
        calls = await gateway.value(
            "creditgraph_provider_calls_total", source="medusa", class_="read", outcome="ANSWERED"
        )
    assert given == {"LIVE": 1, "CACHED": 1}
    assert calls == 1


async def test_an_answer_that_cannot_be_read_is_seen_though_the_call_was_answered(
    gateway: Measured,
) -> None:
    await gateway.fault("medusa", "malformed")
    await gateway.ask(STORE_CREDIT)

    failed = {"source": "medusa", "kind": "BAD_RESPONSE"}
    assert await gateway.value("creditgraph_read_failures_total", **failed) == 1


async def test_a_mutation_is_counted_once_however_often_it_is_sent(gateway: Measured) -> None:
    card = await a_card(gateway)
    for _ in range(3):
        await gateway.ask(CREDIT, id=card, key="key-1")

    credited = {"operation": "creditGiftCard", "status": "SUCCEEDED"}
    assert await gateway.value("creditgraph_operations_total", **credited) == 1


async def test_what_is_not_settled_is_told_with_its_age(gateway: Measured) -> None:
    age = "creditgraph_operations_oldest_unsettled_seconds"
    assert await gateway.value("creditgraph_operations_unsettled", status="IN_PROGRESS") == 0
    assert await gateway.value(age) == 0

    await opened(gateway.app.state.journal)

    assert await gateway.value("creditgraph_operations_unsettled", status="IN_PROGRESS") == 1
    assert await gateway.value("creditgraph_operations_unsettled", status="UNKNOWN") == 0
    assert 0 < (await gateway.value(age) or 0) < 60


async def test_a_journal_that_is_away_takes_no_other_metric_with_it(
    gateway: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Journal) -> None:
        raise JournalUnavailable

    assert await gateway.value("creditgraph_journal_up") == 1
    monkeypatch.setattr(Journal, "backlog", away)

    assert await gateway.value("creditgraph_journal_up") == 0
    assert await gateway.value("creditgraph_operations_unsettled", status="UNKNOWN") is None
    assert await gateway.value("creditgraph_requests_in_flight") == 1


def with_token(token: str) -> Settings:
    return settings(metrics=MetricsSettings(token=SecretStr(token)))


async def status_of_metrics(configured: Settings, **headers: str) -> int:
    async with measured(configured) as gateway:
        return (await gateway.client.get("/metrics", headers=headers)).status_code


async def test_with_a_token_nobody_else_reads_them_even_on_the_sandbox() -> None:
    configured = with_token("a token of some length")

    assert await status_of_metrics(configured) == 404
    right = "Bearer a token of some length"
    assert await status_of_metrics(configured, Authorization=right) == 200


async def test_without_a_token_nobody_reads_those_of_a_configured_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    (tmp_path / "gateway.toml").write_text(configuration("http://127.0.0.1:1"))
    configured = read_settings(tmp_path / "gateway.toml")

    assert not configured.shows_metrics
    assert await status_of_metrics(configured) == 404


async def test_only_the_machine_of_the_sandbox_reads_its_metrics() -> None:
    configured = settings()
    door = behind_the_door(create_app(configured), configured, Lifecycle())
    away = httpx.ASGITransport(door, client=("192.0.2.1", 50_000))

    async with httpx.AsyncClient(transport=away, base_url="http://gateway.example") as client:
        assert (await client.get("/metrics")).status_code == 404


def test_a_token_that_can_be_guessed_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        MetricsSettings(token=SecretStr("guess"))

    assert "at least 16 characters are needed" in str(refused.value)
    assert "guess" not in str(refused.value)
