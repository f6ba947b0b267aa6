"""Rates an operator publishes to the graph."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from app.domain.money import Currency
from app.domain.spendable import ExchangeRate
from app.settings import ExchangeRates, Settings, sandbox_settings

BRL, USD = Currency("BRL"), Currency("USD")
PUBLISHED_AT = datetime(2026, 11, 20, 16, tzinfo=UTC)


def table(**changes: Any) -> dict[str, Any]:
    rates = {"USD/BRL": "5.4321000000000000000001"}
    return {"provider": "Central bank", "as_of": PUBLISHED_AT, "rates": rates, **changes}


def settings(rates: ExchangeRates | None) -> Settings:
    return sandbox_settings(8001).model_copy(update={"exchange_rates": rates})


def test_a_rate_is_exact_and_says_where_it_comes_from() -> None:
    rates = ExchangeRates.model_validate(table(haircut_bps=100))
    lookup = settings(rates).rate_lookup(lambda: PUBLISHED_AT)

    assert lookup(USD, BRL) == ExchangeRate(
        from_=USD,
        to=BRL,
        rate=Decimal("5.4321000000000000000001"),
        provider="Central bank",
        as_of=PUBLISHED_AT,
        haircut_bps=100,
    )


def test_no_rate_is_derived_from_another() -> None:
    lookup = settings(ExchangeRates.model_validate(table())).rate_lookup(lambda: PUBLISHED_AT)

    assert lookup(BRL, USD) is None
    assert lookup(Currency("EUR"), BRL) is None


@pytest.mark.parametrize(("late", "known"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_a_rate_is_known_until_it_is_too_old(late: timedelta, *, known: bool) -> None:
    rates = ExchangeRates.model_validate(table(max_age_hours=36))
    now = PUBLISHED_AT + timedelta(hours=36) + late

    assert (settings(rates).rate_lookup(lambda: now)(USD, BRL) is not None) is known


def test_the_clock_is_asked_at_each_look_up() -> None:
    moments = iter([PUBLISHED_AT, PUBLISHED_AT + timedelta(days=2)])
    lookup = settings(ExchangeRates.model_validate(table())).rate_lookup(lambda: next(moments))

    assert lookup(USD, BRL)
    assert lookup(USD, BRL) is None


def test_without_rates_nothing_is_known() -> None:
    assert settings(None).rate_lookup(lambda: PUBLISHED_AT)(USD, BRL) is None


@pytest.mark.parametrize("rate", [5.4321, 5, True, None])
def test_a_rate_that_is_no_text_is_refused(rate: object) -> None:
    with pytest.raises(ValidationError, match="a rate is given as text"):
        ExchangeRates.model_validate(table(rates={"USD/BRL": rate}))


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity", "5,43", ""])
def test_a_rate_that_cannot_be_one_is_refused(rate: str) -> None:
    with pytest.raises(ValidationError):
        ExchangeRates.model_validate(table(rates={"USD/BRL": rate}))


@pytest.mark.parametrize(
    "changes",
    [
        {"rates": {"usd/brl": "5"}},
        {"rates": {"USDBRL": "5"}},
        {"as_of": datetime(2026, 11, 20)},  # noqa: DTZ001  that is the point
        {"haircut_bps": 10_000},
        {"haircut_bps": -1},
        {"max_age_hours": 0},
    ],
)
def test_a_table_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ExchangeRates.model_validate(table(**changes))
