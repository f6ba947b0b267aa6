"""What the gateway set out to reach, beside what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.gateways.outcome import Outcome
from benchmarks.gateways.program import OURS, OURS_WARM
from benchmarks.gateways.scenes import SLOWEST_PATH_MS

DEADLINE_MS: Final = 1000
_RATIOS: Final = (
    ("total", OURS, 2.6, 8.0),
    ("history", OURS, 1.5, 5.0),
    ("quiet-history", OURS, 1.5, 5.0),
    ("warm", OURS_WARM, 3.0, 6.0),
)
_FLAT_PERCENT: Final = 2.0


@dataclass(frozen=True)
class Verdict:
    """One line; everything as it is printed."""

    question: str
    at_least: str
    stretch: str
    found: str
    word: str


def verdicts(outcome: Outcome) -> list[Verdict]:
    return [*_of_ratios(outcome), *_of_latency(outcome), *_of_sickness(outcome), *_others(outcome)]


def _of_ratios(outcome: Outcome) -> Iterator[Verdict]:
    for key, runner, least, stretch in _RATIOS:
        result = outcome.result(key)
        ratio = result.ratio(runner) if result else None
        if result and ratio is not None:
            reference = outcome.names[result.race.reference]
            yield Verdict(
                f"{result.race.title}, CPU against {reference}",
                f"{least:g} x",
                f"{stretch:g} x",
                f"{ratio:.2f} x",
                _word(reached=ratio >= least, stretched=ratio >= stretch),
            )


def _of_latency(outcome: Outcome) -> Iterator[Verdict]:
    if load := outcome.slow.get(OURS):
        over = load.percentile(0.5) - SLOWEST_PATH_MS
        yield Verdict(
            "20 ms providers, p50 over the slowest path",
            "+ 10 ms",
            "+ 3 ms",
            f"+ {over:.1f} ms",
            _word(reached=over <= 10, stretched=over <= 3),
        )


def _of_sickness(outcome: Outcome) -> Iterator[Verdict]:
    if seen := outcome.sickness:
        after = seen.whole_after_ms - DEADLINE_MS
        yield Verdict(
            "one provider hanging: the other three's data",
            "deadline + 50 ms",
            "",
            f"deadline {after:+.0f} ms",
            _word(reached=after <= 50),
        )
        yield Verdict(
            "one provider hanging: throughput of queries that spare it",
            "within 10 %",
            "",
            f"{(seen.throughput - 1) * 100:+.0f} %",
            _word(reached=seen.throughput >= 0.9),
        )


def _others(outcome: Outcome) -> Iterator[Verdict]:
    if crowd := outcome.identical.get(OURS):
        most = max(crowd.calls.values())
        yield Verdict(
            "200 identical cold queries at once: calls for one fact",
            "1",
            "",
            f"{most}",
            _word(reached=most == 1),
        )
    if memory := outcome.memory:
        yield Verdict(
            f"memory under load for {outcome.plan.minutes:g} min",
            "flat",
            "",
            f"{memory.growth:+.1f} % in the second half",
            _word(reached=memory.growth <= _FLAT_PERCENT),
        )


def _word(*, reached: bool, stretched: bool = False) -> str:
    if stretched:
        return "reached, stretch too"
    return "reached" if reached else "**missed**"
