"""What shopper@example.com can spend: with everybody up, with anybody down, with nobody there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from tests.graphql.graph import JSON, SOURCES, Graph, over_sandbox, settings
from tests.graphql.spendable import KIND_OF, PART_OF, QUERY, TOTAL, source_of, spendable_of

HANG_SECONDS = 0.05
SUBSETS = [down for size in range(5) for down in combinations(SOURCES, size)]

FAULTS = [
    pytest.param("hang", {}, ("TIMEOUT", True, None), id="hang"),
    pytest.param("latency", {"milliseconds": 60_000}, ("TIMEOUT", True, None), id="latency"),
    pytest.param("error", {}, ("UPSTREAM_ERROR", True, None), id="error"),
    pytest.param("error", {"status": 503}, ("UPSTREAM_ERROR", True, None), id="error-503"),
    pytest.param("malformed", {}, ("BAD_RESPONSE", False, None), id="truncated"),
    pytest.param("malformed", {"kind": "html"}, ("BAD_RESPONSE", False, None), id="html"),
    pytest.param("malformed", {"kind": "wrong_type"}, ("BAD_RESPONSE", False, None), id="type"),
    pytest.param("throttle", {"retry_after_seconds": 7}, ("RATE_LIMITED", True, 7), id="throttle"),
    pytest.param("unauthorized", {}, ("CREDENTIALS_REJECTED", False, None), id="unauthorized"),
]

on_each_source = pytest.mark.parametrize("source", SOURCES)


def lines_of(sum_: JSON, *, without: str = "") -> bytes:
    """`byInstrument` as bytes, less the lines of one source."""
    return as_bytes([line for line in sum_["byInstrument"] if source_of(line) != without])


def as_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


def counted_sum(sum_: JSON) -> Decimal:
    lines = [line for line in sum_["byInstrument"] if line["counted"]]
    return sum((Decimal(line["spendable"]["amount"]["amount"]) for line in lines), Decimal(0))


@pytest.fixture(scope="module")
async def whole(served: Graph) -> JSON:
    """The answer with every source up."""
    return spendable_of(await served.data(QUERY))


async def test_all_four_sources_give_the_whole_total(whole: JSON) -> None:
    assert whole["total"] == {"amount": "4752.35", "currencyCode": "BRL"}
    assert whole["completeness"] == "COMPLETE"
    assert whole["unavailable"] == []
    assert whole["indicativeTotal"] is None
    assert whole["asOf"] == "2026-11-22T12:00:00Z"


async def test_every_instrument_has_one_line_with_its_verdict(whole: JSON) -> None:
    lines = [
        (
            source_of(line),
            line["spendable"]["amount"]["amount"],
            line["spendable"]["amount"]["currencyCode"],
            line["counted"],
            line["spendable"]["reasons"],
        )
        for line in whole["byInstrument"]
    ]
    assert lines == [
        ("vtex-credit", "950.55", "BRL", True, []),
        ("vtex-giftcard", "40.00", "BRL", True, []),
        ("vtex-giftcard", "0.00", "BRL", False, ["EXPIRED"]),
        ("vtex-giftcard", "10.00", "USD", False, ["CURRENCY_MISMATCH"]),
        ("adobe", "3749.50", "BRL", True, []),
        ("medusa", "12.30", "BRL", True, []),
    ]


async def test_the_tolerance_of_the_credit_line_is_shown_apart(whole: JSON) -> None:
    line = whole["byInstrument"][0]
    assert line["instrument"]["available"]["amount"] == "850.555"
    assert line["instrument"]["tolerance"] == "0.10"
    assert line["spendable"]["ofWhichTolerance"]["amount"] == "100.00"


async def test_the_total_is_the_sum_of_the_printed_lines_and_of_the_kinds(whole: JSON) -> None:
    kinds = {one["kind"]: one["total"]["amount"] for one in whole["byKind"]}
    assert kinds == {"CREDIT_LINE": "4700.05", "GIFT_CARD": "40.00", "STORE_CREDIT": "12.30"}
    assert counted_sum(whole) == sum(map(Decimal, kinds.values())) == TOTAL


async def test_other_currencies_are_summed_beside_the_total(whole: JSON) -> None:
    assert whole["byCurrency"] == [
        {"currencyCode": "BRL", "total": {"amount": "4752.35"}, "instruments": 4},
        {"currencyCode": "USD", "total": {"amount": "10.00"}, "instruments": 1},
    ]


async def test_the_card_that_ends_first_is_named(whole: JSON) -> None:
    card = whole["byInstrument"][1]["instrument"]
    assert whole["expiringNext"]["instrument"]["id"] == card["id"]
    assert whole["soon"]["amount"] == "0.00"
    assert whole["later"]["amount"] == "40.00"


@pytest.mark.parametrize(("mode", "options", "problem"), FAULTS)
@on_each_source
async def test_a_source_that_fails_is_missing_and_all_else_is_the_same_to_the_byte(
    graph: Graph,
    whole: JSON,
    source: str,
    mode: str,
    options: dict[str, Any],
    problem: tuple[str, bool, int | None],
) -> None:
    graph.wire.patience_seconds[source] = HANG_SECONDS
    await graph.fault(source, mode, **options)

    found = spendable_of(await graph.data(QUERY))

    left = TOTAL - PART_OF[source]
    kind, retryable, retry_after = problem
    assert found["total"] == {"amount": str(left), "currencyCode": "BRL"}
    assert found["completeness"] == "PARTIAL"
    (missing,) = found["unavailable"]
    assert missing["source"] == {"key": source}
    assert (missing["kind"], missing["retryable"]) == (kind, retryable)
    assert missing["retryAfterSeconds"] == retry_after
    assert missing["affects"] == [KIND_OF[source]]
    assert lines_of(found) == lines_of(whole, without=source)
    assert as_bytes(found["asOf"]) == as_bytes(whole["asOf"])


@on_each_source
async def test_a_slow_source_is_waited_for(graph: Graph, whole: JSON, source: str) -> None:
    await graph.fault(source, "latency", milliseconds=20)
    found = spendable_of(await graph.data(QUERY))
    assert as_bytes(found) == as_bytes(whole)


@on_each_source
async def test_a_source_that_is_well_again_counts_again(
    graph: Graph, whole: JSON, source: str
) -> None:
    await graph.fault(source, "error")
    assert spendable_of(await graph.data(QUERY))["completeness"] == "PARTIAL"
    await graph.fault(source, "none")
    assert as_bytes(spendable_of(await graph.data(QUERY))) == as_bytes(whole)


@pytest.mark.parametrize("down", SUBSETS, ids=lambda down: "+".join(down) or "nobody")
async def test_an_outage_of_any_sources_lowers_the_total_by_their_parts(
    graph: Graph, down: Sequence[str]
) -> None:
    for source in down:
        await graph.fault(source, "error")
    found = spendable_of(await graph.data(QUERY))
    expected = str(TOTAL - sum(PART_OF[one] for one in down)) if len(down) < 4 else None
    assert (found["total"] or {"amount": None})["amount"] == expected
    assert found["completeness"] == {0: "COMPLETE", 4: "NONE"}.get(len(down), "PARTIAL")
    assert [one["source"]["key"] for one in found["unavailable"]] == list(down)


@pytest.mark.parametrize(("mode", "options", "problem"), FAULTS)
async def test_with_all_four_down_the_total_is_unknown_and_never_zero(
    graph: Graph, mode: str, options: dict[str, Any], problem: tuple[str, bool, int | None]
) -> None:
    for source in SOURCES:
        graph.wire.patience_seconds[source] = HANG_SECONDS
        await graph.fault(source, mode, **options)

    response = await graph.post(QUERY, options={"indicativeConversion": True})

    assert response.status_code == 200
    assert "errors" not in response.json()
    found = spendable_of(response.json()["data"])
    assert found["total"] is None
    assert found["indicativeTotal"] is None
    assert found["completeness"] == "NONE"
    assert found["asOf"] is None
    assert found["byInstrument"] == found["byCurrency"] == []
    kinds = {one["source"]["key"]: one["kind"] for one in found["unavailable"]}
    assert kinds == dict.fromkeys(SOURCES, problem[0])


async def test_the_indicative_total_converts_what_is_no_brl_with_a_haircut(graph: Graph) -> None:
    await graph.fault("adobe", "error")
    found = spendable_of(await graph.data(QUERY, options={"indicativeConversion": True}))
    assert found["total"]["amount"] == "1002.85"
    assert found["indicativeTotal"] == {"amount": "1056.62", "currencyCode": "BRL"}
    assert [line["indicative"] for line in found["byInstrument"] if line["indicative"]] == [
        {"amount": "53.77"}
    ]
    assert found["rates"] == [{"from": "USD", "to": "BRL", "rate": "5.4321", "haircutBps": 100}]
    assert found["unconverted"] == []


async def test_without_a_current_rate_an_amount_stays_unconverted() -> None:
    async with over_sandbox(settings(exchange_rates=None)) as graph:
        found = spendable_of(await graph.data(QUERY, options={"indicativeConversion": True}))
    assert found["unconverted"] == [{"amount": "10.00", "currencyCode": "USD"}]
    assert found["indicativeTotal"]["amount"] == found["total"]["amount"] == "4752.35"
    assert found["rates"] == []


async def test_tolerance_that_is_not_wanted_does_not_count(graph: Graph) -> None:
    found = spendable_of(await graph.data(QUERY, options={"includeTolerance": False}))
    assert found["total"]["amount"] == "4652.35"
    assert found["byInstrument"][0]["spendable"]["ofWhichTolerance"]["amount"] == "0.00"


async def test_a_store_that_hides_its_terms_costs_only_the_tolerance(graph: Graph) -> None:
    await graph.fault("vtex-credit", "error", path_contains="/storeconfig")
    found = spendable_of(await graph.data(QUERY))
    assert found["total"]["amount"] == "4652.35"
    assert found["completeness"] == "PARTIAL"
    assert found["byInstrument"][0]["spendable"]["warnings"] == ["TOLERANCE_UNKNOWN"]
    assert [one["source"]["key"] for one in found["unavailable"]] == ["vtex-credit"]


async def test_expiry_can_be_judged_at_another_moment(graph: Graph) -> None:
    found = spendable_of(await graph.data(QUERY, options={"at": "2027-06-01T00:00:00Z"}))
    assert found["total"]["amount"] == "4712.35"
    assert found["byInstrument"][1]["spendable"]["reasons"] == ["EXPIRED"]


async def test_a_source_slower_than_the_whole_answer_may_be_is_left_out_in_time() -> None:
    async with over_sandbox(settings(deadline_seconds=1.0)) as graph:
        await graph.fault("adobe", "hang")
        found = spendable_of(await graph.data(QUERY))
    assert found["total"]["amount"] == "1002.85"
    assert [one["kind"] for one in found["unavailable"]] == ["DEADLINE_EXCEEDED"]


async def test_a_stranger_to_one_source_is_not_linked_there_instead_of_owning_nothing(
    graph: Graph,
) -> None:
    found = await graph.data(
        """{ customer(by: {email: "newcomer@example.com"}) { spendableCredit(currency: USD) {
               total { amount } completeness unavailable { source { key } kind } } } }"""
    )
    sum_ = spendable_of(found)
    assert sum_["unavailable"] == [{"source": {"key": "medusa"}, "kind": "IDENTITY_NOT_LINKED"}]
    assert sum_["completeness"] == "PARTIAL"
    assert sum_["total"] == {"amount": "0.00"}
