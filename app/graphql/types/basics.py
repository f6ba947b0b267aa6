"""Money, nodes, and sources with their problems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Annotated, Final, Self

import strawberry

from app.domain import money as domain_money
from app.domain import source_problem
from app.domain.identifiers import SourceKey
from app.domain.instruments import version_of
from app.domain.invoices import Reminder as DomainReminder
from app.domain.invoices import StoreConfiguration as DomainStoreConfiguration
from app.domain.money import Currency
from app.domain.provider import ReadsStoreConfiguration, SourceInfo, TellsHealth
from app.domain.source_health import CircuitState, SourceHealth, SourceState
from app.graphql.context import Context, Info
from app.graphql.declare import SERVICE, described, enum, resolved
from app.graphql.enums import Capability, InstrumentKind, SourceProblemKind
from app.operations.abilities import able_to
from app.operations.read_credit_accounts import store_configuration

if TYPE_CHECKING:
    from app.graphql.types.user_errors import ErrorCode


@strawberry.type(description="An exact amount in major units of one currency.")
class Money:
    amount: Decimal = described('Major units, with the digits the figure has: "850.555".')
    currency_code: Currency = described("The currency of the amount.")

    @classmethod
    def from_domain(cls, money: domain_money.Money) -> Self:
        return cls(amount=money.amount, currency_code=money.currency)


def money_or_none(money: domain_money.Money | None) -> Money | None:
    return None if money is None else Money.from_domain(money)


OPAQUE_ID: Final = (
    "Opaque, the same in every answer; holds no code, token, e-mail or document in the clear."
)


@strawberry.interface(description="Something that can be asked for again by its id.")
class Node:
    id: strawberry.ID = described(OPAQUE_ID)


@strawberry.type(description="A reminder that the store sends about a due invoice.")
class Reminder:
    days: int = described("Days before or after the due date.")
    time_of_day: str = described("Local time of the store, as the provider writes it.")

    @classmethod
    def from_domain(cls, one: DomainReminder) -> Self:
        return cls(days=one.days, time_of_day=one.time_of_day)


@strawberry.type(description="The terms a store sets for all its credit accounts.")
class StoreConfiguration:
    source: Annotated[CreditSource, strawberry.lazy("app.graphql.types.basics")] = described(
        "The store."
    )
    daily_interest_rate: Decimal = described("Interest a day on overdue amounts, as a fraction.")
    tax_rate: Decimal = described("Tax on interest, as a fraction.")
    default_limit: Money = described("Limit of accounts that are opened automatically.")
    postponement_enabled: bool = described("Whether invoices may be postponed.")
    max_postponements: int = described("How often one invoice may be postponed.")
    max_postponement_days: int = described("By how many days in all.")
    tolerance_enabled: bool = described("Whether accounts may use their tolerance.")
    self_service_enabled: bool = described("Whether customers see their credit in the shop.")
    automatic_accounts: bool = described("Whether every customer gets an account.")
    max_hold_growth_rate: Decimal = described("How far a hold may grow, as a fraction.")
    reminders_before: list[Reminder] = described("Sent before the due date.")
    reminders_after: list[Reminder] = described("Sent after the due date.")
    version: str = described(
        "Opaque fingerprint of these terms; send it back as `expectedVersion`."
    )

    @classmethod
    def from_domain(cls, terms: DomainStoreConfiguration, source: CreditSource) -> Self:
        return cls(
            source=source,
            daily_interest_rate=terms.daily_interest_rate,
            tax_rate=terms.tax_rate,
            default_limit=Money.from_domain(terms.default_limit),
            postponement_enabled=terms.postponement_enabled,
            max_postponements=terms.max_postponements,
            max_postponement_days=terms.max_postponement_days,
            tolerance_enabled=terms.tolerance_enabled,
            self_service_enabled=terms.self_service_enabled,
            automatic_accounts=terms.automatic_accounts,
            max_hold_growth_rate=terms.max_hold_growth_rate,
            reminders_before=[Reminder.from_domain(one) for one in terms.reminders_before],
            reminders_after=[Reminder.from_domain(one) for one in terms.reminders_after],
            version=version_of(terms),
        )


enum(
    SourceState,
    "DEGRADED: some of it fails. DOWN: nothing is read from it, or all calls fail. DISABLED: never "
    "called.",
)
enum(
    CircuitState,
    "CLOSED: calls pass. OPEN: none is sent for a while. HALF_OPEN: one call at a time finds out "
    "whether it is over.",
)


@strawberry.type(
    description="How a source has been doing, as the process saw it that gives this answer."
)
class SourceStatus:
    state: SourceState = described("Of the source as a whole.")
    since: datetime | None = described("When this process first saw it in that state.")
    circuit: CircuitState = described("The worst of those for reads and for writes.")
    error_rate: float | None = described(
        "Share of the last minute's calls that failed, 0 to 1; null when there were none."
    )
    p95_millis: int | None = described("Nineteen of twenty calls of the last minute took no more.")
    rate_limit_remaining: int | None = described(
        "Calls that may still be made now; null where no limit is set."
    )
    last_success_at: datetime | None = described("When a call last succeeded.")
    last_error_code: (
        Annotated[ErrorCode, strawberry.lazy("app.graphql.types.user_errors")] | None
    ) = described("What the last call that failed came to, however long ago.")

    @classmethod
    def from_domain(cls, health: SourceHealth) -> Self:
        return cls(
            state=health.state,
            since=health.since,
            circuit=health.circuit,
            error_rate=health.error_rate,
            p95_millis=None if health.p95 is None else ceil(health.p95.total_seconds() * 1000),
            rate_limit_remaining=health.rate_limit_remaining,
            last_success_at=health.last_success_at,
            last_error_code=_code_of(health.last_problem),
        )


def _code_of(problem: SourceProblemKind | None) -> ErrorCode | None:
    from app.graphql.types.user_errors import ErrorCode  # that module stands on this one

    match problem:
        case None:
            return None
        case SourceProblemKind.CREDENTIALS_REJECTED:
            return ErrorCode.UPSTREAM_REJECTED
    return ErrorCode.UPSTREAM_UNAVAILABLE


@strawberry.type(
    description=(
        "One configured upstream: a provider plus an account of it. Two VTEX stores are two "
        "sources."
    )
)
class CreditSource(Node):
    key: str = described("Configuration key, e.g. `vtex-br`.")
    provider: str = described(
        "Provider key: vtex.customer-credit, vtex.giftcard, adobe.company-credit or "
        "medusa.store-credit."
    )
    display_name: str = described("What people call it.")
    default_currency: Currency = described(
        "The currency of amounts for which the provider names none."
    )
    capabilities: list[Capability] = described("What can be done with it.")

    @resolved("How it has been doing; null when nobody keeps watch.", may=SERVICE)
    async def status(self, info: Info) -> SourceStatus | None:
        info.context.not_to_be_reused()
        provider = info.context.desk.sources.named(self.key)
        health = await provider.health() if isinstance(provider, TellsHealth) else None
        return None if health is None else SourceStatus.from_domain(health)

    @resolved(
        "The store's terms; null where the provider has none.",
        may=SERVICE,
        upstream=["vtex.cc/Retrievestoreconfiguration"],
        max_age=300,
    )
    async def store_configuration(self, info: Info) -> StoreConfiguration | None:
        provider = info.context.desk.sources.named(self.key)
        if not able_to(provider, ReadsStoreConfiguration):
            return None
        terms = await store_configuration(info.context.desk, provider)
        return StoreConfiguration.from_domain(terms, self)

    @classmethod
    def from_domain(cls, source: SourceInfo, context: Context) -> Self:
        return cls(
            id=context.source_ids[source.key],
            key=source.key,
            provider=source.provider,
            display_name=source.display_name,
            default_currency=source.default_currency,
            capabilities=sorted(source.capabilities),
        )

    @classmethod
    def of(cls, key: SourceKey, context: Context) -> Self:
        return cls.from_domain(context.desk.sources.info(key), context)


@strawberry.type(
    description=(
        "Why a source did not contribute to a merged answer. This is data: the rest of the answer "
        "is intact."
    )
)
class SourceProblem:
    source: CreditSource = described("The source that is missing.")
    kind: SourceProblemKind = described("What went wrong.")
    affects: list[InstrumentKind] = described("Instruments whose figures may be too low for it.")
    message: str = described("One sentence for developers; never a provider's own words.")
    retryable: bool = described("Whether asking again a little later can help.")
    retry_after_seconds: int | None = described("How much later, where the provider said it.")
    served_stale_from: datetime | None = described(
        "When set, older data of this moment was used in place of a live answer."
    )
    correlation_id: str = described("Names this request in the gateway's log.")

    @classmethod
    def from_domain(cls, problem: source_problem.SourceProblem, context: Context) -> Self:
        return cls(
            source=CreditSource.of(problem.source, context),
            kind=problem.kind,
            affects=sorted(problem.affects),
            message=problem.message,
            retryable=problem.retryable,
            retry_after_seconds=problem.retry_after_seconds,
            served_stale_from=problem.served_stale_from,
            correlation_id=context.correlation_id,
        )


def problems_from_domain(
    problems: Sequence[source_problem.SourceProblem], context: Context
) -> list[SourceProblem]:
    if problems:
        context.not_to_be_reused()
    return [SourceProblem.from_domain(problem, context) for problem in problems]
