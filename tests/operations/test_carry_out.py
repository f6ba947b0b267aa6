"""The order of things around a call that moves money, and who waits for whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.capability import Capability
from app.domain.errors import (
    AccountNotFound,
    CurrencyMismatch,
    InvalidQuestion,
    ProviderFault,
    ProviderRefusedUs,
    ProviderTimedOut,
    RecordsUnavailable,
    UnsupportedOperation,
)
from app.domain.identifiers import SourceKey
from app.domain.instructions import (
    CreditGiftCard,
    DebitGiftCard,
    Instruction,
    OpenStoreCreditAccount,
    SettleGiftCard,
)
from app.domain.instruments import GiftCard, Instrument, InstrumentStatus, version_of
from app.domain.operation import Operation, OperationStatus
from app.domain.provider import Call
from app.domain.refusals import (
    InstrumentBusy,
    InstrumentNotUsable,
    InsufficientCredit,
    OperationInProgress,
    ProviderRejected,
    StaleVersion,
)
from app.journal.failures import JournalUnavailable
from app.journal.journal import Journal
from app.operations.carry_out import Order
from tests.doubles.in_memory_provider import GiftCardsInMemory
from tests.doubles.patience import AT_ONCE
from tests.doubles.samples import BRL, a_gift_card, a_source, money
from tests.doubles.writes_in_memory import CODE, Mishap, Unforeseen
from tests.operations.counter import (
    HOUSE,
    SHOP,
    Counter,
    a_provider,
    an_order,
    credit,
    debit,
    one_of_each,
    open_counter,
)


@pytest.mark.parametrize("instruction", one_of_each(), ids=lambda one: type(one).__name__)
async def test_what_is_ordered_is_carried_out_once(
    counter: Counter, instruction: Instruction
) -> None:
    outcome = await counter.take(instruction)

    assert outcome.refusal is None
    assert outcome.operation.status is OperationStatus.SUCCEEDED
    assert next(moved for _, moved in counter.provider.moved) == instruction
    assert len(outcome.operation.steps) == len(counter.provider.moved)
    assert outcome.operation.booking is not None


async def test_the_card_is_read_locked_and_live_before_and_after(counter: Counter) -> None:
    await counter.take(credit())
    assert [one.method for one in counter.provider.asked] == [
        "gift_card",
        "prepare",
        "send",
        "gift_card",
    ]


async def test_the_intent_is_durable_before_anything_is_sent(
    counter: Counter, tmp_path: Path
) -> None:
    """Seen from another process, at the moment when the call arrives."""
    seen: list[Operation] = []
    async with open_counter(tmp_path, a_provider()) as elsewhere:

        async def look_into_the_journal(call: Call[Any]) -> None:
            _, operation_id, _ = call.mark.split("-")
            found = await elsewhere.journal.operation(operation_id)  # type: ignore[arg-type]  # a text is an id
            assert found is not None
            seen.append(found)

        counter.provider.on_arrival = look_into_the_journal
        outcome = await counter.take(debit())

    first, second = seen
    assert first.status is second.status is OperationStatus.IN_PROGRESS
    assert [(one.number, one.instruction, one.booking) for one in first.steps] == [
        (1, debit(), None)
    ]
    assert second.steps[0].booking == outcome.operation.booking
    assert isinstance(second.steps[1].instruction, SettleGiftCard)
    assert second.open_step is second.steps[1]


async def test_every_call_has_a_mark_of_its_own_that_any_provider_takes(counter: Counter) -> None:
    await counter.take(debit())
    await counter.take(credit(), key="key-2")
    marks = [mark for mark, _ in counter.provider.moved]
    assert len(set(marks)) == 3
    assert all(len(mark) <= 40 and mark.replace("-", "").isalnum() for mark in marks)
    assert [mark.lower() for mark in marks] == marks


async def test_the_result_shows_the_instrument_as_it_is_right_after(counter: Counter) -> None:
    outcome = await counter.take(debit())
    observed = outcome.operation.observed
    assert isinstance(observed, GiftCard)
    assert observed.balance == counter.balance == money("30.00")


async def test_a_card_that_cannot_be_read_afterwards_takes_nothing_from_the_success(
    counter: Counter,
) -> None:
    async def the_source_goes_away(_: Call[Any]) -> None:
        counter.provider.fail(ProviderTimedOut, "gift_card")

    counter.provider.on_arrival = the_source_goes_away
    outcome = await counter.take(credit())
    assert outcome.operation.status is OperationStatus.SUCCEEDED
    assert outcome.operation.observed is None


async def test_what_is_to_be_done_may_depend_on_the_instrument_as_it_is_now(
    counter: Counter,
) -> None:
    async def all_there_is(card: Instrument | None) -> Instruction:
        assert isinstance(card, GiftCard)
        return replace(debit(), amount=card.balance)

    order = replace(an_order(debit()), instruct=all_there_is)
    outcome = await counter.carry_out(order)
    assert outcome.operation.steps[0].instruction == debit("40.00")
    assert counter.balance == money("0.00")


async def test_what_is_to_be_made_is_not_read_before(counter: Counter) -> None:
    async def instruct(card: Instrument | None) -> Instruction:
        assert card is None
        return credit()

    order = Order(
        name="issueGiftCard",
        idempotency_key="key-1",
        asked="x",
        subject=credit().subject,
        instruct=instruct,
        creates=True,
    )
    await counter.carry_out(order)
    assert counter.provider.asked[0].method == "prepare"


@pytest.mark.parametrize(
    ("instruction", "why"),
    [
        (debit("0"), InvalidQuestion),
        (debit("-5"), InvalidQuestion),
        (credit("-0.01"), InvalidQuestion),
        (debit(currency="USD"), CurrencyMismatch),
        (credit(card="nobody's"), AccountNotFound),
        (replace(credit(), source=SourceKey("elsewhere")), AccountNotFound),
    ],
)
async def test_what_is_refused_at_sight_is_never_sent(
    counter: Counter, instruction: Instruction, why: type[Exception]
) -> None:
    outcome = await counter.take(instruction)
    assert isinstance(outcome.refusal, why)
    assert outcome.operation.status is OperationStatus.REJECTED
    assert (outcome.operation.steps, outcome.operation.attempts) == ((), 0)
    assert counter.provider.times_asked("prepare") == counter.provider.times_asked("send") == 0


async def test_an_unusable_card_is_refused_as_it_is_now_not_as_it_was(counter: Counter) -> None:
    counter.change_card(status=InstrumentStatus.BLOCKED)
    outcome = await counter.take(debit())
    assert isinstance(outcome.refusal, InstrumentNotUsable)
    assert counter.moved() == []


async def test_a_stale_version_is_refused_and_the_one_of_now_is_taken(counter: Counter) -> None:
    version = version_of(counter.card())
    done = await counter.take(debit(), expected_version=version)
    late = await counter.take(debit(), key="key-2", expected_version=version)
    now = await counter.take(debit(), key="key-3", expected_version=version_of(counter.card()))
    assert (done.refusal, now.refusal) == (None, None)
    assert isinstance(late.refusal, StaleVersion)
    assert counter.balance == money("20.00")


async def test_of_many_that_saw_the_same_version_one_wins(counter: Counter) -> None:
    version = version_of(counter.card())
    outcomes = await asyncio.gather(
        *(counter.take(debit("1.00"), key=f"{n}", expected_version=version) for n in range(10))
    )
    assert [one.refusal for one in outcomes].count(None) == 1
    assert counter.balance == money("39.00")


@pytest.mark.parametrize("amount", ["40.01", "9" * 40])
async def test_more_than_there_is_is_refused_by_whoever_keeps_the_card(
    counter: Counter, amount: str
) -> None:
    outcome = await counter.take(debit(amount))
    assert isinstance(outcome.refusal, InsufficientCredit)
    assert outcome.refusal.spendable == counter.balance == money("40.00")


async def test_a_refusal_comes_back_from_the_journal_as_it_was(counter: Counter) -> None:
    counter.provider.befall(CreditGiftCard, Mishap.REFUSED)
    outcome = await counter.take(credit())
    assert isinstance(outcome.refusal, ProviderRejected)
    assert (outcome.refusal.source, outcome.refusal.provider_code) == (HOUSE, CODE)
    assert outcome.operation.status is OperationStatus.REJECTED
    assert counter.balance == money("40.00")


async def test_how_much_later_a_throttled_call_may_come_again_is_told(counter: Counter) -> None:
    counter.provider.befall(CreditGiftCard, Mishap.THROTTLED)
    refusal = (await counter.take(credit())).refusal
    assert isinstance(refusal, ProviderFault)
    assert refusal.retry_after_seconds == 7


async def test_what_a_source_has_no_writer_for_is_unsupported(counter: Counter) -> None:
    unheard_of = OpenStoreCreditAccount(source=HOUSE, currency=BRL)
    outcome = await counter.take(unheard_of)
    assert isinstance(outcome.refusal, UnsupportedOperation)
    assert outcome.refusal.capability == Capability.ACCOUNT_WRITE
    assert outcome.operation.steps == ()


async def test_a_source_that_only_reads_supports_nothing(tmp_path: Path) -> None:
    reads = GiftCardsInMemory(a_source(HOUSE), a_gift_card(source=HOUSE))
    async with open_counter(tmp_path, a_provider(), sources=(reads,)) as counter:
        outcome = await counter.take(credit())
    assert isinstance(outcome.refusal, UnsupportedOperation)
    assert outcome.refusal.source == HOUSE
    assert outcome.refusal.capability == Capability.BALANCE_INCREASE
    assert outcome.operation.status is OperationStatus.REJECTED


async def test_fifty_at_once_on_one_card_are_carried_out_one_by_one(counter: Counter) -> None:
    signs = [1 if number % 3 else -1 for number in range(50)]
    orders = [
        counter.take(credit("2.50") if sign > 0 else debit("1.25"), key=f"key-{number}")
        for number, sign in enumerate(signs)
    ]
    outcomes = await asyncio.gather(*orders)

    assert {one.operation.status for one in outcomes} == {OperationStatus.SUCCEEDED}
    credits, debits = signs.count(1), signs.count(-1)
    assert counter.balance == money("40.00") + money(f"{2.5 * credits - 1.25 * debits}")
    assert counter.provider.most_under_way == 1


async def test_two_cards_do_not_wait_for_each_other(counter: Counter) -> None:
    counter.provider.keep(a_gift_card("card-2", source=HOUSE))
    counter.provider.hang("send")
    orders = [
        asyncio.create_task(counter.take(credit(card=card), key=card))
        for card in ("card-1", "card-2")
    ]
    await counter.provider.until_asked(2, "send")
    counter.provider.answer(2)
    outcomes = await asyncio.gather(*orders)
    assert [one.operation.status for one in outcomes] == 2 * [OperationStatus.SUCCEEDED]


async def test_whoever_waits_too_long_for_the_card_is_told_that_it_is_busy(
    tmp_path: Path,
) -> None:
    patience = replace(AT_ONCE, lock=timedelta(0))
    async with open_counter(tmp_path, a_provider(), patience=patience) as counter:
        counter.provider.hang("send")
        first = asyncio.create_task(counter.take(credit()))
        await counter.provider.until_asked(1, "send")
        busy = await counter.take(credit(), key="key-2")
        counter.provider.answer(2)
        await first
        again = await counter.take(credit(), key="key-2")

        assert isinstance(busy.refusal, InstrumentBusy)
        assert busy.operation.status is OperationStatus.REJECTED
        assert (again.refusal, again.replayed) == (None, False)
        assert counter.balance == money("60.00")


async def test_a_caller_that_leaves_does_not_stop_it(counter: Counter) -> None:
    counter.provider.hang("send")
    caller = asyncio.create_task(counter.take(credit()))
    await counter.provider.until_asked(1, "send")
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller

    counter.provider.answer()
    await counter.operations.finish()

    again = await counter.take(credit())
    assert (again.replayed, again.operation.status) == (True, OperationStatus.SUCCEEDED)
    assert counter.moved() == [CreditGiftCard]


async def test_a_caller_has_an_answer_while_the_work_goes_on(tmp_path: Path) -> None:
    patience = replace(AT_ONCE, answer=timedelta(0))
    async with open_counter(tmp_path, a_provider(), patience=patience) as counter:
        counter.provider.hang("send")
        early = await counter.take(credit())
        await counter.provider.until_asked(1, "send")
        counter.provider.answer()
        await counter.operations.finish()
        late = await counter.take(credit())

    assert early.operation.status is OperationStatus.IN_PROGRESS
    assert isinstance(early.refusal, OperationInProgress)
    assert early.refusal.original == early.operation.operation_id == late.operation.operation_id
    assert (late.replayed, late.operation.status) == (True, OperationStatus.SUCCEEDED)


async def test_the_end_waits_for_everything_that_has_begun(counter: Counter) -> None:
    counter.provider.hang("send")
    callers = [
        asyncio.create_task(counter.take(one, key=f"{number}"))
        for number, one in enumerate(one_of_each()[::2])
    ]
    await counter.provider.until_asked(3, "send")
    end = asyncio.create_task(counter.operations.finish())
    for _ in range(100):
        await asyncio.sleep(0)
    assert not end.done()

    counter.provider.answer(3)
    await end

    operations = [await counter.operations.latest(SHOP, f"{number}") for number in range(3)]
    assert {one and one.status for one in operations} == {OperationStatus.SUCCEEDED}
    await asyncio.gather(*callers)


@asynccontextmanager
async def the_journal_away(monkeypatch: pytest.MonkeyPatch, *methods: str) -> AsyncIterator[None]:
    async def away(*_: object, **__: object) -> None:
        raise JournalUnavailable

    with monkeypatch.context() as patch:
        for method in methods:
            patch.setattr(Journal, method, away)
        yield


async def test_nothing_is_sent_while_the_intent_cannot_be_written_down(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with the_journal_away(monkeypatch, "begin_step"):
        with pytest.raises(RecordsUnavailable):
            await counter.take(debit())
    assert counter.moved() == []
    assert counter.provider.times_asked("send") == 0

    await counter.operations.settle_due()
    again = await counter.take(debit())
    assert (again.replayed, again.operation.status) == (False, OperationStatus.SUCCEEDED)


@pytest.mark.parametrize("method", ["book_step", "finish"])
async def test_what_was_sent_while_the_journal_went_away_is_settled_later(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    async with the_journal_away(monkeypatch, method):
        with pytest.raises(RecordsUnavailable):
            await counter.take(debit())
    assert (await counter.take(debit())).operation.status is OperationStatus.IN_PROGRESS

    assert await counter.operations.settle_due() == 1

    again = await counter.take(debit())
    assert (again.replayed, again.operation.status) == (True, OperationStatus.SUCCEEDED)
    assert counter.moved() == [DebitGiftCard, SettleGiftCard]


async def test_one_lost_while_the_journal_is_away_is_settled_later(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.provider.befall(CreditGiftCard, Mishap.LOST_AFTER_BOOKING)
    counter.provider.fail(ProviderRefusedUs, "find")
    async with the_journal_away(monkeypatch, "postpone"):
        with pytest.raises(RecordsUnavailable):
            await counter.take(credit())
    counter.provider.recover()
    await counter.operations.settle_due()
    assert (await counter.take(credit())).operation.status is OperationStatus.SUCCEEDED
    assert counter.moved() == [CreditGiftCard]


async def test_a_bug_in_a_writer_leaves_its_call_to_the_settler(counter: Counter) -> None:
    counter.provider.befall(DebitGiftCard, Mishap.BUG)
    with pytest.raises(Unforeseen):
        await counter.take(debit())
    assert await counter.operations.settle_due() == 1
    again = await counter.take(debit())
    assert (again.replayed, again.operation.status) == (True, OperationStatus.SUCCEEDED)
    assert counter.moved() == [DebitGiftCard, SettleGiftCard]


async def test_a_bug_does_not_keep_the_card_locked(counter: Counter) -> None:
    counter.provider.befall(CreditGiftCard, Mishap.BUG)
    with pytest.raises(Unforeseen):
        await counter.take(credit())
    done = await asyncio.wait_for(counter.take(credit(), key="key-2"), timeout=10)
    assert done.operation.status is OperationStatus.SUCCEEDED
