"""The calls of one operation, from the first intent in the journal to the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog

from app.domain.clock import Clock
from app.domain.errors import (
    AccountNotFound,
    CreditError,
    OutcomeUnknown,
    ProviderFault,
    ProviderUnreachable,
    RequestRefused,
    SourceProblemKind,
    UnsupportedOperation,
    fault_of_kind,
)
from app.domain.instructions import Instruction, NoteOnHold
from app.domain.instruments import Instrument
from app.domain.operation import (
    NO_EVIDENCE,
    Booking,
    Evidence,
    Operation,
    OperationStatus,
    Step,
)
from app.domain.provider import Call, Writer, Writes
from app.domain.refusals import Interrupted
from app.journal.journal import Journal
from app.operations.observe import observe
from app.operations.sources import Sources

_log = structlog.get_logger("creditgraph.operations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """
    Args:
        answer: A caller has an answer after so long, whatever is still going on.
        lock: How long to wait for another write to the same instrument.
        look_ups: The pauses before each look-up of a lost answer, until the caller is told that
            nobody knows.
        between: The longest pause between two look-ups after that.
    """

    answer: timedelta = timedelta(seconds=8)
    lock: timedelta = timedelta(seconds=5)
    look_ups: Sequence[timedelta] = (timedelta(0), timedelta(seconds=0.3), timedelta(seconds=1))
    between: timedelta = timedelta(seconds=15)


class Steps:
    """To be used by whoever holds the lock of the operation's subject."""

    def __init__(
        self, journal: Journal, sources: Sources, *, clock: Clock, patience: Patience
    ) -> None:
        self._journal = journal
        self._sources = sources
        self._clock = clock
        self._patience = patience

    async def begin(
        self, operation: Operation, instruction: Instruction, observed: Instrument | None
    ) -> Operation:
        """
        Carry out *instruction* and what follows it.

        Raises:
            RequestRefused, ProviderFault: Nothing was sent.
        """
        step = await self._prepared(operation, 1, instruction, observed)
        return await self._send(operation, step, observed)

    async def resume(self, operation: Operation) -> Operation:
        """Go on with what was left behind or is not known."""
        if not operation.steps:
            return await self._journal.finish(
                operation.operation_id,
                OperationStatus.REJECTED,
                refusal=Interrupted(),
                frees_key=True,
            )
        last = operation.steps[-1]
        try:
            writer = self._writer(last.instruction)
        except UnsupportedOperation:  # since the call went out, its source was taken away
            return await self._postpone(operation, ProviderUnreachable(last.instruction.source))
        try:
            observed = await self._observed(last.instruction)
            if last.booking is not None:
                return await self._go_on(operation, last, last.booking, observed)
            await self._journal.count_attempt(operation.operation_id)
            booking = await writer.find(_call(last, observed))
        except (ProviderFault, OutcomeUnknown) as obstacle:
            return await self._postpone(operation, obstacle)
        except RequestRefused as refusal:
            return await self._refused(operation, last, refusal)
        if booking is not None:
            return await self._booked(operation, last, booking, observed)
        return await self._without_trace(operation, last, observed)

    async def _prepared(
        self,
        operation: Operation,
        number: int,
        instruction: Instruction,
        observed: Instrument | None,
    ) -> Step:
        """The intent, durable."""
        evidence = await self._writer(instruction).prepare(instruction, observed)
        step = Step(
            number=number,
            instruction=instruction,
            mark=f"cg-{operation.operation_id}-{number}",
            evidence=evidence,
            begun_at=self._clock(),
        )
        await self._journal.begin_step(operation.operation_id, step)
        return step

    async def _send(
        self, operation: Operation, step: Step, observed: Instrument | None
    ) -> Operation:
        try:
            booking = await self._writer(step.instruction).send(_call(step, observed))
        except OutcomeUnknown as lost:
            return await self._look_up(operation, step, observed, lost)
        except (RequestRefused, ProviderFault) as refusal:
            return await self._refused(operation, step, refusal)
        return await self._booked(operation, step, booking, observed)

    async def _look_up(
        self, operation: Operation, step: Step, observed: Instrument | None, lost: OutcomeUnknown
    ) -> Operation:
        """While the caller waits. That there is no trace yet proves nothing."""
        writer = self._writer(step.instruction)
        for pause in self._patience.look_ups:
            await asyncio.sleep(pause.total_seconds())
            await self._journal.count_attempt(operation.operation_id)
            try:
                booking = await writer.find(_call(step, observed))
            except RequestRefused as refusal:
                return await self._refused(operation, step, refusal)
            except (ProviderFault, OutcomeUnknown):
                continue
            if booking is not None:
                return await self._booked(operation, step, booking, observed)
        return await self._postpone(operation, lost)

    async def _booked(
        self, operation: Operation, step: Step, booking: Booking, observed: Instrument | None
    ) -> Operation:
        await self._journal.book_step(operation.operation_id, step.number, booking)
        return await self._go_on(operation, step, booking, observed)

    async def _go_on(
        self, operation: Operation, step: Step, booking: Booking, observed: Instrument | None
    ) -> Operation:
        """What follows a booked step: the next one, or the end."""
        following = step.instruction.follow_up(booking)
        if following is None:
            return await self._succeeded(operation, step, booking)
        return await self._follow(operation, step, following, observed)

    async def _follow(
        self,
        operation: Operation,
        step: Step,
        following: Instruction,
        observed: Instrument | None,
    ) -> Operation:
        """One more call of an operation that has changed something already."""
        try:
            if following.subject != step.instruction.subject:
                observed = await observe(self._sources, following.subject)
            after = await self._prepared(operation, step.number + 1, following, observed)
        except ProviderFault as fault:
            return await self._postpone(operation, fault)
        except RequestRefused as refusal:
            return await self._needs_attention(operation, refusal)
        return await self._send(operation, after, observed)

    async def _succeeded(self, operation: Operation, step: Step, booking: Booking) -> Operation:
        """With the instrument as it is now, where that can be read."""
        subject = step.instruction.result(booking)
        observed = None
        if subject is not None:
            try:
                observed = await observe(self._sources, subject)
            except (RequestRefused, ProviderFault) as obstacle:
                _log.info("not observed after a write", source=subject.source, why=repr(obstacle))
        return await self._journal.finish(
            operation.operation_id, OperationStatus.SUCCEEDED, observed=observed
        )

    async def _refused(
        self, operation: Operation, step: Step, refusal: RequestRefused | ProviderFault
    ) -> Operation:
        """
        Of the first step: nothing was changed; and what never was sent does not use up the key.
        Of a later one: something was, and the rest may be possible a little later, or never.
        """
        if step.number > 1:
            if isinstance(refusal, ProviderFault):
                return await self._postpone(operation, refusal)
            return await self._needs_attention(operation, refusal)
        return await self._journal.finish(
            operation.operation_id,
            OperationStatus.REJECTED,
            refusal=refusal,
            frees_key=isinstance(refusal, ProviderFault),
        )

    async def _without_trace(
        self, operation: Operation, step: Step, observed: Instrument | None
    ) -> Operation:
        """A call of which the provider knows nothing: not yet, or never."""
        source = step.instruction.source
        refusal = operation.refusal
        kind = (
            refusal.kind
            if isinstance(refusal, OutcomeUnknown | ProviderFault)
            else SourceProblemKind.TIMEOUT
        )
        if self._clock() - step.begun_at <= self._sources.info(source).writes_end_within:
            return await self._postpone(operation, OutcomeUnknown(source, kind))
        if step.number == 1:
            return await self._journal.finish(
                operation.operation_id,
                OperationStatus.REJECTED,
                refusal=fault_of_kind(kind, source),
            )
        return await self._follow(operation, step, step.instruction, observed)

    async def _needs_attention(self, operation: Operation, refusal: CreditError) -> Operation:
        _log.error("operation needs attention", operation=operation.operation_id)
        return await self._journal.finish(
            operation.operation_id, OperationStatus.NEEDS_ATTENTION, refusal=refusal
        )

    async def _postpone(
        self, operation: Operation, obstacle: OutcomeUnknown | ProviderFault
    ) -> Operation:
        pause = min(timedelta(seconds=2 ** min(operation.attempts, 10)), self._patience.between)
        return await self._journal.postpone(
            operation.operation_id, refusal=obstacle, check_after=self._clock() + pause
        )

    async def _observed(self, instruction: Instruction) -> Instrument | None:
        if instruction.creates:
            return None
        try:
            return await observe(self._sources, instruction.subject)
        except AccountNotFound:
            return None

    def _writer(self, instruction: Instruction) -> Writer[Any]:
        if isinstance(instruction, NoteOnHold):
            return NOTES
        provider = self._sources.find(instruction.source)
        if isinstance(provider, Writes) and (writer := provider.writers.get(type(instruction))):
            return writer
        raise UnsupportedOperation(source=instruction.source, capability=instruction.capability)


class _Notes:
    """Carries out what no provider is asked for: that it stands in the journal is all."""

    async def prepare(self, instruction: NoteOnHold, observed: Instrument | None) -> Evidence:
        return NO_EVIDENCE

    async def send(self, call: Call[NoteOnHold]) -> Booking:
        return Booking()

    async def find(self, call: Call[NoteOnHold]) -> Booking:
        return Booking()


NOTES: Final = _Notes()


def _call(step: Step, observed: Instrument | None) -> Call[Any]:
    return Call(
        instruction=step.instruction, mark=step.mark, evidence=step.evidence, observed=observed
    )
