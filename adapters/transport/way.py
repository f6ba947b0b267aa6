"""The whole way to one source, layer by layer."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from adapters.transport.breaker import Breaker
from adapters.transport.calls import CallClass
from adapters.transport.figures import Figures, TurnedAway
from adapters.transport.health import Health
from adapters.transport.layers import BodyLimit, Deadline, Due
from adapters.transport.leases import Leased, Leases
from adapters.transport.limiter import Limiter, Rate
from adapters.transport.retry import Retry
from adapters.transport.settings import SourceSettings
from app.domain.clock import Clock, utc_now
from app.domain.identifiers import SourceKey
from app.domain.source_health import SourceHealth


class Way(httpx.AsyncBaseTransport):
    """
    From the outside in: breaker, limiter, leases where replicas share them, health, deadline, size
    of the answer, and *last*, which makes the connections. Around it come the proof of who asks,
    and `repeating`.

    So every try is counted by the breaker and the limiter, what an open circuit or the limiter
    turn away is no news about the source, and all tries end by one deadline.

    Args:
        now: Seconds that only grow, for the breaker and the health.
    """

    def __init__(
        self,
        last: httpx.AsyncBaseTransport,
        settings: SourceSettings,
        *,
        rate: Rate | None = None,
        leases: Leases | None = None,
        clock: Clock = utc_now,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = SourceKey(settings.key)
        self._settings = settings
        bounded = BodyLimit(last, max_bytes=settings.max_response_bytes)
        timed = Deadline(bounded, seconds=settings.timeout_seconds)
        self._health = Health(timed, source=self._source, clock=clock, now=now)
        leased = self._health if leases is None else Leased(self._health, leases)
        self._limiter = Limiter(
            leased, source=self._source, concurrent=settings.max_concurrent_calls, rate=rate
        )
        self._breaker = Breaker(self._limiter, settings.breaker, source=self._source, now=now)
        self._first = Due(self._breaker, seconds=settings.timeout_seconds)
        self._retry: Retry | None = None

    def repeating(self, proven: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        """
        The layers around *proven*, which is this way with the proof of who asks: a signature is
        good for one try, and a provider refuses it the second time.
        """
        if self._settings.retries:
            proven = self._retry = Retry(proven, source=self._source)
        return Due(proven, seconds=self._settings.timeout_seconds)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._first.handle_async_request(request)

    async def health(self) -> SourceHealth:
        return self._health.seen(
            reads=self._breaker.state_of(CallClass.READ),
            circuit=self._breaker.state,
            remaining=await self._limiter.remaining(),
        )

    async def figures(self) -> Figures:
        health = await self.health()
        return Figures(
            state=health.state,
            circuits={each: self._breaker.state_of(each) for each in CallClass},
            circuit_changes=self._breaker.changes,
            tally=self._health.tally,
            turned_away={
                TurnedAway.CIRCUIT: self._breaker.left_alone,
                TurnedAway.CONCURRENCY: self._limiter.turned_away[TurnedAway.CONCURRENCY],
                TurnedAway.RATE: self._limiter.turned_away[TurnedAway.RATE],
            },
            repeats=0 if self._retry is None else self._retry.repeats,
            remaining=health.rate_limit_remaining,
        )

    async def aclose(self) -> None:
        await self._first.aclose()
