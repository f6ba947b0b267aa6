"""Entries of the manual ledger."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from adapters.transport.upstream import Answer, Upstream
from adapters.vtex_customer_credit import bodies, checks, translate, wire
from adapters.vtex_customer_credit.answers import REFUSALS, read_written, refusal, unreadable
from adapters.vtex_customer_credit.routes import ACCOUNTS
from app.domain.errors import AccountNotFound, OutcomeUnknown, ProviderFault, SourceProblemKind
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import DecreaseCreditBalance
from app.domain.instruments import Instrument
from app.domain.ledger import Direction, LedgerEntry, LedgerEntryKind, LedgerQuestion
from app.domain.operation import Booking, Evidence
from app.domain.paging import Window
from app.domain.provider import Call, ReadsCreditLedger

_NEWEST: Final = Window(0, 1)
_SINCE: Final = Window(0, 100)
_MANUAL: Final = LedgerQuestion(kinds=frozenset({LedgerEntryKind.BALANCE_OPERATION}))


class DecreasesBalance:
    """
    Posts a debit to the manual ledger.

    Means of proof: the mark is the id of the entry in the path, and the same id posts once, so that
    a lost answer is asked for again. A refusal of that second request proves nothing: then the
    ledger must show what was posted.

    Source: documented, Decreasebalanceofanaccount (`statementId`); that a repeat posts nothing new
    is assumed from it. What the value's sign means is ambiguous there: it goes out negative, as in
    the sample, and the new entry must be a debit.
    """

    def __init__(self, upstream: Upstream, ledger: ReadsCreditLedger) -> None:
        self._upstream = upstream
        self._ledger = ledger

    async def prepare(
        self, instruction: DecreaseCreditBalance, observed: Instrument | None
    ) -> Evidence:
        checks.check_amount(instruction.amount)
        checks.refuse_given(
            comment=instruction.comment,
            purchaseOrder=instruction.purchase_order,
            orderId=instruction.order_id,
        )
        page = await self._ledger.credit_ledger(instruction.account_id, _MANUAL, _NEWEST)
        return Evidence(newest_entry_id=entry_id_of(page.items))

    async def send(self, call: Call[DecreaseCreditBalance]) -> Booking:
        answer = await self._put(call)
        if answer.status in REFUSALS:
            raise refusal(answer, call.observed, kind="credit account")
        return await self._booked(call, answer)

    async def find(self, call: Call[DecreaseCreditBalance]) -> Booking | None:
        answer = await self._put(call)
        if answer.status in REFUSALS:
            return await self._seen(call)
        return await self._booked(call, answer)

    async def _put(self, call: Call[DecreaseCreditBalance]) -> Answer:
        return await self._upstream.write(
            "vtex.cc/Decreasebalanceofanaccount",
            "PUT",
            *ACCOUNTS,
            call.instruction.account_id,
            "statements",
            call.mark,
            body=bodies.debit_body(call.instruction.amount),
            refusals=REFUSALS,
        )

    async def _booked(self, call: Call[DecreaseCreditBalance], answer: Answer) -> Booking:
        posted = read_written(answer, wire.POSTED).value
        if posted != -call.instruction.amount.amount:
            raise unreadable(answer)
        try:
            entries = await self._new_entries(call)
        except (AccountNotFound, ProviderFault):
            return Booking(provider_reference=call.mark)
        debits = _debits(entries)
        if entries and not debits:
            raise unreadable(answer)
        return _booking(call.mark, debits)

    async def _seen(self, call: Call[DecreaseCreditBalance]) -> Booking | None:
        """
        Only an entry that bears the mark is certainly ours; one of the same amount may be anyone's.
        """
        debits = _debits(await self._new_entries(call))
        marked = [entry for entry in debits if translate.bears(entry, call.mark)]
        if debits and not marked:
            raise OutcomeUnknown(call.instruction.source, SourceProblemKind.UPSTREAM_ERROR)
        return _booking(call.mark, marked) if marked else None

    async def _new_entries(self, call: Call[DecreaseCreditBalance]) -> list[LedgerEntry]:
        """Manual ones of the amount in question that were not there before the call."""
        page = await self._ledger.credit_ledger(call.instruction.account_id, _MANUAL, _SINCE)
        before, amount = call.evidence.newest_entry_id, call.instruction.amount
        newer = takewhile(lambda entry: entry.native.provider_entry_id != before, page.items)
        return [entry for entry in newer if entry.amount == amount]


def _debits(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    return [entry for entry in entries if entry.direction is Direction.DEBIT]


def _booking(mark: str, debits: Sequence[LedgerEntry]) -> Booking:
    """With the entry that bears the mark, or the only one there is."""
    ours = [entry for entry in debits if translate.bears(entry, mark)] or debits
    entry_id = entry_id_of(ours) if len(ours) == 1 else None
    return Booking(provider_reference=mark, entry_id=entry_id)


def entry_id_of(entries: Sequence[LedgerEntry]) -> ProviderEntryId | None:
    """Of the first one."""
    return entries[0].native.provider_entry_id if entries else None
