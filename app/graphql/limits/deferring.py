"""Fragments that a document lets come later."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    GraphQLDeferDirective,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    VisitorAction,
    visit,
)

DEFER: Final = GraphQLDeferDirective.name


def is_deferred(directives: Collection[DirectiveNode] | None) -> bool:
    return any(one.name.value == DEFER for one in directives or ())


def without_defer(document: DocumentNode, text: str) -> DocumentNode:
    """
    *document* for who takes everything at once; itself when nothing in it is deferred.

    Args:
        text: That it was parsed from.
    """
    if DEFER not in text:
        return document
    whole: DocumentNode = visit(document, _WithoutDefer())
    return whole


def only_asks(document: DocumentNode) -> bool:
    """What a mutation has done is told at once and whole."""
    return all(
        one.operation is OperationType.QUERY
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
    )


class _WithoutDefer(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: Any) -> VisitorAction:
        return REMOVE if node.name.value == DEFER else None
