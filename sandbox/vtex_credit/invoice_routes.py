from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.exact_json import ExactJSONResponse
from sandbox.vtex_credit import bodies, invoices
from sandbox.vtex_credit.paths import INVOICE, guarded
from sandbox.vtex_credit.request_body import sent_members
from sandbox.vtex_credit.state import Account, Store

MOST_DAYS = 10_000
"""Beyond any limit a store can set."""


class InvoiceRoutes:
    """What changes an invoice; all answers but that to a payment are empty."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[Route]:
        create = "Create Invoices"
        return [
            *guarded("PUT", INVOICE, create, self.change),
            *guarded("DELETE", INVOICE, create, self.cancel),
            *guarded("POST", f"{INVOICE}/payments", "Pay Invoice", self.pay),
            *guarded("PUT", f"{INVOICE}/postponement", create, self.postpone),
        ]

    async def change(self, request: Request) -> Response:
        sent = await sent_members(request)
        account = self._account(request)
        invoice = account.invoice(request.path_params["invoice_id"])
        invoices.change(account, invoice, sent, self._clock.now(), self._store.defects)
        return Response(status_code=200)

    async def cancel(self, request: Request) -> Response:
        account = self._account(request)
        invoice = account.invoice(request.path_params["invoice_id"])
        invoices.cancel(account, invoice, self._clock.now(), self._store.defects)
        return Response(status_code=200)

    async def pay(self, request: Request) -> Response:
        account = self._account(request)
        invoice = account.invoice(request.path_params["invoice_id"])
        invoices.pay(account, invoice, self._clock.now())
        return ExactJSONResponse(bodies.invoice_body(account, invoice, self._store.defects))

    async def postpone(self, request: Request) -> Response:
        days = (await sent_members(request)).whole("dueDays", least=1, most=MOST_DAYS)
        invoice = self._account(request).invoice(request.path_params["invoice_id"])
        invoices.postpone(invoice, days, self._clock.now(), self._store.configuration)
        return Response(status_code=200)

    def _account(self, request: Request) -> Account:
        return self._store.changeable_account(request.path_params["account_id"])
