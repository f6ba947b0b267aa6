"""The comparison itself: whatever must never be is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pytest

from benchmarks.soak.callers import Told
from benchmarks.soak.graph import Receipt, Status
from benchmarks.soak.instruments import Instrument, Known, Provider
from benchmarks.soak.ledgers import Book, Line
from benchmarks.soak.mutations import KINDS, Mutation
from benchmarks.soak.reconciliation import Breach, reconcile

CARD = Instrument(Provider.VTEX_GIFTCARD, "card")
OTHER_CARD = Instrument(Provider.VTEX_GIFTCARD, "other card")
CREDIT, DEBIT = KINDS[Provider.VTEX_GIFTCARD]
OPENING = Line(Decimal(100))
AMOUNT = Decimal("12.34")
CREDITED = Line(AMOUNT)
DEBITED = Line(-AMOUNT, captured=(AMOUNT,))

Books = Mapping[Instrument, Book]


def receipt(status: Status, id_: str = "one", *, retryable: bool = False) -> Receipt:
    return Receipt(id=id_, status=status, replayed=False, retryable=retryable)


def told(status: Status | None, *, debit: bool = False) -> Told:
    mutation = Mutation("key", DEBIT if debit else CREDIT, Known(CARD, "id"), AMOUNT)
    return Told(mutation, receipt(status) if status else None)


def books(*lines: Line, other: tuple[Line, ...] = (), astray: Decimal = Decimal(0)) -> Books:
    return {
        CARD: Book(100 + sum(line.effect for line in lines) + astray, [OPENING, *lines]),
        OTHER_CARD: Book(100 + Decimal(sum(line.effect for line in other)), [OPENING, *other]),
    }


def breaches(one: Told, after: Books) -> set[Breach]:
    return {finding.breach for finding in reconcile([one], books(), after)}


@pytest.mark.parametrize(
    ("one", "after"),
    [
        (told(Status.SUCCEEDED), books(CREDITED)),
        (told(Status.SUCCEEDED, debit=True), books(DEBITED)),
        (told(Status.REJECTED), books()),
    ],
)
def test_what_was_told_and_booked_alike_is_no_finding(one: Told, after: Books) -> None:
    assert breaches(one, after) == set()


@dataclass(frozen=True)
class Wrong:
    breach: Breach
    one: Callable[[], Told]
    after: Books


WRONG = [
    Wrong(Breach.BOOKED_TWICE, lambda: told(Status.SUCCEEDED), books(CREDITED, CREDITED)),
    Wrong(Breach.REJECTED_YET_BOOKED, lambda: told(Status.REJECTED), books(CREDITED)),
    Wrong(Breach.SUCCEEDED_NOT_BOOKED, lambda: told(Status.SUCCEEDED), books()),
    Wrong(Breach.BOOKED_OTHERWISE, lambda: told(Status.SUCCEEDED), books(Line(-AMOUNT))),
    Wrong(Breach.BOOKED_OTHERWISE, lambda: told(Status.SUCCEEDED), books(other=(CREDITED,))),
    Wrong(
        Breach.CAPTURED_OTHERWISE,
        lambda: told(Status.SUCCEEDED, debit=True),
        books(Line(-AMOUNT, captured=(AMOUNT, AMOUNT))),
    ),
    Wrong(
        Breach.CAPTURED_OTHERWISE, lambda: told(Status.SUCCEEDED, debit=True), books(Line(-AMOUNT))
    ),
    Wrong(Breach.NOBODY_ASKED, lambda: told(Status.REJECTED), books(Line(Decimal(7)))),
    Wrong(Breach.NOT_SETTLED, lambda: told(Status.UNKNOWN), books()),
    Wrong(Breach.NOT_SETTLED, lambda: told(None), books()),
    Wrong(Breach.NEEDS_ATTENTION, lambda: told(Status.NEEDS_ATTENTION), books(CREDITED)),
    Wrong(
        Breach.NOT_CONSERVED,
        lambda: told(Status.SUCCEEDED),
        books(CREDITED, astray=Decimal("0.0001")),
    ),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.breach)
def test_what_must_never_be_is_found(wrong: Wrong) -> None:
    assert wrong.breach in breaches(wrong.one(), wrong.after)


def test_a_ledger_whose_old_lines_change_is_found() -> None:
    rewritten = {**books(), CARD: Book(Decimal(100), [Line(Decimal(99)), Line(Decimal(1))])}
    assert Breach.REWRITTEN in breaches(told(Status.REJECTED), rewritten)


def test_a_client_that_is_told_success_and_then_something_else_is_found() -> None:
    one = told(Status.SUCCEEDED)
    one.hear(receipt(Status.SUCCEEDED, "another"))
    assert breaches(one, books(CREDITED)) == {Breach.TOLD_OTHERWISE}


def test_a_client_that_is_told_a_refusal_which_was_none_is_found() -> None:
    one = told(Status.REJECTED)
    one.hear_finally(receipt(Status.SUCCEEDED))
    assert breaches(one, books(CREDITED)) == {Breach.TOLD_OTHERWISE}


def test_a_refusal_that_freed_the_key_binds_nobody_once_the_key_may_be_taken_again() -> None:
    one = told(None)
    one.hear(receipt(Status.REJECTED, "first", retryable=True))
    one.hear_nothing()
    one.hear_finally(receipt(Status.SUCCEEDED, "second"))
    assert breaches(one, books(CREDITED)) == set()


def test_a_finding_tells_the_story_of_its_key() -> None:
    one = told(Status.REJECTED)
    one.story.append("1.0s UNKNOWN")
    [finding, *_] = reconcile([one], books(), books(CREDITED))
    assert "key: creditGiftCard of 12.34" in str(finding)
    assert "1.0s UNKNOWN" in str(finding)
