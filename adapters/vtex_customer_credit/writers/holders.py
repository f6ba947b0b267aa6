"""People who may draw on an account beside its owner."""

from __future__ import annotations

from typing import NoReturn

from adapters.transport.upstream import Answer, Upstream
from adapters.vtex_customer_credit import bodies, checks, translate, wire
from adapters.vtex_customer_credit.answers import REFUSALS, read_written, refusal, unreadable
from adapters.vtex_customer_credit.routes import ACCOUNTS
from adapters.vtex_customer_credit.writers.state import cannot_tell
from app.domain.instructions import AddAccountHolder, RemoveAccountHolder
from app.domain.instruments import Instrument
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.provider import Call


class AddsHolder:
    """
    Lets somebody else draw on an account.

    There is no proof: holders cannot be listed, and a repeat would add another one (documented). A
    lost answer stays unknown.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def prepare(self, instruction: AddAccountHolder, observed: Instrument | None) -> Evidence:
        checks.check_filled(email=instruction.email)
        return NO_EVIDENCE

    async def send(self, call: Call[AddAccountHolder]) -> Booking:
        answer = await self._upstream.write(
            "vtex.cc/AddanaccountHolder",
            "POST",
            *ACCOUNTS,
            call.instruction.account_id,
            "holders",
            body=bodies.holder_body(call.instruction.email),
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise refusal(answer, call.observed, kind="credit account")
        holder = read_written(answer, wire.HOLDER)
        if holder.claims.email.casefold() != call.instruction.email.casefold():
            raise unreadable(answer)
        return Booking(created_id=holder.id)

    async def find(self, call: Call[AddAccountHolder]) -> NoReturn:
        raise cannot_tell(call.instruction.source)


class RemovesHolder:
    """
    Ends that.

    Means of proof: once more. An id is never given again (assumed), so that a second removal finds
    nothing to do: a holder that is not found is gone.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def prepare(
        self, instruction: RemoveAccountHolder, observed: Instrument | None
    ) -> Evidence:
        return NO_EVIDENCE

    async def send(self, call: Call[RemoveAccountHolder]) -> Booking:
        answer = await self._delete(call)
        if answer.status in REFUSALS:
            raise refusal(answer, call.observed, kind="account holder")
        return self._removed(call, answer)

    async def find(self, call: Call[RemoveAccountHolder]) -> Booking | None:
        answer = await self._delete(call)
        if answer.status == 404:
            return Booking()
        if answer.status in REFUSALS:
            raise cannot_tell(call.instruction.source)
        return self._removed(call, answer)

    async def _delete(self, call: Call[RemoveAccountHolder]) -> Answer:
        return await self._upstream.write(
            "vtex.cc/Deleteanaccountholder",
            "DELETE",
            *ACCOUNTS,
            call.instruction.account_id,
            "holders",
            call.instruction.holder_id,
            refusals=REFUSALS,
        )

    def _removed(self, call: Call[RemoveAccountHolder], answer: Answer) -> Booking:
        removed = read_written(answer, wire.REMOVED)
        if not translate.same_id(removed.id, call.instruction.holder_id):
            raise unreadable(answer)
        return Booking()
