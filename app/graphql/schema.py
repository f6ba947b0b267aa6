"""The schema, whole, and its printed form."""

from __future__ import annotations

import strawberry
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig

from app.graphql.present_errors import PresentingSchema
from app.graphql.queries import Query
from app.graphql.scalars import SCALARS
from app.graphql.types.instruments import INSTRUMENT_TYPES
from app.graphql.types.ledger import ENTRY_TYPES


def build_schema() -> strawberry.Schema:
    """The executable schema; parsed and validated documents are kept by it."""
    return PresentingSchema(
        query=Query,
        types=[*INSTRUMENT_TYPES, *ENTRY_TYPES],
        extensions=[ParserCache, ValidationCache],
        config=StrawberryConfig(scalar_map=SCALARS, relay_max_results=100),
    )


def printed_schema() -> str:
    """The schema as `schema.graphql` holds it, sorted so that a diff shows only what changed."""
    return print_schema(build_schema()) + "\n"
