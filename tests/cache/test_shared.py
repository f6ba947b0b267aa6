"""Remembered in one Redis by several processes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from app.cache.entries import Entry, Used
from app.cache.front import Lifetimes, SharedReads
from app.cache.questions import Fact, Question
from app.cache.shared import RedisStore
from app.domain.freshness import Freshness
from app.domain.holds import CardStory
from app.domain.identifiers import ProviderCardId
from app.domain.instruments import CreditAccount, GiftCard, InstrumentKind, StoreCreditAccount
from app.domain.invoices import Invoice, StoreConfiguration
from app.domain.ledger import CardMovement, LedgerEntry
from app.domain.paging import Page
from tests.cache.asking import HOUSE, QUESTION, TAG, Hands, House, asked, everybody_had_a_turn
from tests.doubles.samples import (
    a_card_movement,
    a_card_transaction,
    a_credit_account,
    a_gift_card,
    a_ledger_entry,
    a_store_configuration,
    a_store_credit,
    an_invoice,
)
from tests.doubles.shared import lifetimes

HOST, PORT = "127.0.0.1", 6379
LAST = lifetimes(balance=5)

Opened = Callable[..., "Replica"]


class Replica:
    """One process's part."""

    def __init__(self, store: RedisStore, clock: Hands, last: Lifetimes) -> None:
        self.store = store
        self.reads = SharedReads(store, last, clock=clock, share=lambda: 1)

    async def remembers(self) -> None:
        """What it was told has reached Redis."""
        await asyncio.gather(*self.store._on_the_way)


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    """One where nothing is left of the test."""
    try:
        _, writer = await asyncio.open_connection(HOST, PORT)
    except OSError:
        pytest.skip(f"no Redis answers at {HOST}:{PORT}")
    writer.close()
    async with Redis(host=HOST, port=PORT) as client:
        before = {key async for key in client.scan_iter("creditgraph:*")}
        yield client
        for prefix in ("cache", "dropped"):
            async for key in client.scan_iter(f"creditgraph:{prefix}:*"):
                if key not in before:
                    await client.delete(key)


@pytest.fixture
async def replica(house: House) -> AsyncIterator[Opened]:
    secret = uuid4().hex
    async with AsyncExitStack() as stack:

        def opened(*, identity: str = "ours", **changes: Any) -> Replica:
            options: dict[str, Any] = {
                "secret": secret,
                "identities": {HOUSE: identity},
                "kept_seconds": 300,
                "patience_seconds": 1.0,
                "clock": house.clock,
                **changes,
            }
            url = options.pop("url", f"redis://{HOST}:{PORT}")
            store = RedisStore(url, **options)
            stack.push_async_callback(store.aclose)
            return Replica(store, house.clock, LAST)

        yield opened


async def test_what_one_replica_reads_the_other_remembers(
    redis: Redis, replica: Opened, house: House
) -> None:
    one, other = replica(), replica()
    first = await asked(one.reads, house)
    await one.remembers()
    answer = await asked(other.reads, house)
    assert answer.freshness is Freshness.CACHED
    assert answer.value == first.value
    assert house.asked == 1


async def test_what_one_replica_drops_the_other_does_not_serve(
    redis: Redis, replica: Opened, house: House
) -> None:
    one, other = replica(), replica()
    await asked(one.reads, house)
    await one.remembers()
    await other.reads.drop((TAG,))
    assert (await asked(one.reads, house)).freshness is Freshness.LIVE
    house.clock.advance(2)
    await asked(other.reads, house)
    await other.remembers()
    assert (await asked(one.reads, house)).freshness is Freshness.CACHED


@pytest.mark.parametrize(
    "foreign", [{"identity": "theirs"}, {"secret": "another secret"}], ids=["source", "secret"]
)
async def test_other_credentials_share_nothing(
    redis: Redis, replica: Opened, house: House, foreign: dict[str, str]
) -> None:
    ours, theirs = replica(), replica(**foreign)
    await asked(ours.reads, house)
    await ours.remembers()
    assert (await asked(theirs.reads, house)).freshness is Freshness.LIVE


async def test_redis_learns_no_name_and_no_code(
    redis: Redis, replica: Opened, house: House
) -> None:
    before = {key async for key in redis.scan_iter("creditgraph:*")}
    ours = replica()
    email, code = "ana@example.com", "BEARER-SECRET-7QX4"
    card = replace(a_gift_card(email, source=HOUSE, code=code), owner=email)
    question = Question(
        Fact[GiftCard]("gift card", GiftCard, frozenset({InstrumentKind.GIFT_CARD})),
        HOUSE,
        ProviderCardId(email),
        tags=(("customer", HOUSE, email),),
    )
    ours.store.put(question, Entry.of(question, card, began=house.clock().timestamp(), share=1))
    await ours.remembers()
    await ours.reads.drop((("customer", HOUSE, email),))
    kept = [key async for key in redis.scan_iter("creditgraph:*") if key not in before]
    written = str(kept) + str([await redis.get(key) for key in kept])
    assert len(kept) == 2
    for secret in (email, code, "ana", "BEARER", HOUSE):
        assert secret not in written


async def test_a_redemption_code_comes_back_withheld(redis: Redis, replica: Opened) -> None:
    ours = replica()
    form = Fact[GiftCard]("gift card", GiftCard, frozenset({InstrumentKind.GIFT_CARD}))
    question = Question(form, HOUSE, "card-1")
    card = a_gift_card(source=HOUSE, code="BEARER-SECRET-7QX4")
    ours.store.put(question, Entry.of(question, card, began=0, share=1))
    await ours.remembers()
    entry = await ours.store.find(question)
    assert entry is not None
    assert entry.value.redemption_code.is_withheld
    assert entry.value.redemption_code.masked() == "****7QX4"


