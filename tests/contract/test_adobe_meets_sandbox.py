"""Adobe company credit and its stand-in, written apart from the same contract."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from app.domain.customer import CustomerIdentity
from app.domain.identifiers import ProviderAccountId
from app.domain.instruments import InstrumentStatus
from app.domain.ledger import Direction, LedgerEntryKind, LedgerQuestion
from app.domain.paging import Window
from app.domain.provider import CreditAccountQuestion
from app.domain.spendable import SpendWarning, verdict_on
from tests.contract.cast import (
    ANY_ENTRY,
    BUYERS_CREDIT,
    LIMITS,
    SHOPPER,
    Said,
    by_email,
    linked,
    signed,
)
from tests.contract.stack import NOW, Adapters, over_sandbox, section, walked

ACTIVE, BLOCKED = InstrumentStatus.ACTIVE, InstrumentStatus.BLOCKED
CREDIT_AND_CUSTOMERS = ["Magento_Company::credit_history", "Magento_Customer::customer"]
HISTORY_QUESTIONS = [
    LedgerQuestion(direction=Direction.DEBIT),
    LedgerQuestion(direction=Direction.NEUTRAL),
    LedgerQuestion(kinds=frozenset([LedgerEntryKind.REFUND])),
    LedgerQuestion(kinds=frozenset([LedgerEntryKind.BALANCE_OPERATION])),
    LedgerQuestion(kinds=frozenset([LedgerEntryKind.LIMIT_CHANGE, LedgerEntryKind.CANCELLATION])),
    LedgerQuestion(kinds=frozenset([LedgerEntryKind.SETTLEMENT])),
    LedgerQuestion(from_at=NOW - timedelta(days=90), to_at=NOW - timedelta(days=10)),
    LedgerQuestion(purchase_order="none such"),
]


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_credits_history_comes_each_row_once_newest_first(
    sources: Adapters, said: Said, limit: int
) -> None:
    adobe = sources.adobe()
    rows = (await said("/adobe/rest/default/V1/companyCredits/history?searchCriteria="))["items"]
    own = [row for row in rows if row["company_credit_id"] == 32]

    entries = await walked(
        lambda window: adobe.credit_ledger(BUYERS_CREDIT, ANY_ENTRY, window), limit=limit
    )

    assert len(entries) == 48
    assert [
        (entry.native.provider_entry_id, signed(entry) if row["amount"] else Decimal(0))
        for entry, row in zip(entries, reversed(own), strict=True)
    ] == [(str(row["id"]), row["amount"]) for row in reversed(own)]
    assert {entry.kind for entry in entries} == {
        LedgerEntryKind.BALANCE_OPERATION,
        LedgerEntryKind.LIMIT_CHANGE,
        LedgerEntryKind.REFUND,
        LedgerEntryKind.CANCELLATION,
    }


@pytest.mark.parametrize("limit", [1, 4, 100])
async def test_credits_come_each_once_with_the_status_of_their_company(
    sources: Adapters, said: Said, limit: int
) -> None:
    adobe = sources.adobe()
    listed = (await said("/adobe/rest/default/V1/companyCredits?searchCriteria="))["items"]

    credits = await walked(
        lambda window: adobe.search_credit_accounts(CreditAccountQuestion(), window),
        limit=limit,
    )

    assert [(it.provider_account_id, it.available.amount) for it in credits] == [
        (str(it["id"]), it["available_limit"]) for it in listed
    ]
    blocked = [it.provider_account_id for it in credits if it.status is not ACTIVE]
    assert blocked == ["33"]


@pytest.mark.parametrize(
    ("customer", "credits"),
    [
        (by_email("buyer"), [("32", ACTIVE)]),
        (by_email("overdrawn"), [("33", BLOCKED)]),
        (by_email("newcomer"), [("34", ACTIVE)]),
        (by_email("two-companies"), [("35", ACTIVE), ("36", ACTIVE)]),
        (by_email("two-websites"), []),
        (by_email("no-company"), []),
        (by_email("former-member"), []),
        (by_email("assistant"), []),
        (by_email("brightwater"), []),
        (by_email("nobody"), []),
        (linked("adobe", "15"), [("35", ACTIVE), ("36", ACTIVE)]),
        (linked("adobe", "customer:11"), [("31", ACTIVE)]),
        (linked("adobe", "company:22"), [("32", ACTIVE)]),
        (linked("adobe", "company:999"), []),
        (linked("adobe", "999"), []),
    ],
    ids=repr,
)
async def test_a_customer_has_the_credits_of_these_companies(
    sources: Adapters,
    customer: CustomerIdentity,
    credits: list[tuple[str, InstrumentStatus]],
) -> None:
    page = await sources.adobe().credit_accounts_of(customer)

    assert [(it.provider_account_id, it.status) for it in page.items] == credits
    assert not page.faults


async def test_a_credit_that_was_never_granted_has_no_limit(sources: Adapters) -> None:
    account = await sources.adobe().credit_account(ProviderAccountId("34"))

    assert account.limit is None
    assert verdict_on(account, at=NOW).amount.amount == 0


async def test_a_credit_without_history_has_an_empty_ledger(sources: Adapters) -> None:
    ledger = await sources.adobe().credit_ledger(ProviderAccountId("34"), ANY_ENTRY, Window())

    assert (ledger.items, ledger.next_offset, ledger.total) == ((), None, 0)


async def test_the_shop_is_found_with_and_without_the_code_of_a_store(sources: Adapters) -> None:
    assert await sources.adobe(base_path="/adobe").credit_account(
        BUYERS_CREDIT
    ) == await sources.adobe().credit_account(BUYERS_CREDIT)


async def test_a_company_that_may_not_be_read_leaves_a_doubt_but_the_credit_usable() -> None:
    weak = {"token": "credit-only", "kind": "admin", "permissions": CREDIT_AND_CUSTOMERS}
    sources = over_sandbox(section("adobe", credentials=[weak]))
    adobe = sources.adobe({"kind": "bearer", "token": "credit-only"})

    (account,) = (await adobe.credit_accounts_of(SHOPPER)).items
    listed = await adobe.search_credit_accounts(CreditAccountQuestion(), Window(0, 100))

    assert (account.status, account.owner_status_known) == (ACTIVE, False)
    verdict = verdict_on(account, at=NOW)
    assert verdict.amount == account.available
    assert verdict.warnings == (SpendWarning.OWNER_STATUS_UNKNOWN,)
    assert {(it.status, it.owner_status_known) for it in listed.items} == {(ACTIVE, False)}


@pytest.mark.parametrize(
    ("switch", "setting"),
    [
        ("filters_in_group", "or"),
        ("filters_in_group", "and"),
        ("page_past_end", "repeat_last"),
        ("page_past_end", "empty"),
        ("input_limits", "off"),
        ("input_limits", "on"),
        ("reference_column", "both"),
        ("reference_column", "purchase_order_only"),
    ],
)
class TestEverySwitchOfTheShop:
    @pytest.fixture
    def adobe(self, switch: str, setting: str) -> AdobeCompanyCredit:
        return over_sandbox(section("adobe", switches={switch: setting})).adobe()

    @pytest.mark.parametrize("limit", [1, 20, 100])
    async def test_lists_come_each_item_once(self, adobe: AdobeCompanyCredit, limit: int) -> None:
        entries = await walked(
            lambda window: adobe.credit_ledger(BUYERS_CREDIT, ANY_ENTRY, window), limit=limit
        )
        credits = await walked(
            lambda window: adobe.search_credit_accounts(CreditAccountQuestion(), window),
            limit=limit,
        )

        assert len({entry.native.provider_entry_id for entry in entries}) == len(entries) == 48
        assert len({credit.provider_account_id for credit in credits}) == len(credits) == 11

    async def test_a_page_past_the_end_is_empty(self, adobe: AdobeCompanyCredit) -> None:
        page = await adobe.credit_ledger(BUYERS_CREDIT, ANY_ENTRY, Window(480, 20))

        assert (page.items, page.next_offset) == ((), None)

    @pytest.mark.parametrize("question", HISTORY_QUESTIONS, ids=repr)
    async def test_a_filter_finds_what_reading_everything_finds(
        self, adobe: AdobeCompanyCredit, question: LedgerQuestion
    ) -> None:
        everything = await adobe.credit_ledger(BUYERS_CREDIT, ANY_ENTRY, Window(0, 100))

        found = await walked(
            lambda window: adobe.credit_ledger(BUYERS_CREDIT, question, window), limit=7
        )

        assert found == [entry for entry in everything.items if question.matches(entry)]

    async def test_entries_are_found_by_their_purchase_order(
        self, adobe: AdobeCompanyCredit
    ) -> None:
        everything = await adobe.credit_ledger(BUYERS_CREDIT, ANY_ENTRY, Window(0, 100))
        orders = {it.reference.purchase_order for it in everything.items if it.reference}

        for order in orders - {None}:
            question = LedgerQuestion(purchase_order=order)
            found = await adobe.credit_ledger(BUYERS_CREDIT, question, Window())
            assert found.items
            assert list(found.items) == [it for it in everything.items if question.matches(it)]

    @pytest.mark.parametrize(
        ("question", "credit_ids"),
        [
            (CreditAccountQuestion(email="two-companies@example.com"), ["35", "36"]),
            (CreditAccountQuestion(email="two-companies@example.com", company_id=26), ["36"]),
            (CreditAccountQuestion(company_id=29), ["39"]),
            (CreditAccountQuestion(company_id=999), []),
            (CreditAccountQuestion(status=BLOCKED), ["33"]),
            (CreditAccountQuestion(limit_min=Decimal("500000.0001")), ["40"]),
            (CreditAccountQuestion(outstanding_min=Decimal("125000")), ["36", "40"]),
        ],
        ids=repr,
    )
    async def test_a_search_finds_these_credits(
        self, adobe: AdobeCompanyCredit, question: CreditAccountQuestion, credit_ids: list[str]
    ) -> None:
        found = await walked(
            lambda window: adobe.search_credit_accounts(question, window), limit=100
        )

        assert [credit.provider_account_id for credit in found] == credit_ids


async def test_a_page_size_below_ours_is_learned_from_the_refusal() -> None:
    """The merchant may set any; the stand-in's own limit of 300 is never reached."""
    refusals: list[str] = []

    class SmallPages(httpx.AsyncBaseTransport):
        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self._inner = inner

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            asked = request.url.params.get("searchCriteria[pageSize]", "0")
            if int(asked) <= 10:
                return await self._inner.handle_async_request(request)
            refusals.append(asked)
            body = {"message": "Maximum SearchCriteria pageSize is %max", "parameters": {"max": 10}}
            return httpx.Response(400, json=body, request=request)

    adobe = over_sandbox(wrap=SmallPages).adobe()

    entries = await walked(
        lambda window: adobe.credit_ledger(BUYERS_CREDIT, ANY_ENTRY, window), limit=100
    )

    assert len(entries) == 48
    assert len(refusals) == 1
