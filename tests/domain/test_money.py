"""Money is exact, and one currency at a time."""

from __future__ import annotations

from decimal import Decimal, localcontext

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import CurrencyMismatch
from app.domain.money import Currency, Money, total
from tests.doubles.samples import BRL, USD, money

ISO_CURRENCIES = [one for one in iso4217.Currency if one.exponent is not None]

amounts = st.decimals(
    min_value=Decimal(-(10**15)), max_value=Decimal(10**15), places=8, allow_nan=False
)


def test_adding_tenths_gives_no_dust() -> None:
    assert money("0.1") + money("0.2") == money("0.3")


def test_arithmetic_is_exact_whatever_the_callers_context() -> None:
    with localcontext(prec=3):
        assert money("123456789.123456789") + money("0.000000001") == money("123456789.12345679")
        assert money("123456789.12") - money("0.01") == money("123456789.11")
        assert money("123456789.12") * Decimal("1.1") == money("135802468.032")
        assert -money("123456789.12") == money("-123456789.12")
        assert money("123456789.129").floor_to_minor_unit() == money("123456789.12")


def test_figures_far_apart_keep_all_their_digits() -> None:
    assert (money("1E+100") + money("1E-100")) - money("1E+100") == money("1E-100")


def test_trailing_zeros_are_kept_as_the_provider_wrote_them() -> None:
    assert str((money("1.50") + money("1.50")).amount) == "3.00"


def test_zero_has_no_negative_twin() -> None:
    assert str((-money("0.00")).amount) == "0.00"


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_money(text: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        Money(Decimal(text), BRL)


def test_two_currencies_never_meet() -> None:
    for meet in (
        lambda: money("1") + money("1", "USD"),
        lambda: money("1") - money("1", "USD"),
        lambda: money("1") < money("1", "USD"),
        lambda: money("1") <= money("1", "USD"),
        lambda: min(money("1"), money("1", "USD")),
        lambda: total([money("1", "USD")], BRL),
    ):
        with pytest.raises(CurrencyMismatch):
            meet()


def test_a_mismatch_says_what_was_expected_and_what_came() -> None:
    with pytest.raises(CurrencyMismatch) as caught:
        money("1") + money("1", "USD")
    assert (caught.value.expected, caught.value.actual) == ("BRL", "USD")
    assert str(caught.value) == "Expected BRL, got USD."


def test_equal_amounts_of_other_currencies_are_not_equal() -> None:
    assert money("1") != money("1", "USD")


def test_comparison_is_by_value() -> None:
    assert money("1.0") == money("1.00")
    assert money("1.0") <= money("1.00")
    assert not money("1.0") < money("1.00")
    assert money("-1") < money("0")


def test_only_less_than_nothing_is_negative() -> None:
    assert [money(text).is_negative for text in ("-0.01", "0", "-0", "0.01")] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "code", "floored"),
    [
        ("850.555", "BRL", "850.55"),
        ("-850.555", "BRL", "-850.56"),
        ("850", "BRL", "850.00"),
        ("1234.99", "JPY", "1234"),
        ("-0.5", "JPY", "-1"),
        ("1.23456", "KWD", "1.234"),
        ("1.2", "KWD", "1.200"),
        ("1.23456", "CLF", "1.2345"),
        ("0.00999", "USD", "0.00"),
    ],
)
def test_flooring_gives_the_largest_payable_amount_below(
    text: str, code: str, floored: str
) -> None:
    assert str(money(text, code).floor_to_minor_unit().amount) == floored


@given(amounts, st.sampled_from(["BRL", "JPY", "KWD", "CLF"]))
def test_flooring_never_gives_more_and_never_takes_a_whole_unit(amount: Decimal, code: str) -> None:
    exact = Money(amount, Currency(code))
    floored = exact.floor_to_minor_unit()
    lost = exact - floored
    smallest = Decimal(1).scaleb(-exact.currency.minor_unit_digits)
    assert 0 <= lost.amount < smallest
    assert floored.floor_to_minor_unit() == floored


def test_a_huge_figure_is_floored_without_loss() -> None:
    assert money("9" * 60 + ".999").floor_to_minor_unit() == money("9" * 60 + ".99")


def test_the_total_of_nothing_is_zero() -> None:
    assert total([], USD) == Money.zero(USD) == money("0", "USD")


@given(st.lists(amounts, max_size=20))
def test_a_total_does_not_depend_on_the_order(lines: list[Decimal]) -> None:
    there = total([Money(one, BRL) for one in lines], BRL)
    back = total([Money(one, BRL) for one in reversed(lines)], BRL)
    assert there == back


@pytest.mark.parametrize("text", ["BRL", "brl", "Brl"])
def test_a_currency_is_read_in_any_case(text: str) -> None:
    assert Currency.parse(text) == BRL
    assert str(Currency.parse(text)) == "BRL"


@pytest.mark.parametrize("text", ["", "BR", "BRLX", "B L", "BR1", "ſek", "ﬁm", "BRL\n"])
def test_anything_but_three_letters_is_no_currency(text: str) -> None:
    with pytest.raises(ValueError, match="three upper-case letters"):
        Currency.parse(text)


def test_a_currency_itself_is_upper_case() -> None:
    with pytest.raises(ValueError, match="upper-case"):
        Currency("brl")


@pytest.mark.parametrize("iso", ISO_CURRENCIES, ids=lambda iso: iso.code)
def test_decimal_places_are_those_iso_publishes(iso: iso4217.Currency) -> None:
    assert Currency(iso.code).minor_unit_digits == iso.exponent


def test_the_published_list_is_worth_comparing_with() -> None:
    assert len(ISO_CURRENCIES) > 150
    assert {one.exponent for one in ISO_CURRENCIES} == {0, 2, 3, 4}
