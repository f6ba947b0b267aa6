"""What is counted of the calls to one source since the process began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from adapters.transport.calls import CallClass
from app.domain.durations import Durations
from app.domain.source_health import CircuitState, SourceState

ANSWERED = "ANSWERED"
REFUSED = "REFUSED"
ABANDONED = "ABANDONED"
"""How a call ended that ended in no fault: with an answer, with a no, with nobody waiting."""


class TurnedAway(StrEnum):
    """Why a call was not made."""

    CIRCUIT = "CIRCUIT"
    CONCURRENCY = "CONCURRENCY"
    RATE = "RATE"


class Tally:
    """
    Calls that were really made, each try by itself.

    Attributes:
        ended: By how they ended: ANSWERED, REFUSED, ABANDONED, or the kind of the fault.
    """

    __slots__ = ("ended", "in_flight", "took")

    def __init__(self) -> None:
        self.in_flight = 0
        self.ended: Counter[tuple[CallClass, str]] = Counter()
        self.took = {each: Durations() for each in CallClass}

    def end(self, call_class: CallClass, outcome: str, seconds: float) -> None:
        self.in_flight -= 1
        self.ended[call_class, outcome] += 1
        self.took[call_class].add(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """
    A way as it is now, and what has come over it.

    Attributes:
        circuit_changes: To which state circuits went, and how often.
        repeats: Reads that were asked once more.
        remaining: Calls that the rate limit still allows; None where there is none.
    """

    state: SourceState
    circuits: Mapping[CallClass, CircuitState]
    circuit_changes: Mapping[tuple[CallClass, CircuitState], int]
    tally: Tally
    turned_away: Mapping[TurnedAway, int]
    repeats: int
    remaining: int | None
