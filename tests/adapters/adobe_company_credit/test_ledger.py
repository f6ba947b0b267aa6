"""The history of a credit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import httpx
import pytest
import respx

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from app.domain.errors import AccountNotFound, ProviderContractBroken, SourceProblemKind
from app.domain.identifiers import ProviderAccountId, ProviderEntryId, SourceKey
from app.domain.instruments import InstrumentKind
from app.domain.ledger import (
    Actor,
    ActorKind,
    BalanceOperation,
    Direction,
    EntryReference,
    LedgerEntry,
    LedgerEntryKind,
    LedgerQuestion,
    NativeEntry,
)
from app.domain.money import Currency, Money
from app.domain.paging import Page, Window
from tests.adapters.adobe_company_credit.writing import history, listed, row, searches

SEVEN = ProviderAccountId("7")
HISTORY = "/V1/companyCredits/history"
NEWEST_FIRST = (
    "searchCriteria[sortOrders][0][field]=entity_id&searchCriteria[sortOrders][0][direction]=DESC"
)
OF_SEVEN = (
    "searchCriteria[filterGroups][0][filters][0][field]=company_credit_id"
    "&searchCriteria[filterGroups][0][filters][0][value]=7"
    "&searchCriteria[filterGroups][0][filters][0][conditionType]=eq"
)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), Currency("USD"))


WIRE_RECEIVED = LedgerEntry(
    source=SourceKey("adobe"),
    instrument_kind=InstrumentKind.CREDIT_LINE,
    instrument_id="7",
    kind=LedgerEntryKind.BALANCE_OPERATION,
    direction=Direction.CREDIT,
    amount=usd("249.5"),
    occurred_at=datetime(2025, 3, 1, 10, 15, tzinfo=UTC),
    native=NativeEntry(ProviderEntryId("103"), "Reimbursed"),
    balance_after=usd("-1250.5"),
    available_after=usd("3749.5"),
    reference=EntryReference(kind="purchase_order", value="WIRE-5512", purchase_order="WIRE-5512"),
    actor=Actor(ActorKind.STAFF),
    note="wire received",
    operation=BalanceOperation.REIMBURSEMENT,
    rate=Decimal(1),
)


def entry_ids(page: Page[LedgerEntry]) -> list[str]:
    return [entry.native.provider_entry_id for entry in page.items]


async def test_the_history_is_read_newest_first(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    sent: Callable[[], list[str]],
) -> None:
    shop.get(HISTORY).respond(content=body("spec.history"))

    page = await adobe.credit_ledger(SEVEN, LedgerQuestion(), Window(0, 20))

    assert sent() == [
        f"GET {HISTORY}?{OF_SEVEN}&{NEWEST_FIRST}"
        "&searchCriteria[pageSize]=20&searchCriteria[currentPage]=1"
    ]
    assert page == Page(items=(WIRE_RECEIVED,), next_offset=None, total=1)


async def test_a_window_past_the_end_does_not_repeat_the_last_page(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get(HISTORY).respond(content=body("spec.history"))

    page = await adobe.credit_ledger(SEVEN, LedgerQuestion(), Window(40, 20))

    assert page == Page(items=(), next_offset=None, total=1)


async def test_the_worked_example_reads_as_it_is_told(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get(HISTORY).respond(content=body("contract.history.worked_through"))

    page = await adobe.credit_ledger(SEVEN, LedgerQuestion(), Window())

    assert [
        (entry.kind.value, entry.direction.value, str(entry.amount.amount), entry.operation)
        for entry in reversed(page.items)
    ] == [
        ("LIMIT_CHANGE", "NEUTRAL", "0", None),
        ("BALANCE_OPERATION", "DEBIT", "1500", BalanceOperation.PURCHASE),
        ("BALANCE_OPERATION", "CREDIT", "249.5", BalanceOperation.REIMBURSEMENT),
        ("BALANCE_OPERATION", "DEBIT", "4000", BalanceOperation.PURCHASE),
        ("BALANCE_OPERATION", "CREDIT", "6000", BalanceOperation.REIMBURSEMENT),
        ("REFUND", "CREDIT", "100", None),
        ("BALANCE_OPERATION", "DEBIT", "849.5", BalanceOperation.MANUAL_DEBIT),
        ("LIMIT_CHANGE", "NEUTRAL", "0", None),
    ]
    assert [entry.limit_after for entry in page.items if entry.limit_after] == [
        usd("4000"),
        usd("5000"),
    ]


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        (LedgerQuestion(kinds=frozenset([LedgerEntryKind.LIMIT_CHANGE])), [("type", "1,2", "in")]),
        (
            LedgerQuestion(kinds=frozenset([LedgerEntryKind.REFUND, LedgerEntryKind.CANCELLATION])),
            [("type", "5,6", "in")],
        ),
        (
            LedgerQuestion(kinds=frozenset([LedgerEntryKind.REFUND, LedgerEntryKind.SETTLEMENT])),
            [("type", "5", "in")],
        ),
        (
            LedgerQuestion(kinds=frozenset([LedgerEntryKind.BALANCE_OPERATION])),
            [("type", "5,6", "nin")],
        ),
        (
            LedgerQuestion(
                kinds=frozenset([LedgerEntryKind.BALANCE_OPERATION, LedgerEntryKind.REFUND])
            ),
            [("type", "6", "nin")],
        ),
        (LedgerQuestion(kinds=frozenset(LedgerEntryKind)), []),
        (LedgerQuestion(direction=Direction.CREDIT), [("amount", "0", "gt")]),
        (LedgerQuestion(direction=Direction.DEBIT), [("amount", "0", "lt")]),
        (LedgerQuestion(direction=Direction.NEUTRAL), [("amount", "0", "eq")]),
        (
            LedgerQuestion(
                from_at=datetime(2025, 3, 1, 12, 15, tzinfo=timezone(timedelta(hours=2))),
                to_at=datetime(2025, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC),
            ),
            [
                ("datetime", "2025-03-01 10:15:00", "gteq"),
                ("datetime", "2025-03-01 23:59:59", "lteq"),
            ],
        ),
    ],
)
async def test_a_question_narrows_the_history_one_filter_a_group(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    question: LedgerQuestion,
    filters: list[tuple[str, str, str]],
) -> None:
    shop.get(HISTORY).respond(content=body("spec.history"))

    await adobe.credit_ledger(SEVEN, question, Window())

    asked = shop.calls.last.request.url.params
    sent = [
        tuple(
            asked[f"searchCriteria[filterGroups][{group}][filters][0][{member}]"]
            for member in ("field", "value", "conditionType")
        )
        for group in range(1, sum("[field]" in name and "Groups" in name for name in asked))
    ]
    assert sent == filters


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (LedgerQuestion(kinds=frozenset([LedgerEntryKind.LIMIT_CHANGE])), ["108", "101"]),
        (
            LedgerQuestion(kinds=frozenset([LedgerEntryKind.BALANCE_OPERATION])),
            ["107", "105", "104", "103", "102"],
        ),
        (LedgerQuestion(direction=Direction.DEBIT), ["107", "104", "102"]),
        (LedgerQuestion(purchase_order="WIRE-5512"), ["105", "103"]),
        (LedgerQuestion(purchase_order="wire-5512"), []),
        (LedgerQuestion(from_at=datetime(2025, 3, 7, 10, 15, 0, 1, tzinfo=UTC)), ["108"]),
    ],
)
async def test_rows_that_adobe_could_not_leave_out_are_dropped(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    question: LedgerQuestion,
    found: list[str],
) -> None:
    shop.get(HISTORY).respond(content=body("contract.history.worked_through"))

    page = await adobe.credit_ledger(SEVEN, question, Window())

    assert entry_ids(page) == found
    assert page.total is None


async def test_a_window_counts_the_rows_of_adobe(
    adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
) -> None:
    shop.get(HISTORY).respond(content=body("contract.history.worked_through"))

    page = await adobe.credit_ledger(
        SEVEN, LedgerQuestion(direction=Direction.NEUTRAL), Window(0, 2)
    )

    assert entry_ids(page) == ["108"]
    assert page.next_offset == 2


async def test_kinds_that_adobe_does_not_have_are_not_asked_for(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    sent: Callable[[], list[str]],
) -> None:
    shop.get("/V1/companyCredits/7").respond(content=body("spec.credit.granted"))

    page = await adobe.credit_ledger(
        SEVEN, LedgerQuestion(kinds=frozenset([LedgerEntryKind.INVOICE_PAYMENT])), Window()
    )

    assert page == Page(items=(), next_offset=None, total=0)
    assert sent() == ["GET /V1/companyCredits/7"]


async def test_an_empty_history_is_empty_when_the_credit_exists(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    list_body: Callable[..., bytes],
) -> None:
    shop.get(HISTORY).respond(content=list_body())
    shop.get("/V1/companyCredits/7").respond(content=body("spec.credit.granted"))

    page = await adobe.credit_ledger(SEVEN, LedgerQuestion(), Window())

    assert page == Page(items=(), next_offset=None, total=0)


async def test_the_history_of_an_unknown_credit_is_not_found(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    list_body: Callable[..., bytes],
) -> None:
    shop.get(HISTORY).respond(content=list_body())
    shop.get("/V1/companyCredits/7").respond(404, content=body("spec.404.credit"))

    with pytest.raises(AccountNotFound):
        await adobe.credit_ledger(SEVEN, LedgerQuestion(), Window())


async def test_an_id_that_adobe_cannot_have_has_no_history(
    adobe: AdobeCompanyCredit, shop: respx.Router
) -> None:
    with pytest.raises(AccountNotFound):
        await adobe.credit_ledger(ProviderAccountId("7,8"), LedgerQuestion(), Window())

    assert not shop.calls


async def test_rows_of_another_credit_and_broken_rows_cost_a_fault_each(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
) -> None:
    whole = body("contract.history.worked_through")
    shop.get(HISTORY).respond(
        content=whole.replace(b'"company_credit_id": 7', b'"company_credit_id": 8', 1).replace(
            b'"2025-03-01 10:15:00"', b'"yesterday"'
        )
    )

    page = await adobe.credit_ledger(SEVEN, LedgerQuestion(), Window())

    assert entry_ids(page) == ["107", "106", "105", "104", "103", "102"]
    assert [fault.kind for fault in page.faults] == [SourceProblemKind.BAD_RESPONSE] * 2


async def test_an_entry_is_found_again_by_its_id(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    sent: Callable[[], list[str]],
) -> None:
    shop.get(HISTORY).respond(content=body("spec.history"))

    entry = await adobe.credit_ledger_entry(SEVEN, ProviderEntryId("103"))

    assert entry == WIRE_RECEIVED
    assert sent() == [
        f"GET {HISTORY}?{OF_SEVEN}"
        "&searchCriteria[filterGroups][1][filters][0][field]=entity_id"
        "&searchCriteria[filterGroups][1][filters][0][value]=103"
        "&searchCriteria[filterGroups][1][filters][0][conditionType]=eq"
        f"&{NEWEST_FIRST}&searchCriteria[pageSize]=1&searchCriteria[currentPage]=1"
    ]


async def test_an_unknown_entry_is_not_found(
    adobe: AdobeCompanyCredit, shop: respx.Router, list_body: Callable[..., bytes]
) -> None:
    shop.get(HISTORY).respond(content=list_body())

    with pytest.raises(AccountNotFound) as refusal:
        await adobe.credit_ledger_entry(SEVEN, ProviderEntryId("103"))

    assert refusal.value.kind == "ledger entry"


@pytest.mark.parametrize(("account", "entry"), [("7", "x"), ("x", "103"), ("7", "0103")])
async def test_an_entry_that_adobe_cannot_have_is_not_asked_for(
    adobe: AdobeCompanyCredit, shop: respx.Router, account: str, entry: str
) -> None:
    with pytest.raises(AccountNotFound):
        await adobe.credit_ledger_entry(ProviderAccountId(account), ProviderEntryId(entry))

    assert not shop.calls


@pytest.mark.parametrize(
    "change",
    [(b'"id": 103', b'"id": 104'), (b'"company_credit_id": 7', b'"company_credit_id": 8')],
)
async def test_another_entry_than_asked_for_is_refused(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    body: Callable[[str], bytes],
    change: tuple[bytes, bytes],
) -> None:
    shop.get(HISTORY).respond(content=body("spec.history").replace(*change))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_ledger_entry(SEVEN, ProviderEntryId("103"))


async def test_an_entry_promised_but_not_shown_is_a_broken_contract(
    adobe: AdobeCompanyCredit, shop: respx.Router, list_body: Callable[..., bytes]
) -> None:
    shop.get(HISTORY).respond(content=list_body(total=1))

    with pytest.raises(ProviderContractBroken):
        await adobe.credit_ledger_entry(SEVEN, ProviderEntryId("103"))


class TestPurchaseOrders:
    MARK = "cg-0123456789abcdef0123456789abcdef-1"

    async def test_one_is_looked_for_in_its_field_and_in_comments(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        ours = row(
            92, purchase_order=self.MARK, comment=f'{{"custom":"{self.MARK} Purchase order: P/1"}}'
        )
        longer = row(
            91, purchase_order=self.MARK, comment=f'{{"custom":"{self.MARK} Purchase order: P-1"}}'
        )
        rows = history(
            shop,
            lambda filters: (
                [ours, longer] if "comment like" in filters else [row(93, purchase_order="P/1")]
            ),
        )

        page = await adobe.credit_ledger(
            SEVEN, LedgerQuestion(direction=Direction.CREDIT, purchase_order="P/1"), Window(0, 1)
        )
        rest = await adobe.credit_ledger(SEVEN, LedgerQuestion(purchase_order="P/1"), Window(1, 5))

        assert (entry_ids(page), page.next_offset) == (["93"], 1)
        assert (entry_ids(rest), rest.next_offset) == (["92"], None)
        narrowed = {"company_credit_id eq": "7", "amount gt": "0"}
        asked = searches(rows)[:2]
        assert narrowed | {"purchase_order eq": "P/1"} in asked
        assert narrowed | {"comment like": '%Purchase order: P%1"%'} in asked

    async def test_more_rows_than_a_page_holds_are_all_read(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        def answer(filters: Mapping[str, str]) -> httpx.Response:
            if "comment like" in filters:
                return httpx.Response(200, content=listed([row(92)], 101))
            return httpx.Response(200, content=listed([row(92), row(91, purchase_order="P")], 200))

        rows = history(shop, answer)
        page = await adobe.credit_ledger(SEVEN, LedgerQuestion(purchase_order="P"), Window(0, 2))

        assert (entry_ids(page), page.next_offset) == (["91"], 2)
        assert searches(rows)[-1] == {"company_credit_id eq": "7"}

    async def test_one_that_nobody_used_finds_nothing(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, body: Callable[[str], bytes]
    ) -> None:
        history(shop, lambda _: [])
        shop.get("/V1/companyCredits/7").respond(content=body("spec.credit.granted"))

        page = await adobe.credit_ledger(SEVEN, LedgerQuestion(purchase_order="P"), Window())

        assert page == Page(items=(), next_offset=None, total=0)
