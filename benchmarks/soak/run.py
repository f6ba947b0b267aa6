"""One soak, from fresh processes to the comparison."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

import aiohttp
import asyncpg  # type: ignore[import-untyped]  # it has no stubs

from benchmarks.soak.callers import Callers, Told
from benchmarks.soak.graph import Graph, NoAnswer
from benchmarks.soak.instruments import Known
from benchmarks.soak.ledgers import Ledgers
from benchmarks.soak.mutations import Mutation, planned
from benchmarks.soak.processes import Gateway, kill_and_restart, running_gateways, running_sandbox
from benchmarks.soak.reconciliation import reconcile
from benchmarks.soak.report import Figures
from benchmarks.soak.weather import LATEST_MILLISECONDS, Weather

SETTLED_WITHIN_SECONDS: Final = 120
"""After the providers are well again every outcome is known."""

POSTGRESQL: Final = "postgresql://postgres@127.0.0.1:5432"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """
    Attributes:
        instruments: Of each provider; few of them are in each other's way.
        kills: Spread over the run.
        postgresql: The server in whose new database the journal lies; None for a SQLite file.
        writes_end_within_seconds: What the gateway is told of its providers.
    """

    mutations: int
    callers: int
    kills: int
    seed: int
    replicas: int = 1
    instruments: int = 24
    postgresql: str | None = None
    writes_end_within_seconds: int = 10

    @property
    def command(self) -> str:
        journal = "sqlite" if self.postgresql is None else "postgresql"
        return (
            f"python -m benchmarks.soak --mutations {self.mutations} --callers {self.callers} "
            f"--kills {self.kills} --journal {journal} --replicas {self.replicas} "
            f"--instruments {self.instruments} --seed {self.seed}"
        )


async def soak(plan: Plan, folder: Path) -> Figures:
    """
    Args:
        folder: For the files of the processes.

    Raises:
        DidNotStart: The sandbox or a gateway.
    """
    async with (
        _journal(plan.postgresql) as journal_url,
        running_sandbox(folder, instruments=plan.instruments) as sandbox,
        running_gateways(
            folder,
            sandbox,
            replicas=plan.replicas,
            journal_url=journal_url,
            writes_end_within_seconds=plan.writes_end_within_seconds,
        ) as gateways,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        return await _Soak(plan, session, sandbox, gateways).run()


@asynccontextmanager
async def _journal(server: str | None) -> AsyncIterator[str | None]:
    """The URL of a database that is there for one run."""
    if server is None:
        yield None
        return
    name = f"creditgraph_soak_{uuid4().hex}"
    connection = await asyncpg.connect(f"{server}/postgres", timeout=5)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server}/{name}"
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@dataclass
class _Soak:
    plan: Plan
    session: aiohttp.ClientSession
    sandbox: str
    gateways: Sequence[Gateway]
    told: list[Told] = field(default_factory=list)

    async def run(self) -> Figures:
        plan, started_at = self.plan, time.monotonic()
        dice = random.Random(plan.seed)
        graph = Graph(self.session, [one.url for one in self.gateways], random.Random(plan.seed))
        ledgers, known = Ledgers(self.session, self.sandbox), await graph.instruments()
        self._check_complete(known)
        before = await ledgers.read(one.instrument for one in known)
        weather = Weather(self.session, self.sandbox, random.Random(plan.seed))
        callers = Callers(graph, random.Random(plan.seed))
        await self._storm(callers, weather, planned(plan.mutations, known, dice), dice)
        left = len(self._open())
        longest = await self._settle(graph)
        after = await ledgers.read(before)
        return Figures(
            command=plan.command,
            journal="SQLite" if plan.postgresql is None else "PostgreSQL",
            replicas=plan.replicas,
            callers=plan.callers,
            told=self.told,
            findings=reconcile(self.told, before, after),
            counts=callers.counts,
            strikes=weather.strikes,
            kills=plan.kills,
            seconds=time.monotonic() - started_at,
            open_at_recovery=left,
            longest_settling_seconds=longest,
        )

    def _check_complete(self, known: Sequence[Known]) -> None:
        wanted = 4 * self.plan.instruments
        if len(known) != wanted:
            raise RuntimeError(f"the graph shows {len(known)} instruments of {wanted}")

    async def _storm(
        self,
        callers: Callers,
        weather: Weather,
        mutations: Sequence[Mutation],
        dice: random.Random,
    ) -> None:
        """All mutations, while providers fail and gateways die."""
        blowing = asyncio.create_task(weather.blow())
        left: Iterator[Mutation] = iter(mutations)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._kill_now_and_then(dice))
                for _ in range(self.plan.callers):
                    group.create_task(callers.work(left, self.told))
        finally:
            blowing.cancel()
            [end] = await asyncio.gather(blowing, return_exceptions=True)
        if isinstance(end, Exception):
            raise end
        await weather.clear()

    async def _kill_now_and_then(self, dice: random.Random) -> None:
        """At a random share of the mutations, each time, while there are more to come."""
        moments = sorted(dice.sample(range(self.plan.mutations * 4 // 5), self.plan.kills))
        for moment in moments:
            await self._until_done(moment)
            await kill_and_restart(self.gateways, dice)

    async def _until_done(self, mutations: int) -> None:
        while len(self.told) < mutations:  # noqa: ASYNC110  a list tells nobody that it has grown
            await asyncio.sleep(0.05)

    async def _settle(self, graph: Graph) -> float:
        """Ask what each key stands for in the end; how long until the last outcome was known."""
        recovered_at, longest = time.monotonic(), 0.0
        while (waiting := self._open()) and longest < SETTLED_WITHIN_SECONDS:
            with suppress(NoAnswer):
                await self._hear_outcomes(graph, waiting)
            longest = time.monotonic() - recovered_at
            await asyncio.sleep(0.2)
        await self._hear_outcomes(graph, self.told)
        await asyncio.sleep(LATEST_MILLISECONDS / 1000)
        return longest

    def _open(self) -> Sequence[Told]:
        return [one for one in self.told if one.is_open]

    async def _hear_outcomes(self, graph: Graph, waiting: Sequence[Told]) -> None:
        found = await graph.outcomes([one.mutation.key for one in waiting])
        for one in waiting:
            if (receipt := found.get(one.mutation.key)) is not None:
                one.hear_finally(receipt)
