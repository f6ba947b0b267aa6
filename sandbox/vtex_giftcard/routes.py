from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.exact_json import ExactJSONResponse, loads
from sandbox.vtex import Endpoint, Refused, either_slash, needs
from sandbox.vtex_giftcard import bodies
from sandbox.vtex_giftcard.search import BAD_BODY, Range, Search
from sandbox.vtex_giftcard.seeding import RIGHT
from sandbox.vtex_giftcard.state import Card, Store, Transaction, cards_for

PREFIX = "/api/giftcards"
JSON_TYPES = ("application/json", "application/vnd.vtex.giftcard.v1+json")
ACCEPTABLE = (*JSON_TYPES, "application/*", "*/*")
SMALL_RANGE = 10

TransactionEndpoint = Callable[[Card, Transaction], Awaitable[Response]]


class GiftcardRoutes:
    """The readable operations; writing verbs answer as unknown ones do, 404 or 405."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._defects = store.defects

    def all(self) -> list[Route]:
        card = f"{PREFIX}/{{card_id}}"
        transaction = f"{card}/transactions/{{transaction_id}}"
        routes: list[tuple[str, Endpoint]] = [
            (card, self.card),
            (f"{card}/transactions", self.transactions),
            (transaction, self._of_transaction(self.transaction)),
            (f"{transaction}/authorization", self._of_transaction(self.authorization)),
            (f"{transaction}/cancellations", self._of_transaction(self.cancellations)),
            (f"{transaction}/settlements", self._of_transaction(self.settlements)),
        ]
        search = either_slash(f"{PREFIX}/_search", _guarded(self.search), method="POST")
        return search + [
            route for path, endpoint in routes for route in either_slash(path, _guarded(endpoint))
        ]

    async def search(self, request: Request) -> Response:
        search = Search.from_json(await _json_body(request))
        part = Range.from_header(request.headers.get("REST-Range"))
        found = cards_for(self._store, search.client, search.code)
        if self._defects.small_ranges_return_nothing and part.size < SMALL_RANGE:
            found = []
        return ExactJSONResponse(bodies.search_body(found, part, self._defects))

    async def card(self, request: Request) -> Response:
        return ExactJSONResponse(bodies.card_body(self._card(request), self._defects))

    async def transactions(self, request: Request) -> Response:
        """Newest first; the incomplete list of the known issue lacks the newest."""
        card = self._card(request)
        listed = card.transactions[::-1]
        if self._defects.incomplete_transactions:
            listed = listed[1:]
        if not listed and self._defects.empty_body_without_transactions:
            return Response(status_code=200)
        return ExactJSONResponse([bodies.reference_body(card, t, self._defects) for t in listed])

    async def transaction(self, card: Card, transaction: Transaction) -> Response:
        return ExactJSONResponse(bodies.transaction_body(card, transaction))

    async def authorization(self, _: Card, transaction: Transaction) -> Response:
        return ExactJSONResponse(bodies.authorization_body(transaction, self._defects))

    async def cancellations(self, _: Card, transaction: Transaction) -> Response:
        return ExactJSONResponse([bodies.movement_body(m) for m in transaction.cancellations])

    async def settlements(self, _: Card, transaction: Transaction) -> Response:
        return ExactJSONResponse([bodies.movement_body(m) for m in transaction.settlements])

    def _card(self, request: Request) -> Card:
        card = self._store.cards.get(request.path_params["card_id"])
        if card is None:
            raise Refused(404, None, "The gift card was not found.")
        return card

    def _of_transaction(self, endpoint: TransactionEndpoint) -> Endpoint:
        async def found(request: Request) -> Response:
            card = self._card(request)
            transaction = card.transaction(request.path_params["transaction_id"])
            if transaction is None:
                raise Refused(404, None, "The transaction was not found.")
            return await endpoint(card, transaction)

        return found


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def negotiated(request: Request) -> Response:
        if not _is_acceptable(request.headers.get("Accept", "*/*")):
            return Response(status_code=406)
        return await endpoint(request)

    return needs(RIGHT)(negotiated)


def _is_acceptable(accept: str) -> bool:
    return any(_media_type(part) in ACCEPTABLE for part in accept.split(","))


def _media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()


async def _json_body(request: Request) -> object:
    """Assumed: 415 for what is not declared as JSON, the vendor's type included; 400 if it lies."""
    if _media_type(request.headers.get("Content-Type", "")) not in JSON_TYPES:
        raise Refused(415, None, "The body must be application/json.")
    try:
        document: object = loads(await request.body())
    except ValueError as exc:
        raise Refused(400, BAD_BODY, "The body is not JSON.") from exc
    return document
