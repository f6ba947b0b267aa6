from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.exact_json import ExactJSONResponse
from sandbox.vtex import Endpoint, Refused, either_slash
from sandbox.vtex_giftcard import bodies
from sandbox.vtex_giftcard.booking import Booking
from sandbox.vtex_giftcard.dialect import Dialect
from sandbox.vtex_giftcard.issuing import CardIssuer
from sandbox.vtex_giftcard.negotiation import accepts_any_of, json_body
from sandbox.vtex_giftcard.requests import CardRequest, MovementRequest, TransactionRequest
from sandbox.vtex_giftcard.search import Range, Search
from sandbox.vtex_giftcard.state import Card, Store, Transaction, cards_for

SMALL_RANGE = 10

TransactionEndpoint = Callable[[Request, Card, Transaction], Awaitable[Response]]


class GiftcardRoutes:
    """
    The eleven operations, in the words of one dialect.

    Assumed order of checks: caller, right, `Accept`, `Content-Type`, body, then card and money.
    """

    def __init__(self, store: Store, clock: Clock, dialect: Dialect) -> None:
        self._store = store
        self._defects = store.defects
        self._dialect = dialect
        self._issuer = CardIssuer(store, clock)
        self._booking = Booking(store, clock, movements_once=dialect.movements_once)
        self._small_searches = 0

    def all(self) -> list[Route]:
        cards = self._dialect.prefix
        card = f"{cards}/{{card_id}}"
        transactions = f"{card}/transactions"
        transaction = f"{transactions}/{{transaction_id}}"
        return [
            *self._reads(f"{cards}/_search", self.search, method="POST"),
            *self._writes(cards, self.issue),
            *self._reads(card, self.card),
            *self._reads(transactions, self.transactions),
            *self._writes(transactions, self.transact),
            *self._reads(transaction, self._of_transaction(self.transaction)),
            *self._reads(f"{transaction}/authorization", self._of_transaction(self.authorization)),
            *self._reads(f"{transaction}/cancellations", self._of_transaction(self.cancellations)),
            *self._writes(f"{transaction}/cancellations", self.cancel),
            *self._reads(f"{transaction}/settlements", self._of_transaction(self.settlements)),
            *self._writes(f"{transaction}/settlements", self.settle),
        ]

    async def search(self, request: Request) -> Response:
        search = Search.from_json(await self._body(request))
        part = Range.from_header(request.headers.get("REST-Range"))
        found = cards_for(self._store, search.client, search.code)
        if self._is_struck(part):
            found = []
        return self._answer(self._dialect.found(found, part, self._defects))

    async def issue(self, request: Request) -> Response:
        dialect, document = self._dialect, await self._body(request)
        wanted = CardRequest.from_json(document, dialect.card_requires, dialect.card_allows)
        card = self._issuer.issue(wanted)
        return self._answer(dialect.issued(card, document, self._defects))

    async def card(self, request: Request) -> Response:
        return self._answer(bodies.card_body(self._card(request), self._defects))

    async def transactions(self, request: Request) -> Response:
        """Newest first; the incomplete list of the known issue lacks the newest."""
        card = self._card(request)
        listed = card.recorded()[::-1]
        if self._defects.incomplete_transactions:
            listed = listed[1:]
        if not listed and self._defects.empty_body_without_transactions:
            return Response(status_code=200)
        root = self._dialect.links
        return self._answer(
            [bodies.reference_body(card, t, self._defects, root=root) for t in listed]
        )

    async def transact(self, request: Request) -> Response:
        document = await self._body(request)
        wanted = TransactionRequest.from_json(document, self._dialect.transaction_requires)
        card = self._card(request)
        made = await self._booking.transact(card, wanted)
        root = self._dialect.links_when_made
        return self._answer(bodies.reference_body(card, made, self._defects, root=root))

    async def transaction(self, _: Request, card: Card, transaction: Transaction) -> Response:
        return self._answer(bodies.transaction_body(card, transaction, self._defects))

    async def authorization(self, _: Request, __: Card, transaction: Transaction) -> Response:
        return self._answer(bodies.authorization_body(transaction, self._defects))

    async def cancellations(self, _: Request, __: Card, transaction: Transaction) -> Response:
        return self._answer([bodies.movement_body(m) for m in transaction.cancellations])

    async def cancel(self, request: Request) -> Response:
        wanted = MovementRequest.from_json(await self._body(request))
        card = self._card(request)
        made = self._booking.cancel(card, _transaction(request, card), wanted)
        return self._answer(bodies.movement_body(made))

    async def settlements(self, _: Request, __: Card, transaction: Transaction) -> Response:
        return self._settlement_answer([bodies.movement_body(m) for m in transaction.settlements])

    async def settle(self, request: Request) -> Response:
        document = await json_body(request, self._dialect.settlement_body_types)
        wanted = MovementRequest.from_json(document)
        made = self._booking.settle(_transaction(request, self._card(request)), wanted)
        return self._settlement_answer(self._dialect.settled(made))

    def _reads(self, path: str, endpoint: Endpoint, *, method: str = "GET") -> list[Route]:
        guarded = self._dialect.reading(self._negotiated(endpoint))
        return either_slash(path, guarded, method=method)

    def _writes(self, path: str, endpoint: Endpoint) -> list[Route]:
        return either_slash(path, self._dialect.writing(self._negotiated(endpoint)), method="POST")

    def _negotiated(self, endpoint: Endpoint) -> Endpoint:
        async def negotiated(request: Request) -> Response:
            if not accepts_any_of(request, self._dialect.acceptable_types):
                raise HTTPException(406)
            return await endpoint(request)

        return negotiated

    async def _body(self, request: Request) -> object:
        return await json_body(request, self._dialect.body_types)

    def _answer(self, body: object) -> Response:
        return ExactJSONResponse(body, media_type=self._dialect.media_type)

    def _settlement_answer(self, body: object) -> Response:
        return ExactJSONResponse(body, media_type=self._dialect.settlement_media_type)

    def _is_struck(self, part: Range) -> bool:
        """Known issue: small ranges return nothing, intermittently; here every second time."""
        if not self._defects.small_ranges_return_nothing or part.size >= SMALL_RANGE:
            return False
        self._small_searches += 1
        return self._small_searches % 2 == 1

    def _card(self, request: Request) -> Card:
        card = self._store.cards.get(request.path_params["card_id"])
        if card is None:
            raise Refused(404, None, "The gift card was not found.")
        return card

    def _of_transaction(self, endpoint: TransactionEndpoint) -> Endpoint:
        async def found(request: Request) -> Response:
            card = self._card(request)
            return await endpoint(request, card, _transaction(request, card))

        return found


def _transaction(request: Request, card: Card) -> Transaction:
    transaction = card.transaction(request.path_params["transaction_id"])
    if transaction is None:
        raise Refused(404, None, "The transaction was not found.")
    return transaction
