"""A circuit opens when enough fails, and one call finds out whether it is over."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.transport.circuit import BreakerSettings, Circuit, Outcome
from app.domain.source_health import CircuitState
from tests.adapters.transport.stand_ins import MovedTime

DEFAULTS = BreakerSettings()


def circuit() -> tuple[Circuit, MovedTime]:
    now = MovedTime()
    return Circuit(DEFAULTS, now), now


def is_closed(circuit: Circuit) -> bool:
    return circuit.state is CircuitState.CLOSED


def is_open(circuit: Circuit) -> bool:
    return circuit.state is CircuitState.OPEN


def is_half_open(circuit: Circuit) -> bool:
    return circuit.state is CircuitState.HALF_OPEN


def call(circuit: Circuit, outcome: Outcome) -> None:
    entered = circuit.enter()
    assert entered is not None
    circuit.leave(entered, outcome)


def opened() -> tuple[Circuit, MovedTime]:
    made, now = circuit()
    for _ in range(10):
        call(made, Outcome.FAILURE)
    return made, now


def half_open() -> tuple[Circuit, MovedTime]:
    made, now = opened()
    now.pass_(5)
    return made, now


def test_ten_failures_open_it_and_nine_do_not() -> None:
    made, _ = circuit()
    for _ in range(9):
        call(made, Outcome.FAILURE)
    assert is_closed(made)

    call(made, Outcome.FAILURE)

    assert is_open(made)
    assert made.enter() is None


def test_half_of_the_calls_open_it_and_less_do_not() -> None:
    made, _ = circuit()
    for outcome in [Outcome.SUCCESS] * 6 + [Outcome.FAILURE] * 5:
        call(made, outcome)
    assert is_closed(made)

    call(made, Outcome.FAILURE)

    assert is_open(made)


def test_refusals_and_callers_who_left_are_not_counted() -> None:
    made, _ = circuit()
    for outcome in [Outcome.REFUSED, Outcome.NOTHING] * 50 + [Outcome.FAILURE] * 9:
        call(made, outcome)
    assert is_closed(made)

    call(made, Outcome.FAILURE)

    assert is_open(made)


def test_failures_of_long_ago_are_forgotten() -> None:
    made, now = circuit()
    for _ in range(9):
        call(made, Outcome.FAILURE)
    now.pass_(10)

    call(made, Outcome.FAILURE)

    assert is_closed(made)


def test_it_stays_open_for_its_time_and_not_longer() -> None:
    made, now = opened()
    now.pass_(4.9)
    assert made.enter() is None
    now.pass_(0.1)
    assert is_half_open(made)
    assert made.enter() is not None


def test_half_open_lets_exactly_one_of_twenty_waiting_calls_through() -> None:
    made, _ = half_open()

    entered = [made.enter() for _ in range(20)]

    assert sum(one is not None for one in entered) == 1


def test_an_answered_probe_closes_it_and_all_is_forgotten() -> None:
    for outcome in (Outcome.SUCCESS, Outcome.REFUSED):
        made, _ = half_open()
        call(made, outcome)
        assert is_closed(made)
        for _ in range(9):
            call(made, Outcome.FAILURE)
        assert is_closed(made)


def test_a_failed_probe_opens_it_for_another_while() -> None:
    made, now = half_open()
    call(made, Outcome.FAILURE)
    assert made.enter() is None
    now.pass_(5)
    assert made.enter() is not None


def test_a_probe_whose_caller_left_gives_its_place_to_the_next() -> None:
    made, _ = half_open()
    call(made, Outcome.NOTHING)
    assert is_half_open(made)
    assert made.enter() is not None
    assert made.enter() is None


def test_late_answers_of_before_neither_close_nor_reopen_it() -> None:
    made, now = circuit()
    late = [made.enter() for _ in range(30)]
    for _ in range(10):
        call(made, Outcome.FAILURE)
    now.pass_(5)
    for entered, outcome in zip(late, [Outcome.SUCCESS, Outcome.FAILURE] * 15, strict=True):
        assert entered is not None
        assert made.leave(entered, outcome) is None
    assert is_half_open(made)
    call(made, Outcome.SUCCESS)
    assert is_closed(made)


@given(
    failures=st.integers(0, 40),
    successes=st.integers(0, 40),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=50, deadline=None)
def test_it_opens_only_when_the_share_and_the_number_are_reached(
    failures: int, successes: int, order: object
) -> None:
    outcomes = [Outcome.FAILURE] * failures + [Outcome.SUCCESS] * successes
    order.shuffle(outcomes)  # type: ignore[attr-defined]  # hypothesis gives a Random
    made, _ = circuit()
    seen: list[Outcome] = []
    for outcome in outcomes:
        seen.append(outcome)
        call(made, outcome)
        reached = len(seen) >= 10 and seen.count(Outcome.FAILURE) * 2 >= len(seen)
        assert (made.state is CircuitState.OPEN) == reached
        if reached:
            break


class Calls(RuleBasedStateMachine):
    """Calls that come, overlap and end in any order, and time that passes."""

    @initialize()
    def begin(self) -> None:
        self.circuit, self.now = circuit()
        self.under_way: list[tuple[int, CircuitState]] = []

    @rule(times=st.integers(1, 20))
    def come(self, times: int) -> None:
        for _ in range(times):
            before = self.circuit.state
            entered = self.circuit.enter()
            if before is CircuitState.CLOSED:
                assert entered is not None
            if before is CircuitState.OPEN:
                assert entered is None
            if entered is not None:
                self.under_way.append((entered, before))

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, 1000), outcome=st.sampled_from(Outcome))
    def end(self, which: int, outcome: Outcome) -> None:
        entered, _ = self.under_way.pop(which % len(self.under_way))
        self.circuit.leave(entered, outcome)

    @rule(seconds=st.sampled_from([0.1, 1.0, 4.9, 5.0, 11.0]))
    def wait(self, seconds: float) -> None:
        self.now.pass_(seconds)

    @invariant()
    def at_most_one_probe_of_an_era_is_under_way(self) -> None:
        probes = [era for era, state in self.under_way if state is CircuitState.HALF_OPEN]
        assert len(probes) == len(set(probes))

    @precondition(lambda self: not self.under_way)
    @rule()
    def with_nothing_under_way_waiting_is_enough(self) -> None:
        self.now.pass_(5)
        entered = self.circuit.enter()
        assert entered is not None
        self.circuit.leave(entered, Outcome.NOTHING)


Calls.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyOrderOfCalls = Calls.TestCase
