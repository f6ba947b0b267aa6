"""Every field of the schema is asked for here, and means something to somebody in the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    NameNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    is_introspection_type,
    parse,
    print_ast,
    separate_operations,
    validate,
    visit,
)

from app.graphql.schema import printed_schema
from tests.graphql.graph import JSON, SOURCES, Graph, over_sandbox

EVERYTHING: Final = parse((Path(__file__).parent / "everything.graphql").read_text())
OPERATIONS: Final = separate_operations(EVERYTHING)
SHOPPER: Final = "shopper@example.com"
PEOPLE: Final = (
    SHOPPER,
    "buyer@example.com",
    "collector@example.com",
    "overdrawn@example.com",
)

NEVER_HERE: Final = {
    "the provider does not tell": {
        "GiftCard.reloadable",
        "GiftCard.restrictedToOwner",
        "GiftCard.reusable",
        "GiftCardConnection.totalCount",
        "InvoicePaymentEntry.actor",
        "InvoicePaymentEntry.availableAfter",
        "InvoicePaymentEntry.balanceAfter",
        "InvoicePaymentEntry.note",
        "LimitChangeEntry.note",
        "LimitChangeEntry.reference",
        "PreAuthorizationEntry.actor",
        "PreAuthorizationEntry.availableAfter",
        "PreAuthorizationEntry.balanceAfter",
        "PreAuthorizationEntry.expiresAt",
        "RefundEntry.hold",
        "SettlementEntry.actor",
        "SettlementEntry.availableAfter",
        "SettlementEntry.balanceAfter",
        "VtexGiftCardDetails.caption",
        "VtexGiftCardDetails.relationName",
    },
    "only the API's older generation has them": {
        "MedusaStoreCreditDetails.transactionGroups",
        "StoreCreditTransactionGroup.balance",
        "StoreCreditTransactionGroup.code",
        "StoreCreditTransactionGroup.credits",
        "StoreCreditTransactionGroup.debits",
        "StoreCreditTransactionGroup.nativeId",
    },
    "nothing measures the way to this sandbox": {
        "CreditSource.status",
        "SourceStatus.circuit",
        "SourceStatus.errorRate",
        "SourceStatus.lastErrorCode",
        "SourceStatus.lastSuccessAt",
        "SourceStatus.p95Millis",
        "SourceStatus.rateLimitRemaining",
        "SourceStatus.since",
        "SourceStatus.state",
    },
    "only who knows the code of such a card finds it": {"GiftCard.backedBy"},
    "an administrator owns nothing": {"Viewer.customer"},
    "nothing old stands in for a source": {"SourceProblem.servedStaleFrom"},
    "every currency has a rate": {"SpendableCredit.unconverted"},
}
"""Fields that are null or empty for everybody in the built-in data."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(printed_schema())


@pytest.fixture(scope="module")
def readable(schema: GraphQLSchema) -> set[str]:
    return {
        f"{one.name}.{field}"
        for one in met_from(schema, schema.query_type)
        if isinstance(one, GraphQLObjectType)
        for field in one.fields
    }


def met_from(schema: GraphQLSchema, *roots: GraphQLNamedType | None) -> set[GraphQLNamedType]:
    """Every type that a walk from *roots* can come to."""
    met: set[GraphQLNamedType] = set()
    ahead = [one for one in roots if one is not None]
    while ahead:
        one = ahead.pop()
        if one in met:
            continue
        met.add(one)
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType):
            ahead += [get_named_type(field.type) for field in one.fields.values()]
        if isinstance(one, GraphQLInterfaceType | GraphQLUnionType):
            ahead += schema.get_possible_types(one)
    return met


