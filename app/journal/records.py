"""Operations and their steps: as rows, and as the domain has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import uuid4

import structlog
from sqlalchemy import ColumnElement, Row, Select, select

from app.at_rest.codec import Codec, Unreadable
from app.at_rest.sealing import KeyedHash, Seal, SealBroken
from app.domain.errors import CreditError
from app.domain.identifiers import OperationId, ProviderHoldId
from app.domain.instructions import Instruction, Subject
from app.domain.instruments import Instrument
from app.domain.operation import Booking, Evidence, Operation, OperationStatus, Step
from app.journal.asked import Asked
from app.journal.tables import OPERATIONS, STEPS

_log = structlog.get_logger("creditgraph.journal")

_JOINED: Final = (
    select(*OPERATIONS.c, *(column.label(f"step_{column.name}") for column in STEPS.c))
    .join_from(OPERATIONS, STEPS, OPERATIONS.c.operation_id == STEPS.c.operation_id, isouter=True)
    .order_by(OPERATIONS.c.ordinal, STEPS.c.number)
)


_STEPS_ALONE: Final = (
    select(STEPS.c.operation_id, *(column.label(f"step_{column.name}") for column in STEPS.c))
    .join_from(STEPS, OPERATIONS, OPERATIONS.c.operation_id == STEPS.c.operation_id)
    .order_by(STEPS.c.begun_at, OPERATIONS.c.ordinal, STEPS.c.number)
)


def reading_steps(which: ColumnElement[bool]) -> Select[Any]:
    """Steps by themselves, oldest first."""
    return _STEPS_ALONE.where(which)


def reading(which: ColumnElement[bool]) -> Select[Any]:
    """Operations and all their steps as they are at one moment: one statement."""
    return _JOINED.where(which)


class Records:
    """What is written is sealed, and bound to its operation and column."""

    def __init__(self, secret: str) -> None:
        self._seal = Seal(secret, "journal contents")
        self._codec = Codec()
        self._claim_hash = KeyedHash(secret, "journal claims")
        self._asked_by_hash = KeyedHash(secret, "journal who asked")
        self._subject_hash = KeyedHash(secret, "journal subjects of steps")
        self._hold_hash = KeyedHash(secret, "journal holds")

    def claim(self, asked: Asked) -> str:
        return self._claim_hash(asked.caller, asked.name, asked.idempotency_key)

    def asked_by(self, caller: str, idempotency_key: str) -> str:
        return self._asked_by_hash(caller, idempotency_key)

    def opened(self, asked: Asked, *, at: datetime) -> Operation:
        return Operation(
            operation_id=OperationId(uuid4().hex),
            name=asked.name,
            caller=asked.caller,
            idempotency_key=asked.idempotency_key,
            correlation_id=asked.correlation_id,
            status=OperationStatus.IN_PROGRESS,
            started_at=at,
        )

    def opening_row(self, operation: Operation, asked: Asked) -> dict[str, object]:
        key = asked.idempotency_key
        return {
            "operation_id": operation.operation_id,
            "name": operation.name,
            "caller": operation.caller,
            "correlation_id": operation.correlation_id,
            "idempotency_key": self._sealed(key, str, "idempotency_key", operation.operation_id),
            "asked_by": self.asked_by(operation.caller, key),
            "claim": self.claim(asked),
            "fingerprint": asked.fingerprint,
            "status": operation.status,
            "started_at": operation.started_at,
            "attempts": operation.attempts,
        }

    def step_row(self, operation_id: OperationId, step: Step) -> dict[str, object]:
        place = (operation_id, str(step.number))
        return {
            "operation_id": operation_id,
            "number": step.number,
            "mark": step.mark,
            "begun_at": step.begun_at,
            "instruction": self._sealed(step.instruction, Instruction, "instruction", *place),
            "evidence": self._sealed(step.evidence, Evidence, "evidence", *place),
            "subject": self.subject(step.instruction.subject),
        }

    def subject(self, subject: Subject) -> str:
        return self._subject_hash(subject.source, subject.kind, subject.provider_id)

    def hold(self, subject: Subject, hold_id: ProviderHoldId) -> str:
        parts = (subject.source, subject.kind, subject.provider_id, hold_id)
        return self._hold_hash(*parts)

    def steps(self, rows: Sequence[Row[Any]]) -> list[Step]:
        """In the order of *rows*; one that cannot be read is left out, and logged."""
        found = []
        for row in rows:
            reader = _Reader(self._seal, self._codec)
            step = _step(row, reader)
            if reader.failures:
                _log.error("step cannot be read", mark=row.step_mark, columns=reader.failures)
            else:
                found.append(step)
        return found

    def holds(self, rows: Sequence[Row[Any]]) -> list[str]:
        """The names of the holds that the steps of *rows* made or took further."""
        return [
            self.hold(step.instruction.subject, step.hold_id)
            for step in self.steps(rows)
            if step.hold_id is not None
        ]

    def booking(self, operation_id: OperationId, number: int, booking: Booking) -> str:
        return self._sealed(booking, Booking, "booking", operation_id, str(number))

    def refusal(self, operation_id: OperationId, refusal: CreditError) -> str:
        return self._sealed(refusal, CreditError, "refusal", operation_id)

    def observed(self, operation_id: OperationId, observed: Instrument) -> str:
        return self._sealed(observed, Instrument, "observed", operation_id)

    def operations(self, rows: Sequence[Row[Any]]) -> list[Operation]:
        """
        In the order of *rows*, of which those of one operation stand together.

        One that this gateway cannot read, since it was written with another secret or by a newer
        release, has NEEDS_ATTENTION and no steps.
        """
        return [
            self._operation(list(of_one)) for _, of_one in groupby(rows, lambda row: row.ordinal)
        ]

    def _sealed(self, value: object, form: Any, *place: str) -> str:
        return self._seal.seal(self._codec.encode(value, form), *place)

    def _operation(self, rows: list[Row[Any]]) -> Operation:
        first = rows[0]
        own = first.operation_id
        reader = _Reader(self._seal, self._codec)
        operation = Operation(
            operation_id=own,
            name=first.name,
            caller=first.caller,
            idempotency_key=reader.read(first.idempotency_key, str, "idempotency_key", own) or "",
            correlation_id=first.correlation_id,
            status=reader.status(first.status),
            started_at=first.started_at,
            completed_at=first.completed_at,
            attempts=first.attempts,
            steps=tuple(_step(row, reader) for row in rows if row.step_number is not None),
            refusal=reader.read(first.refusal, CreditError, "refusal", own),
            observed=reader.read(first.observed, Instrument, "observed", own),
            check_after=first.check_after,
        )
        if not reader.failures:
            return operation
        _log.error("operation cannot be read", operation=own, columns=reader.failures)
        return replace(operation, status=OperationStatus.NEEDS_ATTENTION, steps=())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Of one operation; goes on where it fails, and remembers where that was."""

    seal: Seal
    codec: Codec
    failures: list[str] = field(default_factory=list)

    def read(self, sealed: str | None, form: Any, column: str, *place: str) -> Any:
        if sealed is None:
            return None
        try:
            return self.codec.decode(self.seal.open(sealed, column, *place), form)
        except (SealBroken, Unreadable):
            self.failures.append(column)
            return None

    def status(self, text: str) -> OperationStatus:
        try:
            return OperationStatus(text)
        except ValueError:
            self.failures.append("status")
            return OperationStatus.NEEDS_ATTENTION


def _step(row: Row[Any], reader: _Reader) -> Step:
    place = (row.operation_id, str(row.step_number))
    return Step(
        number=row.step_number,
        instruction=reader.read(row.step_instruction, Instruction, "instruction", *place),
        mark=row.step_mark,
        evidence=reader.read(row.step_evidence, Evidence, "evidence", *place),
        begun_at=row.step_begun_at,
        booking=reader.read(row.step_booking, Booking, "booking", *place),
    )