@pytest.mark.parametrize("damaged", [b"", b"nonsense", b"AAAA", "é".encode(), b"\xff\xfe"])
async def test_what_was_tampered_with_is_not_there(
    redis: Redis, replica: Opened, house: House, damaged: bytes
) -> None:
    before = {key async for key in redis.scan_iter("creditgraph:cache:*")}
    ours = replica()
    await asked(ours.reads, house)
    await ours.remembers()
    (key,) = [key async for key in redis.scan_iter("creditgraph:cache:*") if key not in before]
    await redis.set(key, damaged)
    assert (await asked(ours.reads, house)).freshness is Freshness.LIVE


async def test_an_answer_under_a_foreign_key_is_not_there(
    redis: Redis, replica: Opened, house: House
) -> None:
    before = {key async for key in redis.scan_iter("creditgraph:cache:*")}
    ours = replica()
    other = QUESTION.narrowed("another one")
    await asked(ours.reads, house)
    await ours.remembers()
    (one,) = [key async for key in redis.scan_iter("creditgraph:cache:*") if key not in before]
    await asked(ours.reads, house, question=other)
    await ours.remembers()
    mine = {key async for key in redis.scan_iter("creditgraph:cache:*")} - before - {one}
    await redis.set(mine.pop(), await redis.get(one) or b"")
    assert (await asked(ours.reads, house, question=other)).freshness is Freshness.LIVE


async def test_nothing_stays_for_ever(redis: Redis, replica: Opened, house: House) -> None:
    before = {key async for key in redis.scan_iter("creditgraph:*")}
    ours = replica(kept_seconds=100)
    await asked(ours.reads, house)
    await ours.remembers()
    await ours.reads.drop((TAG,))
    kept = [key async for key in redis.scan_iter("creditgraph:*") if key not in before]
    assert len(kept) == 2
    for key in kept:
        assert 0 < await redis.ttl(key) <= 104


KIND = frozenset({InstrumentKind.CREDIT_LINE})
STORY = CardStory(
    transaction=a_card_transaction(),
    settlements=(a_card_movement(),),
    cancellations=(),
)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (CreditAccount, a_credit_account()),
        (GiftCard | None, None),
        (StoreCreditAccount, a_store_credit()),
        (Page[CreditAccount], Page(items=(a_credit_account(),), next_offset=7, total=9)),
        (Page[ProviderCardId], Page(items=(ProviderCardId("card-1"),), next_offset=None)),
        (Page[Invoice], Page(items=(an_invoice(),), next_offset=None)),
        (Page[LedgerEntry], Page(items=(a_ledger_entry(),), next_offset=None)),
        (LedgerEntry, a_ledger_entry()),
        (StoreConfiguration, a_store_configuration()),
        (CardStory, STORY),
        (CardMovement | None, None),
        (CardMovement | None, a_card_movement()),
        (tuple[str, ...], ("one", "two")),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_every_kind_of_answer_comes_back(
    redis: Redis, replica: Opened, form: Any, value: object
) -> None:
    ours = replica()
    question = Question(Fact[Any]("a fact", form, KIND), HOUSE, "this")
    ours.store.put(question, Entry.of(question, value, began=0, share=1))
    await ours.remembers()
    found = await ours.store.find(question)
    assert found is not None
    assert found.value == value


async def test_what_was_read_from_redis_tells_its_tags(
    redis: Redis, replica: Opened, house: House
) -> None:
    one, other = replica(), replica()
    await asked(one.reads, house)
    await one.remembers()
    used = Used()
    used.note(QUESTION.fact, await asked(one.reads, house))
    house.clock.advance(3)
    assert await one.reads.untouched(used.tags, since=used.since)
    await other.reads.drop((TAG,))
    assert not await one.reads.untouched(used.tags, since=used.since)


class TestAway:
    @pytest.fixture
    def hanging_port(self) -> Iterator[int]:
        """Takes connections and never says a word."""
        with socket.create_server((HOST, 0)) as listener:
            yield listener.getsockname()[1]

    @pytest.fixture
    def closed_port(self) -> int:
        with socket.create_server((HOST, 0)) as listener:
            return int(listener.getsockname()[1])

    @pytest.mark.parametrize("port", ["closed_port", "hanging_port"])
    async def test_everything_is_live_and_one_line_says_why(
        self, replica: Opened, house: House, port: str, request: pytest.FixtureRequest
    ) -> None:
        url = f"redis://user:hunter2@{HOST}:{request.getfixturevalue(port)}"
        ours = replica(url=url, patience_seconds=0.05)
        with capture_logs() as logged:
            answers = await asyncio.gather(*(asked(ours.reads, house) for _ in range(20)))
            await ours.reads.drop((TAG,))
            answers.append(await asked(ours.reads, house))
            await everybody_had_a_turn()
        assert {answer.freshness for answer in answers} == {Freshness.LIVE}
        assert [line["event"] for line in logged] == ["the cache is away"]
        assert "hunter2" not in str(logged)
        assert not await ours.store.is_there()

    async def test_what_was_dropped_meanwhile_is_told_afterwards(
        self, redis: Redis, replica: Opened, house: House
    ) -> None:
        one, other = replica(), replica()
        await asked(one.reads, house)
        await one.remembers()
        other.store._away_until = float("inf")
        await other.reads.drop((TAG,))
        assert (await asked(one.reads, house)).freshness is Freshness.CACHED
        other.store._away_until = 0
        await other.reads.untouched((TAG,), since=house.clock().timestamp() + 10)
        assert (await asked(one.reads, house)).freshness is Freshness.LIVE
