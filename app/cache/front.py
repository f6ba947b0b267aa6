"""Reads of all requests: each question asked of its source once at a time, and remembered."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Hashable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any, Final, Generic, NamedTuple, TypeVar

import structlog

from app.cache.drops import MARGIN
from app.cache.entries import Answer, Entry, may_be_remembered
from app.cache.questions import Fact, Lifetime, Question, Tag
from app.cache.store import Store
from app.domain.clock import Clock
from app.domain.errors import CreditError, ProviderFault, SourceProblemKind
from app.domain.freshness import Freshness
from app.domain.identifiers import SourceKey

T = TypeVar("T")

Ask = Callable[[], Coroutine[Any, Any, T]]
"""Asks the source, and nothing else: others may get the answer, after the request has ended."""

_LEAST_SHARE: Final = 0.8
"""Of a lifetime: what was read together does not all have to be read again together."""

_NOTHING: Final = timedelta(0)

_log = structlog.get_logger("creditgraph.cache")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """
    Attributes:
        balance: How long what a source told of money is fresh.
        configuration: How long a store's terms are.
        kept: How old an answer may be for whoever says that it may be old.
        wait: How long such a caller waits for a newer one.
    """

    balance: timedelta
    configuration: timedelta
    kept: timedelta
    wait: timedelta

    def of(self, fact: Fact[Any]) -> timedelta:
        return self.configuration if fact.lifetime is Lifetime.CONFIGURATION else self.balance


class Flight(Generic[T]):
    """
    A question on its way to its source.

    Attributes:
        number: Of all flights and of all who ask, in the order in which they began.
        joined: By somebody who came later.
        touched: Something of what it tells was dropped since it began, so that it may not be given
            to those who came later.
        lasts: It goes on when nobody waits for it any more.
    """

    __slots__ = (
        "_key",
        "_others",
        "_waiting",
        "holders",
        "joined",
        "lasts",
        "number",
        "task",
        "touched",
    )

    def __init__(self, key: Hashable, others: dict[Hashable, Flight[Any]], *, number: int) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self.number = number
        self.holders = 0
        self.lasts = False
        self.joined = False
        self.touched = False
        self.task: asyncio.Task[Entry[T]]
        self._key = key
        self._others = others
        others[key] = self

    def start(self, work: Coroutine[Any, Any, Entry[T]]) -> None:
        self.task = asyncio.create_task(work)
        self.task.add_done_callback(self._land)

    async def landed(self) -> Entry[T]:
        """
        What it brought. Whoever is cancelled meanwhile does not take it from the others: as with
        `asyncio.shield`, at three quarters of the CPU.
        """
        if not self.task.done():
            waiter = self.task.get_loop().create_future()
            self._waiting.append(waiter)
            await waiter
        return self.task.result()

    def _land(self, task: asyncio.Task[Entry[T]]) -> None:
        if not task.cancelled():
            task.exception()  # seen: whoever waits raises it, and it is nothing to anybody else
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    def close(self) -> None:
        """Let nobody join it any more; another one may have taken its place."""
        if self._others.get(self._key) is self:
            del self._others[self._key]

    def last(self) -> None:
        """
        Go on without anybody who waits. What is raised then is nobody's: a mistake of ours is
        logged.
        """
        if not self.lasts:
            self.lasts = True
            self.task.add_done_callback(_note_mistake)


class Waiting(NamedTuple):
    """A request for a flight; *came* is its number in the order in which all began."""

    flight: Flight[Any]
    came: int


class Held:
    """The flights that one request waits for, until it lets them go."""

    def __init__(self) -> None:
        self._flights: set[Flight[Any]] = set()
        self._latest: dict[Hashable, Waiting] = {}

    def hold(self, question: Question[Any], waiting: Waiting) -> None:
        if waiting.flight not in self._flights:
            self._flights.add(waiting.flight)
            waiting.flight.holders += 1
        self._latest[question.key] = waiting

    def latest(self, question: Question[Any]) -> Waiting | None:
        """For what the request has already asked, whether it has landed or not."""
        return self._latest.get(question.key)

    def forget(self) -> None:
        """What was asked before is to be asked again."""
        self._latest.clear()

    def let_go(self) -> list[asyncio.Task[Any]]:
        """Cancel what nobody waits for any more; those are the tasks that end now."""
        given_up = []
        for flight in self._flights:
            flight.holders -= 1
            if not (flight.holders or flight.lasts or flight.task.done()):
                flight.close()
                flight.task.cancel()
                given_up.append(flight.task)
        self._flights.clear()
        return given_up


class SharedReads:
    """
    Args:
        share: Of its lifetime, how much an answer is fresh; by default a random part, near all.

    Attributes:
        given: How often something of each source was told, by how fresh it was.
        failed: How often a source could not be asked or not be understood, by the kind of fault.
    """

    def __init__(
        self,
        store: Store,
        lifetimes: Lifetimes,
        *,
        clock: Clock,
        share: Callable[[], float] = lambda: random.uniform(_LEAST_SHARE, 1),
    ) -> None:
        self.given: Counter[tuple[SourceKey, Freshness]] = Counter()
        self.failed: Counter[tuple[SourceKey, SourceProblemKind]] = Counter()
        self._store = store
        self._lifetimes = lifetimes
        self._clock = clock
        self._share = share
        self._flights: dict[Hashable, Flight[Any]] = {}
        self._numbers = count()

    async def answer(
        self, question: Question[T], ask: Ask[T], held: Held, *, may_be_old: timedelta | None
    ) -> Answer[T]:
        """
        What is remembered if it is young enough, and else what the source says.

        Args:
            may_be_old: What is older than its lifetime will do as well, up to this, while the
                source is slow or fails; None if only what is fresh will do. Zero asks the source.

        Raises:
            CreditError: What *ask* raised.
        """
        if may_be_old == _NOTHING:
            return self._live(question, await self._asked(question, ask, held))
        fresh = self._lifetimes.of(question.fact)
        oldest = fresh if may_be_old is None else min(may_be_old, self._lifetimes.kept)
        old = await self._found(question) if oldest > _NOTHING else None
        if old is not None:
            now = self._clock().timestamp()
            until = old.fresh_until(fresh)
            of_use_until = old.began + oldest.total_seconds()
            if now < until and now <= of_use_until:
                self.given[question.source, Freshness.CACHED] += 1
                return Answer(old.shown(Freshness.CACHED), old, Freshness.CACHED, until)
            if may_be_old is not None and now <= of_use_until:
                return await self._newer(question, ask, held, old)
        return self._live(question, await self._asked(question, ask, held))

    async def untouched(self, tags: Iterable[Tag], *, since: float) -> bool:
        """Whether what was begun to be read then, and tells of *tags*, still counts."""
        return await self._store.untouched(tags, since=since)

    async def drop(self, tags: Iterable[Tag]) -> None:
        """Something is being changed, or was: what was begun to be read until now is no use."""
        await self._store.drop(tags)

    async def aclose(self) -> None:
        """End what is still under way."""
        left = [flight.task for flight in self._flights.values()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._store.aclose()

    async def _found(self, question: Question[T]) -> Entry[T] | None:
        """One from the future, by the clock of some other replica, would be fresh for too long."""
        entry = await self._store.find(question)
        latest = self._clock().timestamp() + MARGIN.total_seconds()
        return entry if entry is not None and entry.began <= latest else None

    def _live(self, question: Question[T], entry: Entry[T]) -> Answer[T]:
        self.given[question.source, Freshness.LIVE] += 1
        until = entry.fresh_until(self._lifetimes.of(question.fact))
        return Answer(entry.value, entry, Freshness.LIVE, until)

    async def _asked(self, question: Question[T], ask: Ask[T], held: Held) -> Entry[T]:
        """
        Straight from the source, together with all who ask the same now. What is dropped while the
        source is asked, whoever comes afterwards must not get from before: it is asked once more.
        """
        waiting = held.latest(question) or self._waiting(question, ask)
        while True:
            held.hold(question, waiting)
            flight = waiting.flight
            is_own = flight.number > waiting.came
            try:
                entry = await flight.landed()
            except asyncio.CancelledError:
                if is_own or not flight.task.cancelled() or _is_being_cancelled():
                    raise
            except CreditError:
                if is_own or not flight.touched:
                    raise
            else:
                if is_own or not flight.touched:
                    return entry
            waiting = waiting._replace(flight=self._flight(question, ask))

    async def _newer(
        self, question: Question[T], ask: Ask[T], held: Held, old: Entry[T]
    ) -> Answer[T]:
        """
        From the source, if it answers at once. If it fails, or takes longer, what it said last; the
        next who ask then get what it says in the end.
        """
        waiting = held.latest(question) or self._waiting(question, ask)
        held.hold(question, waiting)
        task = waiting.flight.task
        waiting.flight.last()
        await asyncio.wait({task}, timeout=self._lifetimes.wait.total_seconds())
        fault = None
        if task.done() and not task.cancelled():
            try:
                return self._live(question, task.result())
            except ProviderFault as exc:
                fault = exc
        self.given[question.source, Freshness.STALE] += 1
        return Answer(old.shown(Freshness.STALE), old, Freshness.STALE, old.began, fault)

    def _waiting(self, question: Question[T], ask: Ask[T]) -> Waiting:
        came = next(self._numbers)
        return Waiting(self._flight(question, ask), came)

    def _flight(self, question: Question[T], ask: Ask[T]) -> Flight[T]:
        """The one that is under way, or a new one."""
        flight = self._flights.get(question.key)
        if flight is not None:
            flight.joined = True
            return flight
        flight = Flight(question.key, self._flights, number=next(self._numbers))
        flight.start(self._fly(flight, question, ask))
        return flight

    async def _fly(self, flight: Flight[T], question: Question[T], ask: Ask[T]) -> Entry[T]:
        began = self._clock().timestamp()
        entry = None
        try:
            value = await ask()
            entry = Entry.of(question, value, began=began, share=self._share())
        except ProviderFault as fault:
            self.failed[question.source, fault.kind] += 1
            raise
        finally:
            flight.close()  # before the check: nobody joins later than that
            if flight.joined:
                tags = question.tags if entry is None else entry.tags
                flight.touched = not await self._store.untouched(tags, since=began, margin=_NOTHING)
        if may_be_remembered(value):
            self._store.put(question, entry)
        return entry


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _note_mistake(task: asyncio.Task[Any]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, CreditError):
        _log.error("a read failed", exc_info=error)
