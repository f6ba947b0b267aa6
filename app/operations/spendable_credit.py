"""The main question: what can this customer spend, over all sources, right now?"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.cache.entries import Used
from app.domain.customer import CustomerIdentity
from app.domain.errors import ProviderFault
from app.domain.instruments import CreditAccount, Instrument, InstrumentKind
from app.domain.money import Currency
from app.domain.paging import Page
from app.domain.provider import (
    Provider,
    ReadsCreditAccounts,
    ReadsGiftCards,
    ReadsStoreConfiguration,
    ReadsStoreCredit,
)
from app.domain.source_problem import SourceProblem, distinct
from app.domain.spendable import SpendableCredit, SpendableVerdict, ToleranceRule, verdict_on
from app.operations.abilities import able_to
from app.operations.at_once import at_once
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
        may_be_old: Balances of this age will do while their source is slow or fails.
    """

    currency: Currency
    kinds: Collection[InstrumentKind] | None = None
    sources: Collection[str] | None = None
    include_tolerance: bool = True
    indicative_conversion: bool = False
    at: datetime | None = None
    may_be_old: timedelta = timedelta(0)


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
    desk = desk.as_old_as(question.may_be_old)
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
        problems=distinct([*_missing(found), *_stood_in_for(desk.reads.used)]),
        answered=any(part.answered for part in found),
        stale=desk.reads.used.stale > 0,
        rate=desk.rates if question.indicative_conversion else None,
    )


def _missing(found: Sequence[Holdings]) -> list[SourceProblem]:
    return [SourceProblem.of(fault, {part.kind}) for part in found for fault in part.faults]


def _stood_in_for(used: Used) -> list[SourceProblem]:
    """Sources that were asked in vain, with older data in their place."""
    return [
        SourceProblem.of(one.fault, one.affects, served_stale_from=one.served_from)
        for one in used.problems
    ]


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
    return await at_once(
        [
            _held_with_rule(desk, one, kind, customer, deadline)
            if include_tolerance and able_to(one, ReadsStoreConfiguration)
            else _held(desk, one, kind, customer, deadline)
            for one in providers
            for kind in InstrumentKind
            if kind in one.info.kinds and (kinds is None or kind in kinds)
        ]
    )


async def _held(
    desk: Desk,
    provider: Provider,
    kind: InstrumentKind,
    customer: CustomerIdentity,
    deadline: Deadline,
) -> Holdings:
    page = await _found(desk, provider, kind, customer, deadline)
    return Holdings(kind=kind, instruments=page.items, faults=page.faults)


async def _held_with_rule(
    desk: Desk,
    provider: Provider,
    kind: InstrumentKind,
    customer: CustomerIdentity,
    deadline: Deadline,
) -> Holdings:
    """With the terms that bear on credit lines, of a store that has any."""
    if kind is not InstrumentKind.CREDIT_LINE:
        return await _held(desk, provider, kind, customer, deadline)
    held, (rule, faults) = await asyncio.gather(
        _held(desk, provider, kind, customer, deadline), _rule(desk, provider, deadline)
    )
    matters = _faults_that_matter(held.instruments, faults)
    return replace(held, tolerance=rule, faults=(*held.faults, *matters))


async def _found(
    desk: Desk,
    provider: Provider,
    kind: InstrumentKind,
    customer: CustomerIdentity,
    deadline: Deadline,
) -> Page[Instrument]:
    source = provider.info.key
    try:
        if kind is InstrumentKind.GIFT_CARD and able_to(provider, ReadsGiftCards):
            return await all_gift_cards(desk, provider, cards_of(provider, customer), deadline)
        if kind is InstrumentKind.CREDIT_LINE and able_to(provider, ReadsCreditAccounts):
            return await deadline.within(source, credit_accounts_of(desk, provider, customer))
        if kind is InstrumentKind.STORE_CREDIT and able_to(provider, ReadsStoreCredit):
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


def _faults_that_matter(
    instruments: Sequence[Instrument], faults: Sequence[ProviderFault]
) -> Sequence[ProviderFault]:
    """Unknown terms lower a figure only where an account has a tolerance."""
    matters = any(isinstance(one, CreditAccount) and one.tolerance for one in instruments)
    return faults if matters else ()
