"""The figures of a run, as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.soak.callers import Told
from benchmarks.soak.graph import Status
from benchmarks.soak.instruments import Provider
from benchmarks.soak.reconciliation import Breach, Finding


@dataclass(frozen=True, kw_only=True)
class Figures:
    """
    Attributes:
        command: What runs the same again.
        counts: What the callers did.
        open_at_recovery: Operations whose outcome was not known when the providers were well again.
        longest_settling_seconds: Until the last of those was known.
    """

    command: str
    journal: str
    replicas: int
    callers: int
    told: Sequence[Told]
    findings: Sequence[Finding]
    counts: Mapping[str, int]
    strikes: Mapping[tuple[Provider, str], int]
    kills: int
    seconds: float
    open_at_recovery: int
    longest_settling_seconds: float

    def page(self) -> str:
        return "\n".join(
            [
                "# Soak: money is moved once",
                "",
                f"`{self.command}`",
                "",
                *_table(("Outcome", *Provider, "all"), self._outcomes()),
                "",
                *_table(("Lost answers and outages", *Provider, "all"), self._struck()),
                "",
                *_table(("What happened", "times"), self._events()),
                "",
                *_table(("What must never be", "found"), self._breaches()),
                "",
            ]
        )

    def _outcomes(self) -> Iterator[tuple[object, ...]]:
        counted = Counter((_status(one), one.mutation.kind.provider) for one in self.told)
        for status in (*Status, "no receipt"):
            yield from _row(status, [counted[status, provider] for provider in Provider])
        totals = Counter(one.mutation.kind.provider for one in self.told)
        yield from _row("mutations", [totals[provider] for provider in Provider])

    def _struck(self) -> Iterator[tuple[object, ...]]:
        for mode in sorted({mode for _, mode in self.strikes}):
            yield from _row(mode, [self.strikes.get((one, mode), 0) for one in Provider])

    def _events(self) -> Iterator[tuple[object, ...]]:
        yield "journal", self.journal
        yield "replicas", self.replicas
        yield "callers at the same time", self.callers
        yield "gateways killed", self.kills
        yield from sorted(self.counts.items())
        yield "outcomes unknown at the recovery", self.open_at_recovery
        yield "seconds until the last was known", f"{self.longest_settling_seconds:.1f}"
        yield "seconds in all", f"{self.seconds:.0f}"

    def _breaches(self) -> Iterator[tuple[object, ...]]:
        found = Counter(finding.breach for finding in self.findings)
        return ((breach, found[breach]) for breach in Breach)


def _status(told: Told) -> str:
    return told.receipt.status if told.receipt else "no receipt"


def _row(name: str, cells: Sequence[int]) -> Iterator[tuple[object, ...]]:
    if any(cells):
        yield name, *cells, sum(cells)


def _table(head: Sequence[object], rows: Iterator[tuple[object, ...]]) -> list[str]:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return [f"| {' | '.join(map(str, line))} |" for line in lines]
