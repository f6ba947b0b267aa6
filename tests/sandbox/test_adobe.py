"""The Adobe Commerce stand-in, asked over ASGI."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox import exact_json
from sandbox.adobe import create_adobe
from sandbox.clock import Clock
from sandbox.seed import SeedError

BUILT_IN = exact_json.loads(
    (Path(__file__).parents[2] / "sandbox" / "seed" / "adobe.json").read_bytes()
)
PERMISSIONS = [
    "Magento_Company::credit_history",
    "Magento_Company::index",
    "Magento_Customer::customer",
]


def credit(credit_id: int, balance: str, **more: Any) -> dict[str, Any]:
    """A credit of the company with the same number, moved once when its balance is not 0."""
    moved = Decimal(balance)
    row = {"datetime": "now-1d", "type": 2, "amount": moved, "balance": moved}
    return {
        "id": credit_id,
        "company_id": credit_id + 100,
        "balance": moved,
        "currency_code": "USD",
        "history": [row | {"credit_limit": more.get("credit_limit", 0)}],
        **more,
    }


SMALL: Mapping[str, Any] = {
    "credentials": [
        {"token": "admin", "kind": "admin", "permissions": PERMISSIONS},
        {"token": "integration", "kind": "integration", "permissions": PERMISSIONS},
        {"token": "customers-only", "permissions": ["Magento_Customer::customer"]},
        {"token": "short-lived", "permissions": PERMISSIONS, "expires_at": "now+4h"},
    ],
    "websites": [{"id": 1, "base_currency": "USD"}, {"id": 2, "base_currency": "EUR"}],
    "customers": [
        {
            "id": 7,
            "email": "dana@example.com",
            "website_id": 1,
            "created_at": "2025-01-05T08:00:00Z",
            "updated_at": "2025-01-05T08:00:00Z",
            "firstname": "Dana",
            "lastname": "Reyes",
        }
    ],
    "companies": [
        {
            "id": number,
            "company_name": f"Company {number}",
            "company_email": f"office@c{number}.example",
            "super_user_id": 7,
            "street": ["1 Quay Road"],
        }
        for number in range(101, 106)
    ],
    "credits": [
        credit(1, "-10", credit_limit=100),
        credit(2, "20.5", currency_code="EUR", exceed_limit=True),
        credit(3, "-10", credit_limit=500),
        {"id": 4, "company_id": 104, "balance": 0, "currency_code": "USD"},
        {
            "id": 5,
            "company_id": 105,
            "balance": Decimal("-0.1255"),
            "credit_limit": 0,
            "currency_code": "EUR",
            "history": [
                {
                    "datetime": "2025-03-01T10:15:00Z",
                    "type": 3,
                    "amount": Decimal("-0.1255"),
                    "balance": Decimal("-0.1255"),
                    "credit_limit": 0,
                    "user_type": 3,
                    "user_id": 7,
                    "purchase_order": "PO-1",
                    "custom_reference_number": "REF-1",
                    "comment": {"custom": "first, second"},
                }
            ],
        },
    ],
}


def shop(
    section: Mapping[str, Any] = SMALL,
    *,
    token: str = "admin",
    prefix: str = "/rest/default/V1",
    clock: Clock | None = None,
    **switches: str,
) -> httpx.AsyncClient:
    adobe = create_adobe({**section, "switches": switches}, clock or Clock())
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=adobe),
        base_url=f"http://shop.example{prefix}",
        headers={"Authorization": f"Bearer {token}"},
    )


def built_in_shop() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=create_adobe(BUILT_IN, Clock())),
        base_url="http://shop.example/rest/default/V1",
        headers={"Authorization": "Bearer sandbox-adobe-token"},
    )


def criteria(*groups: list[tuple[str, str, str]], **paging: str | int) -> dict[str, str]:
    """Groups of (column, operator, value), in the camel case spelling."""
    params = {"searchCriteria": ""}
    for g, group in enumerate(groups):
        for f, (field, operator, value) in enumerate(group):
            place = f"searchCriteria[filterGroups][{g}][filters][{f}]"
            params |= {
                f"{place}[field]": field,
                f"{place}[value]": value,
                f"{place}[conditionType]": operator,
            }
    return params | {f"searchCriteria[{name}]": str(value) for name, value in paging.items()}


def sorted_by(*orders: tuple[str, str]) -> dict[str, str]:
    params = {}
    for s, (field, direction) in enumerate(orders):
        params[f"searchCriteria[sortOrders][{s}][field]"] = field
        params[f"searchCriteria[sortOrders][{s}][direction]"] = direction
    return params


async def found(client: httpx.AsyncClient, params: Mapping[str, str]) -> list[int]:
    answer = await client.get("/companyCredits", params=dict(params))
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    "prefix", ["/rest/default/V1", "/rest/all/V1", "/rest/brazil_pt/V1", "/V1"]
)
async def test_every_store_code_and_the_bare_version_lead_to_the_shop(prefix: str) -> None:
    client = shop(prefix=prefix)
    answer = await client.get("/companyCredits/1", headers={"Store": "default"})
    assert answer.json()["id"] == 1


@pytest.mark.parametrize("path", ["companyCredits", "companyCredits/history", "company"])
async def test_collections_work_with_and_without_the_trailing_slash(path: str) -> None:
    params = {"searchCriteria": ""}
    without = await shop().get(f"/{path}", params=params)
    assert without.json()["total_count"] > 0
    assert (await shop().get(f"/{path}/", params=params)).json().keys() == without.json().keys()


async def test_literal_segments_win_over_ids() -> None:
    history = await shop().get("/companyCredits/history?searchCriteria=")
    assert "items" in history.json()
    by_company = await shop().get("/companyCredits/company/105")
    assert by_company.json()["id"] == 5
    search = await shop().get("/customers/search?searchCriteria=")
    assert "items" in search.json()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/giftcardaccounts"),
        ("GET", "/companyCredits/1/increaseBalance"),
        ("GET", "/companyCredits/history/1"),
        ("DELETE", "/companyCredits/1"),
        ("HEAD", "/companyCredits/1"),
        ("POST", "/companyCredits"),
    ],
)
async def test_unknown_routes_and_other_verbs_match_no_route(method: str, path: str) -> None:
    answer = await shop(token="nobody").request(method, path)
    assert answer.status_code == 404
    if method != "HEAD":
        assert answer.json() == {"message": "Request does not match any route."}


@pytest.mark.parametrize("prefix", ["", "/rest", "/rest/V1", "/rest/default/V2", "/rest/a/b/V1"])
async def test_other_prefixes_match_no_route(prefix: str) -> None:
    answer = await shop(prefix=prefix).get("/companyCredits/1")
    assert (answer.status_code, answer.json()) == (
        404,
        {"message": "Request does not match any route."},
    )


async def test_a_credit_has_exact_amounts_without_trailing_zeros() -> None:
    answer = await built_in_shop().get("/companyCredits/31")
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == (
        b'{"id":31,"company_id":21,"credit_limit":5000,"balance":-1250.5,'
        b'"currency_code":"BRL","exceed_limit":false,"available_limit":3749.5}'
    )


async def test_four_decimals_survive() -> None:
    answer = await shop().get("/companyCredits/5")
    assert b'"balance":-0.1255,' in answer.content


async def test_a_limit_never_granted_is_left_out_and_counts_zero() -> None:
    answer = (await built_in_shop().get("/companyCredits/34")).json()
    assert "credit_limit" not in answer
    assert (answer["balance"], answer["available_limit"]) == (0, 0)


async def test_a_limit_of_zero_is_not_a_missing_limit() -> None:
    assert (await built_in_shop().get("/companyCredits/38")).json()["credit_limit"] == 0


async def test_available_may_be_negative_or_above_the_limit() -> None:
    client = built_in_shop()
    assert (await client.get("/companyCredits/33")).json()["available_limit"] < 0
    prepaid = (await client.get("/companyCredits/37")).json()
    assert prepaid["available_limit"] > prepaid["credit_limit"]


async def test_credit_ids_and_company_ids_are_different_numbers() -> None:
    client = built_in_shop()
    by_id = (await client.get("/companyCredits/31")).json()
    by_company = (await client.get("/companyCredits/company/31")).json()
    assert (by_id["company_id"], by_company["id"]) == (21, 41)


async def test_reload_changes_nothing_visible() -> None:
    client = built_in_shop()
    plain = await client.get("/companyCredits/31")
    assert (await client.get("/companyCredits/31?reload=true")).content == plain.content


async def test_the_shoppers_history_leads_to_her_balance() -> None:
    params = criteria([("company_credit_id", "eq", "31")]) | sorted_by(("entity_id", "ASC"))
    items = (await built_in_shop().get("/companyCredits/history", params=params)).json()["items"]
    steps = [(row["type"], row["amount"], row["balance"], row["available_limit"]) for row in items]
    assert steps == [(1, 0, 0, 5000), (3, -1500, -1500, 3500), (4, 249.5, -1250.5, 3749.5)]


async def test_the_buyers_history_has_every_type_and_both_references() -> None:
    params = criteria([("company_credit_id", "eq", "32")])
    items = (await built_in_shop().get("/companyCredits/history", params=params)).json()["items"]
    assert len(items) > 40
    assert {row["type"] for row in items} == {1, 2, 3, 4, 5, 6}
    for name in ("user_id", "purchase_order", "custom_reference_number"):
        assert {name in row for row in items} == {True, False}
    foreign = [row for row in items if row["currency_operation"] != row["currency_credit"]]
    assert [row["rate"] for row in foreign] == [0.92, 0.92]


async def test_every_built_in_row_follows_from_the_one_before() -> None:
    answer = await built_in_shop().get(
        "/companyCredits/history", params=criteria() | sorted_by(("entity_id", "ASC"))
    )
    balances: dict[int, Decimal] = {}
    for row in exact_json.loads(answer.content)["items"]:
        before = balances.get(row["company_credit_id"], Decimal(0))
        moved = Decimal(row["amount"]) / row["rate"] * (row["rate_credit"] or 1)
        assert row["balance"] == before + moved
        assert row["available_limit"] == row["credit_limit"] + row["balance"]
        balances[row["company_credit_id"]] = row["balance"]


async def test_a_history_row_is_answered_to_the_byte() -> None:
    params = criteria([("purchase_order", "eq", "PO-1")]) | {"fields": "items"}
    answer = await shop().get("/companyCredits/history", params=params)
    assert answer.content == (
        b'{"items":[{"id":1,"company_credit_id":5,"user_id":7,"user_type":3,'
        b'"currency_credit":"EUR","currency_operation":"EUR","rate":1,"rate_credit":0,'
        b'"amount":-0.1255,"balance":-0.1255,"credit_limit":0,"available_limit":-0.1255,"type":3,'
        b'"datetime":"2025-03-01 10:15:00","purchase_order":"PO-1",'
        b'"custom_reference_number":"REF-1",'
        b'"comment":"{\\"custom\\":\\"first, second\\"}"}]}'
    )


async def test_a_row_without_a_comment_has_an_empty_one() -> None:
    params = criteria([("company_credit_id", "eq", "1")])
    items = (await shop().get("/companyCredits/history", params=params)).json()["items"]
    assert items[0]["comment"] == ""


async def test_relative_times_count_from_the_clock_in_utc() -> None:
    clock = Clock()
    clock.set(datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC))
    params = criteria([("company_credit_id", "eq", "1")])
    answer = await shop(clock=clock).get("/companyCredits/history", params=params)
    assert answer.json()["items"][0]["datetime"] == "2030-01-01 03:04:05"


async def test_a_list_without_criteria_is_refused() -> None:
    for path in ("companyCredits", "companyCredits/history", "company", "customers/search"):
        answer = await shop().get(f"/{path}")
        assert answer.status_code == 400
        assert answer.json() == {
            "message": '"%fieldName" is required. Enter and try again.',
            "parameters": {"fieldName": "searchCriteria"},
        }


async def test_empty_criteria_mean_everything_and_echo_only_the_groups() -> None:
    answer = (await shop().get("/companyCredits?searchCriteria=")).json()
    assert len(answer["items"]) == answer["total_count"] == 5
    assert answer["search_criteria"] == {"filter_groups": []}


async def test_both_spellings_ask_the_same() -> None:
    camel = (
        "searchCriteria[filterGroups][0][filters][0][field]=balance"
        "&searchCriteria[filterGroups][0][filters][0][value]=0"
        "&searchCriteria[filterGroups][0][filters][0][conditionType]=lt"
        "&searchCriteria[sortOrders][0][field]=entity_id"
        "&searchCriteria[sortOrders][0][direction]=ASC"
        "&searchCriteria[pageSize]=2&searchCriteria[currentPage]=1"
    )
    snake = (
        camel.replace("filterGroups", "filter_groups")
        .replace("conditionType", "condition_type")
        .replace("sortOrders", "sort_orders")
        .replace("pageSize", "page_size")
        .replace("currentPage", "current_page")
    )
    first = await shop().get(f"/companyCredits?{camel}")
    second = await shop().get(f"/companyCredits?{snake}")
    assert first.content == second.content
    assert first.json()["search_criteria"] == {
        "filter_groups": [
            {"filters": [{"field": "balance", "value": "0", "condition_type": "lt"}]}
        ],
        "sort_orders": [{"field": "entity_id", "direction": "ASC"}],
        "page_size": 2,
        "current_page": 1,
    }


async def test_percent_encoded_brackets_and_empty_brackets_are_understood() -> None:
    place = "searchCriteria%5BfilterGroups%5D%5B0%5D%5Bfilters%5D%5B%5D"
    query = f"{place}%5Bfield%5D=entity_id"
    answer = await shop().get(f"/companyCredits?{query}&fields=search_criteria")
    assert answer.status_code == 400
    assert answer.json()["parameters"] == {"fieldName": "value"}


async def test_an_absent_operator_is_eq_and_is_echoed() -> None:
    place = "searchCriteria[filterGroups][0][filters][0]"
    answer = await shop().get(
        "/companyCredits", params={f"{place}[field]": "entity_id", f"{place}[value]": "3"}
    )
    assert [item["id"] for item in answer.json()["items"]] == [3]
    assert answer.json()["search_criteria"]["filter_groups"][0]["filters"] == [
        {"field": "entity_id", "value": "3", "condition_type": "eq"}
    ]


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("entity_id", "eq", "3", [3]),
        ("entity_id", "neq", "3", [1, 2, 4, 5]),
        ("balance", "gt", "-0.1255", [2, 4]),
        ("balance", "gteq", "-0.1255", [2, 4, 5]),
        ("balance", "moreq", "-0.12550", [2, 4, 5]),
        ("balance", "from", "-0.1255", [2, 4, 5]),
        ("balance", "lt", "-0.1255", [1, 3]),
        ("balance", "lteq", "-0.1255", [1, 3, 5]),
        ("balance", "to", "-0.1255", [1, 3, 5]),
        ("currency_code", "like", "E_R", [2, 5]),
        ("currency_code", "like", "%s%", [1, 3, 4]),
        ("currency_code", "like", "S", []),
        ("currency_code", "nlike", "E%", [1, 3, 4]),
        ("entity_id", "in", "1,4,99", [1, 4]),
        ("entity_id", "nin", "1,4", [2, 3, 5]),
        ("credit_limit", "null", "1", [2, 4]),
        ("credit_limit", "notnull", "1", [1, 3, 5]),
        ("currency_code", "finset", "EUR", [2, 5]),
        ("currency_code", "nfinset", "EUR", [1, 3, 4]),
        ("exceed_limit", "eq", "1", [2]),
        ("company_id", "eq", "103", [3]),
        ("currency_code", "eq", "eur", [2, 5]),
    ],
)
async def test_each_operator(field: str, operator: str, value: str, expected: list[int]) -> None:
    assert await found(shop(), criteria([(field, operator, value)])) == expected


@pytest.mark.parametrize(
    "operator", ["eq", "neq", "gt", "lt", "gteq", "lteq", "like", "nlike", "in", "nin", "nfinset"]
)
async def test_a_missing_value_compares_with_nothing(operator: str) -> None:
    assert not {2, 4} & set(await found(shop(), criteria([("credit_limit", operator, "100")])))


async def test_finset_looks_into_a_comma_list() -> None:
    params = criteria([("comment", "finset", '{"custom":"first')])
    answer = await shop().get("/companyCredits/history", params=params)
    assert answer.json()["total_count"] == 1


async def test_groups_are_joined_by_and() -> None:
    params = criteria([("balance", "lt", "0")], [("currency_code", "eq", "EUR")])
    assert await found(shop(), params) == [5]


async def test_filters_of_one_group_are_joined_by_or() -> None:
    params = criteria([("entity_id", "eq", "1"), ("currency_code", "eq", "EUR")])
    assert await found(shop(), params) == [1, 2, 5]


async def test_older_releases_join_filters_of_credits_and_history_by_and() -> None:
    client = shop(filters_in_group="and")
    both = criteria([("entity_id", "eq", "5"), ("currency_code", "eq", "EUR")])
    assert await found(client, both) == [5]
    rows = criteria([("type", "eq", "3"), ("company_credit_id", "eq", "1")])
    history = await client.get("/companyCredits/history", params=rows)
    assert history.json()["total_count"] == 0


async def test_customers_and_companies_keep_or_in_every_release() -> None:
    client = shop(filters_in_group="and")
    either = criteria([("email", "eq", "dana@example.com"), ("email", "eq", "x@example.com")])
    assert (await client.get("/customers/search", params=either)).json()["total_count"] == 1
    ids = criteria([("entity_id", "eq", "101"), ("entity_id", "eq", "102")])
    assert (await client.get("/company", params=ids)).json()["total_count"] == 2


async def test_times_are_compared_as_times() -> None:
    params = criteria([("datetime", "gteq", "2025-03-01")], [("datetime", "lt", "2025-03-02")])
    answer = await shop().get("/companyCredits/history", params=params)
    assert [row["company_credit_id"] for row in answer.json()["items"]] == [5]


@pytest.mark.parametrize("value", ["soon", "2025-03-01T10:15:00Z"])
async def test_a_time_the_database_cannot_read_is_masked(value: str) -> None:
    params = criteria([("datetime", "gt", value)])
    assert (await shop().get("/companyCredits/history", params=params)).status_code == 500


async def test_sort_orders_apply_one_after_the_other() -> None:
    params = criteria() | sorted_by(("balance", "ASC"), ("entity_id", "DESC"))
    assert await found(shop(), params) == [3, 1, 5, 4, 2]


async def test_missing_values_sort_below_all_others() -> None:
    params = criteria() | sorted_by(("credit_limit", "asc"), ("entity_id", "asc"))
    assert await found(shop(), params) == [2, 4, 5, 1, 3]


async def test_an_absent_direction_means_descending() -> None:
    params = {"searchCriteria[sortOrders][0][field]": "entity_id"}
    assert await found(shop(), params) == [5, 4, 3, 2, 1]


async def test_another_direction_is_refused_with_the_template() -> None:
    answer = await shop().get(
        "/companyCredits", params=criteria() | sorted_by(("entity_id", "down"))
    )
    assert answer.status_code == 400
    assert answer.json() == {
        "message": (
            "The sort order has to be specified as %1 for ascending order "
            "or %2 for descending order."
        ),
        "parameters": ["ASC", "DESC"],
    }


async def test_pages_count_from_one_and_total_over_all() -> None:
    answer = await shop().get("/companyCredits", params=criteria(pageSize=2, currentPage=2))
    assert [item["id"] for item in answer.json()["items"]] == [3, 4]
    assert answer.json()["total_count"] == 5


async def test_without_a_page_size_everything_comes_and_none_is_echoed() -> None:
    answer = await shop().get("/companyCredits", params=criteria(currentPage=9))
    assert len(answer.json()["items"]) == 5
    assert answer.json()["search_criteria"] == {"filter_groups": [], "current_page": 9}


async def test_a_page_past_the_end_repeats_the_last_and_echoes_what_was_asked() -> None:
    answer = (
        await shop().get("/companyCredits", params=criteria(pageSize=2, currentPage=9))
    ).json()
    assert [item["id"] for item in answer["items"]] == [5]
    assert answer["search_criteria"]["current_page"] == 9


async def test_a_page_past_the_end_may_be_empty_by_switch() -> None:
    params = criteria(pageSize=2, currentPage=9)
    assert await found(shop(page_past_end="empty"), params) == []


@pytest.mark.parametrize("page", [0, -3])
async def test_pages_below_one_count_as_one(page: int) -> None:
    assert await found(shop(), criteria(pageSize=2, currentPage=page)) == [1, 2]


@pytest.mark.parametrize("size", [0, -1])
async def test_a_page_size_below_one_bounds_nothing(size: int) -> None:
    assert await found(shop(), criteria(pageSize=size)) == [1, 2, 3, 4, 5]


async def test_nothing_found_is_an_empty_list() -> None:
    params = criteria([("entity_id", "eq", "99")], pageSize=5, currentPage=3)
    answer = await shop().get("/companyCredits", params=params)
    assert answer.status_code == 200
    assert (answer.json()["items"], answer.json()["total_count"]) == ([], 0)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("companyCredits", "id"),
        ("companyCredits", "available_limit"),
        ("companyCredits/history", "id"),
        ("companyCredits/history", "available_limit"),
        ("customers/search", "id"),
        ("customers/search", "company_id"),
        ("company", "id"),
    ],
)
async def test_response_keys_are_no_columns(path: str, field: str) -> None:
    filtered = await shop().get(f"/{path}", params=criteria([(field, "eq", "1")]))
    ordered = await shop().get(f"/{path}", params=criteria() | sorted_by((field, "ASC")))
    for answer in (filtered, ordered):
        assert answer.status_code == 500
        assert answer.json().keys() == {"message"}
        assert answer.json()["message"].startswith(
            "Internal Error. Details are available in Magento log file. Report ID: webapi-"
        )


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        (
            "companyCredits",
            "entity_id company_id credit_limit balance currency_code exceed_limit",
        ),
        (
            "companyCredits/history",
            "entity_id company_credit_id user_id user_type currency_credit currency_operation rate "
            "rate_credit amount balance credit_limit available_credit type datetime purchase_order "
            "custom_reference_number comment",
        ),
        ("customers/search", "entity_id email website_id firstname lastname group_id created_at"),
        ("company", "entity_id company_name company_email status super_user_id street country_id"),
    ],
)
async def test_every_column_can_be_filtered_and_sorted(path: str, columns: str) -> None:
    for column in columns.split():
        params = criteria([(column, "notnull", "1")]) | sorted_by((column, "DESC"))
        assert (await shop().get(f"/{path}", params=params)).status_code == 200, column


async def test_an_unknown_operator_is_masked() -> None:
    params = criteria([("entity_id", "between", "1,2")])
    assert (await shop().get("/companyCredits", params=params)).status_code == 500


async def test_a_release_without_the_reference_column_neither_answers_nor_finds_it() -> None:
    client = shop(reference_column="purchase_order_only")
    by_reference = criteria([("custom_reference_number", "eq", "REF-1")])
    assert (await client.get("/companyCredits/history", params=by_reference)).status_code == 500
    by_order = criteria([("purchase_order", "eq", "PO-1")])
    items = (await client.get("/companyCredits/history", params=by_order)).json()["items"]
    assert len(items) == 1
    assert "custom_reference_number" not in items[0]


async def test_the_reference_column_is_searched_where_it_exists() -> None:
    params = criteria([("custom_reference_number", "eq", "REF-1")])
    answer = await shop().get("/companyCredits/history", params=params)
    assert answer.json()["total_count"] == 1


async def test_one_missing_member_is_reported_alone_and_two_together() -> None:
    place = "searchCriteria[filterGroups][0][filters][0]"
    one = await shop().get("/companyCredits", params={f"{place}[field]": "entity_id"})
    assert one.json() == {
        "message": '"%fieldName" is required. Enter and try again.',
        "parameters": {"fieldName": "value"},
    }
    two = await shop().get("/companyCredits", params={f"{place}[conditionType]": "eq"})
    assert two.status_code == 400
    assert two.json() == {
        "message": "One or more input exceptions have occurred.",
        "errors": [
            {
                "message": '"%fieldName" is required. Enter and try again.',
                "parameters": {"fieldName": name},
            }
            for name in ("field", "value")
        ],
    }


@pytest.mark.parametrize(
    "member",
    [
        "searchCriteria[limit]",
        "searchCriteria[filterGroups][0][field]",
        "searchCriteria[filterGroups][0][filters][0][operator]",
        "searchCriteria[sortOrders][0][order]",
    ],
)
async def test_an_unknown_member_inside_the_criteria_is_not_supported(member: str) -> None:
    answer = await shop().get("/companyCredits", params={member: "1"})
    assert answer.status_code == 400
    assert answer.json() == {
        "message": '"%fieldName" is not supported. Correct the field name and try again.',
        "parameters": {"fieldName": member.rpartition("[")[2].rstrip("]")},
    }


async def test_unknown_members_beside_the_criteria_are_ignored() -> None:
    assert await found(shop(), criteria() | {"page": "2", "page[": "3"}) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/companyCredits/abc", "abc"),
        ("/companyCredits/1.5", "1.5"),
        ("/companyCredits/company/x1", "x1"),
        ("/companyCredits/company", "company"),
        ("/customers/me", "me"),
        ("/company/first", "first"),
        ("/companyCredits?searchCriteria[pageSize]=ten", "ten"),
        ("/companyCredits?searchCriteria[currentPage]=", ""),
    ],
)
async def test_a_value_of_the_wrong_type_is_refused_without_parameters(
    path: str, value: str
) -> None:
    answer = await shop().get(path)
    assert answer.status_code == 400
    assert answer.json() == {
        "message": f'The "{value}" value\'s type is invalid. The "int" type was expected. '
        "Verify and try again."
    }


@pytest.mark.parametrize(
    "query",
    [
        "searchCriteria=all",
        "searchCriteria[filterGroups]=all",
        "searchCriteria[filterGroups][0]=all",
        "searchCriteria[filterGroups][0][filters][0][field][]=entity_id",
        "searchCriteria[pageSize][]=1",
    ],
)
async def test_criteria_of_another_shape_are_refused(query: str) -> None:
    answer = await shop().get(f"/companyCredits?{query}")
    assert answer.status_code == 400
    assert "type is invalid" in answer.json()["message"]


async def test_fields_cut_an_answer_to_the_named_members() -> None:
    answer = await shop().get(
        "/companyCredits", params=criteria() | {"fields": "items[id,balance],total_count"}
    )
    assert answer.json().keys() == {"items", "total_count"}
    assert answer.json()["items"][1] == {"id": 2, "balance": 20.5}


async def test_fields_reach_into_nested_members_and_lists() -> None:
    answer = await built_in_shop().get(
        "/customers/15",
        params={"fields": "id,extension_attributes[all_company_attributes[company_id]]"},
    )
    assert answer.json() == {
        "id": 15,
        "extension_attributes": {
            "all_company_attributes": [{"company_id": 25}, {"company_id": 26}]
        },
    }


async def test_fields_cut_each_element_of_a_bare_list() -> None:
    answer = await built_in_shop().get("/customers/15/companies?fields=id,status")
    assert answer.json() == [{"id": 25, "status": 1}, {"id": 26, "status": 1}]


async def test_fields_name_nothing_the_answer_lacks() -> None:
    answer = await shop().get("/companyCredits/4?fields=id,credit_limit,nonsense")
    assert answer.json() == {"id": 4}


async def test_fields_inside_a_plain_value_leave_it_whole() -> None:
    assert (await shop().get("/companyCredits/1?fields=id[value]")).json() == {"id": 1}


@pytest.mark.parametrize("fields", ["", "id;balance", "id balance"])
async def test_fields_that_cannot_be_read_cut_nothing(fields: str) -> None:
    answer = await shop().get("/companyCredits/1", params={"fields": fields})
    assert len(answer.json()) == 7


async def test_fields_do_not_cut_a_refusal() -> None:
    answer = await shop().get("/companyCredits/999?fields=id")
    assert answer.json().keys() == {"message", "parameters"}


@pytest.mark.parametrize(
    ("path", "message", "name"),
    [
        (
            "/companyCredits/999",
            "Requested company is not found. Row ID: %fieldName = %fieldValue.",
            "CompanyCreditID",
        ),
        (
            "/companyCredits/company/999",
            "Requested company is not found. Row ID: %fieldName = %fieldValue.",
            "CompanyID",
        ),
        ("/company/999", "No such entity with %fieldName = %fieldValue", "id"),
        ("/customers/999", "No such entity with %fieldName = %fieldValue", "customerId"),
        ("/customers/999/companies", "No such entity with %fieldName = %fieldValue", "customerId"),
    ],
)
async def test_unknown_records_leave_the_template_unfilled(
    path: str, message: str, name: str
) -> None:
    answer = await shop().get(path)
    assert answer.status_code == 404
    assert answer.json() == {
        "message": message,
        "parameters": {"fieldName": name, "fieldValue": 999},
    }


async def test_a_company_may_lack_a_credit_record() -> None:
    client = built_in_shop()
    assert (await client.get("/company/32")).status_code == 200
    assert (await client.get("/companyCredits/company/32")).json()["parameters"] == {
        "fieldName": "CompanyID",
        "fieldValue": 32,
    }


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer nobody",
        "Bearer admin admin",
        "Bearer  admin",
        "admin",
        "Basic admin",
    ],
)
async def test_anything_but_a_known_bearer_token_is_refused(authorization: str) -> None:
    answer = await shop().get("/companyCredits/1", headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.json() == {
        "message": "The consumer isn't authorized to access %resources.",
        "parameters": {"resources": "Magento_Company::credit_history"},
    }


async def test_no_authorization_header_is_refused() -> None:
    client = shop()
    del client.headers["Authorization"]
    assert (await client.get("/companyCredits/1")).status_code == 401


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
async def test_bearer_is_matched_without_regard_to_case(scheme: str) -> None:
    answer = await shop().get("/companyCredits/1", headers={"Authorization": f"{scheme} admin"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/companyCredits/1", "Magento_Company::credit_history"),
        ("/companyCredits/company/101", "Magento_Company::credit_history"),
        ("/companyCredits", "Magento_Company::credit_history"),
        ("/companyCredits/history", "Magento_Company::credit_history"),
        ("/company/101", "Magento_Company::index"),
        ("/customers/7/companies", "Magento_Company::index"),
    ],
)
async def test_a_missing_permission_looks_like_a_bad_token(path: str, resource: str) -> None:
    answer = await shop(token="customers-only").get(path)
    assert (answer.status_code, answer.json()["parameters"]) == (401, {"resources": resource})


async def test_permissions_are_told_apart() -> None:
    assert (await shop(token="customers-only").get("/customers/7")).status_code == 200
    nobody = await shop(token="nobody").get("/customers/7")
    assert nobody.json()["parameters"] == {"resources": "Magento_Customer::customer"}


async def test_the_built_in_second_token_may_read_nothing() -> None:
    client = built_in_shop()
    client.headers["Authorization"] = "Bearer sandbox-adobe-norights"
    for path in ("/companyCredits/31", "/company/21", "/customers/11"):
        assert (await client.get(path)).status_code == 401


async def test_a_token_ends_at_its_time() -> None:
    clock = Clock()
    clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    client = shop(token="short-lived", clock=clock)
    assert (await client.get("/companyCredits/1")).status_code == 200
    clock.advance(timedelta(hours=4))
    assert (await client.get("/companyCredits/1")).status_code == 401


async def test_an_integration_token_is_refused_until_the_merchant_allows_it() -> None:
    refused = await shop(token="integration").get("/companyCredits/1")
    assert refused.status_code == 401
    allowed = await shop(token="integration", integration_bearer="allowed").get("/companyCredits/1")
    assert allowed.status_code == 200


async def test_access_is_checked_before_the_question() -> None:
    assert (await shop(token="nobody").get("/companyCredits/abc")).status_code == 401
    assert (await shop(token="nobody").get("/companyCredits")).status_code == 401


@pytest.mark.parametrize(
    "accept", ["application/json", "*/*", "text/html, */*;q=0.1", "Application/*", ""]
)
async def test_json_is_given_to_whoever_takes_it(accept: str) -> None:
    headers = {"Accept": accept} if accept else {}
    assert (await shop().get("/companyCredits/1", headers=headers)).status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "image/png, text/*"])
async def test_other_media_types_are_not_acceptable(accept: str) -> None:
    answer = await shop().get("/companyCredits/1", headers={"Accept": accept})
    assert answer.status_code == 406
    assert answer.json()["parameters"] == [accept]


def many_filters(count: int) -> dict[str, str]:
    return criteria([("entity_id", "eq", str(number)) for number in range(count)])


async def test_without_input_limits_lists_and_pages_may_be_long() -> None:
    params = many_filters(21) | {"searchCriteria[pageSize]": "301"}
    assert await found(shop(), params) == [1, 2, 3, 4, 5]


async def test_input_limits_bound_filters() -> None:
    client = shop(input_limits="on")
    assert (await client.get("/companyCredits", params=many_filters(20))).status_code == 200
    answer = await client.get("/companyCredits", params=many_filters(21))
    assert answer.status_code == 400
    assert answer.json() == {
        "message": 'Maximum items of type "%type" is %max',
        "parameters": {"type": "Magento\\Framework\\Api\\Filter", "max": 20},
    }


async def test_input_limits_bound_groups_and_sort_orders() -> None:
    client = shop(input_limits="on")
    groups = criteria(*[[("entity_id", "gt", "0")]] * 21)
    orders = criteria() | sorted_by(*[("entity_id", "ASC")] * 21)
    for params in (groups, orders):
        answer = await client.get("/companyCredits", params=params)
        assert (answer.status_code, answer.json()["parameters"]["max"]) == (400, 20)


async def test_input_limits_bound_the_page_size() -> None:
    client = shop(input_limits="on")
    assert (await client.get("/company", params=criteria(pageSize=300))).status_code == 200
    answer = await client.get("/company", params=criteria(pageSize=301))
    assert answer.status_code == 400
    assert answer.json() == {
        "message": "Maximum SearchCriteria pageSize is %max",
        "parameters": {"max": 300},
    }


async def test_input_limits_give_twenty_rows_when_no_page_size_is_asked() -> None:
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(
            app=create_adobe(
                {
                    **BUILT_IN,
                    "switches": {"input_limits": "on", "integration_bearer": "allowed"},
                },
                Clock(),
            )
        ),
        base_url="http://shop.example/V1",
        headers={"Authorization": "Bearer sandbox-adobe-token"},
    )
    answer = (await client.get("/companyCredits/history?searchCriteria=")).json()
    assert len(answer["items"]) == 20
    assert answer["total_count"] > 20
    assert answer["search_criteria"] == {"filter_groups": []}


async def test_a_shopper_leads_to_her_credit() -> None:
    client = built_in_shop()
    params = criteria([("email", "eq", "shopper@example.com")], [("website_id", "eq", "1")])
    listed = (await client.get("/customers/search", params=params)).json()["items"]
    assert [customer["id"] for customer in listed] == [11]
    customer = (await client.get("/customers/11")).json()
    company_id = customer["extension_attributes"]["company_attributes"]["company_id"]
    assert (await client.get(f"/company/{company_id}")).json()["status"] == 1
    credit_answer = (await client.get(f"/companyCredits/company/{company_id}")).json()
    assert credit_answer["id"] == 31


async def test_a_search_of_customers_lacks_the_company() -> None:
    params = criteria([("entity_id", "eq", "15")])
    items = (await built_in_shop().get("/customers/search", params=params)).json()["items"]
    assert items[0]["extension_attributes"] == {"is_subscribed": False}


async def test_an_address_may_exist_once_for_each_website() -> None:
    client = built_in_shop()
    email = [("email", "eq", "two-websites@example.com")]
    both = await client.get("/customers/search", params=criteria(email))
    assert both.json()["total_count"] == 2
    one = await client.get("/customers/search", params=criteria(email, [("website_id", "eq", "2")]))
    assert [customer["id"] for customer in one.json()["items"]] == [17]


async def test_a_customer_is_answered_with_name_and_default_company() -> None:
    customer = (await built_in_shop().get("/customers/11")).json()
    assert (customer["firstname"], customer["lastname"]) == ("Lia", "Farias")
    assert customer["extension_attributes"]["company_attributes"] == {
        "customer_id": 11,
        "company_id": 21,
        "job_title": "Owner",
        "telephone": "+55 19 5550 0111",
        "status": 1,
    }
    assert "all_company_attributes" not in customer["extension_attributes"]


async def test_fields_keep_personal_data_out() -> None:
    fields = "id,website_id,extension_attributes[company_attributes]"
    customer = (await built_in_shop().get("/customers/11", params={"fields": fields})).json()
    assert customer.keys() == {"id", "website_id", "extension_attributes"}
    assert customer["extension_attributes"].keys() == {"company_attributes"}


async def test_a_member_of_several_companies_has_them_all_and_one_default() -> None:
    client = built_in_shop()
    attributes = (await client.get("/customers/15")).json()["extension_attributes"]
    assert attributes["company_attributes"]["company_id"] == 25
    assert [
        (one["company_id"], one["is_default"]) for one in attributes["all_company_attributes"]
    ] == [(25, True), (26, False)]
    companies = (await client.get("/customers/15/companies")).json()
    assert [company["id"] for company in companies] == [25, 26]


async def test_no_company_is_an_absent_key_or_a_zero() -> None:
    client = built_in_shop()
    never = (await client.get("/customers/18")).json()
    assert "company_attributes" not in never["extension_attributes"]
    former = (await client.get("/customers/19")).json()
    assert former["extension_attributes"]["company_attributes"]["company_id"] == 0
    for customer_id in (18, 19):
        assert (await client.get(f"/customers/{customer_id}/companies")).json() == []


async def test_a_companys_rejection_is_null_until_it_happens() -> None:
    client = built_in_shop()
    approved = (await client.get("/company/21")).json()
    assert (approved["reject_reason"], approved["rejected_at"]) == (None, None)
    rejected = (await client.get("/company/33")).json()
    assert rejected["status"] == 2
    assert rejected["reject_reason"] == "The address could not be verified."
    assert len(rejected["rejected_at"]) == len("2025-01-05 08:00:00")


async def test_other_missing_members_of_a_company_are_left_out() -> None:
    company = (await built_in_shop().get("/company/24")).json()
    assert {name for name, value in company.items() if value is None} == {
        "reject_reason",
        "rejected_at",
    }
    assert "legal_name" not in company


async def test_the_overdrawn_company_is_blocked() -> None:
    assert (await built_in_shop().get("/company/23")).json()["status"] == 3


async def test_refusals_never_carry_a_trace_nor_a_filled_template() -> None:
    for path in (
        "/companyCredits/999",
        "/companyCredits/abc",
        "/companyCredits",
        "/companyCredits?searchCriteria[sortOrders][0][field]=entity_id"
        "&searchCriteria[sortOrders][0][direction]=x",
        "/companyCredits?searchCriteria[sortOrders][0][field]=id",
        "/nowhere",
    ):
        refusal = (await shop().get(path)).json()
        assert refusal.keys() <= {"message", "parameters", "errors"}
        parameters = refusal.get("parameters", {})
        if isinstance(parameters, dict):
            assert all(f"%{name}" in refusal["message"] for name in parameters)
        else:
            assert all(f"%{number}" in refusal["message"] for number in (1, 2))


async def test_the_mount_below_a_path_is_no_part_of_the_route() -> None:
    transport = httpx.ASGITransport(app=create_adobe(SMALL, Clock()), root_path="/adobe")
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        answer = await client.get(
            "/adobe/rest/default/V1/companyCredits/1", headers={"Authorization": "Bearer admin"}
        )
    assert answer.json()["id"] == 1


def broken(section: str, index: int, **members: Any) -> dict[str, Any]:
    """SMALL with some members of one object replaced; None takes one away."""
    objects = list(SMALL[section])
    objects[index] = {**objects[index], **members}
    return {**SMALL, section: objects}


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (broken("credits", 0, balance="-10"), r"adobe\.credits\[0\]\.balance: "),
        (broken("credits", 0, balance=Decimal("0.00001")), r"adobe\.credits\[0\]\.balance: .* 4"),
        (broken("credits", 0, balance=-11), r"adobe\.credits\[0\]\.history: ends with"),
        (broken("credits", 0, credit_limit=-1), r"adobe\.credits\[0\]\.credit_limit: below zero"),
        (broken("credits", 0, company_id=999), r"adobe\.credits\[0\]\.company_id: there is no 999"),
        (broken("credits", 1, company_id=101), r"adobe\.credits\[1\]\.company_id: a company has"),
        (broken("credits", 1, id=1), r"adobe\.credits\[1\]\.id: 1 is there twice"),
        (broken("credits", 0, currency_code="BRL"), r"adobe\.credits\[0\]\.currency_code: BRL"),
        (broken("credits", 0, currency_code="usd"), r"adobe\.credits\[0\]\.currency_code: 'usd'"),
        (broken("credits", 3, balance=5), r"adobe\.credits\[3\]\.history: ends with balance 0"),
        (broken("credits", 0, limit=5), r"adobe\.credits\[0\]\.limit: no such member"),
        (broken("companies", 0, status=4), r"adobe\.companies\[0\]\.status: 4 is none of"),
        (broken("companies", 0, super_user_id=8), r"adobe\.companies\[0\]\.super_user_id: "),
        (broken("companies", 1, id=101), r"Company 101 is there twice"),
        (broken("companies", 0, extension_attributes=[]), r"extension_attributes: \[\] is not"),
        (broken("customers", 0, website_id=9), r"adobe\.customers\[0\]\.website_id: there is no 9"),
        (broken("customers", 0, firstname=None), r"adobe\.customers\[0\]\.firstname: missing"),
        (broken("customers", 0, id=0), r"adobe\.customers\[0\]\.id: 0 is not an id"),
        (
            broken("customers", 0, memberships=[{"company_id": 9, "is_default": True}]),
            r"customer 7 belongs to company 9",
        ),
        (
            broken("customers", 0, memberships=[{"company_id": 101}]),
            r"adobe\.customers\[0\]\.memberships: none has is_default",
        ),
        ({**SMALL, "switches": {"input_limits": "maybe"}}, r"adobe\.switches\.input_limits: "),
        ({**SMALL, "switches": {"limits": "on"}}, r"adobe\.switches\.limits: no such member"),
        ({**SMALL, "shops": []}, r"adobe\.shops: no such member"),
    ],
)
def test_a_wrong_section_is_refused_with_its_place(
    section: Mapping[str, Any], message: str
) -> None:
    with pytest.raises(SeedError, match=message):
        create_adobe(section, Clock())


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"type": 7}, "type: 7 is none of"),
        ({"user_type": 4}, "user_type: 4 is none of"),
        ({"user_id": 99}, "user_id: there is no customer 99"),
        ({"purchase_order": "x" * 61}, "purchase_order: longer than 60"),
        ({"comment": "text"}, "comment: .* is not an object"),
        ({"rate": Decimal("1E-13")}, "rate: .* does not fit 12 decimals"),
        ({"datetime": "yesterday"}, "datetime: "),
    ],
)
def test_a_wrong_history_row_is_refused_with_its_place(
    members: dict[str, Any], message: str
) -> None:
    row = {**SMALL["credits"][4]["history"][0], **members}
    with pytest.raises(SeedError, match=rf"adobe\.credits\[4\]\.history\[0\]\.{message}"):
        create_adobe(broken("credits", 4, history=[row]), Clock())


def test_history_rows_stand_oldest_first() -> None:
    rows = [
        {"datetime": at, "type": 2, "amount": -10, "balance": -10, "credit_limit": 100}
        for at in ("now-1d", "now-2d")
    ]
    with pytest.raises(SeedError, match=r"adobe\.credits\[0\]\.history: the oldest row"):
        create_adobe(broken("credits", 0, history=rows), Clock())
