"""Proof of what was asked, and what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from app.domain.operation import Operation
from app.graphql.context import Context
from app.graphql.declare import described
from app.graphql.enums import OperationStatus
from app.graphql.types.basics import Node


@strawberry.type(
    description=(
        "Proof of what was asked and what happened. A replay returns the first receipt with "
        "`replayed: true`."
    )
)
class OperationReceipt(Node):
    name: str = described("The mutation.")
    status: OperationStatus = described("How far it has come.")
    idempotency_key: str | None = described("The caller's own name for it.")
    replayed: bool = described("Whether this is what came of it when it was asked before.")
    started_at: datetime = described("When it was asked.")
    completed_at: datetime | None = described("When its outcome was known; null while it is not.")
    attempts: int = described("How often the provider was called for it or asked about it.")
    upstream_request_id: str | None = described(
        "The provider's own name for what it did, where it gives one."
    )
    correlation_id: str = described("Names the request that asked in the gateway's log.")

    @classmethod
    def from_domain(cls, one: Operation, context: Context, *, replayed: bool = False) -> Self:
        return cls(
            id=context.ids.operation(one),
            name=one.name,
            status=one.status,
            idempotency_key=one.idempotency_key or None,
            replayed=replayed,
            started_at=one.started_at,
            completed_at=one.completed_at,
            attempts=one.attempts,
            upstream_request_id=one.booking.provider_reference if one.booking else None,
            correlation_id=one.correlation_id,
        )
