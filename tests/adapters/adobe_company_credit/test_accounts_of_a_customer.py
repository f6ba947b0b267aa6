"""From a customer to the companies whose credit they may draw on."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import respx

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from app.domain.customer import CustomerIdentity, IdentityMatch, Link
from app.domain.errors import (
    IdentityNotLinked,
    ProviderContractBroken,
    ProviderFailed,
    ProviderRefusedUs,
    SourceProblemKind,
)
from app.domain.identifiers import ProviderCustomerId, SourceKey
from app.domain.instruments import CreditAccount, InstrumentStatus
from app.domain.paging import Page

SHOPPER = CustomerIdentity(email="shopper@example.com")
FOUND = b'{"id":11,"email":"shopper@example.com","website_id":1}'


def linked(customer_id: str, *, email: str | None = None) -> CustomerIdentity:
    link = Link(SourceKey("adobe"), ProviderCustomerId(customer_id), IdentityMatch.DIRECTORY)
    return CustomerIdentity(email=email, links=(link,))


def membership(company_id: int, status: int = 1) -> dict[str, object]:
    return {"customer_id": 11, "company_id": company_id, "job_title": "Buyer", "status": status}


def customer(
    default: dict[str, object] | None = None, *others: dict[str, object], customer_id: int = 11
) -> bytes:
    extension: dict[str, object] = {}
    if default is not None:
        extension["company_attributes"] = default
    if others:
        extension["all_company_attributes"] = others
    return json.dumps({"id": customer_id, "extension_attributes": extension}).encode()


def ids(page: Page[CreditAccount]) -> list[str]:
    return [account.provider_account_id for account in page.items]


@pytest.fixture
def chain(
    shop: respx.Router, list_body: Callable[..., bytes], credit_body: Callable[..., bytes]
) -> respx.Router:
    """shopper@example.com is customer 11; companies 21 and 22 have credits 31 and 32."""
    shop.get("/V1/customers/search").respond(content=list_body(FOUND))
    shop.get("/V1/customers/11").respond(content=customer(membership(21)))
    for company in (21, 22):
        shop.get(f"/V1/company/{company}").respond(content=b'{"id":%d,"status":1}' % company)
        shop.get(f"/V1/companyCredits/company/{company}").respond(
            content=credit_body(id=company + 10, company_id=company)
        )
    return shop


async def test_an_email_leads_to_the_credit_of_the_customers_company(
    adobe: AdobeCompanyCredit, chain: respx.Router, sent: Callable[[], list[str]]
) -> None:
    page = await adobe.credit_accounts_of(SHOPPER)

    assert sent()[:2] == [
        "GET /V1/customers/search"
        "?searchCriteria[filterGroups][0][filters][0][field]=email"
        "&searchCriteria[filterGroups][0][filters][0][value]=shopper@example.com"
        "&searchCriteria[filterGroups][0][filters][0][conditionType]=eq"
        "&searchCriteria[sortOrders][0][field]=entity_id"
        "&searchCriteria[sortOrders][0][direction]=ASC"
        "&searchCriteria[pageSize]=100&searchCriteria[currentPage]=1"
        "&fields=items[id,email,website_id],total_count",
        "GET /V1/customers/11"
        "?fields=id,extension_attributes[company_attributes,all_company_attributes]",
    ]
    assert sorted(sent()[2:]) == [
        "GET /V1/company/21?fields=id,status",
        "GET /V1/companyCredits/company/21",
    ]
    assert ids(page) == ["31"]
    assert page.items[0].status is InstrumentStatus.ACTIVE
    assert (page.next_offset, page.total, page.faults) == (None, 1, ())


async def test_an_address_cannot_change_the_question(
    adobe: AdobeCompanyCredit, chain: respx.Router, list_body: Callable[..., bytes]
) -> None:
    chain.get("/V1/customers/search").respond(content=list_body())

    await adobe.credit_accounts_of(CustomerIdentity(email="a+b&c=d%,e[0]@example.com"))

    assert (
        b"%5B0%5D%5Bvalue%5D=a%2Bb%26c%3Dd%25%2Ce%5B0%5D%40example.com&"
        in chain.calls.last.request.url.raw_path
    )


async def test_a_configured_website_narrows_the_search(
    connected: Callable[..., AdobeCompanyCredit],
    chain: respx.Router,
    sent: Callable[[], list[str]],
) -> None:
    page = await connected(website_id=1).credit_accounts_of(SHOPPER)

    assert (
        "&searchCriteria[filterGroups][1][filters][0][field]=website_id"
        "&searchCriteria[filterGroups][1][filters][0][value]=1"
        "&searchCriteria[filterGroups][1][filters][0][conditionType]=eq&"
    ) in sent()[0]
    assert ids(page) == ["31"]


async def test_a_customer_of_another_website_is_refused(
    connected: Callable[..., AdobeCompanyCredit], chain: respx.Router
) -> None:
    page = await connected(website_id=2).credit_accounts_of(SHOPPER)

    assert page.items == ()
    assert [fault.kind for fault in page.faults] == [SourceProblemKind.BAD_RESPONSE]


async def test_an_address_may_be_spelled_in_capitals_there(
    adobe: AdobeCompanyCredit, chain: respx.Router, list_body: Callable[..., bytes]
) -> None:
    chain.get("/V1/customers/search").respond(
        content=list_body(FOUND.replace(b"shopper@", b"Shopper@"))
    )

    assert ids(await adobe.credit_accounts_of(SHOPPER)) == ["31"]


async def test_somebody_elses_address_in_the_answer_is_never_followed(
    adobe: AdobeCompanyCredit, chain: respx.Router, list_body: Callable[..., bytes]
) -> None:
    stranger = b'{"id":12,"email":"sh\xc3\xb6pper@example.com"}'
    chain.get("/V1/customers/search").respond(content=list_body(stranger, FOUND))

    page = await adobe.credit_accounts_of(SHOPPER)

    assert ids(page) == ["31"]
    assert page.total is None
    assert [fault.kind for fault in page.faults] == [SourceProblemKind.BAD_RESPONSE]


async def test_more_customers_than_websites_can_hold_is_a_filter_ignored(
    adobe: AdobeCompanyCredit, chain: respx.Router, list_body: Callable[..., bytes]
) -> None:
    chain.get("/V1/customers/search").respond(content=list_body(FOUND, total=5000))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_accounts_of(SHOPPER)


@pytest.mark.parametrize(
    "nobody", [b'{"items":[],"total_count":0}', b'{"items":null,"total_count":0}']
)
async def test_an_unknown_address_has_no_accounts(
    adobe: AdobeCompanyCredit, chain: respx.Router, nobody: bytes
) -> None:
    chain.get("/V1/customers/search").respond(content=nobody)

    page = await adobe.credit_accounts_of(SHOPPER)

    assert page == Page(items=(), next_offset=None, total=0)


@pytest.mark.parametrize("customer_id", ["11", "customer:11"])
async def test_a_linked_customer_is_not_searched_for(
    adobe: AdobeCompanyCredit,
    chain: respx.Router,
    sent: Callable[[], list[str]],
    customer_id: str,
) -> None:
    page = await adobe.credit_accounts_of(linked(customer_id, email="other@example.com"))

    assert sent()[0].startswith("GET /V1/customers/11?")
    assert ids(page) == ["31"]


async def test_a_linked_company_is_read_at_once(
    adobe: AdobeCompanyCredit, chain: respx.Router, sent: Callable[[], list[str]]
) -> None:
    page = await adobe.credit_accounts_of(linked("company:22"))

    assert sorted(sent()) == [
        "GET /V1/company/22?fields=id,status",
        "GET /V1/companyCredits/company/22",
    ]
    assert ids(page) == ["32"]


@pytest.mark.parametrize(
    "customer",
    [
        CustomerIdentity(document="11144477735"),
        linked("abc"),
        linked("customer:0"),
        linked("company:"),
        linked("credit:31"),
        linked("11/../../31", email="shopper@example.com"),
    ],
)
async def test_who_cannot_be_asked_for_is_not_linked(
    adobe: AdobeCompanyCredit, shop: respx.Router, customer: CustomerIdentity
) -> None:
    with pytest.raises(IdentityNotLinked):
        await adobe.credit_accounts_of(customer)

    assert not shop.calls


@pytest.mark.parametrize(
    "outsider",
    [
        customer(membership(0, status=0)),
        customer(membership(21, status=0)),
        customer(),
        b'{"id":11}',
        b'{"id":11,"extension_attributes":[]}',
        b'{"id":11,"extension_attributes":null}',
        b'{"id":11,"extension_attributes":{"company_attributes":[]}}',
        b'{"id":11,"extension_attributes":{"company_attributes":null,"all_company_attributes":[]}}',
    ],
    ids=[
        "company 0",
        "inactive user",
        "no attributes",
        "no extension",
        "emptied by fields",
        "empty by fields",
        "empty attributes",
        "null attributes",
    ],
)
async def test_who_is_no_active_company_user_has_no_accounts(
    adobe: AdobeCompanyCredit, chain: respx.Router, outsider: bytes
) -> None:
    chain.get("/V1/customers/11").respond(content=outsider)

    page = await adobe.credit_accounts_of(SHOPPER)

    assert page == Page(items=(), next_offset=None, total=0)


async def test_a_linked_customer_that_is_gone_has_no_accounts(
    adobe: AdobeCompanyCredit, chain: respx.Router, body: Callable[[str], bytes]
) -> None:
    chain.get("/V1/customers/11").respond(404, content=body("spec.404.entity"))

    page = await adobe.credit_accounts_of(linked("11"))

    assert page == Page(items=(), next_offset=None, total=0)


async def test_several_companies_give_several_accounts_the_default_one_first(
    adobe: AdobeCompanyCredit, chain: respx.Router
) -> None:
    chain.get("/V1/customers/11").respond(
        content=customer(membership(22), membership(21), membership(22))
    )

    page = await adobe.credit_accounts_of(SHOPPER)

    assert ids(page) == ["32", "31"]


async def test_customers_of_several_websites_share_one_account(
    adobe: AdobeCompanyCredit, chain: respx.Router, list_body: Callable[..., bytes]
) -> None:
    chain.get("/V1/customers/search").respond(content=list_body(FOUND, FOUND.replace(b"11", b"19")))
    chain.get("/V1/customers/19").respond(content=customer(membership(21), customer_id=19))

    page = await adobe.credit_accounts_of(SHOPPER)

    assert ids(page) == ["31"]
    assert len(chain.calls) == 5


async def test_a_company_without_credit_record_gives_no_account(
    adobe: AdobeCompanyCredit, chain: respx.Router, body: Callable[[str], bytes]
) -> None:
    chain.get("/V1/companyCredits/company/21").respond(404, content=body("spec.404.company_credit"))

    page = await adobe.credit_accounts_of(SHOPPER)

    assert page == Page(items=(), next_offset=None, total=0)


async def test_an_unknown_route_is_not_a_company_without_credit(
    adobe: AdobeCompanyCredit, chain: respx.Router, body: Callable[[str], bytes]
) -> None:
    chain.get("/V1/companyCredits/company/21").respond(404, content=body("contract.404.route"))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_accounts_of(SHOPPER)


async def test_a_company_that_fails_leaves_the_others_whole(
    adobe: AdobeCompanyCredit, chain: respx.Router, body: Callable[[str], bytes]
) -> None:
    chain.get("/V1/customers/11").respond(content=customer(membership(21), membership(22)))
    chain.get("/V1/companyCredits/company/22").respond(500, content=body("spec.500"))

    page = await adobe.credit_accounts_of(SHOPPER)

    assert ids(page) == ["31"]
    assert page.total is None
    assert [fault.kind for fault in page.faults] == [SourceProblemKind.UPSTREAM_ERROR]


async def test_a_fault_of_the_only_company_is_the_answer(
    adobe: AdobeCompanyCredit, chain: respx.Router, body: Callable[[str], bytes]
) -> None:
    chain.get("/V1/company/21").respond(500, content=body("spec.500"))

    with pytest.raises(ProviderFailed):
        await adobe.credit_accounts_of(SHOPPER)


async def test_the_credit_of_another_company_is_refused(
    adobe: AdobeCompanyCredit, chain: respx.Router, credit_body: Callable[..., bytes]
) -> None:
    chain.get("/V1/companyCredits/company/21").respond(content=credit_body(company_id=99))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_accounts_of(SHOPPER)


async def test_another_customer_than_asked_for_is_refused(
    adobe: AdobeCompanyCredit, chain: respx.Router
) -> None:
    chain.get("/V1/customers/11").respond(content=customer(membership(21), customer_id=12))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_accounts_of(SHOPPER)


async def test_a_broken_membership_costs_one_fault(
    adobe: AdobeCompanyCredit, chain: respx.Router
) -> None:
    chain.get("/V1/customers/11").respond(
        content=customer(membership(21), membership(21), {"company_id": "22"})
    )

    page = await adobe.credit_accounts_of(SHOPPER)

    assert ids(page) == ["31"]
    assert len(page.faults) == 1


async def test_a_company_not_ours_to_read_leaves_the_credit_usable_with_a_doubt(
    adobe: AdobeCompanyCredit, chain: respx.Router, body: Callable[[str], bytes]
) -> None:
    chain.get("/V1/company/21").respond(401, content=body("spec.401"))

    page = await adobe.credit_accounts_of(SHOPPER)

    assert [account.status for account in page.items] == [InstrumentStatus.ACTIVE]
    assert not page.items[0].owner_status_known


async def test_customers_not_ours_to_read_are_a_fault(
    adobe: AdobeCompanyCredit, chain: respx.Router, body: Callable[[str], bytes]
) -> None:
    chain.get("/V1/customers/search").respond(401, content=body("spec.401"))

    with pytest.raises(ProviderRefusedUs):
        await adobe.credit_accounts_of(SHOPPER)
