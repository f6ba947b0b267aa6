"""Documents of every shape: some that fit no schema, some that fit ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
    parse,
    visit,
)
from hypothesis import strategies as some
from hypothesis.strategies import DrawFn, SearchStrategy

NAMES = some.sampled_from(["a", "b", "nodes", "edges", "ofType"])


def any_documents() -> SearchStrategy[DocumentNode]:
    """With fragments that spread only later ones, so that there is no ring."""
    return some.integers(0, 4).flatmap(_with_fragments).map(parse)


def _with_fragments(count: int) -> SearchStrategy[str]:
    return some.tuples(
        _selections(range(count)).map("query A {}".format),
        _selections(range(count)).map("query B {}".format),
        *(
            _selections(range(own + 1, count)).map(f"fragment F{own} on T {{}}".format)
            for own in range(count)
        ),
    ).map(" ".join)


def _selections(spreadable: range) -> SearchStrategy[str]:
    field = some.builds("{}{}{}".format, some.sampled_from(["", "x: "]), NAMES, _directives())
    spread = some.sampled_from([f"...F{n}" for n in spreadable] or ["z"])
    leaf = some.one_of(field, spread)

    def within(inner: SearchStrategy[str]) -> SearchStrategy[str]:
        sets = some.lists(inner, min_size=1, max_size=3).map(
            lambda parts: f"{{ {' '.join(parts)} }}"
        )
        return some.one_of(
            some.builds("{} {}".format, field, sets),
            some.builds("... on T{} {}".format, _directives(), sets),
        )

    return some.lists(some.recursive(leaf, within, max_leaves=8), min_size=1, max_size=3).map(
        lambda parts: f"{{ {' '.join(parts)} }}"
    )


def _directives() -> SearchStrategy[str]:
    return some.sampled_from(["", "", " @d", " @d @e", " @defer"])


def without_fragments(document: DocumentNode) -> DocumentNode:
    """The same, each spread written out; grows as it must."""
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    written: DocumentNode = visit(document, _WriteOut(fragments))
    return written


class _WriteOut(Visitor):
    """A spread with directives becomes an inline fragment with them; a definition is dropped."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        super().__init__()
        self._fragments = fragments

    def enter_fragment_definition(self, *_: Any) -> Any:
        return self.REMOVE

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> Any:
        fragment = self._fragments[node.name.value]
        return InlineFragmentNode(
            type_condition=fragment.type_condition,
            directives=(*(node.directives or ()), *(fragment.directives or ())),
            selection_set=fragment.selection_set,
        )


@some.composite
def valid_documents(draw: DrawFn, schema: GraphQLSchema) -> str:
    """Of *schema*, most of them small enough to be executed."""
    query = schema.query_type
    assert query is not None
    return f"query {_selection(draw, schema, query, draw(some.integers(1, 7)))}"


def _selection(draw: DrawFn, schema: GraphQLSchema, kind: GraphQLNamedType, depth: int) -> str:
    fields: Mapping[str, GraphQLField] = getattr(kind, "fields", {})
    names = sorted(
        name
        for name, field in fields.items()
        if depth > 1 or not is_composite_type(get_named_type(field.type))
    )
    chosen = draw(some.lists(some.sampled_from(names), unique=True, max_size=3)) if names else []
    parts = ["__typename", *(_field(draw, schema, name, fields[name], depth) for name in chosen)]
    if is_abstract_type(kind) and depth > 1:
        narrowed = draw(some.sampled_from(schema.get_possible_types(kind)))
        parts.append(f"... on {narrowed.name} {_selection(draw, schema, narrowed, depth - 1)}")
    return f"{{ {' '.join(parts)} }}"


def _field(draw: DrawFn, schema: GraphQLSchema, name: str, field: GraphQLField, depth: int) -> str:
    arguments = [
        f"{key}: {_value(draw, argument.type)}"
        for key, argument in field.args.items()
        if is_required_argument(argument) or draw(some.booleans())
    ]
    alias = f"a{draw(some.integers(0, 999_999))}: " if arguments else ""
    within = f"({', '.join(arguments)})" if arguments else ""
    kind = get_named_type(field.type)
    below = _selection(draw, schema, kind, depth - 1) if is_composite_type(kind) else ""
    return f"{alias}{name}{within} {below}"


_SCALARS: Mapping[str, SearchStrategy[str]] = {
    "Int": some.integers(-3, 120).map(str),
    "Boolean": some.sampled_from(["true", "false"]),
    "CurrencyCode": some.sampled_from(['"BRL"', '"USD"', '"XXX"', '""']),
    "DateTime": some.sampled_from(['"2026-01-01T00:00:00Z"', '"soon"']),
}
_TEXTS = some.sampled_from(['"shopper@example.com"', '"medusa"', '""', '"../%2f"', '"\\u0000"'])


def _value(draw: DrawFn, kind: GraphQLInputType) -> str:
    match kind:
        case GraphQLNonNull():
            return _value(draw, kind.of_type)
        case GraphQLList():
            items = (_value(draw, kind.of_type) for _ in range(draw(some.integers(0, 2))))
            return f"[{', '.join(items)}]"
        case GraphQLEnumType():
            names: list[str] = sorted(kind.values)
            return draw(some.sampled_from(names))
        case GraphQLInputObjectType():
            return _object(draw, kind)
    return draw(_SCALARS.get(get_named_type(kind).name, _TEXTS))


def _object(draw: DrawFn, kind: GraphQLInputObjectType) -> str:
    members = kind.fields
    if kind.is_one_of:
        name = draw(some.sampled_from(sorted(members)))
        return f"{{{name}: {_value(draw, members[name].type)}}}"
    chosen = [
        name
        for name, member in members.items()
        if is_required_input_field(member) or draw(some.booleans())
    ]
    return f"{{{', '.join(f'{name}: {_value(draw, members[name].type)}' for name in chosen)}}}"
