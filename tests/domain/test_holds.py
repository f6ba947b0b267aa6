"""What happened to money on a card, and what it makes of a hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.hold_events import HoldMode
from app.domain.holds import CardStory, HoldState
from app.domain.instruments import InstrumentKind
from app.domain.ledger import BalanceOperation, CardMovement, CardOperation, Direction
from app.domain.ledger import LedgerEntryKind as Kind
from tests.doubles.samples import NOW, a_card_movement, a_card_transaction, money


def movements(word: str, amounts: Sequence[str]) -> tuple[CardMovement, ...]:
    return tuple(
        a_card_movement(
            f"{word}-{index}", amount=amount, occurred_at=NOW - timedelta(hours=10 - index)
        )
        for index, amount in enumerate(amounts)
    )


def a_story(
    amount: str = "100.00",
    *,
    settled: Sequence[str] = (),
    cancelled: Sequence[str] = (),
    operation: CardOperation = CardOperation.DEBIT,
) -> CardStory:
    return CardStory(
        transaction=a_card_transaction(amount=amount, operation=operation),
        settlements=movements("settlement", settled),
        cancellations=movements("cancellation", cancelled),
    )


@pytest.mark.parametrize(
    ("remembered", "released", "refunded"),
    [("0", "40", "0"), ("30", "10", "30"), ("40", "0", "40"), ("90", "0", "40")],
)
def test_what_the_gateway_remembers_as_refunded_was_not_released(
    remembered: str, released: str, refunded: str
) -> None:
    story = a_story(settled=["50"], cancelled=["30", "10"])
    told = replace(story.hold(), refunded=money(remembered))

    hold = story.hold(told)

    assert (hold.released, hold.refunded) == (money(released), money(refunded))


@pytest.mark.parametrize(
    ("settled", "cancelled", "refunded", "remaining", "capturable"),
    [
        ([], [], "0", "100", "100"),
        (["60"], [], "0", "40", "40"),
        (["60"], ["20"], "0", "20", "20"),
        (["60"], ["20"], "20", "40", "20"),
        (["60", "20"], ["20"], "20", "20", "0"),
        (["60"], ["50"], "50", "40", "0"),
        (["130"], [], "0", "-30", "0"),
    ],
)
def test_of_what_remains_on_a_card_no_more_is_captured_than_was_not_given_back(
    settled: list[str], cancelled: list[str], refunded: str, remaining: str, capturable: str
) -> None:
    story = a_story(settled=settled, cancelled=cancelled)
    hold = story.hold(replace(story.hold(), refunded=money(refunded)))
    assert (hold.remaining, hold.capturable) == (money(remaining), money(capturable))


@pytest.mark.parametrize("kind", InstrumentKind)
def test_where_the_gateway_holds_all_that_remains_is_capturable(kind: InstrumentKind) -> None:
    hold = replace(
        a_story(settled=["60"]).hold(),
        mode=HoldMode.DEBIT_AND_REVERT,
        instrument_kind=kind,
        refunded=money("20"),
    )
    assert hold.capturable == hold.remaining == money("40")


@pytest.mark.parametrize(("refunded", "capturable"), [("0", "40"), ("20", "0")])
def test_of_a_pre_authorization_nothing_is_captured_after_a_refund(
    refunded: str, capturable: str
) -> None:
    hold = replace(
        a_story(settled=["60"]).hold(),
        instrument_kind=InstrumentKind.CREDIT_LINE,
        refunded=money(refunded),
    )
    assert (hold.remaining, hold.capturable) == (money("40"), money(capturable))


@pytest.mark.parametrize(
    ("settled", "cancelled", "state", "captured", "released", "refunded", "remaining"),
    [
        ([], [], HoldState.ACTIVE, "0", "0", "0", "100"),
        ([], ["40"], HoldState.ACTIVE, "0", "40", "0", "60"),
        ([], ["100"], HoldState.RELEASED, "0", "100", "0", "0"),
        ([], ["60", "40"], HoldState.RELEASED, "0", "100", "0", "0"),
        (["100"], [], HoldState.CAPTURED, "100", "0", "0", "0"),
        (["30", "70"], [], HoldState.CAPTURED, "100", "0", "0", "0"),
        (["30"], [], HoldState.PARTIALLY_CAPTURED, "30", "0", "0", "70"),
        (["30"], ["70"], HoldState.CAPTURED, "30", "70", "0", "0"),
        (["30"], ["20"], HoldState.PARTIALLY_CAPTURED, "30", "20", "0", "50"),
        (["100"], ["25"], HoldState.CAPTURED, "100", "0", "25", "0"),
        (["60"], ["40", "10"], HoldState.CAPTURED, "60", "40", "10", "0"),
        ([], ["150"], HoldState.RELEASED, "0", "100", "50", "0"),
        (["130"], [], HoldState.UNKNOWN, "130", "0", "0", "-30"),
        (["130"], ["10"], HoldState.UNKNOWN, "130", "0", "10", "-30"),
    ],
)
def test_a_debit_is_a_hold_in_a_state(
    settled: list[str],
    cancelled: list[str],
    state: HoldState,
    captured: str,
    released: str,
    refunded: str,
    remaining: str,
) -> None:
    hold = a_story(settled=settled, cancelled=cancelled).hold()
    assert hold.state(NOW) is state
    assert [hold.captured, hold.released, hold.refunded, hold.remaining] == [
        money(captured),
        money(released),
        money(refunded),
        money(remaining),
    ]


def test_a_hold_is_the_transactions_own() -> None:
    hold = a_story().hold()
    assert (hold.source, hold.instrument_id, hold.provider_hold_id) == (
        "cards",
        "card-1",
        "debit-1",
    )
    assert hold.mode is HoldMode.NATIVE
    assert hold.amount == money("100.00")
    assert hold.created_at == NOW - timedelta(days=3)


def test_a_debit_is_told_oldest_first() -> None:
    entries = a_story(settled=["60"], cancelled=["40"]).entries(first_credit=False)
    assert [(one.kind, one.direction, one.amount) for one in entries] == [
        (Kind.PRE_AUTHORIZATION, Direction.DEBIT, money("100.00")),
        (Kind.SETTLEMENT, Direction.NEUTRAL, money("60")),
        (Kind.CANCELLATION, Direction.CREDIT, money("40")),
    ]


def test_every_line_of_a_debit_names_its_hold_and_its_own_entry() -> None:
    entries = a_story(settled=["60"], cancelled=["40"]).entries(first_credit=False)
    assert {one.provider_hold_id for one in entries} == {"debit-1"}
    assert [(one.native.provider_entry_id, one.native.type) for one in entries] == [
        ("debit-1", "Debit"),
        ("settlement-0", "settlement"),
        ("cancellation-0", "cancellation"),
    ]
    assert {one.reference and one.reference.value for one in entries} == {"debit-1"}
    assert entries[1].occurred_at == NOW - timedelta(hours=10)
    assert entries[1].operation is None


@pytest.mark.parametrize(
    ("settled", "cancelled", "kinds"),
    [
        (["60"], ["40", "10"], [Kind.CANCELLATION, Kind.REFUND]),
        (["60"], ["10", "40"], [Kind.CANCELLATION, Kind.REFUND]),
        (["60"], ["50", "40"], [Kind.REFUND, Kind.CANCELLATION]),
        (["100"], ["10"], [Kind.REFUND]),
        ([], ["60", "40"], [Kind.CANCELLATION, Kind.CANCELLATION]),
        ([], ["150"], [Kind.REFUND]),
    ],
)
def test_what_is_given_back_beyond_the_uncaptured_part_is_a_refund(
    settled: list[str], cancelled: list[str], kinds: list[Kind]
) -> None:
    entries = a_story(settled=settled, cancelled=cancelled).entries(first_credit=False)
    assert [one.kind for one in entries[1 + len(settled) :]] == kinds


def test_the_first_credit_issued_the_card_and_later_ones_top_it_up() -> None:
    story = a_story(operation=CardOperation.CREDIT)
    (issue,) = story.entries(first_credit=True)
    (top_up,) = story.entries(first_credit=False)
    assert (issue.kind, issue.direction) == (Kind.BALANCE_OPERATION, Direction.CREDIT)
    assert issue.operation is BalanceOperation.ISSUE
    assert top_up.operation is BalanceOperation.TOP_UP
    assert issue.provider_hold_id is None


def test_a_cancelled_credit_is_taken_off_the_card_again() -> None:
    entries = a_story(operation=CardOperation.CREDIT, cancelled=["100"]).entries(first_credit=False)
    assert (entries[1].kind, entries[1].direction) == (Kind.CANCELLATION, Direction.DEBIT)


def test_an_operation_nobody_knows_moves_nothing() -> None:
    (entry,) = a_story(operation=CardOperation.UNKNOWN).entries(first_credit=False)
    assert (entry.kind, entry.direction) == (Kind.BALANCE_OPERATION, Direction.NEUTRAL)
    assert entry.operation is BalanceOperation.OTHER


def test_the_providers_own_records_of_a_debit() -> None:
    story = a_story(settled=["60"], cancelled=["40"])
    authorized = story.authorized(a_card_movement("authorization-1", amount="100.00"))
    assert (authorized.kind, authorized.direction) == (Kind.PRE_AUTHORIZATION, Direction.DEBIT)
    assert authorized.native.provider_entry_id == "authorization-1"
    assert [one.kind for one in story.settled()] == [Kind.SETTLEMENT]
    assert [(one.kind, one.direction) for one in story.cancelled()] == [
        (Kind.CANCELLATION, Direction.CREDIT)
    ]
