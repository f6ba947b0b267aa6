"""A gateway on a sandbox of its own, and company credit there, as a client asks for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any, Final

import httpx

from app.main import create_app
from app.settings import Settings
from sandbox.application import create_sandbox
from sandbox.clock import Clock
from tests.contract.stack import section
from tests.graphql.graph import JSON, NOW, Graph, Wire, as_caller, settings

SHOPPERS_COMPANY: Final = 21
SHOPPERS_CREDIT: Final = "31"
BUYERS_COMPANY: Final = 22
BLOCKED_COMPANY: Final = 23
NEWCOMERS_COMPANY: Final = 24

TOKEN: Final = {"Authorization": "Bearer sandbox-adobe-token"}

RECEIPT: Final = "operation { id status replayed attempts upstreamRequestId }"
ERRORS: Final = """userErrors { __typename code message path retryable
  ... on InsufficientCreditError { requested { amount currencyCode } spendable { amount } }
  ... on InstrumentNotUsableError { reasons }
  ... on InvalidStateError { state allowed }
  ... on CurrencyMismatchError { expected actual }
  ... on OutcomeUnknownError { checkAfterSeconds operation { status } } }"""
ACCOUNT: Final = """id status version limit { amount currencyCode } available { amount }
  outstanding { amount } spendable { eligible unbounded amount { amount } reasons }
  details { ... on AdobeCompanyCreditDetails { creditId companyId exceedLimit balance { amount } } }
