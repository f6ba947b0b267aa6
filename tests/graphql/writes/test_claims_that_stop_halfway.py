"""A claim whose source dies between taking and giving is finished, and nobody loses or gains."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import httpx

from app.domain.instruments import InstrumentStatus
from app.domain.money import Currency
from app.domain.paging import Window
from app.domain.provider import StoreCreditQuestion
from tests.contract.stack import NOW
from tests.contract.stack import over_sandbox as adapters_over_sandbox
from tests.graphql.graph import as_caller, over_doubles
from tests.graphql.writes.asking import asked

CODE: Final = "SC-5M5W-4SKZ-LX5M-5W4S"
LONG_AFTER: Final = timedelta(minutes=10)


@dataclass
class Line(httpx.AsyncBaseTransport):
    """To the stand-in; nothing comes through to paths that end like `dead`."""

    inner: httpx.AsyncBaseTransport
    dead: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if any(request.url.path.endswith(one) for one in self.dead):
            raise httpx.ReadTimeout("")
        return await self.inner.handle_async_request(request)


async def test_what_was_taken_is_given_when_the_source_is_well_again() -> None:
    dead: list[str] = []
    medusa = adapters_over_sandbox(wrap=lambda inner: Line(inner, dead)).medusa()

    async def dollars() -> tuple[Decimal, int]:
        """All there are, and how many accounts of nobody's hold some."""
        page = await medusa.search_store_credit(
            StoreCreditQuestion(currency=Currency("USD")), Window(limit=100)
        )
        unclaimed = [
            one
            for one in page.items
            if one.status is InstrumentStatus.UNCLAIMED and one.balance.amount
        ]
        return sum((one.balance.amount for one in page.items), Decimal(0)), len(unclaimed)

    moments: list[datetime] = [NOW]
    async with over_doubles(medusa, clock=lambda: moments[-1]) as graph:
        graph.client.headers.update(as_caller("shopper"))
        before = await dollars()
        dead.append("/credit")
        claim = {"source": "medusa", "code": CODE, "idempotencyKey": "claim"}

        halfway = await asked(graph, "claimStoreCredit", **claim)

        assert [one["code"] for one in halfway["userErrors"]] == ["OUTCOME_UNKNOWN"]
        dead.clear()
        moments.append(NOW + LONG_AFTER)
        assert graph.doubles is not None
        assert await graph.doubles.operations.settle_due() == 1
        finished = await asked(graph, "claimStoreCredit", **claim)

        assert finished["userErrors"] == []
        assert finished["storeCreditAccount"]["balance"] == {
            "amount": "40",
            "currencyCode": "USD",
        }
        assert await dollars() == (before[0], before[1] - 1)
