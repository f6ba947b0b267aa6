"""A provider dies under load and comes back: its own fields suffer, and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from app.authentication.api_keys import new_api_key
from app.run_sandbox import running_sandbox
from tests.metrics.measured import families_in
from tests.whole_gateway.configured import SECRETS, configuration, toml
from tests.whole_gateway.process import LOOPBACK, PATIENCE_SECONDS, Running, free_port, running

CLIENTS: Final = 4
KEY: Final = new_api_key()
TOKEN: Final = "of the monitoring system"
DEAD: Final = "medusa"
OTHERS: Final = frozenset({"vtex-credit", "vtex-giftcard", "adobe"})
SHOPPER: Final = {
    "email": "shopper@example.com",
    "document": "11144477735",
    "links": {DEAD: "cus_01K0A000000000000000000001"},
}
QUERY: Final = """{ customer(by: { email: "shopper@example.com" }) {
  spendableCredit(currency: BRL) {
    byInstrument { instrument { source { key } } } unavailable { kind source { key } } } } }"""


class Provider:
    """A sandbox in a process of its own, on the same port in each of its lives."""

    def __init__(self) -> None:
        self.port = free_port()
        self._life = ExitStack()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        await asyncio.to_thread(self._life.enter_context, running_sandbox(self.port))

    async def die(self) -> None:
        await asyncio.to_thread(self._life.pop_all().close)


@dataclass(frozen=True)
class Told:
    """An answer: which sources contributed, and why the others did not."""

    sources: frozenset[str]
    missing: frozenset[str]


EVERYTHING: Final = Told(OTHERS | {DEAD}, frozenset())


@dataclass(frozen=True)
class House:
    gateway: Running
    client: httpx.AsyncClient
    told: list[Told] = field(default_factory=list)

    async def ask_on(self) -> None:
        while True:
            response = await self.client.post(
                "/graphql", json={"query": QUERY}, headers={"X-Api-Key": KEY.key}
            )
            found: dict[str, Any] = response.json()["data"]["customer"]["spendableCredit"]
            sources = (one["instrument"]["source"]["key"] for one in found["byInstrument"])
            missing = (f"{one['source']['key']} {one['kind']}" for one in found["unavailable"])
            self.told.append(Told(frozenset(sources), frozenset(missing)))

    @contextmanager
    def asked_all_the_time(self) -> Iterator[None]:
        asking = [asyncio.create_task(self.ask_on()) for _ in range(CLIENTS)]
        try:
            yield
        finally:
            failed = [one.exception() for one in asking if one.done() and one.exception()]
            for one in asking:
                one.cancel()
        assert failed == []

    async def is_told(self, wanted: Told) -> bool:
        """By every answer to who asks from now on."""
        answers = await self.answers(3 * CLIENTS)
        return set(answers[CLIENTS:]) == {wanted}

    async def answers(self, many: int) -> list[Told]:
        """So many that come from now on."""
        begin = len(self.told)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.told) < begin + many:  # noqa: ASYNC110  who appends tells nobody
                await asyncio.sleep(0.02)
        return self.told[begin:]

    async def value(self, name: str, **labels: str) -> float:
        """Of a metric of the provider in question."""
        response = await self.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        wanted = (name, frozenset({"source": DEAD, **labels}.items()))
        return families_in(response.text)[name].samples.get(wanted, 0.0)

    async def is_circuit(self, state: str) -> bool:
        labels = {"class": "read", "state": state}
        return bool(await self.value("creditgraph_provider_circuit_state", **labels))

    def changes(self) -> list[tuple[str, str]]:
        """Circuits, and what the log says they came to."""
        lines = [json.loads(one) for one in self.gateway.said().splitlines() if one[:1] == "{"]
        changes = [one for one in lines if one["event"] == "circuit changed"]
        return [(one["source"], one["state"]) for one in changes]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():  # noqa: ASYNC110  another process is waited for
            await asyncio.sleep(0.02)


@asynccontextmanager
async def house(folder: Path, provider: Provider) -> AsyncIterator[House]:
    """Three sources at a sandbox of their own, and one that can be let die."""
    keys = [{"name": "load", "hash": KEY.hash_line, "level": "SERVICE", "scopes": ["credit:read"]}]
    others = Provider()
    await asyncio.gather(others.start(), provider.start())
    config = configuration(
        others.url,
        settings=f"""
            customers = {toml([SHOPPER])}
            metrics = {{ token = {{ env = "METRICS_TOKEN" }} }}
        """,
        authenticated=f"[authentication]\napi_keys = {toml(keys)}",
    )
    patient = "timeout_seconds = 10\nbreaker = { open_seconds = 0.5 }"
    config = config.replace("timeout_seconds = 0.5", patient)
    config = config.replace(f"{others.url}/{DEAD}", f"{provider.url}/{DEAD}")
    try:
        async with (
            running(folder, config, {**SECRETS, "METRICS_TOKEN": TOKEN}) as gateway,
            httpx.AsyncClient(base_url=gateway.url, timeout=30) as client,
        ):
            yield House(gateway, client)
    finally:
        await asyncio.gather(others.die(), provider.die())


async def test_a_provider_that_dies_under_load_takes_nothing_along_and_comes_back_by_a_probe(
    tmp_path: Path,
) -> None:
    provider = Provider()
    async with house(tmp_path, provider) as one:
        with one.asked_all_the_time():
            assert await one.is_told(EVERYTHING)

            await provider.die()
            await until(lambda: one.is_circuit("OPEN"))
            while_dead = set(await one.answers(10 * CLIENTS))

            await provider.start()
            await until(lambda: one.is_circuit("CLOSED"))
            assert await one.is_told(EVERYTHING)

        refused = await one.value("creditgraph_provider_calls_turned_away_total", reason="CIRCUIT")
    changes = one.changes()

    assert {told.sources for told in {*one.told}} == {OTHERS, OTHERS | {DEAD}}
    assert {told.sources for told in while_dead} == {OTHERS}
    assert Told(OTHERS, frozenset({f"{DEAD} CIRCUIT_OPEN"})) in while_dead
    assert {each.split()[0] for told in one.told for each in told.missing} == {DEAD}
    assert refused > 0
    assert changes[0] == (DEAD, "OPEN")
    assert changes[-1] == (DEAD, "CLOSED")
    assert changes.count((DEAD, "CLOSED")) == 1
