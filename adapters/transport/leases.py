"""Calls at a time, held by all replicas together."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from secrets import token_hex
from typing import Final, Protocol

import httpx
import structlog

from adapters.transport.calls import seconds_left
from adapters.transport.limiter import NoPlace
from app.domain.identifiers import SourceKey

_LOOK_AGAIN_AFTER_SECONDS: Final = 1.0

_OUTLIVES_ITS_CALL_SECONDS: Final = 1.0
"""What a replica that dies has begun may still be under way for as long as it had."""

_LONGEST_CALL_SECONDS: Final = 120.0
"""As long as a call may be configured to take; for one that nobody gave a time."""

_POLL_SECONDS: Final = (0.005, 0.025)
"""Between looks for room that another replica makes: at random, or all would look at once."""

_log = structlog.get_logger("creditgraph.leases")


@dataclass(frozen=True, slots=True)
class Lease:
    """
    A place among the calls of all replicas.

    Attributes:
        ends_at: When it ends by itself, as `time.monotonic` counts.
    """

    name: str
    ends_at: float


_APART: Final = Lease("", 0.0)
"""Written down nowhere, because nobody could be asked."""


class BookAway(Exception):
    """The book cannot be read or written now."""


class Book(Protocol):
    """Where all replicas write their leases of one source down."""

    async def exchange(self, ended: Collection[str], wanted: Sequence[tuple[str, float]]) -> int:
        """
        Strike *ended* out, then write as many of *wanted* down as there is room for.

        Args:
            wanted: Names, and the seconds after which each ends by itself.

        Returns:
            How many of *wanted* are leases now, the first ones.

        Raises:
            BookAway: Nobody knows how many.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    lease: Lease
    answer: asyncio.Future[Lease]


class Leases:
    """
    What the calls of this replica hold of the places in *book*.

    All that is wanted and all that is given back since the last exchange goes into the next one,
    and there is one at a time: a hundred calls that begin together cost one or two. While the book
    is away or slow nobody waits for it: the calls of each replica are bounded by its own limit.

    Args:
        patience_seconds: The longest that *book* is waited for.
        now: Seconds that only grow.
    """

    def __init__(
        self,
        book: Book,
        *,
        source: SourceKey,
        patience_seconds: float = 0.1,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._book = book
        self._source = source
        self._patience_seconds = patience_seconds
        self._now = now
        self._replica = token_hex(8)
        self._numbers = count()
        self._wishes: dict[str, _Wish] = {}
        self._ended: set[Lease] = set()
        self._given_back = asyncio.Event()
        self._exchanging: asyncio.Task[None] | None = None
        self._away_until = 0.0

    async def take(self, seconds: float | None) -> Lease | None:
        """
        A lease for a call that is over in so many seconds; None when there was no room in them.
        """
        now = self._now()
        if now < self._away_until:
            return _APART
        wish = self._wish(now, _LONGEST_CALL_SECONDS if seconds is None else seconds)
        taken = False
        try:
            async with asyncio.timeout(seconds):
                lease = await wish.answer
                taken = True
                return lease
        except TimeoutError:
            return None
        finally:
            if not taken:
                self._withdraw(wish)

    def give_back(self, lease: Lease) -> None:
        """One that has ended by itself needs no striking out."""
        if lease.ends_at <= self._now():
            return
        self._ended.add(lease)
        self._given_back.set()
        self._go_on()

    async def aclose(self) -> None:
        """When what was given back is struck out, or the book is away."""
        if self._exchanging is not None:
            await self._exchanging

    def _wish(self, now: float, seconds: float) -> _Wish:
        lease = Lease(
            f"{self._replica}-{next(self._numbers)}", now + seconds + _OUTLIVES_ITS_CALL_SECONDS
        )
        wish = _Wish(lease, asyncio.get_running_loop().create_future())
        self._wishes[lease.name] = wish
        self._go_on()
        return wish

    def _withdraw(self, wish: _Wish) -> None:
        """Its call left: what it may have got by now goes back."""
        if self._wishes.pop(wish.lease.name, None) is None and not wish.answer.cancelled():
            self.give_back(wish.answer.result())

    def _go_on(self) -> None:
        idle = self._exchanging is None or self._exchanging.done()
        if idle and self._now() >= self._away_until:
            self._exchanging = asyncio.create_task(self._exchange_all())

    async def _exchange_all(self) -> None:
        while self._wishes or self._ended:
            self._given_back.clear()
            asked, ended = list(self._wishes.values()), tuple(self._ended)
            given = await self._exchange(asked, ended)
            if given is None:
                return
            self._ended.difference_update(ended)
            for wish in asked[:given]:
                self._fulfil(wish)
            if self._wishes:
                await self._room()

    async def _exchange(self, asked: Sequence[_Wish], ended: Collection[Lease]) -> int | None:
        now = self._now()
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await self._book.exchange(
                    [one.name for one in ended],
                    [(one.lease.name, one.lease.ends_at - now) for one in asked],
                )
        except (TimeoutError, BookAway) as exc:
            self._go_apart(asked, cause=type(exc).__name__)
            return None

    def _go_apart(self, asked: Sequence[_Wish], *, cause: str) -> None:
        """What was asked for may stand in the book: it is struck out when that is back."""
        now = self._now()
        self._away_until = now + _LOOK_AGAIN_AFTER_SECONDS
        self._ended = {one for one in self._ended if one.ends_at > now}
        for wish in asked:
            self._fulfil(wish)
        for wish in self._wishes.values():
            if not wish.answer.done():
                wish.answer.set_result(_APART)
        self._wishes.clear()
        _log.warning("replicas call apart", source=self._source, cause=cause)

    def _fulfil(self, wish: _Wish) -> None:
        if self._wishes.pop(wish.lease.name, None) is None or wish.answer.done():
            self._ended.add(wish.lease)  # its caller left while the book was asked
        else:
            wish.answer.set_result(wish.lease)

    async def _room(self) -> None:
        """Until a call of this replica has ended, or one of another may have."""
        with suppress(TimeoutError):
            async with asyncio.timeout(random.uniform(*_POLL_SECONDS)):
                await self._given_back.wait()


class Leased(httpx.AsyncBaseTransport):
    """
    Lets through what gets a lease in the time that it has.

    It stands behind a limiter, which bounds what one replica asks for, and answers for it.

    Raises:
        NoPlace: Nothing was sent.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, leases: Leases) -> None:
        self._inner = inner
        self._leases = leases

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        lease = await self._leases.take(seconds_left(request))
        if lease is None:
            raise NoPlace
        try:
            return await self._inner.handle_async_request(request)
        finally:
            self._leases.give_back(lease)

    async def aclose(self) -> None:
        await self._leases.aclose()
        await self._inner.aclose()
