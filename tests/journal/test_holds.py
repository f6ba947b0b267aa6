"""What the journal tells of holds that were made through it."""

from __future__ import annotations

import dataclasses

from sqlalchemy import text

from app.domain.hold_events import HoldEvent, HoldEventKind, HoldMode
from app.domain.identifiers import ProviderHoldId, SourceKey
from app.domain.instructions import HoldOnGiftCard, Instruction, Subject
from app.domain.instruments import InstrumentKind
from app.domain.operation import Booking
from app.journal.journal import Journal
from tests.doubles.samples import money
from tests.journal.databases import Place
from tests.journal.scenes import CARD, a_step, opened, sent

HOLD = ProviderHoldId("debit-1")


def a_call(kind: HoldEventKind, hold_id: ProviderHoldId | None = None) -> Instruction:
    event = HoldEvent(kind=kind, mode=HoldMode.NATIVE, amount=money("5.00"), hold_id=hold_id)
    return HoldOnGiftCard(
        source=CARD.source,
        card_id=CARD.provider_id,  # type: ignore[arg-type]
        amount=money("5.00"),
        description="an order",
        hold=event,
    )


async def booked(
    journal: Journal, key: str, instruction: Instruction, hold_id: ProviderHoldId | None = None
) -> str:
    operation_id = await opened(journal, key)
    step = a_step(operation_id, instruction=instruction)
    await journal.begin_step(operation_id, step)
    await journal.book_step(operation_id, 1, Booking(hold_id=hold_id))
    return step.mark


async def test_the_story_of_a_hold_is_told_oldest_first(journal: Journal) -> None:
    made = await booked(journal, "key-1", a_call(HoldEventKind.CREATED), HOLD)
    captured = await booked(journal, "key-2", a_call(HoldEventKind.CAPTURED, HOLD))
    await booked(journal, "key-3", a_call(HoldEventKind.CREATED), ProviderHoldId("debit-2"))
    steps = await journal.steps_of_hold(CARD, HOLD)
    assert {step.mark for step in steps} == {made, captured}
    assert await journal.holds_on(CARD) == {
        HOLD: steps,
        "debit-2": await journal.steps_of_hold(CARD, ProviderHoldId("debit-2")),
    }


async def test_a_hold_that_the_provider_does_not_name_is_called_by_the_mark(
    journal: Journal,
) -> None:
    mark = await booked(journal, "key-1", a_call(HoldEventKind.CREATED))
    (step,) = await journal.steps_of_hold(CARD, ProviderHoldId(mark))
    assert step.mark == mark


async def test_what_is_not_known_to_have_happened_is_no_part_of_it(journal: Journal) -> None:
    operation_id = await opened(journal)
    step = a_step(operation_id, instruction=a_call(HoldEventKind.CREATED))
    await journal.begin_step(operation_id, step)
    assert await journal.holds_on(CARD) == {}


async def test_calls_that_belong_to_no_hold_are_no_part_of_any(journal: Journal) -> None:
    operation_id = await sent(journal)
    await journal.book_step(operation_id, 1, Booking(hold_id=HOLD))
    assert await journal.steps_of_hold(CARD, HOLD) == []
    assert await journal.holds_on(CARD) == {}


async def test_holds_of_other_instruments_are_others(journal: Journal) -> None:
    await booked(journal, "key-1", a_call(HoldEventKind.CREATED), HOLD)
    for other in (
        dataclasses.replace(CARD, provider_id="card-2"),
        Subject(CARD.source, InstrumentKind.STORE_CREDIT, CARD.provider_id),
        Subject(SourceKey("other"), CARD.kind, CARD.provider_id),
    ):
        assert await journal.steps_of_hold(other, HOLD) == []
        assert await journal.holds_on(other) == {}


async def test_a_step_that_cannot_be_read_is_left_out(journal: Journal, place: Place) -> None:
    await booked(journal, "key-1", a_call(HoldEventKind.CREATED), HOLD)
    mark = await booked(journal, "key-2", a_call(HoldEventKind.CAPTURED, HOLD))
    await place.see(text(f"UPDATE steps SET instruction = 'AAAA' WHERE mark <> '{mark}'"))
    assert [step.mark for step in await journal.steps_of_hold(CARD, HOLD)] == [mark]
