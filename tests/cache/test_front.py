"""Each question asked once at a time, and how old an answer may be."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from app.cache.front import Held
from app.domain.errors import AccountNotFound, ProviderFailed
from app.domain.freshness import Freshness
from tests.cache.asking import HOUSE, TAG, House, asked, credits_of, everybody_had_a_turn
from tests.doubles.shared import lifetimes


class TestOnceAtATime:
    async def test_two_hundred_who_want_it_live_are_one_question(self, house: House) -> None:
        shared = house.shared()
        answers = await asyncio.gather(*(asked(shared, house, seconds=0) for _ in range(200)))
        assert house.asked == 1
        assert {answer.freshness for answer in answers} == {Freshness.LIVE}

    async def test_who_comes_after_the_answer_asks_again(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house, seconds=0)
        house.credits = 1
        assert credits_of(await asked(shared, house, seconds=0)) == 1

    async def test_a_request_that_has_asked_does_not_ask_again(self, house: House) -> None:
        shared, held = house.shared(), Held()
        await asked(shared, house, held=held, seconds=0)
        await asked(shared, house, held=held, seconds=0)
        assert house.asked == 1

    async def test_a_request_that_forgets_asks_again(self, house: House) -> None:
        shared, held = house.shared(), Held()
        await asked(shared, house, held=held, seconds=0)
        held.forget()
        await asked(shared, house, held=held, seconds=0)
        assert house.asked == 2

    async def test_a_fault_is_everybodys_and_nobodys_later(self, house: House) -> None:
        shared = house.shared()
        house.fault = ProviderFailed(HOUSE)
        ends = await asyncio.gather(
            *(asked(shared, house) for _ in range(3)), return_exceptions=True
        )
        assert [type(end) for end in ends] == 3 * [ProviderFailed]
        house.fault = None
        assert (await asked(shared, house)).freshness is Freshness.LIVE
        assert house.asked == 2

    async def test_a_caller_who_leaves_does_not_take_the_answer_along(self, house: House) -> None:
        shared, leaving, staying = house.shared(), Held(), Held()
        house.may_answer.clear()
        first = asyncio.create_task(asked(shared, house, held=leaving))
        second = asyncio.create_task(asked(shared, house, held=staying))
        await everybody_had_a_turn()
        first.cancel()
        leaving.let_go()
        house.may_answer.set()
        assert credits_of(await second) == 0
        assert (house.asked, house.cancelled) == (1, 0)

    async def test_what_nobody_waits_for_any_more_is_given_up(self, house: House) -> None:
        shared, leaving = house.shared(), Held()
        house.may_answer.clear()
        only = asyncio.create_task(asked(shared, house, held=leaving))
        await everybody_had_a_turn()
        only.cancel()
        await asyncio.gather(*leaving.let_go(), return_exceptions=True)
        assert house.cancelled == 1
        house.may_answer.set()
        assert (await asked(shared, house)).freshness is Freshness.LIVE

    async def test_a_question_that_was_given_up_at_once_can_be_asked(self, house: House) -> None:
        shared, leaving = house.shared(), Held()
        only = asyncio.create_task(asked(shared, house, held=leaving))
        await asyncio.sleep(0)
        only.cancel()
        leaving.let_go()
        assert (await asked(shared, house)).freshness is Freshness.LIVE

    async def test_what_is_being_given_up_does_not_disturb_what_follows(self, house: House) -> None:
        shared, leaving = house.shared(), Held()
        house.may_answer.clear()
        only = asyncio.create_task(asked(shared, house, held=leaving, seconds=0))
        await everybody_had_a_turn()
        only.cancel()
        leaving.let_go()
        next_ones = [asyncio.create_task(asked(shared, house, seconds=0)) for _ in range(2)]
        await everybody_had_a_turn()
        next_ones.append(asyncio.create_task(asked(shared, house, seconds=0)))
        await everybody_had_a_turn()
        house.may_answer.set()
        answers = await asyncio.gather(*next_ones)
        assert {answer.freshness for answer in answers} == {Freshness.LIVE}
        assert (house.asked, house.cancelled) == (2, 1)

    async def test_what_is_still_under_way_ends_with_the_process(self, house: House) -> None:
        shared = house.shared()
        house.may_answer.clear()
        waiting = asyncio.create_task(asked(shared, house))
        await everybody_had_a_turn()
        await shared.aclose()
        with pytest.raises(asyncio.CancelledError):
            await waiting


class TestFresh:
    async def test_what_is_fresh_is_served_as_cached(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        house.clock.advance(4.9)
        answer = await asked(shared, house)
        assert answer.freshness is answer.value.freshness is Freshness.CACHED
        assert house.asked == 1

    async def test_what_is_not_fresh_any_more_is_asked_for(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        house.clock.advance(5)
        assert (await asked(shared, house)).freshness is Freshness.LIVE
        assert house.asked == 2

    async def test_a_part_of_the_lifetime_is_left_out_at_random(self, house: House) -> None:
        shared = house.shared(share=0.8)
        await asked(shared, house)
        house.clock.advance(3.9)
        assert (await asked(shared, house)).freshness is Freshness.CACHED
        house.clock.advance(0.1)
        assert (await asked(shared, house)).freshness is Freshness.LIVE

    async def test_who_wants_it_younger_gets_it_live(self, house: House) -> None:
        shared = house.shared(lifetimes(balance=5))
        await asked(shared, house)
        house.clock.advance(3)
        assert (await asked(shared, house, seconds=3)).freshness is Freshness.CACHED
        assert (await asked(shared, house, seconds=2)).freshness is Freshness.LIVE

    async def test_a_fault_is_told_to_who_wants_it_fresh(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        house.clock.advance(6)
        house.fault = ProviderFailed(HOUSE)
        with pytest.raises(ProviderFailed):
            await asked(shared, house)

    async def test_what_is_fresh_for_no_time_is_never_served(self, house: House) -> None:
        shared = house.shared(lifetimes(balance=0))
        await asked(shared, house)
        assert (await asked(shared, house)).freshness is Freshness.LIVE

    async def test_an_answer_of_the_future_is_not_believed(self, house: House) -> None:
        shared = house.shared()
        house.clock.advance(60)
        await asked(shared, house)
        house.clock.advance(-60)
        assert (await asked(shared, house)).freshness is Freshness.LIVE


class TestOld:
    async def test_a_newer_answer_that_comes_at_once_is_live(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        house.clock.advance(30)
        house.credits = 1
        answer = await asked(shared, house, seconds=60)
        assert (credits_of(answer), answer.freshness) == (1, Freshness.LIVE)

    async def test_a_slow_source_is_stood_in_for_and_goes_on(self, house: House) -> None:
        shared = house.shared(lifetimes(balance=5, wait=0))
        await asked(shared, house)
        house.clock.advance(30)
        house.credits = 1
        house.may_answer.clear()
        held = Held()
        old = await asked(shared, house, held=held, seconds=60)
        assert (credits_of(old), old.freshness, old.fault) == (0, Freshness.STALE, None)
        assert old.value.freshness is Freshness.STALE
        held.let_go()
        house.may_answer.set()
        await everybody_had_a_turn()
        answer = await asked(shared, house)
        assert (credits_of(answer), answer.freshness) == (1, Freshness.CACHED)
        assert house.asked == 2

    async def test_a_source_that_fails_is_stood_in_for_with_its_fault(self, house: House) -> None:
        shared = house.shared()
        first = await asked(shared, house)
        house.clock.advance(30)
        house.fault = ProviderFailed(HOUSE)
        answer = await asked(shared, house, seconds=60)
        assert answer.freshness is Freshness.STALE
        assert answer.fault is house.fault
        assert answer.entry.observed_at == first.value.observed_at

    async def test_nothing_older_than_allowed_stands_in(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        house.clock.advance(60.1)
        house.fault = ProviderFailed(HOUSE)
        with pytest.raises(ProviderFailed):
            await asked(shared, house, seconds=60)

    async def test_nobody_gets_anything_older_than_what_is_kept(self, house: House) -> None:
        shared = house.shared(lifetimes(balance=5, kept=100))
        await asked(shared, house)
        house.clock.advance(101)
        house.fault = ProviderFailed(HOUSE)
        with pytest.raises(ProviderFailed):
            await asked(shared, house, seconds=1000)

    async def test_a_clear_no_is_an_answer(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        house.clock.advance(30)
        house.fault = AccountNotFound("store credit account")
        with pytest.raises(AccountNotFound):
            await asked(shared, house, seconds=60)

    async def test_all_who_would_take_it_older_ask_once(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        house.clock.advance(30)
        answers = await asyncio.gather(*(asked(shared, house, seconds=60) for _ in range(50)))
        assert house.asked == 2
        assert {answer.freshness for answer in answers} == {Freshness.LIVE}

    async def test_an_error_nobody_foresaw_is_logged_when_nobody_waits(self, house: House) -> None:
        shared, held = house.shared(lifetimes(balance=5, wait=0)), Held()
        await asked(shared, house)
        house.clock.advance(30)
        house.may_answer.clear()
        house.fault = ZeroDivisionError()
        await asked(shared, house, held=held, seconds=60)
        held.let_go()
        with capture_logs() as logged:
            house.may_answer.set()
            await everybody_had_a_turn()
        assert [(line["event"], line["exc_info"]) for line in logged] == [
            ("a read failed", house.fault)
        ]


class TestDropped:
    async def test_what_was_dropped_is_asked_for(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        await shared.drop((TAG,))
        assert (await asked(shared, house)).freshness is Freshness.LIVE

    async def test_what_was_dropped_stands_in_for_nothing(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        await shared.drop((TAG,))
        house.fault = ProviderFailed(HOUSE)
        with pytest.raises(ProviderFailed):
            await asked(shared, house, seconds=60)

    async def test_a_drop_of_something_else_leaves_it(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        await shared.drop((("instrument", HOUSE, "STORE_CREDIT", "sca-2"),))
        assert (await asked(shared, house)).freshness is Freshness.CACHED

    async def test_a_drop_of_the_source_drops_it(self, house: House) -> None:
        shared = house.shared()
        await asked(shared, house)
        await shared.drop((("source", HOUSE),))
        assert (await asked(shared, house)).freshness is Freshness.LIVE

    async def test_reads_right_after_a_drop_are_not_served_either(self, house: House) -> None:
        shared = house.shared()
        await shared.drop((TAG,))
        house.clock.advance(1.9)
        await asked(shared, house)
        assert (await asked(shared, house)).freshness is Freshness.LIVE
        house.clock.advance(0.1)
        await asked(shared, house)
        assert (await asked(shared, house)).freshness is Freshness.CACHED

    async def test_an_answer_that_was_dropped_on_its_way_is_not_remembered(
        self, house: House
    ) -> None:
        shared = house.shared()
        house.may_answer.clear()
        early = asyncio.create_task(asked(shared, house))
        await everybody_had_a_turn()
        house.clock.advance(1)
        await shared.drop((TAG,))
        house.credits = 1
        house.may_answer.set()
        assert credits_of(await early) == 0
        assert credits_of(await asked(shared, house)) == 1

    async def test_who_comes_after_a_drop_does_not_get_what_was_asked_before(
        self, house: House
    ) -> None:
        shared = house.shared()
        house.may_answer.clear()
        early = asyncio.create_task(asked(shared, house, seconds=0))
        await everybody_had_a_turn()
        house.clock.advance(1)
        await shared.drop((TAG,))
        house.credits = 1
        late = [asyncio.create_task(asked(shared, house, seconds=0)) for _ in range(20)]
        await everybody_had_a_turn()
        house.may_answer.set()
        assert credits_of(await early) == 0
        assert {credits_of(answer) for answer in await asyncio.gather(*late)} == {1}
        assert house.asked == 2

    async def test_a_no_from_before_a_drop_is_not_for_who_comes_after_it(
        self, house: House
    ) -> None:
        shared = house.shared()
        house.may_answer.clear()
        house.fault = AccountNotFound("store credit account")
        early = asyncio.create_task(asked(shared, house))
        await everybody_had_a_turn()
        house.clock.advance(1)
        await shared.drop((TAG,))
        late = asyncio.create_task(asked(shared, house))
        await everybody_had_a_turn()
        house.may_answer.set()
        with pytest.raises(AccountNotFound):
            await early
        house.fault = None
        assert credits_of(await late) == 0
