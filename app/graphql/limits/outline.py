"""How large a document really is, once each fragment stands wherever it is spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from app.graphql.limits.deferring import is_deferred

UNWRAPPING: Final = "ofType"
"""Introspection's step from a list to its items: asked for nine times over, over after a few."""

Definition = OperationDefinitionNode | FragmentDefinitionNode


class FragmentCycle(Exception):
    """A fragment contains itself."""


@dataclass(frozen=True, slots=True)
class Outline:
    """
    The size of a definition.

    Attributes:
        depth: Of its fields.
        root_fields: Fields at its top.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    deferred_fragments: int = 0


@dataclass(slots=True)
class _Own:
    """
    A definition without its fragments.

    Attributes:
        spreads: Name of a fragment, and the depth at which it stands.
    """

    depth: int
    aliases: int
    directives: int
    root_fields: int
    deferred_fragments: int
    spreads: list[tuple[str, int]]

    def with_fragments(self, fragments: Mapping[str, Outline]) -> Outline:
        placed = [(fragments.get(name, Outline()), depth) for name, depth in self.spreads]
        return Outline(
            depth=max([self.depth, *(depth + one.depth for one, depth in placed)]),
            aliases=self.aliases + sum(one.aliases for one, _ in placed),
            directives=self.directives + sum(one.directives for one, _ in placed),
            root_fields=self.root_fields + sum(one.root_fields for one, at in placed if at == 0),
            deferred_fragments=self.deferred_fragments
            + sum(one.deferred_fragments for one, _ in placed),
        )


def fragments_in_order(document: DocumentNode) -> list[FragmentDefinitionNode]:
    """
    The fragments, each after those it spreads.

    Raises:
        FragmentCycle: There is no such order.
    """
    fragments = _fragments(document)
    uses = {
        name: {spread for spread, _ in _own(fragment).spreads if spread in fragments}
        for name, fragment in fragments.items()
    }
    try:
        return [fragments[name] for name in TopologicalSorter(uses).static_order()]
    except CycleError as exc:
        raise FragmentCycle from exc


def outline(document: DocumentNode, fragments: Iterable[FragmentDefinitionNode]) -> Outline:
    """
    The operations of *document* together. Linear in its size: a fragment is measured once.

    Args:
        fragments: Of the document, each after those it spreads.
    """
    measured: dict[str, Outline] = {}
    for fragment in fragments:
        measured[fragment.name.value] = _own(fragment).with_fragments(measured)
    operations = [
        _own(one).with_fragments(measured)
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
    ]
    return Outline(
        depth=max((one.depth for one in operations), default=0),
        aliases=sum(one.aliases for one in operations),
        directives=sum(one.directives for one in operations),
        root_fields=sum(one.root_fields for one in operations),
        deferred_fragments=sum(one.deferred_fragments for one in operations),
    )


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }


def _own(definition: Definition) -> _Own:
    own = _Own(0, 0, _directives(definition), 0, 0, [])
    within: list[tuple[SelectionSetNode | None, int]] = [(definition.selection_set, 0)]
    while within:
        selection_set, depth = within.pop()
        for selection in selection_set.selections if selection_set else ():
            own.directives += len(selection.directives or ())
            own.deferred_fragments += is_deferred(selection.directives)
            match selection:
                case FragmentSpreadNode():
                    own.spreads.append((selection.name.value, depth))
                case InlineFragmentNode():
                    within.append((selection.selection_set, depth))
                case FieldNode():
                    below = depth + (selection.name.value != UNWRAPPING)
                    own.depth = max(own.depth, below)
                    own.aliases += selection.alias is not None
                    own.root_fields += depth == 0
                    within.append((selection.selection_set, below))
    return own


def _directives(definition: Definition) -> int:
    variables = definition.variable_definitions or ()
    return sum(len(node.directives or ()) for node in (definition, *variables))
