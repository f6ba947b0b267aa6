"""All that a run found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.gateways.load import Load
from benchmarks.gateways.program import OURS, OURS_WARM
from benchmarks.gateways.rounds import Plan, Result
from benchmarks.gateways.scenes import Crowd, Memory, Sickness


@dataclass
class Outcome:
    """
    Attributes:
        names: Of the contestants, by key.
        started: Seconds to the first good answer, by contestant.
        left_out: Who could not take part, by name, and why.
        identical, slow: By contestant.
        broken: Scenes that ended with a wrong answer, and which.
    """

    plan: Plan
    names: Mapping[str, str]
    started: Mapping[str, float]
    left_out: Mapping[str, str]
    results: list[Result] = field(default_factory=list)
    identical: dict[str, Crowd] = field(default_factory=dict)
    slow: dict[str, Load] = field(default_factory=dict)
    sickness: Sickness | None = None
    memory: Memory | None = None
    broken: list[str] = field(default_factory=list)

    def result(self, key: str) -> Result | None:
        return next((one for one in self.results if one.race.key == key), None)

    @property
    def everything_was_right(self) -> bool:
        return not self.broken and not any(
            {OURS, OURS_WARM} & set(one.wrong) for one in self.results
        )
