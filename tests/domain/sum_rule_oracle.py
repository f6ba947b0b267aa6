"""
The sum rule a second time, from the design page alone.

Whole numbers of the minor unit and fractions; no decimal arithmetic, nothing of `app`. A world is
what the providers would say; `expected` is what a customer must be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

MINOR_UNITS_IN_ONE = {"BRL": 100, "USD": 100, "JPY": 1, "KWD": 1000}

LINE, CARD, STORE = "CREDIT_LINE", "GIFT_CARD", "STORE_CREDIT"


@dataclass(frozen=True)
class Vtex:
    """`is_open` and the figures of a VTEX credit account; tolerance as the provider wrote it."""

    currency: str
    is_open: bool
    limit: Decimal
    available_credit: Decimal
    available_balance: Decimal
    tolerance: Decimal | None
    store: str
    """The store's word on tolerance: enabled, disabled, silent."""


@dataclass(frozen=True)
class Adobe:
    currency: str
    blocked: bool
    limit: Decimal | None
    available_limit: Decimal
    exceed_limit: bool


@dataclass(frozen=True)
class Card:
    """Seconds are counted from the moment of asking."""

    currency: str
    active: bool
    balance: Decimal
    expires_in: int | None


@dataclass(frozen=True)
class Store:
    currency: str
    claimed: bool
    balance: Decimal


Line = Vtex | Adobe | Card | Store


@dataclass(frozen=True)
class World:
    asked: str
    wants_tolerance: bool
    lines: Sequence[Line]
    seconds_old: Sequence[int]
    seen_again: Sequence[int]
    """Indexes of lines that a second search brings once more."""
    something_missing: bool
    anyone_answered: bool
    rates: Mapping[str, Decimal]
    haircut_bps: int


@dataclass(frozen=True)
class Answer:
    """All amounts in whole minor units of their currency."""

    eligible: Sequence[bool]
    counted: Sequence[bool]
    amounts: Sequence[int]
    total: int | None
    indicative: int | None
    unconverted: Counter[tuple[str, int]]
    by_kind: Mapping[str, tuple[int, int]]
    by_currency: Mapping[str, tuple[int, int]]
    completeness: str
    oldest: int | None


def expected(world: World) -> Answer:
    amounts = [_payable(line, wants_tolerance=world.wants_tolerance) for line in world.lines]
    counted = [
        amount > 0 and line.currency == world.asked
        for line, amount in zip(world.lines, amounts, strict=True)
    ]
    sum_ = sum(amount for amount, counts in zip(amounts, counted, strict=True) if counts)
    extra, unconverted = _converted(world, amounts)
    return Answer(
        eligible=[amount > 0 for amount in amounts],
        counted=counted,
        amounts=amounts,
        total=sum_ if world.anyone_answered else None,
        indicative=sum_ + extra if world.anyone_answered else None,
        unconverted=unconverted,
        by_kind=_by_kind(world, amounts, counted),
        by_currency=_by_currency(world, amounts),
        completeness=_completeness(world),
        oldest=max(
            (age for age, counts in zip(world.seconds_old, counted, strict=True) if counts),
            default=None,
        ),
    )


def kind_of(line: Line) -> str:
    if isinstance(line, Card):
        return CARD
    return STORE if isinstance(line, Store) else LINE


def _payable(line: Line, *, wants_tolerance: bool) -> int:
    """Row by row the table of the design page, rounded down; below one minor unit is nothing."""
    if isinstance(line, Vtex):
        room = _vtex(line, wants_tolerance=wants_tolerance)
    elif isinstance(line, Adobe):
        room = Fraction(0) if line.blocked or not line.limit else Fraction(line.available_limit)
    elif isinstance(line, Card):
        over = line.expires_in is not None and line.expires_in <= 0
        room = Fraction(0) if over or not line.active else Fraction(line.balance)
    else:
        room = Fraction(line.balance) if line.claimed else Fraction(0)
    return max(0, _minor(room, line.currency))


def _vtex(line: Vtex, *, wants_tolerance: bool) -> Fraction:
    if not line.is_open:
        return Fraction(0)
    h = Fraction(0)
    tolerance = Fraction(line.tolerance or 0)
    if line.store == "enabled" and 0 <= tolerance <= 1 and wants_tolerance:
        h = Fraction(line.limit) * tolerance
    return min(Fraction(line.available_credit), Fraction(line.available_balance)) + h


def _minor(amount: Fraction, currency: str) -> int:
    return floor(amount * MINOR_UNITS_IN_ONE[currency])


def _converted(world: World, amounts: Sequence[int]) -> tuple[int, Counter[tuple[str, int]]]:
    extra = 0
    unconverted: Counter[tuple[str, int]] = Counter()
    for line, amount in zip(world.lines, amounts, strict=True):
        if line.currency == world.asked or amount == 0:
            continue
        rate = world.rates.get(line.currency)
        if rate is None:
            unconverted[line.currency, amount] += 1
        else:
            major = Fraction(amount, MINOR_UNITS_IN_ONE[line.currency])
            kept = Fraction(10_000 - world.haircut_bps, 10_000)
            extra += _minor(major * Fraction(rate) * kept, world.asked)
    return extra, unconverted


def _by_kind(
    world: World, amounts: Sequence[int], counted: Sequence[bool]
) -> Mapping[str, tuple[int, int]]:
    sums = {kind_of(line): (0, 0) for line in world.lines}
    for line, amount, counts in zip(world.lines, amounts, counted, strict=True):
        if counts:
            before, lines = sums[kind_of(line)]
            sums[kind_of(line)] = (before + amount, lines + 1)
    return sums


def _by_currency(world: World, amounts: Sequence[int]) -> Mapping[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for line, amount in zip(world.lines, amounts, strict=True):
        if amount:
            before, lines = sums.get(line.currency, (0, 0))
            sums[line.currency] = (before + amount, lines + 1)
    return sums


def _completeness(world: World) -> str:
    if not world.anyone_answered:
        return "NONE"
    return "PARTIAL" if world.something_missing else "COMPLETE"
