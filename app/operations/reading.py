"""Reads of one request: each fact once, not too many at a time, none for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from copy import copy
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from app.cache.entries import Answer, Used
from app.cache.front import Held, SharedReads
from app.cache.questions import Question
from app.domain.errors import CreditError, DeadlineExceeded
from app.domain.freshness import Freshness
from app.domain.identifiers import SourceKey
from app.domain.paging import Window
from app.domain.provider import Provider

T = TypeVar("T")
P = TypeVar("P", bound=Provider)


class Deadline:
    """
    A moment by which an answer is given with what is there.

    One timer for all that is waited for at a time: `asyncio.timeout_at` has one for each, and takes
    three times the CPU, where a request reads a hundred things.
    """

    def __init__(self, period: timedelta) -> None:
        self._loop = asyncio.get_running_loop()
        self._at = self._loop.time() + period.total_seconds()
        self._waiting: set[_Wait] = set()
        self._timer: asyncio.Handle | None = None

    async def within(self, source: SourceKey, work: Awaitable[T]) -> T:
        """
        The result of *work* on a source.

        Raises:
            DeadlineExceeded: It was not there in time; the work is cancelled.
        """
        wait = self._begun()
        try:
            return await work
        except asyncio.CancelledError as exc:
            if wait.is_all_there_is():
                raise DeadlineExceeded(source) from exc
            raise
        finally:
            self._ended(wait)

    def _begun(self) -> _Wait:
        wait = _Wait()
        self._waiting.add(wait)
        if self._timer is None:
            self._timer = self._loop.call_at(self._at, self._pass)
        return wait

    def _ended(self, wait: _Wait) -> None:
        if wait.is_late:
            wait.task.uncancel()
            return
        self._waiting.remove(wait)
        if not self._waiting and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pass(self) -> None:
        late, self._waiting, self._timer = self._waiting, set(), None
        for wait in late:
            wait.is_late = True
            wait.task.cancel()


class _Wait:
    """
    A task that waits for work within a deadline.

    Attributes:
        is_late: The deadline has passed, and for that the task was cancelled once.
    """

    __slots__ = ("_cancelling", "is_late", "task")

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.is_late = False
        self._cancelling = task.cancelling()

    def is_all_there_is(self) -> bool:
        """Whether the task was cancelled for being late, and for nothing else."""
        return self.is_late and self.task.cancelling() - 1 <= self._cancelling


class Reads:
    """
    What one request has asked so far.

    Args:
        parallel: Most reads of one source at a time.
        shared: What all requests ask, and remember for each other.
    """

    def __init__(self, *, parallel: int, shared: SharedReads) -> None:
        self._shared = shared
        self._own = _OfRequest(parallel)
        self._may_be_old: timedelta | None = None
        self._logs: tuple[Used, ...] = (Used(),)

    @property
    def used(self) -> Used:
        """What has gone into the answers so far: of the whole request, or of `as_old_as`."""
        return self._logs[-1]

    def as_old_as(self, may_be_old: timedelta) -> Reads:
        """
        The same request, for a part of it that says how old its answers may be; zero asks the
        sources. Without this, what is remembered will do while it is fresh, and no longer.
        """
        part = copy(self)
        part._may_be_old = may_be_old
        part._logs = (*self._logs, Used())
        return part

    async def once(
        self, key: Question[T] | tuple[Hashable, ...], ask: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """
        The answer to a question, asked at most once a request: of its source, unless it is
        remembered, where *key* is the question; else *key* only stands for it. A caller that is
        cancelled does not take the answer from the others.
        """
        if isinstance(key, Question):
            return await self._remembered(key, ask)
        for log in self._logs:
            log.note_what_is_not_remembered()
        return await self._own.once(key, ask)

    def by_window(
        self,
        key: Question[T] | tuple[Hashable, ...],
        read: Callable[[Window], Coroutine[Any, Any, T]],
    ) -> Callable[[Window], Awaitable[T]]:
        """*read*, the list that *key* stands for, with each window asked for at most once."""

        def part(window: Window) -> Question[T] | tuple[Hashable, ...]:
            return key.narrowed(window) if isinstance(key, Question) else (key, window)

        return lambda window: self.once(part(window), lambda: read(window))

    async def gated(self, source: SourceKey, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask when fewer than the allowed number of reads of *source* are under way."""
        async with self._own.gate(source):
            return await ask()

    def forget(self) -> None:
        """After something was changed: what was asked before is asked again."""
        self._own.forget()

    async def close(self) -> None:
        """Drop what nobody waits for any more."""
        await self._own.close()

    async def _remembered(
        self, question: Question[T], ask: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        known = self._own.known.get(question.key)
        if known is None or not known.will_do(self._may_be_old):
            known = await self._found(question, ask)
            self._own.known[question.key] = known
        if isinstance(known.end, CreditError):
            for log in self._logs:
                log.note_fault()
            raise known.end
        for log in self._logs:
            log.note(question.fact, known.end)
        value: T = known.end.value
        return value

    async def _found(
        self, question: Question[T], ask: Callable[[], Coroutine[Any, Any, T]]
    ) -> _Known:
        held, may_be_old = self._own.held, self._may_be_old
        try:
            answer = await self._shared.answer(question, ask, held, may_be_old=may_be_old)
        except CreditError as error:
            return _Known(error, may_be_old)
        return _Known(answer, may_be_old)


class _Known(NamedTuple):
    """
    What one question got in this request.

    Attributes:
        may_be_old: As it was wanted then.
    """

    end: Answer[Any] | CreditError
    may_be_old: timedelta | None

    def will_do(self, may_be_old: timedelta | None) -> bool:
        """What was live in this request is for all of it."""
        is_live = isinstance(self.end, CreditError) or self.end.freshness is Freshness.LIVE
        return is_live or self.may_be_old == may_be_old


class _OfRequest:
    """
    What all parts of a request have in common.

    Attributes:
        known: What came of questions, by their keys.
        held: What the request waits for together with others.
    """

    def __init__(self, parallel: int) -> None:
        self.known: dict[Hashable, _Known] = {}
        self.held = Held()
        self._parallel = parallel
        self._asked: dict[Hashable, asyncio.Task[Any]] = {}
        self._forgotten: list[asyncio.Task[Any]] = []
        self._gates: dict[SourceKey, asyncio.Semaphore] = {}

    async def once(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        task: asyncio.Task[T] | None = self._asked.get(key)
        if task is None:
            task = asyncio.create_task(ask())
            self._asked[key] = task
        return await asyncio.shield(task)

    def gate(self, source: SourceKey) -> asyncio.Semaphore:
        gate = self._gates.get(source)
        if gate is None:
            gate = self._gates[source] = asyncio.Semaphore(self._parallel)
        return gate

    def forget(self) -> None:
        self.known.clear()
        self.held.forget()
        self._forgotten.extend(self._asked.values())
        self._asked.clear()

    async def close(self) -> None:
        left = [*self._asked.values(), *self._forgotten]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, *self.held.let_go(), return_exceptions=True)
