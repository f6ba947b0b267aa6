"""
What a customer can spend, to the cent.

`verdict_on` judges one instrument by the rules of its kind, `SpendableCredit.summed` adds the
verdicts up. Whatever is unknown can only lower a figure: a total is a floor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from app.domain.freshness import Freshness
from app.domain.instruments import (
    CreditAccount,
    GiftCard,
    Instrument,
    InstrumentKind,
    InstrumentStatus,
    StoreCreditAccount,
)
from app.domain.money import Currency, Money, nothing_to_pay, total
from app.domain.source_problem import SourceProblem

SOON: Final = timedelta(days=7)
"""How near the end of a card is worth a warning."""


class IneligibilityReason(StrEnum):
    EXPIRED = "EXPIRED"
    CLOSED = "CLOSED"
    BLOCKED = "BLOCKED"
    UNCLAIMED = "UNCLAIMED"
    NOT_OWNER = "NOT_OWNER"
    NOT_YET_VALID = "NOT_YET_VALID"
    NO_BALANCE = "NO_BALANCE"
    OVERDUE_POLICY = "OVERDUE_POLICY"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    DUPLICATE_OF_OTHER_INSTRUMENT = "DUPLICATE_OF_OTHER_INSTRUMENT"
    SOURCE_DISABLED = "SOURCE_DISABLED"
    STATUS_UNKNOWN = "STATUS_UNKNOWN"


class SpendWarning(StrEnum):
    TOLERANCE_UNKNOWN = "TOLERANCE_UNKNOWN"
    TOLERANCE_OUT_OF_RANGE = "TOLERANCE_OUT_OF_RANGE"
    CURRENCY_ASSUMED = "CURRENCY_ASSUMED"
    BALANCES_DISAGREE = "BALANCES_DISAGREE"
    OWNER_STATUS_UNKNOWN = "OWNER_STATUS_UNKNOWN"
    SINGLE_USE = "SINGLE_USE"
    EXPIRES_SOON = "EXPIRES_SOON"
    STALE_BALANCE = "STALE_BALANCE"
    REUSE_RULES_UNKNOWN = "REUSE_RULES_UNKNOWN"


class Completeness(StrEnum):
    """All live or fresh; older data used; something is missing; no source answered."""

    COMPLETE = "COMPLETE"
    STALE = "STALE"
    PARTIAL = "PARTIAL"
    NONE = "NONE"


class ToleranceRule(StrEnum):
    """Whether a store lets its credit accounts use their tolerance."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    UNKNOWN = "UNKNOWN"
    NOT_WANTED = "NOT_WANTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendableVerdict:
    """
    What one instrument can pay.

    Attributes:
        amount: Never negative, rounded down to the minor unit; zero unless eligible.
        of_which_tolerance: The part of it that exceeds the granted limit by tolerance.
        unbounded: The provider would let the holder go past `amount`; never part of a total.
    """

    amount: Money
    reasons: tuple[IneligibilityReason, ...] = ()
    warnings: tuple[SpendWarning, ...] = ()
    of_which_tolerance: Money
    unbounded: bool = False
    expires_at: datetime | None = None

    @property
    def eligible(self) -> bool:
        return not self.reasons


_STATUS_REASONS: Final[Mapping[InstrumentStatus, IneligibilityReason | None]] = {
    InstrumentStatus.ACTIVE: None,
    InstrumentStatus.DEPLETED: None,
    InstrumentStatus.EXPIRED: IneligibilityReason.EXPIRED,
    InstrumentStatus.CLOSED: IneligibilityReason.CLOSED,
    InstrumentStatus.BLOCKED: IneligibilityReason.BLOCKED,
    InstrumentStatus.UNCLAIMED: IneligibilityReason.UNCLAIMED,
    InstrumentStatus.UNKNOWN: IneligibilityReason.STATUS_UNKNOWN,
}
"""DEPLETED has no reason of its own: the balance, read with it, tells."""


