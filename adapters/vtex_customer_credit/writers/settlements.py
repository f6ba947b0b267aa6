"""From hold to debt, and back."""

from __future__ import annotations

from typing import Final

from adapters.transport.upstream import Answer, Upstream
from adapters.vtex_customer_credit import bodies, checks, translate, wire
from adapters.vtex_customer_credit.answers import (
    REFUSALS,
    read_written,
    refusal,
    unreadable,
)
from adapters.vtex_customer_credit.routes import ACCOUNTS
from adapters.vtex_customer_credit.writers.balance import entry_id_of
from adapters.vtex_customer_credit.writers.captured import CapturedAmounts
from adapters.vtex_customer_credit.writers.state import cannot_tell
from app.domain.errors import InvalidQuestion, RequestRefused
from app.domain.holds import HoldState
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import CaptureHoldOnCredit, RefundHoldOnCredit
from app.domain.instruments import Instrument
from app.domain.ledger import Direction, LedgerEntryKind, LedgerQuestion
from app.domain.operation import Booking, Evidence
from app.domain.paging import Window
from app.domain.provider import Call, ReadsCreditLedger
from app.domain.refusals import InvalidState

_NEWEST: Final = Window(0, 1)
_GIVEN_BACK: Final = LedgerQuestion(
    kinds=frozenset({LedgerEntryKind.REFUND, LedgerEntryKind.BALANCE_OPERATION}),
    direction=Direction.CREDIT,
)
"""Where a refund may leave a trace; which of them, nobody says."""


class CapturesHold:
    """
    Makes an amount in all, whatever it was, a debt.

    Means of proof: the invoices of the hold. What is neither as wanted nor as before may have been
    refunded, or captured otherwise by somebody else: nobody can tell.
    """

    def __init__(self, upstream: Upstream, captured: CapturedAmounts) -> None:
        self._upstream = upstream
        self._captured = captured

    async def prepare(
        self, instruction: CaptureHoldOnCredit, observed: Instrument | None
    ) -> Evidence:
        checks.check_amount(instruction.amount)
        return Evidence(figure=await self._captured.of(instruction))

    async def send(self, call: Call[CaptureHoldOnCredit]) -> Booking:
        answer = await self._upstream.write(
            "vtex.cc/CreateorUpdateSettlement",
            "PUT",
            *ACCOUNTS,
            call.instruction.account_id,
            "transactions",
            call.instruction.hold_id,
            "settlement",
            body=bodies.value_body(call.instruction.amount.amount),
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise refusal(answer, call.observed, kind="hold")
        settled = read_written(answer, wire.HOLD)
        if not translate.same_id(settled.id, call.instruction.hold_id):
            raise unreadable(answer)
        if settled.value != call.instruction.amount.amount:
            raise unreadable(answer)
        return Booking(provider_reference=settled.id)

    async def find(self, call: Call[CaptureHoldOnCredit]) -> Booking | None:
        captured = await self._captured.of(call.instruction)
        if captured == call.instruction.amount:
            return Booking(provider_reference=call.instruction.hold_id)
        if captured != call.evidence.figure:
            raise cannot_tell(call.instruction.source)
        return None


class RefundsHold:
    """
    Gives part of what was captured back, or all.

    Means of proof: the invoices of the hold, whose sum fell by just that amount. A refund of what
    is paid already need not change them (assumed), so they prove nothing was given back only where
    the ledger shows no new credit either.

    What remains uncertain: another refund of the same amount looks the same.
    """

    def __init__(
        self, upstream: Upstream, captured: CapturedAmounts, ledger: ReadsCreditLedger
    ) -> None:
        self._upstream = upstream
        self._captured = captured
        self._ledger = ledger

    async def prepare(
        self, instruction: RefundHoldOnCredit, observed: Instrument | None
    ) -> Evidence:
        checks.check_amount(instruction.amount)
        return Evidence(
            figure=await self._captured.of(instruction),
            newest_entry_id=await self._newest_credit(instruction),
        )

    async def send(self, call: Call[RefundHoldOnCredit]) -> Booking:
        answer = await self._upstream.write(
            "vtex.cc/PartialorTotalRefundaSettlement",
            "POST",
            *ACCOUNTS,
            call.instruction.account_id,
            "transactions",
            call.instruction.hold_id,
            "refunds",
            body=bodies.value_body(call.instruction.amount.amount),
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise _refund_refusal(answer, call)
        if read_written(answer, wire.REFUND).value != call.instruction.amount.amount:
            raise unreadable(answer)
        return Booking(provider_reference=call.instruction.hold_id)

    async def find(self, call: Call[RefundHoldOnCredit]) -> Booking | None:
        left, before = await self._captured.of(call.instruction), call.evidence.figure
        if before is not None and before - left == call.instruction.amount:
            return Booking(provider_reference=call.instruction.hold_id)
        newest = await self._newest_credit(call.instruction)
        if left != before or newest != call.evidence.newest_entry_id:
            raise cannot_tell(call.instruction.source)
        return None

    async def _newest_credit(self, instruction: RefundHoldOnCredit) -> ProviderEntryId | None:
        page = await self._ledger.credit_ledger(instruction.account_id, _GIVEN_BACK, _NEWEST)
        return entry_id_of(page.items)


def _refund_refusal(answer: Answer, call: Call[RefundHoldOnCredit]) -> RequestRefused:
    """No code tells that it was too much: what its invoices said right before does."""
    captured, requested = call.evidence.figure, call.instruction.amount
    if answer.status == 400 and captured is not None and captured < requested:
        if not captured.amount:
            return InvalidState(state=HoldState.ACTIVE, allowed=(HoldState.CAPTURED,))
        return InvalidQuestion("This is more than was captured.", ("amount", "amount"))
    return refusal(answer, call.observed, kind="hold")
