"""What there is to count, in the text format of Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.metadata import version as installed_version
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from adapters.transport.figures import Figures
from adapters.transport.way import Way
from app.cache.front import SharedReads
from app.domain.clock import Clock
from app.domain.durations import Durations
from app.domain.identifiers import SourceKey
from app.domain.source_health import CircuitState, SourceState
from app.door import Tally
from app.journal.backlog import Backlog
from app.journal.failures import JournalUnavailable
from app.journal.journal import Journal
from app.operations.carry_out import Operations

_JOURNAL_WITHIN_SECONDS: Final = 2.0
"""Without its answer by then the other metrics go out alone."""


class Metrics:
    """
    Read from where it stands, when it is asked for: what is counted costs nothing but the counting.

    Labels are names of this program and of the configuration, and nothing that a caller or a
    provider says; so they are few, and tell of nobody.

    Args:
        ways: To the sources that are watched.
        shared: What is remembered of them.
    """

    def __init__(
        self,
        ways: Mapping[SourceKey, Way],
        shared: SharedReads,
        operations: Operations,
        journal: Journal,
        *,
        clock: Clock,
    ) -> None:
        self._ways = ways
        self._shared = shared
        self._operations = operations
        self._journal = journal
        self._clock = clock

    async def read(self, requests: Tally) -> bytes:
        figures = await asyncio.gather(*(way.figures() for way in self._ways.values()))
        backlog = await self._backlog()
        return generate_latest(
            _Read(
                [
                    *_of_this_program(),
                    *_of_requests(requests),
                    *_of_sources(dict(zip(self._ways, figures, strict=True))),
                    *_of_reads(self._shared),
                    *_of_operations(self._operations),
                    *_of_journal(backlog, self._clock()),
                    *_process().collect(),
                ]
            )
        )

    async def _backlog(self) -> Backlog | None:
        """None while the journal cannot tell. A query is never cut off in the middle."""
        asking = asyncio.create_task(self._told_backlog())
        answered, _ = await asyncio.wait([asking], timeout=_JOURNAL_WITHIN_SECONDS)
        return asking.result() if asking in answered else None

    async def _told_backlog(self) -> Backlog | None:
        try:
            return await self._journal.backlog()
        except JournalUnavailable:
            return None


class _Read(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


@cache
def _process() -> CollectorRegistry:
    """Memory, CPU time and open files, where there is a /proc, and the garbage collector's work."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def _of_this_program() -> Iterator[Metric]:
    built = {"version": installed_version("creditgraph")}
    yield InfoMetricFamily("creditgraph_build", "The release that runs.", value=built)


def _of_requests(tally: Tally) -> Iterator[Metric]:
    yield _gauge("requests_in_flight", "Requests that are being answered.", tally.in_flight)
    ended = _counter("requests", "Requests by HTTP status; 499: nobody waited.", "route", "status")
    for (route, status), many in tally.ended.items():
        ended.add_metric([route, str(int(status))], many)
    yield ended
    refused = _counter("requests_refused", "Requests refused before GraphQL, by code.", "code")
    for code, many in tally.refused.items():
        refused.add_metric([code], many)
    yield refused
    took = _histogram("request_duration_seconds", "From the head to the last byte.", "route")
    for route, durations in tally.took.items():
        _add(took, [route], durations)
    yield took


def _of_sources(sources: Mapping[SourceKey, Figures]) -> Iterator[Metric]:
    yield from _states(sources)
    yield from _calls(sources)
    yield from _calls_not_made(sources)


def _states(sources: Mapping[SourceKey, Figures]) -> Iterator[Metric]:
    states = _gauges("source_state", "1 for the state the source is in.", "source", "state")
    circuits = _gauges(
        "provider_circuit_state", "1 for the state the circuit is in.", "source", "class", "state"
    )
    for source, seen in sources.items():
        for state in (SourceState.UP, SourceState.DEGRADED, SourceState.DOWN):
            states.add_metric([source, state], seen.state is state)
        for call_class, circuit in seen.circuits.items():
            for known in CircuitState:
                circuits.add_metric([source, call_class, known], circuit is known)
    yield states
    yield circuits
    changes = _counter(
        "provider_circuit_changes",
        "Circuits that opened or closed, by the state they came to.",
        *("source", "class", "state"),
    )
    for source, seen in sources.items():
        for (call_class, circuit), many in seen.circuit_changes.items():
            changes.add_metric([source, call_class, circuit], many)
    yield changes