def verdict_on(
    instrument: Instrument, *, at: datetime, tolerance: ToleranceRule = ToleranceRule.NOT_WANTED
) -> SpendableVerdict:
    """
    What *instrument* can pay at the moment *at*, in its own currency.

    Args:
        tolerance: The rule of the store that keeps a credit account; of no meaning to other kinds.
    """
    verdict = _verdict_by_kind(instrument, at, tolerance)
    if instrument.freshness is Freshness.STALE:
        return replace(verdict, warnings=(*verdict.warnings, SpendWarning.STALE_BALANCE))
    return verdict


def _verdict_by_kind(
    instrument: Instrument, at: datetime, tolerance: ToleranceRule
) -> SpendableVerdict:
    match instrument:
        case CreditAccount():
            return _verdict_on_credit_account(instrument, tolerance)
        case GiftCard():
            return _verdict_on_gift_card(instrument, at)
        case StoreCreditAccount():
            return _verdict(instrument, instrument.balance)


def _verdict_on_credit_account(account: CreditAccount, rule: ToleranceRule) -> SpendableVerdict:
    available = account.available
    warnings: list[SpendWarning] = []
    if account.available_other is not None and account.available_other != available:
        available = min(available, account.available_other)
        warnings.append(SpendWarning.BALANCES_DISAGREE)
    if not account.owner_status_known:
        warnings.append(SpendWarning.OWNER_STATUS_UNKNOWN)
    leave, warning = _tolerance_of(account, rule)
    if warning:
        warnings.append(warning)
    if account.limit is None or not account.limit.amount:
        available = leave = Money.zero(account.currency)
    verdict = _verdict(account, available + leave, warnings=warnings)
    if not (leave.amount or account.exceed_allowed):
        return verdict
    return replace(
        verdict,
        of_which_tolerance=min(verdict.amount, leave.floor_to_minor_unit()),
        unbounded=account.exceed_allowed and verdict.reasons in ((), (_EMPTY,)),
    )


def _tolerance_of(account: CreditAccount, rule: ToleranceRule) -> tuple[Money, SpendWarning | None]:
    none = Money.zero(account.currency)
    if not account.tolerance or account.limit is None or rule is ToleranceRule.NOT_WANTED:
        return none, None
    if not 0 <= account.tolerance <= 1:
        return none, SpendWarning.TOLERANCE_OUT_OF_RANGE
    match rule:
        case ToleranceRule.ENABLED:
            return account.limit * account.tolerance, None
        case ToleranceRule.DISABLED:
            return none, None
        case ToleranceRule.UNKNOWN:
            return none, SpendWarning.TOLERANCE_UNKNOWN


def _verdict_on_gift_card(card: GiftCard, at: datetime) -> SpendableVerdict:
    warnings = []
    if card.currency_assumed:
        warnings.append(SpendWarning.CURRENCY_ASSUMED)
    if card.reusable is None:
        warnings.append(SpendWarning.REUSE_RULES_UNKNOWN)
    elif not card.reusable:
        warnings.append(SpendWarning.SINGLE_USE)
    if card.expires_at and at < card.expires_at <= at + SOON:
        warnings.append(SpendWarning.EXPIRES_SOON)
    reasons = []
    if card.issued_at and card.issued_at > at:
        reasons.append(IneligibilityReason.NOT_YET_VALID)
    if card.expires_at and card.expires_at <= at and card.status is not InstrumentStatus.EXPIRED:
        reasons.append(IneligibilityReason.EXPIRED)
    return _verdict(
        card, card.balance, reasons=reasons, warnings=warnings, expires_at=card.expires_at
    )


_EMPTY: Final = IneligibilityReason.NO_BALANCE


