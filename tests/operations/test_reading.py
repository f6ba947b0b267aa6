"""Reads of one request: each fact once, not too many at a time, none for too long."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from anyio.lowlevel import checkpoint

from app.domain.errors import DeadlineExceeded, ProviderFailed
from app.domain.identifiers import SourceKey
from app.operations.reading import Deadline, Reads
from tests.doubles.desk import PATIENT
from tests.doubles.samples import NOW
from tests.doubles.shared import reads_shared

CARDS, ADOBE = SourceKey("cards"), SourceKey("adobe")


def a_request(*, parallel: int) -> Reads:
    return Reads(parallel=parallel, shared=reads_shared(lambda: NOW))


class Question:
    """Answers when told to, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.cancelled = 0
        self.may_answer = asyncio.Event()
        self.fault: ProviderFailed | None = None

    async def ask(self) -> int:
        self.asked += 1
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fault:
            raise self.fault
        return self.asked


async def turns() -> None:
    for _ in range(10):
        await checkpoint()


class TestOnce:
    async def test_many_callers_cost_one_question(self) -> None:
        reads, question = a_request(parallel=2), Question()
        callers = [asyncio.create_task(reads.once(("fact",), question.ask)) for _ in range(5)]
        await turns()
        question.may_answer.set()
        assert await asyncio.gather(*callers) == [1] * 5
        assert await reads.once(("fact",), question.ask) == 1

    async def test_another_key_is_another_question(self) -> None:
        reads, question = a_request(parallel=2), Question()
        question.may_answer.set()
        assert await reads.once(("one",), question.ask) == 1
        assert await reads.once(("two",), question.ask) == 2

    async def test_a_caller_that_leaves_takes_the_answer_from_nobody(self) -> None:
        reads, question = a_request(parallel=2), Question()
        leaving = asyncio.create_task(reads.once(("fact",), question.ask))
        staying = asyncio.create_task(reads.once(("fact",), question.ask))
        await turns()
        leaving.cancel()
        await turns()
        question.may_answer.set()
        assert await staying == 1
        assert leaving.cancelled()
        assert question.cancelled == 0

    async def test_a_failure_is_shared_and_not_asked_again(self) -> None:
        reads, question = a_request(parallel=2), Question()
        question.fault = ProviderFailed(CARDS)
        question.may_answer.set()
        both = [reads.once(("fact",), question.ask), reads.once(("fact",), question.ask)]
        assert await asyncio.gather(*both, return_exceptions=True) == [question.fault] * 2
        with pytest.raises(ProviderFailed):
            await reads.once(("fact",), question.ask)
        assert question.asked == 1

    async def test_closing_drops_what_is_still_asked(self) -> None:
        reads, question = a_request(parallel=2), Question()
        caller = asyncio.create_task(reads.once(("fact",), question.ask))
        await turns()
        await reads.close()
        assert question.cancelled == 1
        with pytest.raises(asyncio.CancelledError):
            await caller

    async def test_closing_is_silent_about_failures_nobody_heard(self) -> None:
        reads, question = a_request(parallel=2), Question()
        question.fault = ProviderFailed(CARDS)
        caller = asyncio.create_task(reads.once(("fact",), question.ask))
        await turns()
        caller.cancel()
        await turns()
        question.may_answer.set()
        await turns()
        await reads.close()
        assert caller.cancelled()

    async def test_closing_when_nothing_was_asked_is_nothing(self) -> None:
        await a_request(parallel=1).close()


class TestGated:
    async def test_so_many_at_a_time_and_the_others_after_them(self) -> None:
        reads = a_request(parallel=2)
        questions = [Question() for _ in range(5)]
        work = [asyncio.create_task(reads.gated(CARDS, one.ask)) for one in questions]
        await turns()
        assert [one.asked for one in questions] == [1, 1, 0, 0, 0]
        questions[0].may_answer.set()
        await turns()
        assert [one.asked for one in questions] == [1, 1, 1, 0, 0]
        for one in questions:
            one.may_answer.set()
        assert await asyncio.gather(*work) == [1] * 5

    async def test_sources_do_not_wait_for_one_another(self) -> None:
        reads, hanging, ready = a_request(parallel=1), Question(), Question()
        stuck = asyncio.create_task(reads.gated(CARDS, hanging.ask))
        await turns()
        ready.may_answer.set()
        assert await reads.gated(ADOBE, ready.ask) == 1
        hanging.may_answer.set()
        await stuck

    async def test_a_failed_read_makes_room(self) -> None:
        reads, failing, ready = a_request(parallel=1), Question(), Question()
        failing.fault = ProviderFailed(CARDS)
        for one in (failing, ready):
            one.may_answer.set()
        with pytest.raises(ProviderFailed):
            await reads.gated(CARDS, failing.ask)
        assert await reads.gated(CARDS, ready.ask) == 1


