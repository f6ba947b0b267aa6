"""What is asked of the graph about cards and store credit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from tests.graphql.graph import JSON, Graph, as_caller

ERRORS: Final = """
fragment errors on UserError {
  __typename code message path retryable
  ... on NotFoundError { id }
  ... on InsufficientCreditError { requested { amount } spendable { amount } }
  ... on InstrumentNotUsableError { reasons }
  ... on PolicyError { policy limit { amount } }
}
"""
RECEIPT: Final = "operation { id name status replayed } userErrors { ...errors }"
CARD: Final = "id status version maskedCode balance { amount currencyCode } owner { email }"
ACCOUNT: Final = "id status version balance { amount currencyCode } customer { email }"
HOLD: Final = """
id mode state version orderId
amount { amount } captured { amount } released { amount } refunded { amount } remaining { amount }
capturable { amount }
authorization { amount { amount } }
settlements { amount { amount } }
cancellations { amount { amount } }
"""
ENTRY: Final = "entry { id amount { amount } direction note balanceAfter { amount } }"

_PAYLOADS: Final = {
    "issueGiftCard": ("IssueGiftCardInput", f"giftCard {{ {CARD} }} {ENTRY}"),
    "creditGiftCard": ("GiftCardAmountInput", f"giftCard {{ {CARD} }} {ENTRY}"),
    "debitGiftCard": ("GiftCardAmountInput", f"giftCard {{ {CARD} }} {ENTRY}"),
    "openStoreCreditAccount": (
        "OpenStoreCreditAccountInput",
        f"storeCreditAccount {{ {ACCOUNT} }} {ENTRY}",
    ),
    "creditStoreCredit": ("StoreCreditAmountInput", f"storeCreditAccount {{ {ACCOUNT} }} {ENTRY}"),
    "debitStoreCredit": ("StoreCreditAmountInput", f"storeCreditAccount {{ {ACCOUNT} }} {ENTRY}"),
    "claimStoreCredit": ("ClaimStoreCreditInput", f"storeCreditAccount {{ {ACCOUNT} }} {ENTRY}"),
    "createHold": ("CreateHoldInput", f"hold {{ {HOLD} }}"),
    "captureHold": ("HoldAmountInput", f"hold {{ {HOLD} }}"),
    "refundHold": ("HoldAmountInput", f"hold {{ {HOLD} }}"),
    "releaseHold": ("ReleaseHoldInput", f"hold {{ {HOLD} }}"),
}


def mutation(name: str, *, also: str = "") -> str:
    form, fields = _PAYLOADS[name]
    return (
        f"mutation ($input: {form}!) {{ {name}(input: $input) {{ {RECEIPT} {fields} {also} }} }}"
        f" {ERRORS}"
    )


async def asked(graph: Graph, name: str, *, also: str = "", **members: Any) -> JSON:
    """The payload, whatever came of it."""
    payload: JSON = (await graph.data(mutation(name, also=also), input=members))[name]
    return payload


async def done(graph: Graph, name: str, *, also: str = "", **members: Any) -> JSON:
    """The payload of what went through."""
    payload = await asked(graph, name, also=also, **members)
    assert payload["userErrors"] == []
    assert payload["operation"]["status"] == "SUCCEEDED"
    return payload


async def refused(graph: Graph, name: str, **members: Any) -> JSON:
    """The only error of what was refused."""
    payload = await asked(graph, name, **members)
    assert payload["operation"]["status"] == "REJECTED"
    (error,) = payload["userErrors"]
    found: JSON = error
    return found


def brl(amount: str) -> JSON:
    return {"amount": amount, "currencyCode": "BRL"}


def speaks_as(graph: Graph, name: str) -> None:
    graph.client.headers.update(as_caller(name))


async def a_card(graph: Graph, balance: str, **members: Any) -> str:
    """The id of a new card for a newcomer, usable until a month from now."""
    input_: JSON = {
        "source": "vtex-giftcard",
        "owner": "newcomer@example.com",
        "caption": "Welcome",
        "expiresAt": "2026-12-22T12:00:00Z",
        "initialBalance": balance,
        "restrictedToOwner": False,
        "idempotencyKey": f"issue {balance}",
        **members,
    }
    payload = await done(graph, "issueGiftCard", **input_)
    id_: str = payload["giftCard"]["id"]
    return id_


async def balance_of(graph: Graph, id_: str) -> Decimal:
    query = """
    query ($id: ID!) {
      node(id: $id) {
        ... on GiftCard { balance { amount } }
        ... on StoreCreditAccount { balance { amount } }
      }
    }
    """
    return Decimal((await graph.data(query, id=id_))["node"]["balance"]["amount"])
