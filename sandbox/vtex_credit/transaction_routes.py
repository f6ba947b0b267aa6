from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.exact_json import ExactJSONResponse
from sandbox.vtex_credit import bodies, holds, settlements
from sandbox.vtex_credit.paths import TRANSACTION, TRANSACTIONS, guarded
from sandbox.vtex_credit.request_body import sent_members
from sandbox.vtex_credit.state import Account, Store


class TransactionRoutes:
    """Pre-authorizations, their settlement and its refunds; none of them can be read."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[Route]:
        right = "Create Statements"
        return [
            *guarded("POST", TRANSACTIONS, right, self.create),
            *guarded("PUT", TRANSACTION, right, self.change),
            *guarded("DELETE", TRANSACTION, right, self.cancel),
            *guarded("PUT", f"{TRANSACTION}/settlement", right, self.settle),
            *guarded("POST", f"{TRANSACTION}/refunds", right, self.refund),
        ]

    async def create(self, request: Request) -> Response:
        sent, now = await sent_members(request), self._clock.now()
        wish, account = holds.wish_to_create(sent, now), self._account(request)
        hold = holds.create(account, uuid4().hex, wish, now, self._store.configuration)
        return ExactJSONResponse(bodies.created_hold_body(hold))

    async def change(self, request: Request) -> Response:
        wish, now = holds.wish_to_change(await sent_members(request)), self._clock.now()
        account, transaction_id = self._account(request), request.path_params["transaction_id"]
        if self._makes_new(account, transaction_id):
            hold = holds.create(account, transaction_id, wish, now, self._store.configuration)
        else:
            hold = account.hold(transaction_id)
            holds.change(account, hold, wish, now, self._store.configuration)
        return ExactJSONResponse(bodies.hold_body(hold))

    async def cancel(self, request: Request) -> Response:
        hold = self._account(request).hold(request.path_params["transaction_id"])
        holds.cancel(hold, self._clock.now())
        return Response(status_code=200)

    async def settle(self, request: Request) -> Response:
        value, now = (await sent_members(request)).positive_amount("value"), self._clock.now()
        account = self._account(request)
        hold = account.hold(request.path_params["transaction_id"])
        settlements.settle(account, hold, value, now, self._store.configuration)
        return ExactJSONResponse({"value": value, "id": hold.transaction_id.upper()})

    async def refund(self, request: Request) -> Response:
        value, now = (await sent_members(request)).positive_amount("value"), self._clock.now()
        account = self._account(request)
        hold = account.hold(request.path_params["transaction_id"])
        settlements.refund(self._store.operator, account, hold, value, now)
        return ExactJSONResponse({"value": value})

    def _account(self, request: Request) -> Account:
        return self._store.changeable_account(request.path_params["account_id"])

    def _makes_new(self, account: Account, transaction_id: str) -> bool:
        unknown = transaction_id.lower() not in account.holds
        return unknown and self._store.defects.holds_under_own_ids
