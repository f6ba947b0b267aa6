"""What VTEX allows one store: requests at a time, and in a minute."""

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.clock import Clock
from sandbox.seed import Record, SeedError


@dataclass(frozen=True)
class Limits:
    concurrent: int
    per_minute: int

    @classmethod
    def from_seed(cls, record: Record) -> "Limits":
        """Documented: 500 and 5,000, over all operations together."""
        limits = cls(
            record.integer("concurrent", default=500), record.integer("per_minute", default=5_000)
        )
        for name in ("concurrent", "per_minute"):
            if getattr(limits, name) < 1:
                raise SeedError(f"{record.at(name)}: below 1")
        record.finish()
        return limits


class Limited:
    """
    Answers 429 with an empty body beyond the limits.

    Assumed: the status (no breach is documented); that a minute is one of the clock, refused
    requests included; that callers without credentials count too.
    """

    def __init__(self, app: ASGIApp, limits: Limits, clock: Clock) -> None:
        self._app = app
        self._limits = limits
        self._clock = clock
        self._under_way = 0
        self._minute: datetime | None = None
        self._in_minute = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._count()
        if self._is_exceeded():
            await Response(status_code=429)(scope, receive, send)
            return
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1

    def _count(self) -> None:
        minute = self._clock.now().replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._in_minute = minute, 0
        self._in_minute += 1

    def _is_exceeded(self) -> bool:
        limits = self._limits
        return self._in_minute > limits.per_minute or self._under_way >= limits.concurrent
