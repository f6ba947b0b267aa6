"""What is selected where, found out once for each document."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList

from app.graphql.prepared.readers import Collect, Reader, Readers, SelectionKey, selection_key

MOST_PLANS: Final = 16
"""Of one document, whose variables can choose between two to the power of their number."""

_CHOOSING: Final = frozenset({"skip", "include"})
_IN_PARTS: Final = frozenset({"defer", "stream"})


class PlannedFields(dict[str, FieldDetailsList]):
    """
    Fields that are selected together, by their names in the answer.

    Attributes:
        readers: For those that need no interpreter.
        others: All the rest.
    """

    def __init__(
        self, fields: Mapping[str, FieldDetailsList], readers: Mapping[str, Reader]
    ) -> None:
        super().__init__(fields)
        self.readers = readers
        self.others = {name: self[name] for name in self if name not in readers}


@dataclass(slots=True)
class Plan:
    """Of one document, for variables that choose the same."""

    _collected: dict[SelectionKey, CollectedFields] = field(default_factory=dict)
    _objects: dict[SelectionKey, Reader | None] = field(default_factory=dict)

    def below(
        self,
        schema: GraphQLSchema,
        kind: GraphQLObjectType,
        details: FieldDetailsList,
        collect: Collect,
    ) -> CollectedFields:
        """
        What is selected below a field, for a value of *kind*.

        Args:
            collect: Asked where it is not known yet. It belongs to one execution and is not kept.
        """
        key = selection_key(kind, details)
        known = self._collected.get(key)
        if known is None:
            collected = collect(kind, details)
            fields = collected.grouped_field_set
            readers = Readers(schema, collect, self._objects)
            planned = PlannedFields(fields, readers.of_fields(kind, fields))
            known = self._collected[key] = collected._replace(grouped_field_set=planned)
        return known


class Plans:
    """
    The plans of one document.

    A document with fragments that are deferred has none: how its fields are grouped belongs to a
    single execution.
    """

    def __init__(self, document: DocumentNode) -> None:
        directives = list(_directives(document))
        self._in_parts = any(one.name.value in _IN_PARTS for one in directives)
        self._choosing = tuple(sorted(set(_variables_that_choose(directives))))
        self._plans: dict[tuple[object, ...], Plan] = {}

    def plan(self, variables: Mapping[str, Any]) -> Plan | None:
        """For an execution with *variables*; None where it has to be interpreted."""
        chosen = tuple([variables.get(name) for name in self._choosing])
        known = self._plans.get(chosen)
        if known is None and not self._in_parts and len(self._plans) < MOST_PLANS:
            known = self._plans[chosen] = Plan()
        return known


class PlansOfDocuments:
    """Plans, for as long as somebody keeps their documents."""

    def __init__(self) -> None:
        self._plans: dict[int, Plans] = {}

    def __len__(self) -> int:
        return len(self._plans)

    def of(self, document: DocumentNode) -> Plans:
        """By identity: to compare two documents is to compare all their parts."""
        known = self._plans.get(id(document))
        if known is None:
            known = self._plans[id(document)] = Plans(document)
            forget: Callable[..., object] = self._plans.pop
            weakref.finalize(document, forget, id(document), None).atexit = False
        return known


def _directives(document: DocumentNode) -> Iterator[DirectiveNode]:
    within: list[SelectionSetNode | None] = [
        one.selection_set
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while within:
        selection_set = within.pop()
        for selection in selection_set.selections if selection_set else ():
            yield from selection.directives or ()
            within.append(getattr(selection, "selection_set", None))


def _variables_that_choose(directives: Collection[DirectiveNode]) -> Iterator[str]:
    for directive in directives:
        if directive.name.value in _CHOOSING:
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    yield argument.value.name.value
