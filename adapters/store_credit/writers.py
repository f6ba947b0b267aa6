"""
What changes store credit.

The provider knows no idempotency key: nothing is ever sent twice, and what lost its answer is found
again by its mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.store_credit import bodies, wire
from adapters.store_credit.accounts import AccountRows
from adapters.store_credit.ledger import Ledger
from adapters.store_credit.marks import metadata_bears
from adapters.store_credit.refusals import (
    REFUSALS,
    movement_refusal,
    opening_refusal,
    read_written,
    second_account,
)
from adapters.transport.upstream import Answer, Upstream
from app.domain.errors import OutcomeUnknown, ProviderFault, RequestRefused, SourceProblemKind
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import OnStoreCredit, OpenStoreCreditAccount
from app.domain.instruments import Instrument
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.provider import Call
from app.domain.refusals import PolicyViolation

_JSON: Final = {"Content-Type": "application/json"}
"""A body of another type, or of none, is not read."""


@dataclass(frozen=True, slots=True)
class Movement:
    """
    Attributes:
        route: Last part of the path, and the `type` of the entry that comes of it.
    """

    route: str
    operation: str


CREDIT: Final = Movement("credit", "medusa.sc/PostStoreCreditAccountsIdCredit")
DEBIT: Final = Movement("debit", "medusa.sc/PostStoreCreditAccountsIdDebit")


class MovesStoreCredit:
    """
    Puts money on an account or takes it off.

    Means of proof: the mark at the end of the entry's note. The answer names no entry and may show
    what others did meanwhile, so nothing is derived from its figures.
    """

    def __init__(self, upstream: Upstream, movement: Movement) -> None:
        self._upstream = upstream
        self._movement = movement
        self._ledger = Ledger(upstream)

    async def prepare(self, instruction: OnStoreCredit, observed: Instrument | None) -> Evidence:
        bodies.check_amount(instruction.amount)
        bodies.check_text(instruction.note, "note")
        return Evidence(newest_entry_id=await self._ledger.newest_entry(instruction.account_id))

    async def send(self, call: Call[OnStoreCredit]) -> Booking:
        answer = await self._upstream.write(
            self._movement.operation,
            "POST",
            "admin",
            "store-credit-accounts",
            call.instruction.account_id,
            self._movement.route,
            body=bodies.movement_request(call.instruction, call.mark).model_dump(),
            headers=_JSON,
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise movement_refusal(answer, call)
        _check_account(answer, call.instruction.account_id)
        return await self._with_entry(call)

    async def find(self, call: Call[OnStoreCredit]) -> Booking | None:
        entry_id = await self._ledger.entry_of(
            call.mark,
            call.instruction.account_id,
            type_=self._movement.route,
            newest_before=call.evidence.newest_entry_id,
        )
        return Booking(provider_reference=entry_id, entry_id=entry_id) if entry_id else None

    async def _with_entry(self, call: Call[OnStoreCredit]) -> Booking:
        """It is booked, whatever becomes of this read."""
        try:
            return await self.find(call) or Booking()
        except ProviderFault:
            return Booking()


class OpensStoreCredit:
    """
    Makes an account with nothing on it.

    Means of proof: the mark in the metadata, which stays as it was given at the opening. A customer
    has one account in a currency, so one without the mark proves that this call opened none.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._accounts = AccountRows(upstream)

    async def prepare(
        self, instruction: OpenStoreCreditAccount, observed: Instrument | None
    ) -> Evidence:
        """
        Raises:
            PolicyViolation: The customer has one in that currency, be it written in capitals, which
                the provider takes for another currency; and it does not serve as well.
        """
        bodies.new_account_request(instruction, mark="")
        if instruction.customer_id is None:
            newest = await self._accounts.newest_unowned()
            return Evidence(newest_entry_id=ProviderEntryId(newest) if newest else None)
        rows = await self._accounts.of_customer(instruction.customer_id, instruction.currency)
        if rows and not (instruction.any_will_do and _one_in_the_way(rows, instruction)):
            raise second_account()
        return NO_EVIDENCE

    async def send(self, call: Call[OpenStoreCreditAccount]) -> Booking:
        asked = bodies.new_account_request(call.instruction, call.mark)
        answer = await self._upstream.write(
            "medusa.sc/PostStoreCreditAccounts",
            "POST",
            "admin",
            "store-credit-accounts",
            body=asked.model_dump(exclude_unset=True),
            headers=_JSON,
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            return await self._instead(call, opening_refusal(answer, call))
        made = read_written(answer, wire.ACCOUNT_RESPONSE).store_credit_account
        if (made.currency_code, made.customer_id) != (asked.currency_code, asked.customer_id):
            raise OutcomeUnknown(answer.source, SourceProblemKind.BAD_RESPONSE)
        return _opened(made.id)

    async def _instead(
        self, call: Call[OpenStoreCreditAccount], refusal: RequestRefused
    ) -> Booking:
        """The account that was opened a moment earlier, by somebody else, where it serves."""
        there = None
        if call.instruction.any_will_do and isinstance(refusal, PolicyViolation):
            there = await self.find(call)
        if there is None:
            raise refusal
        return there

    async def find(self, call: Call[OpenStoreCreditAccount]) -> Booking | None:
        customer_id = call.instruction.customer_id
        if customer_id is None:
            account_id = await self._accounts.unowned_of(
                call.mark, newest_before=call.evidence.newest_entry_id
            )
            return _opened(account_id) if account_id else None
        rows = await self._accounts.of_customer(customer_id, call.instruction.currency)
        return _opened_among(rows, call)


def _opened(account_id: str) -> Booking:
    return Booking(provider_reference=account_id, created_id=account_id)


def _opened_among(
    rows: Sequence[wire.AccountOrigin], call: Call[OpenStoreCreditAccount]
) -> Booking | None:
    """
    Raises:
        PolicyViolation: The customer's account was opened by somebody else, and does not serve.
    """
    for row in rows:
        if metadata_bears(row.metadata, call.mark):
            return _opened(row.id)
    there = _one_in_the_way(rows, call.instruction)
    if there is None:
        return None
    if call.instruction.any_will_do:
        return _opened(there.id)
    raise second_account()


def _one_in_the_way(
    rows: Sequence[wire.AccountOrigin], instruction: OpenStoreCreditAccount
) -> wire.AccountOrigin | None:
    """The account for which the provider opens no other: the currency is written the same."""
    text = bodies.currency_text(instruction.currency)
    return next((row for row in rows if row.currency_code == text), None)


def _check_account(answer: Answer, account_id: str) -> None:
    """
    Raises:
        OutcomeUnknown: The answer is not about that account.
    """
    if read_written(answer, wire.ACCOUNT_RESPONSE).store_credit_account.id != account_id:
        raise OutcomeUnknown(answer.source, SourceProblemKind.BAD_RESPONSE)
