"""Documents, parsed, judged and costed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from app.graphql.limits.cost import Estimator, OperationCost, Weights, declared_weights
from app.graphql.limits.outline import fragments_in_order
from app.graphql.limits.rules import size_rules, validity_rules
from app.graphql.limits.settings import DocumentLimits
from app.graphql.limits.text import check_characters, check_tokens
from app.graphql.without_values import without_values

Costs = Mapping[str | None, OperationCost]
"""By name of the operation; None names one without a name."""

MOST_ERRORS: Final = 20
"""That a document is told of; each costs as much as hundreds of good tokens."""


@dataclass(frozen=True, slots=True)
class Judged:
    """
    Attributes:
        errors: Why it must not be executed.
    """

    document: DocumentNode
    tokens: int
    errors: Sequence[GraphQLError] = ()
    costs: Costs = field(default_factory=dict)


class Documents:
    """
    Reads documents for one schema.

    The good ones are kept, the latest used, until together they have too many tokens. The bad ones
    are judged anew each time, which is cheap, and fill no memory.
    """

    def __init__(self, limits: DocumentLimits) -> None:
        self.limits = limits
        self._size_rules = size_rules(limits)
        self._validity_rules = validity_rules(limits)
        self._weights: Weights | None = None
        self._kept: OrderedDict[str, Judged] = OrderedDict()
        self._kept_tokens = 0

    def read(self, text: str, schema: GraphQLSchema) -> Judged:
        """
        Raises:
            GraphQLError: *text* is too long, or no GraphQL.
        """
        check_characters(text, self.limits)
        known = self._kept.get(text)
        if known:
            self._kept.move_to_end(text)
            return known
        try:
            tokens = check_tokens(text, self.limits)
            document = parse(text)
        except GraphQLError as exc:
            raise _coded(exc, "SYNTAX_ERROR") from None
        judged = self._judge(document, tokens, schema)
        if not judged.errors:
            self._keep(text, judged)
        return judged

    def _judge(self, document: DocumentNode, tokens: int, schema: GraphQLSchema) -> Judged:
        errors = validate(schema, document, self._size_rules) or validate(
            schema,
            document,
            self._validity_rules,
            max_errors=MOST_ERRORS,
            hide_suggestions=not self.limits.suggestions,
        )
        if errors:
            return Judged(document, tokens, [_coded(one, "INVALID_DOCUMENT") for one in errors])
        try:
            return Judged(document, tokens, costs=self._costs(document, schema))
        except GraphQLError as exc:
            return Judged(document, tokens, [exc.with_traceback(None)])

    def _costs(self, document: DocumentNode, schema: GraphQLSchema) -> Costs:
        if self._weights is None:
            self._weights = declared_weights(schema)
        estimator = Estimator(schema, self._weights, self.limits)
        estimator.read_fragments(fragments_in_order(document))
        return {
            one.name.value if one.name else None: estimator.operation(one)
            for one in document.definitions
            if isinstance(one, OperationDefinitionNode)
        }

    def _keep(self, text: str, judged: Judged) -> None:
        self._kept[text] = judged
        self._kept_tokens += judged.tokens
        while self._kept_tokens > self.limits.kept_tokens:
            _, dropped = self._kept.popitem(last=False)
            self._kept_tokens -= dropped.tokens


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    """*error* without the values it repeats, and with a code if it has none of its own."""
    return GraphQLError(
        without_values(error.message),
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, **(error.extensions or {})},
    )
