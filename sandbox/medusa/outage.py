"""
What callers get while the database is down: nothing at first, then a refusal (recorded).

Credentials without a secret key need no database, so strangers are still refused at once, as are
unreadable bodies and unknown routes.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

from sandbox.clock import Clock
from sandbox.medusa.credentials import Actor
from sandbox.medusa.errors import Refusal, sign_in_refused, unauthorized, unknown_error
from sandbox.medusa.state import Outage

PATIENCE: Final = timedelta(seconds=60)
PATIENCE_OF_A_WRITE: Final = timedelta(seconds=120)
"""Assumed: a write was recorded as still unanswered after 60 seconds, not for how long."""

LOOK_AT_CLOCK_SECONDS: Final = 0.02
"""Real seconds; the clock of the sandbox cannot wake anybody."""

POOL_IS_EMPTY: Final = (
    "Knex: Timeout acquiring a connection. The pool is probably full."
    " Are you missing a .transacting(trx) call?"
)
"""Assumed: recorded is only that the text is about a connection pool."""


@dataclass(frozen=True)
class Database:
    outage: Outage | None
    clock: Clock

    async def reach(self, request: Request, path: str, actor: Actor | None) -> None:
        """
        Return at once while it is up, or as soon as it is up again.

        Raises:
            Refusal: It is still down when patience ends, or the caller has gone.
        """
        if self._is_up():
            return
        is_write = request.method == "POST" and actor is not None and actor.kind != "api-key"
        patience = PATIENCE_OF_A_WRITE if is_write else PATIENCE
        if not await self._is_up_before(self.clock.now() + patience, request):
            raise _refusal(path, actor)

    async def _is_up_before(self, end: datetime, request: Request) -> bool:
        gone = asyncio.ensure_future(_client_is_gone(request))
        try:
            while not gone.done():
                if self._is_up():
                    return True
                if self.clock.now() >= end:
                    return False
                await asyncio.wait([gone], timeout=LOOK_AT_CLOCK_SECONDS)
        finally:
            gone.cancel()
        return False

    def _is_up(self) -> bool:
        return self.outage is None or not self.outage.covers(self.clock.now())


def _refusal(path: str, actor: Actor | None) -> Refusal:
    if path.startswith("/auth/user/"):
        return sign_in_refused(POOL_IS_EMPTY)
    if actor is not None and actor.kind == "api-key":
        return unauthorized()
    return unknown_error()


async def _client_is_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
