"""Writing a credit record of the Adobe Commerce stand-in: limit, currency, exceed flag."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from sandbox import exact_json
from tests.sandbox.adobe_shop import (
    EUROPEAN,
    GRANTED,
    NEVER_GRANTED,
    UNKNOWN_CREDIT,
    ShopClient,
    bad_value,
    refusal,
    required,
    unsupported,
    wrong_type,
)

INTERFACE = "Magento\\CompanyCredit\\Api\\Data\\CreditLimitInterface"


async def test_the_answer_is_the_whole_record_after_the_write() -> None:
    shop = ShopClient()
    await shop.moved("decrease", GRANTED, value=Decimal("1250.5"), operationType=3)
    answer = await shop.put(GRANTED, credit_limit=6000, exceed_limit=True)
    assert refusal(answer) == (
        200,
        {
            "id": GRANTED,
            "company_id": 101,
            "credit_limit": 6000,
            "balance": Decimal("-1250.5"),
            "currency_code": "USD",
            "exceed_limit": True,
            "available_limit": Decimal("4749.5"),
        },
    )
    assert await shop.credit(GRANTED) == exact_json.loads(answer.content)


@pytest.mark.parametrize(
    ("members", "comment"),
    [
        ({"credit_limit": 10}, ""),
        ({"exceed_limit": True}, '{"system":{"exceed_limit":{"value":true}}}'),
        (
            {"credit_limit": 10, "exceed_limit": True},
            '{"system":{"exceed_limit":{"value":true}}}',
        ),
    ],
)
async def test_a_change_writes_one_row_without_an_amount(
    members: dict[str, object], comment: str
) -> None:
    shop = ShopClient()
    assert (await shop.put(GRANTED, **members)).status_code == 200
    (row,) = await shop.rows(GRANTED)
    assert (row["type"], row["amount"], row["comment"]) == (2, 0, comment)
    assert (row["user_type"], row["user_id"]) == (2, 8)
    assert row["credit_limit"] == members.get("credit_limit", 0)


@pytest.mark.parametrize(
    "members", [{}, {"credit_limit": 0}, {"exceed_limit": False}, {"credit_limit": Decimal("0.0")}]
)
async def test_nothing_changed_writes_no_row(members: dict[str, object]) -> None:
    shop = ShopClient()
    assert (await shop.put(GRANTED, **members)).status_code == 200
    assert await shop.rows(GRANTED) == []


async def test_the_same_write_twice_changes_once() -> None:
    shop = ShopClient()
    answers = [await shop.put(GRANTED, credit_limit=40) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert len(await shop.rows(GRANTED)) == 1


async def test_a_limit_left_out_stays() -> None:
    shop = ShopClient()
    await shop.put(GRANTED, credit_limit=40)
    await shop.put(GRANTED, exceed_limit=True)
    assert (await shop.credit(GRANTED))["credit_limit"] == 40


async def test_the_first_limit_above_zero_is_an_allocation() -> None:
    shop = ShopClient()
    for limit in (0, 300, 200):
        await shop.put(NEVER_GRANTED, company_id=102, credit_limit=limit)
    rows = await shop.rows(NEVER_GRANTED)
    assert [(row["type"], row["amount"], row["credit_limit"]) for row in rows] == [
        (1, 0, 300),
        (2, 0, 200),
    ]


async def test_a_limit_of_zero_grants_nothing_but_can_be_set_later() -> None:
    shop = ShopClient()
    await shop.put(NEVER_GRANTED, company_id=102, credit_limit=0)
    assert "credit_limit" not in await shop.credit(NEVER_GRANTED)
    for limit in (5, 0):
        await shop.put(NEVER_GRANTED, company_id=102, credit_limit=limit)
    assert (await shop.credit(NEVER_GRANTED))["credit_limit"] == 0


async def test_the_id_of_the_path_wins() -> None:
    shop = ShopClient()
    for foreign in (EUROPEAN, "abc"):
        assert (await shop.put(GRANTED, id=foreign, credit_limit=40)).json()["id"] == GRANTED
    assert (await shop.credit(EUROPEAN))["credit_limit"] == 1000


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"company_id": None}, required("company_id")),
        ({"currency_code": None}, required("currency_code")),
        (
            {"company_id": None, "currency_code": None},
            {
                "message": "One or more input exceptions have occurred.",
                "errors": [required("company_id"), required("currency_code")],
            },
        ),
        (
            {"company_id": 103},
            {
                "message": 'Invalid value of "%value" provided for the %fieldName field.',
                "parameters": {"fieldName": "company_id", "value": 103},
            },
        ),
        ({"company_id": "101"}, wrong_type("101", "int")),
        ({"currency_code": "GBP"}, bad_value("currency_code", "GBP")),
        ({"currency_code": 1}, wrong_type("1", "string")),
        ({"credit_limit": -1}, bad_value("credit_limit", -1)),
        ({"credit_limit": "much"}, wrong_type("much", "float")),
        ({"credit_limit": Decimal("1E+20")}, {"message": "Could not save history"}),
        ({"exceed_limit": 1}, wrong_type("1", "bool")),
        ({"balance": -1}, unsupported("balance")),
        ({"available_limit": 5000}, unsupported("available_limit")),
        ({"limit": 5}, unsupported("limit")),
        ({"credit_comment": 5}, wrong_type("5", "string")),
    ],
)
async def test_a_wrong_write_is_refused_and_changes_nothing(
    members: dict[str, object], expected: dict[str, Any]
) -> None:
    shop = ShopClient()
    answer = await shop.put(GRANTED, **{"credit_limit": 77, "exceed_limit": True, **members})
    assert refusal(answer) == (400, expected)
    assert (await shop.credit(GRANTED))["credit_limit"] == 0
    assert await shop.rows(GRANTED) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, required("creditLimit")),
        ({"credit_limit": {}}, required("creditLimit")),
        ({"creditLimit": None}, required("creditLimit")),
        ({"creditLimit": "5000"}, wrong_type("5000", INTERFACE)),
        ({"creditLimit": [5000]}, wrong_type("Array", INTERFACE)),
    ],
)
async def test_the_record_must_be_there(body: object, expected: dict[str, Any]) -> None:
    answer = await ShopClient().send("PUT", f"/V1/companyCredits/{GRANTED}", body)
    assert refusal(answer) == (400, expected)


async def test_computed_members_may_be_sent_when_they_are_zero() -> None:
    answer = await ShopClient().put(
        GRANTED, balance=0, available_limit=Decimal("0.0"), extension_attributes={}
    )
    assert answer.status_code == 200


async def test_an_unknown_record_is_told_before_its_company() -> None:
    assert refusal(await ShopClient().put(999, company_id=5)) == (404, UNKNOWN_CREDIT)


@pytest.mark.parametrize("path_id", ["history", "company", "1.5"])
async def test_an_id_that_is_no_number_is_of_the_wrong_type(path_id: str) -> None:
    assert refusal(await ShopClient().put(path_id)) == (400, wrong_type(path_id, "int"))


async def test_a_comment_is_accepted_and_shown_nowhere() -> None:
    shop = ShopClient()
    answer = await shop.put(GRANTED, credit_limit=5, credit_comment="raised")
    assert "credit_comment" not in answer.json()
    assert (await shop.last_row(GRANTED))["comment"] == ""


async def test_some_releases_refuse_a_comment() -> None:
    shop = ShopClient(credit_comment="reject")
    answer = await shop.put(GRANTED, credit_limit=5, credit_comment="raised")
    assert refusal(answer) == (400, unsupported("credit_comment"))
    assert (await shop.put(GRANTED, credit_limit=5)).status_code == 200


async def test_another_currency_replaces_the_record() -> None:
    shop = ShopClient()
    older = [row["id"] for row in await shop.rows(EUROPEAN)]
    answer = await shop.put(EUROPEAN, company_id=103, currency_code="USD", credit_limit=900)

    assert refusal(answer) == (
        200,
        {
            "id": EUROPEAN,
            "company_id": 103,
            "credit_limit": 900,
            "balance": -400,
            "currency_code": "USD",
            "exceed_limit": False,
            "available_limit": 500,
        },
    )
    credit = await shop.credit_of(103)
    assert credit == {
        "id": EUROPEAN + 1,
        "company_id": 103,
        "credit_limit": 900,
        "balance": -480,
        "currency_code": "USD",
        "exceed_limit": False,
        "available_limit": 420,
    }
    assert await shop.rows(EUROPEAN) == []
    rows = await shop.rows(credit["id"])
    assert [row["id"] for row in rows][:-1] == older
    assert (rows[-1]["type"], rows[-1]["amount"], rows[-1]["balance"]) == (2, 0, -480)
    assert (rows[-1]["currency_credit"], rows[-1]["currency_operation"]) == ("USD", "USD")
    assert exact_json.loads(rows[-1]["comment"]) == {
        "system": {"update_currency": {"currency_from": "EUR", "currency_to": "USD"}}
    }


async def test_the_replaced_record_is_gone_for_everybody() -> None:
    shop = ShopClient()
    await shop.put(GRANTED, currency_code="EUR")
    unknown = {**UNKNOWN_CREDIT, "parameters": {"fieldName": "CompanyCreditID", "fieldValue": 1}}
    for answer in (
        await shop.http.get(f"/V1/companyCredits/{GRANTED}"),
        await shop.put(GRANTED),
        await shop.move("increase", GRANTED, value=1, operationType=2),
    ):
        assert refusal(answer) == (404, unknown)


async def test_a_limit_left_out_keeps_its_figure_in_the_other_currency() -> None:
    shop = ShopClient()
    await shop.put(EUROPEAN, company_id=103, currency_code="USD")
    assert (await shop.credit_of(103))["credit_limit"] == 1000


async def test_without_a_rate_the_balance_keeps_its_figure() -> None:
    shop = ShopClient()
    await shop.put(EUROPEAN, company_id=103, currency_code="JPY", credit_limit=1)
    assert (await shop.credit_of(103))["balance"] == -400


async def test_a_replacement_that_cannot_be_kept_leaves_the_record_there() -> None:
    shop = ShopClient()
    await shop.moved(
        "increase", EUROPEAN, value=Decimal("999999999999"), operationType=2, currency="EUR"
    )
    answer = await shop.put(EUROPEAN, company_id=103, currency_code="USD", credit_limit=1)
    assert answer.status_code == 400
    assert (await shop.credit(EUROPEAN))["currency_code"] == "EUR"
    assert len(await shop.rows(EUROPEAN)) == 2


async def test_of_many_writers_the_last_one_stays() -> None:
    shop = ShopClient()
    answers = await asyncio.gather(
        *(shop.put(GRANTED, credit_limit=limit) for limit in range(1, 201))
    )
    assert {answer.status_code for answer in answers} == {200}
    rows = await shop.rows(GRANTED)
    assert len(rows) == 200
    assert (await shop.credit(GRANTED))["credit_limit"] == rows[-1]["credit_limit"]


async def test_of_two_changes_of_currency_at_once_one_finds_the_record_gone() -> None:
    shop = ShopClient()
    answers = await asyncio.gather(
        *(shop.put(GRANTED, currency_code="EUR", credit_limit=5) for _ in range(2))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 404]
