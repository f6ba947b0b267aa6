"""
What an operation may cost, in calls to providers, estimated before any is made.

A field costs its `@cost`; without one, 1 where it has `@upstream`, else nothing. Asked of an
interface, it costs what it does at its dearest implementation. What stands below `nodes` and
`edges` counts as often as the connection's `first` says, below `nodes(ids:)` as often as there are
ids, below any other list a fixed number of times. `@skip`, `@include` and the types of fragments
change nothing, and what is selected twice counts twice: the estimate errs towards too much.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    value_from_ast_untyped,
)

from app.graphql.declare import Cost as CostDirective
from app.graphql.declare import Upstream
from app.graphql.limits.refusal import refused
from app.graphql.limits.settings import DocumentLimits

PAGE: Final = "first"
IDS: Final = "ids"
ITEMS: Final = frozenset({"nodes", "edges"})
_MOST_DIGITS: Final = 11
"""Of a 32-bit number, with its sign."""

Weights = Mapping[tuple[str, str], int]
"""By type and field; a field that is not in it costs nothing."""


@dataclass(frozen=True, slots=True)
class Times:
    """
    How often something is counted.

    Attributes:
        usual: For a variable that is not given.
    """

    usual: int
    variable: str | None = None
    most: int | None = None

    def of(self, variables: Mapping[str, Any]) -> int:
        """
        Raises:
            GraphQLError: More items are asked for than a page may have.
        """
        match variables.get(self.variable) if self.variable else None:
            case list() as many:
                return len(many)
            case bool():
                return self.usual
            case int() as many:
                return max(0, within(self.most, many))
        return self.usual


@dataclass(frozen=True, slots=True, eq=False)
class Cost:
    """A sum, of which *parts* depend on variables."""

    fixed: int = 0
    parts: tuple[tuple[Times, Cost], ...] = ()

    def of(self, variables: Mapping[str, Any]) -> int:
        """
        Raises:
            GraphQLError: The variables ask for a page that is too long.
        """
        return self._of(variables, {})

    def _of(self, variables: Mapping[str, Any], known: dict[Cost, int]) -> int:
        """Fragments are shared: each is summed once, however often it is spread."""
        found = known.get(self)
        if found is None:
            found = self.fixed + sum(
                times.of(variables) * part._of(variables, known) for times, part in self.parts
            )
            known[self] = found
        return found

    def times(self, times: Times) -> Cost:
        if times.variable is None and not self.parts:
            return Cost(self.fixed * times.usual)
        return Cost(0, ((times, self),))


@dataclass(frozen=True, slots=True)
class OperationCost:
    """
    Attributes:
        defaults: Of the operation's variables.
    """

    cost: Cost
    defaults: Mapping[str, Any]

    def of(self, variables: Mapping[str, Any] | None) -> int:
        """
        Raises:
            GraphQLError: The variables ask for a page that is too long.
        """
        return self.cost.of({**self.defaults, **(variables or {})})


NOTHING: Final = Cost()
ONCE: Final = Times(1)


def total(costs: Iterable[Cost]) -> Cost:
    fixed = 0
    parts: list[tuple[Times, Cost]] = []
    for cost in costs:
        if cost.parts:
            parts.append((ONCE, cost))
        else:
            fixed += cost.fixed
    if len(parts) == 1 and not fixed:
        return parts[0][1]
    return Cost(fixed, tuple(parts))


def within(most: int | None, asked: int) -> int:
    """
    *asked*.

    Raises:
        GraphQLError: It is more than *most*.
    """
    if most is not None and asked > most:
        raise refused(
            "LIST_TOO_LONG", f"`{PAGE}` asks for more than {most} items at once.", limit=most
        )
    return asked


def declared_weights(schema: GraphQLSchema) -> Weights:
    """What the fields of *schema* say of themselves."""
    own = {
        (kind.name, name): weight
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        for name, definition in kind.fields.items()
        if (weight := _declared(definition))
    }
    dearest = {
        (kind.name, name): max(own.get((one.name, name), 0) for one in (kind, *implementations))
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLInterfaceType)
        and (implementations := schema.get_possible_types(kind))
        for name in kind.fields
    }
    return {**own, **dearest}


def _declared(definition: GraphQLField) -> int:
    strawberry_field = definition.extensions.get("strawberry-definition")
    directives = getattr(strawberry_field, "directives", ())
    for directive in directives:
        if isinstance(directive, CostDirective):
            return directive.weight
    return int(any(isinstance(directive, Upstream) for directive in directives))


@dataclass(frozen=True, slots=True)
class Selected:
    """
    What a selection set costs.

    Attributes:
        each: The part below `nodes` and `edges`.
    """

    once: Cost = NOTHING
    each: Cost = NOTHING

    def together(self) -> Cost:
        return total((self.once, self.each))


@dataclass(slots=True)
class Estimator:
    """Reads the costs off one valid document."""

    schema: GraphQLSchema
    weights: Weights
    limits: DocumentLimits
    _fragments: dict[str, Selected] = field(default_factory=dict)

    def read_fragments(self, in_order: Iterable[FragmentDefinitionNode]) -> None:
        """
        Args:
            in_order: Each after those it spreads.
        """
        for fragment in in_order:
            kind = self.schema.type_map[fragment.type_condition.name.value]
            self._fragments[fragment.name.value] = self._selected(fragment.selection_set, kind)

    def operation(self, operation: OperationDefinitionNode) -> OperationCost:
        """
        Raises:
            GraphQLError: The document itself asks for a page that is too long.
        """
        root = self.schema.get_root_type(operation.operation)
        assert root is not None
        return OperationCost(
            self._selected(operation.selection_set, root).together(),
            {
                one.variable.name.value: value_from_ast_untyped(one.default_value)
                for one in operation.variable_definitions or ()
                if one.default_value
            },
        )

    def _selected(self, selections: SelectionSetNode, kind: GraphQLNamedType) -> Selected:
        once: list[Cost] = []
        each: list[Cost] = []
        for part in self._parts(selections, kind):
            once.append(part.once)
            each.append(part.each)
        return Selected(total(once), total(each))

    def _parts(self, selections: SelectionSetNode, kind: GraphQLNamedType) -> Iterator[Selected]:
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    cost = self._field(selection, kind)
                    yield Selected(each=cost) if selection.name.value in ITEMS else Selected(cost)
                case FragmentSpreadNode():
                    yield self._fragments[selection.name.value]
                case InlineFragmentNode(type_condition=on):
                    narrowed = self.schema.type_map[on.name.value] if on else kind
                    yield self._selected(selection.selection_set, narrowed)

    def _field(self, node: FieldNode, kind: GraphQLNamedType) -> Cost:
        name = node.name.value
        definition = getattr(kind, "fields", {}).get(name)
        if definition is None:
            return NOTHING
        weight = Cost(self.weights.get((kind.name, name), 0))
        if node.selection_set is None:
            return weight
        below = self._selected(node.selection_set, get_named_type(definition.type))
        if PAGE in definition.args:
            items = self._page(node, definition)
            return total((weight, below.once, below.each.times(items)))
        return total((weight, below.together().times(self._times(node, definition))))

    def _page(self, node: FieldNode, definition: GraphQLField) -> Times:
        usual = definition.args[PAGE].default_value
        usual = usual if isinstance(usual, int) else self.limits.page_items
        most = self.limits.page_items
        match _argument(node, PAGE):
            case IntValueNode(value=digits):
                return Times(max(0, within(most, _bounded(digits))))
            case VariableNode(name=name):
                return Times(usual, name.value, most)
        return Times(usual)

    def _times(self, node: FieldNode, definition: GraphQLField) -> Times:
        assumed = Times(self.limits.assumed_items)
        if not is_list_type(get_nullable_type(definition.type)):
            return ONCE
        if IDS not in definition.args:
            return ONCE if node.name.value in ITEMS else assumed
        match _argument(node, IDS):
            case ListValueNode(values=values):
                return Times(len(values))
            case VariableNode(name=name):
                return Times(assumed.usual, name.value)
        return ONCE


def _bounded(digits: str) -> int:
    """A literal as a number; thousands of digits are not worth being read."""
    return int(digits) if len(digits) <= _MOST_DIGITS else sys.maxsize


def _argument(node: FieldNode, name: str) -> ValueNode | None:
    return next((one.value for one in node.arguments or () if one.name.value == name), None)
