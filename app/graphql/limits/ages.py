"""
How long an answer may be reused, as far as the document tells.

The shortest `@cacheControl` counts, of what is selected or may be: asked of an interface, a field
is as short-lived as at its most short-lived implementation. `@skip`, `@include` and the types of
fragments change nothing. How old the data are that it is made of is not told here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)

from app.graphql.declare import CacheControl

Ages = Mapping[str, float]
"""Seconds, by `Type` and by `Type.field`; what is not in it may be reused for ever."""


def declared_ages(schema: GraphQLSchema) -> Ages:
    """What the types and fields of *schema* say of themselves."""
    ages = dict(_own(schema))
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            possible = schema.get_possible_types(kind)
            names = ["", *(f".{name}" for name in getattr(kind, "fields", {}))]
            for name in names:
                known = (ages.get(f"{one.name}{name}", inf) for one in (kind, *possible))
                ages[f"{kind.name}{name}"] = min(known)
    return {place: age for place, age in ages.items() if age < inf}


def _own(schema: GraphQLSchema) -> Iterator[tuple[str, float]]:
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            yield kind.name, _declared(kind)
            for name, definition in kind.fields.items():
                yield f"{kind.name}.{name}", _declared(definition)


def _declared(definition: object) -> float:
    extensions = getattr(definition, "extensions", {})
    directives = getattr(extensions.get("strawberry-definition"), "directives", None) or ()
    return min((one.max_age for one in directives if isinstance(one, CacheControl)), default=inf)


@dataclass(slots=True)
class AgeReader:
    """Reads the ages off one valid document."""

    schema: GraphQLSchema
    ages: Ages
    _fragments: dict[str, float] = field(default_factory=dict)

    def read_fragments(self, in_order: Iterable[FragmentDefinitionNode]) -> None:
        """
        Args:
            in_order: Each after those it spreads.
        """
        for fragment in in_order:
            kind = self.schema.type_map[fragment.type_condition.name.value]
            self._fragments[fragment.name.value] = self._selected(fragment.selection_set, kind)

    def operation(self, operation: OperationDefinitionNode) -> float:
        """In seconds; infinite where nothing says otherwise, none where something is changed."""
        if operation.operation is not OperationType.QUERY:
            return 0
        root = self.schema.get_root_type(operation.operation)
        assert root is not None
        return self._selected(operation.selection_set, root)

    def _selected(self, selections: SelectionSetNode | None, kind: GraphQLNamedType) -> float:
        parts = selections.selections if selections else ()
        return min((self._part(one, kind) for one in parts), default=inf)

    def _part(self, selection: object, kind: GraphQLNamedType) -> float:
        match selection:
            case FragmentSpreadNode(name=name):
                return self._fragments[name.value]
            case InlineFragmentNode(type_condition=on, selection_set=selected):
                return self._selected(selected, self.schema.type_map[on.name.value] if on else kind)
            case FieldNode(name=name, selection_set=selected):
                return self._field(kind, name.value, selected)
        return inf

    def _field(self, kind: GraphQLNamedType, name: str, selected: SelectionSetNode | None) -> float:
        own = self.ages.get(f"{kind.name}.{name}", inf)
        definition = getattr(kind, "fields", {}).get(name)
        if definition is None:
            return own
        of = get_named_type(definition.type)
        return min(own, self.ages.get(of.name, inf), self._selected(selected, of))
