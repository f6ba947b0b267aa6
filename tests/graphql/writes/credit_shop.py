"""A store with credit accounts, as its staff meet it through the graph."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from tests.graphql.graph import JSON, Graph, over_sandbox, settings

SOURCE: Final = "vtex-credit"

INPUTS: Final = {
    "decreaseCreditBalance": "BalanceInput",
    "increaseCreditBalance": "BalanceInput",
    "captureHold": "HoldAmountInput",
    "refundHold": "HoldAmountInput",
    "markInvoicePaid": "InvoiceActionInput",
    "cancelInvoice": "InvoiceActionInput",
}
"""Of mutations whose input is not named after them."""

WITHOUT_KEY: Final = ("removeAccountHolder", "updateStoreConfiguration")

ACCOUNT: Final = """creditAccount {
  id nativeId status version tolerance
  limit { amount } available { amount } held { amount } outstanding { amount }
  details { ... on VtexCreditAccountDetails { email document documentType balance { amount } } }
}"""

HOLD: Final = """hold {
  id state mode installments orderId expiresAt version
  amount { amount } captured { amount } refunded { amount } released { amount }
  remaining { amount }
}"""

INVOICE_FIELDS: Final = """
  id number status version note paymentLink installment installmentCount
  amount { amount } creditApplied { amount }
  dueAt originalDueAt isOverdue daysOverdue resolvedAt hold { id }
  postponement { allowed maxDays maxTimes daysLeft timesUsed reason }
"""
INVOICE: Final = f"invoice {{ {INVOICE_FIELDS} }}"

_SAID: Final = """
  operation { id status replayed attempts upstreamRequestId }
  userErrors {
    __typename code path retryable
    ... on InvalidStateError { state allowed }
    ... on PolicyError { policy limit { amount } }
    ... on InsufficientCreditError { requested { amount } spendable { amount } }
    ... on CurrencyMismatchError { expected actual }
    ... on UpstreamError { upstreamCode }
    ... on InstrumentNotUsableError { reasons }
    ... on OutcomeUnknownError { checkAfterSeconds }
  }
"""

_STATE: Final = f"""query($id: ID!) {{
  creditAccount(id: $id) {{
    limit {{ amount }} available {{ amount }} held {{ amount }} outstanding {{ amount }}
    holds(first: 100) {{ nodes {{ id state orderId amount {{ amount }} remaining {{ amount }} }} }}
    invoices(first: 100) {{
      openAmount {{ amount }} paidAmount {{ amount }} overdueAmount {{ amount }}
      nodes {{ {INVOICE_FIELDS} }}
    }}
    ledger(first: 100) {{
      nodes {{ __typename kind direction amount {{ amount }} }}
    }}
  }}
}}"""


def brl(amount: object) -> JSON:
    return {"amount": str(amount), "currencyCode": "BRL"}


@dataclass
class CreditShop:
    """Every account it opens is a new one, so that tests can share it."""

    graph: Graph
    _numbers: count[int] = field(default_factory=lambda: count(1))

    async def ask(
        self, mutation: str, fields: str = "", *, key: str | None = None, **members: Any
    ) -> JSON:
        """The payload of a mutation, whatever came of it."""
        if mutation not in WITHOUT_KEY:
            members["idempotencyKey"] = key or f"key-{next(self._numbers)}"
        kind = INPUTS.get(mutation, f"{mutation[0].upper()}{mutation[1:]}Input")
        query = f"mutation($i: {kind}!) {{ {mutation}(input: $i) {{ {_SAID} {fields} }} }}"
        payload: JSON = (await self.graph.data(query, i=members))[mutation]
        return payload

    async def done(self, mutation: str, fields: str = "", **members: Any) -> JSON:
        """The payload of one that went through."""
        payload = await self.ask(mutation, fields, **members)
        assert (payload["operation"]["status"], payload["userErrors"]) == ("SUCCEEDED", [])
        return payload

    async def refused(self, mutation: str, fields: str = "", **members: Any) -> JSON:
        """The only reason why nothing was changed."""
        payload = await self.ask(mutation, fields, **members)
        assert payload["operation"]["status"] == "REJECTED"
        (error,) = payload["userErrors"]
        reason: JSON = error
        return reason

    def opening(self, **members: Any) -> JSON:
        """What opens an account for somebody new."""
        number = next(self._numbers)
        return {
            "source": SOURCE,
            "email": f"customer-{number}@example.com",
            "document": f"{90_000_000_000 + number}",
            "documentType": "CPF",
            "limit": brl("1000.00"),
            **members,
        }

    async def opened(self, **members: Any) -> JSON:
        """A new account."""
        payload = await self.done("openCreditAccount", ACCOUNT, **self.opening(**members))
        account: JSON = payload["creditAccount"]
        return account

    async def held(self, account: JSON, amount: object, **members: Any) -> JSON:
        """A new hold."""
        asked = {"instrumentId": account["id"], "amount": brl(amount), "orderId": "order-1"}
        hold: JSON = (await self.done("createHold", HOLD, **asked, **members))["hold"]
        return hold

    async def moved(self, step: str, hold: JSON, amount: object, **members: Any) -> JSON:
        """A hold that was taken further."""
        payload = await self.done(step, HOLD, id=hold["id"], amount=brl(amount), **members)
        further: JSON = payload["hold"]
        return further

    async def state(self, account: JSON) -> JSON:
        """All that the graph shows of an account."""
        found: JSON = (await self.graph.data(_STATE, id=account["id"]))["creditAccount"]
        return found

    async def invoices(self, account: JSON) -> list[JSON]:
        """First instalment first."""
        nodes: list[JSON] = (await self.state(account))["invoices"]["nodes"]
        return sorted(nodes, key=lambda one: (one["dueAt"], one["id"]))

    async def billed(self, amount: object = "100", **members: Any) -> JSON:
        """An open invoice of a new account."""
        account = await self.opened()
        hold = await self.held(account, amount, **members)
        await self.moved("captureHold", hold, amount)
        return (await self.invoices(account))[0]

    async def time_goes_on(self, *, days: int) -> None:
        assert self.graph.sandbox is not None
        moved = {"advance_seconds": days * 86_400}
        (await self.graph.sandbox.put("/_sandbox/clock", json=moved)).raise_for_status()

    def written(self) -> list[tuple[str, str, JSON]]:
        """Method, end of the path and body of what has gone out, but for reads; then forgotten."""
        asked = [one for one in self.graph.wire.asked if one.method != "GET"]
        self.graph.wire.forget()
        return [
            (one.method, one.target.rpartition("/")[2], json.loads(one.body or b"null"))
            for one in asked
        ]


@asynccontextmanager
async def credit_shop(*, settle_every_seconds: float = 1.0) -> AsyncIterator[CreditShop]:
    """On a sandbox of its own."""
    usual = settings()
    journal = usual.journal.model_copy(update={"settle_every_seconds": settle_every_seconds})
    async with over_sandbox(usual.model_copy(update={"journal": journal})) as graph:
        yield CreditShop(graph)
