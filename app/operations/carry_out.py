"""
Something is changed once: the order of things around every call that moves money.

Claim the key, lock the instrument, read it live, record the intent, call, look up what was lost,
record the outcome, answer. What is still unknown then is settled by `Operations.settle_due`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self
from uuid import uuid4

import structlog

from app.cache.front import SharedReads
from app.domain.caller import Caller
from app.domain.clock import Clock
from app.domain.errors import CreditError, InvalidQuestion, ProviderFault, RequestRefused
from app.domain.identifiers import OperationId
from app.domain.instructions import Instruction, Subject
from app.domain.instruments import Instrument
from app.domain.operation import Operation, OperationStatus
from app.domain.refusals import IdempotencyKeyReused, InstrumentBusy, OperationInProgress
from app.journal.asked import Asked, Started
from app.journal.failures import JournalUnavailable, OperationTakenOver
from app.journal.journal import Journal
from app.operations.check_instruction import refuse_at_sight, refuse_stale
from app.operations.fingerprint import Fingerprints
from app.operations.observe import observe
from app.operations.records import told_in_domain_words
from app.operations.sources import Sources
from app.operations.steps import Patience, Steps

LONGEST_KEY: Final = 200
MOST_AT_ONCE: Final = 50

_log = structlog.get_logger("creditgraph.operations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """
    What a caller wants done.

    Attributes:
        name: Of the mutation.
        asked: The caller's input, to tell the same from another.
        subject: What is locked, and read unless it is to be `created`; or how it is found.
        instruct: Given the subject as it is now, what is to be done with it.
        expected_version: Of the subject, as the caller saw it last; None if that is no matter.
    """

    name: str
    idempotency_key: str
    asked: object
    subject: Subject | Callable[[], Awaitable[Subject]]
    instruct: Callable[[Instrument | None], Awaitable[Instruction]]
    creates: bool = False
    expected_version: str | None = None

    @classmethod
    def of(
        cls,
        name: str,
        instruction: Instruction,
        *,
        idempotency_key: str,
        asked: object,
        expected_version: str | None = None,
    ) -> Self:
        """One that says itself what is to be done."""

        async def instruct(_: Instrument | None) -> Instruction:
            return instruction

        return cls(
            name=name,
            idempotency_key=idempotency_key,
            asked=asked,
            subject=instruction.subject,
            instruct=instruct,
            creates=instruction.creates,
            expected_version=expected_version,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What became of an order.

    Attributes:
        replayed: The same was asked before; this is what came of it then.
        refusal: Why nothing was done, or what is not known.
    """

    operation: Operation
    replayed: bool = False
    refusal: CreditError | None = None


