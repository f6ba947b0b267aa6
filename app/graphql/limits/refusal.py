"""How a document is refused: a sentence, a code, and the numbers."""

from __future__ import annotations

from collections.abc import Collection

from graphql import GraphQLError, Node


def refused(
    code: str, message: str, *, nodes: Collection[Node] = (), **numbers: int
) -> GraphQLError:
    """
    Args:
        numbers: For the error's extensions, such as the limit that was passed.
    """
    return GraphQLError(message, nodes=nodes or None, extensions={"code": code, **numbers})
