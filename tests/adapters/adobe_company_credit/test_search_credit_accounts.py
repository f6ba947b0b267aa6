"""All credits of a shop, through windows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest
import respx

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from app.domain.errors import ProviderContractBroken, ProviderTimedOut, SourceProblemKind
from app.domain.instruments import CreditAccount, InstrumentStatus
from app.domain.paging import Page, Window
from app.domain.provider import CreditAccountQuestion

EVERYTHING = CreditAccountQuestion()
SORTED = (
    "searchCriteria[sortOrders][0][field]=entity_id&searchCriteria[sortOrders][0][direction]=ASC"
)


def ids(page: Page[CreditAccount]) -> list[str]:
    return [account.provider_account_id for account in page.items]


def filter_text(group: int, column: str, value: str, condition: str) -> str:
    start = f"searchCriteria[filterGroups][{group}][filters][0]"
    return f"{start}[field]={column}&{start}[value]={value}&{start}[conditionType]={condition}"


class Credits:
    """A list of *count* credits that pages as Adobe does: past the end, the last page again."""

    def __init__(self, count: int, *, largest_page: int = 300) -> None:
        self._rows = [
            b'{"id":%d,"company_id":%d,"credit_limit":%d,"balance":%d,"currency_code":"EUR",'
            b'"exceed_limit":false,"available_limit":0}' % (n, n + 1000, n * 100, -n * 100)
            for n in range(1, count + 1)
        ]
        self._largest_page = largest_page

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        size = int(asked["searchCriteria[pageSize]"])
        if size > self._largest_page:
            text = '{"message":"Maximum SearchCriteria pageSize is %%max","parameters":{"max":%d}}'
            return httpx.Response(400, text=text % self._largest_page)
        number = int(asked["searchCriteria[currentPage]"])
        last = max(1, -(-len(self._rows) // size))
        start = (min(number, last) - 1) * size
        rows = self._rows[start : start + size]
        return httpx.Response(
            200,
            content=b'{"items":[%s],"total_count":%d}' % (b",".join(rows), len(self._rows)),
        )


@pytest.fixture
def companies(shop: respx.Router) -> respx.Route:
    """Company 1001 is approved, 1002 blocked, no other is found."""
    return shop.get("/V1/company").respond(
        content=b'{"items":[{"id":1001,"status":1},{"id":1002,"status":3}],"total_count":2}'
    )


async def test_a_window_costs_one_call_and_one_for_the_statuses(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    sent: Callable[[], list[str]],
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(3))

    page = await adobe.search_credit_accounts(EVERYTHING, Window(0, 20))

    assert sent() == [
        f"GET /V1/companyCredits?{SORTED}"
        "&searchCriteria[pageSize]=20&searchCriteria[currentPage]=1",
        f"GET /V1/company?{filter_text(0, 'entity_id', '1001,1002,1003', 'in')}&{SORTED}"
        "&searchCriteria[pageSize]=3&searchCriteria[currentPage]=1"
        "&fields=items[id,status],total_count",
    ]
    assert ids(page) == ["1", "2", "3"]
    assert [account.status for account in page.items] == [
        InstrumentStatus.ACTIVE,
        InstrumentStatus.BLOCKED,
        InstrumentStatus.UNKNOWN,
    ]
    assert (page.next_offset, page.total) == (None, 3)


@pytest.mark.parametrize("count", [0, 1, 45, 100, 101, 230])
@pytest.mark.parametrize("limit", [1, 7, 20, 60, 99, 100, 250])
async def test_walking_the_windows_shows_every_credit_once(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    count: int,
    limit: int,
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(count))

    seen: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = await adobe.search_credit_accounts(EVERYTHING, Window(offset, limit))
        assert len(page.items) <= limit
        seen += ids(page)
        offset = page.next_offset

    assert seen == [str(n) for n in range(1, count + 1)]


@pytest.mark.parametrize("offset", [0, 1, 13, 37, 80, 99, 101, 150])
@pytest.mark.parametrize("limit", [0, 1, 20, 50, 77, 100])
async def test_a_window_shows_exactly_its_part(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    offset: int,
    limit: int,
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(120))

    page = await adobe.search_credit_accounts(EVERYTHING, Window(offset, limit))

    assert ids(page) == [str(n) for n in range(1, 121)][offset : offset + limit]


async def test_a_window_past_the_end_does_not_repeat_the_last_page(
    adobe: AdobeCompanyCredit, shop: respx.Router, sent: Callable[[], list[str]]
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(25))

    page = await adobe.search_credit_accounts(EVERYTHING, Window(40, 20))

    assert page == Page(items=(), next_offset=None, total=25)
    assert len(sent()) == 1


async def test_a_window_between_pages_is_read_as_one_larger_page(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    sent: Callable[[], list[str]],
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(120))

    page = await adobe.search_credit_accounts(EVERYTHING, Window(30, 20))

    assert "&searchCriteria[pageSize]=25&searchCriteria[currentPage]=2" in sent()[0]
    assert len(sent()) == 2
    assert ids(page) == [str(n) for n in range(31, 51)]


async def test_a_window_no_page_can_hold_is_read_as_two(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    sent: Callable[[], list[str]],
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(250))

    page = await adobe.search_credit_accounts(EVERYTHING, Window(50, 100))

    assert sent()[0].endswith("[pageSize]=100&searchCriteria[currentPage]=1")
    assert sent()[1].endswith("[pageSize]=100&searchCriteria[currentPage]=2")
    assert ids(page) == [str(n) for n in range(51, 151)]


async def test_a_smaller_page_that_the_merchant_allows_is_learnt_once(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    sent: Callable[[], list[str]],
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(50, largest_page=30))

    first = await adobe.search_credit_accounts(EVERYTHING, Window(0, 60))
    second = await adobe.search_credit_accounts(EVERYTHING, Window(30, 60))

    assert ids(first) + ids(second) == [str(n) for n in range(1, 51)]
    assert (first.next_offset, second.next_offset) == (30, None)
    assert len(sent()) == 5


@pytest.mark.parametrize(
    "parameters",
    [
        b'{"max":0}',
        b'{"max":100}',
        b'{"max":"many"}',
        b'{"max":2,"type":"FilterGroup"}',
        b'["100"]',
        b"null",
    ],
)
async def test_another_refusal_of_a_list_is_not_tried_again(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    sent: Callable[[], list[str]],
    parameters: bytes,
) -> None:
    shop.get("/V1/companyCredits").respond(
        400, content=b'{"message":"%%max","parameters":%s}' % parameters
    )

    with pytest.raises(ProviderContractBroken):
        await adobe.search_credit_accounts(EVERYTHING, Window(0, 100))

    assert len(sent()) == 1


async def test_a_page_size_that_stays_refused_is_given_up(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    sent: Callable[[], list[str]],
    body: Callable[[str], bytes],
) -> None:
    shop.get("/V1/companyCredits").respond(400, content=body("contract.400.page_size"))

    with pytest.raises(ProviderContractBroken):
        await adobe.search_credit_accounts(EVERYTHING, Window(0, 100))

    assert len(sent()) == 2


async def test_what_adobe_can_filter_by_goes_out_one_filter_a_group(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    credit_body: Callable[..., bytes],
    list_body: Callable[..., bytes],
    sent: Callable[[], list[str]],
) -> None:
    shop.get("/V1/companyCredits").respond(content=list_body(credit_body()))

    page = await adobe.search_credit_accounts(
        CreditAccountQuestion(
            company_id=21, limit_min=Decimal("1E+3"), outstanding_min=Decimal("0.10")
        ),
        Window(),
    )

    assert sent()[0].startswith(
        "GET /V1/companyCredits?"
        + "&".join(
            [
                filter_text(0, "company_id", "21", "eq"),
                filter_text(1, "credit_limit", "1000", "gteq"),
                filter_text(2, "balance", "-0.10", "lteq"),
                SORTED,
            ]
        )
    )
    assert ids(page) == ["31"]
    assert page.total == 1


async def test_everybody_owes_at_least_nothing(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    sent: Callable[[], list[str]],
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(1))

    await adobe.search_credit_accounts(CreditAccountQuestion(outstanding_min=Decimal(0)), Window())

    assert "filterGroups" not in sent()[0]


async def test_figures_that_do_not_hold_are_dropped_after_reading(
    adobe: AdobeCompanyCredit, shop: respx.Router, companies: respx.Route
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(3))

    page = await adobe.search_credit_accounts(
        CreditAccountQuestion(limit_min=Decimal(300), outstanding_min=Decimal(300)), Window()
    )

    assert ids(page) == ["3"]


async def test_the_status_is_the_companys_and_filtered_after_reading(
    adobe: AdobeCompanyCredit, shop: respx.Router, companies: respx.Route
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(30))

    page = await adobe.search_credit_accounts(
        CreditAccountQuestion(status=InstrumentStatus.BLOCKED), Window(0, 20)
    )

    assert ids(page) == ["2"]
    assert (page.next_offset, page.total) == (20, None)


async def test_another_company_in_the_answer_costs_one_fault(
    adobe: AdobeCompanyCredit, shop: respx.Router, companies: respx.Route
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(2))

    page = await adobe.search_credit_accounts(CreditAccountQuestion(company_id=1002), Window())

    assert ids(page) == ["2"]
    assert [fault.kind for fault in page.faults] == [SourceProblemKind.BAD_RESPONSE]


async def test_a_broken_item_costs_one_fault(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    companies: respx.Route,
    credit_body: Callable[..., bytes],
    list_body: Callable[..., bytes],
) -> None:
    shop.get("/V1/companyCredits").respond(
        content=list_body(b'{"id":1}', credit_body(), b"null", b'"31"')
    )

    page = await adobe.search_credit_accounts(EVERYTHING, Window())

    assert ids(page) == ["31"]
    assert len(page.faults) == 3


async def test_companies_not_ours_to_read_leave_the_credits_usable_with_a_doubt(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(2))
    shop.get("/V1/company").respond(401, content=body("spec.401"))

    page = await adobe.search_credit_accounts(EVERYTHING, Window())

    assert [account.status for account in page.items] == [InstrumentStatus.ACTIVE] * 2
    assert not any(account.owner_status_known for account in page.items)


async def test_companies_that_do_not_answer_are_a_fault(
    adobe: AdobeCompanyCredit, shop: respx.Router
) -> None:
    shop.get("/V1/companyCredits").mock(side_effect=Credits(2))
    shop.get("/V1/company").mock(side_effect=httpx.ReadTimeout("hang"))

    with pytest.raises(ProviderTimedOut):
        await adobe.search_credit_accounts(EVERYTHING, Window())


@pytest.fixture
def two_companies(
    shop: respx.Router, list_body: Callable[..., bytes], credit_body: Callable[..., bytes]
) -> respx.Router:
    """two-companies@example.com draws on credits 35 (no limit) and 36."""
    shop.get("/V1/customers/search").respond(
        content=list_body(b'{"id":15,"email":"two-companies@example.com"}')
    )
    shop.get("/V1/customers/15").respond(
        content=b'{"id":15,"extension_attributes":{"company_attributes":'
        b'{"company_id":25,"status":1},"all_company_attributes":'
        b'[{"company_id":25,"status":1},{"company_id":26,"status":1}]}}'
    )
    for company, limit in ((25, None), (26, 5000)):
        shop.get(f"/V1/company/{company}").respond(content=b'{"id":%d,"status":1}' % company)
        shop.get(f"/V1/companyCredits/company/{company}").respond(
            content=credit_body(id=company + 10, company_id=company, credit_limit=limit)
        )
    return shop


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (CreditAccountQuestion(), ["35", "36"]),
        (CreditAccountQuestion(company_id=26), ["36"]),
        (CreditAccountQuestion(company_id=21), []),
        (CreditAccountQuestion(limit_min=Decimal(1)), ["36"]),
        (CreditAccountQuestion(status=InstrumentStatus.BLOCKED), []),
    ],
)
async def test_an_email_question_follows_the_customer(
    adobe: AdobeCompanyCredit,
    two_companies: respx.Router,
    question: CreditAccountQuestion,
    found: list[str],
) -> None:
    asked = CreditAccountQuestion(
        email="two-companies@example.com",
        company_id=question.company_id,
        limit_min=question.limit_min,
        status=question.status,
    )

    page = await adobe.search_credit_accounts(asked, Window())

    assert ids(page) == found
    assert (page.next_offset, page.total) == (None, len(found))


async def test_an_email_question_is_seen_through_its_window(
    adobe: AdobeCompanyCredit, two_companies: respx.Router
) -> None:
    asked = CreditAccountQuestion(email="two-companies@example.com")

    first = await adobe.search_credit_accounts(asked, Window(0, 1))
    second = await adobe.search_credit_accounts(asked, Window(1, 1))

    assert (ids(first), first.next_offset, first.total) == (["35"], 1, 2)
    assert (ids(second), second.next_offset, second.total) == (["36"], None, 2)
