"""The schema, whole, and its printed form."""

from __future__ import annotations

import strawberry
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig

from app.graphql.limits import DocumentLimits, limits_extensions
from app.graphql.limits.suggestions import WithoutSuggestions
from app.graphql.mutations import Mutation
from app.graphql.prepared import PreparedExecution
from app.graphql.present_errors import PresentingSchema
from app.graphql.queries import Query
from app.graphql.scalars import SCALARS
from app.graphql.types.instruments import INSTRUMENT_TYPES
from app.graphql.types.ledger import ENTRY_TYPES
from app.graphql.types.user_errors import USER_ERROR_TYPES


def build_schema(limits: DocumentLimits | None = None) -> strawberry.Schema:
    """
    The executable schema; parsed and validated documents are kept by it.

    Args:
        limits: What documents may ask; by default what is safe for real stores.
    """
    limits = limits or DocumentLimits()
    return PresentingSchema(
        query=Query,
        mutation=Mutation,
        types=[*INSTRUMENT_TYPES, *ENTRY_TYPES, *USER_ERROR_TYPES],
        extensions=limits_extensions(limits),
        execution_context_class=PreparedExecution if limits.suggestions else WithoutSuggestions,
        config=StrawberryConfig(
            scalar_map=SCALARS,
            relay_max_results=100,
            enable_experimental_incremental_execution=True,
        ),
    )


def printed_schema() -> str:
    """The schema as `schema.graphql` holds it, sorted so that a diff shows only what changed."""
    return print_schema(build_schema()) + "\n"