class TestDeadline:
    async def test_an_answer_in_time_is_the_answer(self) -> None:
        question = Question()
        question.may_answer.set()
        assert await Deadline(PATIENT).within(CARDS, question.ask()) == 1

    async def test_work_that_is_too_late_is_cancelled_and_a_fault_of_its_source(
        self, deadline_passes: Callable[[], Awaitable[None]]
    ) -> None:
        question = Question()
        deadline = Deadline(PATIENT)
        work = asyncio.create_task(deadline.within(CARDS, question.ask()))
        await deadline_passes()
        with pytest.raises(DeadlineExceeded) as caught:
            await work
        assert caught.value.source == CARDS
        assert question.cancelled == 1

    async def test_all_work_ends_at_the_same_moment(
        self, deadline_passes: Callable[[], Awaitable[None]]
    ) -> None:
        questions = [Question(), Question()]
        deadline = Deadline(PATIENT)
        first = asyncio.create_task(deadline.within(CARDS, questions[0].ask()))
        await deadline_passes()
        second = asyncio.create_task(deadline.within(ADOBE, questions[1].ask()))
        results = await asyncio.gather(first, second, return_exceptions=True)
        assert [type(one) for one in results] == [DeadlineExceeded, DeadlineExceeded]

    async def test_work_without_a_pause_is_in_time_even_past_the_deadline(self) -> None:
        question = Question()
        question.may_answer.set()
        assert await Deadline(timedelta(seconds=-1)).within(CARDS, question.ask()) == 1

    async def test_what_is_done_before_the_deadline_is_not_disturbed_by_it(
        self, deadline_passes: Callable[[], Awaitable[None]]
    ) -> None:
        answered, hanging, later = Question(), Question(), Question()
        deadline = Deadline(PATIENT)

        async def go_on() -> int:
            first = await deadline.within(CARDS, answered.ask())
            return first + await later.ask()

        going_on = asyncio.create_task(go_on())
        stuck = asyncio.create_task(deadline.within(ADOBE, hanging.ask()))
        answered.may_answer.set()
        await deadline_passes()
        with pytest.raises(DeadlineExceeded):
            await stuck
        later.may_answer.set()
        assert await going_on == 2

    async def test_a_caller_who_is_cancelled_is_not_told_of_a_deadline(
        self, deadline_passes: Callable[[], Awaitable[None]]
    ) -> None:
        before, with_it = Question(), Question()
        deadline = Deadline(PATIENT)
        leaving = asyncio.create_task(deadline.within(CARDS, before.ask()))
        await turns()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        both = asyncio.create_task(deadline.within(CARDS, with_it.ask()))
        asyncio.get_running_loop().call_later(PATIENT.total_seconds(), both.cancel)
        await deadline_passes()
        with pytest.raises(asyncio.CancelledError):
            await both
        assert (before.cancelled, with_it.cancelled) == (1, 1)

    async def test_who_was_late_can_go_on_and_be_late_again(
        self, deadline_passes: Callable[[], Awaitable[None]]
    ) -> None:
        deadline = Deadline(PATIENT)
        faults: list[SourceKey] = []

        async def ask_both() -> int:
            for source in (CARDS, ADOBE):
                try:
                    await deadline.within(source, Question().ask())
                except DeadlineExceeded as late:
                    faults.append(late.source)
            task = asyncio.current_task()
            assert task is not None
            return task.cancelling()

        asking = asyncio.create_task(ask_both())
        await deadline_passes()
        assert await asking == 0
        assert faults == [CARDS, ADOBE]

    async def test_a_deadline_inside_another_one_is_told_of_where_it_was_set(
        self, deadline_passes: Callable[[], Awaitable[None]]
    ) -> None:
        outer, inner = Deadline(2.5 * PATIENT), Deadline(PATIENT)
        question = Question()

        async def within_both() -> SourceKey:
            try:
                await inner.within(ADOBE, question.ask())
            except DeadlineExceeded as late:
                return late.source
            raise AssertionError("it does not answer")

        asking = asyncio.create_task(outer.within(CARDS, within_both()))
        await deadline_passes()
        assert await asking == ADOBE

    async def test_a_deadline_that_nobody_waits_for_holds_nothing(self) -> None:
        question = Question()
        question.may_answer.set()
        deadline = Deadline(PATIENT)
        await deadline.within(CARDS, question.ask())
        left = weakref.ref(deadline)
        del deadline
        assert left() is None

    async def test_a_fault_in_time_is_that_fault(self) -> None:
        question = Question()
        question.fault = ProviderFailed(CARDS)
        question.may_answer.set()
        with pytest.raises(ProviderFailed):
            await Deadline(PATIENT).within(CARDS, question.ask())

    async def test_a_deadline_in_the_past_gives_no_time(self) -> None:
        with pytest.raises(DeadlineExceeded):
            await Deadline(timedelta(seconds=-1)).within(CARDS, Question().ask())
