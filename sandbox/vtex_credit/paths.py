"""Where the operations live, and the right that each of them needs."""

from starlette.routing import Route

from sandbox.vtex import Endpoint, either_slash, needs

PREFIX = "/api/creditcontrol"
ACCOUNTS = f"{PREFIX}/accounts"
ACCOUNT = f"{ACCOUNTS}/{{account_id}}"
TRANSACTIONS = f"{ACCOUNT}/transactions"
TRANSACTION = f"{TRANSACTIONS}/{{transaction_id}}"
INVOICES = f"{PREFIX}/invoices"
INVOICE = f"{ACCOUNT}/invoices/{{invoice_id}}"
STORE = f"{PREFIX}/storeconfig"

UMBRELLA = "Main Access"


def guarded(verb: str, path: str, right: str, endpoint: Endpoint) -> list[Route]:
    return either_slash(path, needs(UMBRELLA, right)(endpoint), method=verb)