def _calls(sources: Mapping[SourceKey, Figures]) -> Iterator[Metric]:
    in_flight = _gauges("provider_calls_in_flight", "Calls that are being made.", "source")
    ended = _counter(
        "provider_calls", "Calls that were made, by how they ended.", "source", "class", "outcome"
    )
    took = _histogram(
        "provider_call_duration_seconds", "Calls that were made, each try.", "source", "class"
    )
    for source, seen in sources.items():
        in_flight.add_metric([source], seen.tally.in_flight)
        for (call_class, outcome), many in seen.tally.ended.items():
            ended.add_metric([source, call_class, outcome], many)
        for call_class, durations in seen.tally.took.items():
            _add(took, [source, call_class], durations)
    yield in_flight
    yield ended
    yield took


def _calls_not_made(sources: Mapping[SourceKey, Figures]) -> Iterator[Metric]:
    repeats = _counter("provider_retries", "Reads that were asked once more.", "source")
    turned_away = _counter(
        "provider_calls_turned_away", "Calls that were not made, by why.", "source", "reason"
    )
    remaining = _gauges(
        "provider_calls_remaining", "Calls that the rate limit allows now.", "source"
    )
    for source, seen in sources.items():
        repeats.add_metric([source], seen.repeats)
        for reason, many in seen.turned_away.items():
            turned_away.add_metric([source, reason], many)
        if seen.remaining is not None:
            remaining.add_metric([source], seen.remaining)
    yield repeats
    yield turned_away
    yield remaining


def _of_reads(shared: SharedReads) -> Iterator[Metric]:
    given = _counter("reads", "What sources told, by how fresh it was.", "source", "freshness")
    for (source, freshness), many in shared.given.items():
        given.add_metric([source, freshness], many)
    yield given
    failed = _counter("read_failures", "Reads that told nothing, by why.", "source", "kind")
    for (source, kind), many in shared.failed.items():
        failed.add_metric([source, kind], many)
    yield failed


def _of_operations(operations: Operations) -> Iterator[Metric]:
    ended = _counter(
        "operations", "What changes something, by what became of it.", "operation", "status"
    )
    for (name, status), many in operations.ended.items():
        ended.add_metric([name, status], many)
    yield ended


def _of_journal(backlog: Backlog | None, now: datetime) -> Iterator[Metric]:
    yield _gauge("journal_up", "Whether the journal answers.", int(backlog is not None))
    unsettled = _gauges(
        "operations_unsettled", "Operations of all replicas that are not final.", "status"
    )
    oldest = _gauges(
        "operations_oldest_unsettled_seconds", "Age of the oldest that is not final; else 0."
    )
    if backlog is not None:
        for status, many in backlog.counts.items():
            unsettled.add_metric([status], many)
        age = 0.0 if backlog.oldest_at is None else (now - backlog.oldest_at).total_seconds()
        oldest.add_metric([], max(0.0, age))
    yield unsettled
    yield oldest


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"creditgraph_{name}", says, value=value)


def _gauges(name: str, says: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"creditgraph_{name}", says, labels=labels)


def _counter(name: str, says: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"creditgraph_{name}", says, labels=labels)


def _histogram(name: str, says: str, *labels: str) -> HistogramMetricFamily:
    return HistogramMetricFamily(f"creditgraph_{name}", says, labels=labels)


def _add(family: HistogramMetricFamily, labels: Sequence[str], durations: Durations) -> None:
    *buckets, (_, all_of_them) = [(str(bound), float(many)) for bound, many in durations.at_most()]
    family.add_metric(labels, [*buckets, ("+Inf", all_of_them)], durations.total_seconds)
