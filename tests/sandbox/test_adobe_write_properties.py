"""Random writes to the Adobe Commerce stand-in against a ledger kept with fractions."""

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.adobe_shop import GRANTED, ShopClient

RATES = {("USD", "EUR"): Fraction(8, 10), ("EUR", "USD"): Fraction(12, 10)}
FITTING = {"increase": (2, 4, 5, 6), "decrease": (2, 3, 4)}

values = st.integers(0, 10**11).map(lambda number: Decimal(number).scaleb(-6))
moves = st.tuples(
    st.sampled_from(["increase", "decrease"]),
    values,
    st.sampled_from(["USD", "EUR", "JPY"]),
    st.integers(0, 7),
)
changes = st.tuples(
    st.just("put"), values, st.sampled_from(["USD", "USD", "USD", "EUR"]), st.booleans()
)
steps = st.lists(st.one_of(moves, moves, changes), max_size=15)


def kept(number: Fraction) -> Fraction:
    """Four decimals, the half away from zero."""
    size = Fraction(floor(abs(number) * 10_000 + Fraction(1, 2)), 10_000)
    return size if number >= 0 else -size


@dataclass
class Oracle:
    currency: str = "USD"
    limit: Fraction = Fraction(0)
    exceed: bool = False
    balance: Fraction = Fraction(0)
    rows: list[tuple[int, Fraction, Fraction, Fraction]] = field(default_factory=list)

    def row(self, operation_type: int, amount: Fraction) -> None:
        self.rows.append((operation_type, amount, self.balance, self.limit))

    def move(self, direction: str, value: Decimal, currency: str, operation_type: int) -> int:
        if operation_type == 1 and direction == "increase":
            return self.allocate(value, currency)
        if operation_type not in FITTING[direction]:
            return 400
        sign = 1 if direction == "increase" else -1
        rate = RATES.get((currency, self.currency), Fraction(1))
        self.balance += sign * kept(Fraction(value) * rate)
        self.row(operation_type, sign * kept(Fraction(value)))
        return 200

    def allocate(self, value: Decimal, currency: str) -> int:
        if self.rows:
            return 400
        rate = RATES.get((currency, self.currency), Fraction(1))
        twelve_places = Fraction(floor(1 / rate * 10**12 + Fraction(1, 2)), 10**12)
        self.limit += kept(Fraction(value) * twelve_places)
        self.row(1, Fraction(0))
        return 200

    def put(self, limit: Decimal, currency: str, *, exceed: bool) -> None:
        before = (self.limit, self.currency, self.exceed)
        self.balance = kept(self.balance * RATES.get((self.currency, currency), Fraction(1)))
        self.limit, self.currency, self.exceed = kept(Fraction(limit)), currency, exceed
        if (self.limit, self.currency, self.exceed) != before:
            self.row(2, Fraction(0))


async def play(taken: list[tuple[Any, ...]]) -> None:
    shop, oracle = ShopClient(), Oracle()
    for step in taken:
        credit = await shop.credit_of(101)
        match step:
            case "put", limit, currency, exceed:
                answer = await shop.put(
                    credit["id"], credit_limit=limit, currency_code=currency, exceed_limit=exceed
                )
                oracle.put(limit, currency, exceed=exceed)
                assert answer.status_code == 200
            case direction, value, currency, operation_type:
                answer = await shop.move(
                    direction,
                    credit["id"],
                    value=value,
                    currency=currency,
                    operationType=operation_type,
                )
                assert answer.status_code == oracle.move(*step)
    await agree(shop, oracle)


async def agree(shop: ShopClient, oracle: Oracle) -> None:
    credit = await shop.credit_of(101)
    assert credit["currency_code"] == oracle.currency
    assert credit["exceed_limit"] == oracle.exceed
    assert Fraction(credit["credit_limit"]) == oracle.limit
    assert Fraction(credit["balance"]) == oracle.balance
    assert Fraction(credit["available_limit"]) == oracle.limit + oracle.balance
    rows = await shop.rows(credit["id"])
    assert [
        (row["type"], *(Fraction(row[name]) for name in ("amount", "balance", "credit_limit")))
        for row in rows
    ] == oracle.rows
    assert all(row["available_limit"] == row["balance"] + row["credit_limit"] for row in rows)
    assert credit["id"] == GRANTED or oracle.rows


@settings(max_examples=60, deadline=None)
@given(steps)
def test_every_sequence_of_writes_ends_where_the_arithmetic_says(
    taken: list[tuple[Any, ...]],
) -> None:
    asyncio.run(play(taken))


NAMES = [
    "value",
    "currency",
    "operationType",
    "comment",
    "options",
    "purchase_order",
    "order_increment",
    "currency_base",
    "currency_display",
    "creditLimit",
    "company_id",
    "currency_code",
    "credit_limit",
    "exceed_limit",
    "balance",
    "purchaseOrder",
    "username",
    "password",
]
PATHS = [
    ("PUT", "companyCredits/1"),
    ("POST", "companyCredits/1/increaseBalance"),
    ("POST", "companyCredits/1/decreaseBalance"),
    ("PUT", "companyCredits/history/2"),
    ("POST", "integration/admin/token"),
]

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([1, 2, 3, 4, 101, "USD", "EUR", "", 10**40]),
    st.decimals(allow_nan=False, allow_infinity=False).filter(
        lambda one: abs(one.adjusted()) < 300
    ),
    st.text(st.characters(exclude_categories=["Cs"])),
)
documents = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
)


async def send_all(sent: list[tuple[tuple[str, str], object]]) -> None:
    shop = ShopClient()
    await shop.moved("increase", GRANTED, value=1, operationType=4)
    for (method, path), body in sent:
        answer = await shop.send(method, f"/V1/{path}", body)
        assert answer.status_code in (200, 400, 401, 404), answer.text
    credit = await shop.credit_of(101)
    last = await shop.last_row(credit["id"])
    assert (last["balance"], last["available_limit"]) == (
        credit["balance"],
        credit["available_limit"],
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PATHS), documents), max_size=8))
def test_no_body_breaks_the_shop_or_its_ledger(sent: list[tuple[tuple[str, str], object]]) -> None:
    asyncio.run(send_all(sent))
