"""One credit account by its id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
import respx

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from app.domain.errors import AccountNotFound, ProviderContractBroken, ProviderRefusedUs
from app.domain.identifiers import ProviderAccountId, SourceKey
from app.domain.instruments import (
    AdobeCompanyCreditDetails,
    CreditAccount,
    InstrumentStatus,
)
from app.domain.money import Currency, Money

USD = Currency("USD")
SEVEN = ProviderAccountId("7")


def usd(amount: str) -> Money:
    return Money(Decimal(amount), USD)


async def test_an_account_is_read_from_its_record_and_its_company(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    sent: Callable[[], list[str]],
    now: datetime,
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=body("spec.credit.granted"))
    shop.get("/V1/company/3").respond(content=b'{"id":3,"status":1}')

    account = await adobe.credit_account(SEVEN)

    assert sent() == [
        "GET /V1/companyCredits/7",
        "GET /V1/company/3?fields=id,status",
    ]
    assert account == CreditAccount(
        source=SourceKey("adobe"),
        provider_account_id=SEVEN,
        currency=USD,
        status=InstrumentStatus.ACTIVE,
        limit=usd("5000"),
        available=usd("3749.5"),
        outstanding=usd("1250.5"),
        exceed_allowed=False,
        observed_at=now,
        details=AdobeCompanyCreditDetails(
            credit_id=7,
            company_id=3,
            exceed_limit=False,
            balance=usd("-1250.5"),
            raw_available_limit=usd("3749.5"),
        ),
    )


async def test_every_request_carries_the_token_and_asks_for_json(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=body("spec.credit.granted"))
    shop.get("/V1/company/3").respond(content=b'{"id":3,"status":1}')

    await adobe.credit_account(SEVEN)

    for call in shop.calls:
        assert call.request.headers["Authorization"] == "Bearer sandbox-adobe-token"
        assert call.request.headers["Accept"] == "application/json"
        assert "Store" not in call.request.headers
        assert call.request.content == b""


async def test_the_store_view_of_a_saas_tenant_travels_in_a_header(
    connected: Callable[..., AdobeCompanyCredit], shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=body("spec.credit.granted"))
    shop.get("/V1/company/3").respond(content=b'{"id":3,"status":1}')

    await connected(store="b2b_us").credit_account(SEVEN)

    assert {call.request.headers["Store"] for call in shop.calls} == {"b2b_us"}


@pytest.mark.parametrize("digits", ["850.555", "0.1", "1234567890123456.789", "-0.0001"])
async def test_figures_keep_their_digits(
    adobe: AdobeCompanyCredit, shop: respx.Router, credit_body: Callable[..., bytes], digits: str
) -> None:
    shop.get("/V1/companyCredits/31").respond(
        content=credit_body(available_limit=Decimal(digits), credit_limit=Decimal(digits))
    )
    shop.get("/V1/company/21").respond(content=b'{"id":21,"status":1}')

    account = await adobe.credit_account(ProviderAccountId("31"))

    assert str(account.available.amount) == digits
    assert account.limit is not None
    assert str(account.limit.amount) == digits


async def test_an_unknown_credit_is_not_found(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get("/V1/companyCredits/999").respond(404, content=body("spec.404.credit"))

    with pytest.raises(AccountNotFound) as refusal:
        await adobe.credit_account(ProviderAccountId("999"))

    assert refusal.value.kind == "credit account"


async def test_an_unknown_route_is_not_an_unknown_credit(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get("/V1/companyCredits/7").respond(404, content=body("contract.404.route"))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_account(SEVEN)


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "abc",
        "0",
        "07",
        "-7",
        "+7",
        "7 ",
        "7/history",
        "../7",
        "history",
        "company",
        "٧",
        "7.0",
        "9" * 19,
        "7\n",
        "7?x=1",
    ],
)
async def test_an_id_that_adobe_cannot_have_is_not_found_without_asking(
    adobe: AdobeCompanyCredit, shop: respx.Router, hostile: str
) -> None:
    with pytest.raises(AccountNotFound):
        await adobe.credit_account(ProviderAccountId(hostile))

    assert not shop.calls


async def test_another_record_than_asked_for_is_refused(
    adobe: AdobeCompanyCredit, shop: respx.Router, credit_body: Callable[..., bytes]
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=credit_body(id=8))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_account(SEVEN)


async def test_another_company_than_asked_for_is_refused(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=body("spec.credit.granted"))
    shop.get("/V1/company/3").respond(content=b'{"id":4,"status":1}')

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_account(SEVEN)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (401, b'{"message":"x","parameters":{"resources":"Magento_Company::index"}}'),
        (403, b"<html>"),
    ],
    ids=["no permission", "gateway refuses"],
)
async def test_a_company_not_ours_to_read_leaves_the_credit_usable_with_a_doubt(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    status: int,
    answer: bytes,
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=body("spec.credit.granted"))
    shop.get("/V1/company/3").respond(status, content=answer)

    account = await adobe.credit_account(SEVEN)

    assert account.status is InstrumentStatus.ACTIVE
    assert not account.owner_status_known


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (404, b'{"message":"x","parameters":{"fieldName":"id","fieldValue":3}}'),
        (200, b'{"id":3}'),
        (200, b'{"id":3,"status":7}'),
    ],
    ids=["gone", "no status told", "unknown status"],
)
async def test_a_company_that_cannot_be_judged_leaves_the_status_unknown(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    status: int,
    answer: bytes,
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=body("spec.credit.granted"))
    shop.get("/V1/company/3").respond(status, content=answer)

    account = await adobe.credit_account(SEVEN)

    assert account.status is InstrumentStatus.UNKNOWN
    assert account.owner_status_known


async def test_a_refusal_to_read_the_credit_itself_is_a_fault(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get("/V1/companyCredits/7").respond(401, content=body("spec.401"))

    with pytest.raises(ProviderRefusedUs):
        await adobe.credit_account(SEVEN)


async def test_the_probe_reads_one_credit(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    sent: Callable[[], list[str]],
) -> None:
    shop.get("/V1/companyCredits").respond(content=body("spec.credits"))

    await adobe.probe()

    assert sent() == [
        "GET /V1/companyCredits"
        "?searchCriteria[sortOrders][0][field]=entity_id"
        "&searchCriteria[sortOrders][0][direction]=ASC"
        "&searchCriteria[pageSize]=1&searchCriteria[currentPage]=1"
    ]


async def test_the_probe_fails_on_a_wrong_base_url(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get("/V1/companyCredits").respond(404, content=body("contract.404.route"))

    with pytest.raises(ProviderContractBroken):
        await adobe.probe()
