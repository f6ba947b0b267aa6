"""From a choice of contestants and questions to an outcome."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.gateways import scenes
from benchmarks.gateways.contestants import Contestant
from benchmarks.gateways.field import Field, at_the_start, line_up
from benchmarks.gateways.load import NO_GOOD_ANSWER
from benchmarks.gateways.outcome import Outcome
from benchmarks.gateways.processes import Cores
from benchmarks.gateways.program import OURS, RACES
from benchmarks.gateways.rounds import Plan, run
from benchmarks.gateways.stub_control import Stub, running_stub
from benchmarks.gateways.this_gateway import this_gateway

SHORT_DEADLINE_SECONDS: Final = 1.0
"""Shorter than a source's own two seconds, so that the deadline is what ends the waiting."""


@dataclass(frozen=True)
class Choice:
    """
    Attributes:
        questions: Keys of races and scenes.
    """

    contestants: Sequence[Contestant]
    questions: Collection[str]
    plan: Plan


async def compare(choice: Choice, folder: Path) -> Outcome:
    cores = Cores.of_this_machine()
    cores.pin_this_process()
    async with running_stub(folder, core=cores.stub) as stub:
        async with line_up(choice.contestants, stub, folder, cores) as field:
            outcome = Outcome(
                plan=choice.plan,
                names={one.key: one.name for one in choice.contestants},
                started={one.key: one.started_seconds for one in field.entrants},
                left_out=field.left_out,
            )
            await _races(choice, field, stub, outcome)
            await _scenes(choice, field, stub, outcome)
        if "hanging" in choice.questions:
            await _hanging(choice, folder, cores, stub, outcome)
    return outcome


async def _races(choice: Choice, field: Field, stub: Stub, outcome: Outcome) -> None:
    for race in RACES:
        entrants = field.named(race.runners)
        if race.key in choice.questions and entrants:
            _say(race.title)
            outcome.results.append(await run(race, entrants, stub, choice.plan))


async def _scenes(choice: Choice, field: Field, stub: Stub, outcome: Outcome) -> None:
    ours = field.find(OURS)
    for entrant in field.named((OURS, "yoga", "undici")):
        if "identical" in choice.questions:
            with _recorded(outcome, f"{entrant.key}: everybody asks the same"):
                outcome.identical[entrant.key] = await scenes.everybody_at_once(entrant, stub)
        if "latency" in choice.questions:
            with _recorded(outcome, f"{entrant.key}: slow providers"):
                outcome.slow[entrant.key] = await scenes.slow_providers(entrant, stub, choice.plan)
    if ours and "memory" in choice.questions:
        with _recorded(outcome, f"memory, {choice.plan.minutes:g} minutes"):
            outcome.memory = await scenes.long_load(ours, choice.plan)


async def _hanging(
    choice: Choice, folder: Path, cores: Cores, stub: Stub, outcome: Outcome
) -> None:
    """By a gateway of its own, with a deadline that shows."""
    gateway = this_gateway(deadline_seconds=SHORT_DEADLINE_SECONDS)
    if OURS not in outcome.names:
        return
    async with at_the_start(gateway, stub, folder, cores) as entrant:
        with _recorded(outcome, "one provider hangs"):
            outcome.sickness = await scenes.one_hangs(entrant, stub, choice.plan)


@contextmanager
def _recorded(outcome: Outcome, scene: str) -> Iterator[None]:
    """One scene that goes wrong does not take the others with it."""
    _say(scene)
    try:
        yield
    except NO_GOOD_ANSWER as exc:
        outcome.broken.append(f"{scene}: {str(exc) or type(exc).__name__}")


def _say(what: str) -> None:
    sys.stderr.write(f"... {what}\n")
