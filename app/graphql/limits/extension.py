"""Where Strawberry meets the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from app.graphql.limits.documents import Documents, Judged
from app.graphql.limits.refusal import refused
from app.graphql.limits.settings import DocumentLimits
from app.graphql.limits.text import check_variables
from app.graphql.look_ahead import look_ahead


class LimitDocuments(SchemaExtension):
    """
    Parses, validates and estimates in place of Strawberry, which finds the results ready.

    Every answer to a valid document says what that was estimated to cost.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._judged: Judged | None = None
        self._requested: int | None = None

    def on_parse(self) -> Iterator[None]:
        asked = self.execution_context
        assert asked.query is not None
        check_variables(asked.variables, self._documents.limits)
        self._judged = judged = self._documents.read(asked.query, asked.schema._schema)
        in_parts = asked.context.parts and judged.in_parts
        asked.graphql_document = in_parts or judged.document
        look_ahead(asked.query, asked.context)
        yield

    def on_validate(self) -> Iterator[None]:
        assert self._judged is not None
        errors = self._judged.errors or self._against(self._judged)
        self.execution_context.pre_execution_errors = list(errors)
        yield

    def get_results(self) -> dict[str, Any]:
        if self._requested is None:
            return {}
        limit = self._documents.limits.cost
        return {"cost": {"requested": self._requested, "limit": limit}}

    def _against(self, judged: Judged) -> Sequence[GraphQLError]:
        """What speaks against executing a valid document with these variables."""
        asked, costs = self.execution_context, judged.costs
        if asked._provided_operation_name is None and len(costs) > 1:
            text = "The document has several operations: `operationName` must pick one."
            return [refused("OPERATION_NAME_REQUIRED", text)]
        try:
            self._requested = costs[asked.operation_name].of(asked.variables)
        except GraphQLError as exc:
            return [exc]
        asked.context.reusable_seconds = judged.ages[asked.operation_name]
        limit = self._documents.limits.cost
        if self._requested <= limit:
            return []
        text = f"This can cause about {self._requested} calls to providers; {limit} is the most."
        return [refused("COST_TOO_HIGH", text, limit=limit, requested=self._requested)]


def limits_extensions(limits: DocumentLimits) -> list[Callable[[], SchemaExtension]]:
    """
    For one schema, to stand before all its other extensions: what is refused here enters no other.

    They take the place of Strawberry's caches of parsed and validated documents. Validation rules
    that other extensions add are not asked.
    """
    documents = Documents(limits)
    return [lambda: LimitDocuments(documents)]
