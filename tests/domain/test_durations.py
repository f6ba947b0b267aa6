"""Durations are counted by how long they took."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import floats, lists

from app.domain.durations import BOUNDS, Durations

INFINITE = float("inf")


def test_nothing_that_was_added_is_nothing() -> None:
    durations = Durations()

    assert list(durations.at_most()) == [(bound, 0) for bound in (*BOUNDS, INFINITE)]
    assert durations.total_seconds == 0


def test_what_took_as_long_as_a_bound_took_no_longer() -> None:
    durations = Durations()
    durations.add(0.01)

    counts = dict(durations.at_most())
    assert (counts[0.005], counts[0.01], counts[0.025], counts[INFINITE]) == (0, 1, 1, 1)


@given(lists(floats(0, 100), max_size=50))
def test_each_bound_has_all_that_took_no_longer(seconds: list[float]) -> None:
    durations = Durations()
    for one in seconds:
        durations.add(one)

    assert dict(durations.at_most()) == {
        bound: sum(one <= bound for one in seconds) for bound in (*BOUNDS, INFINITE)
    }
    assert durations.total_seconds == sum(seconds)
