"""One writer at a time per instrument."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest
from anyio.lowlevel import checkpoint
from sqlalchemy import Engine, delete, event, text

from app.domain.identifiers import SourceKey
from app.domain.instructions import Subject
from app.domain.instruments import InstrumentKind
from app.domain.refusals import InstrumentBusy
from app.journal.journal import Journal
from app.journal.tables import REPLICAS
from tests.journal.conftest import Open
from tests.journal.databases import Place
from tests.journal.scenes import CARD, let_die

PATIENTLY = 60.0
AT_ONCE = 0.0


class Witness:
    """Counts who is in at once."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self.order: list[int] = []

    async def write(self, journal: Journal, number: int = 0, subject: Subject = CARD) -> None:
        async with journal.lock(subject, wait_seconds=PATIENTLY):
            self.now += 1
            self.most = max(self.most, self.now)
            self.order.append(number)
            for _ in range(3):
                await checkpoint()
            self.now -= 1


@contextmanager
def counted_lockings() -> Iterator[list[str]]:
    seen: list[str] = []

    def look(*arguments: object) -> None:
        if "INSERT INTO instrument_locks" in str(arguments[2]):
            seen.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", look)


async def locks_in(place: Place) -> int:
    return len(await place.see(text("SELECT * FROM instrument_locks")))


async def test_writers_of_one_subject_never_overlap_over_two_replicas(
    journal: Journal, other: Journal, place: Place
) -> None:
    witness = Witness()
    await asyncio.gather(*(witness.write(one) for _ in range(25) for one in (journal, other)))
    assert len(witness.order) == 50
    assert witness.most == 1
    assert await locks_in(place) == 0


async def test_first_come_first_served_within_a_replica(journal: Journal) -> None:
    witness = Witness()
    await asyncio.gather(*(witness.write(journal, number) for number in range(20)))
    assert witness.order == list(range(20))


async def test_other_subjects_do_not_wait(journal: Journal, other: Journal) -> None:
    subjects = [
        Subject(SourceKey("cards"), InstrumentKind.GIFT_CARD, "card-2"),
        Subject(SourceKey("cards"), InstrumentKind.STORE_CREDIT, "card-1"),
        Subject(SourceKey("other"), InstrumentKind.GIFT_CARD, "card-1"),
    ]
    async with journal.lock(CARD, wait_seconds=AT_ONCE):
        for subject in subjects:
            for one in (journal, other):
                async with one.lock(subject, wait_seconds=AT_ONCE):
                    pass


async def test_who_waited_long_enough_is_told_that_it_is_busy(
    journal: Journal, other: Journal
) -> None:
    async with journal.lock(CARD, wait_seconds=AT_ONCE):
        for one in (journal, other):
            for wait_seconds in (-1.0, AT_ONCE, 0.05):
                with pytest.raises(InstrumentBusy):
                    async with one.lock(CARD, wait_seconds=wait_seconds):
                        pytest.fail("two are in")
    for one in (journal, other):
        async with one.lock(CARD, wait_seconds=AT_ONCE):
            pass


async def test_what_fails_inside_frees_the_lock(journal: Journal, other: Journal) -> None:
    with pytest.raises(ZeroDivisionError):
        async with journal.lock(CARD, wait_seconds=AT_ONCE):
            raise ZeroDivisionError
    async with other.lock(CARD, wait_seconds=AT_ONCE):
        pass


async def test_the_lock_of_a_dead_replica_is_free(
    journal: Journal, open_one: Open, place: Place
) -> None:
    async with journal.lock(CARD, wait_seconds=AT_ONCE):
        await let_die(place)
        async with open_one() as other, other.lock(CARD, wait_seconds=AT_ONCE):
            pass


async def test_one_who_was_held_for_dead_does_not_free_the_lock_of_another(
    journal: Journal, open_one: Open, place: Place
) -> None:
    async with AsyncExitStack() as late:
        await late.enter_async_context(journal.lock(CARD, wait_seconds=AT_ONCE))
        await place.see(delete(REPLICAS))
        async with open_one() as living, living.lock(CARD, wait_seconds=AT_ONCE):
            await late.aclose()
            assert await locks_in(place) == 1


async def test_only_whose_turn_it_is_asks_the_database(journal: Journal, other: Journal) -> None:
    async def wait() -> None:
        with pytest.raises(InstrumentBusy):
            async with journal.lock(CARD, wait_seconds=0.3):
                pytest.fail("two are in")

    async with other.lock(CARD, wait_seconds=AT_ONCE):
        with counted_lockings() as lockings:
            await asyncio.gather(*(wait() for _ in range(200)))
    assert 1 < len(lockings) < 50


async def test_a_waiter_that_is_cancelled_is_not_waited_for(
    journal: Journal, other: Journal
) -> None:
    witness = Witness()
    async with journal.lock(CARD, wait_seconds=AT_ONCE):
        waiting = [asyncio.create_task(witness.write(journal, number)) for number in range(3)]
        await checkpoint()
        waiting[0].cancel()
        waiting[1].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert witness.order == [2]
    async with other.lock(CARD, wait_seconds=AT_ONCE):
        pass


async def test_whenever_one_is_cancelled_the_lock_comes_free(
    journal: Journal, other: Journal
) -> None:
    witness = Witness()
    for turns in range(40):
        writing = asyncio.create_task(witness.write(journal))
        for _ in range(turns):
            await checkpoint()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await Witness().write(journal)
    await journal.beat()
    async with other.lock(CARD, wait_seconds=AT_ONCE):
        pass


async def test_a_lock_that_could_not_be_released_is_so_by_the_next_beat(
    journal: Journal, other: Journal, place: Place
) -> None:
    async with journal.lock(CARD, wait_seconds=AT_ONCE):
        await place.see(text("ALTER TABLE instrument_locks RENAME TO away"))
    await place.see(text("ALTER TABLE away RENAME TO instrument_locks"))
    with pytest.raises(InstrumentBusy):
        async with other.lock(CARD, wait_seconds=AT_ONCE):
            pytest.fail("two are in")
    await journal.beat()
    async with other.lock(CARD, wait_seconds=AT_ONCE):
        pass


async def test_a_lock_that_could_not_be_released_is_free_for_its_own_replica(
    journal: Journal, place: Place
) -> None:
    async with journal.lock(CARD, wait_seconds=AT_ONCE):
        await place.see(text("ALTER TABLE instrument_locks RENAME TO away"))
    await place.see(text("ALTER TABLE away RENAME TO instrument_locks"))
    async with journal.lock(CARD, wait_seconds=AT_ONCE):
        pass
    assert await locks_in(place) == 0