def _verdict(
    instrument: Instrument,
    room: Money,
    *,
    reasons: Sequence[IneligibilityReason] = (),
    warnings: Sequence[SpendWarning] = (),
    expires_at: datetime | None = None,
) -> SpendableVerdict:
    payable = room.floor_to_minor_unit()
    status_reason = _STATUS_REASONS[instrument.status]
    all_reasons = (
        *([status_reason] if status_reason else []),
        *reasons,
        *([_EMPTY] if payable.amount <= 0 else []),
    )
    zero = nothing_to_pay(instrument.currency)
    return SpendableVerdict(
        amount=zero if all_reasons else payable,
        reasons=all_reasons,
        warnings=tuple(warnings),
        of_which_tolerance=zero,
        expires_at=expires_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """
    Units of `to` for one unit of `from_`, before the haircut.

    Attributes:
        provider: Who published it.
        haircut_bps: Hundredths of a percent taken off, so that the figure is not too high.
    """

    from_: Currency
    to: Currency
    rate: Decimal
    provider: str
    as_of: datetime
    haircut_bps: int

    def convert(self, amount: Money) -> Money:
        """What *amount* is worth after the haircut, rounded down to the minor unit."""
        kept = Decimal(10_000 - self.haircut_bps).scaleb(-4)
        return Money((amount * self.rate * kept).amount, self.to).floor_to_minor_unit()


RateLookup = Callable[[Currency, Currency], ExchangeRate | None]
"""The current rate from one currency to another; None when there is none or it is too old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendableLine:
    """
    One instrument's part.

    Attributes:
        counted: Whether `verdict.amount` is part of the total.
        indicative: What an uncounted line of another currency adds to the indicative total.
    """

    instrument: Instrument
    verdict: SpendableVerdict
    counted: bool
    indicative: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtotal:
    """The sum of some lines."""

    total: Money
    instruments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendableCredit:
    """
    A customer's spendable credit in one currency.

    Attributes:
        total: The exact sum of the counted lines; None when no source answered.
        indicative_total: `total` and the converted lines; None unless asked for.
        by_currency: Sums of all eligible lines, whatever currency was asked.
        by_kind: Sums of the counted lines.
        unconverted: Eligible amounts for which no current rate was known.
        as_of: When the oldest balance that went into the total was observed.
        at: The moment the verdicts are of.
    """

    currency: Currency
    total: Money | None
    indicative_total: Money | None
    completeness: Completeness
    by_currency: tuple[Subtotal, ...]
    by_kind: Mapping[InstrumentKind, Subtotal]
    lines: tuple[SpendableLine, ...]
    problems: tuple[SourceProblem, ...]
    unconverted: tuple[Money, ...]
    rates: tuple[ExchangeRate, ...]
    as_of: datetime | None
    at: datetime

    @classmethod
    def summed(
        cls,
        currency: Currency,
        verdicts: Sequence[tuple[Instrument, SpendableVerdict]],
        *,
        at: datetime,
        problems: Sequence[SourceProblem],
        answered: bool,
        stale: bool = False,
        rate: RateLookup | None = None,
    ) -> SpendableCredit:
        """
        Add verdicts up.

        Args:
            verdicts: One for each instrument; an instrument seen twice counts once.
            answered: Whether at least one source answered.
            stale: Whether older data was used for any of it.
            rate: Given when lines of other currencies are to be converted for the indicative total.
        """
        lines = tuple(
            _line(instrument, verdict, currency, rate)
            for instrument, verdict in _without_what_backs_others(_once_each(verdicts))
        )
        counted = [line for line in lines if line.counted]
        sum_ = total([line.verdict.amount for line in counted], currency).floor_to_minor_unit()
        converted = [line.indicative for line in lines if line.indicative is not None]
        foreign = [line for line in lines if _is_foreign(line)]
        return cls(
            currency=currency,
            total=sum_ if answered else None,
            indicative_total=total([sum_, *converted], currency) if answered and rate else None,
            completeness=_completeness(answered=answered, stale=stale, problems=problems),
            by_currency=_by_currency(lines),
            by_kind={
                kind: _subtotal(
                    [line for line in counted if line.instrument.kind is kind], currency
                )
                for kind in InstrumentKind
                if any(line.instrument.kind is kind for line in lines)
            },
            lines=lines,
            problems=tuple(problems),
            unconverted=tuple(
                line.verdict.amount for line in foreign if rate and line.indicative is None
            ),
            rates=_rates_used(foreign, currency, rate),
            as_of=min((line.instrument.observed_at for line in counted), default=None),
            at=at,
        )

    @property
    def expiring_next(self) -> SpendableLine | None:
        """The counted line that ends first."""
        ending = [line for line in self.lines if line.counted and line.verdict.expires_at]
        return min(ending, key=lambda line: line.verdict.expires_at or self.at, default=None)

    def expiring_within(self, period: timedelta) -> Money:
        """How much of the total ends within *period* from the moment of the verdicts."""
        ending = [
            line.verdict.amount
            for line in self.lines
            if line.counted
            and line.verdict.expires_at is not None
            and line.verdict.expires_at - self.at <= period
        ]
        return total(ending, self.currency).floor_to_minor_unit()


def _once_each(
    verdicts: Sequence[tuple[Instrument, SpendableVerdict]],
) -> Sequence[tuple[Instrument, SpendableVerdict]]:
    seen = {(one.kind, one.source, one.provider_id): (one, verdict) for one, verdict in verdicts}
    return list(seen.values())


def _without_what_backs_others(
    verdicts: Sequence[tuple[Instrument, SpendableVerdict]],
) -> Sequence[tuple[Instrument, SpendableVerdict]]:
    """
    The money behind a card that can be spent is counted with the card, which tells when it ends.
    """
    behind = {
        (one.source, one.backed_by)
        for one, verdict in verdicts
        if isinstance(one, GiftCard) and one.backed_by is not None and verdict.eligible
    }
    return [
        (one, _duplicate(verdict) if _is_among(one, behind) else verdict)
        for one, verdict in verdicts
    ]


def _is_among(one: Instrument, accounts: Collection[tuple[str, str | None]]) -> bool:
    return isinstance(one, StoreCreditAccount) and (one.source, one.provider_id) in accounts


def _duplicate(verdict: SpendableVerdict) -> SpendableVerdict:
    zero = nothing_to_pay(verdict.amount.currency)
    reason = IneligibilityReason.DUPLICATE_OF_OTHER_INSTRUMENT
    return replace(verdict, amount=zero, reasons=(*verdict.reasons, reason))


def _line(
    instrument: Instrument,
    verdict: SpendableVerdict,
    currency: Currency,
    rate: RateLookup | None,
) -> SpendableLine:
    if instrument.currency == currency:
        return SpendableLine(instrument=instrument, verdict=verdict, counted=verdict.eligible)
    known = rate(instrument.currency, currency) if rate and verdict.eligible else None
    indicative = known.convert(verdict.amount) if known else None
    verdict = replace(verdict, reasons=(*verdict.reasons, IneligibilityReason.CURRENCY_MISMATCH))
    return SpendableLine(
        instrument=instrument, verdict=verdict, counted=False, indicative=indicative
    )


def _is_foreign(line: SpendableLine) -> bool:
    """Spendable, only not in the currency asked for."""
    return line.verdict.reasons == (IneligibilityReason.CURRENCY_MISMATCH,)


def _by_currency(lines: Sequence[SpendableLine]) -> tuple[Subtotal, ...]:
    payable = [line for line in lines if line.counted or _is_foreign(line)]
    currencies = sorted({line.instrument.currency for line in payable})
    return tuple(
        _subtotal([line for line in payable if line.instrument.currency == currency], currency)
        for currency in currencies
    )


def _subtotal(lines: Sequence[SpendableLine], currency: Currency) -> Subtotal:
    amounts = [line.verdict.amount for line in lines]
    return Subtotal(total=total(amounts, currency).floor_to_minor_unit(), instruments=len(lines))


def _rates_used(
    foreign: Sequence[SpendableLine], currency: Currency, rate: RateLookup | None
) -> tuple[ExchangeRate, ...]:
    if rate is None:
        return ()
    currencies = sorted({line.instrument.currency for line in foreign})
    return tuple(known for one in currencies if (known := rate(one, currency)))


def _completeness(
    *, answered: bool, stale: bool, problems: Sequence[SourceProblem]
) -> Completeness:
    """Older data stood in for a source that failed: nothing is missing then."""
    if not answered:
        return Completeness.NONE
    if any(problem.served_stale_from is None for problem in problems):
        return Completeness.PARTIAL
    return Completeness.STALE if stale else Completeness.COMPLETE
