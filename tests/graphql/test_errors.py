"""Top-level errors: a code, a sentence, a correlation id, and nothing that is not for clients."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Final

import pytest
from graphql import GraphQLError
from structlog.testing import capture_logs

from app.domain.errors import (
    CurrencyMismatch,
    DeadlineExceeded,
    ProviderContractBroken,
    ProviderFailed,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
    ProviderUnreachable,
)
from app.domain.identifiers import ProviderCardId
from app.domain.instruments import GiftCard
from app.graphql.present_errors import present
from tests.doubles.in_memory_provider import InMemoryProvider
from tests.doubles.samples import a_credit_account, a_gift_card, a_source, a_store_credit
from tests.graphql.graph import JSON, Graph, over_doubles

SECRET: Final = "BEARER-SECRET-7QX4"
NASTY: Final = f"https://store.example/api?token=sk_5a5a {SECRET} other@example.com"

INSTRUMENTS: Final = """{ customer(by: {email: "shopper@example.com"}) {
  creditAccounts { nodes { id } }
  giftCards { nodes { id } }
  storeCreditAccounts { nodes { id } } } }"""

NODE: Final = "query ($id: ID!) { node(id: $id) { id } sources { key } }"


class Bug(InMemoryProvider):
    """Raises what nobody foresaw, with everything in its text that must not be shown."""

    broken = False

    async def gift_card(self, card_id: ProviderCardId) -> GiftCard:
        if self.broken:
            raise RuntimeError(NASTY)
        return await super().gift_card(card_id)


@pytest.fixture
def provider() -> Bug:
    provider = Bug(
        a_source("everything"),
        a_credit_account(source="everything"),
        a_store_credit(source="everything"),
    )
    provider.keep(a_gift_card(source="everything", code=SECRET), owner="shopper@example.com")
    return provider


@pytest.fixture
async def double(provider: Bug) -> AsyncIterator[Graph]:
    async with over_doubles(provider) as graph:
        yield graph


async def ids(graph: Graph) -> dict[str, str]:
    found = (await graph.data(INSTRUMENTS))["customer"]
    return {name: only["nodes"][0]["id"] for name, only in found.items() if only["nodes"]}


@pytest.mark.parametrize(
    ("fault", "kind", "retryable"),
    [
        (ProviderTimedOut, "TIMEOUT", True),
        (ProviderUnreachable, "UNREACHABLE", True),
        (ProviderFailed, "UPSTREAM_ERROR", True),
        (ProviderThrottled, "RATE_LIMITED", True),
        (ProviderRefusedUs, "CREDENTIALS_REJECTED", False),
        (ProviderContractBroken, "BAD_RESPONSE", False),
        (DeadlineExceeded, "DEADLINE_EXCEEDED", True),
    ],
)
async def test_the_outage_of_one_field_is_null_and_an_error_with_its_reason(
    provider: Bug,
    double: Graph,
    fault: type[ProviderFault],
    kind: str,
    retryable: bool,  # noqa: FBT001  # a column of the table above
) -> None:
    card = (await ids(double))["giftCards"]
    provider.fail(fault)

    response = await double.post(NODE, id=card)

    assert response.status_code == 200
    assert response.json()["data"] == {"node": None, "sources": [{"key": "everything"}]}
    (error,) = response.json()["errors"]
    assert error["path"] == ["node"]
    assert error["message"] == fault.says
    assert error["extensions"] == {
        "code": "UPSTREAM_UNAVAILABLE",
        "kind": kind,
        "source": "everything",
        "retryable": retryable,
        "retryAfterSeconds": None,
        "correlationId": response.headers["X-Correlation-Id"],
    }


async def test_an_outage_below_a_list_is_the_error_of_that_field_alone(graph: Graph) -> None:
    await graph.fault("vtex-credit", "throttle", path_contains="/invoices", retry_after_seconds=9)
    answer = await graph.answer(
        """{ customer(by: {email: "shopper@example.com"}) { creditAccounts { nodes {
               source { key } available { amount } outstanding { amount } } } } }"""
    )
    vtex, adobe = answer["data"]["customer"]["creditAccounts"]["nodes"]
    assert vtex == {
        "source": {"key": "vtex-credit"},
        "available": {"amount": "850.555"},
        "outstanding": None,
    }
    assert adobe["outstanding"] == {"amount": "1250.5"}
    (error,) = answer["errors"]
    assert error["path"] == ["customer", "creditAccounts", "nodes", 0, "outstanding"]
    assert error["extensions"]["retryAfterSeconds"] == 9


async def test_one_id_whose_source_is_down_leaves_the_others_of_its_list_alone(
    graph: Graph,
) -> None:
    found = (await graph.data(INSTRUMENTS))["customer"]
    wanted = [found["giftCards"]["nodes"][0]["id"], found["storeCreditAccounts"]["nodes"][0]["id"]]
    await graph.fault("medusa", "error")
    answer = await graph.answer("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=wanted)
    assert answer["data"] == {"nodes": [{"id": wanted[0]}, None]}
    (error,) = answer["errors"]
    assert error["path"] == ["nodes", 1]
    assert error["extensions"]["source"] == "medusa"


@pytest.mark.parametrize(
    "query",
    [
        '{ customer(by: {email: "nobody"}) { id } }',
        '{ customer(by: {email: ""}) { id } }',
        '{ customer(by: {document: "none"}) { id } }',
        '{ customer(by: {externalId: {source: "nowhere", nativeId: "1"}}) { id } }',
        '{ customer(by: {externalId: {source: "medusa", nativeId: ""}}) { id } }',
        '{ creditAccounts(filter: {sources: ["nowhere"]}) { nodes { id } } }',
        '{ storeCreditAccounts(filter: {sources: ["nowhere"]}) { nodes { id } } }',
        '{ creditAccounts(filter: {email: "%s"}) { nodes { id } } }' % ("x" * 501),
        '{ creditAccounts(filter: {email: "a\\u0000b"}) { nodes { id } } }',
        '{ invoices(source: "nowhere") { nodes { id } } }',
        '{ searchGiftCards(search: {source: "nowhere"}) { nodes { id } } }',
        '{ %s { spendableCredit(currency: BRL, options: {sources: ["nowhere"]}) { asOf } } }',
        '{ %s { timeline(filter: {sources: ["nowhere"]}) { nodes { id } } } }',
        "{ %s { spendableCredit(currency: BRL) { expiringWithin(days: -1) { amount } } } }",
        "{ %s { spendableCredit(currency: BRL) { expiringWithin(days: 36501) { amount } } } }",
        '{ %s { giftCards(cart: {grandTotal: "1", itemsTotal: "1", items: ['
        '{id: "1", productId: "1", name: "x", price: "1", quantity: 0}]}) { nodes { id } } } }',
    ],
)
async def test_a_question_that_cannot_be_asked_is_refused_as_invalid_input(
    graph: Graph, query: str
) -> None:
    query = query.replace("%s", 'customer(by: {email: "shopper@example.com"})')
    response = await graph.post(query)
    (error,) = response.json()["errors"]
    assert response.status_code == 200
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["extensions"]["correlationId"] == response.headers["X-Correlation-Id"]


@pytest.mark.parametrize(
    "query",
    [
        '{ invoices(source: "adobe") { nodes { id } } }',
        '{ invoices(source: "medusa") { nodes { id } } }',
        '{ searchGiftCards(search: {source: "vtex-credit"}) { nodes { id } } }',
    ],
)
async def test_what_a_source_cannot_do_is_refused_as_unsupported(graph: Graph, query: str) -> None:
    error = await graph.error(query)
    assert error["extensions"]["code"] == "UNSUPPORTED"


async def test_what_nobody_foresaw_is_masked_and_logged_under_its_correlation_id(
    provider: Bug, double: Graph
) -> None:
    card = (await ids(double))["giftCards"]
    provider.broken = True

    with capture_logs() as logs:
        response = await double.post(NODE, id=card)

    (error,) = response.json()["errors"]
    correlation_id = response.headers["X-Correlation-Id"]
    assert response.status_code == 200
    assert response.json()["data"] == {"node": None, "sources": [{"key": "everything"}]}
    assert error["message"] == "Something went wrong here."
    assert error["extensions"] == {"code": "INTERNAL", "correlationId": correlation_id}
    (line,) = [log for log in logs if log["log_level"] == "error"]
    assert line["correlation_id"] == correlation_id
    assert isinstance(line["exc_info"], RuntimeError)


async def test_no_error_tells_a_url_a_token_a_code_or_somebody_elses_address(
    provider: Bug, double: Graph
) -> None:
    card = (await ids(double))["giftCards"]
    provider.broken = True
    text = (await double.post(NODE, id=card)).text
    for part in ("https", "sk_5a", SECRET, "other@example.com", "RuntimeError", "Traceback"):
        assert part not in text


async def test_the_refusal_of_a_provider_leaves_none_of_its_words(graph: Graph) -> None:
    found = (await graph.data(INSTRUMENTS))["customer"]
    wanted = [only["nodes"][0]["id"] for only in found.values()]
    for source in ("vtex-credit", "vtex-giftcard", "medusa", "adobe"):
        await graph.fault(source, "unauthorized")
    text = json.dumps(
        await graph.answer("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=wanted)
    )
    assert "refused the credentials" in text
    for part in ("sandbox", "http", "401", "Unauthorized", "consumer", "token", "shopper"):
        assert part not in text


@pytest.mark.parametrize("value", [SECRET, {"redemptionCode": SECRET}])
async def test_what_a_client_sends_wrongly_is_never_logged(
    graph: Graph, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logs:
        answer = await graph.client.post(
            "/graphql",
            json={
                "query": """query ($s: GiftCardSearch!) {
                              searchGiftCards(search: $s) { totalCount } }""",
                "variables": {"s": value},
            },
        )
    assert answer.json()["errors"]
    assert SECRET not in caplog.text
    assert SECRET not in json.dumps(logs, default=str)


async def test_a_search_by_code_leaves_the_code_in_no_log(
    graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logs:
        await graph.data(
            """query ($code: String!) { searchGiftCards(search:
                 {source: "vtex-giftcard", redemptionCode: $code}) { nodes { id } } }""",
            code=SECRET,
        )
    assert logs
    assert SECRET not in caplog.text + json.dumps(logs, default=str)


async def test_every_request_has_a_correlation_id_of_its_own(graph: Graph) -> None:
    first, second = [await graph.post("{ sources { key } }") for _ in range(2)]
    assert first.headers["X-Correlation-Id"] != second.headers["X-Correlation-Id"]


async def test_a_missing_source_names_the_same_correlation_id_as_the_header(graph: Graph) -> None:
    await graph.fault("medusa", "error")
    response = await graph.post(
        """{ customer(by: {email: "shopper@example.com"}) { storeCreditAccounts {
               unavailable { correlationId } } } }"""
    )
    (problem,) = unavailable_of(response.json())
    assert problem["correlationId"] == response.headers["X-Correlation-Id"]


def unavailable_of(answer: JSON) -> list[JSON]:
    found: list[JSON] = answer["data"]["customer"]["storeCreditAccounts"]["unavailable"]
    return found


def test_a_currency_mismatch_has_a_code_of_its_own() -> None:
    cause = CurrencyMismatch(expected="BRL", actual="USD")
    shown = present(GraphQLError("x", original_error=cause), "id")
    assert shown.message == "Expected BRL, got USD."
    assert shown.extensions == {"code": "CURRENCY_MISMATCH", "correlationId": "id"}
