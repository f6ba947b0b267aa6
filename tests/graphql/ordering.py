"""What clients send to change something, and everything that they can be told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tests.doubles.in_memory_provider import InMemoryProvider
from tests.doubles.samples import a_credit_account, a_gift_card, a_source, a_store_credit
from tests.graphql.graph import JSON, Doubles, Graph, over_doubles

SECRET: Final = "BEARER-SECRET-7QX4"

RECEIPT: Final = """operation {
  id name status idempotencyKey replayed startedAt completedAt attempts upstreamRequestId
  correlationId }"""

ERRORS: Final = """userErrors { __typename code message path retryable
  ... on NotFoundError { id }
  ... on InsufficientCreditError {
    requested { amount } spendable { amount } instrument { id version } }
  ... on CurrencyMismatchError { expectedCurrency: expected actual }
  ... on InstrumentNotUsableError { reasons }
  ... on StaleVersionError { expected current { id } }
  ... on IdempotencyError { original { id status } }
  ... on InvalidStateError { state allowed }
  ... on UnsupportedError { source { key } capability }
  ... on PolicyError { policy limit { amount } }
  ... on UpstreamError {
    problem { kind source { key } message retryable retryAfterSeconds } upstreamCode }
  ... on OutcomeUnknownError { operation { id status } checkAfterSeconds } }"""

_CARD: Final = "giftCard { id version maskedCode figure: balance { amount } }"
_ACCOUNT: Final = "creditAccount { id version figure: available { amount } }"
_STORE_CREDIT: Final = "storeCreditAccount { id version figure: balance { amount } }"


class Move(NamedTuple):
    """
    One of the six mutations that move money without a hold.

    Attributes:
        shows: What the payload shows of the instrument, its first field being that.
        after: The figure once 10.00 have moved.
    """

    name: str
    input: str
    on: str
    extra: Mapping[str, str]
    shows: str
    after: str

    @property
    def instrument(self) -> str:
        return self.shows.split()[0]


REASON: Final = {"reason": "REIMBURSED"}
WHY: Final = {"description": "an order of other@example.com"}
MOVES: Final = {
    one.name: one
    for one in (
        Move("creditGiftCard", "GiftCardAmountInput", "giftCards", WHY, _CARD, "50.00"),
        Move("debitGiftCard", "GiftCardAmountInput", "giftCards", WHY, _CARD, "30.00"),
        Move("increaseCreditBalance", "BalanceInput", "creditAccounts", REASON, _ACCOUNT, "860.00"),
        Move("decreaseCreditBalance", "BalanceInput", "creditAccounts", REASON, _ACCOUNT, "840.00"),
        Move(
            "creditStoreCredit",
            "StoreCreditAmountInput",
            "storeCreditAccounts",
            {},
            _STORE_CREDIT,
            "22.30",
        ),
        Move(
            "debitStoreCredit",
            "StoreCreditAmountInput",
            "storeCreditAccounts",
            {},
            _STORE_CREDIT,
            "2.30",
        ),
    )
}


def brl(amount: str) -> JSON:
    return {"amount": amount, "currencyCode": "BRL"}


@dataclass(frozen=True)
class Shop:
    """An application on one provider in memory that has one instrument of each kind."""

    graph: Graph
    provider: InMemoryProvider
    ids: Mapping[str, str]

    @property
    def doubles(self) -> Doubles:
        assert self.graph.doubles is not None
        return self.graph.doubles

    def input_of(self, move: Move, **changes: object) -> JSON:
        return {
            "id": self.ids[move.on],
            "amount": brl("10.00"),
            "idempotencyKey": "key-1",
            **move.extra,
            **changes,
        }

    async def order(self, name: str, *, also: str = "", **changes: Any) -> JSON:
        """The payload of a mutation, asked with everything that it can tell."""
        move = MOVES[name]
        shown = f"{RECEIPT} {ERRORS} {move.shows} {also}"
        query = f"mutation ($input: {move.input}!) {{ {name}(input: $input) {{ {shown} }} }}"
        data = await self.graph.data(query, input=self.input_of(move, **changes))
        payload: JSON = data[name]
        return payload

    async def refusal(self, name: str, **changes: Any) -> JSON:
        """Why it is not done."""
        (refusal,) = (await self.order(name, **changes))["userErrors"]
        found: JSON = refusal
        return found

    async def receipt(self, **by: str) -> JSON | None:
        query = (
            "query ($by: OperationRef!) { operation(by: $by) { id status replayed name attempts } }"
        )
        found: JSON | None = (await self.graph.data(query, by=by))["operation"]
        return found

    async def settle(self) -> int:
        return await self.doubles.operations.settle_due()


@asynccontextmanager
async def a_shop(**options: Any) -> AsyncIterator[Shop]:
    provider = InMemoryProvider(
        a_source("house"),
        a_credit_account(source="house"),
        a_store_credit(source="house", owner=None),
    )
    provider.keep(a_gift_card(source="house", code=SECRET), owner="shopper@example.com")
    async with over_doubles(provider, **options) as graph:
        yield Shop(graph, provider, await _ids(graph))


async def _ids(graph: Graph) -> Mapping[str, str]:
    found = await graph.data(
        """{ creditAccounts { nodes { id } } storeCreditAccounts { nodes { id } }
             giftCards: searchGiftCards(search: {source: "house"}) { nodes { id } } }"""
    )
    return {name: only["nodes"][0]["id"] for name, only in found.items()}
