"""Faults as data: one entry for each source and kind."""

from __future__ import annotations

from app.domain.errors import ProviderFailed, ProviderFault, ProviderThrottled, ProviderTimedOut
from app.domain.identifiers import SourceKey
from app.domain.instruments import InstrumentKind
from app.domain.source_problem import SourceProblem, distinct

CARDS, ADOBE = SourceKey("cards"), SourceKey("adobe")


def problem(
    fault: ProviderFault, affects: InstrumentKind = InstrumentKind.GIFT_CARD
) -> SourceProblem:
    return SourceProblem.of(fault, {affects})


def test_a_problem_tells_what_the_fault_tells() -> None:
    fault = ProviderThrottled(CARDS, retry_after_seconds=3)
    assert problem(fault) == SourceProblem(
        source=CARDS,
        kind=fault.kind,
        affects=frozenset({InstrumentKind.GIFT_CARD}),
        message="The provider asked us to slow down.",
        retryable=True,
        retry_after_seconds=3,
    )


def test_the_same_fault_many_times_is_told_once() -> None:
    assert distinct([problem(ProviderTimedOut(CARDS)) for _ in range(60)]) == (
        problem(ProviderTimedOut(CARDS)),
    )


def test_other_kinds_and_other_sources_stay_apart_in_the_order_they_came() -> None:
    problems = [
        problem(ProviderTimedOut(CARDS)),
        problem(ProviderFailed(CARDS)),
        problem(ProviderTimedOut(ADOBE)),
        problem(ProviderTimedOut(CARDS)),
    ]
    assert distinct(problems) == tuple(problems[:3])


def test_one_entry_affects_whatever_any_of_its_faults_affects() -> None:
    (merged,) = distinct(
        [
            problem(ProviderTimedOut(CARDS), InstrumentKind.GIFT_CARD),
            problem(ProviderTimedOut(CARDS), InstrumentKind.STORE_CREDIT),
        ]
    )
    assert merged.affects == {InstrumentKind.GIFT_CARD, InstrumentKind.STORE_CREDIT}


def test_no_problems_are_no_entries() -> None:
    assert distinct([]) == ()
