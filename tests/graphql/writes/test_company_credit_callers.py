"""Whose credit it is, whether they may use it, and how the gateway signs in for them."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from adapters.adobe_company_credit.settings import AdobeCompanyCreditSettings
from app.settings import Settings
from tests.graphql.graph import JSON, as_caller, query_of, settings
from tests.graphql.writes.company_credit import BLOCKED_COMPANY, SHOPPERS_COMPANY, Shop, a_shop, brl

ACCOUNTS = """creditAccounts(first: 20) { nodes { source { key }
  details { ... on AdobeCompanyCreditDetails { companyId } } } }"""


async def test_a_blocked_company_buys_nothing_and_is_told_why(shop: Shop) -> None:
    account = await shop.account(BLOCKED_COMPANY)
    assert account["spendable"]["eligible"] is False
    one = {"amount": "1.00", "currencyCode": "EUR"}
    bought = await shop.refused(
        "decreaseCreditBalance", id=account["id"], amount=one, reason="PURCHASED"
    )
    held = await shop.refused(
        "createHold", instrumentId=account["id"], amount=one, orderId="000000903"
    )
    for error in (bought, held):
        assert error["__typename"] == "InstrumentNotUsableError"
        assert error["reasons"] == ["BLOCKED"]


async def test_a_blocked_company_can_pay_what_it_owes(shop: Shop) -> None:
    account = await shop.account(BLOCKED_COMPANY)
    answer = await shop.done(
        "increaseCreditBalance",
        id=account["id"],
        amount={"amount": "480.75", "currencyCode": "EUR"},
        reason="REIMBURSED",
    )
    assert answer["creditAccount"]["available"]["amount"] == "0"
    assert answer["creditAccount"]["status"] == "BLOCKED"


@pytest.mark.parametrize(
    ("who", "companies"),
    [("shopper", [21]), ("two-companies", [25, 26]), ("overdrawn", [23]), ("collector", [])],
)
async def test_a_customer_is_led_to_the_credit_of_their_companies(
    shop: Shop, who: str, companies: list[int]
) -> None:
    customer = (await shop.graph.data(query_of(who, ACCOUNTS)))["customer"]
    found = [
        one["details"]["companyId"]
        for one in customer["creditAccounts"]["nodes"]
        if one["source"]["key"] == "adobe"
    ]
    assert sorted(found) == companies


@pytest.mark.parametrize("caller", ["shopper", "service"])
async def test_only_an_administrator_moves_a_balance(shop: Shop, caller: str) -> None:
    account = await shop.account()
    shop.graph.client.headers.update(as_caller(caller))
    error = await shop.graph.error(
        """mutation ($id: ID!) { increaseCreditBalance(input: {id: $id, reason: UPDATED,
          amount: {amount: "1.00", currencyCode: "BRL"}, idempotencyKey: "k"}) {
          operation { status } } }""",
        id=account["id"],
    )
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert {one.method for one in shop.graph.wire.asked} == {"GET"}


INTEGRATION = {
    "kind": "integration",
    "consumer_key": SecretStr("sandbox-adobe-consumer-key"),
    "consumer_secret": SecretStr("sandbox-adobe-consumer-secret"),
    "access_token": SecretStr("sandbox-adobe-access-token"),
    "access_token_secret": SecretStr("sandbox-adobe-access-token-secret"),
}
ADMINISTRATOR = {
    "kind": "admin-token",
    "username": "svc-gateway",
    "password": SecretStr("sandbox-adobe-password"),
}
IMS = {
    "kind": "ims",
    "client_id": "sandbox-adobe-ims-client",
    "client_secret": SecretStr("sandbox-adobe-ims-secret"),
    "organization_id": "SANDBOX@AdobeOrg",
    "token_url": "http://sandbox.example/adobe/ims/token/v3",
}


def signing_in(credentials: JSON) -> Settings:
    """The built-in settings with another way into Adobe."""
    built_in = settings()
    sources = [
        AdobeCompanyCreditSettings.model_validate(
            {
                "key": source.key,
                "provider": source.provider,
                "base_url": source.base_url,
                "default_currency": source.default_currency,
                "credentials": credentials,
            }
        )
        if isinstance(source, AdobeCompanyCreditSettings)
        else source
        for source in built_in.sources
    ]
    return settings(sources=sources)


@pytest.mark.parametrize(
    "credentials", [INTEGRATION, ADMINISTRATOR, IMS], ids=lambda one: str(one["kind"])
)
async def test_money_moves_whichever_way_the_gateway_signs_in(credentials: JSON) -> None:
    async with a_shop(signing_in(credentials)) as shop:
        account = await shop.account(SHOPPERS_COMPANY)
        answer = await shop.done(
            "increaseCreditBalance",
            id=account["id"],
            amount=brl("100.00"),
            reason="REIMBURSED",
            purchaseOrder="PO-1",
        )
        found = await shop.ledger(account["id"], purchaseOrder="PO-1")
    assert answer["creditAccount"]["available"]["amount"] == "3849.5"
    assert [one["id"] for one in found] == [answer["entry"]["id"]]
