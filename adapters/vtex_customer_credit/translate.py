"""
From Customer Credit documents to the domain, and from its questions to query parameters.

Unit: decimals in major units, as numbers or numeric text. No document names a currency: it is the
source's default one. Rates and tolerances are fractions, passed on as they are.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from adapters.vtex_customer_credit import wire
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderInvoiceId,
)
from app.domain.instruments import (
    CreditAccount,
    InstrumentKind,
    InstrumentStatus,
    VtexCreditAccountDetails,
    VtexDocumentType,
)
from app.domain.invoices import (
    Invoice,
    InvoiceQuestion,
    InvoiceStatus,
    Reminder,
    StoreConfiguration,
)
from app.domain.ledger import (
    Actor,
    ActorKind,
    BalanceOperation,
    Direction,
    EntryReference,
    LedgerEntry,
    LedgerEntryKind,
    NativeEntry,
)
from app.domain.money import Money
from app.domain.provider import CreditAccountQuestion, SourceInfo

Filters = list[tuple[str, str]]

_ACCOUNT_STATUSES: Final = {
    "Open": InstrumentStatus.ACTIVE,
    "Closed": InstrumentStatus.CLOSED,
    "Cancelled": InstrumentStatus.CLOSED,
}

_DOCUMENT_TYPES: Final = {
    "CPF": VtexDocumentType.CPF,
    "CNPJ": VtexDocumentType.CNPJ,
    "Other": VtexDocumentType.OTHER,
}

DOCUMENT_WORDS: Final = {known: word for word, known in _DOCUMENT_TYPES.items()}

_INVOICE_STATUSES: Final = {
    "Opened": InvoiceStatus.OPEN,
    "Open": InvoiceStatus.OPEN,
    "Paid": InvoiceStatus.PAID,
    "Cancelled": InvoiceStatus.CANCELLED,
}

INVOICE_WORDS: Final = {
    InvoiceStatus.OPEN: "Opened",
    InvoiceStatus.PAID: "Paid",
    InvoiceStatus.CANCELLED: "Cancelled",
}

_ENTRY_KINDS: Final = {
    "Invoice": LedgerEntryKind.SETTLEMENT,
    "Payment": LedgerEntryKind.INVOICE_PAYMENT,
    "Credit": LedgerEntryKind.LIMIT_CHANGE,
    "Statement": LedgerEntryKind.BALANCE_OPERATION,
}

_DOCUMENT_SUFFIXES: Final = {11: "CPF", 14: "CNPJ"}

_FRIENDLY_ID: Final = re.compile(r"\S{8}-[0-9]+")

_ENTRY_ID: Final = re.compile(r"[0-9a-f]{32}-[1-9][0-9]*")

_SLACK: Final = timedelta(seconds=1)


def same_id(asked: str, answered: str) -> bool:
    """Ids differ in case between operations: a hold's is lower case, its invoices' upper case."""
    return asked.casefold() == answered.casefold()


def account_id_of_document(document: str | None) -> ProviderAccountId | None:
    """The id that an account opened through the API for *document* has."""
    suffix = _DOCUMENT_SUFFIXES.get(len(document or ""))
    return ProviderAccountId(f"{document}_{suffix}") if suffix else None


def to_credit_account(
    account: wire.AccountResponse, *, info: SourceInfo, observed_at: datetime
) -> CreditAccount:
    currency = info.default_currency
    available = Money(account.available_credit, currency)
    available_other = Money(account.available_balance, currency)
    held = Money(account.pre_authorized_credit, currency)
    return CreditAccount(
        source=info.key,
        provider_account_id=ProviderAccountId(account.id),
        currency=currency,
        status=_ACCOUNT_STATUSES.get(account.status, InstrumentStatus.UNKNOWN),
        limit=Money(account.credit_limit, currency),
        available=available,
        available_other=available_other,
        held=held,
        tolerance=account.tolerance,
        holder_email=account.email or None,
        opened_at=account.created_at,
        updated_at=account.updated_at,
        observed_at=observed_at,
        details=VtexCreditAccountDetails(
            account_id=ProviderAccountId(account.id),
            email=account.email or None,
            document=account.document or None,
            document_type=_DOCUMENT_TYPES.get(account.document_type or ""),
            balance=Money(account.balance, currency),
            available_credit=available,
            available_balance=available_other,
            pre_authorized_credit=held,
            raw_status=account.status,
        ),
    )


def is_held_by(account: CreditAccount, email: str) -> bool:
    return (account.holder_email or "").casefold() == email.casefold()


def is_answer_to(question: CreditAccountQuestion, account: CreditAccount) -> bool:
    """Whether *account* is wanted, as far as an account alone can tell."""
    return (
        (question.email is None or is_held_by(account, question.email))
        and (question.status is None or account.status is question.status)
        and (
            question.limit_min is None
            or (account.limit is not None and account.limit.amount >= question.limit_min)
        )
    )


def to_invoice(
    invoice: wire.InvoiceResponse, *, info: SourceInfo, observed_at: datetime
) -> Invoice:
    return Invoice(
        source=info.key,
        provider_account_id=ProviderAccountId(invoice.owner),
        provider_invoice_id=ProviderInvoiceId(invoice.id),
        provider_hold_id=_hold_id(invoice.transaction_id),
        number=invoice.friendly_id or invoice.id,
        status=_INVOICE_STATUSES.get(invoice.status, InvoiceStatus.UNKNOWN),
        amount=Money(invoice.value, info.default_currency),
        credit_applied=Money(invoice.credit_value, info.default_currency),
        issued_at=invoice.created_at,
        due_at=invoice.due_date,
        original_due_at=invoice.original_due_date,
        resolved_at=invoice.resolved_at,
        updated_at=invoice.updated_at,
        installment=invoice.installment,
        installment_count=invoice.number_of_installments,
        order_id=invoice.order_id or None,
        payment_link=invoice.payment_link or None,
        note=invoice.observation or None,
        observed_at=observed_at,
    )


def invoice_filters(question: InvoiceQuestion) -> Filters:
    """
    The part of *question* that the search understands for certain; the answers are matched again.

    A note is not sent: whether the provider wants all of it or a part is unknown. A number is sent
    when it is whole, so that both readings find it. Instants get a second of slack: whether ends
    are included is unknown, and ours are cut to microseconds.
    """
    number = question.number or ""
    texts = {
        "createdDateFrom": _instant_text(question.created_from, -_SLACK),
        "createdDateTo": _instant_text(question.created_to, _SLACK),
        "dueDateFrom": _instant_text(question.due_from, -_SLACK),
        "dueDateTo": _instant_text(question.due_to, _SLACK),
        "value": None if question.amount is None else format(question.amount, "f"),
        "status": _only_status(question),
        "friendlyId": number if _FRIENDLY_ID.fullmatch(number) else None,
    }
    return [(name, text) for name, text in texts.items() if text is not None]


def _only_status(question: InvoiceQuestion) -> str | None:
    """The filter takes one word. What is overdue is open."""
    wanted = {InvoiceStatus.OPEN} if question.overdue else set(question.statuses or ())
    return INVOICE_WORDS.get(wanted.pop()) if len(wanted) == 1 else None


def _instant_text(at: datetime | None, slack: timedelta) -> str | None:
    if at is None:
        return None
    with suppress(OverflowError):
        at += slack
    return instant_text(at)


def instant_text(at: datetime) -> str:
    """To the second; a bare date is ambiguous."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def to_ledger(
    entries: Iterable[wire.StatementEntry], *, account_id: ProviderAccountId, info: SourceInfo
) -> tuple[LedgerEntry, ...]:
    """
    Newest first.

    The provider numbers no entry. The id made here is a digest of what never changes in it, and
    which one it is among equals, counted from the oldest: later entries do not move it.
    """
    seen: Counter[str] = Counter()
    ledger: list[LedgerEntry] = []
    for entry in sorted(entries, key=lambda entry: entry.date):
        digest = _digest(entry)
        seen[digest] += 1
        entry_id = ProviderEntryId(f"{digest}-{seen[digest]}")
        ledger.append(_to_ledger_entry(entry, entry_id, account_id=account_id, info=info))
    return tuple(reversed(ledger))


