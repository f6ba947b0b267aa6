"""Several credits in one search, with one more for their companies."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
import respx

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from app.domain.errors import ProviderContractBroken, ProviderFailed
from app.domain.identifiers import ProviderAccountId
from app.domain.instruments import CreditAccount, InstrumentStatus
from app.domain.provider import ReadsManyCreditAccounts
from tests.adapters.adobe_company_credit.test_search_credit_accounts import (
    SORTED,
    Credits,
    filter_text,
)

ONE, TWO, THREE = (ProviderAccountId(str(n)) for n in (31, 32, 33))

CreditBody = Callable[..., bytes]
ListBody = Callable[..., bytes]


@pytest.fixture
def companies(shop: respx.Router) -> respx.Route:
    """Company 21 is approved, 22 blocked, no other is found."""
    return shop.get("/V1/company").respond(
        content=b'{"items":[{"id":21,"status":1},{"id":22,"status":3}],"total_count":2}'
    )


def status_of(one: object) -> InstrumentStatus | None:
    return one.status if isinstance(one, CreditAccount) else None


async def test_it_reads_many(adobe: AdobeCompanyCredit) -> None:
    assert isinstance(adobe, ReadsManyCreditAccounts)


async def test_many_cost_one_call_and_one_for_the_statuses(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    sent: Callable[[], list[str]],
    credit_body: CreditBody,
    list_body: ListBody,
) -> None:
    shop.get("/V1/companyCredits").respond(
        content=list_body(
            credit_body(id=31, company_id=21),
            credit_body(id=32, company_id=22),
            credit_body(id=33, company_id=23),
        )
    )

    found = await adobe.credit_accounts([THREE, ONE, TWO])

    assert sent() == [
        f"GET /V1/companyCredits?{filter_text(0, 'entity_id', '31,32,33', 'in')}&{SORTED}"
        "&searchCriteria[pageSize]=3&searchCriteria[currentPage]=1",
        f"GET /V1/company?{filter_text(0, 'entity_id', '21,22,23', 'in')}&{SORTED}"
        "&searchCriteria[pageSize]=3&searchCriteria[currentPage]=1"
        "&fields=items[id,status],total_count",
    ]
    assert {name: status_of(one) for name, one in found.items()} == {
        ONE: InstrumentStatus.ACTIVE,
        TWO: InstrumentStatus.BLOCKED,
        THREE: InstrumentStatus.UNKNOWN,
    }


async def test_it_says_of_each_what_a_read_of_it_alone_says(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    credit_body: CreditBody,
    list_body: ListBody,
) -> None:
    other = credit_body(id=32, company_id=22)
    shop.get("/V1/companyCredits").respond(content=list_body(credit_body(), other))
    shop.get("/V1/companyCredits/31").respond(content=credit_body())
    shop.get("/V1/company/21").respond(content=b'{"id":21,"status":1}')

    found = await adobe.credit_accounts([ONE, TWO])

    assert found[ONE] == await adobe.credit_account(ONE)


async def test_one_that_is_gone_is_left_out(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    credit_body: CreditBody,
    list_body: ListBody,
) -> None:
    shop.get("/V1/companyCredits").respond(content=list_body(credit_body()))

    assert set(await adobe.credit_accounts([ONE, TWO])) == {ONE}


@pytest.mark.parametrize("text", ["", "0", "031", "31,32", "1e3", "x", "9" * 19])
async def test_what_no_credit_can_be_called_is_left_out_and_not_asked_for(
    text: str,
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    sent: Callable[[], list[str]],
    credit_body: CreditBody,
    list_body: ListBody,
) -> None:
    shop.get("/V1/companyCredits").respond(content=list_body(credit_body()))

    assert await adobe.credit_accounts([ProviderAccountId(text)]) == {}
    assert sent() == []
    assert set(await adobe.credit_accounts([ProviderAccountId(text), ONE])) == {ONE}
    assert filter_text(0, "entity_id", "31", "in") in sent()[0]


async def test_one_that_cannot_be_read_is_a_fault_of_its_own(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    credit_body: CreditBody,
    list_body: ListBody,
) -> None:
    broken = credit_body(id=32, company_id=22, balance="much")
    shop.get("/V1/companyCredits").respond(content=list_body(credit_body(), broken))

    found = await adobe.credit_accounts([ONE, TWO, THREE])

    assert status_of(found[ONE]) is InstrumentStatus.ACTIVE
    assert isinstance(found[TWO], ProviderContractBroken)
    assert THREE not in found


async def test_one_without_an_id_may_be_any_of_those_that_are_not_there(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    credit_body: CreditBody,
    list_body: ListBody,
) -> None:
    shop.get("/V1/companyCredits").respond(content=list_body(credit_body(), b'{"id":"32"}'))

    found = await adobe.credit_accounts([ONE, TWO])

    assert status_of(found[ONE]) is InstrumentStatus.ACTIVE
    assert isinstance(found[TWO], ProviderContractBroken)


@pytest.mark.parametrize(
    ("ids", "total"),
    [((31, 99), 2), ((99,), 1), ((31, 31), 2), ((31, 32), 60)],
    ids=["a foreign one", "only a foreign one", "one twice", "the filter dropped"],
)
async def test_an_answer_to_another_question_is_not_taken(
    ids: tuple[int, ...],
    total: int,
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    credit_body: CreditBody,
    list_body: ListBody,
) -> None:
    rows = [credit_body(id=one) for one in ids]
    shop.get("/V1/companyCredits").respond(content=list_body(*rows, total=total))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_accounts([ONE, TWO])


@pytest.mark.parametrize("broken", ["/V1/companyCredits", "/V1/company"])
async def test_a_failure_is_one_of_all(
    broken: str,
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    credit_body: CreditBody,
    list_body: ListBody,
) -> None:
    shop.get("/V1/companyCredits").respond(content=list_body(credit_body()))
    shop.get(broken).respond(500)

    with pytest.raises(ProviderFailed):
        await adobe.credit_accounts([ONE, TWO])


async def test_a_merchant_who_wants_smaller_pages_gets_them(
    adobe: AdobeCompanyCredit, shop: respx.Router
) -> None:
    """Of credits as of companies, so that no owner is missed."""

    def all_approved(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        wanted = asked["searchCriteria[filterGroups][0][filters][0][value]"].split(",")
        size, number = (
            int(asked[f"searchCriteria[{name}]"]) for name in ("pageSize", "currentPage")
        )
        shown = wanted[(number - 1) * size : number * size]
        items = ",".join(f'{{"id":{one},"status":1}}' for one in shown)
        return httpx.Response(200, text=f'{{"items":[{items}],"total_count":{len(wanted)}}}')

    credits = shop.get("/V1/companyCredits").mock(side_effect=Credits(45, largest_page=20))
    companies = shop.get("/V1/company").mock(side_effect=all_approved)

    wanted = [ProviderAccountId(str(n)) for n in range(1, 46)]
    found = await adobe.credit_accounts(wanted)

    assert list(found) == wanted
    assert {status_of(one) for one in found.values()} == {InstrumentStatus.ACTIVE}
    assert (credits.call_count, companies.call_count) == (4, 3)


async def test_more_than_a_hundred_are_asked_for_a_hundred_at_a_time(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    sent: Callable[[], list[str]],
) -> None:
    def all_asked_for(request: httpx.Request) -> httpx.Response:
        asked = request.url.params["searchCriteria[filterGroups][0][filters][0][value]"]
        rows = [
            f'{{"id":{one},"company_id":21,"balance":0,"currency_code":"EUR",'
            '"exceed_limit":false,"available_limit":0}'
            for one in asked.split(",")
        ]
        return httpx.Response(200, text=f'{{"items":[{",".join(rows)}],"total_count":{len(rows)}}}')

    shop.get("/V1/companyCredits").mock(side_effect=all_asked_for)
    wanted = [ProviderAccountId(str(n)) for n in range(1, 131)]

    assert list(await adobe.credit_accounts(wanted)) == wanted
    credits = [one for one in sent() if "companyCredits" in one]
    assert ["pageSize]=100&" in credits[0], "pageSize]=30&" in credits[1]] == [True, True]
