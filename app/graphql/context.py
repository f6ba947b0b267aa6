"""What every resolver has at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import strawberry

from app.domain.identifiers import SourceKey
from app.graphql.declare import AccessLevel
from app.graphql.ids import Ids
from app.graphql.opaque import Seal
from app.operations.desk import Desk


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    level: AccessLevel
    scopes: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Context:
    """
    One request's.

    Attributes:
        source_ids: Global ids of the sources, made once for all requests.
        correlation_id: Names the request in logs and answers.
    """

    desk: Desk
    ids: Ids
    seal: Seal
    source_ids: Mapping[SourceKey, strawberry.ID]
    caller: Caller
    correlation_id: str


Info = strawberry.Info[Context, None]
