"""Answers that are not Adobe's contract, whole and in part."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import respx

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from app.domain.customer import CustomerIdentity
from app.domain.errors import (
    CreditError,
    ProviderContractBroken,
    ProviderFailed,
    ProviderRefusedUs,
    ProviderThrottled,
)
from app.domain.identifiers import ProviderAccountId
from app.domain.ledger import LedgerQuestion
from app.domain.paging import Window

SEVEN = ProviderAccountId("7")

NOT_THE_CONTRACT = {
    "HTML": b"<html><body>maintenance</body></html>",
    "truncated": b'{"id": 7, "company_id": 3, "cre',
    "empty": b"",
    "another type": b"true",
    "a list": b"[]",
    "another envelope": b'{"messages":{"error":[{"code":500}]}}',
    "not UTF-8": b'{"id":"\xff"}',
    "NaN": b'{"id":7,"company_id":3,"balance":NaN,"currency_code":"USD",'
    b'"exceed_limit":false,"available_limit":1}',
}

broken = pytest.mark.parametrize("answer", NOT_THE_CONTRACT.values(), ids=NOT_THE_CONTRACT.keys())


@broken
async def test_a_broken_record_is_a_broken_contract(
    adobe: AdobeCompanyCredit, shop: respx.Router, answer: bytes
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=answer)

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_account(SEVEN)


@broken
async def test_a_broken_company_is_a_broken_contract(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes], answer: bytes
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=body("spec.credit.granted"))
    shop.get("/V1/company/3").respond(content=answer.replace(b'"id":7', b'"id":8'))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_account(SEVEN)


@broken
async def test_a_broken_list_is_a_broken_contract(
    adobe: AdobeCompanyCredit, shop: respx.Router, answer: bytes
) -> None:
    shop.get("/V1/companyCredits/history").respond(content=answer)

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_ledger(SEVEN, LedgerQuestion(), Window())


@broken
async def test_a_broken_refusal_is_a_broken_contract(
    adobe: AdobeCompanyCredit, shop: respx.Router, answer: bytes
) -> None:
    shop.get("/V1/companyCredits/7").respond(404, content=answer)

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_account(SEVEN)


@broken
async def test_a_broken_customer_is_a_broken_contract(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    list_body: Callable[..., bytes],
    answer: bytes,
) -> None:
    shop.get("/V1/customers/search").respond(
        content=list_body(b'{"id":41,"email":"dana@northwind.example"}')
    )
    shop.get("/V1/customers/41").respond(content=answer)

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_accounts_of(CustomerIdentity(email="dana@northwind.example"))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", "7"),
        ("id", True),
        ("balance", None),
        ("balance", "much"),
        ("available_limit", True),
        ("currency_code", "US"),
        ("currency_code", "US1"),
        ("exceed_limit", "no"),
    ],
)
async def test_a_record_with_a_wrong_member_is_a_broken_contract(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    credit_body: Callable[..., bytes],
    member: str,
    value: object,
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=credit_body(**{"id": 7} | {member: value}))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_account(SEVEN)


@pytest.mark.parametrize(
    ("status", "fixture", "fault"),
    [
        (400, "spec.400.sort_direction", ProviderContractBroken),
        (401, "spec.401", ProviderRefusedUs),
        (403, "spec.401", ProviderRefusedUs),
        (404, "contract.404.route", ProviderContractBroken),
        (429, "contract.404.route", ProviderThrottled),
        (500, "spec.500", ProviderFailed),
    ],
)
async def test_a_refused_list_is_a_fault(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    status: int,
    fixture: str,
    fault: type[CreditError],
) -> None:
    shop.get("/V1/companyCredits/history").respond(status, content=body(fixture))

    with pytest.raises(fault) as raised:
        await adobe.credit_ledger(SEVEN, LedgerQuestion(), Window())

    assert "Magento" not in str(raised.value)
