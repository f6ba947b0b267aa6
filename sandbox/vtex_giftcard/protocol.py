"""
The provider protocol, as a third party serves it: whoever asks here speaks as VTEX does.

Documented: 401 without keys and 403 with wrong ones, both with an empty body, and 500 for every
other refusal. A `ts` in the query is there against caches and means nothing.
"""

import hmac
from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.clock import Clock
from sandbox.exact_json import ExactJSONResponse
from sandbox.seed import Record
from sandbox.vtex import Endpoint, Refused
from sandbox.vtex_giftcard import bodies
from sandbox.vtex_giftcard.dialect import Dialect, rest_of_card
from sandbox.vtex_giftcard.documents import OBJECT
from sandbox.vtex_giftcard.requests import CARD_MEMBERS
from sandbox.vtex_giftcard.routes import GiftcardRoutes
from sandbox.vtex_giftcard.search import Range
from sandbox.vtex_giftcard.state import Card, Defects, Store

MEDIA_TYPE = "application/vnd.vtex.giftcards.v1+json"
CARD_REQUIRES = ("relationName", "caption", "profileId")
UNKNOWN_ROUTE = (404, 405)

TokensByKey = Mapping[str, str]


def protocol_app(store: Store, clock: Clock, tokens: TokensByKey) -> Starlette:
    app = Starlette(
        routes=GiftcardRoutes(store, clock, _dialect()).all(),
        middleware=[Middleware(_KeysOnly, tokens=tokens)],
        exception_handlers={Refused: _failure, HTTPException: _bare},
    )
    app.router.redirect_slashes = False
    return app


def provider_keys(records: Sequence[Record]) -> TokensByKey:
    keys = {}
    for record in records:
        keys[record.text("key")] = record.text("token")
        record.finish()
    return keys


class _KeysOnly:
    def __init__(self, app: ASGIApp, tokens: TokensByKey) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and (status := self._refusal(Headers(scope=scope))):
            app = Response(status_code=status)
        await app(scope, receive, send)

    def _refusal(self, headers: Headers) -> int | None:
        key, token = headers.get("X-PROVIDER-API-AppKey"), headers.get("X-PROVIDER-API-AppToken")
        if not key or not token:
            return 401
        own = self._tokens.get(key)
        if own is None or not hmac.compare_digest(own.encode(), token.encode()):
            return 403
        return None


async def _failure(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, Refused)
    return ExactJSONResponse(exc.body, 500, media_type=MEDIA_TYPE)


async def _bare(_: Request, exc: Exception) -> Response:
    """An unknown route is none of the protocol's errors and stays what it is."""
    assert isinstance(exc, HTTPException)
    return Response(status_code=exc.status_code if exc.status_code in UNKNOWN_ROUTE else 500)


def _unguarded(endpoint: Endpoint) -> Endpoint:
    return endpoint


def _found(found: Sequence[Card], part: Range, _: Defects) -> object:
    """Documented: cards without balance are left out."""
    return bodies.balances_body([card for card in found if card.balance() > 0], part)


def _issued(card: Card, document: object, _: Defects) -> object:
    """Documented: the request again, and the id."""
    assert isinstance(document, Mapping)
    echoed = {name: value for name, value in document.items() if name in CARD_MEMBERS}
    return {"id": card.answered_id, **echoed}


def _dialect() -> Dialect:
    return Dialect(
        prefix="/giftcards",
        reading=_unguarded,
        writing=_unguarded,
        media_type=MEDIA_TYPE,
        settlement_media_type=MEDIA_TYPE,
        body_types=(MEDIA_TYPE,),
        settlement_body_types=(MEDIA_TYPE,),
        acceptable_types=(MEDIA_TYPE,),
        card_requires=CARD_REQUIRES,
        card_allows=rest_of_card(CARD_REQUIRES),
        transaction_requires={"orderInfo": OBJECT},
        movements_once=True,
        links="/sandbox/giftcards",
        links_when_made="/sandbox/giftcards",
        found=_found,
        issued=_issued,
    )
