"""
The tables of the journal, as the newest migration leaves them.

Columns that are `sealed` hold what only this gateway can read (`sealing.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """An instant in UTC; SQLite keeps it without saying so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


METADATA: Final = MetaData()

OPERATIONS: Final = Table(
    "operations",
    METADATA,
    Column(
        "ordinal",
        BigInteger().with_variant(Integer, "sqlite"),
        Identity(always=True),
        primary_key=True,
    ),
    Column("operation_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("caller", String, nullable=False),
    Column("correlation_id", String, nullable=False),
    Column("idempotency_key", Text, nullable=False, comment="sealed"),
    Column("asked_by", String, nullable=False, comment="keyed hash of caller and key"),
    Column("claim", String, comment="keyed hash of caller, name and key, while it claims the key"),
    Column("fingerprint", String, nullable=False),
    Column("status", String, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("completed_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("refusal", Text, comment="sealed"),
    Column("observed", Text, comment="sealed"),
    Column("check_after", Moment),
    Column("owner", String, comment="the replica that goes on with it"),
    Column("taken_until", Moment, comment="who took it to settle it has until then"),
    UniqueConstraint("operation_id", name="uq_operations_operation_id"),
    UniqueConstraint("claim", name="uq_operations_claim"),
    Index("ix_operations_asked_by", "asked_by"),
    Index("ix_operations_status_check_after", "status", "check_after"),
)

STEPS: Final = Table(
    "steps",
    METADATA,
    Column(
        "operation_id",
        String,
        ForeignKey("operations.operation_id", name="fk_steps_operation_id"),
        primary_key=True,
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("mark", String, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("instruction", Text, nullable=False, comment="sealed"),
    Column("evidence", Text, nullable=False, comment="sealed"),
    Column("booking", Text, comment="sealed"),
    Column("subject", String, nullable=False, comment="keyed hash"),
    Column("hold", String, comment="keyed hash of the hold that it made or took further"),
    UniqueConstraint("mark", name="uq_steps_mark"),
    Index("ix_steps_subject_hold", "subject", "hold"),
)

INSTRUMENT_LOCKS: Final = Table(
    "instrument_locks",
    METADATA,
    Column("subject", String, primary_key=True, comment="keyed hash"),
    Column("owner", String, nullable=False, comment="the replica that writes to it"),
    Column("token", String, nullable=False, comment="of one locking"),
)

REPLICAS: Final = Table(
    "replicas",
    METADATA,
    Column("replica_id", String, primary_key=True),
    Column("seen_at", Moment, nullable=False),
)
