"""Who is at work on a journal, and what a pause of it means."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.journal.failures import JournalUnavailable, OperationTakenOver
from app.journal.journal import Journal, open_journal
from app.journal.tables import REPLICAS
from tests.journal.conftest import LONG, Open
from tests.journal.databases import Place
from tests.journal.scenes import CARD, SECRET, a_step, let_die, opened, sent


async def replicas_in(place: Place) -> set[str]:
    return {row.replica_id for row in await place.see(select(REPLICAS))}


async def test_a_replica_is_known_while_its_journal_is_open(open_one: Open, place: Place) -> None:
    async with open_one():
        first = await replicas_in(place)
        async with open_one():
            assert len(await replicas_in(place)) == 2
        assert await replicas_in(place) == first
    assert await replicas_in(place) == set()


async def test_a_heartbeat_renews_the_row(journal: Journal, place: Place) -> None:
    async def seen_at() -> object:
        return (await place.see(select(REPLICAS.c.seen_at)))[0].seen_at

    before = await seen_at()
    await journal.beat()
    assert await seen_at() > before  # type: ignore[operator]


async def test_the_heart_beats_by_itself(place: Place) -> None:
    async def seen_at() -> object:
        return (await place.see(select(REPLICAS.c.seen_at)))[0].seen_at

    async with open_journal(place.url, secret=SECRET, beat_every=timedelta(milliseconds=1)):
        before = await seen_at()
        async with asyncio.timeout(10):
            while await seen_at() == before:
                pass


async def test_the_heart_goes_on_after_the_database_was_away(place: Place) -> None:
    async with open_journal(
        place.url, secret=SECRET, beat_every=timedelta(milliseconds=50)
    ) as journal:
        await place.see(text("ALTER TABLE replicas RENAME TO away"))
        assert not await journal.is_alive()
        await place.see(text("ALTER TABLE away RENAME TO replicas"))
        (before,) = await place.see(select(REPLICAS.c.seen_at))
        async with asyncio.timeout(60):
            while (await place.see(select(REPLICAS.c.seen_at)))[0] == before:
                pass
        assert await journal.is_alive()


async def test_one_that_was_away_for_too_long_comes_back_under_another_name(
    journal: Journal, place: Place
) -> None:
    (before,) = await replicas_in(place)
    await let_die(place)
    await journal.beat()
    (after,) = await replicas_in(place)
    assert after != before
    await journal.beat()
    assert await replicas_in(place) == {after}


async def test_one_that_was_forgotten_comes_back(journal: Journal, place: Place) -> None:
    await place.see(REPLICAS.delete())
    await journal.beat()
    await sent(journal)


async def test_one_that_was_away_for_too_long_sends_nothing_before_it_noticed(
    journal: Journal, place: Place
) -> None:
    operation_id = await opened(journal)
    await let_die(place)
    with pytest.raises(OperationTakenOver):
        await journal.begin_step(operation_id, a_step(operation_id))


async def test_what_it_was_at_before_a_long_pause_is_not_its_own_any_more(
    journal: Journal, place: Place
) -> None:
    operation_id = await opened(journal)
    await let_die(place)
    await journal.beat()
    with pytest.raises(OperationTakenOver):
        await journal.begin_step(operation_id, a_step(operation_id))
    assert [each.operation_id for each in await journal.take_due(limit=10)] == [operation_id]
    await journal.begin_step(operation_id, a_step(operation_id))


async def test_it_stops_sending_well_before_others_hold_it_for_dead(
    journal: Journal, other: Journal, place: Place
) -> None:
    """Dead after four long spans, it stops after two of them."""
    operation_id = await opened(journal)
    async with journal.lock(CARD, wait_seconds=0):
        aged = update(REPLICAS).values(seen_at=REPLICAS.c.seen_at)
        (row, *_) = await place.see(select(REPLICAS.c.seen_at))
        await place.see(aged.values(seen_at=row.seen_at - 3 * LONG))
        with pytest.raises(OperationTakenOver):
            await journal.begin_step(operation_id, a_step(operation_id))
        assert await other.take_due(limit=10) == []


async def test_the_dead_are_forgotten_and_their_locks_with_them(
    journal: Journal, open_one: Open, place: Place
) -> None:
    async with journal.lock(CARD, wait_seconds=0):
        await let_die(place)
        async with open_one():
            assert len(await replicas_in(place)) == 1
            assert await place.see(text("SELECT * FROM instrument_locks")) == []


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
async def test_a_server_that_cut_all_connections_is_found_again(
    journal: Journal, place: Place
) -> None:
    await asyncio.gather(*(opened(journal, f"key-{number}") for number in range(5)))
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    await place.see(f"{cut} WHERE datname = current_database() AND pid <> pg_backend_pid()")
    with pytest.raises(JournalUnavailable):
        await journal.beat()
    await asyncio.gather(*(opened(journal, f"key-{number}") for number in range(5, 10)))


async def test_a_journal_whose_database_goes_away_says_so_and_closes(
    open_one: Open, place: Place
) -> None:
    async with open_one() as journal:
        for table in ("steps", "operations", "replicas", "instrument_locks"):
            await place.see(text(f"DROP TABLE {table}"))
        with pytest.raises(JournalUnavailable):
            await opened(journal)
        with pytest.raises(JournalUnavailable):
            async with journal.lock(CARD, wait_seconds=1):
                pytest.fail("nobody knows whether another is in")
        assert not await journal.is_alive()
