"""What can be spent: the verdict on one instrument and the sum over all."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from app.domain import spendable as domain
from app.domain.errors import InvalidQuestion
from app.domain.money import Currency
from app.graphql.context import Context
from app.graphql.declare import described, resolved
from app.graphql.enums import Completeness, IneligibilityReason, InstrumentKind, SpendWarning
from app.graphql.types.basics import Money, SourceProblem, money_or_none, problems_from_domain

if TYPE_CHECKING:
    from app.graphql.types.instruments import CreditInstrument

MOST_DAYS = 36_500

Days = Annotated[
    int, strawberry.argument(description="Counted from the moment that expiry is judged at.")
]


@strawberry.type(description="The verdict on one instrument. Sums are built from `amount` only.")
class InstrumentSpendable:
    amount: Money = described(
        "What can be spent, rounded down to the minor unit of the instrument's own currency; zero "
        "unless it is usable."
    )
    eligible: bool = described("Whether it counts.")
    reasons: list[IneligibilityReason] = described("Why it does not count.")
    warnings: list[SpendWarning] = described("What to know besides.")
    of_which_tolerance: Money = described("The part of `amount` that exceeds the granted limit.")
    reserved_by_gateway: Money = described("Set aside by holds that only this gateway knows.")
    unbounded: bool = described(
        "True when the provider lets the holder go past `amount` (Adobe exceed_limit). Never "
        "counted into a total."
    )
    expires_at: datetime | None = described("When the amount is lost; null when it does not end.")

    @classmethod
    def from_domain(cls, verdict: domain.SpendableVerdict) -> Self:
        return cls(
            amount=Money.from_domain(verdict.amount),
            eligible=verdict.eligible,
            reasons=list(verdict.reasons),
            warnings=list(verdict.warnings),
            of_which_tolerance=Money.from_domain(verdict.of_which_tolerance),
            reserved_by_gateway=Money(amount=Decimal(0), currency_code=verdict.amount.currency),
            unbounded=verdict.unbounded,
            expires_at=verdict.expires_at,
        )


@strawberry.type(description="The part of one instrument in a sum.")
class SpendableLine:
    instrument: Annotated[CreditInstrument, strawberry.lazy("app.graphql.types.instruments")] = (
        described("The instrument.")
    )
    spendable: InstrumentSpendable = described("The verdict on it, for the currency asked for.")
    counted: bool = described("Whether `spendable.amount` is part of `total`.")
    indicative: Money | None = described(
        "What it adds to `indicativeTotal`, for an instrument of another currency."
    )

    @classmethod
    def from_domain(cls, line: domain.SpendableLine, context: Context) -> Self:
        from app.graphql.types.instruments import instrument_from_domain

        return cls(
            instrument=instrument_from_domain(line.instrument, context),
            spendable=InstrumentSpendable.from_domain(line.verdict),
            counted=line.counted,
            indicative=money_or_none(line.indicative),
        )


@strawberry.type(description="The sum of what is spendable in one currency.")
class CurrencySpendable:
    currency_code: Currency = described("The currency.")
    total: Money = described("Sum of the usable instruments of this currency.")
    instruments: int = described("How many those are.")


@strawberry.type(description="The part of one kind of instrument in the total.")
class KindSpendable:
    kind: InstrumentKind = described("The kind.")
    total: Money = described("Sum of its counted lines, in the currency asked for.")
    instruments: int = described("How many those are.")


@strawberry.type(description="A rate used for indicative figures.")
class ExchangeRate:
    from_: Currency = strawberry.field(name="from", description="What is converted.")
    to: Currency = described("Into what.")
    rate: Decimal = described("Units of `to` for one of `from`, before the haircut.")
    provider: str = described("Who published it.")
    as_of: datetime = described("When it was published.")
    haircut_bps: int = described("Hundredths of a percent taken off.")

    @classmethod
    def from_domain(cls, rate: domain.ExchangeRate) -> Self:
        return cls(
            from_=rate.from_,
            to=rate.to,
            rate=rate.rate,
            provider=rate.provider,
            as_of=rate.as_of,
            haircut_bps=rate.haircut_bps,
        )


@strawberry.type(description="Everything a customer can spend in one currency, over all sources.")
class SpendableCredit:
    currency_code: Currency = described("The currency asked for.")
    total: Money | None = described(
        "What a checkout in this currency can take today: the exact sum of the counted lines. A "
        "floor: an outage can only lower it. Null when no source answered."
    )
    indicative_total: Money | None = described(
        "Adds other currencies at an indicative rate. For display only; null unless asked for."
    )
    completeness: Completeness = described("Whether anything is missing.")
    by_currency: list[CurrencySpendable] = described("Sums of usable instruments, a currency each.")
    by_kind: list[KindSpendable] = described("The total, a kind of instrument each.")
    by_instrument: list[SpendableLine] = described("One line an instrument, counted or not.")
    unavailable: list[SourceProblem] = described("Sources that are missing.")
    unconverted: list[Money] = described(
        "Usable amounts of other currencies for which no current rate was known."
    )
    rates: list[ExchangeRate] = described("The rates used for `indicativeTotal`.")
    expiring_next: SpendableLine | None = described("The counted line that ends first.")
    as_of: datetime | None = described(
        "When the oldest balance that went into the total was observed. Null when nothing did."
    )
    value: strawberry.Private[domain.SpendableCredit]

    @resolved("How much of the total ends within so many days.")
    def expiring_within(self, days: Days) -> Money:
        if not 0 <= days <= MOST_DAYS:
            raise InvalidQuestion(f"`days` is between 0 and {MOST_DAYS}.")
        return Money.from_domain(self.value.expiring_within(timedelta(days=days)))

    @classmethod
    def from_domain(cls, sum_: domain.SpendableCredit, context: Context) -> Self:
        ending = sum_.expiring_next
        return cls(
            currency_code=sum_.currency,
            total=money_or_none(sum_.total),
            indicative_total=money_or_none(sum_.indicative_total),
            completeness=sum_.completeness,
            by_currency=[
                CurrencySpendable(
                    currency_code=one.total.currency,
                    total=Money.from_domain(one.total),
                    instruments=one.instruments,
                )
                for one in sum_.by_currency
            ],
            by_kind=[
                KindSpendable(
                    kind=kind, total=Money.from_domain(one.total), instruments=one.instruments
                )
                for kind, one in sum_.by_kind.items()
            ],
            by_instrument=[SpendableLine.from_domain(line, context) for line in sum_.lines],
            unavailable=problems_from_domain(sum_.problems, context),
            unconverted=[Money.from_domain(one) for one in sum_.unconverted],
            rates=[ExchangeRate.from_domain(one) for one in sum_.rates],
            expiring_next=SpendableLine.from_domain(ending, context) if ending else None,
            as_of=sum_.as_of,
            value=sum_,
        )
