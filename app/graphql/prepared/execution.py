"""graphql-core's execution, less the interpreting of what can be read."""

from __future__ import annotations

from typing import Any, ClassVar

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList, GroupedFieldSet
from graphql.pyutils import AwaitableOrValue, Path

from app.graphql.in_parts import DeferringExecutor
from app.graphql.prepared.plans import Plan, PlannedFields, PlansOfDocuments
from app.graphql.prepared.readers import NOT_READ


class PreparedExecution(DeferringExecutor):
    """
    For a schema's `execution_context_class`.

    The interpreter still executes what must be waited for or takes arguments, and every field
    whose value is not what its type says.
    """

    plans: ClassVar = PlansOfDocuments()

    _plan: Plan | None = None

    @classmethod
    def build(cls, schema: Any, document: Any, *args: Any, **kwargs: Any) -> Any:
        built = super().build(schema, document, *args, **kwargs)
        if isinstance(built, cls):
            built._plan = cls.plans.of(document).plan(built.variable_values.coerced)
        return built

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList
    ) -> CollectedFields:
        collect = super().collect_subfields
        if self._plan is None:
            return collect(return_type, field_details_list)
        return self._plan.below(self.schema, return_type, field_details_list, collect)

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        interpret = super().execute_fields
        if not isinstance(grouped_field_set, PlannedFields):
            return interpret(parent_type, source_value, path, grouped_field_set, position_context)
        answer: dict[str, Any] = dict.fromkeys(grouped_field_set)
        others = grouped_field_set.others
        for name, read in grouped_field_set.readers.items():
            try:
                answer[name] = read(source_value, self.context_value)
            except NOT_READ:  # the interpreter meets it again, and tells of it
                others = {**others, name: grouped_field_set[name]}
        if not others:
            return answer
        rest = interpret(parent_type, source_value, path, others, position_context)
        if isinstance(rest, dict):
            return answer | rest

        async def together() -> dict[str, Any]:
            return answer | await rest

        return together()
