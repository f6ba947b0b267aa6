"""
Adobe's words to the domain's, and the domain's questions to Adobe's filters.

Amounts are JSON numbers in major units with up to four decimals. A record's `balance` below zero is
owed; a history row's `amount` is the signed change of that balance, in the operation's currency.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from adapters.adobe_company_credit.search import Filter, equals, none_of, one_of
from adapters.adobe_company_credit.wire import CreditResponse, HistoryRow
from adapters.adobe_company_credit.words import Words, is_mark, words_of
from app.domain.identifiers import ProviderAccountId, ProviderEntryId, SourceKey
from app.domain.instruments import (
    AdobeCompanyCreditDetails,
    CreditAccount,
    InstrumentKind,
    InstrumentStatus,
)
from app.domain.ledger import (
    Actor,
    ActorKind,
    BalanceOperation,
    Direction,
    EntryReference,
    LedgerEntry,
    LedgerEntryKind,
    LedgerQuestion,
    NativeEntry,
)
from app.domain.money import Currency, Money
from app.domain.provider import CreditAccountQuestion

_COMPANY_STATUS: Final = {
    0: InstrumentStatus.BLOCKED,  # pending approval
    1: InstrumentStatus.ACTIVE,
    2: InstrumentStatus.BLOCKED,  # rejected
    3: InstrumentStatus.BLOCKED,
}

_ACTOR: Final = {1: ActorKind.INTEGRATION, 2: ActorKind.STAFF, 3: ActorKind.CUSTOMER}

ALLOCATED, UPDATED, PURCHASED, REIMBURSED, REFUNDED, REVERTED = range(1, 7)

_TYPE_NAME: Final = {
    ALLOCATED: "Allocated",
    UPDATED: "Updated",
    PURCHASED: "Purchased",
    REIMBURSED: "Reimbursed",
    REFUNDED: "Refunded",
    REVERTED: "Reverted",
}

_TYPES_OF_KIND: Final = {
    LedgerEntryKind.LIMIT_CHANGE: frozenset({ALLOCATED, UPDATED}),
    LedgerEntryKind.REFUND: frozenset({REFUNDED}),
    LedgerEntryKind.CANCELLATION: frozenset({REVERTED}),
}
"""All other types, unknown ones too, and moving rows of the first two are balance operations."""

_SIGN_OF: Final[dict[Direction, Filter]] = {
    Direction.CREDIT: Filter("amount", "0", "gt"),
    Direction.DEBIT: Filter("amount", "0", "lt"),
    Direction.NEUTRAL: Filter("amount", "0", "eq"),
}


class Owner(NamedTuple):
    """What the company that owns a credit makes of its status; not known when not ours to read."""

    status: InstrumentStatus
    status_known: bool = True


UNREADABLE_OWNER: Final = Owner(InstrumentStatus.ACTIVE, status_known=False)
"""Only a company that is known to be barred makes its credit worth nothing."""

UNKNOWN_OWNER: Final = Owner(InstrumentStatus.UNKNOWN)


def to_owner(company_status: int | None) -> Owner:
    """Only an approved company may draw on its credit; None is a company that tells no status."""
    if company_status not in _COMPANY_STATUS:
        return UNKNOWN_OWNER
    return Owner(_COMPANY_STATUS[company_status])


def to_credit_account(
    credit: CreditResponse,
    *,
    owner: Owner,
    source: SourceKey,
    observed_at: datetime,
) -> CreditAccount:
    currency = Currency.parse(credit.currency_code)
    limit = None if credit.credit_limit is None else Money(credit.credit_limit, currency)
    available = Money(credit.available_limit, currency)
    balance = Money(credit.balance, currency)
    owed = -balance if limit is None else limit - available
    return CreditAccount(
        source=source,
        provider_account_id=ProviderAccountId(str(credit.id)),
        currency=currency,
        status=owner.status,
        limit=limit,
        available=available,
        outstanding=max(Money.zero(currency), owed),
        exceed_allowed=credit.exceed_limit,
        owner_status_known=owner.status_known,
        observed_at=observed_at,
        details=AdobeCompanyCreditDetails(
            credit_id=credit.id,
            company_id=credit.company_id,
            exceed_limit=credit.exceed_limit,
            balance=balance,
            raw_available_limit=available,
        ),
    )


def to_ledger_entry(row: HistoryRow, *, source: SourceKey) -> LedgerEntry:
    currency = Currency.parse(row.currency_credit)
    amount = Money(row.amount, Currency.parse(row.currency_operation))
    words = words_of(row)
    kind = _kind(row)
    is_operation = kind is LedgerEntryKind.BALANCE_OPERATION
    return LedgerEntry(
        source=source,
        instrument_kind=InstrumentKind.CREDIT_LINE,
        instrument_id=str(row.company_credit_id),
        kind=kind,
        direction=_direction(row.amount),
        amount=-amount if amount.is_negative else amount,
        occurred_at=row.datetime,
        native=NativeEntry(ProviderEntryId(str(row.id)), type_name(row.type)),
        balance_after=Money(row.balance, currency),
        available_after=Money(row.available_limit, currency),
        reference=_reference(row, words),
        actor=None if row.user_type is None else Actor(_actor_kind(row.user_type)),
        note=words.note,
        operation=_operation(row) if is_operation else None,
        rate=row.rate if is_operation else None,
        limit_after=(
            Money(row.credit_limit, currency) if kind is LedgerEntryKind.LIMIT_CHANGE else None
        ),
    )


def type_name(number: int) -> str:
    return _TYPE_NAME.get(number, f"type {number}")


def _kind(row: HistoryRow) -> LedgerEntryKind:
    match row.type:
        case 1 | 2 if row.amount == 0:
            return LedgerEntryKind.LIMIT_CHANGE
        case 5:
            return LedgerEntryKind.REFUND
        case 6:
            return LedgerEntryKind.CANCELLATION
        case _:
            return LedgerEntryKind.BALANCE_OPERATION


def _operation(row: HistoryRow) -> BalanceOperation:
    match row.type:
        case 2 if row.amount < 0:
            return BalanceOperation.MANUAL_DEBIT
        case 2:
            return BalanceOperation.MANUAL_CREDIT
        case 3:
            return BalanceOperation.PURCHASE
        case 4:
            return BalanceOperation.REIMBURSEMENT
        case _:
            return BalanceOperation.OTHER


def _direction(change: Decimal) -> Direction:
    if change == 0:
        return Direction.NEUTRAL
    return Direction.CREDIT if change > 0 else Direction.DEBIT


def _actor_kind(user_type: int) -> ActorKind:
    return _ACTOR.get(user_type, ActorKind.UNKNOWN)


def _reference(row: HistoryRow, words: Words) -> EntryReference | None:
    """The gateway's own mark is what is left when a row refers to nothing else."""
    custom = row.custom_reference_number or ""
    names = (
        ("purchase_order", words.purchase_order),
        ("custom_reference_number", None if is_mark(custom) else custom),
        ("order", words.shop_order),
        ("custom_reference_number", words.mark),
    )
    for kind, value in names:
        if value:
            return EntryReference(
                kind=kind,
                value=value,
                purchase_order=words.purchase_order,
                order_id=words.shop_order,
            )
    return None


