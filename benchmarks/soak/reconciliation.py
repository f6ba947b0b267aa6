"""What the clients were told beside what the providers hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from benchmarks.soak.callers import Told
from benchmarks.soak.graph import Status
from benchmarks.soak.instruments import Instrument, Provider
from benchmarks.soak.ledgers import Book, Line
from benchmarks.soak.mutations import Mutation


class Breach(StrEnum):
    """What must never be."""

    BOOKED_TWICE = "booked twice"
    REJECTED_YET_BOOKED = "booked and reported as rejected"
    SUCCEEDED_NOT_BOOKED = "reported as succeeded and not booked"
    BOOKED_OTHERWISE = "booked on another instrument, or in the other direction"
    CAPTURED_OTHERWISE = "debit not captured exactly once"
    NOBODY_ASKED = "booked and asked for by nobody"
    NOT_SETTLED = "outcome not known in time"
    NEEDS_ATTENTION = "left to a person"
    TOLD_OTHERWISE = "told one thing, then another"
    NOT_CONSERVED = "balance is not what was booked"
    REWRITTEN = "old lines of a ledger have changed"


@dataclass(frozen=True, slots=True)
class Finding:
    breach: Breach
    about: str

    def __str__(self) -> str:
        return f"{self.breach}: {self.about}"


@dataclass(frozen=True, slots=True)
class Booked:
    """A line that was written during the run, and where."""

    on: Instrument
    line: Line


def reconcile(
    told: Sequence[Told],
    before: Mapping[Instrument, Book],
    after: Mapping[Instrument, Book],
) -> Sequence[Finding]:
    """Every breach; none is how it has to be."""
    booked = _booked_since(before, after)
    by_amount: dict[tuple[Provider, Decimal], list[Booked]] = defaultdict(list)
    for one in booked:
        by_amount[one.on.provider, abs(one.line.effect)].append(one)
    asked = {(one.mutation.kind.provider, one.mutation.amount) for one in told}
    return [
        *(found for one in told for found in _of_mutation(one, by_amount)),
        *(
            Finding(Breach.NOBODY_ASKED, f"{one.line.effect} on {one.on}")
            for one in booked
            if (one.on.provider, abs(one.line.effect)) not in asked
        ),
        *_of_books(told, before, after),
    ]


def _booked_since(
    before: Mapping[Instrument, Book], after: Mapping[Instrument, Book]
) -> Sequence[Booked]:
    return [
        Booked(instrument, line)
        for instrument, book in after.items()
        for line in book.lines[len(before[instrument].lines) :]
    ]


def _of_mutation(
    told: Told, by_amount: Mapping[tuple[Provider, Decimal], Sequence[Booked]]
) -> Iterator[Finding]:
    mutation = told.mutation
    lines = by_amount.get((mutation.kind.provider, mutation.amount), ())
    breaches = [*_of_status(told), *_of_lines(mutation, lines), *_of_both(told, lines)]
    for breach in breaches:
        yield Finding(breach, _story(told, lines))


def _of_status(told: Told) -> Iterator[Breach]:
    if told.broken:
        yield Breach.TOLD_OTHERWISE
    if told.is_open:
        yield Breach.NOT_SETTLED
    elif told.receipt and told.receipt.status not in (Status.SUCCEEDED, Status.REJECTED):
        yield Breach.NEEDS_ATTENTION


def _of_lines(mutation: Mutation, lines: Sequence[Booked]) -> Iterator[Breach]:
    if len(lines) > 1:
        yield Breach.BOOKED_TWICE
    asked = (mutation.on.instrument, mutation.effect)
    if any((one.on, one.line.effect) != asked for one in lines):
        yield Breach.BOOKED_OTHERWISE


def _of_both(told: Told, lines: Sequence[Booked]) -> Iterator[Breach]:
    match told.receipt and told.receipt.status, bool(lines):
        case Status.REJECTED, True:
            yield Breach.REJECTED_YET_BOOKED
        case Status.SUCCEEDED, False:
            yield Breach.SUCCEEDED_NOT_BOOKED
        case Status.SUCCEEDED, True if told.mutation.kind.is_captured:
            if any(one.line.captured != (told.mutation.amount,) for one in lines):
                yield Breach.CAPTURED_OTHERWISE


def _of_books(
    told: Iterable[Told], before: Mapping[Instrument, Book], after: Mapping[Instrument, Book]
) -> Iterator[Finding]:
    """By the ledger and by the receipts, to the last decimal."""
    succeeded: dict[Instrument, Decimal] = defaultdict(Decimal)
    for one in told:
        if one.receipt and one.receipt.status is Status.SUCCEEDED:
            succeeded[one.mutation.on.instrument] += one.mutation.effect
    for instrument, book in after.items():
        was = before[instrument]
        if list(book.lines[: len(was.lines)]) != list(was.lines):
            yield Finding(Breach.REWRITTEN, str(instrument))
        moved = book.balance - was.balance
        booked = sum((line.effect for line in book.lines[len(was.lines) :]), Decimal(0))
        if not moved == booked == succeeded[instrument]:
            figures = f"moved {moved}, booked {booked}, receipts say {succeeded[instrument]}"
            yield Finding(Breach.NOT_CONSERVED, f"{instrument}: {figures}")


def _story(told: Told, lines: Sequence[Booked]) -> str:
    mutation = told.mutation
    asked = f"{mutation.kind.name} of {mutation.amount} on {mutation.on.instrument}"
    booked = "; ".join(f"{one.line} on {one.on.native_id}" for one in lines) or "nothing"
    return f"{mutation.key}: {asked}\n    booked: {booked}\n    told: " + "\n          ".join(
        [*told.story, *told.broken]
    )
