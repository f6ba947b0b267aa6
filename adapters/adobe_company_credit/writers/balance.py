"""Moving what a company owes."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Final

from adapters.adobe_company_credit.bodies import (
    LONGEST_MARK,
    BalanceMove,
    balance_body,
    refuse_inexact,
    refuse_lines,
    refuse_long_comment,
    refuse_unwritable,
    whole_comment,
)
from adapters.adobe_company_credit.change import change, require_true
from adapters.adobe_company_credit.credits import ACCOUNT, Credits, number_of
from adapters.adobe_company_credit.marks import Marks
from adapters.adobe_company_credit.search import Filter, equals
from adapters.adobe_company_credit.writers.seen import account_of, refuse_foreign, written_since
from adapters.transport.upstream import Upstream
from app.domain.errors import AccountNotFound, InvalidQuestion, ProviderFault
from app.domain.hold_events import HoldEventKind
from app.domain.identifiers import ProviderHoldId
from app.domain.instructions import BalanceReason, DecreaseCreditBalance, IncreaseCreditBalance
from app.domain.instruments import CreditAccount, Instrument
from app.domain.money import Money
from app.domain.operation import Booking, Evidence
from app.domain.provider import Call
from app.domain.refusals import InstrumentNotUsable, InsufficientCredit
from app.domain.spendable import IneligibilityReason, verdict_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """
    One of the two calls that move a balance.

    Attributes:
        path: Its last segment.
        reasons: Those that go with it (documented).
    """

    operation: str
    path: str
    reasons: Set[BalanceReason]


_TAKEN_BACK: Final = "Taken back: there was less to spend than this."

DIRECTIONS: Final[Mapping[type[BalanceMove], Direction]] = {
    IncreaseCreditBalance: Direction(
        operation="adobe.credit/PostV1CompanyCreditsCreditIdIncreaseBalance",
        path="increaseBalance",
        reasons=frozenset(BalanceReason) - {BalanceReason.PURCHASED},
    ),
    DecreaseCreditBalance: Direction(
        operation="adobe.credit/PostV1CompanyCreditsCreditIdDecreaseBalance",
        path="decreaseBalance",
        reasons=frozenset(
            {BalanceReason.UPDATED, BalanceReason.PURCHASED, BalanceReason.REIMBURSED}
        ),
    ),
}


class BalanceWriter:
    """
    A row of the history exists exactly when the balance moved (assumed), and it bears the mark.

    Nothing here can keep a purchase within the limit while somebody else writes, too: Adobe does
    not look at the limit in these calls (assumed), so the record is read again after a purchase.
    """

    def __init__(self, upstream: Upstream, credits: Credits) -> None:
        self._upstream = upstream
        self._credits = credits
        self._marks = Marks(upstream.source, credits)

    async def prepare(self, instruction: BalanceMove, observed: Instrument | None) -> Evidence:
        account = account_of(observed)
        _refuse_misfit(instruction)
        _refuse_unkept(instruction)
        refuse_foreign(instruction.amount, account.currency, member="amount")
        if _is_purchase(instruction):
            _refuse_beyond_credit(instruction.amount, account)
        newest = await self._credits.newest_entry_id(number_of(instruction.account_id, ACCOUNT))
        if instruction.reason is BalanceReason.ALLOCATED and newest is not None:
            raise InvalidQuestion(
                "ALLOCATED is for an account without history; set its limit instead.",
                path=("reason",),
            )
        return Evidence(newest_entry_id=newest)

    async def send(self, call: Call[BalanceMove]) -> Booking:
        instruction = call.instruction
        direction = DIRECTIONS[type(instruction)]
        answer = await change(
            self._upstream,
            direction.operation,
            "POST",
            "companyCredits",
            instruction.account_id,
            direction.path,
            body=balance_body(instruction, call.mark),
            subject=ACCOUNT,
        )
        require_true(answer)
        try:
            booking = await self._marks.booked_by_purchase_order(call.mark, *_of_account(call))
        except ProviderFault:
            return Booking()
        return booking or Booking()

    async def find(self, call: Call[BalanceMove]) -> Booking | None:
        """
        By the mark, among the account's rows written since. When the record is gone its currency
        was changed and its rows have moved to another one: then among all rows written since.
        """
        booking = await self._marks.booked(call.mark, *_of_account(call))
        if booking is None and await self._is_gone(call):
            return await self._marks.booked(call.mark, written_since(call.evidence))
        return booking

    async def undoing(
        self, call: Call[BalanceMove], booking: Booking
    ) -> IncreaseCreditBalance | None:
        """
        A purchase is taken back when the record is below what may be spent and was so right after
        the purchase: of two that raced each other, only the later one.
        """
        charge = call.instruction
        if not _is_purchase(charge):
            return None
        credit_id = number_of(charge.account_id, ACCOUNT)
        credit = (await self._credits.by_id(credit_id)).content
        if credit.exceed_limit or credit.available_limit >= 0:
            return None
        row = await self._marks.row(call.mark, *_of_account(call))
        left = Money((row or credit).available_limit, charge.amount.currency)
        return taking_back(charge, call.mark, left) if left.is_negative else None

    async def _is_gone(self, call: Call[BalanceMove]) -> bool:
        try:
            await self._credits.by_id(number_of(call.instruction.account_id, ACCOUNT))
        except AccountNotFound:
            return True
        return False


def _of_account(call: Call[BalanceMove]) -> tuple[Filter, Filter]:
    credit_id = number_of(call.instruction.account_id, ACCOUNT)
    return equals("company_credit_id", credit_id), written_since(call.evidence)


def _is_purchase(instruction: BalanceMove) -> bool:
    return instruction.reason is BalanceReason.PURCHASED


def taking_back(charge: BalanceMove, mark: str, left: Money) -> IncreaseCreditBalance:
    """
    What undoes a purchase for which there was too little, for the same order.

    Args:
        mark: Of the purchase, which is the name of the hold that it made, if it made one.
        left: What could be spent right after it: less than nothing.
    """
    hold = charge.hold
    return IncreaseCreditBalance(
        source=charge.source,
        account_id=charge.account_id,
        amount=charge.amount,
        reason=BalanceReason.REVERTED,
        comment=_TAKEN_BACK,
        purchase_order=charge.purchase_order,
        order_id=charge.order_id,
        spendable_before=max(charge.amount + left, Money.zero(charge.amount.currency)),
        hold=hold and replace(hold, kind=HoldEventKind.RELEASED, hold_id=ProviderHoldId(mark)),
    )


def _refuse_misfit(instruction: BalanceMove) -> None:
    direction = DIRECTIONS[type(instruction)]
    if instruction.reason not in direction.reasons:
        raise InvalidQuestion(
            f"{instruction.reason} does not go with this direction.", path=("reason",)
        )


def _refuse_unkept(instruction: BalanceMove) -> None:
    """What Adobe would change without a word."""
    refuse_inexact(instruction.amount, member="amount")
    if instruction.amount.amount <= 0:
        raise InvalidQuestion("An amount is more than nothing.", path=("amount", "amount"))
    refuse_unwritable(instruction.comment, member="comment")
    refuse_unwritable(instruction.purchase_order, member="purchaseOrder")
    refuse_lines(instruction.purchase_order)
    refuse_unwritable(instruction.order_id, member="orderId")
    refuse_long_comment(whole_comment(instruction, LONGEST_MARK))


def _refuse_beyond_credit(amount: Money, account: CreditAccount) -> None:
    """Adobe itself does not look, neither at the limit nor at the company's status (assumed)."""
    verdict = verdict_on(account, at=account.observed_at)
    reasons = tuple(it for it in verdict.reasons if it is not IneligibilityReason.NO_BALANCE)
    if reasons:
        raise InstrumentNotUsable(reasons)
    if amount > verdict.amount and not account.exceed_allowed:
        raise InsufficientCredit(requested=amount, spendable=verdict.amount)
