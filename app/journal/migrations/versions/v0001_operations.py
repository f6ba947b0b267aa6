"""Operations, their steps, and who is at work on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "operations",
        sa.Column(
            "ordinal",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            sa.Identity(always=True),
            primary_key=True,
        ),
        sa.Column("operation_id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("caller", sa.String, nullable=False),
        sa.Column("correlation_id", sa.String, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False, comment="sealed"),
        sa.Column("asked_by", sa.String, nullable=False, comment="keyed hash of caller and key"),
        sa.Column(
            "claim",
            sa.String,
            comment="keyed hash of caller, name and key, while it claims the key",
        ),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("completed_at", moment),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("refusal", sa.Text, comment="sealed"),
        sa.Column("observed", sa.Text, comment="sealed"),
        sa.Column("check_after", moment),
        sa.Column("owner", sa.String, comment="the replica that goes on with it"),
        sa.Column("taken_until", moment, comment="who took it to settle it has until then"),
        sa.UniqueConstraint("operation_id", name="uq_operations_operation_id"),
        sa.UniqueConstraint("claim", name="uq_operations_claim"),
    )
    op.create_index("ix_operations_asked_by", "operations", ["asked_by"])
    op.create_index("ix_operations_status_check_after", "operations", ["status", "check_after"])
    op.create_table(
        "steps",
        sa.Column(
            "operation_id",
            sa.String,
            sa.ForeignKey("operations.operation_id", name="fk_steps_operation_id"),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("mark", sa.String, nullable=False),
        sa.Column("begun_at", moment, nullable=False),
        sa.Column("instruction", sa.Text, nullable=False, comment="sealed"),
        sa.Column("evidence", sa.Text, nullable=False, comment="sealed"),
        sa.Column("booking", sa.Text, comment="sealed"),
        sa.Column("subject", sa.String, nullable=False, comment="keyed hash"),
        sa.Column("hold", sa.String, comment="keyed hash of the hold that it made or took further"),
        sa.UniqueConstraint("mark", name="uq_steps_mark"),
    )
    op.create_index("ix_steps_subject_hold", "steps", ["subject", "hold"])
    op.create_table(
        "instrument_locks",
        sa.Column("subject", sa.String, primary_key=True, comment="keyed hash"),
        sa.Column("owner", sa.String, nullable=False, comment="the replica that writes to it"),
        sa.Column("token", sa.String, nullable=False, comment="of one locking"),
    )
    op.create_table(
        "replicas",
        sa.Column("replica_id", sa.String, primary_key=True),
        sa.Column("seen_at", moment, nullable=False),
    )


def downgrade() -> None:
    for table in ("replicas", "instrument_locks", "steps", "operations"):
        op.drop_table(table)
