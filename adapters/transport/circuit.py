"""When a source that fails is left alone, and when it is tried again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain.source_health import CircuitState

_PARTS: Final = 10


class BreakerSettings(BaseModel):
    """
    When the calls of one class to one source stop, and for how long.

    Attributes:
        failure_ratio: Share of failed calls at which the circuit opens.
        least_calls: Fewer within the window decide nothing.
        open_seconds: How long nothing is sent; then one call probes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    failure_ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    least_calls: Annotated[int, Field(ge=1, le=10_000)] = 10
    window_seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    open_seconds: Annotated[float, Field(gt=0, le=600)] = 5.0


class Outcome(Enum):
    """
    What a call says about the source.

    REFUSED is an answer that is neither: the source is there, and did not like the question.
    NOTHING: the caller went away, or the call was not sent.
    """

    SUCCESS = auto()
    FAILURE = auto()
    REFUSED = auto()
    NOTHING = auto()


@dataclass(slots=True)
class _Part:
    number: int
    calls: int = 0
    failures: int = 0


class _Recent:
    """Calls and failures of the last seconds, kept in tenths of the window."""

    def __init__(self, seconds: float) -> None:
        self._part_seconds = seconds / _PARTS
        self._parts: deque[_Part] = deque()
        self._calls = self._failures = 0

    def add(self, outcome: Outcome, now: float) -> tuple[int, int]:
        """Calls and failures within the window, this one included."""
        number, failed = int(now / self._part_seconds), int(outcome is Outcome.FAILURE)
        if not self._parts or self._parts[-1].number != number:
            self._begin(number)
        part = self._parts[-1]
        part.calls += 1
        part.failures += failed
        self._calls += 1
        self._failures += failed
        return self._calls, self._failures

    def _begin(self, number: int) -> None:
        self._parts.append(_Part(number))
        while self._parts[0].number <= number - _PARTS:
            gone = self._parts.popleft()
            self._calls -= gone.calls
            self._failures -= gone.failures


class Circuit:
    """
    Closed, it counts; open, nothing passes; half-open, one call at a time does, until one is
    answered. Of this process: each replica finds out for itself.

    Args:
        now: Seconds that only grow.
    """

    def __init__(self, settings: BreakerSettings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._now = now
        self._recent = _Recent(settings.window_seconds)
        self._opened_at: float | None = None
        self._probing = False
        self._era = 0

    @property
    def state(self) -> CircuitState:
        if self._opened_at is None:
            return CircuitState.CLOSED
        if self._now() < self._opened_at + self._settings.open_seconds:
            return CircuitState.OPEN
        return CircuitState.HALF_OPEN

    def enter(self) -> int | None:
        """What `leave` wants back; None when the call must not be made."""
        state = self.state
        if state is CircuitState.OPEN or (state is CircuitState.HALF_OPEN and self._probing):
            return None
        self._probing = state is CircuitState.HALF_OPEN
        return self._era

    def leave(self, entered: int, outcome: Outcome) -> CircuitState | None:
        """The state that the outcome leads to, if it is another one."""
        if entered != self._era:  # begun before it opened or closed: old news
            return None
        if self._opened_at is not None:
            return self._after_probe(outcome)
        if outcome in (Outcome.SUCCESS, Outcome.FAILURE):
            calls, failures = self._recent.add(outcome, self._now())
            if calls >= self._settings.least_calls and (
                failures >= self._settings.failure_ratio * calls
            ):
                return self._turn(CircuitState.OPEN)
        return None

    def _after_probe(self, outcome: Outcome) -> CircuitState | None:
        self._probing = False
        match outcome:
            case Outcome.FAILURE:
                return self._turn(CircuitState.OPEN)
            case Outcome.NOTHING:
                return None
        return self._turn(CircuitState.CLOSED)

    def _turn(self, state: CircuitState) -> CircuitState:
        self._era += 1
        self._opened_at = self._now() if state is CircuitState.OPEN else None
        self._recent = _Recent(self._settings.window_seconds)
        return state
