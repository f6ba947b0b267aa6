"""What goes in and out as text: decimals, currencies, instants, JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.money import Currency, Money
from tests.doubles.in_memory_provider import InMemoryProvider
from tests.doubles.samples import BRL, a_source, a_store_configuration, a_store_credit
from tests.graphql.graph import Graph, over_doubles, query_of

BALANCE = """{ storeCreditAccounts { nodes {
  balance { amount currencyCode } spendable { amount { amount } } createdAt
  details { ... on MedusaStoreCreditDetails { metadata } } } } }"""

LIMIT = "query ($limit: Decimal) { creditAccounts(filter: {limitMin: $limit}) { nodes { id } } }"
SINCE = "query ($at: DateTime) { storeCreditAccounts(filter: {createdFrom: $at}) { nodes { id } } }"
OF = "query ($of: CurrencyCode) { storeCreditAccounts(filter: {currency: $of}) { nodes { id } } }"


@pytest.fixture
def provider() -> InMemoryProvider:
    return InMemoryProvider(
        a_source("everything"),
        a_store_credit(source="everything"),
        configuration=a_store_configuration("everything"),
    )


@pytest.fixture
async def double(provider: InMemoryProvider) -> AsyncIterator[Graph]:
    async with over_doubles(provider) as graph:
        yield graph


@pytest.mark.parametrize(
    ("figure", "printed"),
    [
        ("850.555", "850.555"),
        ("0.0001", "0.0001"),
        ("-0.01", "-0.01"),
        ("40.00", "40.00"),
        ("0", "0"),
        ("0.00", "0.00"),
        ("1234567890123456789", "1234567890123456789"),
        ("9007199254740993.01", "9007199254740993.01"),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("1E+21", "1000000000000000000000"),
        ("1E-7", "0.0000001"),
        ("1.5E+3", "1500"),
    ],
)
async def test_an_amount_is_printed_plainly_with_all_its_digits(
    provider: InMemoryProvider, double: Graph, figure: str, printed: str
) -> None:
    balance = Money(Decimal(figure), BRL)
    provider.store_credit = [replace(provider.store_credit[0], balance=balance)]
    (account,) = (await double.data(BALANCE))["storeCreditAccounts"]["nodes"]
    assert account["balance"] == {"amount": printed, "currencyCode": "BRL"}


@pytest.mark.parametrize(
    ("code", "balance", "amount"),
    [
        ("BRL", "12.349", "12.34"),
        ("JPY", "1200.9", "1200"),
        ("KWD", "4.14892", "4.148"),
        ("BRL", "12.3", "12.30"),
        ("BRL", "-5.00", "0.00"),
    ],
)
async def test_what_can_be_spent_is_rounded_down_to_the_minor_unit(
    provider: InMemoryProvider, double: Graph, code: str, balance: str, amount: str
) -> None:
    provider.store_credit = [a_store_credit(source="everything", currency=code, balance=balance)]
    (account,) = (await double.data(BALANCE))["storeCreditAccounts"]["nodes"]
    assert account["balance"]["amount"] == balance
    assert account["spendable"]["amount"]["amount"] == amount


@pytest.mark.parametrize(
    "text", ["12.50", "0", "-1", "+1.5", "007", ".5", "1234567890123456789.01"]
)
async def test_a_decimal_is_taken_as_text(double: Graph, text: str) -> None:
    assert (await double.data(LIMIT, limit=text))["creditAccounts"]["nodes"] == []


@pytest.mark.parametrize(
    "value",
    [
        12,
        12.5,
        True,
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e3",
        "1E+3",
        "1_000",
        "1,000.00",
        "12,5",
        " ",
        "",
        "twelve",
        "0x10",
        "1" * 61,
        "\u0661\u0662",
        ["1"],
        {"amount": "1"},
    ],
)
async def test_a_decimal_in_another_form_is_refused_with_a_reason(
    double: Graph, value: object
) -> None:
    error = await double.error(LIMIT, limit=value)
    assert "decimal" in error["message"]
    assert error["locations"]


@pytest.mark.parametrize("literal", ["12", "12.5", '"NaN"', '"1e3"', "true", "[]", "{}", "BRL"])
async def test_a_decimal_literal_in_another_form_is_refused_with_a_reason(
    double: Graph, literal: str
) -> None:
    error = await double.error(
        f"{{ creditAccounts(filter: {{limitMin: {literal}}}) {{ totalCount }} }}"
    )
    assert "decimal" in error["message"].lower()


@pytest.mark.parametrize("value", ["brl", "Brl", "BR", "BRLX", "", " BRL", "\u00d6RL", 986, None])
async def test_a_currency_in_another_form_than_three_capitals_is_refused(
    double: Graph, value: object
) -> None:
    query = """query ($c: CurrencyCode!) { customer(by: {email: "shopper@example.com"}) {
                 spendableCredit(currency: $c) { asOf } } }"""
    error = await double.error(query, c=value)
    assert "'$c'" in error["message"]


@pytest.mark.parametrize("literal", ["brl", '"brl"', "BRLX", "5", "null", '"BRL "'])
async def test_a_currency_literal_in_another_form_is_refused(double: Graph, literal: str) -> None:
    await double.error(query_of("shopper", f"spendableCredit(currency: {literal}) {{ asOf }}"))


@pytest.mark.parametrize("literal", ["BRL", '"BRL"'])
async def test_a_currency_literal_may_stand_with_or_without_quotes(
    double: Graph, literal: str
) -> None:
    await double.data(query_of("shopper", f"spendableCredit(currency: {literal}) {{ asOf }}"))


async def test_a_currency_that_iso_does_not_list_is_nobodys(double: Graph) -> None:
    assert (await double.data(OF, of="XQZ"))["storeCreditAccounts"]["nodes"] == []
    assert Currency("XQZ").code == "XQZ"


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22",
        "2026-11-22T12:00:00",
        "2026-11-22 12:00",
        "12:00:00Z",
        "yesterday",
        "",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        1795348800,
        1.5,
    ],
)
async def test_an_instant_without_a_date_a_time_and_an_offset_is_refused(
    double: Graph, value: object
) -> None:
    error = await double.error(SINCE, at=value)
    assert "offset" in error["message"]


@pytest.mark.parametrize(
    "value",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
)
async def test_an_instant_beyond_the_calendar_is_refused_like_any_other_bad_one(
    double: Graph, value: str
) -> None:
    error = await double.error(SINCE, at=value)
    assert "instant" in error["message"]


@pytest.mark.parametrize(
    "value",
    ["2026-09-23T12:00:00Z", "2026-09-23T09:00:00-03:00", "2026-09-23T12:00:00.000000+00:00"],
)
async def test_an_instant_in_any_zone_is_the_same_instant(double: Graph, value: str) -> None:
    assert len((await double.data(SINCE, at=value))["storeCreditAccounts"]["nodes"]) == 1


async def test_instants_are_answered_in_utc(double: Graph) -> None:
    (account,) = (await double.data(BALANCE))["storeCreditAccounts"]["nodes"]
    assert account["createdAt"] == "2026-09-23T12:00:00Z"


async def test_metadata_keeps_what_a_double_holds_and_writes_the_rest_as_text(
    provider: InMemoryProvider, double: Graph
) -> None:
    (account,) = provider.store_credit
    metadata: dict[str, object] = {
        "price": Decimal("12.50"),
        "exact": Decimal("0.1234567890123456789"),
        "huge": Decimal("1E+400"),
        "count": 3,
        "nested": [{"deep": [Decimal("0.1"), None, True, "text"]}],
    }
    details = replace(account.details, metadata=metadata)
    provider.store_credit = [replace(account, details=details)]
    (found,) = (await double.data(BALANCE))["storeCreditAccounts"]["nodes"]
    assert found["details"]["metadata"] == {
        "price": 12.5,
        "exact": "0.1234567890123456789",
        "huge": "1" + 400 * "0",
        "count": 3,
        "nested": [{"deep": [0.1, None, True, "text"]}],
    }


async def test_rates_are_exact_decimals_too(double: Graph) -> None:
    (source,) = (await double.data("{ sources { storeConfiguration { dailyInterestRate } } }"))[
        "sources"
    ]
    assert source["storeConfiguration"] == {"dailyInterestRate": "0.01"}
