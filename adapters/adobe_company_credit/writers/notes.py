"""Changing the texts of a row."""

from __future__ import annotations

from typing import Final

from adapters.adobe_company_credit.bodies import (
    note_body,
    refuse_lines,
    refuse_long_comment,
    refuse_long_purchase_order,
    refuse_unwritable,
    texts_of,
)
from adapters.adobe_company_credit.change import change, require_true
from adapters.adobe_company_credit.credits import ACCOUNT, ENTRY, Credits, number_of
from adapters.adobe_company_credit.search import equals
from adapters.adobe_company_credit.translate import REIMBURSED, type_name
from adapters.adobe_company_credit.wire import HistoryRow
from adapters.transport.upstream import Upstream
from app.domain.errors import AccountNotFound, ProviderContractBroken
from app.domain.instructions import AnnotateLedgerEntry
from app.domain.instruments import Instrument
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.provider import Call
from app.domain.refusals import InvalidState

_ALLOWED: Final = (type_name(REIMBURSED),)


class NoteWriter:
    """Only rows of payments received take a note (documented); their amount never changes."""

    def __init__(self, upstream: Upstream, credits: Credits) -> None:
        self._upstream = upstream
        self._credits = credits

    async def prepare(
        self, instruction: AnnotateLedgerEntry, observed: Instrument | None
    ) -> Evidence:
        refuse_unwritable(instruction.purchase_order, member="purchaseOrder")
        refuse_lines(instruction.purchase_order)
        refuse_long_purchase_order(instruction.purchase_order)
        refuse_unwritable(instruction.comment, member="comment")
        refuse_long_comment(instruction.comment or "")
        row = await self._row_of_account(instruction)
        if row.type != REIMBURSED:
            raise InvalidState(state=type_name(row.type), allowed=_ALLOWED)
        return NO_EVIDENCE

    async def send(self, call: Call[AnnotateLedgerEntry]) -> Booking:
        instruction = call.instruction
        row = await self._row_of_account(instruction)
        answer = await change(
            self._upstream,
            "adobe.credit/PutV1CompanyCreditsHistoryHistoryId",
            "PUT",
            "companyCredits",
            "history",
            instruction.entry_id,
            body=note_body(instruction, row),
            subject=ENTRY,
        )
        require_true(answer)
        return _booking(instruction)

    async def find(self, call: Call[AnnotateLedgerEntry]) -> Booking | None:
        """
        By the texts as they are now. Who wrote them cannot be told, and texts that somebody else
        has changed since look like a note that was never made.
        """
        row = await self._row(call.instruction)
        if row is None or texts_of(row) != note_body(call.instruction, row):
            return None
        return _booking(call.instruction)

    async def _row_of_account(self, instruction: AnnotateLedgerEntry) -> HistoryRow:
        row = await self._row(instruction)
        if row is None or row.company_credit_id != number_of(instruction.account_id, ACCOUNT):
            raise AccountNotFound(ENTRY)
        return row

    async def _row(self, instruction: AnnotateLedgerEntry) -> HistoryRow | None:
        row_id = number_of(instruction.entry_id, ENTRY)
        rows = await self._credits.rows(equals("entity_id", row_id), limit=1)
        for row in rows.shown:
            if row.id != row_id:
                raise ProviderContractBroken(self._upstream.source)
            return row
        return None


def _booking(instruction: AnnotateLedgerEntry) -> Booking:
    return Booking(provider_reference=instruction.entry_id, entry_id=instruction.entry_id)
