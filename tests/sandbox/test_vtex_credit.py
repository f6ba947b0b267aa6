"""The VTEX Customer Credit stand-in, as its contract describes the real one."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.exact_json import loads
from sandbox.seed import built_in_section
from sandbox.vtex_credit import create_vtex_credit

NOW = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
KEYS = {"X-VTEX-API-AppKey": "vtexappkey-sandbox", "X-VTEX-API-AppToken": "sandbox-vtex-token"}
PREFIX = "http://vtex.example/api/creditcontrol"
BUYER = f"{PREFIX}/accounts/11222333000181_CNPJ"
SHOPPER = f"{PREFIX}/accounts/11144477735_CPF"


def frozen_clock() -> Clock:
    clock = Clock()
    clock.set(NOW)
    return clock


def client_of(
    section: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> httpx.AsyncClient:
    app = create_vtex_credit(section, frozen_clock())
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), headers=KEYS if headers is None else headers
    )


@pytest.fixture
async def vtex() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(built_in_section("vtex_credit")) as client:
        yield client


def own_section(account: Mapping[str, Any], **members: Any) -> Mapping[str, Any]:
    base = {"id": "one", "email": "one@example.com", "opened": "now-400d", "credit_limit": 1000}
    return {
        "credentials": built_in_section("vtex_credit")["credentials"],
        "accounts": [base | dict(account)],
        **members,
    }


def purchase(*values: str, made: str = "now-40d", **members: Any) -> dict[str, Any]:
    return {
        "transaction": "0a" * 16,
        "order": "1-01",
        "made": made,
        "installments": [{"value": Decimal(value)} for value in values],
        **members,
    }


async def read(client: httpx.AsyncClient, url: str, **query: str) -> Any:
    response = await client.get(url, params=query or None)
    assert response.status_code == 200, response.text
    return loads(response.content)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-VTEX-API-AppKey": "vtexappkey-sandbox"},
        {"X-VTEX-API-AppToken": "sandbox-vtex-token"},
        KEYS | {"X-VTEX-API-AppToken": "wrong"},
        {"VtexIdclientAutCookie": "wrong"},
        {"Cookie": "VtexIdclientAutCookie=sandbox-vtex-user-token"},
    ],
)
async def test_unknown_callers_get_a_bare_401(headers: dict[str, str]) -> None:
    async with client_of(built_in_section("vtex_credit"), headers) as client:
        response = await client.get(SHOPPER)

    assert (response.status_code, response.content) == (401, b"")


async def test_a_user_token_in_its_header_is_enough() -> None:
    token = {"VtexIdclientAutCookie": "sandbox-vtex-user-token"}
    async with client_of(built_in_section("vtex_credit"), token) as client:
        assert (await client.get(SHOPPER)).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/accounts", 200),
        ("/accounts/11144477735_CPF", 200),
        ("/accounts/11144477735_CPF/statements", 403),
        ("/accounts/11144477735_CPF/invoices", 403),
        ("/invoices", 403),
        ("/storeconfig", 403),
    ],
)
async def test_a_key_reads_what_its_rights_cover(path: str, status: int) -> None:
    keys = {
        "X-VTEX-API-AppKey": "vtexappkey-readonly",
        "X-VTEX-API-AppToken": "sandbox-readonly-token",
    }
    async with client_of(built_in_section("vtex_credit"), keys) as client:
        assert (await client.get(PREFIX + path)).status_code == status


async def test_the_shopper_is_the_worked_example(vtex: httpx.AsyncClient) -> None:
    found = await read(vtex, f"{PREFIX}/accounts", email="shopper@example.com")
    configuration = await read(vtex, f"{PREFIX}/storeconfig")

    (account,) = found["data"]
    assert account["id"] == "11144477735_CPF"
    assert account["status"] == "Open"
    assert account["creditLimit"] == Decimal(1000)
    assert account["availableCredit"] == account["availableBalance"] == Decimal("850.555")
    assert account["preAuthorizedCredit"] == 0
    assert account["tolerance"] == Decimal("0.10")
    assert configuration["toleranceEnabled"] is True


async def test_available_credit_is_the_limit_less_used_less_live_holds() -> None:
    holds = [
        {"transaction": "aa", "value": Decimal("10.25"), "expires": "now+1d"},
        {"transaction": "bb", "value": 99, "expires": "now-1d"},
    ]
    section = own_section({"holds": holds, "purchases": [purchase("150.50")]})
    async with client_of(section) as client:
        account = await read(client, f"{PREFIX}/accounts/one")

    assert account["preAuthorizedCredit"] == Decimal("10.25")
    assert account["availableCredit"] == Decimal("839.25")


async def test_manual_entries_make_the_balance_and_leave_the_available_credit_alone() -> None:
    section = own_section({"adjustments": [{"value": -15, "made": "now-3d"}]})
    async with client_of(section) as client:
        account = await read(client, f"{PREFIX}/accounts/one")

    assert account["balance"] == -15
    assert account["availableCredit"] == 1000


async def test_an_account_may_be_over_its_limit(vtex: httpx.AsyncClient) -> None:
    account = await read(vtex, f"{PREFIX}/accounts/86288366757_CPF")

    assert account["availableCredit"] == Decimal("-220.40")


async def test_numbers_are_written_with_the_digits_of_the_seed(vtex: httpx.AsyncClient) -> None:
    response = await vtex.get(SHOPPER)

    assert b'"availableCredit":850.555,' in response.content
    assert b'"tolerance":0.10,' in response.content


async def test_times_have_up_to_seven_fraction_digits(vtex: httpx.AsyncClient) -> None:
    account = await read(vtex, SHOPPER)

    assert account["updatedAt"] == "2026-05-20T12:00:00.1234566Z"


async def test_a_search_without_a_range_lists_twenty(vtex: httpx.AsyncClient) -> None:
    found = await read(vtex, f"{PREFIX}/accounts")

    assert len(found["data"]) == 20
    assert found["summary"]["count"] == 25


async def test_from_and_to_count_from_one_and_include_both(vtex: httpx.AsyncClient) -> None:
    everything = await read(vtex, f"{PREFIX}/accounts", **{"from": "1", "to": "100"})
    part = await read(vtex, f"{PREFIX}/accounts/", **{"from": "21", "to": "23"})

    assert part["data"] == everything["data"][20:23]


async def test_an_address_with_a_plus_is_found(vtex: httpx.AsyncClient) -> None:
    found = await read(vtex, f"{PREFIX}/accounts", email="gift+wishes@example.com")

    assert [account["id"] for account in found["data"]] == ["00000000272_CPF"]


async def test_a_closed_account_is_read_by_id_but_never_listed(vtex: httpx.AsyncClient) -> None:
    by_id = await read(vtex, f"{PREFIX}/accounts/00000000353_CPF")
    by_email = await read(vtex, f"{PREFIX}/accounts", email="former@example.com")
    by_status = await read(vtex, f"{PREFIX}/accounts", status="Closed")

    assert by_id["status"] == "Closed"
    assert by_email["data"] == by_status["data"] == []


async def test_old_accounts_lack_a_document(vtex: httpx.AsyncClient) -> None:
    account = await read(vtex, f"{PREFIX}/accounts/a1b2c3")

    assert not {"document", "documentType"} & account.keys()


async def test_a_seed_can_make_the_available_balance_disagree(vtex: httpx.AsyncClient) -> None:
    account = await read(vtex, f"{PREFIX}/accounts/disagreeing_CPF")

    assert (account["availableCredit"], account["availableBalance"]) == (5000, 4500)


async def test_an_account_lists_all_its_invoices_when_asked_plainly(
    vtex: httpx.AsyncClient,
) -> None:
    found = await read(vtex, f"{BUYER}/invoices")

    assert found["summary"]["count"] == len(found["data"]) == 60
    assert {i["status"] for i in found["data"]} == {"Opened", "Paid", "Cancelled"}


async def test_the_buyer_has_overdue_and_postponed_invoices(vtex: httpx.AsyncClient) -> None:
    opened = (await read(vtex, f"{BUYER}/invoices", status="Opened"))["data"]

    assert any(invoice["dueDate"] < "2026-06-01" for invoice in opened)
    assert any(invoice["dueDate"] > invoice["originalDueDate"] for invoice in opened)


async def test_the_invoice_search_lists_twenty_of_all_accounts(vtex: httpx.AsyncClient) -> None:
    found = await read(vtex, f"{PREFIX}/invoices")

    assert len(found["data"]) == 20
    assert len({invoice["accountId"] for invoice in found["data"]}) > 1


async def test_the_summary_covers_the_returned_page_only() -> None:
    account = {
        "purchases": [
            purchase("5.01") | {"transaction": "aa"},
            purchase("0.91", made="now-30d") | {"transaction": "bb"},
        ]
    }
    account["purchases"][0]["installments"][0] |= {"status": "Paid", "resolved": "now-9d"}
    async with client_of(own_section(account)) as client:
        whole = await read(client, f"{PREFIX}/invoices", creditAccountId="one")
        first = await read(client, f"{PREFIX}/invoices", **{"from": "1", "to": "1"})

    assert whole["summary"] == {
        "total": Decimal("0.91"),
        "count": 2,
        "totalPaid": Decimal("5.01"),
        "totalCancelled": 0,
    }
    assert (first["summary"]["total"], first["summary"]["count"]) == (0, 1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"value": "149.445"}, []),
        ({"value": "29.445"}, ["29.445"]),
        ({"value": "60"}, ["60.00", "60.00"]),
        ({"status": "Paid"}, ["75.90"]),
        ({"observation": "at the SHOP"}, ["75.90"]),
        ({"createdDateFrom": "2026-05-12", "createdDateTo": "2026-05-13"}, ["60.00", "60.00"]),
        ({"dueDateFrom": "2026-06-19", "dueDateTo": "2026-06-20"}, ["29.445"]),
        ({"value": "60", "status": "Paid"}, []),
        ({"value": "60", "status": "Paid", "op": "or"}, ["75.90", "60.00", "60.00"]),
        ({"value": "60", "status": "Paid", "op": "AND"}, []),
        ({"from": "2", "to": "3"}, ["60.00", "60.00"]),
    ],
)
async def test_invoices_are_filtered(
    vtex: httpx.AsyncClient, query: dict[str, str], expected: list[str]
) -> None:
    found = await read(vtex, f"{SHOPPER}/invoices", **query)

    assert [str(invoice["value"]) for invoice in found["data"]] == expected


async def test_or_reaches_beyond_the_account_it_names(vtex: httpx.AsyncClient) -> None:
    query = {"creditAccountId": "11144477735_CPF", "status": "Paid", "op": "or", "to": "200"}
    found = await read(vtex, f"{PREFIX}/invoices", **{"from": "1"}, **query)

    assert len({invoice["accountId"] for invoice in found["data"]}) > 1


async def test_a_friendly_id_finds_its_invoice(vtex: httpx.AsyncClient) -> None:
    invoice = (await read(vtex, f"{SHOPPER}/invoices"))["data"][2]
    found = await read(vtex, f"{PREFIX}/invoices", friendlyId=invoice["friendlyId"])

    assert found["data"] == [invoice]


async def test_an_invoice_is_found_whatever_the_case_of_its_id(vtex: httpx.AsyncClient) -> None:
    invoice = (await read(vtex, f"{SHOPPER}/invoices"))["data"][0]
    found = await read(vtex, f"{SHOPPER}/invoices/{invoice['id'].lower()}")

    assert found == invoice
    assert invoice["id"] == f"{invoice['transactionId']}-01"


async def test_each_installment_is_due_thirty_days_after_the_one_before() -> None:
    async with client_of(own_section({"purchases": [purchase("10", "10", "10")]})) as client:
        found = await read(client, f"{PREFIX}/accounts/one/invoices")

    assert [(i["id"][-3:], i["dueDate"][:10]) for i in found["data"]] == [
        ("-01", "2026-05-22"),
        ("-02", "2026-06-21"),
        ("-03", "2026-07-21"),
    ]


async def test_invoices_before_2020_lack_what_came_later(vtex: httpx.AsyncClient) -> None:
    found = await read(vtex, f"{PREFIX}/accounts/a1b2c3/invoices")

    assert not {"friendlyId", "numberOfInstallments"} & found["data"][0].keys()


async def test_a_seed_can_switch_published_defects_on() -> None:
    account = {
        "purchases": [purchase("10")],
        "adjustments": [{"value": 1, "made": "now-1d", "by": "desk@store.example"}],
    }
    defects = {
        "checking_account_id": True,
        "invoices_without_order": True,
        "lower_case_doneby": True,
    }
    async with client_of(own_section(account, defects=defects)) as client:
        (invoice,) = (await read(client, f"{PREFIX}/accounts/one/invoices"))["data"]
        statements = (await read(client, f"{PREFIX}/accounts/one/statements"))["statements"]

    assert invoice["checkingAccountId"] == "one"
    assert not {"accountId", "creditAccountId", "orderId"} & invoice.keys()
    assert statements[-1]["doneby"] == "desk@store.example"


async def test_a_seed_can_set_a_largest_page(vtex: httpx.AsyncClient) -> None:
    section = built_in_section("vtex_credit") | {"defects": {"largest_page": 7}}
    async with client_of(section) as client:
        found = await read(client, f"{PREFIX}/accounts", **{"from": "1", "to": "50"})

    assert len(found["data"]) == 7


async def test_statements_follow_settlement_payment_and_manual_entries() -> None:
    paid = purchase("150.50")
    paid["installments"][0] |= {"status": "Paid", "resolved": "now-5d"}
    account = {
        "purchases": [paid],
        "adjustments": [
            {"value": -15, "made": "now-2d", "by": "desk@store.example"},
            {"origin": "Credit", "value": Decimal("-1100.0"), "made": "now-90d"},
        ],
    }
    async with client_of(own_section(account)) as client:
        body = await read(client, f"{PREFIX}/accounts/one/statements")

    assert [(e["origin"], e["value"], e.get("doneBy")) for e in body["statements"]] == [
        ("Credit", -1100, None),
        ("Invoice", Decimal("-150.50"), None),
        ("Payment", Decimal("150.50"), None),
        ("Statement", -15, "desk@store.example"),
    ]
    assert body["statements"][1]["metadata"] == {
        "transactionId": "0A" * 16,
        "numberOfInstallments": 1,
    }
    assert body["statements"][2]["metadata"] == {
        "transactionId": "0A" * 16,
        "installment": 1,
        "orderId": "1-01",
    }
    assert (body["currentBalance"], body["intervalBalance"]) == (-15, -1115)
    assert body["previousBalance"] == 0


async def test_a_new_account_has_no_statements_and_three_zeros() -> None:
    async with client_of(own_section({})) as client:
        body = await read(client, f"{PREFIX}/accounts/one/statements")

    assert body == {
        "statements": [],
        "currentBalance": 0,
        "intervalBalance": 0,
        "previousBalance": 0,
    }


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/unknown",
        "/accounts/unknown/statements",
        "/accounts/unknown/invoices",
        "/accounts/11144477735_CPF/invoices/unknown-01",
        "/somewhere",
    ],
)
async def test_what_does_not_exist_is_404(vtex: httpx.AsyncClient, path: str) -> None:
    assert (await vtex.get(PREFIX + path)).status_code == 404


async def test_an_invoice_of_somebody_else_is_404(vtex: httpx.AsyncClient) -> None:
    invoice = (await read(vtex, f"{SHOPPER}/invoices"))["data"][0]

    assert (await vtex.get(f"{BUYER}/invoices/{invoice['id']}")).status_code == 404


async def test_a_wrong_verb_is_405(vtex: httpx.AsyncClient) -> None:
    assert (await vtex.patch(SHOPPER)).status_code == 405


@pytest.mark.parametrize(
    "query",
    [
        "from=0",
        "from=x",
        "to=-1",
        "from=5&to=4",
        f"to={'9' * 5000}",
        "value=ten",
        "status=Open",
        "op=xor",
        "createdDateFrom=yesterday",
        "dueDateTo=2026-13-01",
    ],
)
async def test_a_bad_query_is_400_with_code_and_message(
    vtex: httpx.AsyncClient, query: str
) -> None:
    response = await vtex.get(f"{PREFIX}/invoices?{query}")

    assert response.status_code == 400
    assert set(response.json()) == {"code", "message"}