def credit_filters(question: CreditAccountQuestion) -> tuple[Filter, ...]:
    """What credits can be filtered by there; the status is the company's, not the record's."""
    filters = []
    if question.company_id is not None:
        filters.append(equals("company_id", question.company_id))
    if question.limit_min is not None:
        filters.append(Filter("credit_limit", f"{question.limit_min:f}", "gteq"))
    if question.outstanding_min is not None and question.outstanding_min > 0:
        filters.append(Filter("balance", f"{question.outstanding_min.copy_negate():f}", "lteq"))
    return tuple(filters)


def can_be_in_history(question: LedgerQuestion) -> bool:
    """False when only kinds of entries are wanted that Adobe does not have."""
    return question.kinds is None or not {
        LedgerEntryKind.BALANCE_OPERATION,
        *_TYPES_OF_KIND,
    }.isdisjoint(question.kinds)


def history_filters(credit_id: int, question: LedgerQuestion) -> tuple[Filter, ...]:
    """
    The narrowest filters that lose no wanted row; some rows may have to be dropped after. A
    purchase order is not among them: see `History`.
    """
    filters = [equals("company_credit_id", credit_id)]
    if question.kinds is not None:
        filters += _type_filter(question.kinds)
    if question.direction is not None:
        filters.append(_SIGN_OF[question.direction])
    if question.from_at is not None:
        filters.append(Filter("datetime", _datetime(question.from_at), "gteq"))
    if question.to_at is not None:
        filters.append(Filter("datetime", _datetime(question.to_at), "lteq"))
    return tuple(filters)


def _type_filter(kinds: Collection[LedgerEntryKind]) -> list[Filter]:
    if LedgerEntryKind.BALANCE_OPERATION not in kinds:
        wanted = [types for kind, types in _TYPES_OF_KIND.items() if kind in kinds]
        return [one_of("type", frozenset().union(*wanted))]
    unwanted = {
        REFUNDED: LedgerEntryKind.REFUND,
        REVERTED: LedgerEntryKind.CANCELLATION,
    }
    without = [number for number, kind in unwanted.items() if kind not in kinds]
    return [none_of("type", without)] if without else []


def _datetime(at: datetime) -> str:
    """Adobe's clock: UTC without a marker, whole seconds; cutting loses no row at either end."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")