class Operations:
    """
    Everything that changes something, of this process.

    Args:
        sources: Where it is carried out.
        shared: What is remembered of them.

    Attributes:
        ended: How often operations of each name came to each status in this process: when their
            call ended, and when they were settled later.
    """

    def __init__(
        self,
        journal: Journal,
        sources: Sources,
        shared: SharedReads,
        *,
        fingerprints: Fingerprints,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._journal = journal
        self._sources = sources
        self._fingerprints = fingerprints
        self._clock = clock
        self._patience = patience
        self._steps = Steps(journal, sources, shared, clock=clock, patience=patience)
        self._running: set[asyncio.Task[Operation]] = set()
        self.ended: Counter[tuple[str, OperationStatus]] = Counter()

    async def carry_out(self, order: Order, caller: Caller, correlation_id: str) -> Outcome:
        """
        Do it, once, and say what came of it; refusals are part of that.

        A caller that leaves does not stop it.

        Raises:
            RecordsUnavailable: The same key may be sent again.
        """
        if not _is_key(order.idempotency_key):
            return self.refused(
                order.name, caller, correlation_id, _BAD_KEY, idempotency_key=order.idempotency_key
            )
        asked = Asked(
            name=order.name,
            caller=caller.name,
            idempotency_key=order.idempotency_key,
            fingerprint=self._fingerprints.of(order.asked),
            correlation_id=correlation_id,
        )
        with told_in_domain_words():
            started = await self._journal.start(asked)
        if not started.is_new:
            return _again(started)
        task = self._begun(started.operation, order)
        await asyncio.wait({task}, timeout=self._patience.answer.total_seconds())
        if not task.done():
            return _going_on(started.operation)
        with told_in_domain_words():
            operation = task.result()
        return Outcome(operation=operation, refusal=operation.refusal)

    def refused(
        self,
        name: str,
        caller: Caller,
        correlation_id: str,
        refusal: RequestRefused,
        *,
        idempotency_key: str,
    ) -> Outcome:
        """
        What was never begun, because it makes no sense; the journal does not keep it.

        Args:
            idempotency_key: Told in the receipt, if it is one; it can be used again.
        """
        at = self._clock()
        operation = Operation(
            operation_id=OperationId(uuid4().hex),
            name=name,
            caller=caller.name,
            idempotency_key=idempotency_key if _is_key(idempotency_key) else "",
            correlation_id=correlation_id,
            status=OperationStatus.REJECTED,
            started_at=at,
            completed_at=at,
            refusal=refusal,
        )
        return Outcome(operation=operation, refusal=refusal)

    async def find(self, operation_id: OperationId) -> Operation | None:
        with told_in_domain_words():
            return await self._journal.operation(operation_id)

    async def latest(self, caller: Caller, idempotency_key: str) -> Operation | None:
        """The newest operation that *caller* asked for with a key."""
        with told_in_domain_words():
            return await self._journal.latest(caller=caller.name, idempotency_key=idempotency_key)

    async def settle_due(self) -> int:
        """Ask again about what is not known, and finish what a process left behind; how many."""
        due = await self._journal.take_due(limit=MOST_AT_ONCE)
        ends = await asyncio.gather(*map(self._settle, due), return_exceptions=True)
        for operation, end in zip(due, ends, strict=True):
            if isinstance(end, Exception):
                _log.error("not settled", operation=operation.operation_id, exc_info=end)
        return len(due)

    async def settle_always(self, *, every: timedelta) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.settle_due()
            except JournalUnavailable:
                _log.warning("nothing can be settled: the journal is away")
            await asyncio.sleep(every.total_seconds())

    async def finish(self) -> None:
        """Wait for what has begun."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _begun(self, operation: Operation, order: Order) -> asyncio.Task[Operation]:
        """One that ends in an error nobody foresaw is left to `settle_due`."""
        task = asyncio.create_task(self._run(operation, order))
        self._running.add(task)

        def ended(task: asyncio.Task[Operation]) -> None:
            self._running.discard(task)
            if task.cancelled() or task.exception() is not None:
                self._journal.let_go(operation.operation_id)
            else:
                self.ended[operation.name, task.result().status] += 1

        task.add_done_callback(ended)
        return task

    async def _run(self, operation: Operation, order: Order) -> Operation:
        """A refusal that comes before anything was sent gives the key back."""
        try:
            subject = await _subject_of(order)
            async with self._locked(subject):
                observed = None if order.creates else await observe(self._sources, subject)
                if observed is not None:
                    refuse_stale(observed, order.expected_version)
                instruction = await order.instruct(observed)
                if observed is not None:
                    refuse_at_sight(instruction, observed, at=self._clock())
                return await self._steps.begin(operation, instruction, observed)
        except (RequestRefused, ProviderFault) as refusal:
            return await self._journal.finish(
                operation.operation_id, OperationStatus.REJECTED, refusal=refusal, frees_key=True
            )
        except OperationTakenOver:
            return await self._journal.operation(operation.operation_id) or operation

    async def _settle(self, operation: Operation) -> None:
        with structlog.contextvars.bound_contextvars(correlation_id=operation.correlation_id):
            try:
                if operation.steps:
                    async with self._locked(operation.steps[-1].instruction.subject):
                        settled = await self._steps.resume(operation)
                else:
                    settled = await self._steps.resume(operation)
            except (InstrumentBusy, OperationTakenOver):
                return
            if settled.status.is_final:
                self.ended[operation.name, settled.status] += 1
            _log.info("settled", operation=operation.operation_id, status=settled.status)

    def _locked(self, subject: Subject) -> AbstractAsyncContextManager[None]:
        return self._journal.lock(subject, wait_seconds=self._patience.lock.total_seconds())


_BAD_KEY: Final = InvalidQuestion(
    f"An idempotency key has 1 to {LONGEST_KEY} printable characters.", path=("idempotencyKey",)
)


async def _subject_of(order: Order) -> Subject:
    return order.subject if isinstance(order.subject, Subject) else await order.subject()


def _is_key(text: str) -> bool:
    return 0 < len(text) <= LONGEST_KEY and text.isprintable()


def _again(started: Started) -> Outcome:
    """The same key once more."""
    operation = started.operation
    if not started.same_input:
        refusal: CreditError | None = IdempotencyKeyReused(original=operation.operation_id)
        return Outcome(operation=operation, refusal=refusal)
    if operation.status is OperationStatus.IN_PROGRESS:
        return _going_on(operation)
    return Outcome(operation=operation, replayed=True, refusal=operation.refusal)


def _going_on(operation: Operation) -> Outcome:
    original = operation.operation_id
    return Outcome(operation=operation, refusal=OperationInProgress(original=original))
