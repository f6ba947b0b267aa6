"""The sum rule against an oracle that knows only the design page."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import ProviderTimedOut
from app.domain.identifiers import SourceKey
from app.domain.instruments import Instrument, InstrumentKind, InstrumentStatus
from app.domain.money import Currency, Money
from app.domain.source_problem import SourceProblem
from app.domain.spendable import (
    ExchangeRate,
    SpendableCredit,
    SpendableVerdict,
    ToleranceRule,
    verdict_on,
)
from tests.domain.sum_rule_oracle import (
    MINOR_UNITS_IN_ONE,
    Adobe,
    Answer,
    Card,
    Line,
    Store,
    Vtex,
    World,
    expected,
)
from tests.doubles.samples import (
    NOW,
    a_company_credit,
    a_credit_account,
    a_gift_card,
    a_store_credit,
)

STORE_RULES = {
    "enabled": ToleranceRule.ENABLED,
    "disabled": ToleranceRule.DISABLED,
    "silent": ToleranceRule.UNKNOWN,
}

currencies = st.sampled_from(sorted(MINOR_UNITS_IN_ONE))
figures = st.one_of(
    st.integers(-200_000_000, 2_000_000_000).map(lambda n: Decimal(n).scaleb(-5)),
    st.sampled_from([Decimal(text) for text in ("0", "0.001", "0.005", "0.01", "0.009", "-0.01")]),
)
limits = st.integers(1, 10**9).map(lambda n: Decimal(n).scaleb(-4))
tolerances = st.one_of(
    st.none(),
    st.sampled_from([Decimal(text) for text in ("0", "1", "-0.0001", "1.0001", "-1", "10")]),
    st.integers(0, 100_000).map(lambda n: Decimal(n).scaleb(-5)),
)


@st.composite
def vtex_lines(draw: st.DrawFn) -> Vtex:
    available = draw(figures)
    return Vtex(
        currency=draw(currencies),
        is_open=draw(st.booleans()),
        limit=draw(limits),
        available_credit=available,
        available_balance=draw(st.one_of(st.just(available), figures)),
        tolerance=draw(tolerances),
        store=draw(st.sampled_from(sorted(STORE_RULES))),
    )


lines = st.one_of(
    vtex_lines(),
    st.builds(
        Adobe,
        currency=currencies,
        blocked=st.booleans(),
        limit=st.one_of(st.none(), st.just(Decimal(0)), limits),
        available_limit=figures,
        exceed_limit=st.booleans(),
    ),
    st.builds(
        Card,
        currency=currencies,
        active=st.booleans(),
        balance=figures,
        expires_in=st.one_of(st.none(), st.integers(-2, 2), st.integers(-(10**7), 10**7)),
    ),
    st.builds(Store, currency=currencies, claimed=st.booleans(), balance=figures),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    drawn = draw(st.lists(lines, max_size=8))
    positions = st.integers(0, max(0, len(drawn) - 1))
    return World(
        asked=draw(currencies),
        wants_tolerance=draw(st.booleans()),
        lines=drawn,
        seconds_old=[draw(st.integers(0, 60)) for _ in drawn],
        seen_again=draw(st.lists(positions, max_size=3)) if drawn else [],
        something_missing=draw(st.booleans()),
        anyone_answered=bool(drawn) or draw(st.booleans()),
        rates=draw(
            st.dictionaries(
                currencies, st.integers(1, 10**9).map(lambda n: Decimal(n).scaleb(-6)), max_size=4
            )
        ),
        haircut_bps=draw(st.integers(0, 10_000)),
    )


@settings(max_examples=3000, deadline=None)
@given(worlds())
def test_an_answer_is_what_the_design_page_says_it_is(world: World) -> None:
    answer = told(world)
    assert as_whole_numbers(answer) == expected(world)


@settings(max_examples=500, deadline=None)
@given(worlds(), lines)
def test_one_instrument_more_never_lowers_a_total(world: World, more: Line) -> None:
    before = told(world).total
    richer = World(
        **{
            **vars(world),
            "lines": [*world.lines, more],
            "seconds_old": [*world.seconds_old, 0],
            "anyone_answered": True,
        }
    )
    after = told(richer).total
    assert after is not None
    assert before is None or before <= after


@settings(max_examples=500, deadline=None)
@given(worlds())
def test_tolerance_is_part_of_the_amount_and_of_the_leave_the_store_gives(world: World) -> None:
    for index, line in enumerate(told(world).lines):
        verdict, source = line.verdict, world.lines[index]
        assert 0 <= verdict.of_which_tolerance.amount <= verdict.amount.amount
        if isinstance(source, Vtex):
            leave = source.limit * (source.tolerance or Decimal(0))
            assert verdict.of_which_tolerance.amount <= max(Decimal(0), leave)
        else:
            assert not verdict.of_which_tolerance.amount


def told(world: World) -> SpendableCredit:
    verdicts = [
        judged(world, line, index, age)
        for index, (line, age) in enumerate(zip(world.lines, world.seconds_old, strict=True))
    ]
    problem = SourceProblem.of(ProviderTimedOut(SourceKey("away")), {InstrumentKind.GIFT_CARD})
    return SpendableCredit.summed(
        Currency(world.asked),
        [*verdicts, *(verdicts[index] for index in world.seen_again)],
        at=NOW,
        problems=[problem] if world.something_missing else [],
        answered=world.anyone_answered,
        rate=lambda of, to: rate_in(world, of, to),
    )


def judged(world: World, line: Line, index: int, age: int) -> tuple[Instrument, SpendableVerdict]:
    rule = STORE_RULES[line.store] if isinstance(line, Vtex) else ToleranceRule.DISABLED
    if not world.wants_tolerance:
        rule = ToleranceRule.NOT_WANTED
    instrument = as_instrument(line, index, age)
    return instrument, verdict_on(instrument, at=NOW, tolerance=rule)


def as_instrument(line: Line, index: int, age: int) -> Instrument:
    seen = NOW - timedelta(seconds=age)
    match line:
        case Vtex():
            return a_credit_account(
                f"account-{index}",
                currency=line.currency,
                status=InstrumentStatus.ACTIVE if line.is_open else InstrumentStatus.CLOSED,
                limit=str(line.limit),
                available=str(line.available_credit),
                available_other=str(line.available_balance),
                tolerance=None if line.tolerance is None else str(line.tolerance),
                observed_at=seen,
            )
        case Adobe():
            return a_company_credit(
                str(index),
                currency=line.currency,
                status=InstrumentStatus.BLOCKED if line.blocked else InstrumentStatus.ACTIVE,
                limit=None if line.limit is None else str(line.limit),
                available=str(line.available_limit),
                exceed_allowed=line.exceed_limit,
                observed_at=seen,
            )
        case Card():
            return a_gift_card(
                f"card-{index}",
                currency=line.currency,
                status=InstrumentStatus.ACTIVE if line.active else InstrumentStatus.UNKNOWN,
                balance=str(line.balance),
                expires_at=(
                    None if line.expires_in is None else NOW + timedelta(seconds=line.expires_in)
                ),
                observed_at=seen,
            )
        case Store():
            return a_store_credit(
                f"store-{index}",
                currency=line.currency,
                status=InstrumentStatus.ACTIVE if line.claimed else InstrumentStatus.UNCLAIMED,
                balance=str(line.balance),
                observed_at=seen,
            )


def rate_in(world: World, of: Currency, to: Currency) -> ExchangeRate | None:
    rate = world.rates.get(of.code)
    if rate is None:
        return None
    return ExchangeRate(
        from_=of,
        to=to,
        rate=rate,
        provider="central-bank",
        as_of=NOW,
        haircut_bps=world.haircut_bps,
    )


def as_whole_numbers(answer: SpendableCredit) -> Answer:
    judged_alone = [_is_eligible(line.verdict) for line in answer.lines]
    return Answer(
        eligible=judged_alone,
        counted=[line.counted for line in answer.lines],
        amounts=[_minor(line.verdict.amount) for line in answer.lines],
        total=None if answer.total is None else _minor(answer.total),
        indicative=(None if answer.indicative_total is None else _minor(answer.indicative_total)),
        unconverted=Counter((one.currency.code, _minor(one)) for one in answer.unconverted),
        by_kind={
            kind.value: (_minor(part.total), part.instruments)
            for kind, part in answer.by_kind.items()
        },
        by_currency={
            part.total.currency.code: (_minor(part.total), part.instruments)
            for part in answer.by_currency
        },
        completeness=answer.completeness.value,
        oldest=None if answer.as_of is None else int((NOW - answer.as_of).total_seconds()),
    )


def _is_eligible(verdict: SpendableVerdict) -> bool:
    return not [reason for reason in verdict.reasons if reason != "CURRENCY_MISMATCH"]


def _minor(amount: Money) -> int:
    """The whole number of minor units that *amount* must be."""
    whole = amount.amount * MINOR_UNITS_IN_ONE[amount.currency.code]
    assert whole == int(whole)
    return int(whole)