def can_be_entry_id(entry_id: str) -> bool:
    return _ENTRY_ID.fullmatch(entry_id) is not None


def _digest(entry: wire.StatementEntry) -> str:
    metadata = entry.metadata or wire.StatementMetadata()
    facts = (
        entry.date.isoformat(),
        str(entry.value.as_integer_ratio()),
        entry.origin,
        (metadata.transaction_id or "").casefold(),
        str(metadata.installment),
    )
    return hashlib.sha256("\x1f".join(facts).encode()).hexdigest()[:32]


def _to_ledger_entry(
    entry: wire.StatementEntry,
    entry_id: ProviderEntryId,
    *,
    account_id: ProviderAccountId,
    info: SourceInfo,
) -> LedgerEntry:
    metadata = entry.metadata or wire.StatementMetadata()
    return LedgerEntry(
        source=info.key,
        instrument_kind=InstrumentKind.CREDIT_LINE,
        instrument_id=account_id,
        kind=_entry_kind(entry),
        direction=_direction(entry.value),
        amount=Money(entry.value.copy_abs(), info.default_currency),
        occurred_at=entry.date,
        native=NativeEntry(entry_id, entry.origin, synthetic=True),
        reference=_reference(metadata),
        actor=Actor(ActorKind.UNKNOWN, entry.done_by) if entry.done_by else None,
        operation=_operation(entry),
        provider_hold_id=_hold_id(metadata.transaction_id),
        provider_invoice_id=_paid_invoice(metadata) if entry.origin == "Payment" else None,
        installments=metadata.number_of_installments,
    )


