"""What can be spent: the verdict on one instrument and the sum over all."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from app.domain import spendable as domain
from app.domain.errors import InvalidQuestion
from app.domain.money import Currency
from app.graphql.context import Context, Info
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
    verdict: strawberry.Private[domain.SpendableVerdict]

    @resolved(
        "What can be spent, rounded down to the minor unit of the instrument's own currency; zero "
        "unless it is usable."
    )
    def amount(self) -> Money:
        return Money.from_domain(self.verdict.amount)

    @resolved("Whether it counts.")
    def eligible(self) -> bool:
        return self.verdict.eligible

    @resolved("Why it does not count.")
    def reasons(self) -> list[IneligibilityReason]:
        return list(self.verdict.reasons)

    @resolved("What to know besides.")
    def warnings(self) -> list[SpendWarning]:
        return list(self.verdict.warnings)

    @resolved("The part of `amount` that exceeds the granted limit.")
    def of_which_tolerance(self) -> Money:
        return Money.from_domain(self.verdict.of_which_tolerance)

    @resolved("Set aside by holds that only this gateway knows.")
    def reserved_by_gateway(self) -> Money:
        return Money(amount=Decimal(0), currency_code=self.verdict.amount.currency)

    @resolved(
        "True when the provider lets the holder go past `amount` (Adobe exceed_limit). Never "
        "counted into a total."
    )
    def unbounded(self) -> bool:
        return self.verdict.unbounded

    @resolved("When the amount is lost; null when it does not end.")
    def expires_at(self) -> datetime | None:
        return self.verdict.expires_at

    @classmethod
    def from_domain(cls, verdict: domain.SpendableVerdict) -> Self:
        return cls(verdict=verdict)


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

    @classmethod
    def from_domain(cls, sum_: domain.Subtotal) -> Self:
        return cls(
            currency_code=sum_.total.currency,
            total=Money.from_domain(sum_.total),
            instruments=sum_.instruments,
        )


@strawberry.type(description="The part of one kind of instrument in the total.")
class KindSpendable:
    kind: InstrumentKind = described("The kind.")
    total: Money = described("Sum of its counted lines, in the currency asked for.")
    instruments: int = described("How many those are.")

    @classmethod
    def from_domain(cls, kind: InstrumentKind, sum_: domain.Subtotal) -> Self:
        return cls(kind=kind, total=Money.from_domain(sum_.total), instruments=sum_.instruments)


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
    value: strawberry.Private[domain.SpendableCredit]

    @resolved("The currency asked for.")
    def currency_code(self) -> Currency:
        return self.value.currency

    @resolved(
        "What a checkout in this currency can take today: the exact sum of the counted lines. A "
        "floor: an outage can only lower it. Null when no source answered."
    )
    def total(self) -> Money | None:
        return money_or_none(self.value.total)

    @resolved(
        "Adds other currencies at an indicative rate. For display only; null unless asked for."
    )
    def indicative_total(self) -> Money | None:
        return money_or_none(self.value.indicative_total)

    @resolved("Whether anything is missing.")
    def completeness(self) -> Completeness:
        return self.value.completeness

    @resolved("Sums of usable instruments, a currency each.")
    def by_currency(self) -> list[CurrencySpendable]:
        return [CurrencySpendable.from_domain(one) for one in self.value.by_currency]

    @resolved("The total, a kind of instrument each.")
    def by_kind(self) -> list[KindSpendable]:
        return [KindSpendable.from_domain(kind, one) for kind, one in self.value.by_kind.items()]

    @resolved("One line an instrument, counted or not.")
    def by_instrument(self, info: Info) -> list[SpendableLine]:
        return [SpendableLine.from_domain(line, info.context) for line in self.value.lines]

    @resolved("Sources that are missing, or for which older data stands in.")
    def unavailable(self, info: Info) -> list[SourceProblem]:
        return problems_from_domain(self.value.problems, info.context)

    @resolved("Usable amounts of other currencies for which no current rate was known.")
    def unconverted(self) -> list[Money]:
        return [Money.from_domain(one) for one in self.value.unconverted]

    @resolved("The rates used for `indicativeTotal`.")
    def rates(self) -> list[ExchangeRate]:
        return [ExchangeRate.from_domain(one) for one in self.value.rates]

    @resolved("The counted line that ends first.")
    def expiring_next(self, info: Info) -> SpendableLine | None:
        ending = self.value.expiring_next
        return SpendableLine.from_domain(ending, info.context) if ending else None

    @resolved(
        "When the oldest balance that went into the total was observed. Null when nothing did."
    )
    def as_of(self) -> datetime | None:
        return self.value.as_of

    @resolved("How much of the total ends within so many days.")
    def expiring_within(self, days: Days) -> Money:
        if not 0 <= days <= MOST_DAYS:
            raise InvalidQuestion(f"`days` is between 0 and {MOST_DAYS}.")
        return Money.from_domain(self.value.expiring_within(timedelta(days=days)))

    @classmethod
    def from_domain(cls, sum_: domain.SpendableCredit) -> Self:
        return cls(value=sum_)
