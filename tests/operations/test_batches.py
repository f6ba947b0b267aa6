"""Reads of the same moment are one question; each caller has an answer of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import pytest
from anyio.lowlevel import checkpoint

from app.domain.errors import AccountNotFound, ProviderFailed, ProviderFault
from app.domain.identifiers import SourceKey
from app.domain.provider import Each
from app.operations.batches import Batches

MEDUSA, ADOBE = SourceKey("medusa"), SourceKey("adobe")


class Shelf:
    """Things by their names, in capitals; it answers when it is told to."""

    def __init__(self, *known: str, **faults: ProviderFault) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.cancelled = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.fault: ProviderFault | None = None
        self._known = known
        self._faults = faults

    async def one(self, name: str) -> str:
        (answer,) = (await self._look("one", name)).values()
        assert isinstance(answer, str)
        return answer

    async def many(self, names: Collection[str]) -> Each[str, str]:
        return await self._look("many", *names)

    async def _look(self, how: str, *names: str) -> Each[str, str]:
        self.asked.append((how, *names))
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fault:
            raise self.fault
        return {one: self._faults.get(one, one.upper()) for one in names if one in self._known}

    async def read(self, batches: Batches, name: str, source: SourceKey = MEDUSA) -> str:
        return await batches.read(source, "thing", name, one=self.one, many=self.many)


async def turns() -> None:
    for _ in range(10):
        await checkpoint()


async def test_what_is_wanted_in_one_moment_is_one_question_in_the_order_it_was_wanted() -> None:
    batches, shelf = Batches(), Shelf("c", "a", "b")
    found = await asyncio.gather(*(shelf.read(batches, name) for name in "cab"))
    assert found == ["C", "A", "B"]
    assert shelf.asked == [("many", "c", "a", "b")]


async def test_what_is_wanted_alone_is_asked_for_alone() -> None:
    batches, shelf = Batches(), Shelf("a", "b")
    assert await shelf.read(batches, "a") == "A"
    assert await shelf.read(batches, "b") == "B"
    assert shelf.asked == [("one", "a"), ("one", "b")]


async def test_who_comes_after_the_question_went_out_asks_another() -> None:
    batches, shelf = Batches(), Shelf("a", "b", "c")
    shelf.may_answer.clear()
    early = [asyncio.create_task(shelf.read(batches, name)) for name in "ab"]
    await turns()
    late = asyncio.create_task(shelf.read(batches, "c"))
    await turns()
    shelf.may_answer.set()
    assert await asyncio.gather(*early, late) == ["A", "B", "C"]
    assert shelf.asked == [("many", "a", "b"), ("one", "c")]


async def test_the_same_thing_wanted_twice_is_asked_for_once() -> None:
    batches, shelf = Batches(), Shelf("a")
    assert await asyncio.gather(*(shelf.read(batches, "a") for _ in range(3))) == ["A"] * 3
    assert shelf.asked == [("one", "a")]


async def test_each_source_has_a_question_of_its_own() -> None:
    batches, shelf = Batches(), Shelf("a", "b")
    names = [("a", MEDUSA), ("b", ADOBE)]
    await asyncio.gather(*(shelf.read(batches, name, source) for name, source in names))
    assert shelf.asked == [("one", "a"), ("one", "b")]


async def test_what_is_left_out_is_not_there_and_spoils_nothing() -> None:
    batches, shelf = Batches(), Shelf("a", "c")
    found = await asyncio.gather(
        *(shelf.read(batches, name) for name in "abc"), return_exceptions=True
    )
    assert (found[0], found[2]) == ("A", "C")
    missing = found[1]
    assert isinstance(missing, AccountNotFound)
    assert missing.kind == "thing"


async def test_a_fault_of_one_is_nobody_elses() -> None:
    broken = ProviderFailed(MEDUSA)
    batches, shelf = Batches(), Shelf("a", "b", b=broken)
    found = await asyncio.gather(
        *(shelf.read(batches, name) for name in "ab"), return_exceptions=True
    )
    assert found == ["A", broken]


async def test_a_question_that_fails_is_a_fault_of_each() -> None:
    batches, shelf = Batches(), Shelf("a", "b")
    shelf.fault = ProviderFailed(MEDUSA)
    found = await asyncio.gather(
        *(shelf.read(batches, name) for name in "ab"), return_exceptions=True
    )
    assert found == [shelf.fault] * 2
    assert len(shelf.asked) == 1


@pytest.mark.parametrize("leaving", [0, 1], ids=["the first", "another"])
async def test_who_leaves_takes_the_answer_from_nobody(leaving: int) -> None:
    batches, shelf = Batches(), Shelf("a", "b")
    shelf.may_answer.clear()
    callers = [asyncio.create_task(shelf.read(batches, name)) for name in "ab"]
    await turns()
    callers.pop(leaving).cancel()
    await turns()
    shelf.may_answer.set()
    assert await callers[0] == "BA"[leaving]
    assert shelf.cancelled == 0


async def test_a_question_that_nobody_waits_for_any_more_is_given_up() -> None:
    batches, shelf = Batches(), Shelf("a", "b")
    shelf.may_answer.clear()
    callers = [asyncio.create_task(shelf.read(batches, name)) for name in "ab"]
    await turns()
    for caller in callers:
        caller.cancel()
    await turns()
    assert shelf.cancelled == 1


async def test_what_was_given_up_before_it_was_asked_is_in_nobodys_way() -> None:
    batches, shelf = Batches(), Shelf("a", "b")
    leaving = asyncio.create_task(shelf.read(batches, "a"))
    await checkpoint()
    leaving.cancel()
    staying = asyncio.create_task(shelf.read(batches, "b"))
    assert await staying == "B"
    assert leaving.cancelled()
