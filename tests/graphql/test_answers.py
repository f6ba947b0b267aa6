"""How long whole answers are remembered, and how many."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import pytest

from app.cache.entries import Answer, Entry, Used
from app.cache.questions import Fact, Tag
from app.domain.access import AccessLevel
from app.domain.caller import Caller
from app.domain.freshness import Freshness
from app.domain.instruments import InstrumentKind
from app.graphql.answers import Answers, Key, written
from app.graphql.over_http import MediaType

CALLER = Caller(level=AccessLevel.SERVICE, name="key:one")
TAG: Tag = ("source", "store")
FACT = Fact[str]("balance", form=str, affects=frozenset({InstrumentKind.GIFT_CARD}))
LIVE, CACHED, STALE = Freshness.LIVE, Freshness.CACHED, Freshness.STALE


class Moments:
    """A clock, and the writes it has seen."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.writes: dict[Tag, float] = {}

    def clock(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    async def untouched(self, tags: Collection[Tag], *, since: float) -> bool:
        return all(self.writes.get(tag, 0) < since for tag in tags)


@pytest.fixture
def moments() -> Moments:
    return Moments()


@pytest.fixture
def answers(moments: Moments) -> Answers:
    return Answers(moments.untouched, most_bytes=1_000, clock=moments.clock)


def key(document: str = "{ a }", caller: Caller = CALLER, **variables: object) -> Key:
    return Key(caller, document, None, written(variables), MediaType.JSON)


def used(*parts: Freshness, since: float = 999) -> Used:
    """Of answers of a source that were that fresh."""
    made_of = Used()
    for freshness in parts:
        entry = Entry(value="balance", began=since, share=1.0, tags=(TAG,))
        made_of.note(FACT, Answer("balance", entry, freshness, until=1_005))
    return made_of


async def body_of(answers: Answers, asked: Key) -> bytes | None:
    found = await answers.find(asked)
    return found.body if found else None


async def test_an_answer_is_found_for_as_long_as_it_may_be_reused(
    answers: Answers, moments: Moments
) -> None:
    answers.remember(key(), b"answer", used(CACHED, CACHED), until=1_005.5)
    found = await answers.find(key())
    assert found is not None
    assert (found.body, found.seconds) == (b"answer", 5)
    moments.now = 1_005.5
    assert await answers.find(key()) is None


@pytest.mark.parametrize("parts", [(), (LIVE,), (CACHED, LIVE), (CACHED, STALE)])
async def test_only_what_is_made_of_remembered_parts_is_remembered(
    answers: Answers, parts: tuple[Freshness, ...]
) -> None:
    answers.remember(key(), b"answer", used(*parts), until=1_005)
    assert await answers.find(key()) is None


async def test_an_answer_that_may_not_be_reused_is_not_remembered(answers: Answers) -> None:
    answers.remember(key(), b"answer", used(CACHED, CACHED), until=1_000)
    assert await answers.find(key()) is None


async def test_a_write_since_the_oldest_part_was_read_ends_it(
    answers: Answers, moments: Moments
) -> None:
    answers.remember(key(), b"answer", used(CACHED, since=999), until=1_005)
    moments.writes[TAG] = 998
    assert await body_of(answers, key()) == b"answer"
    moments.writes[TAG] = 999.5
    assert await answers.find(key()) is None
    moments.writes.clear()
    assert await answers.find(key()) is None


async def test_a_caller_who_may_do_more_is_another(answers: Answers) -> None:
    answers.remember(key(), b"answer", used(CACHED, CACHED), until=1_005)
    more = Caller(level=AccessLevel.SERVICE, name="key:one", scopes=frozenset({"credit:read"}))
    assert await answers.find(key(caller=more)) is None


async def test_the_order_of_variables_means_nothing(answers: Answers) -> None:
    answers.remember(key(a=1, b={"c": 2, "d": 3}), b"answer", used(CACHED, CACHED), until=1_005)
    assert await body_of(answers, key(b={"d": 3, "c": 2}, a=1)) == b"answer"
    assert await answers.find(key(a=1, b={"c": 2, "d": 4})) is None


async def test_those_that_were_not_asked_for_longest_make_room(answers: Answers) -> None:
    for number in range(10):
        answers.remember(key(f"{{ a{number} }}"), b"x" * 94, used(CACHED, CACHED), until=1_005)
    assert await body_of(answers, key("{ a0 }"))
    answers.remember(key("{ b0 }"), b"x" * 94, used(CACHED, CACHED), until=1_005)
    found = [bool(await answers.find(key(f"{{ a{number} }}"))) for number in range(10)]
    assert found == [True, False, *[True] * 8]
    assert await body_of(answers, key("{ b0 }"))


async def test_an_answer_that_would_push_out_many_is_not_remembered(answers: Answers) -> None:
    answers.remember(key(), b"x" * 96, used(CACHED, CACHED), until=1_005)
    assert await answers.find(key()) is None


async def test_an_answer_that_is_made_again_takes_the_place_of_the_older(
    answers: Answers,
) -> None:
    for number in range(100):
        answers.remember(key(), b"%50d" % number, used(CACHED, CACHED), until=1_005)
    answers.remember(key("{ b }"), b"other", used(CACHED, CACHED), until=1_005)
    assert await body_of(answers, key()) == b"%50d" % 99
    assert await body_of(answers, key("{ b }")) == b"other"


async def test_with_no_room_nothing_is_remembered(moments: Moments) -> None:
    none = Answers(moments.untouched, most_bytes=0, clock=moments.clock)
    none.remember(key(), b"answer", used(CACHED, CACHED), until=1_005)
    assert await none.find(key()) is None