"""
ENTRY: Final = """id __typename kind direction amount { amount currencyCode } note
  balanceAfter { amount } availableAfter { amount } actor { kind } native { type }
  reference { kind value purchaseOrder orderId }
  ... on BalanceOperationEntry { operation rate }
  ... on LimitChangeEntry { limitAfter { amount } }"""
HOLD: Final = """id mode state orderId amount { amount } captured { amount } released { amount }
  refunded { amount } remaining { amount }"""

WRITE: Final[Mapping[str, tuple[str, str]]] = {
    "increaseCreditBalance": ("BalanceInput", f"creditAccount {{ {ACCOUNT} }} entry {{ {ENTRY} }}"),
    "decreaseCreditBalance": ("BalanceInput", f"creditAccount {{ {ACCOUNT} }} entry {{ {ENTRY} }}"),
    "setCreditLimit": ("SetCreditLimitInput", f"creditAccount {{ {ACCOUNT} }}"),
    "updateCreditAccount": ("UpdateCreditAccountInput", f"creditAccount {{ {ACCOUNT} }}"),
    "annotateLedgerEntry": ("AnnotateLedgerEntryInput", f"entry {{ {ENTRY} }}"),
    "createHold": ("CreateHoldInput", f"hold {{ {HOLD} }}"),
    "captureHold": ("HoldAmountInput", f"hold {{ {HOLD} }}"),
    "refundHold": ("HoldAmountInput", f"hold {{ {HOLD} }}"),
    "releaseHold": ("ReleaseHoldInput", f"hold {{ {HOLD} }}"),
}
"""Of each mutation: its input, and what a client wants to see."""

_KEYED: Final = frozenset(WRITE) - {"annotateLedgerEntry"}


@dataclass
class Meddler(httpx.AsyncBaseTransport):
    """
    Between the gateway and the shop, to act at the very moment.

    Attributes:
        before, after: Done once, around the next request whose path ends with `at`.
    """

    inner: httpx.AsyncBaseTransport
    at: str = ""
    before: Callable[[], Awaitable[object]] | None = None
    after: Callable[[], Awaitable[object]] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self.at or not request.url.path.endswith(self.at):
            return await self.inner.handle_async_request(request)
        before, after, self.at = self.before, self.after, ""
        if before is not None:
            await before()
        response = await self.inner.handle_async_request(request)
        if after is not None:
            await response.aread()
            await after()
        return response


@dataclass
class Shop:
    """
    The graph, and the shop behind it.

    Attributes:
        owner: Somebody who writes to the shop past the gateway.
    """

    graph: Graph
    owner: httpx.AsyncClient
    meddler: Meddler
    _keys: Iterable[int] = field(default_factory=count)

    async def write(self, name: str, **given: object) -> JSON:
        """What a mutation answers; with an idempotency key of its own unless one is given."""
        form, wanted = WRITE[name]
        if name in _KEYED and "idempotencyKey" not in given:
            given["idempotencyKey"] = f"key-{next(iter(self._keys))}"
        document = (
            f"mutation ($input: {form}!) {{ it: {name}(input: $input) "
            f"{{ {RECEIPT} {ERRORS} {wanted} }} }}"
        )
        answer: JSON = (await self.graph.data(document, input=given))["it"]
        return answer

    async def done(self, name: str, **given: object) -> JSON:
        """The same of a mutation that succeeds."""
        answer = await self.write(name, **given)
        assert (answer["operation"]["status"], answer["userErrors"]) == ("SUCCEEDED", []), answer
        return answer

    async def refused(self, name: str, **given: object) -> JSON:
        """The only error of a mutation that changes nothing."""
        answer = await self.write(name, **given)
        assert answer["operation"]["status"] == "REJECTED", answer
        (error,) = answer["userErrors"]
        found: JSON = error
        return found

    async def account(self, company_id: int = SHOPPERS_COMPANY) -> JSON:
        (found,) = (await self.accounts(companyId=company_id))["nodes"]
        one: JSON = found
        return one

    async def accounts(self, **wanted: object) -> JSON:
        document = (
            "query ($filter: CreditAccountFilter) { creditAccounts(filter: $filter, first: 50) "
            f"{{ nodes {{ {ACCOUNT} }} totalCount unavailable {{ kind }} }} }}"
        )
        answer = await self.graph.data(document, filter={"sources": ["adobe"], **wanted})
        found: JSON = answer["creditAccounts"]
        assert found["unavailable"] == []
        return found

    async def ledger(self, account_id: str, **wanted: object) -> list[JSON]:
        document = (
            "query ($id: ID!, $filter: LedgerFilter) { creditAccount(id: $id) "
            f"{{ ledger(first: 50, filter: $filter) {{ nodes {{ {ENTRY} }} "
            "pageInfo { hasNextPage } unavailable { kind } } } }"
        )
        answer = await self.graph.data(document, id=account_id, filter=wanted or None)
        page = answer["creditAccount"]["ledger"]
        assert page["unavailable"] == []
        assert page["pageInfo"]["hasNextPage"] is False
        nodes: list[JSON] = page["nodes"]
        return nodes

    async def charge_past_gateway(
        self, amount: str, credit_id: str = SHOPPERS_CREDIT, *, reference: str = "outside"
    ) -> None:
        await self._move("decreaseBalance", 3, amount, credit_id, reference)

    async def reimburse_past_gateway(
        self, amount: str, credit_id: str = SHOPPERS_CREDIT, *, reference: str = "outside"
    ) -> None:
        await self._move("increaseBalance", 4, amount, credit_id, reference)

    async def _move(
        self, path: str, operation_type: int, amount: str, credit_id: str, reference: str
    ) -> None:
        response = await self.owner.post(
            f"/adobe/rest/default/V1/companyCredits/{credit_id}/{path}",
            json={
                "value": float(amount),
                "currency": "BRL",
                "operationType": operation_type,
                "comment": "by hand",
                "options": {"purchase_order": reference, "custom_reference_number": reference},
            },
        )
        assert response.status_code == 200, response.text


@asynccontextmanager
async def a_shop(configured: Settings | None = None, **changes: Any) -> AsyncIterator[Shop]:
    """
    All clocks stand at `NOW`.

    Args:
        changes: Of the built-in shop: `switches={...}`.
    """
    clock = Clock()
    clock.set(NOW)
    app = create_sandbox(section("adobe", **changes) if changes else None, clock)
    sandbox = httpx.ASGITransport(app)
    meddler, wire = Meddler(sandbox), Wire()
    gateway = create_app(
        configured or settings(), transport=lambda one: wire.to(meddler, one), clock=clock.now
    )
    async with (
        gateway.router.lifespan_context(gateway),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(gateway),
            base_url="http://gateway.example",
            headers=as_caller("admin"),
        ) as client,
        httpx.AsyncClient(
            transport=sandbox, base_url="http://sandbox.example", headers=TOKEN
        ) as owner,
    ):
        yield Shop(Graph(client, wire, owner), owner, meddler)


def brl(amount: str) -> JSON:
    return {"amount": amount, "currencyCode": "BRL"}


def amount_of(money: JSON) -> Decimal:
    return Decimal(money["amount"])
