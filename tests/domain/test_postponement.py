"""Whether an invoice may be due later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from app.domain.invoices import InvoiceStatus
from app.domain.postponement import Postponement
from tests.doubles.samples import NOW, a_store_configuration, an_invoice

TERMS: Final = a_store_configuration()
FRESH: Final = replace(an_invoice(), due_at=NOW, original_due_at=NOW)


def postponed_by(**time: float) -> Any:
    return replace(FRESH, due_at=NOW + timedelta(**time))


def test_an_invoice_that_was_never_postponed_has_all_days_left() -> None:
    assert Postponement.of(FRESH, TERMS) == Postponement(
        max_days=30, max_times=2, days_left=30, times_used=0, reason=None
    )


@pytest.mark.parametrize(
    ("time", "days_left", "reason"),
    [
        ({"days": 1}, 29, None),
        ({"hours": 1}, 29, None),
        ({"days": 29}, 1, None),
        ({"days": 29, "hours": 1}, 0, "maxPostponementDays"),
        ({"days": 30}, 0, "maxPostponementDays"),
        ({"days": 400}, 0, "maxPostponementDays"),
    ],
)
def test_earlier_postponements_count_against_the_days_but_nobody_knows_how_many_they_were(
    time: dict[str, float], days_left: int, reason: str | None
) -> None:
    known = Postponement.of(postponed_by(**time), TERMS)

    assert (known.days_left, known.times_used, known.reason) == (days_left, None, reason)
    assert known.allowed is (reason is None)


@pytest.mark.parametrize("status", set(InvoiceStatus) - {InvoiceStatus.OPEN})
def test_only_an_open_invoice_may_be_postponed(status: InvoiceStatus) -> None:
    known = Postponement.of(replace(FRESH, status=status), TERMS)

    assert (known.allowed, known.reason) == (False, "status")


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"postponement_enabled": False}, "postponementEnabled"),
        ({"max_postponements": 0}, "maxPostponements"),
        ({"max_postponement_days": 0}, "maxPostponementDays"),
    ],
)
def test_a_term_that_is_against_it_is_named(terms: dict[str, Any], reason: str) -> None:
    assert Postponement.of(FRESH, replace(TERMS, **terms)).reason == reason


def test_a_single_postponement_is_used_up_by_any() -> None:
    once = replace(TERMS, max_postponements=1)

    assert Postponement.of(FRESH, once).allowed
    assert Postponement.of(postponed_by(days=1), once).reason == "maxPostponements"


def test_an_invoice_that_was_brought_forward_was_not_postponed() -> None:
    known = Postponement.of(postponed_by(days=-3), TERMS)

    assert (known.days_left, known.times_used) == (30, 0)
