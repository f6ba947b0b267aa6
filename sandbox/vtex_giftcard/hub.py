"""
VTEX's hub in front of the native cards: other paths, other media types, providers to register.

Providers other than the native one can be registered, but nothing is called at their addresses.
"""

from collections.abc import Sequence
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.exact_json import ExactJSONResponse
from sandbox.vtex import Endpoint, Refused, either_slash, needs
from sandbox.vtex_giftcard import bodies
from sandbox.vtex_giftcard.bodies import PROVIDER, Body
from sandbox.vtex_giftcard.dialect import JSON, Dialect, rest_of_card
from sandbox.vtex_giftcard.documents import FLAG, OBJECT, TEXT, Members, checked
from sandbox.vtex_giftcard.negotiation import json_body
from sandbox.vtex_giftcard.routes import GiftcardRoutes
from sandbox.vtex_giftcard.search import Range
from sandbox.vtex_giftcard.state import Card, Defects, Movement, Store

PREFIX = "/api/giftcardproviders"
VIEW = "View Gift Card providers"
EDIT = "Edit Gift Card providers"
VENDOR_JSON = "application/vnd.vtex.giftcardproviders.v1+json"

NULL_REFERENCE = "Object reference not set to an instance of an object."
DISPOSED_OBJECT = "Cannot access a disposed object."

PROVIDER_MEMBERS: Members = {
    "serviceUrl": TEXT,
    "oauthProvider": TEXT,
    "preAuthEnabled": FLAG,
    "cancelEnabled": FLAG,
}
OPTIONAL_PROVIDER_MEMBERS: Members = {"caption": TEXT, "appKey": TEXT, "appToken": TEXT}
ANSWERED_PROVIDER_MEMBERS = (*PROVIDER_MEMBERS, "caption")
"""Assumed: the credentials of a provider are not answered."""

CARD_REQUIRES = (
    "relationName",
    "emissionDate",
    "expiringDate",
    "caption",
    "profileId",
    "restrictedToOwner",
    "multipleCredits",
    "multipleRedemptions",
)


def hub_routes(store: Store, clock: Clock) -> list[Route]:
    providers = Providers(store.defects)
    return [*providers.routes(), *GiftcardRoutes(store, clock, _dialect(providers)).all()]


class Providers:
    """Who provides gift cards to the store; at first the native provider does, alone."""

    def __init__(self, defects: Defects) -> None:
        self._defects = defects
        self._is_native_saved = False
        self._by_id: dict[str, Body] = {
            PROVIDER: {
                "serviceUrl": "http://api.vtex.example/sandbox",
                "oauthProvider": "vtex",
                "preAuthEnabled": True,
                "cancelEnabled": True,
            }
        }

    def routes(self) -> list[Route]:
        one = f"{PREFIX}/{{provider_id}}"
        view, edit = needs(VIEW, EDIT), needs(EDIT)
        return [
            *either_slash(PREFIX, view(self.list_all)),
            *either_slash(one, view(self.read)),
            *either_slash(one, edit(self.save), method="PUT"),
            *either_slash(one, edit(self.delete), method="DELETE"),
        ]

    def reading(self, endpoint: Endpoint) -> Endpoint:
        return needs(VIEW, EDIT)(self._forwarded(endpoint))

    def writing(self, endpoint: Endpoint) -> Endpoint:
        """Known issue: a time-out of the provider, who may have booked by then, surfaces as 401."""
        forwarded = self._forwarded(endpoint)

        async def timed(request: Request) -> Response:
            response = await forwarded(request)
            return Response(status_code=401) if self._defects.hub_timeouts_as_401 else response

        return needs(EDIT)(timed)

    async def list_all(self, _: Request) -> Response:
        return _answer([self._body(provider_id) for provider_id in self._by_id])

    async def read(self, request: Request) -> Response:
        return _answer(self._body(self._known(request)))

    async def save(self, request: Request) -> Response:
        provider_id: str = request.path_params["provider_id"]
        document = await json_body(request, (VENDOR_JSON,))
        given = checked(document, "body", PROVIDER_MEMBERS, OPTIONAL_PROVIDER_MEMBERS)
        if provider_id == PROVIDER:
            self._is_native_saved = True
        elif self._defects.first_provider_replaces_native and not self._is_native_saved:
            self._by_id.pop(PROVIDER, None)
        self._by_id[provider_id] = {
            name: given[name] for name in ANSWERED_PROVIDER_MEMBERS if name in given
        }
        return _answer(self._body(provider_id))

    async def delete(self, request: Request) -> Response:
        if self._by_id.pop(request.path_params["provider_id"], None) is None:
            raise Refused(404, None, "The provider was not found.")
        return Response(status_code=200)

    def _forwarded(self, endpoint: Endpoint) -> Endpoint:
        """
        To the native provider. Any other, which nobody serves here, fails as hubs do.

        Known issue: an error of the provider may surface as 500 with a text of the hub's own.
        """

        @wraps(endpoint)
        async def forwarded(request: Request) -> Response:
            if self._known(request) != PROVIDER:
                raise Refused(500, None, DISPOSED_OBJECT)
            try:
                return await endpoint(request)
            except Refused as exc:
                if self._defects.hub_errors_as_500:
                    raise Refused(500, None, DISPOSED_OBJECT) from exc
                raise

        return forwarded

    def _known(self, request: Request) -> str:
        """Documented: an unknown provider is a null reference."""
        provider_id: str = request.path_params["provider_id"]
        if provider_id not in self._by_id:
            raise Refused(500, None, NULL_REFERENCE)
        return provider_id

    def _body(self, provider_id: str) -> Body:
        return {
            "id": provider_id,
            **self._by_id[provider_id],
            "_self": {"href": f"sandbox/giftcardproviders/{provider_id}"},
        }


def _answer(body: object) -> Response:
    return ExactJSONResponse(body, media_type=VENDOR_JSON)


def _found(found: Sequence[Card], part: Range, _: Defects) -> object:
    return bodies.balances_body(found, part)


def _issued(card: Card, _: object, defects: Defects) -> object:
    """Neither code nor token: the one equals the other."""
    shown = ("id", "emissionDate", "expiringDate", "caption", "currencyCode", "discount")
    body = bodies.issued_body(card, defects)
    return {
        **{name: body[name] for name in shown if name in body},
        "provider": PROVIDER,
        "transactions": {"href": f"sandbox/giftcards/{card.number}/transactions"},
    }


def _settled(movement: Movement) -> object:
    return [bodies.movement_body(movement)]


def _dialect(providers: Providers) -> Dialect:
    return Dialect(
        prefix=f"{PREFIX}/{{provider_id}}/giftcards",
        reading=providers.reading,
        writing=providers.writing,
        media_type=VENDOR_JSON,
        body_types=(VENDOR_JSON,),
        settlement_body_types=(JSON,),
        acceptable_types=(VENDOR_JSON, JSON),
        card_requires=CARD_REQUIRES,
        card_allows=rest_of_card(CARD_REQUIRES),
        transaction_requires={"orderInfo": OBJECT},
        links="sandbox/giftcards",
        links_when_made="sandbox/giftcards",
        found=_found,
        issued=_issued,
        settled=_settled,
    )
