"""What one gateway does while providers are slow, silent, or asked the same by everybody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.gateways.field import Entrant
from benchmarks.gateways.load import Ask, Load, ask_each, ask_for, ask_steadily
from benchmarks.gateways.people import SHOPPERS
from benchmarks.gateways.questions import SICK, Question, WrongAnswer
from benchmarks.gateways.rounds import Plan
from benchmarks.gateways.stub_control import Stub

IDENTICAL: Final = 200
SLOW_MS: Final = 20
SLOWEST_PATH_MS: Final = 2 * SLOW_MS
"""The search for cards, then the card."""

_ALL_ARE_WAITING_MS: Final = 800
"""So long does the stub wait that all of them have asked before the first is answered."""

_AT_ONCE: Final = 8
"""Fewer than it takes to open a breaker."""

_STEADY_PER_SECOND: Final = 10
_COMES_BACK_WITHIN_SECONDS: Final = 30


@dataclass(frozen=True)
class Crowd:
    """
    Attributes:
        calls: How often each fact was asked for, for all of them together.
    """

    calls: dict[str, int]
    slowest_ms: float


async def everybody_at_once(entrant: Entrant, stub: Stub) -> Crowd:
    """
    The same question over so many connections at the same time, which nobody has asked before.

    Raises:
        WrongAnswer
    """
    ask = entrant.contestant.ask(Question.TOTAL, SHOPPERS[-1])
    await stub.behave(latency_ms=_ALL_ARE_WAITING_MS)
    await stub.forget_calls()
    try:
        load = await ask_each(entrant.port, IDENTICAL * [ask], connections=IDENTICAL)
    finally:
        await stub.behave()
    return Crowd(await stub.calls(), load.percentile(1))


async def slow_providers(entrant: Entrant, stub: Stub, plan: Plan) -> Load:
    """
    One question at a time, each provider call taking `SLOW_MS`.

    Raises:
        WrongAnswer
    """
    asks = entrant.contestant.asks(Question.TOTAL)
    await stub.behave(latency_ms=SLOW_MS)
    try:
        await ask_each(entrant.port, asks[:5], connections=1)
        return await ask_for(entrant.port, asks, connections=1, seconds=plan.seconds)
    finally:
        await stub.behave()


@dataclass(frozen=True)
class Sickness:
    """
    Attributes:
        whole_after_ms: How long those waited who asked first, for the other three's data.
        throughput: Of questions that spare the sick one, ill to well, while others go on asking.
        open_ms: How long those waited who asked last, when the breaker was open.
        back_after_seconds: From the provider's return to the first whole answer.
    """

    whole_after_ms: float
    throughput: float
    open_ms: float
    back_after_seconds: float


async def one_hangs(entrant: Entrant, stub: Stub, plan: Plan) -> Sickness:
    """
    Raises:
        WrongAnswer: Also when it does not come back.
    """
    contestant = entrant.contestant
    partial = [contestant.ask(Question.TOTAL, one, without=SICK) for one in SHOPPERS]
    spared = contestant.asks(Question.SPARED)
    await ask_for(entrant.port, spared, connections=8, seconds=plan.warm_up_seconds)
    well: list[float] = []
    ill: list[float] = []
    latencies: Sequence[float] = ()
    whole_after_ms = 0.0
    try:
        for _ in range(plan.rounds):
            await stub.behave()
            await _until_whole(entrant)
            well.append(await _beside(entrant, contestant.asks(Question.TOTAL), spared, plan))
            await stub.behave(hanging=SICK)
            first = await ask_each(entrant.port, partial[:_AT_ONCE], connections=_AT_ONCE)
            whole_after_ms = max(whole_after_ms, first.percentile(1))
            ill.append(await _beside(entrant, partial, spared, plan))
        latencies = await ask_steadily(
            entrant.port, partial, per_second=_STEADY_PER_SECOND, seconds=1
        )
    finally:
        await stub.behave()
    return Sickness(
        whole_after_ms=whole_after_ms,
        throughput=median(sick / healthy for healthy, sick in zip(well, ill, strict=True)),
        open_ms=median(latencies) * 1000,
        back_after_seconds=await _until_whole(entrant),
    )


async def _beside(
    entrant: Entrant, steady: Sequence[Ask], spared: Sequence[Ask], plan: Plan
) -> float:
    """Answers a second to *spared*, while *steady* is asked now and then."""
    _, load = await asyncio.gather(
        ask_steadily(entrant.port, steady, per_second=_STEADY_PER_SECOND, seconds=plan.seconds),
        ask_for(entrant.port, spared, connections=8, seconds=plan.seconds),
    )
    return load.per_second


async def _until_whole(entrant: Entrant) -> float:
    """Seconds."""
    began = time.monotonic()
    ask = entrant.contestant.ask(Question.TOTAL, SHOPPERS[0])
    while True:
        try:
            await ask_each(entrant.port, [ask], connections=1)
            return time.monotonic() - began
        except WrongAnswer:
            if time.monotonic() - began > _COMES_BACK_WITHIN_SECONDS:
                raise
            await asyncio.sleep(0.1)


@dataclass(frozen=True)
class Memory:
    """
    Attributes:
        megabytes: At the end of each tenth of the time.
        answers: In all of it.
    """

    megabytes: Sequence[float]
    answers: int

    @property
    def growth(self) -> float:
        """In percent, over the second half: the first is for caches to fill and heaps to settle."""
        middle = self.megabytes[len(self.megabytes) // 2 - 1]
        return (self.megabytes[-1] / middle - 1) * 100


async def long_load(entrant: Entrant, plan: Plan) -> Memory:
    """
    Totals of ever other customers, cold.

    Raises:
        WrongAnswer
    """
    asks = entrant.contestant.asks(Question.TOTAL)
    megabytes, answers = [], 0
    for _ in range(10):
        load = await ask_for(entrant.port, asks, connections=16, seconds=plan.minutes * 6)
        megabytes.append(entrant.process.memory_megabytes())
        answers += load.answers
    return Memory(megabytes, answers)
