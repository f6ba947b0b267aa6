"""The schema as it is printed, explained, and promised."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from graphql import (
    DirectiveNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
    print_ast,
)

from app.graphql.schema import printed_schema

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "../shared/schema-target.graphql"

NOT_YET = {
    "CreditAccount.risk",
    "Customer.reservations",
    "Customer.risk",
    "Customer.spendPlan",
    "Mutation.captureReservation",
    "Mutation.refundReservation",
    "Mutation.releaseReservation",
    "Mutation.reserveCredit",
    "Query.auditLog",
    "Query.reservation",
    "Viewer.actingFor",
}
"""What the target has on types that exist here, and the schema has not yet."""

NOT_YET_TYPES = {
    "AgingBucket",
    "AuditConnection",
    "AuditEdge",
    "AuditEvent",
    "CreditRisk",
    "ReleaseReservationInput",
    "Reservation",
    "ReservationAmountInput",
    "ReservationConnection",
    "ReservationEdge",
    "ReservationLine",
    "ReservationPayload",
    "ReservationState",
    "ReservationStep",
    "ReserveCreditInput",
    "ReserveLineInput",
    "SpendPlan",
    "SpendPlanInput",
    "SpendPlanLine",
    "SpendStrategy",
    "Subscription",
}
"""Types of the target that nothing here needs yet."""

ADDED = {
    "Capability.ACCOUNT_WRITE",
    "CreditAccount.holds",
    "CreditAccount.holds(after:)",
    "CreditAccount.holds(first:)",
    "Hold.capturable",
    "HoldConnection.totalCount",
    "IneligibilityReason.STATUS_UNKNOWN",
    "InvoiceStatus.UNKNOWN",
    "LedgerEntryConnection.totalCount",
    "LedgerFilter.operations",
    "PostponementTerms.daysLeft",
    "StoreCreditAccount.holds",
    "StoreCreditAccount.holds(after:)",
    "StoreCreditAccount.holds(first:)",
}
"""What the schema has beyond the target, on purpose."""

Typed = Mapping[str, str]


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(printed_schema())


@pytest.fixture(scope="module")
def target() -> GraphQLSchema:
    if not TARGET.exists():
        pytest.skip("../shared/schema-target.graphql is not there")
    return build_schema(TARGET.read_text(encoding="utf-8"))


def own_types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    return [
        one
        for one in schema.type_map.values()
        if not is_introspection_type(one) and not is_specified_scalar_type(one)
    ]


def members(one: GraphQLNamedType) -> Iterator[tuple[str, str]]:
    """What clients are written against: each member of a type, and its own type or default."""
    match one:
        case GraphQLObjectType() | GraphQLInterfaceType():
            yield from fields_and_arguments(one)
        case GraphQLInputObjectType():
            for name, member in one.fields.items():
                yield f"{one.name}.{name}", written(member.type, member.ast_node)
        case GraphQLEnumType():
            yield from ((f"{one.name}.{name}", "value") for name in one.values)
        case GraphQLUnionType():
            yield from ((f"{one.name}.{possible.name}", "possible") for possible in one.types)


def fields_and_arguments(
    one: GraphQLObjectType | GraphQLInterfaceType,
) -> Iterator[tuple[str, str]]:
    for name, field in one.fields.items():
        yield f"{one.name}.{name}", str(field.type)
        for argument, taken in field.args.items():
            yield f"{one.name}.{name}({argument}:)", written(taken.type, taken.ast_node)


def written(type_: object, node: object) -> str:
    default = getattr(node, "default_value", None)
    return f"{type_} = {print_ast(default)}" if default else str(type_)


def members_of(schema: GraphQLSchema) -> Typed:
    return {place: typed for one in own_types(schema) for place, typed in members(one)}


def type_of(place: str) -> str:
    return place.partition(".")[0]


def test_the_checked_in_schema_is_what_the_code_says() -> None:
    assert (ROOT / "schema.graphql").read_text(encoding="utf-8") == printed_schema()


def test_everything_has_a_description(schema: GraphQLSchema) -> None:
    assert [place for place, text in descriptions(schema) if not (text or "").strip()] == []


def descriptions(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    for one in own_types(schema):
        yield one.name, one.description
        fields = getattr(one, "fields", {})
        for name, field in fields.items():
            yield f"{one.name}.{name}", field.description
            for argument, taken in getattr(field, "args", {}).items():
                yield f"{one.name}.{name}({argument}:)", taken.description
    for directive in schema.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive.description


def test_a_description_is_a_sentence(schema: GraphQLSchema) -> None:
    unfinished = [
        (place, text)
        for place, text in descriptions(schema)
        if text and text.strip()[-1] not in '.?"'
    ]
    assert unfinished == []


def test_what_the_target_promises_is_here_or_on_the_list(
    schema: GraphQLSchema, target: GraphQLSchema
) -> None:
    ours, promised = members_of(schema), members_of(target)
    shared_types = {one.name for one in own_types(schema)}
    missing = {place for place in promised if type_of(place) in shared_types and place not in ours}
    assert {place for place in missing if "(" not in place} == NOT_YET
    arguments = {place for place in missing if "(" in place}
    assert {place for place in arguments if place.partition("(")[0] not in NOT_YET} == set()


def test_every_type_of_the_target_is_here_or_on_the_list(
    schema: GraphQLSchema, target: GraphQLSchema
) -> None:
    here = {one.name for one in own_types(schema)}
    assert {one.name for one in own_types(target)} - here == NOT_YET_TYPES


def test_what_both_have_has_the_same_type_and_default(
    schema: GraphQLSchema, target: GraphQLSchema
) -> None:
    ours, promised = members_of(schema), members_of(target)
    differing = {
        place: (ours[place], promised[place])
        for place in ours.keys() & promised.keys()
        if ours[place] != promised[place]
    }
    assert differing == {}


def test_what_the_schema_adds_is_on_the_list(schema: GraphQLSchema, target: GraphQLSchema) -> None:
    assert members_of(schema).keys() - members_of(target).keys() == ADDED


def test_both_say_the_same_of_access_and_of_the_operations_behind_a_field(
    schema: GraphQLSchema, target: GraphQLSchema
) -> None:
    ours, promised = directives_of(schema), directives_of(target)
    differing = {
        place: (ours[place], said)
        for place, said in promised.items()
        if place in ours and not said.items() <= ours[place].items()
    }
    assert differing == {}


def directives_of(schema: GraphQLSchema) -> Mapping[str, Mapping[str, str]]:
    """`@access` and `@upstream` of every object field."""
    return {
        f"{one.name}.{name}": {
            directive.name.value: print_ast(directive)
            for directive in directives(field.ast_node)
            if directive.name.value in ("access", "upstream")
        }
        for one in own_types(schema)
        if isinstance(one, GraphQLObjectType)
        for name, field in one.fields.items()
    }


def directives(node: object) -> tuple[DirectiveNode, ...]:
    return tuple(getattr(node, "directives", None) or ())


def upstream_operations(schema: GraphQLSchema) -> set[str]:
    found = set()
    for one in own_types(schema):
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType):
            for field in one.fields.values():
                for directive in directives(field.ast_node):
                    if directive.name.value == "upstream":
                        found |= set(re.findall(r'"([^"]+)"', print_ast(directive)))
    return found


def test_every_operation_of_the_providers_stands_behind_a_field(
    schema: GraphQLSchema, target: GraphQLSchema
) -> None:
    assert upstream_operations(schema) == upstream_operations(target)


def test_money_is_never_a_float(schema: GraphQLSchema) -> None:
    floats = [place for place, typed in members_of(schema).items() if "Float" in typed]
    assert floats == ["SourceStatus.errorRate"]  # a share of calls
    assert members_of(schema)["Money.amount"] == "Decimal!"


def test_an_amount_without_a_currency_is_only_asked_for_never_answered(
    schema: GraphQLSchema,
) -> None:
    decimals = {
        place
        for one in own_types(schema)
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType)
        for place, typed in members(one)
        if "Decimal" in typed and "(" not in place
    }
    assert decimals == {
        "BalanceOperationEntry.rate",
        "CreditAccount.tolerance",
        "ExchangeRate.rate",
        "Money.amount",
        "StoreConfiguration.dailyInterestRate",
        "StoreConfiguration.maxHoldGrowthRate",
        "StoreConfiguration.taxRate",
    }


def test_the_scalars_are_the_ones_of_the_target(
    schema: GraphQLSchema, target: GraphQLSchema
) -> None:
    assert scalars(schema) == scalars(target)


def scalars(schema: GraphQLSchema) -> set[str]:
    return {one.name for one in own_types(schema) if isinstance(one, GraphQLScalarType)}


def test_both_name_the_same_interfaces(schema: GraphQLSchema, target: GraphQLSchema) -> None:
    promised = target.type_map
    differing = {
        one.name: (ours, theirs)
        for one in own_types(schema)
        if isinstance(one, GraphQLObjectType)
        and isinstance(there := promised.get(one.name), GraphQLObjectType)
        and (ours := {i.name for i in one.interfaces})
        != (theirs := {i.name for i in there.interfaces})
    }
    assert differing == {}
