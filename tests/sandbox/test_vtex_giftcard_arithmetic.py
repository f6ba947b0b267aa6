"""Random histories of a gift card against a little ledger of the test's own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.giftcard_shop import Shop, open_shop, path_of

amounts = st.decimals(min_value="0.0001", max_value="60", places=4)
moves = st.tuples(
    st.sampled_from(["Credit", "Debit", "settlements", "cancellations"]),
    amounts,
    st.integers(min_value=0, max_value=9),
)


@dataclass
class Entry:
    sign: int
    value: Fraction
    settlements: Fraction = Fraction(0)
    cancellations: Fraction = Fraction(0)
    path: str = ""


@dataclass
class Ledger:
    """Fractions, and one number for the balance that every move changes by itself."""

    balance: Fraction = Fraction(0)
    entries: dict[str, Entry] = field(default_factory=dict)

    def transact(self, operation: str, value: Fraction, request_id: str) -> bool:
        sign = 1 if operation == "Credit" else -1
        if request_id in self.entries:
            return True
        if self.balance + sign * value < 0:
            return False
        self.balance += sign * value
        self.entries[request_id] = Entry(sign, value)
        return True

    def settle(self, entry: Entry, value: Fraction) -> bool:
        if entry.settlements + entry.cancellations + value > entry.value:
            return False
        entry.settlements += value
        return True

    def cancel(self, entry: Entry, value: Fraction) -> bool:
        if entry.cancellations + value > entry.value or self.balance - entry.sign * value < 0:
            return False
        entry.cancellations += value
        self.balance -= entry.sign * value
        return True


@settings(max_examples=60, deadline=None)
@given(history=st.lists(moves, max_size=25))
def test_every_history_leaves_what_the_ledger_says(history: list[tuple[str, Any, int]]) -> None:
    asyncio.run(_replay(history))


async def _replay(history: list[tuple[str, Any, int]]) -> None:
    ledger = Ledger()
    async with open_shop() as shop:
        card = await shop.issue()
        for kind, value, number in history:
            if kind in ("Credit", "Debit"):
                await _transact(shop, card, ledger, kind, value, str(number))
            elif ledger.entries:
                entry = list(ledger.entries.values())[number % len(ledger.entries)]
                response = await shop.move(entry.path, kind, value)
                move = ledger.settle if kind == "settlements" else ledger.cancel
                assert (response.status_code == 200) == move(entry, Fraction(value))
            assert Fraction(await shop.balance(card)) == ledger.balance
        await _compare(shop, card, ledger)


async def _transact(
    shop: Shop, card: dict[str, Any], ledger: Ledger, kind: str, value: Any, request_id: str
) -> None:
    response = await shop.transact(card, kind, value, request_id)
    assert (response.status_code == 200) == ledger.transact(kind, Fraction(value), request_id)
    if response.status_code == 200:
        path = f"{path_of(card)}/transactions/{response.json()['id']}"
        assert ledger.entries[request_id].path in ("", path)
        ledger.entries[request_id].path = path


async def _compare(shop: Shop, card: dict[str, Any], ledger: Ledger) -> None:
    listed = await shop.read(f"{path_of(card)}/transactions")
    newest_first = [entry.path.rpartition("/")[2] for entry in ledger.entries.values()][::-1]
    assert [reference["id"] for reference in listed] == newest_first
    for entry in ledger.entries.values():
        for kind in ("settlements", "cancellations"):
            movements = await shop.read(f"{entry.path}/{kind}")
            total = sum((Fraction(movement["value"]) for movement in movements), Fraction(0))
            assert total == getattr(entry, kind)
