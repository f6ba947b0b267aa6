"""What happens to one invoice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar

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
from adapters.vtex_customer_credit.writers.state import cannot_tell
from app.domain.errors import InvalidQuestion, ProviderFault, RequestRefused
from app.domain.instructions import (
    CancelInvoice,
    MarkInvoicePaid,
    OnInvoice,
    PostponeInvoice,
    UpdateInvoice,
)
from app.domain.instruments import Instrument
from app.domain.invoices import Invoice, InvoiceStatus, StoreConfiguration
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.provider import Call, ReadsInvoices, ReadsStoreConfiguration
from app.domain.refusals import InvalidState, PolicyViolation

What = TypeVar("What", bound=MarkInvoicePaid | CancelInvoice)

_OPEN: Final = (InvoiceStatus.OPEN,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution(Generic[What]):
    """
    Attributes:
        segment: What the path has behind the invoice's id, if anything.
        check: Raises OutcomeUnknown for an answer that does not say that it is done.
    """

    operation: str
    method: str
    segment: tuple[str, ...]
    to: InvoiceStatus
    check: Callable[[Answer, What], None]


def _check_paid(answer: Answer, instruction: MarkInvoicePaid) -> None:
    invoice = read_written(answer, wire.INVOICE)
    if not translate.same_id(invoice.id, instruction.invoice_id) or invoice.status != "Paid":
        raise unreadable(answer)


PAYMENT: Final[Resolution[MarkInvoicePaid]] = Resolution(
    operation="vtex.cc/MarkaninvoiceasPaid",
    method="POST",
    segment=("payments",),
    to=InvoiceStatus.PAID,
    check=_check_paid,
)

CANCELLATION: Final[Resolution[CancelInvoice]] = Resolution(
    operation="vtex.cc/CancelInvoice",
    method="DELETE",
    segment=(),
    to=InvoiceStatus.CANCELLED,
    check=lambda answer, _: check_empty(answer),
)


class ResolvesInvoice(Generic[What]):
    """
    Brings an open invoice to its end; one that has come to that end already is left as it is.

    Means of proof: its status. Neither end can be left again (documented for a paid one).
    """

    def __init__(
        self, upstream: Upstream, invoices: ReadsInvoices, resolution: Resolution[What]
    ) -> None:
        self._upstream = upstream
        self._invoices = invoices
        self._resolution = resolution

    async def prepare(self, instruction: What, observed: Instrument | None) -> Evidence:
        return NO_EVIDENCE

    async def send(self, call: Call[What]) -> Booking:
        status = (await _invoice(self._invoices, call.instruction)).status
        if status is self._resolution.to:
            return Booking()
        if status not in _OPEN:
            raise InvalidState(state=status, allowed=_OPEN)
        answer = await self._upstream.write(
            self._resolution.operation,
            self._resolution.method,
            *_path(call.instruction),
            *self._resolution.segment,
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise refusal(answer, call.observed, kind="invoice")
        self._resolution.check(answer, call.instruction)
        return Booking()

    async def find(self, call: Call[What]) -> Booking | None:
        status = (await _invoice(self._invoices, call.instruction)).status
        if status is self._resolution.to:
            return Booking()
        if status is InvoiceStatus.UNKNOWN:
            raise cannot_tell(call.instruction.source)
        if status not in _OPEN:
            raise InvalidState(state=status, allowed=_OPEN)
        return None


class UpdatesInvoice:
    """
    Changes status and texts; what is not given goes out as it was read right before.

    Means of proof: the invoice itself. Another value that somebody else gave it since looks like
    one that was never set.
    """

    def __init__(self, upstream: Upstream, invoices: ReadsInvoices) -> None:
        self._upstream = upstream
        self._invoices = invoices

    async def prepare(self, instruction: UpdateInvoice, observed: Instrument | None) -> Evidence:
        checks.check_texts(note=instruction.note, paymentLink=instruction.payment_link)
        if instruction.status is InvoiceStatus.UNKNOWN:
            raise InvalidQuestion("No invoice can be brought into this state.", ("status",))
        return NO_EVIDENCE

    async def send(self, call: Call[UpdateInvoice]) -> Booking:
        invoice = await _invoice(self._invoices, call.instruction)
        if _is_as_wanted(invoice, call.instruction):
            return Booking()
        status = call.instruction.status or invoice.status
        if status is InvoiceStatus.UNKNOWN:
            raise InvalidState(state=status, allowed=tuple(translate.INVOICE_WORDS))
        answer = await self._upstream.write(
            "vtex.cc/ChangeInvoice",
            "PUT",
            *_path(call.instruction),
            body=bodies.invoice_body(
                status,
                note=_or_kept(call.instruction.note, invoice.note),
                payment_link=_or_kept(call.instruction.payment_link, invoice.payment_link),
            ),
            refusals=REFUSALS,
        )
        if answer.status == 400 and status is not invoice.status not in _OPEN:
            raise InvalidState(state=invoice.status, allowed=_OPEN)
        if answer.status in REFUSALS:
            raise refusal(answer, call.observed, kind="invoice")
        check_empty(answer)
        return Booking()

    async def find(self, call: Call[UpdateInvoice]) -> Booking | None:
        invoice = await _invoice(self._invoices, call.instruction)
        return Booking() if _is_as_wanted(invoice, call.instruction) else None


def _is_as_wanted(invoice: Invoice, wanted: UpdateInvoice) -> bool:
    return (
        wanted.status in (None, invoice.status)
        and _is_kept(wanted.note, invoice.note)
        and _is_kept(wanted.payment_link, invoice.payment_link)
    )


def _is_kept(given: str | None, kept: str | None) -> bool:
    """An empty text is kept as none."""
    return given is None or given == (kept or "")


def _or_kept(given: str | None, kept: str | None) -> str | None:
    return kept if given is None else given


class PostponesInvoice:
    """
    Gives an open invoice more days.

    Means of proof: the day it is due, which is so many days after the one before, or still that
    one, or tells nothing.
    """

    def __init__(
        self, upstream: Upstream, invoices: ReadsInvoices, terms: ReadsStoreConfiguration
    ) -> None:
        self._upstream = upstream
        self._invoices = invoices
        self._terms = terms

    async def prepare(self, instruction: PostponeInvoice, observed: Instrument | None) -> Evidence:
        checks.check_count(instruction.days, "days")
        return NO_EVIDENCE

    async def send(self, call: Call[PostponeInvoice]) -> Booking:
        answer = await self._upstream.write(
            "vtex.cc/Postponeaninvoice",
            "PUT",
            *_path(call.instruction),
            "postponement",
            body=bodies.postponement_body(call.instruction.days),
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise await self._refusal(answer, call)
        check_empty(answer)
        return Booking()

    async def find(self, call: Call[PostponeInvoice]) -> Booking | None:
        due_at = (await _invoice(self._invoices, call.instruction)).due_at
        before, days = call.instruction.due_at_before, timedelta(days=call.instruction.days)
        if due_at == before + days:
            return Booking()
        if due_at != before:
            raise cannot_tell(call.instruction.source)
        return None

    async def _refusal(self, answer: Answer, call: Call[PostponeInvoice]) -> RequestRefused:
        """No code tells why: the invoice and the terms do, where they can be read."""
        try:
            invoice = await _invoice(self._invoices, call.instruction)
            terms = await self._terms.store_configuration()
        except (RequestRefused, ProviderFault):
            return refusal(answer, call.observed, kind="invoice")
        return _against_terms(invoice, terms, call.instruction) or refusal(
            answer, call.observed, kind="invoice"
        )


def _against_terms(
    invoice: Invoice, terms: StoreConfiguration, wanted: PostponeInvoice
) -> RequestRefused | None:
    if invoice.status not in _OPEN:
        return InvalidState(state=invoice.status, allowed=_OPEN)
    if not terms.postponement_enabled:
        return PolicyViolation(policy="postponementEnabled")
    if not terms.max_postponements:
        return PolicyViolation(policy="maxPostponements")
    longest = invoice.original_due_at + timedelta(days=terms.max_postponement_days)
    if invoice.due_at + timedelta(days=wanted.days) > longest:
        return PolicyViolation(policy="maxPostponementDays")
    if invoice.due_at > invoice.original_due_at:  # how often it was postponed, nobody shows
        return PolicyViolation(policy="maxPostponements")
    return None


async def _invoice(invoices: ReadsInvoices, instruction: OnInvoice) -> Invoice:
    return await invoices.invoice(instruction.account_id, instruction.invoice_id)


def _path(instruction: OnInvoice) -> tuple[str, ...]:
    return (*ACCOUNTS, instruction.account_id, "invoices", instruction.invoice_id)
