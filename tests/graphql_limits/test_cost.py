"""What an operation is estimated to cost, on a schema small enough to reckon by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, OperationDefinitionNode, parse

from app.graphql.declare import resolved
from app.graphql.limits.cost import Estimator, declared_weights
from app.graphql.limits.documents import Documents
from app.graphql.limits.outline import fragments_in_order
from app.graphql.limits.settings import DocumentLimits
from tests.graphql_limits.documents import code_of, executable, fragments

LIMITS = DocumentLimits(assumed_items=10, page_items=50)


@strawberry.interface
class Thing:
    id: strawberry.ID

    @resolved("", cost=2)
    def history(self) -> int:
        return 0


@strawberry.type
class Card(Thing):
    @resolved("", cost=7)
    def history(self) -> int:
        return 0

    @resolved("", cost=3)
    def holds(self, first: int | None = 20) -> CardPage:
        raise AssertionError


@strawberry.type
class Account(Thing):
    @resolved("", upstream=["x/one"])
    def owner(self) -> str:
        return ""


@strawberry.type
class Edge:
    node: Card


@strawberry.type
class CardPage:
    nodes: list[Card]
    edges: list[Edge]

    @resolved("", cost=5)
    def open_amount(self) -> int:
        return 0


@strawberry.type
class Query:
    plain: int

    @resolved("", upstream=["x/one", "x/two"], cost=4)
    def card(self) -> Card:
        raise AssertionError

    @resolved("", cost=10)
    def cards(self, first: int | None = 20) -> CardPage | None:
        raise AssertionError

    @resolved("", cost=1)
    def accounts(self) -> list[Account]:
        raise AssertionError

    @resolved("", cost=20)
    def nodes(self, ids: list[strawberry.ID]) -> list[Thing | None]:
        raise AssertionError

    @resolved("")
    def thing(self) -> Thing:
        raise AssertionError


SCHEMA = strawberry.Schema(query=Query, types=[Card, Account])._schema


def cost(document: str, variables: Mapping[str, Any] | None = None) -> int:
    parsed = parse(document)
    estimator = Estimator(SCHEMA, declared_weights(SCHEMA), LIMITS)
    estimator.read_fragments(fragments_in_order(parsed))
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return estimator.operation(operation).of(variables)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ plain __typename }", 0),
        ("{ card { id } }", 4),
        ("{ card { history } }", 4 + 7),
        ("{ a: card { id } b: card { id } }", 4 + 4),
        ("{ accounts { owner } }", 1 + 10 * 1),
        ("{ thing { history } }", 7),
        ("{ thing { ... on Account { history owner } } }", 2 + 1),
        ("{ cards(first: 3) { openAmount nodes { history } } }", 10 + 5 + 3 * 7),
        ("{ cards(first: 3) { edges { node { history } } } }", 10 + 3 * 7),
        ("{ cards(first: 0) { nodes { history } } }", 10),
        ("{ cards(first: -1) { nodes { history } } }", 10),
        ("{ cards { nodes { history } } }", 10 + 20 * 7),
        ("{ cards(first: null) { nodes { history } } }", 10 + 20 * 7),
        ("{ cards(first: 3) { nodes { holds(first: 5) { nodes { id } } } } }", 10 + 3 * 3),
        (
            "{ cards(first: 3) { nodes { holds(first: 5) { nodes { history } } } } }",
            10 + 3 * (3 + 5 * 7),
        ),
        ("{ nodes(ids: [1, 2, 3]) { id history } }", 20 + 3 * 7),
        ("{ __schema { types { fields { name } } } }", 0),
        ("{ card @include(if: false) { id } }", 4),
    ],
)
def test_a_field_costs_its_weight_as_often_as_it_is_asked_for(document: str, expected: int) -> None:
    assert cost(document) == expected


def test_a_page_may_be_cut_into_fragments() -> None:
    document = """
        { ... on Query { cards(first: 3) { ...Page } } }
        fragment Page on CardPage { openAmount nodes { ...Card } ... { edges { node { id } } } }
        fragment Card on Card { history }
    """
    assert cost(document) == 10 + 5 + 3 * 7


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"first": 3}, 10 + 3 * 7),
        ({}, 10 + 4 * 7),
        (None, 10 + 4 * 7),
        ({"first": None}, 10 + 20 * 7),
        ({"first": "many"}, 10 + 20 * 7),
        ({"first": True}, 10 + 20 * 7),
        ({"first": -5}, 10),
    ],
)
def test_a_variable_says_how_long_a_page_is(
    variables: Mapping[str, Any] | None, expected: int
) -> None:
    document = "query ($first: Int = 4) { cards(first: $first) { nodes { history } } }"
    assert cost(document, variables) == expected


def test_the_number_of_ids_may_come_from_a_variable() -> None:
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { history } }"
    assert cost(document, {"ids": ["a", "b"]}) == 20 + 2 * 7
    assert cost(document) == 20 + 10 * 7


def test_variables_multiply_where_pages_hold_pages() -> None:
    document = """
        query ($a: Int, $b: Int) {
          cards(first: $a) { nodes { holds(first: $b) { nodes { history } } } }
        }
    """
    assert cost(document, {"a": 3, "b": 5}) == 10 + 3 * (3 + 5 * 7)


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ cards(first: 51) { nodes { id } } }", None),
        (f"{{ cards(first: {'9' * 5_000}) {{ nodes {{ id }} }} }}", None),
        ("query ($n: Int) { cards(first: $n) { nodes { history } } }", {"n": 51}),
        ("query ($n: Int = 51) { cards(first: $n) { nodes { history } } }", None),
        ("query ($n: Int) { cards(first: $n) { nodes { id } } }", {"n": 10**30}),
    ],
)
def test_a_page_that_is_too_long_is_refused(
    document: str, variables: Mapping[str, Any] | None
) -> None:
    with pytest.raises(GraphQLError) as refused:
        cost(document, variables)
    assert code_of(refused.value) == "LIST_TOO_LONG"


def test_an_estimate_takes_each_fragment_once_however_often_it_is_spread() -> None:
    spread = "a: cards(first: $n) { nodes { history } } ...NEXT ...NEXT"
    document = "query ($n: Int) { ...F0 } " + fragments(100, "Query", spread, "plain")
    assert cost(document, {"n": 1}) == (10 + 7) * (2**100 - 1)


def test_the_weights_are_those_that_the_fields_declare() -> None:
    weights = declared_weights(executable())
    assert weights["Customer", "spendableCredit"] == 20
    assert weights["GiftCard", "ledger"] == weights["CreditInstrument", "ledger"] == 15
    assert weights["CreditSource", "storeConfiguration"] == 1
    assert ("Customer", "displayName") not in weights


def test_every_operation_of_a_document_has_a_cost_of_its_own() -> None:
    document = "query A { card { id } } query B { plain }"
    costs = Documents(LIMITS).read(document, SCHEMA).costs
    assert {name: cost.of(None) for name, cost in costs.items()} == {"A": 4, "B": 0}
