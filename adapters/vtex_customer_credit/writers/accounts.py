"""Accounts that begin and end."""

from __future__ import annotations

from contextlib import suppress

from adapters.transport.upstream import Answer, Upstream
from adapters.vtex_customer_credit import bodies, checks, translate
from adapters.vtex_customer_credit.answers import REFUSALS, refusal, unreadable
from adapters.vtex_customer_credit.routes import ACCOUNTS
from adapters.vtex_customer_credit.writers.state import (
    Wanted,
    account_of,
    cannot_tell,
    details_of,
    written_account,
)
from app.domain.customer import CustomerIdentity
from app.domain.errors import AccountNotFound, ProviderFault, RequestRefused
from app.domain.identifiers import ProviderAccountId
from app.domain.instructions import CloseCreditAccount, OpenCreditAccount, UpsertCreditAccount
from app.domain.instruments import CreditAccount, Instrument, InstrumentStatus
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.provider import Call, ReadsCreditAccounts
from app.domain.refusals import InvalidState, ProviderRejected

_NOT_OPEN = (InstrumentStatus.CLOSED,)
_OPEN = (InstrumentStatus.ACTIVE,)
_ALREADY_OPEN = "1099"


class OpensAccount:
    """
    Opens an account for a document.

    Means of proof: none was open before, and now there is one as it was asked for. The provider may
    also say 1099, "already open", of customers it never saw before (recorded): where there is none
    after that either, it is a refusal like any other, and another try with a key of its own may do.
    """

    def __init__(self, upstream: Upstream, reads: ReadsCreditAccounts) -> None:
        self._upstream = upstream
        self._reads = reads

    async def prepare(
        self, instruction: OpenCreditAccount, observed: Instrument | None
    ) -> Evidence:
        checks.check_filled(email=instruction.email, document=instruction.document)
        checks.check_limit(instruction.limit, self._reads.info.default_currency)
        checks.check_rate(instruction.tolerance, "tolerance")
        if await self._opened(instruction):
            raise InvalidState(state=InstrumentStatus.ACTIVE, allowed=_NOT_OPEN)
        return NO_EVIDENCE

    async def send(self, call: Call[OpenCreditAccount]) -> Booking:
        try:
            answer = await _open(self._upstream, call.instruction)
        except ProviderRejected as refused:
            raise await self._refusal(refused, call.instruction) from refused
        account = written_account(answer, self._reads.info)
        if account.status not in _OPEN or not _wanted(call.instruction).is_met_by(account):
            raise unreadable(answer)
        return Booking(created_id=account.provider_account_id)

    async def find(self, call: Call[OpenCreditAccount]) -> Booking | None:
        account = await self._opened(call.instruction)
        if account is None:
            return None
        if not translate.is_held_by(account, call.instruction.email):
            raise InvalidState(state=account.status, allowed=_NOT_OPEN)
        if not _wanted(call.instruction).is_met_by(account):
            raise cannot_tell(call.instruction.source)
        return Booking(created_id=account.provider_account_id)

    async def _refusal(
        self, refused: ProviderRejected, instruction: OpenCreditAccount
    ) -> RequestRefused:
        """It is refused, whatever becomes of the look whether somebody else was faster."""
        with suppress(RequestRefused, ProviderFault):
            if refused.provider_code == _ALREADY_OPEN and await self._opened(instruction):
                return InvalidState(state=InstrumentStatus.ACTIVE, allowed=_NOT_OPEN)
        return refused

    async def _opened(self, instruction: OpenCreditAccount) -> CreditAccount | None:
        """
        By the id that an account opened like this has, or else by e-mail: those opened on a screen
        have another one.
        """
        account_id = translate.account_id_of(instruction.document, instruction.document_type)
        by_id = await _account_if_any(self._reads, account_id)
        if by_id is not None and by_id.status in _OPEN:
            return by_id
        page = await self._reads.credit_accounts_of(CustomerIdentity(email=instruction.email))
        if page.faults:
            raise page.faults[0]
        return next((it for it in page.items if _is_of(it, instruction.document)), None)


def _is_of(account: CreditAccount, document: str) -> bool:
    return account.status in _OPEN and details_of(account).document == document


def _wanted(instruction: OpenCreditAccount) -> Wanted:
    return Wanted(email=instruction.email, limit=instruction.limit, tolerance=instruction.tolerance)


