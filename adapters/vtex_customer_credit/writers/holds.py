"""Credit set aside, and given back unused. The provider shows no hold, only their sum."""

from __future__ import annotations

from adapters.transport.upstream import Answer, Upstream
from adapters.vtex_customer_credit import bodies, checks, translate, wire
from adapters.vtex_customer_credit.answers import (
    REFUSALS,
    check_empty,
    read_written,
    refusal,
    unreadable,
)
from adapters.vtex_customer_credit.routes import ACCOUNTS
from adapters.vtex_customer_credit.writers.captured import CapturedAmounts
from adapters.vtex_customer_credit.writers.state import account_of, cannot_tell, held_on
from app.domain.errors import InvalidQuestion, ProviderFault, RequestRefused
from app.domain.holds import HoldState
from app.domain.identifiers import ProviderHoldId
from app.domain.instructions import ChangeHoldOnCredit, HoldOnCredit, ReleaseHoldOnCredit
from app.domain.instruments import Instrument
from app.domain.money import Money
from app.domain.operation import Booking, Evidence
from app.domain.provider import Call, ReadsCreditAccounts
from app.domain.refusals import InsufficientCredit, InvalidState, ProviderRejected
from app.domain.spendable import verdict_on


class PlacesHold:
    """
    Sets credit aside, for as long as is asked or as the provider keeps it.

    Means of proof: the sum of all holds, before and after. It can only show that nothing was set
    aside: of a hold that came of a lost answer the id is not to be had, so that it is of no use to
    anybody. It falls off when it expires; from then on the call counts as not carried out.

    What remains uncertain: a hold of somebody else's that ends meanwhile, and is of the same
    amount, hides ours. It is never captured, and falls off as well.
    """

    def __init__(self, upstream: Upstream, accounts: ReadsCreditAccounts) -> None:
        self._upstream = upstream
        self._accounts = accounts

    async def prepare(self, instruction: HoldOnCredit, observed: Instrument | None) -> Evidence:
        checks.check_amount(instruction.amount)
        checks.check_count(instruction.installments, "installments")
        if self._is_over(instruction):
            raise InvalidQuestion("A hold ends in the future.", ("expiresAt",))
        return Evidence(figure=held_on(account_of(observed)))

    async def send(self, call: Call[HoldOnCredit]) -> Booking:
        answer = await self._upstream.write(
            "vtex.cc/CreateaPreAuthorization",
            "POST",
            *ACCOUNTS,
            call.instruction.account_id,
            "transactions",
            body=bodies.hold_body(call.instruction),
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise self._refusal(answer, call)
        hold = read_written(answer, wire.HOLD)
        if hold.value != call.instruction.amount.amount:
            raise unreadable(answer)
        return Booking(provider_reference=hold.id, hold_id=ProviderHoldId(hold.id.lower()))

    async def find(self, call: Call[HoldOnCredit]) -> None:
        account = await self._accounts.credit_account(call.instruction.account_id)
        unchanged = held_on(account) == call.evidence.figure
        if not (unchanged or self._is_over(call.instruction)):
            raise cannot_tell(call.instruction.source)

    def _refusal(self, answer: Answer, call: Call[HoldOnCredit]) -> RequestRefused:
        """No code tells that the limit was reached: what was to be spent right before does."""
        refused = refusal(answer, call.observed, kind="credit account")
        spendable = _spendable(self._upstream, call.observed)
        return _insufficient(answer, refused, call.instruction.amount, spendable)

    def _is_over(self, instruction: HoldOnCredit) -> bool:
        return instruction.expires_at is not None and instruction.expires_at <= (
            self._upstream.clock()
        )


class ChangesHold:
    """
    Sets a hold to another amount, before it is captured.

    Means of proof: the sum of all holds, which is as before, or has changed by just what was asked
    for, or tells nothing. A repeat would lead to the same state (documented), unless somebody else
    changed the hold since, so there is none.

    What remains uncertain: a hold of somebody else's that begins or ends meanwhile, and makes just
    that difference.
    """

    def __init__(self, upstream: Upstream, accounts: ReadsCreditAccounts) -> None:
        self._upstream = upstream
        self._accounts = accounts

    async def prepare(
        self, instruction: ChangeHoldOnCredit, observed: Instrument | None
    ) -> Evidence:
        checks.check_amount(instruction.amount)
        checks.check_count(instruction.installments, "installments")
        return Evidence(figure=held_on(account_of(observed)))

    async def send(self, call: Call[ChangeHoldOnCredit]) -> Booking:
        answer = await self._upstream.write(
            "vtex.cc/CreateaPreAuthorization(usingid)",
            "PUT",
            *ACCOUNTS,
            call.instruction.account_id,
            "transactions",
            call.instruction.hold_id,
            body=bodies.changed_hold_body(call.instruction),
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise self._refusal(answer, call)
        check_hold(answer, call.instruction)
        return Booking(provider_reference=call.instruction.hold_id)

    async def find(self, call: Call[ChangeHoldOnCredit]) -> Booking | None:
        wanted, before = call.instruction, call.evidence.figure
        held = held_on(await self._accounts.credit_account(wanted.account_id))
        if held == before:
            return None
        if before is None or held - before != wanted.amount - wanted.amount_before:
            raise cannot_tell(wanted.source)
        return Booking(provider_reference=wanted.hold_id)

    def _refusal(self, answer: Answer, call: Call[ChangeHoldOnCredit]) -> RequestRefused:
        """What is set aside already need not be found once more."""
        refused = refusal(answer, call.observed, kind="hold")
        room = _spendable(self._upstream, call.observed) + call.instruction.amount_before
        return _insufficient(answer, refused, call.instruction.amount, room)


class ReleasesHold:
    """
    Gives a hold back that was never captured; only one that does not settle itself can be.

    Means of proof: once more. A hold is deleted once, whoever asks, and its id is never given again
    (assumed). Where that is refused, the hold is gone unless it was captured, which its invoices
    show, or is still in the sum of all holds.

    What remains uncertain: after a refusal, a hold of somebody else's that ends meanwhile lowers
    that sum as ours would.
    """

    def __init__(
        self, upstream: Upstream, accounts: ReadsCreditAccounts, captured: CapturedAmounts
    ) -> None:
        self._upstream = upstream
        self._accounts = accounts
        self._captured = captured

    async def prepare(
        self, instruction: ReleaseHoldOnCredit, observed: Instrument | None
    ) -> Evidence:
        return Evidence(figure=held_on(account_of(observed)))

    async def send(self, call: Call[ReleaseHoldOnCredit]) -> Booking:
        answer = await self._delete(call)
        if answer.status in REFUSALS:
            raise await self._refusal(answer, call)
        return _released(answer, call)

    async def find(self, call: Call[ReleaseHoldOnCredit]) -> Booking | None:
        answer = await self._delete(call)
        if answer.status not in REFUSALS:
            return _released(answer, call)
        await self._refuse_captured(call)
        account = await self._accounts.credit_account(call.instruction.account_id)
        held, before = held_on(account), call.evidence.figure
        if before is None or held > before:
            raise cannot_tell(call.instruction.source)
        if held == before:
            raise refusal(answer, account, kind="hold")
        return Booking(provider_reference=call.instruction.hold_id)

    async def _delete(self, call: Call[ReleaseHoldOnCredit]) -> Answer:
        return await self._upstream.write(
            "vtex.cc/CancelaPreAuthorization",
            "DELETE",
            *ACCOUNTS,
            call.instruction.account_id,
            "transactions",
            call.instruction.hold_id,
            refusals=REFUSALS,
        )

    async def _refusal(self, answer: Answer, call: Call[ReleaseHoldOnCredit]) -> RequestRefused:
        """It is refused, whatever becomes of the look at why."""
        try:
            await self._refuse_captured(call)
        except InvalidState as captured:
            return captured
        except (RequestRefused, ProviderFault):
            pass
        return refusal(answer, call.observed, kind="hold")

    async def _refuse_captured(self, call: Call[ReleaseHoldOnCredit]) -> None:
        if await self._captured.invoices_of(call.instruction):
            raise InvalidState(state=HoldState.CAPTURED, allowed=(HoldState.ACTIVE,))


def _spendable(upstream: Upstream, observed: Instrument | None) -> Money:
    return verdict_on(account_of(observed), at=upstream.clock()).amount


def _insufficient(
    answer: Answer, refused: RequestRefused, requested: Money, spendable: Money
) -> RequestRefused:
    """*refused*, unless what could be spent right before tells why."""
    if isinstance(refused, ProviderRejected) and answer.status == 400 and spendable < requested:
        return InsufficientCredit(requested=requested, spendable=spendable)
    return refused


def _released(answer: Answer, call: Call[ReleaseHoldOnCredit]) -> Booking:
    check_empty(answer)
    return Booking(provider_reference=call.instruction.hold_id)


def check_hold(answer: Answer, wanted: ChangeHoldOnCredit) -> None:
    """
    Raises:
        OutcomeUnknown: The answer is not about that hold and amount.
    """
    hold = read_written(answer, wire.HOLD)
    if not translate.same_id(hold.id, wanted.hold_id) or hold.value != wanted.amount.amount:
        raise unreadable(answer)
