"""Bringing an account that is there into another state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from adapters.transport.upstream import Upstream
from adapters.vtex_customer_credit import bodies, checks
from adapters.vtex_customer_credit.answers import REFUSALS, refusal, unreadable
from adapters.vtex_customer_credit.bodies import Body
from adapters.vtex_customer_credit.routes import ACCOUNTS
from adapters.vtex_customer_credit.writers.state import (
    Wanted,
    account_of,
    cannot_tell,
    details_of,
    written_account,
)
from app.domain.instructions import SetCreditLimit, SetCreditTolerance, UpdateCreditAccount
from app.domain.instruments import CreditAccount, Instrument, VtexCreditAccountDetails
from app.domain.operation import Booking, Evidence
from app.domain.provider import Call, ReadsCreditAccounts

What = TypeVar("What", bound=UpdateCreditAccount | SetCreditLimit | SetCreditTolerance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Generic[What]):
    """
    Attributes:
        segment: What the path has behind the account's id, if anything.
        check: Raises InvalidQuestion for what cannot be said to the provider.
    """

    operation: str
    segment: tuple[str, ...]
    check: Callable[[What, CreditAccount], None]
    wanted: Callable[[What], Wanted]
    body: Callable[[What, VtexCreditAccountDetails], Body]


class ChangesAccount(Generic[What]):
    """
    Sets what is given to an absolute value.

    Means of proof: the account itself, read again. What is neither as wanted nor as before may have
    been set by somebody else since, or the provider has added where it should have set (as its text
    of 2020 said of limits): nobody can tell, so it is neither called done nor refused.
    """

    def __init__(
        self, upstream: Upstream, reads: ReadsCreditAccounts, change: Change[What]
    ) -> None:
        self._upstream = upstream
        self._reads = reads
        self._change = change

    async def prepare(self, instruction: What, observed: Instrument | None) -> Evidence:
        account = account_of(observed)
        self._change.check(instruction, account)
        return Evidence(figure=account.limit)

    async def send(self, call: Call[What]) -> Booking:
        details = details_of(account_of(call.observed))
        answer = await self._upstream.write(
            self._change.operation,
            "PUT",
            *ACCOUNTS,
            call.instruction.account_id,
            *self._change.segment,
            body=self._change.body(call.instruction, details),
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise refusal(answer, call.observed, kind="credit account")
        account = written_account(answer, self._reads.info, call.instruction.account_id)
        if not self._change.wanted(call.instruction).but_for_documents.is_met_by(account):
            raise unreadable(answer)
        return Booking()

    async def find(self, call: Call[What]) -> Booking | None:
        account = await self._reads.credit_account(call.instruction.account_id)
        wanted = self._change.wanted(call.instruction)
        if wanted.is_met_by(account):
            return Booking()
        if wanted.limit not in (None, account.limit) and account.limit != call.evidence.figure:
            raise cannot_tell(call.instruction.source)
        return None


def _check_update(instruction: UpdateCreditAccount, account: CreditAccount) -> None:
    checks.refuse_given(
        exceedLimit=instruction.exceed_limit,
        currencyCode=instruction.currency,
        comment=instruction.comment,
    )
    checks.check_filled(email=instruction.email, document=instruction.document)
    bodies.Identity.after(instruction, details_of(account))
    if instruction.limit is not None:
        checks.check_limit(instruction.limit, account.currency)
    if instruction.tolerance is not None:
        checks.check_rate(instruction.tolerance, "tolerance")


def _check_limit(instruction: SetCreditLimit, account: CreditAccount) -> None:
    checks.refuse_given(comment=instruction.comment)
    checks.check_limit(instruction.limit, account.currency)


UPDATE: Final[Change[UpdateCreditAccount]] = Change(
    operation="vtex.cc/Updateemailanddescriptionofaaccount",
    segment=(),
    check=_check_update,
    wanted=lambda it: Wanted(
        email=it.email,
        document=it.document,
        document_type=it.document_type,
        limit=it.limit,
        tolerance=it.tolerance,
    ),
    body=bodies.update_body,
)

LIMIT: Final[Change[SetCreditLimit]] = Change(
    operation="vtex.cc/ChangecreditlimitofanAccount",
    segment=("creditlimit",),
    check=_check_limit,
    wanted=lambda it: Wanted(limit=it.limit),
    body=lambda it, _: bodies.value_body(it.limit.amount),
)

TOLERANCE: Final[Change[SetCreditTolerance]] = Change(
    operation="vtex.cc/Changetoleranceofanaccount",
    segment=("tolerance",),
    check=lambda it, _: checks.check_rate(it.tolerance, "tolerance"),
    wanted=lambda it: Wanted(tolerance=it.tolerance),
    body=lambda it, _: bodies.value_body(it.tolerance),
)
