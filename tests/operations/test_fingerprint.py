"""The same input has the same fingerprint, however it is written; another one never has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Currency
from app.operations.fingerprint import Fingerprints
from tests.doubles.samples import NOW, money

OF = Fingerprints("a secret").of
BRASILIA = timezone(timedelta(hours=-3))


@dataclass(frozen=True)
class Cut:
    amount: Decimal


@dataclass(frozen=True)
class Lid:
    amount: Decimal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("10"), Decimal("10.00")),
        (Decimal("10"), Decimal("1E+1")),
        (Decimal("0"), Decimal("0.00")),
        (NOW, NOW.astimezone(BRASILIA)),
        (money("1.50"), money("1.5")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1, 2], (1, 2)),
        (Cut(Decimal("1.0")), Cut(Decimal("1"))),
    ],
)
def test_what_says_the_same_is_the_same(one: object, other: object) -> None:
    assert OF(one) == OF(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("10"), Decimal("10.01")),
        (Decimal("10"), Decimal("-10")),
        (Decimal(f"1{'0' * 30}.01"), Decimal(f"1{'0' * 30}.02")),
        (Decimal("10"), "10"),
        (money("1.50"), money("1.50", "USD")),
        (NOW, NOW + timedelta(microseconds=1)),
        ([1, 2], [2, 1]),
        ([1, [2]], [1, 2]),
        (["a", "b"], ["a,b"]),
        (["a,b"], ["a','b"]),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, [("a", 1)]),
        (None, ""),
        (None, "None"),
        (None, strawberry.UNSET),
        (True, "True"),
        (Cut(Decimal(1)), Lid(Decimal(1))),
        (Currency("BRL"), "BRL"),
    ],
)
def test_what_says_something_else_is_something_else(one: object, other: object) -> None:
    assert OF(one) != OF(other)


def test_another_secret_tells_another_fingerprint() -> None:
    assert OF("x") != Fingerprints("another secret").of("x")


def test_the_fingerprint_tells_nothing_of_what_was_asked() -> None:
    assert "shopper@example.com" not in OF({"email": "shopper@example.com"})
    assert len(OF("x")) == len(OF("x" * 10_000)) == 64


@pytest.mark.parametrize("text", ["\ud800", "\x00", "é", "本"])
def test_every_text_has_one(text: str) -> None:
    assert OF(text) != OF("")


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.decimals(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_two_values_share_one_only_if_they_are_equal(one: Any, other: Any) -> None:
    assert (OF(one) == OF(other)) is (plain(one) == plain(other))


def plain(value: Any) -> Any:
    """*value* so that what Python holds for equal across types differs."""
    match value:
        case list():
            return ["list", *map(plain, value)]
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case Decimal():
            return "decimal", value
        case _:
            return type(value).__name__, value
