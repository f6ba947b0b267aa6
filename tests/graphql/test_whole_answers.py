"""Answers that are not made again, and all those that are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette

from app.cache.questions import tag_of_source
from app.cache.settings import CacheSettings
from app.domain.caller import Caller
from app.domain.identifiers import SourceKey
from app.graphql.context import Context
from app.main import ENDPOINT, Gateway
from tests.graphql.graph import Graph, as_caller, over_sandbox, query_of, settings

CARDS = query_of("shopper", "giftCards { nodes { freshness balance { amount } } }")
VARIED = """query Cards($email: String!) {
  customer(by: {email: $email}) { giftCards { nodes { freshness balance { amount } } } }
}"""
SPENDABLE = query_of(
    "shopper",
    "spendableCredit(currency: BRL, options: {maxStalenessSeconds: 60}) "
    "{ completeness total { amount } }",
)


@dataclass
class Counted:
    """
    The part of the application that every execution begins with.

    Attributes:
        executions: How many there were.
    """

    gateway: Gateway
    executions: int = 0

    def new_context(
        self, caller: Caller, correlation_id: str, must_finish: Callable[[], None]
    ) -> Context:
        self.executions += 1
        return self.gateway.new_context(caller, correlation_id, must_finish)


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    """All clocks stand still, so what was read stays fresh."""
    async with over_sandbox(settings(cache=CacheSettings())) as graph:
        yield graph


@pytest.fixture
def counted(graph: Graph) -> Counted:
    assert isinstance(graph.app, Starlette)
    counted = Counted(graph.app.state.gateway)
    graph.app.state.gateway = counted
    return counted


async def remembered(graph: Graph, query: str, **variables: object) -> bytes:
    """The answer, once it is made of nothing but what was remembered."""
    await graph.data(query, **variables)
    response = await graph.post(query, **variables)
    assert "errors" not in response.json()
    return response.content


async def test_an_answer_of_nothing_but_remembered_parts_is_made_once(
    graph: Graph, counted: Counted
) -> None:
    made = await remembered(graph, CARDS)
    assert b'"LIVE"' not in made
    again = await graph.post(CARDS)
    assert (again.content, counted.executions) == (made, 2)
    assert again.headers["content-type"] == "application/json; charset=utf-8"
    assert again.json()["extensions"]["cost"]["requested"] > 0


async def test_each_answer_bears_the_id_of_its_own_request(graph: Graph) -> None:
    await remembered(graph, CARDS)
    one, other = await graph.post(CARDS), await graph.post(CARDS)
    assert one.headers["x-correlation-id"] != other.headers["x-correlation-id"]


async def test_an_answer_made_for_a_post_answers_a_get(graph: Graph, counted: Counted) -> None:
    made = await remembered(graph, CARDS)
    response = await graph.client.get(ENDPOINT, params={"query": CARDS})
    assert (response.content, counted.executions) == (made, 2)


@pytest.mark.parametrize("other", ["service", "shopper"])
async def test_another_caller_never_gets_it(graph: Graph, counted: Counted, other: str) -> None:
    await remembered(graph, CARDS)
    await graph.client.post(ENDPOINT, json={"query": CARDS}, headers=as_caller(other))
    assert counted.executions == 3


async def test_other_variables_another_form_or_operation_are_other_answers(
    graph: Graph, counted: Counted
) -> None:
    await remembered(graph, VARIED, email="shopper@example.com")
    body = {"query": VARIED, "variables": {"email": "shopper@example.com"}}
    await graph.data(VARIED, email="buyer@example.com")
    strict = {"accept": "application/graphql-response+json"}
    await graph.client.post(ENDPOINT, json=body, headers=strict)
    await graph.client.post(ENDPOINT, json={**body, "operationName": "Cards"})
    assert counted.executions == 5
    await graph.client.post(ENDPOINT, json=body)
    assert counted.executions == 5


@pytest.mark.parametrize(
    "query",
    [
        "{ __typename }",
        "{ viewer { level } }",
        f"{{ sources {{ key status {{ circuit }} }} {CARDS[1:-1]} }}",
        query_of("shopper", "giftCards { nodes { id redemptionCode } }"),
        query_of("shopper", "giftCards { nodes { id holds { nodes { id } } } }"),
        f'{{ operation(by: {{idempotencyKey: "none"}}) {{ id }} {CARDS[1:-1]} }}',
    ],
)
async def test_what_is_more_than_remembered_parts_is_made_each_time(
    graph: Graph, counted: Counted, query: str
) -> None:
    for _ in range(3):
        await graph.data(query)
    assert counted.executions == 3


async def test_an_answer_with_a_source_missing_is_made_each_time(
    graph: Graph, counted: Counted
) -> None:
    unavailable = "creditAccounts { nodes { id } unavailable { kind } }"
    both = query_of("shopper", f"giftCards {{ nodes {{ id }} }} {unavailable}")
    await graph.fault("adobe", "error")
    for _ in range(3):
        found = await graph.data(both)
        assert found["customer"]["creditAccounts"]["unavailable"]
    assert counted.executions == 3
    await graph.fault("adobe", "none")


async def test_an_answer_with_an_error_is_made_each_time(graph: Graph, counted: Counted) -> None:
    query = f'{{ invoices(source: "nobody") {{ totalCount }} {CARDS[1:-1]} }}'
    for _ in range(3):
        assert (await graph.answer(query))["errors"]
    assert counted.executions == 3


async def test_a_total_that_may_be_old_is_remembered_and_a_live_one_is_not(
    graph: Graph, counted: Counted
) -> None:
    await graph.data(SPENDABLE)
    await remembered(graph, SPENDABLE)
    before = counted.executions
    await graph.data(SPENDABLE)
    assert counted.executions == before
    live = SPENDABLE.replace("60", "0")
    for _ in range(2):
        await graph.data(live)
    assert counted.executions == before + 2


async def test_a_write_ends_what_it_touches(graph: Graph, counted: Counted) -> None:
    await remembered(graph, CARDS)
    assert isinstance(graph.app, Starlette)
    await graph.app.state.shared_reads.drop([tag_of_source(SourceKey("vtex-giftcard"))])
    await graph.data(CARDS)
    assert counted.executions == 3


async def test_what_was_remembered_whole_answers_a_client_that_takes_parts(
    graph: Graph, counted: Counted
) -> None:
    query = query_of("shopper", f"... @defer {{ {CARDS[CARDS.index('giftCards') : -3]} }}")
    made = await remembered(graph, query)
    accept = {"accept": "multipart/mixed, application/json"}
    response = await graph.client.post(ENDPOINT, json={"query": query}, headers=accept)
    assert (response.content, counted.executions) == (made, 2)
