"""Clients as they ought to be: they keep the key, and ask again until they know."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from benchmarks.soak.graph import Graph, NoAnswer, Receipt, Status
from benchmarks.soak.mutations import Mutation

_TRIES_WHEN_REFUSED: Final = 5
_TRIES: Final = 1000
"""Minutes: a gateway that was killed comes back, and one that never answers is found out."""

_WAITS_FOR_OUTCOME_SECONDS: Final = 6

_TWICE_AT_ONCE_SHARE: Final = 0.05
_AGAIN_AFTERWARDS_SHARE: Final = 0.1

_OTHER_AMOUNT: Final = Decimal(3_000_000)


@dataclass(slots=True)
class Told:
    """
    All that one client knows of its mutation.

    Attributes:
        story: Each thing it heard, with the second of the run.
        broken: Where what it heard was no answer to give.
    """

    mutation: Mutation
    receipt: Receipt | None = None
    story: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.receipt is None or self.receipt.status.is_open

    def hear(self, receipt: Receipt) -> None:
        """Success is success for ever, and one key stands for one success."""
        if self.receipt and self.receipt.status is Status.SUCCEEDED:
            self._compare(receipt)
        else:
            self.receipt = receipt

    def hear_nothing(self) -> None:
        """A refusal that was told before may not be the end: the key may have been taken again."""
        if not (self.receipt and self.receipt.status is Status.SUCCEEDED):
            self.receipt = None

    def hear_finally(self, receipt: Receipt) -> None:
        """What its key stands for in the end is what it was told, if it was told an end."""
        if not receipt.status.is_open:
            self.story.append(f"finally {receipt}")
        if not self.is_open:
            self._compare(receipt)
        self.receipt = receipt

    def _compare(self, now: Receipt) -> None:
        before = self.receipt
        if before and (before.id, before.status) != (now.id, now.status):
            self.broken.append(f"was told {before}, then {now}")


class Callers:
    """All clients of a run."""

    def __init__(self, graph: Graph, dice: random.Random) -> None:
        self._graph = graph
        self._dice = dice
        self._started_at = time.monotonic()
        self.counts: Counter[str] = Counter()

    async def work(self, mutations: Iterator[Mutation], told: list[Told]) -> None:
        """One client: a mutation after the other, of those that are left."""
        for mutation in mutations:
            told.append(await self._see_through(mutation))

    async def _see_through(self, mutation: Mutation) -> Told:
        told = Told(mutation)
        if self._dice.random() < _TWICE_AT_ONCE_SHARE:
            await self._ask_twice_at_once(told)
        refused = 0
        for _ in range(_TRIES):
            await self._ask(told)
            if told.receipt and told.receipt.status is Status.UNKNOWN:
                await self._wait_for_outcome(told)
                break
            if not (told.is_open or _may_succeed_later(told)) or refused == _TRIES_WHEN_REFUSED:
                break
            refused += _may_succeed_later(told)
            await asyncio.sleep(self._dice.uniform(0.1, 0.5))
        await self._ask_afterwards(told)
        return told

    async def _ask_twice_at_once(self, told: Told) -> None:
        """Which answer is the newer one nobody knows, but that an end is, and a success most."""
        answers = await asyncio.gather(self._answer(told), self._answer(told))
        for answer in sorted(answers, key=_how_late):
            self._hear(told, answer)

    async def _ask(self, told: Told) -> None:
        self._hear(told, await self._answer(told))

    async def _answer(self, told: Told) -> Receipt | None:
        self.counts["requests"] += 1
        try:
            receipt = await self._graph.mutate(told.mutation, told.mutation.variables())
        except NoAnswer as exc:
            self.counts["requests without an answer"] += 1
            self._note(told, f"no answer: {exc}")
            return None
        self.counts["replays"] += receipt.replayed
        self._note(told, str(receipt))
        return receipt

    def _hear(self, told: Told, receipt: Receipt | None) -> None:
        if receipt is None:
            told.hear_nothing()
        else:
            told.hear(receipt)

    async def _wait_for_outcome(self, told: Told) -> None:
        deadline = time.monotonic() + _WAITS_FOR_OUTCOME_SECONDS
        while told.is_open and time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            self.counts["questions for an outcome"] += 1
            try:
                found = await self._graph.outcomes([told.mutation.key])
            except NoAnswer:
                continue
            if (receipt := found.get(told.mutation.key)) is not None:
                self._note(told, str(receipt))
                told.hear(receipt)

    async def _ask_afterwards(self, told: Told) -> None:
        """What has succeeded is not done again, and its key is taken."""
        if told.receipt is None or told.receipt.status is not Status.SUCCEEDED:
            return
        if self._dice.random() < _AGAIN_AFTERWARDS_SHARE:
            await self._ask(told)
        if self._dice.random() < _AGAIN_AFTERWARDS_SHARE:
            await self._ask_for_something_else(told)

    async def _ask_for_something_else(self, told: Told) -> None:
        self.counts["keys used for something else"] += 1
        amount = told.mutation.amount + _OTHER_AMOUNT
        try:
            answer = await self._graph.mutate(told.mutation, told.mutation.variables(amount=amount))
        except NoAnswer:
            return
        if answer.code != "IDEMPOTENCY_KEY_REUSED":
            told.broken.append(f"the key was taken for something else: {answer}")

    def _note(self, told: Told, what: str) -> None:
        told.story.append(f"{time.monotonic() - self._started_at:.1f}s {what}")


def _how_late(answer: Receipt | None) -> tuple[bool, bool]:
    status = answer.status if answer else None
    return status is not None and not status.is_open, status is Status.SUCCEEDED


def _may_succeed_later(told: Told) -> bool:
    receipt = told.receipt
    return receipt is not None and receipt.status is Status.REJECTED and receipt.retryable