def _entry_kind(entry: wire.StatementEntry) -> LedgerEntryKind:
    """What adds to an invoice settles; that what lowers one gives back is assumed."""
    if entry.origin == "Invoice" and entry.value > 0:
        return LedgerEntryKind.REFUND
    return _ENTRY_KINDS.get(entry.origin, LedgerEntryKind.BALANCE_OPERATION)


def _direction(value: Decimal) -> Direction:
    if not value:
        return Direction.NEUTRAL
    return Direction.DEBIT if value < 0 else Direction.CREDIT


def _operation(entry: wire.StatementEntry) -> BalanceOperation | None:
    if entry.origin not in _ENTRY_KINDS:
        return BalanceOperation.OTHER
    if entry.origin != "Statement":
        return None
    return BalanceOperation.MANUAL_DEBIT if entry.value < 0 else BalanceOperation.MANUAL_CREDIT


def _reference(metadata: wire.StatementMetadata) -> EntryReference | None:
    order_id = metadata.order_id or None
    if metadata.transaction_id:
        return EntryReference(
            kind="transactionId", value=metadata.transaction_id, order_id=order_id
        )
    return EntryReference(kind="orderId", value=order_id, order_id=order_id) if order_id else None


def _paid_invoice(metadata: wire.StatementMetadata) -> ProviderInvoiceId | None:
    """The invoice an instalment has, `{transactionId}-{two digits}`."""
    if not metadata.transaction_id or metadata.installment is None:
        return None
    return ProviderInvoiceId(f"{metadata.transaction_id}-{metadata.installment:02}")


def _hold_id(transaction_id: str | None) -> ProviderHoldId | None:
    """In the lower case that a hold is made with; invoices and statements have it in capitals."""
    return ProviderHoldId(transaction_id.lower()) if transaction_id else None


def to_store_configuration(
    configuration: wire.StoreConfigurationResponse, *, info: SourceInfo
) -> StoreConfiguration:
    notices = configuration.notifications_settings or wire.NotificationsSettings()
    return StoreConfiguration(
        source=info.key,
        daily_interest_rate=configuration.daily_interest_rate,
        tax_rate=configuration.tax_rate,
        default_limit=Money(configuration.default_credit_value, info.default_currency),
        postponement_enabled=configuration.postponement_enabled,
        max_postponements=configuration.invoice_postponement_limit,
        max_postponement_days=configuration.max_postponement_days,
        tolerance_enabled=configuration.tolerance_enabled,
        self_service_enabled=configuration.my_credits_enabled,
        automatic_accounts=configuration.automatic_checking_account_creation_enabled,
        max_hold_growth_rate=configuration.max_pre_authorization_growth_rate,
        reminders_before=_reminders(notices.days_prior),
        reminders_after=_reminders(notices.days_after),
    )


def _reminders(times: Iterable[wire.ReminderTime] | None) -> tuple[Reminder, ...]:
    return tuple(Reminder(days=at.days, time_of_day=at.time_of_day) for at in times or ())


def account_id_of(document: str, document_type: VtexDocumentType) -> ProviderAccountId:
    """The id that an account opened through the API has."""
    return ProviderAccountId(f"{document}_{DOCUMENT_WORDS[document_type]}")


def identity_in(account_id: str) -> tuple[str, VtexDocumentType] | None:
    """The document and its type that such an id is made of; None for any other id."""
    document, _, word = account_id.rpartition("_")
    known = _DOCUMENT_TYPES.get(word)
    return (document, known) if document and known else None


def bears(entry: LedgerEntry, mark: str) -> bool:
    """The file says that an entry shows its id as a transaction; its samples show none."""
    return entry.reference is not None and same_id(entry.reference.value, mark)
