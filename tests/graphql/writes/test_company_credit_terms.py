"""What a company is granted: limits, leave to exceed them, currency, and finding accounts by it."""

from __future__ import annotations

import pytest

from tests.graphql.graph import JSON, every_page
from tests.graphql.writes.company_credit import (
    BLOCKED_COMPANY,
    NEWCOMERS_COMPANY,
    SHOPPERS_COMPANY,
    Shop,
    brl,
)


def eur(amount: str) -> JSON:
    return {"amount": amount, "currencyCode": "EUR"}


async def test_a_first_limit_makes_credit_spendable(shop: Shop) -> None:
    account = await shop.account(NEWCOMERS_COMPANY)
    assert account["limit"] is None
    answer = await shop.done(
        "setCreditLimit", id=account["id"], limit={"amount": "2500.00", "currencyCode": "USD"}
    )
    assert answer["creditAccount"]["available"]["amount"] == "2500"
    (change,) = await shop.ledger(account["id"])
    assert (change["kind"], change["limitAfter"]["amount"]) == ("LIMIT_CHANGE", "2500")


async def test_a_limit_below_what_is_owed_leaves_nothing_to_spend(shop: Shop) -> None:
    account = await shop.account()
    answer = await shop.done("setCreditLimit", id=account["id"], limit=brl("1000.00"))
    assert answer["creditAccount"]["available"]["amount"] == "-250.5"
    assert answer["creditAccount"]["spendable"]["amount"]["amount"] == "0.00"


async def test_leave_to_exceed_the_limit_is_given_without_touching_the_limit(shop: Shop) -> None:
    account = await shop.account()
    answer = await shop.done("updateCreditAccount", id=account["id"], exceedLimit=True)
    told = answer["creditAccount"]
    assert told["details"]["exceedLimit"] is told["spendable"]["unbounded"] is True
    assert (told["limit"], told["available"]) == (account["limit"], account["available"])


async def test_a_currency_is_changed_with_a_limit_in_it_and_the_account_goes_on_under_another_id(
    shop: Shop,
) -> None:
    account = await shop.account()
    answer = await shop.done(
        "updateCreditAccount", id=account["id"], currencyCode="EUR", limit=eur("900.00")
    )
    told, now = answer["creditAccount"], await shop.account()
    assert told["id"] == now["id"] != account["id"]
    assert now["limit"] == eur("900")
    assert now["details"]["companyId"] == SHOPPERS_COMPANY
    gone = await shop.refused("setCreditLimit", id=account["id"], limit=brl("1.00"))
    assert gone["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"currencyCode": "EUR"}, "INVALID_INPUT"),
        (
            {"currencyCode": "EUR", "limit": {"amount": "1", "currencyCode": "USD"}},
            "CURRENCY_MISMATCH",
        ),
        ({"limit": {"amount": "-1.00", "currencyCode": "BRL"}}, "INVALID_INPUT"),
        ({"limit": {"amount": "1.00001", "currencyCode": "BRL"}}, "INVALID_INPUT"),
        ({"tolerance": "0.10"}, "UNSUPPORTED"),
        ({"email": "new@example.com"}, "UNSUPPORTED"),
        ({"exceedLimit": True, "expectedVersion": "of another day"}, "STALE_VERSION"),
    ],
)
async def test_terms_that_make_no_sense_change_nothing(shop: Shop, given: JSON, code: str) -> None:
    account = await shop.account()
    assert (await shop.refused("updateCreditAccount", id=account["id"], **given))["code"] == code
    assert await shop.account() == account


async def test_a_limit_of_another_currency_is_refused_by_its_member(shop: Shop) -> None:
    account = await shop.account()
    refused = await shop.refused("setCreditLimit", id=account["id"], limit=eur("1.00"))
    assert refused["code"] == "CURRENCY_MISMATCH"
    assert refused["path"] == ["input", "limit", "currencyCode"]


async def test_a_reason_for_a_new_limit_stays_in_the_gateway(shop: Shop) -> None:
    """Adobe has no place for it: what goes there is the limit alone."""
    account = await shop.account()
    await shop.done(
        "setCreditLimit", id=account["id"], limit=brl("5500.00"), comment="nobody else's business"
    )
    sent = [one.body for one in shop.graph.wire.asked if one.method == "PUT"]
    assert len(sent) == 1
    assert b"nobody" not in sent[0]
    assert (await shop.ledger(account["id"]))[0]["note"] is None


async def test_a_limit_whose_answer_was_lost_is_found(shop: Shop) -> None:
    account = await shop.account()
    await shop.graph.fault("adobe", "applied_then_500", times=1)
    answer = await shop.done("setCreditLimit", id=account["id"], limit=brl("5500.00"))
    assert answer["creditAccount"]["limit"]["amount"] == "5500"


@pytest.mark.parametrize(
    ("wanted", "companies"),
    [
        ({"companyId": 22}, [22]),
        ({"limitMin": "20000"}, [22, 26, 30]),
        ({"outstandingMin": "3000"}, [23, 26, 30]),
        ({"status": "BLOCKED"}, [BLOCKED_COMPANY]),
        ({"email": "two-companies@example.com"}, [25, 26]),
        ({"email": "two-companies@example.com", "limitMin": "10000"}, [26]),
        ({"limitMin": "20000", "outstandingMin": "100000"}, [26, 30]),
        ({"companyId": 999}, []),
    ],
)
async def test_accounts_are_found_by_what_is_asked(
    shop: Shop, wanted: JSON, companies: list[int]
) -> None:
    found = await shop.accounts(**wanted)
    assert sorted(one["details"]["companyId"] for one in found["nodes"]) == companies


async def test_accounts_are_turned_by_pages(shop: Shop) -> None:
    query = """query ($first: Int, $after: String) {
      creditAccounts(filter: {sources: ["adobe"]}, first: $first, after: $after) {
        nodes { id } totalCount
        pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } }"""
    pages = await every_page(shop.graph, query, "creditAccounts", first=4)
    seen = [one["id"] for page in pages for one in page["nodes"]]
    assert len(seen) == len(set(seen)) == pages[0]["totalCount"]
