"""
Stand-in for Adobe Commerce 2.4.9 with B2B: company credit and the way from a shopper to it.

Serves under `/rest/<any store>/V1` and `/V1`: credits by id, by company and searched, their
history, moves of the balance, changes of limit and currency, notes, customers, companies; and the
two ways to be given a token, one of them under `/ims`. `exceed_limit` guards the shop's own
checkout and changes nothing here; nothing is remembered of a request, so the same move sent twice
moves twice. Differences between releases and merchants' settings, and reported defects, are
switches of the seed section, under `switches`.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.adobe.loading import load_shop
from sandbox.adobe.routes import respond
from sandbox.clock import Clock


def create_adobe(section: Mapping[str, Any], clock: Clock) -> ASGIApp:
    """
    Raises:
        SeedError: *section* is wrong; the message begins with the place.
    """
    shop = load_shop(section, clock)

    async def adobe(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientDisconnect):  # half a body asks for nothing
            response = await respond(shop, Request(scope, receive))
            await response(scope, receive, send)

    return adobe
