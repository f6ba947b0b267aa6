"""The layer that leaves a failing source alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import httpx
import structlog

from adapters.transport.calls import CallClass, class_of
from adapters.transport.circuit import BreakerSettings, Circuit, Outcome
from adapters.transport.faults import CircuitIsOpen
from app.domain.identifiers import SourceKey
from app.domain.source_health import CircuitState

_log = structlog.get_logger("creditgraph.breaker")

_WORST_FIRST = (CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.CLOSED)
_CHANGES = (CircuitState.OPEN, CircuitState.CLOSED)
"""States that a call leads to; half-open is where time leads."""

_OURS = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.PoolTimeout)
"""Faults of a call that did not reach the source, and says nothing about it."""


class Breaker(httpx.AsyncBaseTransport):
    """
    A circuit for each class of call: writes may fail where reads do not.

    A failure is an exchange without a usable answer, or a status of 500 and more. A refusal, 4xx,
    counts for nothing while the circuit is closed; as the answer to a probe it closes it, as it
    proves that somebody is there. 429 proves nothing: it may be our own limiter's.

    Attributes:
        left_alone: Calls that were not made, as their circuit was open.
        changes: To which state circuits went, and how often.

    Raises:
        CircuitIsOpen: At once; nothing was sent.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        settings: BreakerSettings,
        *,
        source: SourceKey,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._source = source
        self.left_alone = 0
        self.changes = Counter({(each, state): 0 for each in CallClass for state in _CHANGES})
        self._circuits = {each: Circuit(settings, now) for each in CallClass}

    @property
    def state(self) -> CircuitState:
        """The worst of reads and writes."""
        states = {self.state_of(CallClass.READ), self.state_of(CallClass.WRITE)}
        return next(state for state in _WORST_FIRST if state in states)

    def state_of(self, call_class: CallClass) -> CircuitState:
        return self._circuits[call_class].state

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call_class = class_of(request)
        entered = self._circuits[call_class].enter()
        if entered is None:
            self.left_alone += 1
            raise CircuitIsOpen("left alone for a while")
        outcome = Outcome.NOTHING
        try:
            response = await self._inner.handle_async_request(request)
            outcome = _outcome_of(response.status_code)
        except httpx.HTTPError as exc:
            outcome = Outcome.NOTHING if isinstance(exc, _OURS) else Outcome.FAILURE
            raise
        finally:
            self._leave(call_class, entered, outcome)
        return response

    def _leave(self, call_class: CallClass, entered: int, outcome: Outcome) -> None:
        changed = self._circuits[call_class].leave(entered, outcome)
        if changed is not None:
            self.changes[call_class, changed] += 1
            tell = _log.info if changed is CircuitState.CLOSED else _log.warning
            tell("circuit changed", source=self._source, calls=call_class, state=changed)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _outcome_of(status: int) -> Outcome:
    if status == 429:
        return Outcome.NOTHING
    if status >= 500:
        return Outcome.FAILURE
    return Outcome.REFUSED if status >= 400 else Outcome.SUCCESS
