"""Setting what a company is granted: its limit, its currency, and leave to exceed the limit."""

from __future__ import annotations

from contextlib import suppress

from adapters.adobe_company_credit.bodies import (
    Terms,
    TermsChange,
    refuse_inexact,
    terms_body,
)
from adapters.adobe_company_credit.change import change, unreadable
from adapters.adobe_company_credit.credits import ACCOUNT, Credits, number_of
from adapters.adobe_company_credit.search import Filter, equals, one_of
from adapters.adobe_company_credit.translate import ALLOCATED, UPDATED
from adapters.adobe_company_credit.wire import CREDIT, CreditResponse, HistoryRow
from adapters.adobe_company_credit.writers.seen import (
    account_of,
    company_of,
    refuse_foreign,
    written_since,
)
from adapters.transport.upstream import Answer, Upstream
from app.domain.capability import Capability
from app.domain.errors import (
    AccountNotFound,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderContractBroken,
    ProviderFault,
    SourceProblemKind,
    UnsupportedOperation,
)
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import UpdateCreditAccount
from app.domain.instruments import CreditAccount, Instrument
from app.domain.money import Currency
from app.domain.operation import Booking, Evidence
from app.domain.provider import Call


class TermsWriter:
    """
    One call sets them all, absolutely: what the caller does not change goes out as it was read
    before, so that another administrator's change in between is lost.

    A comment is not sent: no writer of `credit_comment` was seen (assumed). A change of currency
    replaces the record by one with another id (assumed), which `Booking.created_id` tells.
    """

    def __init__(self, upstream: Upstream, credits: Credits) -> None:
        self._upstream = upstream
        self._credits = credits

    async def prepare(self, instruction: TermsChange, observed: Instrument | None) -> Evidence:
        account = account_of(observed)
        if isinstance(instruction, UpdateCreditAccount):
            _refuse_unsupported(instruction)
        _refuse_limit(instruction, account)
        credit_id = number_of(instruction.account_id, ACCOUNT)
        return Evidence(newest_entry_id=await self._credits.newest_entry_id(credit_id))

    async def send(self, call: Call[TermsChange]) -> Booking:
        account = account_of(call.observed)
        answer = await change(
            self._upstream,
            "adobe.credit/PutV1CompanyCreditsId",
            "PUT",
            "companyCredits",
            call.instruction.account_id,
            body=terms_body(call.instruction, account, company_of(account)),
            subject=ACCOUNT,
        )
        terms, written = Terms.asked_by(call.instruction), _written(answer)
        replaces = terms.currency not in (None, account.currency)
        if not (replaces or terms.hold_for(written)):
            raise unreadable(answer)
        try:
            credit = await self._of_company(account) if replaces else written
            return self._booking(call, credit, () if replaces else await self._rows(call, written))
        except (ProviderFault, OutcomeUnknown):
            return Booking()

    async def find(self, call: Call[TermsChange]) -> Booking | None:
        """
        By the terms as they are now, else by a row of the history: somebody else may have set
        others since. Whether somebody else has set the same cannot be told, and is no matter.

        Raises:
            OutcomeUnknown: The record cannot be found again, or others have been set since and the
                rows do not tell whether these were in between.
        """
        credit = await self._record(call)
        rows = await self._rows(call, credit)
        terms = Terms.asked_by(call.instruction)
        if terms.hold_for(credit):
            return self._booking(call, credit, rows)
        if rows and terms.exceed_limit is not None:
            raise self._unknown()
        return self._booking(call, credit, rows) if rows else None

    async def _record(self, call: Call[TermsChange]) -> CreditResponse:
        """Under another id when its currency was changed."""
        try:
            credit = await self._credits.by_id(number_of(call.instruction.account_id, ACCOUNT))
        except AccountNotFound:
            if call.observed is not None:
                return await self._of_company(account_of(call.observed))
            return await self._with_the_noted_row(call.evidence)
        return credit.content

    async def _of_company(self, account: CreditAccount) -> CreditResponse:
        credit = await self._credits.of_company(company_of(account))
        if credit is None:
            raise self._unknown()
        return credit.content

    async def _with_the_noted_row(self, evidence: Evidence) -> CreditResponse:
        """The rows of a record that was replaced have moved to the new one (assumed)."""
        noted = evidence.newest_entry_id
        rows = await self._credits.rows(Filter("entity_id", noted), limit=1) if noted else None
        for row in rows.shown if rows else ():
            with suppress(AccountNotFound):
                return (await self._credits.by_id(row.company_credit_id)).content
        raise self._unknown()

    async def _rows(
        self, call: Call[TermsChange], credit: CreditResponse
    ) -> tuple[HistoryRow, ...]:
        """Those since the call began that set these terms."""
        rows = await self._credits.every_row(
            equals("company_credit_id", credit.id),
            written_since(call.evidence),
            one_of("type", {ALLOCATED, UPDATED}),
            Filter("amount", "0"),
        )
        terms = Terms.asked_by(call.instruction)
        return tuple(row for row in rows if terms.were_written_by(row))

    def _booking(
        self, call: Call[TermsChange], credit: CreditResponse, rows: tuple[HistoryRow, ...]
    ) -> Booking:
        credit_id = str(credit.id)
        entry_id = ProviderEntryId(str(rows[0].id)) if len(rows) == 1 else None
        return Booking(
            provider_reference=entry_id,
            entry_id=entry_id,
            created_id=credit_id if credit_id != call.instruction.account_id else None,
        )

    def _unknown(self) -> OutcomeUnknown:
        return OutcomeUnknown(self._upstream.source, SourceProblemKind.BAD_RESPONSE)


def _written(answer: Answer) -> CreditResponse:
    try:
        return answer.read(CREDIT)
    except ProviderContractBroken as exc:
        raise unreadable(answer) from exc


def _refuse_unsupported(instruction: UpdateCreditAccount) -> None:
    """Whose a credit is, is the company's affair; and there is no tolerance but a yes or no."""
    holder = (instruction.email, instruction.document, instruction.document_type)
    if any(member is not None for member in holder):
        raise UnsupportedOperation(source=instruction.source, capability=Capability.HOLDERS)
    if instruction.tolerance is not None:
        raise UnsupportedOperation(source=instruction.source, capability=Capability.TOLERANCE)


def _refuse_limit(instruction: TermsChange, account: CreditAccount) -> None:
    """With another currency the limit is taken as it is sent, not converted (assumed)."""
    currency = _currency_after(instruction, account)
    if instruction.limit is None:
        if currency != account.currency and account.limit is not None:
            raise InvalidQuestion(
                "With a currency, the limit in that currency has to be given.", path=("limit",)
            )
        return
    refuse_foreign(instruction.limit, currency, member="limit")
    refuse_inexact(instruction.limit, member="limit")
    if instruction.limit.is_negative:
        raise InvalidQuestion("A limit is not negative.", path=("limit", "amount"))


def _currency_after(instruction: TermsChange, account: CreditAccount) -> Currency:
    currency = instruction.currency if isinstance(instruction, UpdateCreditAccount) else None
    return currency or account.currency
