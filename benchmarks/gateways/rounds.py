"""Interleaved rounds: everybody once, then everybody again, so that all meet the same weather."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.gateways.contestants import Contestant
from benchmarks.gateways.field import Entrant
from benchmarks.gateways.load import NO_GOOD_ANSWER, Ask, Load, ask_each, ask_for
from benchmarks.gateways.questions import Question
from benchmarks.gateways.stub_control import Stub


@dataclass(frozen=True)
class Plan:
    """
    Attributes:
        seconds: Of each measurement; one before the first round warms up and is not counted.
        minutes: Of the load whose memory is watched.
    """

    rounds: int
    seconds: float
    warm_up_seconds: float
    minutes: float


@dataclass(frozen=True)
class Race:
    """
    One question in the same way to several.

    Attributes:
        reference: With whom the others are compared.
        connections: Questions at the same time.
        age: How old an answer may be, in seconds, for who can be told.
        customers: It is about so many and no more; about all without it.
        rounds: At most so many, where one answer takes long.
    """

    key: str
    title: str
    question: Question
    runners: Sequence[str]
    reference: str
    connections: int
    age: int = 0
    customers: int | None = None
    rounds: int = 5

    def asks(self, contestant: Contestant) -> list[Ask]:
        return contestant.asks(self.question, age=self.age)[: self.customers]


@dataclass(frozen=True)
class Sample:
    """
    Attributes:
        cpu_us: Of the contestant, for one answer.
        calls: Of providers, for one answer.
    """

    cpu_us: float
    per_second: float
    p50_ms: float
    p99_ms: float
    calls: float
    memory_mb: float


@dataclass(frozen=True)
class Result:
    """
    Attributes:
        samples: By contestant, a round each.
        wrong: Who did not answer, or something else, and what.
    """

    race: Race
    samples: Mapping[str, Sequence[Sample]]
    wrong: Mapping[str, str]

    def typical(self, key: str) -> Sample:
        """The median of each figure."""
        every = self.samples[key]
        return Sample(
            cpu_us=median(one.cpu_us for one in every),
            per_second=median(one.per_second for one in every),
            p50_ms=median(one.p50_ms for one in every),
            p99_ms=median(one.p99_ms for one in every),
            calls=median(one.calls for one in every),
            memory_mb=median(one.memory_mb for one in every),
        )

    def ratio(self, key: str) -> float | None:
        """How often the reference's CPU is what *key* needs: the median over the rounds."""
        if self.race.reference not in self.samples or key not in self.samples:
            return None
        pairs = zip(self.samples[self.race.reference], self.samples[key], strict=True)
        return median(reference.cpu_us / own.cpu_us for reference, own in pairs)


async def run(race: Race, field: Sequence[Entrant], stub: Stub, plan: Plan) -> Result:
    """Who gives a wrong answer takes no further part in this race."""
    asks = {one.key: race.asks(one.contestant) for one in field}
    samples: dict[str, list[Sample]] = {one.key: [] for one in field}
    wrong: dict[str, str] = {}
    for one in field:
        try:
            await _warm_up(one, asks[one.key], race, plan)
        except NO_GOOD_ANSWER as exc:
            wrong[one.key] = _why(exc)
    for _ in range(min(plan.rounds, race.rounds)):
        for one in field:
            if one.key in wrong:
                continue
            try:
                samples[one.key].append(await _measured(one, asks[one.key], race, stub, plan))
            except NO_GOOD_ANSWER as exc:
                wrong[one.key] = _why(exc)
    return Result(race, {key: of for key, of in samples.items() if key not in wrong}, wrong)


def _why(exc: Exception) -> str:
    return str(exc) or type(exc).__name__


async def _warm_up(entrant: Entrant, asks: Sequence[Ask], race: Race, plan: Plan) -> None:
    """
    For the compilers' sake. Where answers may be old, each is there to be found: twice, since
    who remembers whole answers may do so only when all their parts are remembered already.
    """
    for _ in range(2 if race.age else 0):
        await ask_each(entrant.port, asks, connections=race.connections)
    await ask_for(entrant.port, asks, connections=race.connections, seconds=plan.warm_up_seconds)


async def _measured(
    entrant: Entrant, asks: Sequence[Ask], race: Race, stub: Stub, plan: Plan
) -> Sample:
    await stub.forget_calls()
    cpu = entrant.process.cpu_seconds()
    load = await ask_for(entrant.port, asks, connections=race.connections, seconds=plan.seconds)
    cpu = entrant.process.cpu_seconds() - cpu
    calls = sum((await stub.calls()).values())
    return sample_of(load, entrant, cpu_seconds=cpu, calls=calls)


def sample_of(load: Load, entrant: Entrant, *, cpu_seconds: float, calls: int) -> Sample:
    return Sample(
        cpu_us=cpu_seconds / load.answers * 1e6,
        per_second=load.per_second,
        p50_ms=load.percentile(0.5),
        p99_ms=load.percentile(0.99),
        calls=calls / load.answers,
        memory_mb=entrant.process.memory_megabytes(),
    )
