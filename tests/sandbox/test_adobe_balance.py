"""Moving a balance in the Adobe Commerce stand-in: arithmetic, checks and their order, rows."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.adobe_shop import (
    EUROPEAN,
    GRANTED,
    MISFIT,
    NEVER_GRANTED,
    NOW,
    UNKNOWN_CREDIT,
    ShopClient,
    bad_value,
    refusal,
    required,
    unsupported,
    wrong_type,
)

FITTING = {
    "increase": {1, 2, 4, 5, 6},
    "decrease": {2, 3, 4},
}


async def test_the_worked_example_holds_step_by_step() -> None:
    shop = ShopClient()
    await shop.put(NEVER_GRANTED, company_id=102, credit_limit=5000)
    for direction, operation_type, value in [
        ("decrease", 3, Decimal("1500")),
        ("increase", 4, Decimal("249.50")),
        ("decrease", 3, Decimal("4000")),
        ("increase", 4, Decimal("6000")),
        ("increase", 5, Decimal("100")),
        ("decrease", 2, Decimal("849.5")),
    ]:
        await shop.moved(direction, NEVER_GRANTED, value=value, operationType=operation_type)
    await shop.put(NEVER_GRANTED, company_id=102, credit_limit=4000)

    rows = await shop.rows(NEVER_GRANTED)
    assert [
        (row["type"], row["amount"], row["balance"], row["available_limit"]) for row in rows
    ] == [
        (1, 0, 0, 5000),
        (3, -1500, -1500, 3500),
        (4, Decimal("249.5"), Decimal("-1250.5"), Decimal("3749.5")),
        (3, -4000, Decimal("-5250.5"), Decimal("-250.5")),
        (4, 6000, Decimal("749.5"), Decimal("5749.5")),
        (5, 100, Decimal("849.5"), Decimal("5849.5")),
        (2, Decimal("-849.5"), 0, 5000),
        (2, 0, 0, 4000),
    ]
    assert await shop.credit(NEVER_GRANTED) == {
        "id": NEVER_GRANTED,
        "company_id": 102,
        "credit_limit": 4000,
        "balance": 0,
        "currency_code": "USD",
        "exceed_limit": False,
        "available_limit": 4000,
    }


async def test_the_limit_bounds_no_move_even_where_it_may_not_be_exceeded() -> None:
    shop = ShopClient()
    await shop.moved("decrease", GRANTED, value=100, operationType=3)
    credit = await shop.credit(GRANTED)
    assert (credit["exceed_limit"], credit["available_limit"]) == (False, -100)


async def test_the_same_move_sent_twice_moves_twice() -> None:
    shop = ShopClient()
    for _ in range(2):
        await shop.moved(
            "decrease", GRANTED, value=5, operationType=3, options={"purchase_order": "once"}
        )
    assert (await shop.credit(GRANTED))["balance"] == -10
    assert len(await shop.rows(GRANTED)) == 2


@pytest.mark.parametrize("operation_type", range(-1, 9))
@pytest.mark.parametrize("direction", ["increase", "decrease"])
async def test_each_type_of_operation_fits_its_directions_only(
    direction: str, operation_type: int
) -> None:
    shop = ShopClient()
    answer = await shop.move(direction, GRANTED, value=1, operationType=operation_type)
    if operation_type in FITTING[direction]:
        assert refusal(answer) == (200, True)
        assert (await shop.last_row(GRANTED))["type"] == operation_type
    else:
        assert refusal(answer) == (400, MISFIT)
        assert await shop.rows(GRANTED) == []


async def test_a_row_says_who_when_and_what() -> None:
    shop = ShopClient()
    await shop.moved(
        "decrease",
        GRANTED,
        value=Decimal("12.34"),
        operationType=3,
        comment="für “Dana”",
        options={
            "purchase_order": "PO 1",
            "custom_reference_number": "REF-1",
            "order_increment": "000000412",
        },
    )
    row = await shop.last_row(GRANTED)
    assert row.pop("id") > 0
    assert row == {
        "company_credit_id": GRANTED,
        "user_id": 8,
        "user_type": 2,
        "currency_credit": "USD",
        "currency_operation": "USD",
        "rate": 1,
        "rate_credit": 0,
        "amount": Decimal("-12.34"),
        "balance": Decimal("-12.34"),
        "credit_limit": 0,
        "available_limit": Decimal("-12.34"),
        "type": 3,
        "datetime": f"{NOW:%Y-%m-%d %H:%M:%S}",
        "purchase_order": "PO 1",
        "custom_reference_number": "REF-1",
        "comment": '{"custom":"für “Dana”","system":{"order":"000000412"}}',
    }


@pytest.mark.parametrize(
    "more", [{}, {"comment": ""}, {"options": {}}, {"options": None, "comment": None}]
)
async def test_what_is_not_said_is_missing_from_the_row(more: dict[str, object]) -> None:
    shop = ShopClient()
    await shop.moved("increase", GRANTED, value=1, operationType=4, **more)
    row = await shop.last_row(GRANTED)
    assert row.keys().isdisjoint({"purchase_order", "custom_reference_number"})
    assert row["comment"] == ""


async def test_a_move_of_nothing_leaves_a_row() -> None:
    shop = ShopClient()
    await shop.moved("increase", GRANTED, value=0, operationType=2)
    assert (await shop.last_row(GRANTED))["amount"] == 0


@pytest.mark.parametrize(
    ("value", "amount"),
    [("0.00005", "0.0001"), ("0.00004", "0"), ("1E-300", "0"), ("1.23456", "1.2346")],
)
async def test_amounts_are_kept_with_four_decimals(value: str, amount: str) -> None:
    shop = ShopClient()
    await shop.moved("decrease", GRANTED, value=Decimal(value), operationType=3)
    assert (await shop.credit(GRANTED))["balance"] == -Decimal(amount)
    assert (await shop.last_row(GRANTED))["amount"] == -Decimal(amount)


GOOD: dict[str, Any] = {"value": 1, "currency": "USD", "operationType": 2}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"value": None}, required("value")),
        ({"currency": None}, required("currency")),
        ({"operationType": None}, required("operationType")),
        (
            {"value": None, "currency": None, "operationType": None},
            {
                "message": "One or more input exceptions have occurred.",
                "errors": [required(name) for name in ("value", "currency", "operationType")],
            },
        ),
        ({"value": "1"}, wrong_type("1", "float")),
        ({"value": True}, wrong_type("1", "float")),
        ({"value": [1]}, wrong_type("Array", "float")),
        ({"currency": 840}, wrong_type("840", "string")),
        ({"operationType": Decimal("2.5")}, wrong_type("2.5", "int")),
        ({"operationType": "two"}, wrong_type("two", "int")),
        ({"comment": {}}, wrong_type("Array", "string")),
        (
            {"options": "none"},
            wrong_type("none", "Magento\\CompanyCredit\\Api\\Data\\CreditBalanceOptionsInterface"),
        ),
        ({"options": {"purchase_order": 5}}, wrong_type("5", "string")),
        ({"options": {"purchaseOrder": "x"}}, unsupported("purchaseOrder")),
        ({"operationType": 3}, MISFIT),
        ({"value": -5}, bad_value("value", -5)),
        ({"value": Decimal("-0.01")}, bad_value("value", Decimal("-0.01"))),
        ({"currency": "GBP"}, bad_value("currency", "GBP")),
        ({"currency": "usd"}, bad_value("currency", "usd")),
        ({"currency": ""}, bad_value("currency", "")),
        ({"options": {"purchase_order": "x" * 61}}, {"message": "Could not save history"}),
        ({"value": 10**12}, {"message": "Could not save history"}),
        ({"value": Decimal("9E+307")}, {"message": "Could not save history"}),
    ],
)
async def test_a_wrong_move_is_refused_and_nothing_is_written(
    body: dict[str, object], expected: dict[str, Any]
) -> None:
    shop = ShopClient()
    answer = await shop.move("increase", GRANTED, **{**GOOD, **body})
    assert refusal(answer) == (400, expected)
    assert (await shop.credit(GRANTED))["balance"] == 0
    assert await shop.rows(GRANTED) == []


async def test_the_balance_itself_has_an_end() -> None:
    shop = ShopClient()
    almost = Decimal("999999999999.9999")
    await shop.moved("increase", GRANTED, value=almost, operationType=2)
    answer = await shop.move("increase", GRANTED, value=Decimal("0.0001"), operationType=2)
    assert answer.status_code == 400
    assert (await shop.credit(GRANTED))["balance"] == almost
    assert len(await shop.rows(GRANTED)) == 1


async def test_checks_come_in_their_order() -> None:
    shop = ShopClient()
    body: dict[str, object] = {"value": "x", "currency": "GBP"}
    answers = []
    for repair in (
        {"operationType": 3},
        {"value": -1},
        {"operationType": 2},
        {"value": 1},
    ):
        answers.append(await shop.move("increase", 999, **body))
        body |= repair
    answers.append(await shop.move("increase", 999, **body))
    answers.append(await shop.move("increase", GRANTED, **body))
    assert [refusal(answer) for answer in answers] == [
        (400, required("operationType")),
        (400, wrong_type("x", "float")),
        (400, MISFIT),
        (400, bad_value("value", -1)),
        (404, UNKNOWN_CREDIT),
        (400, bad_value("currency", "GBP")),
    ]


async def test_an_id_that_is_no_number_is_of_the_wrong_type() -> None:
    answer = await ShopClient().move("increase", "first", **{**GOOD, "operationType": 3})
    assert refusal(answer) == (400, wrong_type("first", "int"))


async def test_an_unknown_credit_may_crash_older_releases() -> None:
    shop = ShopClient(unknown_credit="500")
    answer = await shop.move("increase", 999, **GOOD)
    assert answer.status_code == 500
    assert answer.json()["message"].startswith("Internal Error. Details are available")
    assert (await shop.put(999)).status_code == 404


async def test_unknown_members_at_the_top_are_ignored() -> None:
    await ShopClient().moved("increase", GRANTED, **GOOD, note="hello", creditId=3)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1,]", b"{'value':1}", b"\xff", b'{"value":NaN}', b'{"comment":"\\ud800"}'],
)
async def test_what_is_not_json_cannot_be_decoded(content: bytes) -> None:
    answer = await ShopClient().http.post(
        f"/V1/companyCredits/{GRANTED}/increaseBalance",
        content=content,
        headers={"Content-Type": "application/json"},
    )
    assert refusal(answer) == (400, {"message": "Decoding error."})


async def test_a_bottomless_body_cannot_be_decoded() -> None:
    answer = await ShopClient().http.post(
        f"/V1/companyCredits/{GRANTED}/increaseBalance",
        content=b"[" * 100_000,
        headers={"Content-Type": "application/json"},
    )
    assert refusal(answer) == (400, {"message": "Decoding error."})


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/xml", "text/json"])
async def test_a_body_of_another_media_type_cannot_be_decoded(media_type: str) -> None:
    answer = await ShopClient().http.post(
        f"/V1/companyCredits/{GRANTED}/increaseBalance",
        content=b'{"value":1,"currency":"USD","operationType":2}',
        headers={"Content-Type": media_type},
    )
    assert refusal(answer) == (400, {"message": "Decoding error."})


async def test_a_media_type_may_name_its_characters() -> None:
    answer = await ShopClient().http.post(
        f"/V1/companyCredits/{GRANTED}/increaseBalance",
        content=b'{"value":1,"currency":"USD","operationType":2}',
        headers={"Content-Type": "Application/JSON; charset=utf-8"},
    )
    assert refusal(answer) == (200, True)


@pytest.mark.parametrize("body", [None, 5, "text", [], [{"value": 1}]])
async def test_a_body_that_is_no_object_lacks_everything(body: object) -> None:
    path = f"/V1/companyCredits/{GRANTED}/decreaseBalance"
    status, refused = refusal(await ShopClient().send("POST", path, body))
    assert (status, len(refused["errors"])) == (400, 3)


async def test_a_release_without_the_reference_column_ignores_the_option() -> None:
    shop = ShopClient(reference_column="purchase_order_only")
    options = {"purchase_order": "PO", "custom_reference_number": "REF"}
    await shop.moved("increase", GRANTED, **GOOD, options=options)
    row = await shop.last_row(GRANTED)
    assert row["purchase_order"] == "PO"
    assert "custom_reference_number" not in row


async def test_a_first_allocation_raises_the_limit_and_moves_nothing() -> None:
    shop = ShopClient()
    await shop.moved("increase", NEVER_GRANTED, value=Decimal("70.5"), operationType=1)
    credit = await shop.credit(NEVER_GRANTED)
    assert (credit["credit_limit"], credit["balance"]) == (Decimal("70.5"), 0)
    row = await shop.last_row(NEVER_GRANTED)
    assert (row["type"], row["amount"], row["available_limit"]) == (1, 0, Decimal("70.5"))


async def test_an_allocation_of_nothing_grants_no_limit() -> None:
    shop = ShopClient()
    await shop.moved("increase", NEVER_GRANTED, value=0, operationType=1)
    assert "credit_limit" not in await shop.credit(NEVER_GRANTED)


async def test_a_record_with_a_history_takes_no_first_allocation() -> None:
    shop = ShopClient()
    await shop.moved("increase", GRANTED, value=5, operationType=1)
    again = await shop.move("increase", GRANTED, value=5, operationType=1)
    older = await shop.move("increase", EUROPEAN, value=5, operationType=1)
    assert [refusal(answer) for answer in (again, older)] == [(400, MISFIT)] * 2
    assert (await shop.credit(GRANTED))["credit_limit"] == 5


async def test_two_hundred_moves_at_once_are_all_counted() -> None:
    shop = ShopClient()
    await asyncio.gather(
        *(
            shop.moved(
                ("increase", "decrease")[number % 2],
                GRANTED,
                value=number,
                operationType=2,
                options={"purchase_order": f"m-{number}"},
            )
            for number in range(200)
        )
    )
    rows = await shop.rows(GRANTED)
    assert len({row["purchase_order"] for row in rows}) == 200
    assert (await shop.credit(GRANTED))["balance"] == -100 == rows[-1]["balance"]
    before = Decimal(0)
    for row in rows:
        assert row["balance"] == before + row["amount"]
        before = row["balance"]


async def test_overlapping_moves_may_lose_a_change_but_never_a_row() -> None:
    shop = ShopClient(lost_update="on")
    await asyncio.gather(
        *(shop.moved("decrease", GRANTED, value=value, operationType=3) for value in (10, 25))
    )
    rows = await shop.rows(GRANTED)
    assert sorted(row["amount"] for row in rows) == [-25, -10]
    assert (await shop.credit(GRANTED))["balance"] == rows[-1]["balance"] == rows[-1]["amount"]


async def test_moves_one_after_the_other_are_never_lost() -> None:
    shop = ShopClient(lost_update="on")
    for value in (10, 25):
        await shop.moved("decrease", GRANTED, value=value, operationType=3)
    assert (await shop.credit(GRANTED))["balance"] == -35


async def test_a_lost_move_leaves_the_settings_alone() -> None:
    shop = ShopClient(lost_update="on")
    moved, changed = await asyncio.gather(
        shop.move("decrease", GRANTED, value=10, operationType=3),
        shop.put(GRANTED, credit_limit=700, exceed_limit=True),
    )
    assert (moved.status_code, changed.status_code) == (200, 200)
    credit = await shop.credit(GRANTED)
    assert (credit["credit_limit"], credit["exceed_limit"], credit["balance"]) == (700, True, -10)


async def test_a_record_that_is_replaced_meanwhile_cannot_be_moved() -> None:
    shop = ShopClient(lost_update="on")
    moved, changed = await asyncio.gather(
        shop.move("decrease", GRANTED, value=10, operationType=3),
        shop.put(GRANTED, credit_limit=700, currency_code="EUR"),
    )
    assert (moved.status_code, changed.status_code) == (400, 200)
    assert (await shop.credit_of(101))["balance"] == 0


@pytest.mark.parametrize("token", ["customers-only", "nobody"])
async def test_moves_need_the_permission(token: str) -> None:
    shop = ShopClient()
    shop.http.headers["Authorization"] = f"Bearer {token}"
    for answer in (
        await shop.move("increase", GRANTED, **GOOD),
        await shop.move("decrease", "x"),
        await shop.put(GRANTED),
        await shop.note(1),
    ):
        assert refusal(answer) == (
            401,
            {
                "message": "The consumer isn't authorized to access %resources.",
                "parameters": {"resources": "Magento_Company::credit_history"},
            },
        )


async def test_moves_work_on_the_hosted_paths_too() -> None:
    shop = ShopClient()
    shop.http.base_url = "http://tenant.example"
    shop.http.headers["Store"] = "default"
    await shop.moved("increase", GRANTED, **GOOD)
