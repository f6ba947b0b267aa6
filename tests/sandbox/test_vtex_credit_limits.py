"""Limit, tolerance and the manual ledger of the VTEX Customer Credit stand-in."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.vtex_credit_calls import Store, section_of


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with Store() as opened:
        yield opened


async def test_a_new_limit_posts_its_difference_with_the_tolerance_on_it() -> None:
    """The guide's example."""
    account = {"credit_limit": 10_000, "tolerance": Decimal("0.10")}
    async with Store(section_of(account)) as store:
        lowered = await store.call("PUT", "/accounts/one/creditlimit", {"value": 9_000})
        after_lowering = await store.call("GET", "/accounts/one/statements")
        await store.call("PUT", "/accounts/one/creditlimit", {"value": 12_000})
        after_raising = await store.call("GET", "/accounts/one/statements")

        assert (lowered["creditLimit"], lowered["availableCredit"]) == (9_000, 9_000)
        assert after_lowering["intervalBalance"] == Decimal("-1100.0")
        assert await store.ledger() == [("Credit", -1100), ("Credit", 3300)]
        assert after_raising["intervalBalance"] == 2200
        assert after_raising["currentBalance"] == 0


async def test_a_new_tolerance_posts_its_part_of_the_limit() -> None:
    """The guide's example."""
    account = {"credit_limit": 5_000, "tolerance": Decimal("0.10")}
    async with Store(section_of(account)) as store:
        await store.call("PUT", "/accounts/one/tolerance", {"value": 0})
        answer = await store.call("PUT", "/accounts/one/tolerance", {"value": Decimal("0.25")})
        statements = await store.call("GET", "/accounts/one/statements")

        assert answer["tolerance"] == Decimal("0.25")
        assert await store.ledger() == [("Credit", -500), ("Credit", 1250)]
        assert statements["intervalBalance"] == 750


@pytest.mark.parametrize("path", ["creditlimit", "tolerance"])
async def test_answers_to_limit_and_tolerance_leave_the_document_out(path: str) -> None:
    account = {"document": "1", "document_type": "CPF"}
    async with Store(section_of(account)) as store:
        answer = await store.call("PUT", f"/accounts/one/{path}", {"value": 1})
        read = await store.account()

    assert answer == {n: v for n, v in read.items() if n not in ("document", "documentType")}
    assert read["document"] == "1"


async def test_the_same_limit_again_posts_nothing(store: Store) -> None:
    for _ in range(2):
        await store.call("PUT", "/accounts/one/creditlimit", {"value": 1500})

    assert await store.ledger() == [("Credit", 500)]


async def test_a_limit_may_fall_below_what_is_owed(store: Store) -> None:
    await store.purchase(600)
    account = await store.call("PUT", "/accounts/one/creditlimit", {"value": 500})

    assert account["availableCredit"] == -100


@pytest.mark.parametrize("path", ["creditlimit", "tolerance"])
@pytest.mark.parametrize(
    "body",
    [{}, {"value": "5"}, {"value": -1}, {"value": True}, {"value": [5]}, {"value": 10**12}, []],
)
async def test_limit_and_tolerance_must_be_numbers_of_zero_or_more(
    store: Store, path: str, body: Any
) -> None:
    assert await store.refusal("PUT", f"/accounts/one/{path}", body) == 400


async def test_a_debit_is_a_text_both_ways_and_leaves_the_available_credit_alone(
    store: Store,
) -> None:
    answer = await store.call("PUT", "/accounts/one/statements/s1", {"value": "-15.0"})
    account = await store.account()
    (entry,) = (await store.call("GET", "/accounts/one/statements"))["statements"]

    assert answer == {"value": "-15.0"}
    assert (account["balance"], account["availableCredit"]) == (-15, 1000)
    assert entry == {
        "value": -15,
        "date": "2026-06-01T12:00:00Z",
        "origin": "Statement",
        "doneBy": "operator@store.example",
    }


async def test_a_seed_names_the_operator() -> None:
    async with Store(section_of(operator="desk@store.example")) as store:
        await store.call("PUT", "/accounts/one/statements/s1", {"value": "1"})
        (entry,) = (await store.call("GET", "/accounts/one/statements"))["statements"]

    assert entry["doneBy"] == "desk@store.example"


async def test_a_statement_id_posts_once(store: Store) -> None:
    for value in ("-15.0", "-15.00"):
        await store.call("PUT", "/accounts/one/statements/s1", {"value": value})
    await store.call("PUT", "/accounts/one/statements/s2", {"value": "4.5"})

    assert await store.ledger() == [("Statement", -15), ("Statement", Decimal("4.5"))]
    assert (await store.account())["balance"] == Decimal("-10.5")


async def test_a_statement_id_with_another_value_is_a_conflict(store: Store) -> None:
    await store.call("PUT", "/accounts/one/statements/s1", {"value": "-15.0"})

    assert await store.refusal("PUT", "/accounts/one/statements/s1", {"value": "15.0"}) == 409


@pytest.mark.parametrize("value", [-15, None, "", "fifteen", "1,5", "--1", "1" * 13, ".5"])
async def test_a_debit_must_be_a_decimal_number_as_text(store: Store, value: object) -> None:
    assert await store.refusal("PUT", "/accounts/one/statements/s1", {"value": value}) == 400


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("PUT", "/creditlimit", {"value": 5}),
        ("PUT", "", {"email": "moved@example.com", "creditLimit": 5, "tolerance": 1}),
    ],
)
async def test_defect_limit_changes_may_fail_for_an_account(
    verb: str, path: str, body: object
) -> None:
    async with Store(section_of(defects={"limit_changes_fail": ["one"]})) as store:
        assert await store.refusal(verb, f"/accounts/one{path}", body) == 500
        assert (await store.call("PUT", "/accounts/one/tolerance", {"value": 1}))["tolerance"] == 1
