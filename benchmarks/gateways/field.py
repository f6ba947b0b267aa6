"""Those who have come to the start: prepared, started, and timed until their first good answer."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.gateways.contestants import Contestant, Place
from benchmarks.gateways.load import NO_GOOD_ANSWER, ask_each
from benchmarks.gateways.people import SHOPPERS
from benchmarks.gateways.processes import Cores, DidNotStart, Running, free_port, running, until
from benchmarks.gateways.questions import Question
from benchmarks.gateways.stub_control import Stub


@dataclass(frozen=True)
class Entrant:
    """
    Attributes:
        started_seconds: From the command to the first good answer.
    """

    contestant: Contestant
    process: Running
    started_seconds: float

    @property
    def key(self) -> str:
        return self.contestant.key

    @property
    def port(self) -> int:
        return self.process.port


@dataclass
class Field:
    """
    Attributes:
        left_out: Who cannot take part here, by name, and why.
    """

    entrants: list[Entrant] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def named(self, keys: Sequence[str]) -> list[Entrant]:
        return [one for one in self.entrants if one.key in keys]

    def find(self, key: str) -> Entrant | None:
        return next(iter(self.named([key])), None)


@asynccontextmanager
async def line_up(
    contestants: Sequence[Contestant], stub: Stub, folder: Path, cores: Cores
) -> AsyncIterator[Field]:
    """All of *contestants* that can be had, idle beside each other on the one core."""
    lined_up = Field()
    async with AsyncExitStack() as stack:
        for contestant in contestants:
            if reason := contestant.prepare():
                lined_up.left_out[contestant.name] = reason
                continue
            try:
                entrant = await stack.enter_async_context(
                    at_the_start(contestant, stub, folder, cores)
                )
            except DidNotStart as exc:
                lined_up.left_out[contestant.name] = f"did not start: {exc}"
            else:
                lined_up.entrants.append(entrant)
        yield lined_up


@asynccontextmanager
async def at_the_start(
    contestant: Contestant, stub: Stub, folder: Path, cores: Cores
) -> AsyncIterator[Entrant]:
    """
    Raises:
        DidNotStart
    """
    port = free_port()
    own_folder = folder / f"{contestant.key}-{port}"
    own_folder.mkdir()
    how = contestant.start(Place(port, stub.url, own_folder))
    began = time.monotonic()
    async with running(
        how.command,
        port=port,
        core=cores.contestant,
        log=own_folder / "log",
        environment=how.environment,
    ) as process:
        if not await until(lambda: _answers(contestant, port), process):
            raise DidNotStart(process.last_words())
        yield Entrant(contestant, process, time.monotonic() - began)


async def _answers(contestant: Contestant, port: int) -> bool:
    """A wrong answer is none yet: some listen before they are ready."""
    try:
        await ask_each(port, [contestant.ask(Question.TOTAL, SHOPPERS[0])], connections=1)
    except NO_GOOD_ANSWER:
        return False
    return True
