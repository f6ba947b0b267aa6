"""Any sequence of wishes leaves an account where a clerk's book is, to the cent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.graphql.graph import JSON
from tests.graphql.writes.credit_book import Book, in_cents
from tests.graphql.writes.credit_shop import HOLD, CreditShop, brl, credit_shop

LIMIT = 100_000
LARGEST_HOLD = 40_001
ACTS = (
    "hold",
    "change",
    "release",
    "capture",
    "capture",
    "refund",
    "refund",
    "pay",
    "cancel",
    "limit",
)
PERCENT = (1, 10, 33, 50, 100, 101, 130)
"""Of what is there to be taken further, so that most of it can be, and some cannot."""

WISHES = some.lists(
    some.tuples(
        some.sampled_from(ACTS),
        some.integers(0, 2),
        some.sampled_from(PERCENT),
        some.integers(1, 3),
    ),
    min_size=6,
    max_size=16,
)
Wish = tuple[str, int, int, int]


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[list[Wish]], None]]:
    """Plays wishes on a new account of one store."""
    with asyncio.Runner() as runner:
        opening = credit_shop()
        store = runner.run(opening.__aenter__())
        yield lambda wishes: runner.run(played(store, wishes))
        runner.run(opening.__aexit__(None, None, None))


@settings(max_examples=8, deadline=None)
@given(wishes=WISHES)
def test_an_account_is_where_the_book_is_after_each_wish(
    run: Callable[[list[Wish]], None], wishes: list[Wish]
) -> None:
    run(wishes)


async def played(store: CreditShop, wishes: list[Wish]) -> None:
    account = await store.opened(limit=brl("1000.00"))
    player = Player(store, account, Book(LIMIT))
    for wish in wishes:
        await player.play(*wish)
        await player.compare()


@dataclass
class Player:
    """Says every wish to the graph and to the book."""

    store: CreditShop
    account: JSON
    book: Book
    holds: list[str] = field(default_factory=list)

    async def play(self, what: str, which: int, percent: int, parts: int) -> None:
        if what == "hold" or not self.holds:
            await self._hold(LARGEST_HOLD * percent // 100, parts)
        elif what == "limit":
            self.book.limit = LIMIT * percent // 100
            limit = _brl(self.book.limit)
            assert await self._ask("setCreditLimit", id=self.account["id"], limit=limit)
        elif what in ("pay", "cancel"):
            await self._end(what, which)
        else:
            await self._further(what, which % len(self.holds), percent)

    async def _hold(self, cents: int, parts: int) -> None:
        payload = await self.store.ask(
            "createHold",
            HOLD,
            instrumentId=self.account["id"],
            amount=_brl(cents),
            orderId="order-1",
            installments=parts,
        )
        is_done = payload["hold"] is not None
        assert is_done is self.book.hold(cents, parts)
        if is_done:
            self.holds.append(payload["hold"]["id"])

    async def _further(self, what: str, which: int, percent: int) -> None:
        one = self.book.purchases[which]
        mutation, act, most = {
            "change": ("updateHold", self.book.change, one.kept),
            "release": ("releaseHold", self.book.release, one.kept - one.captured),
            "capture": ("captureHold", self.book.capture, one.kept - one.captured),
            "refund": ("refundHold", self.book.refund, one.captured - one.refunded),
        }[what]
        cents = max(1, most * percent // 100)
        done = await self._ask(mutation, id=self.holds[which], amount=_brl(cents))
        assert done is act(one, cents)

    async def _end(self, what: str, which: int) -> None:
        bills = [
            (number, bill)
            for number, one in enumerate(self.book.purchases)
            for bill in enumerate(one.bills, start=1)
        ]
        if not bills:
            return
        number, (installment, bill) = bills[which % len(bills)]
        invoice = next(
            one
            for one in (await self.store.state(self.account))["invoices"]["nodes"]
            if (one["hold"]["id"], one["installment"]) == (self.holds[number], installment)
        )
        mutation, status = {
            "pay": ("markInvoicePaid", "PAID"),
            "cancel": ("cancelInvoice", "CANCELLED"),
        }[what]
        done = await self._ask(mutation, id=invoice["id"])
        assert done is self.book.end(bill, status)

    async def _ask(self, mutation: str, **members: Any) -> bool:
        """Whether it was done; all else is a clear no."""
        payload = await self.store.ask(mutation, **members)
        status = payload["operation"]["status"]
        assert status in ("SUCCEEDED", "REJECTED")
        assert (status == "REJECTED") is bool(payload["userErrors"])
        return bool(status == "SUCCEEDED")

    async def compare(self) -> None:
        state = await self.store.state(self.account)
        invoices = state["invoices"]
        shown = {
            "limit": state["limit"],
            "held": state["held"],
            "available": state["available"],
            "outstanding": state["outstanding"],
            "open": invoices["openAmount"],
            "paid": invoices["paidAmount"],
        }
        assert {name: in_cents(money["amount"]) for name, money in shown.items()} == {
            "limit": self.book.limit,
            "held": self.book.held,
            "available": self.book.available,
            "outstanding": self.book.owed,
            "open": self.book.owed,
            "paid": self.book.paid,
        }
        assert sorted(
            (self.holds.index(one["hold"]["id"]), one["installment"], *_line(one))
            for one in invoices["nodes"]
        ) == [
            (number, installment, bill.cents, bill.status)
            for number, one in enumerate(self.book.purchases)
            for installment, bill in enumerate(one.bills, start=1)
        ]
        assert {one["id"]: in_cents(one["remaining"]["amount"]) for one in _nodes(state)} == {
            hold_id: one.kept - one.captured
            for hold_id, one in zip(self.holds, self.book.purchases, strict=True)
        }


def _nodes(state: JSON) -> list[JSON]:
    nodes: list[JSON] = state["holds"]["nodes"]
    return nodes


def _line(invoice: JSON) -> tuple[int, str]:
    return in_cents(invoice["amount"]["amount"]), invoice["status"]


def _brl(cents: int) -> JSON:
    return brl(f"{cents // 100}.{cents % 100:02}")
