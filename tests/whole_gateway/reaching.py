"""Documents made from the schema: for every type a way to it, for every argument a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
    value_from_ast_untyped,
)

from app.domain.access import AccessLevel

LONGEST_WAY: Final = 2

_SCALARS: Final[Mapping[str, str]] = {
    "Boolean": "false",
    "CurrencyCode": '"BRL"',
    "DateTime": '"2026-11-22T12:00:00Z"',
    "Decimal": '"1.00"',
    "Float": "1.0",
    "ID": "$id",
    "Int": "1",
    "JSON": "{}",
    "URL": '"https://shop.example/"',
}
_MEMBERS: Final[Mapping[str, str]] = {
    "GiftCardSearch.source": '"vtex-giftcard"',
    "CustomerRef": '{email: "shopper@example.com"}',
    "source": '"vtex-credit"',
    "email": '"shopper@example.com"',
    "document": '"11144477735"',
    "options": "{indicativeConversion: true}",
}
"""By place, by type or by name alone: where a text of any kind would be no valid input."""
_ALSO: Final = frozenset({"options"})
"""Arguments that are given though they need not: without them there is less to see."""

_numbers = count(1)


@dataclass(frozen=True)
class Need:
    """What a field asks of its caller."""

    level: AccessLevel
    scopes: frozenset[str] = frozenset()

    def is_met(self, level: AccessLevel, scopes: frozenset[str]) -> bool:
        return level >= self.level and scopes >= self.scopes


def need_of(field: GraphQLField) -> Need | None:
    """As the printed schema has it."""
    for directive in (field.ast_node and field.ast_node.directives) or ():
        if directive.name.value == "access":
            given = {
                one.name.value: value_from_ast_untyped(one.value)
                for one in directive.arguments or ()
            }
            return Need(AccessLevel[str(given["min"])], frozenset(given.get("scopes", ())))
    return None


@dataclass(frozen=True)
class Step:
    """From an object of type *owner* through one of its fields."""

    owner: GraphQLObjectType
    name: str

    @property
    def field(self) -> GraphQLField:
        field: GraphQLField = self.owner.fields[self.name]
        return field


Way = tuple[Step, ...]


def ways_from(schema: GraphQLSchema, start: GraphQLObjectType) -> Iterator[tuple[Way, str]]:
    """Ways that begin at an object of type *start* with the type they lead to, shortest first."""
    here: list[tuple[Way, GraphQLObjectType]] = [((), start)]
    for _ in range(LONGEST_WAY + 1):
        yield from ((way, kind.name) for way, kind in here)
        here = [
            ((*way, Step(kind, name)), reached)
            for way, kind in here
            for name, field in kind.fields.items()
            for reached in objects_of(schema, get_named_type(field.type))
            if reached not in {start, *(one.owner for one in way)}
        ]


def objects_of(schema: GraphQLSchema, kind: GraphQLNamedType) -> list[GraphQLObjectType]:
    """The types that an object of a composite type can have."""
    if is_abstract_type(kind):
        return list(schema.get_possible_types(kind))
    return [kind] if isinstance(kind, GraphQLObjectType) else []


def led_to_by(schema: GraphQLSchema, start: GraphQLNamedType) -> set[str]:
    """The object types that fields lead to from one type, however far."""
    seen: set[str] = set()
    here = objects_of(schema, start)
    while here:
        seen |= {one.name for one in here}
        here = [
            reached
            for one in here
            for field in one.fields.values()
            for reached in objects_of(schema, get_named_type(field.type))
            if reached.name not in seen
        ]
    return seen


def along(way: Way, selected: str) -> str:
    """*selected* at the end of a way that begins at an object of the first step's type."""
    for step in reversed(way):
        selected = (
            f"... on {step.owner.name} {{ {called(step.name, step.field)} {{ {selected} }} }}"
        )
    return selected


def selected(kind: GraphQLObjectType, names: list[str]) -> str:
    """These fields of *kind*, each as small as it can be."""
    fields = (
        f"{called(name, kind.fields[name])}{bare(get_named_type(kind.fields[name].type))}"
        for name in names
    )
    return f"... on {kind.name} {{ __typename {' '.join(fields)} }}"


def bare(kind: GraphQLNamedType) -> str:
    return " { __typename }" if is_composite_type(kind) else ""


def called(name: str, field: GraphQLField) -> str:
    """A field with the arguments that it needs."""
    arguments = (
        f"{key}: {value_of(argument.type, key)}"
        for key, argument in field.args.items()
        if is_required_argument(argument) or key in _ALSO
    )
    given = ", ".join(arguments)
    return f"{name}({given})" if given else name


def value_of(kind: GraphQLInputType, name: str, *, inside: str = "") -> str:
    """
    A literal that is a valid value; every id in it is the variable `$id`.

    Args:
        name: Of the argument or member.
        inside: The type of the input that the member is of.
    """
    if isinstance(kind, GraphQLNonNull):
        return value_of(kind.of_type, name, inside=inside)
    if isinstance(kind, GraphQLList):
        return f"[{value_of(kind.of_type, name, inside=inside)}]"
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    for place in (f"{inside}.{name}", kind.name, name):
        if place in _MEMBERS:
            return _MEMBERS[place]
    if isinstance(kind, GraphQLInputObjectType):
        return _object(kind)
    return _SCALARS.get(kind.name, f'"text {next(_numbers)}"')


def _object(kind: GraphQLInputObjectType) -> str:
    names = [name for name, member in kind.fields.items() if is_required_input_field(member)]
    if kind.is_one_of:
        names = list(kind.fields)[:1]
    members = (
        f"{name}: {value_of(kind.fields[name].type, name, inside=kind.name)}" for name in names
    )
    return f"{{{', '.join(members)}}}"


def roots(schema: GraphQLSchema) -> list[tuple[str, GraphQLObjectType]]:
    """The operations that there are, each with its type; mutations too once there are some."""
    kinds = (("query", schema.query_type), ("mutation", schema.mutation_type))
    return [(operation, kind) for operation, kind in kinds if kind]


def document(operation: str, body: str) -> str:
    declared = "($id: ID!) " if "$id" in body else ""
    return f"{operation} {declared}{{ {body} }}"
