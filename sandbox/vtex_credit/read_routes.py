from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.exact_json import ExactJSONResponse
from sandbox.vtex_credit import bodies
from sandbox.vtex_credit.paths import ACCOUNT, ACCOUNTS, INVOICE, INVOICES, STORE, guarded
from sandbox.vtex_credit.search import (
    FIRST_PAGE,
    Line,
    accounts_matching,
    invoices_matching,
    page,
)
from sandbox.vtex_credit.state import Store


class ReadRoutes:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[Route]:
        return [
            *guarded("GET", ACCOUNTS, "Read Checking Accounts", self.search_accounts),
            *guarded("GET", ACCOUNT, "Read Checking Accounts", self.account),
            *guarded("GET", f"{ACCOUNT}/statements", "Read Statements", self.statements),
            *guarded("GET", INVOICES, "Read Invoices", self.search_invoices),
            *guarded("GET", f"{ACCOUNT}/invoices", "Read Invoices", self.account_invoices),
            *guarded("GET", INVOICE, "Read Invoices", self.invoice),
            *guarded("GET", STORE, "Read Configuration", self.configuration),
        ]

    async def search_accounts(self, request: Request) -> Response:
        """`summary.count` is the number of listed accounts in the store, whatever was asked."""
        listed, now = self._store.open_accounts(), self._clock.now()
        found = page(
            accounts_matching(listed, request.query_params),
            request.query_params,
            unasked=FIRST_PAGE,
            largest=self._store.defects.largest_page,
        )
        return ExactJSONResponse(
            {
                "data": [bodies.account_body(account, now) for account in found],
                "summary": {"count": len(listed)},
            }
        )

    async def account(self, request: Request) -> Response:
        account = self._store.account(request.path_params["account_id"])
        return ExactJSONResponse(bodies.account_body(account, self._clock.now()))

    async def statements(self, request: Request) -> Response:
        account = self._store.account(request.path_params["account_id"])
        return ExactJSONResponse(bodies.statements_body(account, self._store.defects))

    async def search_invoices(self, request: Request) -> Response:
        lines = sorted(self._store.invoices(), key=lambda line: (line[1].created_at, line[1].id))
        return self._invoice_page(lines, request, unasked=FIRST_PAGE)

    async def account_invoices(self, request: Request) -> Response:
        """
        All of them when asked without parameters: the file declares none.

        Assumed: the search's parameters, which a text of 2020 gave this route too, still work.
        """
        account = self._store.account(request.path_params["account_id"])
        lines = [(account, invoice) for invoice in account.invoices]
        return self._invoice_page(lines, request, unasked=None)

    async def invoice(self, request: Request) -> Response:
        account = self._store.account(request.path_params["account_id"])
        invoice = account.invoice(request.path_params["invoice_id"])
        return ExactJSONResponse(bodies.invoice_body(account, invoice, self._store.defects))

    async def configuration(self, _: Request) -> Response:
        return ExactJSONResponse(self._store.configuration.members)

    def _invoice_page(
        self, lines: list[Line], request: Request, *, unasked: int | None
    ) -> Response:
        found = page(
            invoices_matching(lines, request.query_params),
            request.query_params,
            unasked=unasked,
            largest=self._store.defects.largest_page,
        )
        return ExactJSONResponse(bodies.invoice_list_body(found, self._store.defects))
