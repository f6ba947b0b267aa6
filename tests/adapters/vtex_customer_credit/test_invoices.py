"""Invoices: by id, of an account, over the whole store."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.errors import AccountNotFound, ProviderContractBroken
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderHoldId,
    ProviderInvoiceId,
    SourceKey,
)
from app.domain.invoices import Invoice, InvoiceQuestion, InvoiceStatus
from app.domain.money import Money
from app.domain.paging import Window

ACCOUNT = ProviderAccountId("fcba59e0-7f26-11ee-ba3c-511336e1518b")
INVOICE = ProviderInvoiceId("A424887D0F2D45028FE5C96E9B0E1A2D-01")
PATH = f"/accounts/{ACCOUNT}/invoices"

Fixture = Callable[[str], str]
Document = Callable[..., str]
Brl = Callable[[str], Money]
Sent = Callable[[], list[str]]


def numbers(invoices: tuple[Invoice, ...]) -> list[str]:
    return [invoice.number for invoice in invoices]


async def test_an_invoice_is_read_by_account_and_id(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    fixture: Fixture,
    brl: Brl,
    now: datetime,
    sent: Sent,
) -> None:
    router.get(f"{root}{PATH}/{INVOICE}").respond(text=fixture("invoice.documented"))

    assert await client.invoice(ACCOUNT, INVOICE) == Invoice(
        source=SourceKey("vtex-br"),
        provider_account_id=ACCOUNT,
        provider_invoice_id=INVOICE,
        provider_hold_id=ProviderHoldId("a424887d0f2d45028fe5c96e9b0e1a2d"),
        number="u8KFsGDk-1",
        status=InvoiceStatus.OPEN,
        amount=brl("50.01"),
        credit_applied=brl("0.0"),
        issued_at=datetime(2023, 11, 9, 18, 26, 43, 211223, UTC),
        due_at=datetime(2023, 12, 9, 18, 26, 43, 211223, UTC),
        original_due_at=datetime(2023, 12, 9, 18, 26, 43, 211223, UTC),
        resolved_at=None,
        updated_at=datetime(2023, 11, 9, 18, 26, 43, 289316, UTC),
        installment=1,
        installment_count=1,
        order_id="1375060513100-01",
        payment_link=None,
        note=None,
        observed_at=now,
    )
    assert sent() == [f"{PATH}/{INVOICE}"]


async def test_an_old_invoice_names_its_account_another_way_and_lacks_members(
    client: VtexCustomerCredit, router: respx.Router, root: str, fixture: Fixture, brl: Brl
) -> None:
    router.get(f"{root}/accounts/55555555555_CPF/invoices/{INVOICE}").respond(
        text=fixture("invoice.before-2020")
    )

    invoice = await client.invoice(ProviderAccountId("55555555555_CPF"), INVOICE)

    assert invoice.provider_account_id == "55555555555_CPF"
    assert invoice.number == INVOICE
    assert invoice.amount == brl("50.01")
    assert (invoice.installment, invoice.installment_count) == (1, None)
    assert invoice.order_id is None


async def test_a_hundredth_instalment_keeps_its_hold(
    client: VtexCustomerCredit, router: respx.Router, root: str, document: Document
) -> None:
    invoice_id = ProviderInvoiceId("A424887D0F2D45028FE5C96E9B0E1A2D-100")
    router.get(f"{root}{PATH}/{invoice_id}").respond(
        text=document("invoice.documented", id=invoice_id, installment=100)
    )

    invoice = await client.invoice(ACCOUNT, invoice_id)

    assert invoice.provider_hold_id == "a424887d0f2d45028fe5c96e9b0e1a2d"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Opened", InvoiceStatus.OPEN),
        ("Open", InvoiceStatus.OPEN),
        ("Paid", InvoiceStatus.PAID),
        ("Cancelled", InvoiceStatus.CANCELLED),
        ("Expired", InvoiceStatus.UNKNOWN),
    ],
)
async def test_every_known_status_word_has_its_meaning(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    word: str,
    status: InvoiceStatus,
) -> None:
    router.get(f"{root}{PATH}/{INVOICE}").respond(text=document("invoice.documented", status=word))

    assert (await client.invoice(ACCOUNT, INVOICE)).status is status


async def test_an_invoice_is_the_same_in_either_case_of_its_id(
    client: VtexCustomerCredit, router: respx.Router, fixture: Fixture
) -> None:
    router.route().respond(text=fixture("invoice.documented"))

    invoice = await client.invoice(ACCOUNT, ProviderInvoiceId(INVOICE.lower()))

    assert invoice.provider_invoice_id == INVOICE


@pytest.mark.parametrize(
    "members",
    [
        {"id": "A424887D0F2D45028FE5C96E9B0E1A2D-02"},
        {"accountId": "else", "creditAccountId": "else"},
        {"accountId": None, "creditAccountId": None},
    ],
    ids=["another id", "another account", "no account"],
)
async def test_another_invoice_than_asked_for_breaks_the_contract(
    client: VtexCustomerCredit, router: respx.Router, document: Document, members: dict[str, str]
) -> None:
    router.route().respond(text=document("invoice.documented", **members))

    with pytest.raises(ProviderContractBroken):
        await client.invoice(ACCOUNT, INVOICE)


async def test_an_unknown_invoice_is_not_found(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    router.route().respond(404)

    with pytest.raises(AccountNotFound) as refusal:
        await client.invoice(ACCOUNT, INVOICE)

    assert refusal.value.kind == "invoice"


async def test_an_invoice_id_that_no_path_can_hold_is_not_asked_for(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    with pytest.raises(AccountNotFound):
        await client.invoice(ACCOUNT, ProviderInvoiceId(".."))

    assert not router.calls


async def test_a_postponed_invoice_keeps_its_first_due_date(
    client: VtexCustomerCredit, router: respx.Router, root: str, fixture: Fixture, brl: Brl
) -> None:
    router.get(f"{root}{PATH}").respond(text=fixture("invoices.documented"))

    page = await client.invoices_of_account(ACCOUNT, Window())

    paid, postponed, cancelled = page.items
    assert postponed.original_due_at == datetime(2023, 12, 10, 19, 46, 50, 551354, UTC)
    assert postponed.due_at == datetime(2023, 12, 18, 19, 46, 50, 551354, UTC)
    assert (paid.note, paid.payment_link) == ("Open test", "https://www.teste.com.br")
    assert paid.resolved_at == datetime(2023, 11, 13, 19, 12, 17, 277823, UTC)
    assert [it.amount for it in (paid, postponed, cancelled)] == [
        brl("5.01"),
        brl("0.91"),
        brl("1.21"),
    ]
    assert [it.status for it in (paid, postponed, cancelled)] == [
        InvoiceStatus.PAID,
        InvoiceStatus.OPEN,
        InvoiceStatus.CANCELLED,
    ]


@pytest.fixture
def serve(router: respx.Router, document: Document, listed: Document) -> Callable[..., None]:
    """
    Puts up a list of invoices n0, n1, ... that heeds `from` and `to`, or ignores them; no page has
    more than *ceiling*.
    """

    def put_up(count: int, *, pages: bool, ceiling: int | None = None) -> None:
        invoices = [
            document("invoice.documented", id=f"T-{n}", friendlyId=f"n{n}") for n in range(count)
        ]

        def answer(request: httpx.Request) -> httpx.Response:
            asked = request.url.params
            shown = invoices[int(asked["from"]) - 1 : int(asked["to"])] if pages else invoices
            return httpx.Response(200, text=listed(*shown[:ceiling]))

        router.route().mock(side_effect=answer)

    return put_up


@pytest.mark.parametrize("paging", ["heeded", "ignored"])
@pytest.mark.parametrize("limits", [[1], [2], [5], [20], [21], [1, 5], [3, 2, 7, 1, 9]])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 9, 10, 11, 15, 16, 20, 21, 40])
async def test_walking_an_account_shows_each_invoice_once_in_order(
    client: VtexCustomerCredit,
    serve: Callable[..., None],
    count: int,
    limits: list[int],
    paging: str,
) -> None:
    serve(count, pages=paging == "heeded")
    seen: list[str] = []
    offset: int | None = 0
    rest = itertools.cycle(limits)

    while offset is not None:
        window = Window(offset, next(rest))
        page = await client.invoices_of_account(ACCOUNT, window)
        assert len(page.items) <= window.limit
        assert page.total in (None, count)
        seen += numbers(page.items)
        offset = page.next_offset

    assert seen == [f"n{n}" for n in range(count)]


async def test_the_first_page_is_asked_for_and_one_further_a_later_one_shorter_than_what_is_before(
    client: VtexCustomerCredit, serve: Callable[..., None], sent: Sent
) -> None:
    serve(60, pages=True)

    for window in (Window(0, 20), Window(1, 20), Window(20, 20), Window(40, 20), Window(0, 1000)):
        await client.invoices_of_account(ACCOUNT, window)

    assert sent() == [
        f"{PATH}?from=1&to=21",
        f"{PATH}?from=1&to=22",
        f"{PATH}?from=21&to=39",
        f"{PATH}?from=41&to=60",
        f"{PATH}?from=1&to=101",
    ]


@pytest.mark.parametrize("ceiling", [20, 25, 50])
@pytest.mark.parametrize("limit", [10, 20, 25, 100])
async def test_pages_that_the_provider_keeps_short_lose_no_invoice(
    client: VtexCustomerCredit, serve: Callable[..., None], ceiling: int, limit: int
) -> None:
    serve(60, pages=True, ceiling=ceiling)
    seen: list[str] = []
    offset: int | None = 0

    while offset is not None:
        page = await client.invoices_of_account(ACCOUNT, Window(offset, limit))
        seen += numbers(page.items)
        offset = page.next_offset

    assert seen == [f"n{n}" for n in range(60)]


async def test_an_invoice_that_cannot_be_read_is_stepped_over(
    client: VtexCustomerCredit,
    router: respx.Router,
    document: Document,
    listed: Document,
) -> None:
    router.route().respond(
        text=listed(
            document("invoice.documented", friendlyId="first"),
            document("invoice.documented", dueDate="soon"),
            document("invoice.documented", accountId="else", creditAccountId="else"),
            "null",
            document("invoice.documented", friendlyId="last", status="Disputed"),
        )
    )

    page = await client.invoices_of_account(ACCOUNT, Window())

    assert numbers(page.items) == ["first", "last"]
    assert page.items[1].status is InvoiceStatus.UNKNOWN
    assert len(page.faults) == 3


async def test_invoices_of_an_unknown_account_are_not_found(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    router.route().respond(404)

    with pytest.raises(AccountNotFound) as refusal:
        await client.invoices_of_account(ACCOUNT, Window())

    assert refusal.value.kind == "credit account"


AT = datetime(2026, 1, 20, 10, 30, 15, 999999, UTC)


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        (InvoiceQuestion(), ""),
        (InvoiceQuestion(statuses=frozenset([InvoiceStatus.OPEN])), "&status=Opened"),
        (InvoiceQuestion(statuses=frozenset([InvoiceStatus.PAID])), "&status=Paid"),
        (InvoiceQuestion(statuses=frozenset([InvoiceStatus.CANCELLED])), "&status=Cancelled"),
        (InvoiceQuestion(statuses=frozenset([InvoiceStatus.UNKNOWN])), ""),
        (InvoiceQuestion(statuses=frozenset([InvoiceStatus.OPEN, InvoiceStatus.PAID])), ""),
        (InvoiceQuestion(overdue=True), "&status=Opened"),
        (InvoiceQuestion(overdue=False), ""),
        (InvoiceQuestion(created_from=AT), "&createdDateFrom=2026-01-20T10%3A30%3A14Z"),
        (InvoiceQuestion(created_to=AT), "&createdDateTo=2026-01-20T10%3A30%3A16Z"),
        (InvoiceQuestion(due_from=AT), "&dueDateFrom=2026-01-20T10%3A30%3A14Z"),
        (InvoiceQuestion(due_to=AT), "&dueDateTo=2026-01-20T10%3A30%3A16Z"),
        (
            InvoiceQuestion(due_from=datetime.min.replace(tzinfo=UTC)),
            "&dueDateFrom=0001-01-01T00%3A00%3A00Z",
        ),
        (InvoiceQuestion(amount=Decimal("1E+2")), "&value=100"),
        (InvoiceQuestion(amount=Decimal("101.220")), "&value=101.220"),
        (InvoiceQuestion(number="u8KFsGDk-1"), "&friendlyId=u8KFsGDk-1"),
        (InvoiceQuestion(number="u8KF"), ""),
        (InvoiceQuestion(number="A424887D0F2D45028FE5C96E9B0E1A2D-01"), ""),
        (InvoiceQuestion(note="test", order_id="1-01"), ""),
    ],
)
async def test_a_search_sends_what_the_provider_surely_understands(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    listed: Document,
    sent: Sent,
    question: InvoiceQuestion,
    filters: str,
) -> None:
    router.get(f"{root}/invoices").respond(text=listed())

    await client.search_invoices(question, Window(200, 20))

    assert sent() == [f"/invoices?from=201&to=220{filters}"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (InvoiceQuestion(), ["u8KFsGDk-1", "8UfrLSCc-1", "mvOEfmdk-1"]),
        (InvoiceQuestion(statuses=frozenset([InvoiceStatus.PAID])), ["u8KFsGDk-1"]),
        (InvoiceQuestion(overdue=True), ["8UfrLSCc-1"]),
        (InvoiceQuestion(note="OPEN"), ["u8KFsGDk-1"]),
        (InvoiceQuestion(number="sgd"), ["u8KFsGDk-1"]),
        (InvoiceQuestion(order_id="1376020513104-01"), ["mvOEfmdk-1"]),
        (InvoiceQuestion(amount=Decimal("1.210")), ["mvOEfmdk-1"]),
        (
            InvoiceQuestion(due_from=datetime(2023, 12, 18, 19, 46, 50, 551354, UTC)),
            ["8UfrLSCc-1"],
        ),
    ],
)
async def test_a_search_matches_again_what_came_back(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    fixture: Fixture,
    question: InvoiceQuestion,
    found: list[str],
) -> None:
    router.get(f"{root}/invoices").respond(text=fixture("invoices.documented"))

    page = await client.search_invoices(question, Window())

    assert numbers(page.items) == found
    assert (page.next_offset, page.total) == (None, None)


async def test_the_next_window_of_a_search_counts_what_the_provider_showed(
    client: VtexCustomerCredit, serve: Callable[..., None]
) -> None:
    serve(60, pages=True)

    page = await client.search_invoices(InvoiceQuestion(number="n7"), Window(0, 10))

    assert (numbers(page.items), page.next_offset) == (["n7"], 10)


async def test_a_search_that_is_not_there_breaks_the_contract(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    router.route().respond(404)

    with pytest.raises(ProviderContractBroken):
        await client.search_invoices(InvoiceQuestion(), Window())


async def test_an_invoice_due_this_instant_is_not_overdue(
    client: VtexCustomerCredit, router: respx.Router, document: Document, now: datetime
) -> None:
    router.route().respond(text=document("invoice.documented", dueDate="2026-11-22T12:00:00"))

    invoice = await client.invoice(ACCOUNT, INVOICE)

    assert not invoice.is_overdue(now)
    assert invoice.is_overdue(now + timedelta(microseconds=1))
