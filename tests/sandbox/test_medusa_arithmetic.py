"""Whatever is done in whichever order, the stand-in's sums are those of a little oracle."""

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.medusa_shop import (
    ACCOUNTS,
    CARDS,
    CLAIM,
    account,
    account_id,
    as_shopper,
    client_of,
    get,
    ledger,
    post,
    section,
    shopper_id,
)

NUMBERS = (1, 2, 3)

amounts = st.one_of(
    st.decimals(min_value="0.00001", max_value="0.001", places=5),
    st.decimals(min_value="0.01", max_value="2000", places=2),
    st.integers(min_value=-1, max_value=30).map(Decimal),
)
accounts = st.sampled_from(NUMBERS)
shoppers = st.integers(min_value=1, max_value=2)
operations = st.one_of(
    st.tuples(st.just("credit"), accounts, amounts),
    st.tuples(st.just("debit"), accounts, amounts),
    st.tuples(st.just("claim"), accounts, shoppers),
)


@dataclass
class Oracle:
    """Balances as fractions: of the unowned accounts by number, and of the shoppers."""

    balances: dict[int, Fraction] = field(
        default_factory=lambda: {number: Fraction() for number in NUMBERS}
    )
    shoppers: dict[int, Fraction] = field(default_factory=dict)
    moved: dict[int, list[Fraction]] = field(
        default_factory=lambda: {number: [] for number in NUMBERS}
    )

    def passes(self, name: str, number: int, operand: Any) -> bool:
        if name == "claim":
            return self._claim(number, operand)
        exact = Fraction(operand)
        if exact <= 0:
            return False
        amount = exact if exact > Fraction(1, 10_000) else Fraction()
        if name == "debit" and amount > self.balances[number]:
            return False
        self._move(number, amount if name == "credit" else -amount)
        return True

    def _claim(self, number: int, shopper: int) -> bool:
        claimed = self.balances[number]
        if claimed <= 0:
            return False
        self._move(number, -claimed)
        self.shoppers[shopper] = self.shoppers.get(shopper, Fraction()) + claimed
        return True

    def _move(self, number: int, change: Fraction) -> None:
        self.balances[number] += change
        self.moved[number].append(abs(change))


async def carried_out(client: httpx.AsyncClient, name: str, number: int, operand: Any) -> bool:
    if name == "claim":
        body: dict[str, Any] = {"code": f"SC-{number:04d}"}
        status, _ = await post(client, CLAIM, body, as_shopper(operand))
    else:
        path = f"{ACCOUNTS}/{account_id(number)}/{name}"
        status, _ = await post(client, path, {"amount": operand})
    return status == 200


async def check(client: httpx.AsyncClient, oracle: Oracle) -> None:
    rows = (await get(client, f"{ACCOUNTS}?limit=100"))["store_credit_accounts"]
    for row in rows:
        assert Fraction(row["balance"]) == Fraction(row["credits"]) - Fraction(row["debits"])
    owned = {row["customer_id"]: Fraction(row["balance"]) for row in rows if row["customer_id"]}
    assert owned == {shopper_id(number): total for number, total in oracle.shoppers.items()}
    for number, expected in oracle.balances.items():
        [balance] = [row["balance"] for row in rows if row["id"] == account_id(number)]
        assert Fraction(balance) == expected
        lines = await ledger(client, account_id(number))
        assert [Fraction(line["amount"]) for line in lines] == oracle.moved[number]


async def scenario(steps: list[tuple[str, int, Any]]) -> None:
    oracle = Oracle()
    content = section(accounts=[account(number) for number in NUMBERS])
    async with client_of(content) as client:
        for step in steps:
            assert await carried_out(client, *step) == oracle.passes(*step), step
        await check(client, oracle)


@settings(max_examples=60, deadline=None)
@given(st.lists(operations, max_size=25))
def test_any_sequence_adds_up(steps: list[tuple[str, int, Any]]) -> None:
    asyncio.run(scenario(steps))


async def issued_and_spent(value: Decimal, spent: Decimal) -> None:
    async with client_of(section()) as client:
        body = {"currency_code": "usd", "value": value}
        _, answer = await post(client, f"{CARDS}?fields=*store_credit_account", body)
        identifier = answer["gift_card"]["store_credit_account"]["id"]
        status, _ = await post(client, f"{ACCOUNTS}/{identifier}/debit", {"amount": spent})
        assert (status == 200) == (spent <= value)
        path = f"{CARDS}?fields=value,*store_credit_account"
        [card] = (await get(client, path))["gift_cards"]
    left = Fraction(value) - (Fraction(spent) if spent <= value else 0)
    assert Fraction(card["store_credit_account"]["balance"]) == left
    assert Fraction(card["value"]) == Fraction(value)


@settings(max_examples=40, deadline=None)
@given(
    st.decimals(min_value=1, max_value=1000, places=2),
    st.decimals(min_value="0.01", max_value=1000, places=2),
)
def test_a_card_is_worth_its_value_less_what_was_spent(value: Decimal, spent: Decimal) -> None:
    asyncio.run(issued_and_spent(value, spent))