class Selected(Visitor):
    """Collects the fields that a document asks for, by the type they are asked of."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.fields: set[str] = set()
        self._types = types

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self._types.get_parent_type()
        assert parent is not None
        self.fields.add(f"{parent.name}.{node.name.value}")


class WithTypenames(Visitor):
    """Asks every object for its type, too."""

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode:
        typename = FieldNode(name=NameNode(value="__typename"))
        return SelectionSetNode(selections=(*node.selections, typename))


def fields_in(value: object) -> Iterator[tuple[str, object]]:
    """Each field of an answer with its value, by the type it was asked of."""
    match value:
        case {"__typename": str(type_), **fields}:
            for name, item in fields.items():
                yield f"{type_}.{name}", item
                yield from fields_in(item)
        case list():
            for item in value:
                yield from fields_in(item)


def with_typenames(operation: str) -> DocumentNode:
    document: DocumentNode = visit(OPERATIONS[operation], WithTypenames())
    return document


async def ask(graph: Graph, operation: str, **variables: object) -> JSON:
    return await graph.data(print_ast(with_typenames(operation)), **variables)


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[Graph]:
    """One of its own, since something is written to it."""
    async with over_sandbox() as graph:
        yield graph


@pytest.fixture(scope="module")
async def answers(house: Graph) -> list[JSON]:
    """Everything about everybody: the roots, then one more question for each id met."""
    receipts = await set_aside(house)
    roots = [await ask(house, "Roots", email=one) for one in PEOPLE]
    roots += [await troubled(house, one, "Roots", email=SHOPPER) for one in SOURCES]
    known = dict(ids_in([receipts, *[await met(house, one) for one in PEOPLE]]))
    card = next(id_ for id_, type_ in known.items() if type_ == "GiftCard")
    roots.append(await troubled(house, SOURCES[1], "GiftCard", part="/transactions", id=card))
    return roots + [
        await ask(house, type_, id=id_) for id_, type_ in known.items() if type_ in OPERATIONS
    ]


async def set_aside(graph: Graph) -> list[JSON]:
    """One hold on each kind of account, the first of them captured in part; their receipts."""
    found = await graph.data(
        """query ($email: String!) { customer(by: {email: $email}) {
             creditAccounts { nodes { id } } storeCreditAccounts { nodes { id } } } }""",
        email=SHOPPER,
    )
    accounts = [one["nodes"][0]["id"] for one in found["customer"].values()]
    holds = [await hold_on(graph, one) for one in accounts]
    captured = await change(
        graph, "captureHold", "HoldAmountInput", id=holds[0]["hold"]["id"], key="capture"
    )
    return [*holds, captured]


async def hold_on(graph: Graph, account: str) -> JSON:
    return await change(
        graph,
        "createHold",
        "CreateHoldInput",
        instrumentId=account,
        orderId="order-1",
        key=account,
    )


async def change(graph: Graph, mutation: str, input_type: str, *, key: str, **asked: str) -> JSON:
    """The payload of a mutation of 10.00 that nothing is wrong with."""
    amount = {"amount": "10.00", "currencyCode": "BRL"}
    shown = "userErrors { message } operation { __typename id } hold { __typename id }"
    found = await graph.data(
        f"mutation ($input: {input_type}!) {{ {mutation}(input: $input) {{ {shown} }} }}",
        input={"amount": amount, "idempotencyKey": f"key-{key[-40:]}", **asked},
    )
    payload: JSON = found[mutation]
    assert payload.pop("userErrors") == []
    return payload


async def troubled(
    graph: Graph, source: str, operation: str, *, part: str = "", **variables: object
) -> JSON:
    """The answer while a source, or a part of it, is throttled."""
    await graph.fault(source, "throttle", path_contains=part)
    found = await graph.answer(print_ast(with_typenames(operation)), **variables)
    await graph.fault(source, "none")
    answered: JSON = found["data"]
    return answered


async def met(graph: Graph, who: str) -> JSON:
    return await graph.data(
        """query ($email: String!) { customer(by: {email: $email}) {
             creditAccounts { nodes { __typename id holds { nodes { __typename id } } } }
             giftCards(first: 4) { nodes { __typename id holds { nodes { __typename id } } } }
             storeCreditAccounts { nodes { __typename id holds { nodes { __typename id } } } }
             invoices(first: 40) { nodes { __typename id } }
             timeline(first: 100) { nodes { __typename id } } } }""",
        email=who,
    )


def ids_in(value: object) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            if "id" in value:
                yield value["id"], value["__typename"]
            for item in value.values():
                yield from ids_in(item)
        case list():
            for item in value:
                yield from ids_in(item)


def test_every_readable_field_is_asked_for(schema: GraphQLSchema, readable: set[str]) -> None:
    assert validate(schema, EVERYTHING) == []
    types = TypeInfo(schema)
    selected = Selected(types)
    visit(EVERYTHING, TypeInfoVisitor(types, selected))
    assert readable - selected.fields == set()


def test_what_no_question_leads_to_is_the_answer_to_a_mutation(schema: GraphQLSchema) -> None:
    questions = met_from(schema, schema.query_type)
    elsewhere = {
        one.name
        for one in schema.type_map.values()
        if isinstance(one, GraphQLObjectType)
        and one not in questions
        and not is_introspection_type(one)
    }
    answers = {name for name in elsewhere if name.endswith(("Payload", "Error"))}
    assert elsewhere - answers == {"Mutation", "AccountHolder"}


def test_every_object_with_an_id_is_asked_for_by_it(schema: GraphQLSchema) -> None:
    nodes = {one.name for one in schema.get_possible_types(schema.type_map["Node"])}  # type: ignore[arg-type]  # an interface
    assert nodes - OPERATIONS.keys() == {"CreditSource", "Customer"}


async def test_every_readable_field_says_something_about_somebody(
    answers: list[JSON], readable: set[str]
) -> None:
    told: Mapping[str, Any] = {
        place: value
        for place, value in fields_in([{"__typename": "Query", **one} for one in answers])
        if value not in (None, [])
    }
    assert readable - told.keys() == set().union(*NEVER_HERE.values())
