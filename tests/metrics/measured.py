"""The application behind its door, on real ways to a sandbox in this process, and its metrics."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from adapters.transport.circuit import BreakerSettings
from adapters.transport.rates import CallsPerMinute
from adapters.transport.settings import SourceSettings
from adapters.transport.way import Way
from app.domain.identifiers import SourceKey
from app.door import Lifecycle
from app.door.rate_windows import BoundedWindows
from app.main import ENDPOINT, behind_the_door, create_app
from app.settings import Settings
from sandbox.application import create_sandbox
from tests.graphql.graph import as_caller, settings

OPENS_AT: Final = 3

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Family:
    """One metric, as a monitoring system reads it."""

    type: str
    samples: dict[tuple[str, Labels], float]

    @property
    def labels(self) -> set[str]:
        """Names, without that of a histogram's bounds."""
        return {name for _, given in self.samples for name, _ in given} - {"le"}


def families_in(text: str) -> dict[str, Family]:
    """By the name in queries: that of a counter ends with `_total`."""
    return {
        f"{one.name}_total" if one.type == "counter" else one.name: Family(
            one.type,
            {(each.name, frozenset(each.labels.items())): each.value for each in one.samples},
        )
        for one in text_string_to_metric_families(text)
    }


@dataclass(frozen=True)
class Measured:
    app: Any
    client: httpx.AsyncClient
    sandbox: httpx.AsyncClient

    async def ask(self, query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        response = await self.client.post(ENDPOINT, json=body, headers=as_caller("admin"))
        answer: dict[str, Any] = response.json()
        return answer

    async def fault(self, stand_in: str, mode: str, **options: object) -> None:
        body = {"mode": mode, **options}
        (await self.sandbox.put(f"/_sandbox/faults/{stand_in}", json=body)).raise_for_status()

    async def families(self) -> dict[str, Family]:
        response = await self.client.get("/metrics")
        assert response.status_code == 200, response.text
        return families_in(response.text)

    async def value(self, name: str, **labels: str) -> float | None:
        """Of one sample; None where there is none of that name and those labels."""
        labels = {one.rstrip("_"): text for one, text in labels.items()}
        return {
            name_and_labels: value
            for family in (await self.families()).values()
            for name_and_labels, value in family.samples.items()
        }.get((name, frozenset(labels.items())))


def _rate(source: SourceSettings) -> CallsPerMinute | None:
    if source.calls_per_minute is None:
        return None
    key, own = SourceKey(source.key), BoundedWindows(most=1)
    return CallsPerMinute(source.calls_per_minute, source=key, own=own)


@asynccontextmanager
async def measured(configured: Settings | None = None) -> AsyncIterator[Measured]:
    sandbox = httpx.ASGITransport(create_sandbox())
    configured = configured or settings()

    def way(one: SourceSettings) -> Way:
        breaker = BreakerSettings(least_calls=OPENS_AT, open_seconds=600)
        changed = one.model_copy(update={"breaker": breaker, "timeout_seconds": 30})
        return Way(sandbox, changed, rate=_rate(one))

    app = create_app(configured, transport=way)
    door = behind_the_door(app, configured, Lifecycle())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(door), base_url="http://gateway.example"
        ) as client,
        httpx.AsyncClient(transport=sandbox, base_url="http://sandbox.example") as controls,
    ):
        yield Measured(app, client, controls)
