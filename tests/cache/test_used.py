"""What tells of an answer whether it may be remembered whole."""

from __future__ import annotations

from math import inf

from app.cache.entries import Used
from app.cache.front import Held, SharedReads
from app.cache.questions import Fact, Question
from app.domain.errors import ProviderFailed
from app.domain.instruments import StoreCreditAccount
from app.domain.paging import Page
from tests.cache.asking import FACT, HOUSE, TAG, House, asked
from tests.doubles.samples import NOW, a_store_credit


async def used_by(shared: SharedReads, house: House, *, times: int = 1) -> Used:
    used = Used()
    for _ in range(times):
        used.note(FACT, await asked(shared, house))
    return used


def test_nothing_was_read_at_first() -> None:
    used = Used()
    assert (used.is_only_cached, used.since, used.until) == (False, inf, inf)


async def test_what_is_cached_tells_how_long_and_what_may_change_it(house: House) -> None:
    shared = house.shared()
    await asked(shared, house)
    house.clock.advance(1)
    used = await used_by(shared, house)
    assert used.is_only_cached
    assert (used.since, used.until) == (NOW.timestamp(), NOW.timestamp() + 5)
    assert used.tags == {TAG, ("source", HOUSE)}


async def test_one_live_part_makes_it_live(house: House) -> None:
    used = await used_by(house.shared(), house, times=2)
    assert (used.live, used.cached, used.is_only_cached) == (1, 1, False)


async def test_a_stale_part_tells_its_fault(house: House) -> None:
    shared, used = house.shared(), Used()
    await asked(shared, house)
    house.clock.advance(30)
    house.fault = ProviderFailed(HOUSE)
    used.note(FACT, await asked(shared, house, seconds=60))
    assert (used.stale, used.is_only_cached) == (1, False)
    assert [(one.fault, one.affects, one.served_from) for one in used.problems] == [
        (house.fault, FACT.affects, NOW)
    ]


async def test_what_cannot_be_remembered_spoils_the_rest(house: House) -> None:
    shared = house.shared()
    await asked(shared, house)
    used = await used_by(shared, house)
    used.note_what_is_not_remembered()
    assert (used.is_only_cached, used.until) == (False, 0)


async def test_a_fault_spoils_the_rest(house: House) -> None:
    shared = house.shared()
    await asked(shared, house)
    used = await used_by(shared, house)
    used.note_fault()
    assert (used.is_only_cached, used.until) == (False, 0)


async def test_a_list_that_is_not_whole_is_not_remembered(house: House) -> None:
    form = Page[StoreCreditAccount]
    question = Question(Fact[Page[StoreCreditAccount]]("a list", form, FACT.affects), HOUSE)
    shared, used, times = house.shared(), Used(), 0

    async def ask() -> Page[StoreCreditAccount]:
        nonlocal times
        times += 1
        faults = (ProviderFailed(HOUSE),)
        return Page(items=(a_store_credit(),), next_offset=None, faults=faults)

    for _ in range(2):
        used.note(question.fact, await shared.answer(question, ask, Held(), may_be_old=None))
    assert (times, used.faults, used.until) == (2, 2, 0)
