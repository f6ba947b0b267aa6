from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.exact_json import ExactJSONResponse
from sandbox.vtex import Refused, either_slash, needs
from sandbox.vtex_credit import bodies
from sandbox.vtex_credit.search import (
    FIRST_PAGE,
    Line,
    accounts_matching,
    invoices_matching,
    page,
)
from sandbox.vtex_credit.state import Account, Store

PREFIX = "/api/creditcontrol"
UMBRELLA = "Main Access"


class CreditRoutes:
    """The readable operations; the writing verbs of the same paths answer 405."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[Route]:
        one_account = f"{PREFIX}/accounts/{{account_id}}"
        reads_accounts = needs(UMBRELLA, "Read Checking Accounts")
        reads_invoices = needs(UMBRELLA, "Read Invoices")
        reads_statements = needs(UMBRELLA, "Read Statements")
        reads_configuration = needs(UMBRELLA, "Read Configuration")
        return [
            *either_slash(f"{PREFIX}/accounts", reads_accounts(self.search_accounts)),
            *either_slash(one_account, reads_accounts(self.account)),
            *either_slash(f"{one_account}/statements", reads_statements(self.statements)),
            *either_slash(f"{PREFIX}/invoices", reads_invoices(self.search_invoices)),
            *either_slash(f"{one_account}/invoices", reads_invoices(self.account_invoices)),
            *either_slash(f"{one_account}/invoices/{{invoice_id}}", reads_invoices(self.invoice)),
            *either_slash(f"{PREFIX}/storeconfig", reads_configuration(self.configuration)),
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
        return ExactJSONResponse(bodies.account_body(self._account(request), self._clock.now()))

    async def statements(self, request: Request) -> Response:
        body = bodies.statements_body(self._account(request), self._store.defects)
        return ExactJSONResponse(body)

    async def search_invoices(self, request: Request) -> Response:
        lines = sorted(self._store.invoices(), key=lambda line: (line[1].created_at, line[1].id))
        return self._invoice_page(lines, request, unasked=FIRST_PAGE)

    async def account_invoices(self, request: Request) -> Response:
        """
        All of them when asked without parameters: the file declares none.

        Assumed: the search's parameters, which a text of 2020 gave this route too, still work.
        """
        account = self._account(request)
        lines = [(account, invoice) for invoice in account.invoices]
        return self._invoice_page(lines, request, unasked=None)

    async def invoice(self, request: Request) -> Response:
        account, wanted = self._account(request), request.path_params["invoice_id"].upper()
        for invoice in account.invoices:
            if invoice.id == wanted:
                body = bodies.invoice_body(account, invoice, self._store.defects)
                return ExactJSONResponse(body)
        raise Refused(404, None, "The invoice was not found.")

    async def configuration(self, _: Request) -> Response:
        return ExactJSONResponse(self._store.configuration)

    def _account(self, request: Request) -> Account:
        account = self._store.accounts.get(request.path_params["account_id"])
        if account is None:
            raise Refused(404, None, "The Credit Account was not found.")
        return account

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