class UpsertsAccount:
    """
    Changes e-mail and limit of an account, or opens it, after a look whether it is there.

    Means of proof: the account itself, as for any change. A closed account cannot be reopened
    (documented): with leave to, a new one is opened in its place.
    """

    def __init__(self, upstream: Upstream, reads: ReadsCreditAccounts) -> None:
        self._upstream = upstream
        self._reads = reads

    async def prepare(
        self, instruction: UpsertCreditAccount, observed: Instrument | None
    ) -> Evidence:
        checks.check_filled(email=instruction.email)
        checks.check_limit(instruction.limit, self._reads.info.default_currency)
        account = await self._changeable(instruction)
        if account is None:
            bodies.opening_of(instruction)
            return NO_EVIDENCE
        bodies.Identity.after(instruction, details_of(account))
        return Evidence(figure=account.limit)

    async def send(self, call: Call[UpsertCreditAccount]) -> Booking:
        account = await self._changeable(call.instruction)
        if account is None:
            answer = await _open(self._upstream, bodies.opening_of(call.instruction))
        else:
            answer = await self._change(call.instruction, account)
        shown = written_account(answer, self._reads.info, call.instruction.account_id)
        if not self._is_done(call.instruction, shown):
            raise unreadable(answer)
        return Booking()

    async def find(self, call: Call[UpsertCreditAccount]) -> Booking | None:
        account = await _account_if_any(self._reads, call.instruction.account_id)
        if account is None or account.status not in _OPEN:
            return None
        if self._is_done(call.instruction, account):
            return Booking()
        if account.limit not in (call.evidence.figure, call.instruction.limit):
            raise cannot_tell(call.instruction.source)
        return None

    async def _changeable(self, instruction: UpsertCreditAccount) -> CreditAccount | None:
        account = await _account_if_any(self._reads, instruction.account_id)
        if account is None or account.status is not InstrumentStatus.CLOSED:
            return account
        if not instruction.reopen_closed:
            raise InvalidState(state=account.status, allowed=_OPEN)
        return None

    async def _change(self, instruction: UpsertCreditAccount, account: CreditAccount) -> Answer:
        answer = await self._upstream.write(
            "vtex.cc/OpenorChangeAccount",
            "PUT",
            *ACCOUNTS,
            instruction.account_id,
            body=bodies.update_body(instruction, details_of(account)),
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise refusal(answer, account, kind="credit account")
        return answer

    def _is_done(self, instruction: UpsertCreditAccount, account: CreditAccount) -> bool:
        wanted = Wanted(email=instruction.email, limit=instruction.limit)
        return account.status in _OPEN and wanted.is_met_by(account)


class ClosesAccount:
    """
    Closes an account, for good. Means of proof: its status, or that it is not there any more.
    """

    def __init__(self, upstream: Upstream, reads: ReadsCreditAccounts) -> None:
        self._upstream = upstream
        self._reads = reads

    async def prepare(
        self, instruction: CloseCreditAccount, observed: Instrument | None
    ) -> Evidence:
        account = account_of(observed)
        if account.status is InstrumentStatus.CLOSED:
            raise InvalidState(state=account.status, allowed=_OPEN)
        return NO_EVIDENCE

    async def send(self, call: Call[CloseCreditAccount]) -> Booking:
        answer = await self._upstream.write(
            "vtex.cc/CloseanAccount",
            "DELETE",
            *ACCOUNTS,
            call.instruction.account_id,
            body={},
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise refusal(answer, call.observed, kind="credit account")
        account = written_account(answer, self._reads.info, call.instruction.account_id)
        if account.status is not InstrumentStatus.CLOSED:
            raise unreadable(answer)
        return Booking()

    async def find(self, call: Call[CloseCreditAccount]) -> Booking | None:
        account = await _account_if_any(self._reads, call.instruction.account_id)
        if account is None or account.status is InstrumentStatus.CLOSED:
            return Booking()
        if account.status is InstrumentStatus.UNKNOWN:
            raise cannot_tell(call.instruction.source)
        return None


async def _open(upstream: Upstream, instruction: OpenCreditAccount) -> Answer:
    answer = await upstream.write(
        "vtex.cc/OpenanAccount",
        "POST",
        *ACCOUNTS,
        body=bodies.opening_body(instruction),
        refusals=REFUSALS,
    )
    if answer.status in REFUSALS:
        raise refusal(answer, None)
    return answer


async def _account_if_any(
    reads: ReadsCreditAccounts, account_id: ProviderAccountId
) -> CreditAccount | None:
    try:
        return await reads.credit_account(account_id)
    except AccountNotFound:
        return None
