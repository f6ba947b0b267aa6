"""Claims that meet: of one customer with two codes, and of two customers with one code."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import httpx

from adapters.store_credit.client import MedusaStoreCredit
from app.domain.access import AccessLevel
from app.domain.caller import Caller
from app.domain.errors import AccountNotFound
from app.domain.identifiers import ProviderCustomerId, SourceKey
from app.domain.instructions import DebitStoreCredit
from app.domain.instruments import Secret
from app.domain.money import Currency
from app.domain.operation import OperationStatus
from app.domain.paging import Window
from app.domain.provider import StoreCreditQuestion
from app.operations.carry_out import Outcome
from app.operations.claim_store_credit import order_to_claim
from app.operations.sources import Sources
from tests.contract.stack import NOW, over_sandbox
from tests.doubles.samples import a_customer
from tests.graphql.graph import Doubles, over_doubles

FORTY: Final = "SC-5M5W-4SKZ-LX5M-5W4S"
MORE: Final = "SC-KV24-TM8A-N6KV-24TM"
ANNA: Final = "cus_01K0A000000000000000000001"
BRUNO: Final = "cus_01K0A000000000000000000077"
"""Neither has dollars."""


@dataclass
class Meeting(httpx.AsyncBaseTransport):
    """The way to the stand-in, where so many openings wait for one another."""

    inner: httpx.AsyncBaseTransport
    openings: asyncio.Barrier
    sent: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.sent.append(request.url.path.rsplit("/", 1)[-1])
            if self.sent[-1] == "store-credit-accounts":
                await self.openings.wait()
        return await self.inner.handle_async_request(request)


@dataclass
class Store:
    medusa: MedusaStoreCredit
    sent: list[str]

    async def dollars(self, customer: str | None = None) -> Sequence[Decimal]:
        """What lies on each account of somebody's, or on all there are."""
        question = StoreCreditQuestion(
            currency=Currency("USD"),
            provider_customer_id=None if customer is None else ProviderCustomerId(customer),
        )
        page = await self.medusa.search_store_credit(question, Window(limit=100))
        return [one.balance.amount for one in page.items]

    async def claim(self, doubles: Doubles, customer: str, code: str, *, key: str) -> Outcome:
        identity = a_customer(None, medusa=customer)
        who = Caller(level=AccessLevel.SHOPPER, identity=identity, name=f"key:{customer}")
        order = order_to_claim(
            Sources([self.medusa]),
            SourceKey("medusa"),
            Secret(code),
            who,
            name="claimStoreCredit",
            idempotency_key=key,
            asked=code,
        )
        return await doubles.operations.carry_out(order, who, "request-1")


def a_store(*, openings_that_meet: int) -> Store:
    sent: list[str] = []
    meeting = asyncio.Barrier(openings_that_meet)
    medusa = over_sandbox(wrap=lambda inner: Meeting(inner, meeting, sent)).medusa()
    return Store(medusa, sent)


async def test_two_codes_of_one_customer_without_an_account_end_on_the_same_new_one() -> None:
    store = a_store(openings_that_meet=2)
    before = sum(await store.dollars())
    async with over_doubles(store.medusa, clock=lambda: NOW) as graph:
        assert graph.doubles is not None
        outcomes = await asyncio.gather(
            store.claim(graph.doubles, ANNA, FORTY, key="one"),
            store.claim(graph.doubles, ANNA, MORE, key="two"),
        )

    assert [one.operation.status for one in outcomes] == [OperationStatus.SUCCEEDED] * 2
    assert store.sent.count("store-credit-accounts") == 2
    (amount,) = await store.dollars(ANNA)
    taken = [
        step.instruction.amount.amount
        for one in outcomes
        for step in one.operation.steps
        if isinstance(step.instruction, DebitStoreCredit)
    ]
    assert len(taken) == 2
    assert amount == sum(taken)
    assert sum(await store.dollars()) == before


async def test_one_code_of_two_customers_is_paid_to_exactly_one() -> None:
    store = a_store(openings_that_meet=1)
    before = sum(await store.dollars())
    async with over_doubles(store.medusa, clock=lambda: NOW) as graph:
        assert graph.doubles is not None
        outcomes = await asyncio.gather(
            store.claim(graph.doubles, ANNA, FORTY, key="hers"),
            store.claim(graph.doubles, BRUNO, FORTY, key="his"),
        )

    assert sorted(one.operation.status for one in outcomes) == ["REJECTED", "SUCCEEDED"]
    (lost,) = [one for one in outcomes if one.refusal]
    assert isinstance(lost.refusal, AccountNotFound)
    paid = [*await store.dollars(ANNA), *await store.dollars(BRUNO)]
    assert paid == [Decimal(40)]
    assert sum(await store.dollars()) == before
    assert store.sent.count("debit") == store.sent.count("credit") == 1
