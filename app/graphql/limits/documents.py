"""Documents, parsed, judged and costed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from app.graphql.limits.ages import AgeReader, Ages, declared_ages
from app.graphql.limits.cost import Estimator, OperationCost, Weights, declared_weights
from app.graphql.limits.deferring import only_asks, without_defer
from app.graphql.limits.outline import fragments_in_order
from app.graphql.limits.rules import size_rules, validity_rules
from app.graphql.limits.settings import DocumentLimits
from app.graphql.limits.text import check_characters, check_tokens
from app.graphql.without_values import without_values

Costs = Mapping[str | None, OperationCost]
"""By name of the operation; None names one without a name."""

MOST_ERRORS: Final = 20
"""That a document is told of; each costs as much as hundreds of good tokens."""

_SHARE_OF_BAD_ONES: Final = 8
"""Of the tokens that are kept, so many for each one of bad documents."""


@dataclass(frozen=True, slots=True)
class Judged:
    """
    Attributes:
        document: For an answer that is given at once.
        in_parts: For one that is given in parts; None when nothing in it may be deferred.
        errors: Why it must not be executed.
        ages: For how many seconds answers may be reused, by name of the operation as in *costs*.
    """

    document: DocumentNode
    tokens: int
    errors: Sequence[GraphQLError] = ()
    costs: Costs = field(default_factory=dict)
    ages: Mapping[str | None, float] = field(default_factory=dict)
    in_parts: DocumentNode | None = None


class _Shelf:
    """Keeps the documents that were used last, until together they have too many tokens."""

    def __init__(self, tokens: int) -> None:
        self._most_tokens = tokens
        self._tokens = 0
        self._kept: OrderedDict[str, Judged] = OrderedDict()

    def find(self, text: str) -> Judged | None:
        known = self._kept.get(text)
        if known:
            self._kept.move_to_end(text)
        return known

    def keep(self, text: str, judged: Judged) -> None:
        self._kept[text] = judged
        self._tokens += judged.tokens
        while self._tokens > self._most_tokens:
            _, dropped = self._kept.popitem(last=False)
            self._tokens -= dropped.tokens


class Documents:
    """
    Reads documents for one schema.

    They are kept. A bad one, which is the dearest to judge, has a smaller place of its own: who
    sends many of them drives no good one out.
    """

    def __init__(self, limits: DocumentLimits) -> None:
        self.limits = limits
        self._size_rules = size_rules(limits)
        self._validity_rules = validity_rules(limits)
        self._weights: Weights | None = None
        self._ages: Ages | None = None
        self._good = _Shelf(limits.kept_tokens)
        self._bad = _Shelf(limits.kept_tokens // _SHARE_OF_BAD_ONES)

    def read(self, text: str, schema: GraphQLSchema) -> Judged:
        """
        Raises:
            GraphQLError: *text* is too long, or no GraphQL.
        """
        check_characters(text, self.limits)
        known = self._good.find(text) or self._bad.find(text)
        if known:
            return known
        try:
            tokens = check_tokens(text, self.limits)
            document = parse(text)
        except GraphQLError as exc:
            raise _coded(exc, "SYNTAX_ERROR") from None
        judged = self._judge(document, tokens, schema)
        whole = without_defer(document, text)
        if whole is not document and not judged.errors:
            in_parts = document if only_asks(document) else None
            judged = replace(judged, document=whole, in_parts=in_parts)
        (self._bad if judged.errors else self._good).keep(text, judged)
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
            costs = self._costs(document, schema)
        except GraphQLError as exc:
            return Judged(document, tokens, [exc.with_traceback(None)])
        return Judged(document, tokens, costs=costs, ages=self._ages_of(document, schema))

    def _costs(self, document: DocumentNode, schema: GraphQLSchema) -> Costs:
        if self._weights is None:
            self._weights = declared_weights(schema)
        estimator = Estimator(schema, self._weights, self.limits)
        estimator.read_fragments(fragments_in_order(document))
        return {name: estimator.operation(one) for name, one in _operations(document)}

    def _ages_of(self, document: DocumentNode, schema: GraphQLSchema) -> Mapping[str | None, float]:
        if self._ages is None:
            self._ages = declared_ages(schema)
        reader = AgeReader(schema, self._ages)
        reader.read_fragments(fragments_in_order(document))
        return {name: reader.operation(one) for name, one in _operations(document)}


def _operations(
    document: DocumentNode,
) -> Iterator[tuple[str | None, OperationDefinitionNode]]:
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            yield one.name.value if one.name else None, one


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
