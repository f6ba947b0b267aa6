"""The calls of one operation, from the first intent in the journal to the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from app.cache.front import SharedReads
from app.domain.clock import Clock
from app.domain.errors import (
    AccountNotFound,
    BookedTwice,
    CreditError,
    OutcomeUnknown,
    ProviderFault,
    ProviderUnreachable,
    RequestRefused,
    SourceProblemKind,
    UnsupportedOperation,
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
from app.domain.provider import Call, ChecksAfterwards, Writer, Writes
from app.domain.refusals import Interrupted, LeftNoTrace
from app.journal.journal import Journal
from app.operations.dropping import touched_by
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
        give_up: So long after it was asked, what is still not known is left to a person.
    """

    answer: timedelta = timedelta(seconds=8)
    lock: timedelta = timedelta(seconds=5)
    look_ups: Sequence[timedelta] = (timedelta(0), timedelta(seconds=0.3), timedelta(seconds=1))
    between: timedelta = timedelta(seconds=15)
    give_up: timedelta = timedelta(days=1)


_FRESH: Final = timedelta(seconds=5)
"""
Older than that, an intent is not acted on: how long a call may take is counted from it, and a
process that was stopped for a while does not know how long.
"""


class Steps:
    """To be used by whoever holds the lock of the operation's subject."""

    def __init__(
        self,
        journal: Journal,
        sources: Sources,
        shared: SharedReads,
        *,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._journal = journal
        self._sources = sources
        self._shared = shared
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
        try:
            return await self._send(operation, step, observed)
        except BookedTwice as twice:
            return await self._needs_attention(operation, twice)

    async def resume(self, operation: Operation) -> Operation:
        """Go on with what was left behind or is not known."""
        try:
            return await self._resume(operation)
        except BookedTwice as twice:
            return await self._needs_attention(operation, twice)

    async def _resume(self, operation: Operation) -> Operation:
        if not operation.steps:
            return await self._journal.finish(
                operation.operation_id,
                OperationStatus.REJECTED,
                refusal=Interrupted(),
                frees_key=True,
            )
        last = operation.steps[-1]
        looked_at = self._clock()
        try:
            self._writer(last.instruction)
        except UnsupportedOperation:  # since the call went out, its source was taken away
            return await self._postpone(operation, ProviderUnreachable(last.instruction.source))
        try:
            observed = await self._observed(last.instruction)
            if last.booking is not None:
                return await self._go_on(operation, last, last.booking, observed)
            booking = await self._found(operation, last, observed)
        except (ProviderFault, OutcomeUnknown) as obstacle:
            return await self._postpone(operation, obstacle)
        except RequestRefused as refusal:
            return await self._refused(operation, last, refusal)
        if booking is not None:
            return await self._booked(operation, last, booking, observed)
        return await self._without_trace(operation, last, observed, looked_at=looked_at)

    async def _found(
        self, operation: Operation, step: Step, observed: Instrument | None
    ) -> Booking | None:
        """
        What a look-up tells. One that is left without an answer may be a repeat, which has as long
        to be carried out as the first call had.
        """
        await self._journal.count_attempt(operation.operation_id)
        try:
            async with self._changing(step.instruction):
                return await self._writer(step.instruction).find(_call(step, observed))
        except OutcomeUnknown:
            await self._journal.begin_again(operation.operation_id, step.number, at=self._clock())
            raise

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
        if self._clock() - step.begun_at > _FRESH:
            stale = OutcomeUnknown(step.instruction.source, SourceProblemKind.TIMEOUT)
            return await self._postpone(operation, stale)
        try:
            async with self._changing(step.instruction):
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
        for pause in self._patience.look_ups:
            await asyncio.sleep(pause.total_seconds())
            try:
                booking = await self._found(operation, step, observed)
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
        try:
            following = step.instruction.follow_up(booking) or await self._undoing(
                step, booking, observed
            )
        except (ProviderFault, OutcomeUnknown) as obstacle:
            return await self._postpone(operation, obstacle)
        except RequestRefused as refusal:
            return await self._needs_attention(operation, refusal)
        if following is None:
            return await self._done(operation, step, booking)
        return await self._follow(operation, step, following, observed)

    async def _undoing(
        self, step: Step, booking: Booking, observed: Instrument | None
    ) -> Instruction | None:
        """What takes a call back that the provider should have refused, and did not."""
        writer = self._writer(step.instruction)
        if not isinstance(writer, ChecksAfterwards):
            return None
        return await writer.undoing(_call(step, observed), booking)

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

    async def _done(self, operation: Operation, step: Step, booking: Booking) -> Operation:
        """With the instrument as it is now, where that can be read."""
        taken_back = step.instruction.compensates()
        subject = step.instruction.result(booking)
        observed = None
        if subject is not None:
            try:
                observed = await observe(self._sources, subject)
            except (RequestRefused, ProviderFault) as obstacle:
                _log.info("not observed after a write", source=subject.source, why=repr(obstacle))
        return await self._journal.finish(
            operation.operation_id,
            OperationStatus.COMPENSATED if taken_back else OperationStatus.SUCCEEDED,
            refusal=taken_back,
            observed=observed,
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
        self,
        operation: Operation,
        step: Step,
        observed: Instrument | None,
        *,
        looked_at: datetime,
    ) -> Operation:
        """
        A call of which the provider knows nothing: not yet, or never.

        Args:
            looked_at: When the look-up began: what is booked while it is under way it may not see.
        """
        source = step.instruction.source
        refusal = operation.refusal
        kind = (
            refusal.kind
            if isinstance(refusal, OutcomeUnknown | ProviderFault)
            else SourceProblemKind.TIMEOUT
        )
        if looked_at - step.begun_at <= self._sources.info(source).writes_end_within:
            return await self._postpone(operation, OutcomeUnknown(source, kind))
        if step.number == 1:
            return await self._journal.finish(
                operation.operation_id,
                OperationStatus.REJECTED,
                refusal=LeftNoTrace(source=source, kind=kind),
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
        """Until the next look-up, unless there have been enough."""
        if self._clock() > self._given_up_at(operation):
            return await self._needs_attention(
                operation, OutcomeUnknown(obstacle.source, obstacle.kind)
            )
        pause = min(timedelta(seconds=2 ** min(operation.attempts, 10)), self._patience.between)
        return await self._journal.postpone(
            operation.operation_id, refusal=obstacle, check_after=self._clock() + pause
        )

    def _given_up_at(self, operation: Operation) -> datetime:
        """A hold that nobody knows of settles itself when it ends."""
        usual = operation.started_at + self._patience.give_up
        event = operation.steps[-1].instruction.hold if operation.steps else None
        if event is None or event.expires_at is None:
            return usual
        return max(usual, event.expires_at + self._patience.give_up)

    async def _observed(self, instruction: Instruction) -> Instrument | None:
        if instruction.creates:
            return None
        try:
            return await observe(self._sources, instruction.subject)
        except AccountNotFound:
            return None

    @asynccontextmanager
    async def _changing(self, instruction: Instruction) -> AsyncIterator[None]:
        """What others remember of it is no use while it is carried out, nor afterwards."""
        tags = touched_by(instruction)
        await self._shared.drop(tags)
        try:
            yield
        finally:
            await self._shared.drop(tags)

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
