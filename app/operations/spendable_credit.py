"""The main question: what can this customer spend, over all sources, right now?"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.customer import CustomerIdentity
from app.domain.errors import ProviderFault
from app.domain.instruments import CreditAccount, Instrument, InstrumentKind
from app.domain.money import Currency
from app.domain.paging import Page
from app.domain.provider import Provider, ReadsCreditAccounts, ReadsGiftCards, ReadsStoreCredit
from app.domain.source_problem import SourceProblem, distinct
from app.domain.spendable import SpendableCredit, SpendableVerdict, ToleranceRule, verdict_on
from app.operations.desk import Desk
from app.operations.read_credit_accounts import credit_accounts_of, tolerance_rule
from app.operations.read_gift_cards import all_gift_cards, cards_of
from app.operations.read_store_credit import store_credit_of
from app.operations.reading import Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendableQuestion:
    """
    Args:
        kinds, sources: Only these are asked; None means all.
        include_tolerance: Whether leave to exceed a limit counts.
        indicative_conversion: Whether other currencies are converted, beside the total.
        at: Judge expiry at this moment instead of now.
    """

    currency: Currency
    kinds: Collection[InstrumentKind] | None = None
    sources: Collection[str] | None = None
    include_tolerance: bool = True
    indicative_conversion: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What a customer has of one kind at one source, and what could not be read of it."""

    kind: InstrumentKind
    instruments: Sequence[Instrument] = ()
    tolerance: ToleranceRule = ToleranceRule.NOT_WANTED
    faults: Sequence[ProviderFault] = ()

    @property
    def answered(self) -> bool:
        """A source whose every instrument is unreadable has not said anything."""
        return bool(self.instruments) or not self.faults


async def spendable_credit(
    desk: Desk, customer: CustomerIdentity, question: SpendableQuestion
) -> SpendableCredit:
    """
    Everything *customer* can spend in one currency: a floor, given by the deadline.

    Raises:
        InvalidQuestion: A source is named that does not exist.
    """
    found = await holdings(
        desk,
        customer,
        kinds=question.kinds,
        sources=question.sources,
        include_tolerance=question.include_tolerance,
        deadline=desk.deadline(),
    )
    at = question.at or desk.clock()
    verdicts: list[tuple[Instrument, SpendableVerdict]] = [
        (one, verdict_on(one, at=at, tolerance=part.tolerance))
        for part in found
        for one in part.instruments
    ]
    return SpendableCredit.summed(
        question.currency,
        verdicts,
        at=at,
        problems=distinct(
            [SourceProblem.of(fault, {part.kind}) for part in found for fault in part.faults]
        ),
        answered=any(part.answered for part in found),
        rate=desk.rates if question.indicative_conversion else None,
    )


async def holdings(
    desk: Desk,
    customer: CustomerIdentity,
    *,
    kinds: Collection[InstrumentKind] | None = None,
    sources: Collection[str] | None = None,
    include_tolerance: bool = False,
    deadline: Deadline,
) -> Sequence[Holdings]:
    """What *customer* has at every source asked, all at once, each kind by itself."""
    providers = desk.sources.all if sources is None else desk.sources.chosen(sources)
    asked = [
        (provider, kind)
        for provider in providers
        for kind in InstrumentKind
        if kind in provider.info.kinds and (kinds is None or kind in kinds)
    ]
    found, rules = await asyncio.gather(
        asyncio.gather(*(_found(desk, one, kind, customer, deadline) for one, kind in asked)),
        asyncio.gather(
            *(
                _rule(desk, one, deadline)
                if include_tolerance and kind is InstrumentKind.CREDIT_LINE
                else _no_rule()
                for one, kind in asked
            )
        ),
    )
    return [
        Holdings(
            kind=kind,
            instruments=page.items,
            tolerance=rule,
            faults=(*page.faults, *_faults_that_matter(page.items, rule_faults)),
        )
        for (_, kind), page, (rule, rule_faults) in zip(asked, found, rules, strict=True)
    ]


async def _found(
    desk: Desk,
    provider: Provider,
    kind: InstrumentKind,
    customer: CustomerIdentity,
    deadline: Deadline,
) -> Page[Instrument]:
    source = provider.info.key
    try:
        match kind, provider:
            case InstrumentKind.CREDIT_LINE, ReadsCreditAccounts():
                return await deadline.within(source, credit_accounts_of(desk, provider, customer))
            case InstrumentKind.GIFT_CARD, ReadsGiftCards():
                question = cards_of(provider, customer)
                return await all_gift_cards(desk, provider, question, deadline)
            case InstrumentKind.STORE_CREDIT, ReadsStoreCredit():
                return await deadline.within(source, store_credit_of(desk, provider, customer))
    except ProviderFault as fault:
        return Page(items=(), next_offset=None, faults=(fault,))
    raise AssertionError(f"{source} keeps {kind} but cannot read it")


RuleAndFaults = tuple[ToleranceRule, tuple[ProviderFault, ...]]


async def _rule(desk: Desk, provider: Provider, deadline: Deadline) -> RuleAndFaults:
    try:
        return await deadline.within(provider.info.key, tolerance_rule(desk, provider)), ()
    except ProviderFault as fault:
        return ToleranceRule.UNKNOWN, (fault,)


async def _no_rule() -> RuleAndFaults:
    return ToleranceRule.NOT_WANTED, ()


def _faults_that_matter(
    instruments: Sequence[Instrument], faults: Sequence[ProviderFault]
) -> Sequence[ProviderFault]:
    """Unknown terms lower a figure only where an account has a tolerance."""
    matters = any(isinstance(one, CreditAccount) and one.tolerance for one in instruments)
    return faults if matters else ()
