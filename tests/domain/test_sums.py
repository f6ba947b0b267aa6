"""Verdicts added up: the total is a floor, and says what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from app.domain.errors import ProviderTimedOut, SourceProblemKind
from app.domain.identifiers import SourceKey
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import Currency
from app.domain.source_problem import SourceProblem
from app.domain.spendable import (
    Completeness,
    ExchangeRate,
    IneligibilityReason,
    RateLookup,
    SpendableCredit,
    Subtotal,
    ToleranceRule,
    verdict_on,
)
from tests.doubles.samples import (
    BRL,
    NOW,
    a_company_credit,
    a_credit_account,
    a_gift_card,
    a_store_credit,
    money,
)

WORKED_EXAMPLE: Sequence[Instrument] = (
    a_credit_account(available="850.555", tolerance="0.10"),
    a_gift_card("live", balance="40.00"),
    a_gift_card("expired", balance="25.00", expires_at=NOW - timedelta(days=1)),
    a_gift_card("dollars", balance="10.00", currency="USD"),
    a_store_credit(balance="12.30"),
)
ADOBE = a_company_credit(limit="5000", available="3749.50")
ADOBE_TIMED_OUT = SourceProblem.of(
    ProviderTimedOut(SourceKey("adobe")), {InstrumentKind.CREDIT_LINE}
)


def rate_of(rate: str, *, of: str = "USD", to: str = "BRL", haircut_bps: int = 100) -> ExchangeRate:
    return ExchangeRate(
        from_=Currency(of),
        to=Currency(to),
        rate=Decimal(rate),
        provider="central-bank",
        as_of=NOW,
        haircut_bps=haircut_bps,
    )


def rates(*known: ExchangeRate) -> RateLookup:
    table = {(one.from_, one.to): one for one in known}
    return lambda of, to: table.get((of, to))


def summed(
    *instruments: Instrument,
    problems: Sequence[SourceProblem] = (),
    answered: bool = True,
    rate: RateLookup | None = None,
    at: datetime = NOW,
) -> SpendableCredit:
    return SpendableCredit.summed(
        BRL,
        [(one, verdict_on(one, at=at, tolerance=ToleranceRule.ENABLED)) for one in instruments],
        at=at,
        problems=problems,
        answered=answered,
        rate=rate,
    )


class TestWorkedExample:
    def test_while_adobe_times_out(self) -> None:
        answer = summed(*WORKED_EXAMPLE, problems=[ADOBE_TIMED_OUT], rate=rates(rate_of("5.4321")))
        assert str(answer.total and answer.total.amount) == "1002.85"
        assert answer.completeness is Completeness.PARTIAL
        assert [(one.source, one.kind) for one in answer.problems] == [
            ("adobe", SourceProblemKind.TIMEOUT)
        ]
        assert str(answer.indicative_total and answer.indicative_total.amount) == "1056.62"

    def test_line_by_line(self) -> None:
        answer = summed(*WORKED_EXAMPLE, rate=rates(rate_of("5.4321")))
        assert [
            (str(line.verdict.amount.amount), line.counted, line.verdict.reasons)
            for line in answer.lines
        ] == [
            ("950.55", True, ()),
            ("40.00", True, ()),
            ("0.00", False, (IneligibilityReason.EXPIRED,)),
            ("10.00", False, (IneligibilityReason.CURRENCY_MISMATCH,)),
            ("12.30", True, ()),
        ]
        assert answer.lines[0].verdict.of_which_tolerance == money("100.00")
        assert answer.lines[3].indicative == money("53.77")

    def test_with_all_four_sources_up(self) -> None:
        answer = summed(*WORKED_EXAMPLE, ADOBE)
        assert str(answer.total and answer.total.amount) == "4752.35"
        assert answer.completeness is Completeness.COMPLETE
        assert answer.indicative_total is None


class TestTotal:
    def test_no_answer_is_not_zero(self) -> None:
        answer = summed(problems=[ADOBE_TIMED_OUT], answered=False, rate=rates())
        assert answer.total is None
        assert answer.indicative_total is None
        assert answer.completeness is Completeness.NONE

    def test_an_answer_of_nothing_is_zero(self) -> None:
        answer = summed()
        assert str(answer.total and answer.total.amount) == "0.00"
        assert answer.completeness is Completeness.COMPLETE
        assert answer.as_of is None

    def test_it_is_the_sum_of_the_printed_lines(self) -> None:
        answer = summed(*(a_gift_card(f"card-{n}", balance="0.019") for n in range(100)))
        assert answer.total == money("1.00")

    def test_one_debt_does_not_eat_another_balance(self) -> None:
        answer = summed(a_credit_account(available="-500"), a_gift_card())
        assert answer.total == money("40.00")
        assert len(answer.lines) == 2

    def test_leave_to_exceed_without_bound_is_not_added(self) -> None:
        answer = summed(a_company_credit(available="10", exceed_allowed=True))
        assert answer.total == money("10")
        assert answer.lines[0].verdict.unbounded

    def test_an_instrument_seen_twice_counts_once(self) -> None:
        answer = summed(a_gift_card(), a_store_credit(), a_gift_card())
        assert answer.total == money("52.30")
        assert len(answer.lines) == 2

    def test_the_same_id_at_another_source_is_another_instrument(self) -> None:
        answer = summed(a_gift_card(source="cards-br"), a_gift_card(source="cards-pt"))
        assert answer.total == money("80.00")

    def test_the_same_id_of_another_kind_is_another_instrument(self) -> None:
        answer = summed(a_gift_card("x", source="one"), a_store_credit("x", source="one"))
        assert answer.total == money("52.30")


class TestSubtotals:
    def test_by_kind_counts_the_lines_of_the_total(self) -> None:
        assert summed(*WORKED_EXAMPLE).by_kind == {
            InstrumentKind.CREDIT_LINE: Subtotal(total=money("950.55"), instruments=1),
            InstrumentKind.GIFT_CARD: Subtotal(total=money("40.00"), instruments=1),
            InstrumentKind.STORE_CREDIT: Subtotal(total=money("12.30"), instruments=1),
        }

    def test_a_kind_of_which_nothing_counts_is_zero_and_a_kind_not_seen_is_absent(self) -> None:
        assert summed(a_gift_card(currency="USD")).by_kind == {
            InstrumentKind.GIFT_CARD: Subtotal(total=money("0.00"), instruments=0)
        }

    def test_by_currency_counts_every_eligible_line(self) -> None:
        answer = summed(*WORKED_EXAMPLE, a_gift_card("yen", balance="900.7", currency="JPY"))
        assert answer.by_currency == (
            Subtotal(total=money("1002.85"), instruments=3),
            Subtotal(total=money("900", "JPY"), instruments=1),
            Subtotal(total=money("10.00", "USD"), instruments=1),
        )

    def test_a_card_that_cannot_pay_is_in_no_currency(self) -> None:
        empty = a_gift_card(balance="0", currency="USD")
        answer = summed(empty)
        assert answer.by_currency == ()
        assert answer.lines[0].verdict.reasons == (
            IneligibilityReason.NO_BALANCE,
            IneligibilityReason.CURRENCY_MISMATCH,
        )


class TestIndicativeTotal:
    def test_it_is_absent_unless_asked_for(self) -> None:
        answer = summed(*WORKED_EXAMPLE)
        assert answer.indicative_total is None
        assert answer.unconverted == ()
        assert answer.rates == ()

    def test_each_line_is_rounded_down_by_itself(self) -> None:
        cards = [a_gift_card(f"card-{n}", balance="0.01", currency="USD") for n in range(10)]
        answer = summed(*cards, rate=rates(rate_of("1.99", haircut_bps=0)))
        assert answer.indicative_total == money("0.10")

    @pytest.mark.parametrize(
        ("haircut_bps", "worth"), [(0, "54.32"), (1, "54.31"), (100, "53.77"), (10_000, "0.00")]
    )
    def test_the_haircut_comes_off_before_rounding(self, haircut_bps: int, worth: str) -> None:
        dollars = money("10.00", "USD")
        converted = rate_of("5.4321", haircut_bps=haircut_bps).convert(dollars)
        assert str(converted.amount) == worth
        assert converted.currency == BRL

    def test_it_lands_in_units_of_the_other_currency(self) -> None:
        rate = rate_of("155.555", to="JPY", haircut_bps=0)
        assert str(rate.convert(money("10.00", "USD")).amount) == "1555"

    def test_a_line_without_a_rate_is_unconverted(self) -> None:
        yen = a_gift_card("yen", balance="900", currency="JPY")
        answer = summed(*WORKED_EXAMPLE, yen, rate=rates(rate_of("5.4321")))
        assert answer.indicative_total == money("1056.62")
        assert answer.unconverted == (money("900", "JPY"),)

    def test_an_expired_foreign_card_is_neither_converted_nor_missed(self) -> None:
        expired = a_gift_card(currency="USD", expires_at=NOW)
        answer = summed(expired, rate=rates(rate_of("5.4321")))
        assert answer.indicative_total == money("0.00")
        assert answer.unconverted == ()
        assert answer.rates == ()

    def test_each_rate_used_is_told_once(self) -> None:
        dollars, euros = rate_of("5.4321"), rate_of("6.1", of="EUR")
        answer = summed(
            a_gift_card("a", currency="USD"),
            a_gift_card("b", currency="USD"),
            a_gift_card("c", currency="EUR"),
            a_gift_card("d", currency="JPY"),
            rate=rates(dollars, euros, rate_of("0.03", of="KWD")),
        )
        assert answer.rates == (euros, dollars)

    def test_lines_in_the_currency_asked_for_need_no_rate(self) -> None:
        answer = summed(a_gift_card(), rate=rates())
        assert answer.indicative_total == answer.total == money("40.00")


class TestExpiry:
    def test_the_counted_card_that_ends_first_is_next(self) -> None:
        answer = summed(
            a_gift_card("later", expires_at=NOW + timedelta(days=20)),
            a_gift_card("first", expires_at=NOW + timedelta(days=10)),
            a_gift_card("never", expires_at=None),
            a_gift_card("foreign", currency="USD", expires_at=NOW + timedelta(days=1)),
            a_gift_card("gone", expires_at=NOW - timedelta(days=1)),
            a_store_credit(),
        )
        assert answer.expiring_next is not None
        assert answer.expiring_next.instrument.provider_id == "first"

    def test_nothing_that_ends_means_nothing_next(self) -> None:
        assert summed(a_store_credit(), a_gift_card(expires_at=None)).expiring_next is None

    def test_expiring_within_counts_up_to_the_very_end_of_the_period(self) -> None:
        answer = summed(
            a_gift_card("in", balance="1.00", expires_at=NOW + timedelta(days=30)),
            a_gift_card(
                "out",
                balance="2.00",
                expires_at=NOW + timedelta(days=30, microseconds=1),
            ),
            a_gift_card("foreign", currency="USD", expires_at=NOW + timedelta(days=1)),
            a_gift_card("never", expires_at=None),
        )
        assert answer.expiring_within(timedelta(days=30)) == money("1.00")
        assert str(answer.expiring_within(timedelta(0)).amount) == "0.00"

    def test_periods_start_at_the_moment_of_the_verdicts(self) -> None:
        card = a_gift_card(expires_at=NOW + timedelta(days=30))
        later = summed(card, at=NOW + timedelta(days=29))
        assert later.expiring_within(timedelta(days=1)) == money("40.00")
        assert summed(card).expiring_within(timedelta(days=1)) == money("0")


class TestFreshness:
    def test_as_of_is_the_oldest_balance_in_the_total(self) -> None:
        answer = summed(
            a_gift_card("new", observed_at=NOW),
            a_gift_card("old", observed_at=NOW - timedelta(seconds=30)),
            a_gift_card("foreign", currency="USD", observed_at=NOW - timedelta(hours=1)),
            a_gift_card("empty", balance="0", observed_at=NOW - timedelta(hours=2)),
        )
        assert answer.as_of == NOW - timedelta(seconds=30)
        assert answer.at == NOW

    def test_anything_missing_makes_it_partial(self) -> None:
        answer = summed(a_gift_card(), problems=[ADOBE_TIMED_OUT])
        assert answer.completeness is Completeness.PARTIAL
        assert answer.problems == (ADOBE_TIMED_OUT,)
        assert answer.total == money("40.00")
