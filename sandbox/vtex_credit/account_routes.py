from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.exact_json import ExactJSONResponse
from sandbox.vtex_credit import accounts, bodies
from sandbox.vtex_credit.paths import ACCOUNT, ACCOUNTS, STORE, guarded
from sandbox.vtex_credit.request_body import Members, sent_members
from sandbox.vtex_credit.state import Account, Store


class AccountRoutes:
    """What changes accounts and the terms of the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[Route]:
        create, edit = "Create Checking Accounts", "Edit credits"
        entry, holders = f"{ACCOUNT}/statements/{{statement_id}}", f"{ACCOUNT}/holders"
        return [
            *guarded("POST", ACCOUNTS, create, self.open),
            *guarded("PUT", ACCOUNT, create, self.update),
            *guarded("DELETE", ACCOUNT, create, self.close),
            *guarded("PUT", f"{ACCOUNT}/creditlimit", edit, self.change_limit),
            *guarded("PUT", f"{ACCOUNT}/tolerance", create, self.change_tolerance),
            *guarded("PUT", entry, edit, self.decrease_balance),
            *guarded("POST", holders, create, self.add_holder),
            *guarded("DELETE", f"{holders}/{{holder_id}}", create, self.remove_holder),
            *guarded("PUT", STORE, "Edit Configuration", self.change_configuration),
        ]

    async def open(self, request: Request) -> Response:
        sent, now = await sent_members(request), self._clock.now()
        account = accounts.open_account(self._store, sent, now)
        return ExactJSONResponse(bodies.account_body(account, now))

    async def update(self, request: Request) -> Response:
        sent, now = await sent_members(request), self._clock.now()
        account = self._account(request)
        accounts.update(self._store, account, sent, now)
        return ExactJSONResponse(bodies.account_body(account, now))

    async def close(self, request: Request) -> Response:
        """A body may come, and then only the types of its members count (assumed)."""
        if await request.body():
            _read_identity(await sent_members(request))
        account, now = self._account(request), self._clock.now()
        accounts.close(self._store, account, now)
        return ExactJSONResponse(bodies.account_body(account, now))

    async def change_limit(self, request: Request) -> Response:
        limit, now = (await sent_members(request)).limit("value"), self._clock.now()
        account = self._account(request)
        accounts.change_limit(self._store, account, limit, now)
        return ExactJSONResponse(bodies.account_body_without_document(account, now))

    async def change_tolerance(self, request: Request) -> Response:
        tolerance, now = (await sent_members(request)).rate("value"), self._clock.now()
        account = self._account(request)
        accounts.change_tolerance(account, tolerance, now)
        return ExactJSONResponse(bodies.account_body_without_document(account, now))

    async def decrease_balance(self, request: Request) -> Response:
        """The value is a text both ways; negative debits."""
        value = (await sent_members(request)).amount_as_text("value")
        account, statement_id = self._account(request), request.path_params["statement_id"]
        now = self._clock.now()
        accounts.post_manual_entry(self._store, account, statement_id, value, now)
        return ExactJSONResponse({"value": f"{value:f}"})

    async def add_holder(self, request: Request) -> Response:
        email = (await sent_members(request)).object("claims").text("email")
        holder = accounts.add_holder(self._account(request), email, self._clock.now())
        return ExactJSONResponse(bodies.holder_body(holder))

    async def remove_holder(self, request: Request) -> Response:
        holder_id = request.path_params["holder_id"]
        accounts.remove_holder(self._account(request), holder_id)
        return ExactJSONResponse({"id": holder_id})

    async def change_configuration(self, request: Request) -> Response:
        sent = await sent_members(request)
        self._store.configuration = self._store.configuration.merged_with(sent)
        return ExactJSONResponse(self._store.configuration.members)

    def _account(self, request: Request) -> Account:
        return self._store.changeable_account(request.path_params["account_id"])


def _read_identity(sent: Members) -> None:
    for name in ("document", "documentType", "email"):
        sent.note(name)
