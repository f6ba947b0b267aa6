"""The outcome as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from benchmarks.gateways.machine import machine, versions
from benchmarks.gateways.outcome import Outcome
from benchmarks.gateways.rounds import Result
from benchmarks.gateways.scenes import IDENTICAL, SLOW_MS, SLOWEST_PATH_MS
from benchmarks.gateways.targets import verdicts

_INTRODUCTION = """# What a query costs

Written by `make bench`. Every contestant is one process on one core; the stub of the providers and
the load have another. Rounds are interleaved, every answer is checked, figures are medians over the
rounds; CPU is user and system time of the contestant for one answer, and how it compares is the
median of the ratios within each round.
"""


def page(outcome: Outcome) -> str:
    parts = [
        [_INTRODUCTION],
        _targets(outcome),
        chain.from_iterable(_race(one, outcome) for one in outcome.results),
        _identical(outcome),
        _slow(outcome),
        _hanging(outcome),
        _memory(outcome),
        _started(outcome),
        _left_out(outcome),
        _surroundings(outcome),
    ]
    return "\n".join(chain.from_iterable(parts)).rstrip() + "\n"


def _targets(outcome: Outcome) -> Iterator[str]:
    rows = [
        (one.question, one.at_least, one.stretch, one.found, one.word) for one in verdicts(outcome)
    ]
    if rows:
        yield "## What was to be reached\n"
        yield from _table(("Question", "At least", "Stretch", "Found", ""), rows)


def _race(result: Result, outcome: Outcome) -> Iterator[str]:
    race = result.race
    yield f"## {race.title}\n"
    head = ("", "CPU, µs", f"x {race.reference}", "answers/s", "p50, ms", "p99, ms", "calls", "MB")
    rows = []
    for key in result.samples:
        typical, ratio = result.typical(key), result.ratio(key)
        rows.append(
            (
                outcome.names[key],
                f"{typical.cpu_us:,.0f}",
                "" if ratio is None else f"{ratio:.2f}",
                f"{typical.per_second:,.0f}",
                f"{typical.p50_ms:.1f}",
                f"{typical.p99_ms:.1f}",
                f"{typical.calls:.2f}",
                f"{typical.memory_mb:.0f}",
            )
        )
    yield from _table(head, rows)
    yield f"{race.connections} questions at a time; `calls` are provider calls an answer.\n"
    for key, what in result.wrong.items():
        yield f"Not in the table: {outcome.names[key]}. It answered: `{_short(what)}`\n"


def _identical(outcome: Outcome) -> Iterator[str]:
    if outcome.identical:
        yield f"## {IDENTICAL} identical cold queries at once\n"
        yield from _table(
            ("", "Provider calls in all", "Most for one fact", "Slowest, ms"),
            [
                (
                    outcome.names[key],
                    f"{sum(crowd.calls.values())}",
                    f"{max(crowd.calls.values())}",
                    f"{crowd.slowest_ms:,.0f}",
                )
                for key, crowd in outcome.identical.items()
            ],
        )


def _slow(outcome: Outcome) -> Iterator[str]:
    if outcome.slow:
        yield f"## Providers that take {SLOW_MS} ms\n"
        yield from _table(
            ("", "p50, ms", f"over the slowest path ({SLOWEST_PATH_MS} ms)", "p99, ms"),
            [
                (
                    outcome.names[key],
                    f"{load.percentile(0.5):.1f}",
                    f"+ {load.percentile(0.5) - SLOWEST_PATH_MS:.1f}",
                    f"{load.percentile(0.99):.1f}",
                )
                for key, load in outcome.slow.items()
            ],
        )
        yield "One question at a time.\n"


def _hanging(outcome: Outcome) -> Iterator[str]:
    if seen := outcome.sickness:
        yield "## One provider hangs\n"
        yield from _table(
            ("", ""),
            [
                ("the other three's data, slowest answer", f"{seen.whole_after_ms:,.0f} ms"),
                ("queries that spare it, ill to well", f"{seen.throughput:.2f}"),
                ("questions to it later on, p50", f"{seen.open_ms:,.0f} ms"),
                ("whole again after its return", f"{seen.back_after_seconds:.1f} s"),
            ],
        )


def _memory(outcome: Outcome) -> Iterator[str]:
    if seen := outcome.memory:
        yield f"## Memory under load for {outcome.plan.minutes:g} min\n"
        figures = ", ".join(f"{one:.0f}" for one in seen.megabytes)
        yield f"{seen.answers:,} answers; resident megabytes at the end of each tenth: {figures}.\n"
        yield "`make bench ARGS='--only ours --question memory --minutes 10'` takes longer.\n"


def _started(outcome: Outcome) -> Iterator[str]:
    yield "## From the command to the first good answer\n"
    yield from _table(
        ("", "Seconds"),
        [(outcome.names[key], f"{seconds:.2f}") for key, seconds in outcome.started.items()],
    )


def _left_out(outcome: Outcome) -> Iterator[str]:
    if outcome.left_out or outcome.broken:
        yield "## What is missing\n"
        yield from (f"- {name}: {_short(why)}" for name, why in outcome.left_out.items())
        yield from (f"- {_short(what)}" for what in outcome.broken)
        yield ""


def _surroundings(outcome: Outcome) -> Iterator[str]:
    plan = outcome.plan
    yield "## Where and with what\n"
    yield from (f"- {line}" for line in machine())
    yield f"- {plan.rounds} rounds of {plan.seconds:g} s, {plan.warm_up_seconds:g} s to warm up"
    yield ""
    yield from _table(("Package", "Version"), versions())


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join(['---', *(len(head) - 1) * ['---:']])} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _short(text: str) -> str:
    return " ".join(text.split())[:600].replace("|", "/")
