"""Credit accounts: by id, of a customer, searched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.customer import CustomerIdentity, IdentityMatch, Link
from app.domain.errors import (
    AccountNotFound,
    IdentityNotLinked,
    ProviderContractBroken,
)
from app.domain.identifiers import ProviderAccountId, ProviderCustomerId, SourceKey
from app.domain.instruments import (
    CreditAccount,
    InstrumentStatus,
    VtexCreditAccountDetails,
    VtexDocumentType,
)
from app.domain.money import Currency, Money
from app.domain.paging import Window
from app.domain.provider import CreditAccountQuestion

SHOPPER = ProviderAccountId("11144477735_CPF")

Fixture = Callable[[str], str]
Document = Callable[..., str]
Brl = Callable[[str], Money]
Sent = Callable[[], list[str]]


def linked_to(account_id: str) -> CustomerIdentity:
    links = (
        Link(SourceKey("vtex-us"), ProviderCustomerId("else"), IdentityMatch.CONFIG),
        Link(SourceKey("vtex-br"), ProviderCustomerId(account_id), IdentityMatch.CONFIG),
    )
    return CustomerIdentity(email="shopper@example.com", document="11144477735", links=links)


def ids(accounts: tuple[CreditAccount, ...]) -> list[str]:
    return [account.provider_account_id for account in accounts]


async def test_a_read_sends_the_key_pair_and_both_content_headers(
    client: VtexCustomerCredit, router: respx.Router, root: str, fixture: Fixture
) -> None:
    router.get(f"{root}/accounts/11144477735_CPF").respond(text=fixture("account.worked-example"))

    await client.credit_account(SHOPPER)

    request = router.calls.last.request
    assert (request.method, request.content) == ("GET", b"")
    assert request.url == f"{root}/accounts/11144477735_CPF"
    assert sorted(request.headers.items()) == [
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("host", "store.example"),
        ("x-vtex-api-appkey", "vtexappkey-store-ABCDEF"),
        ("x-vtex-api-apptoken", "SECRETTOKEN"),
    ]


async def test_an_account_keeps_every_digit_and_takes_the_currency_of_the_source(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    fixture: Fixture,
    brl: Brl,
    now: datetime,
) -> None:
    router.get(f"{root}/accounts/11144477735_CPF").respond(text=fixture("account.worked-example"))

    assert await client.credit_account(SHOPPER) == CreditAccount(
        source=SourceKey("vtex-br"),
        provider_account_id=SHOPPER,
        currency=Currency("BRL"),
        status=InstrumentStatus.ACTIVE,
        limit=brl("1000"),
        available=brl("850.555"),
        available_other=brl("850.555"),
        outstanding=None,
        held=brl("0"),
        tolerance=Decimal("0.10"),
        holder_email="shopper@example.com",
        opened_at=datetime(2025, 12, 4, 14, 6, 2, 790500, UTC),
        updated_at=datetime(2026, 11, 20, 15, 26, 40, 342571, UTC),
        observed_at=now,
        details=VtexCreditAccountDetails(
            account_id=SHOPPER,
            email="shopper@example.com",
            document="11144477735",
            document_type=VtexDocumentType.CPF,
            balance=brl("0"),
            available_credit=brl("850.555"),
            available_balance=brl("850.555"),
            pre_authorized_credit=brl("0"),
            raw_status="Open",
        ),
    )


@pytest.mark.parametrize(
    ("number", "amount"),
    [
        ("850.555", "850.555"),
        ("0.1", "0.1"),
        ("1234567890123456.789", "1234567890123456.789"),
        ("-15.0", "-15.0"),
        ("-0.0", "0.0"),
        ("7", "7"),
        ('"12.50"', "12.50"),
    ],
)
async def test_money_is_read_from_the_digits_of_a_number_or_text(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    fixture: Fixture,
    number: str,
    amount: str,
) -> None:
    body = fixture("account.worked-example").replace(
        '"availableCredit": 850.555', f'"availableCredit": {number}'
    )
    router.get(f"{root}/accounts/11144477735_CPF").respond(text=body)

    account = await client.credit_account(SHOPPER)

    assert str(account.available.amount) == amount


async def test_two_figures_that_disagree_are_both_kept(
    client: VtexCustomerCredit, router: respx.Router, root: str, document: Document, brl: Brl
) -> None:
    body = document("account.documented", availableCredit=5000, availableBalance=4500)
    router.get(f"{root}/accounts/11111111111_CPF").respond(text=body)

    account = await client.credit_account(ProviderAccountId("11111111111_CPF"))

    assert (account.available, account.available_other) == (brl("5000"), brl("4500"))


async def test_a_tolerance_above_one_is_passed_on(
    client: VtexCustomerCredit, router: respx.Router, root: str, document: Document
) -> None:
    body = document("account.documented", tolerance=Decimal("20.0"))
    router.get(f"{root}/accounts/11111111111_CPF").respond(text=body)

    account = await client.credit_account(ProviderAccountId("11111111111_CPF"))

    assert account.tolerance == Decimal("20.0")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Open", InstrumentStatus.ACTIVE),
        ("Closed", InstrumentStatus.CLOSED),
        ("Cancelled", InstrumentStatus.CLOSED),
        ("Opened", InstrumentStatus.UNKNOWN),
        ("Frozen", InstrumentStatus.UNKNOWN),
        ("", InstrumentStatus.UNKNOWN),
    ],
)
async def test_only_the_word_open_makes_an_account_active(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    word: str,
    status: InstrumentStatus,
) -> None:
    router.get(f"{root}/accounts/11111111111_CPF").respond(
        text=document("account.documented", status=word)
    )

    account = await client.credit_account(ProviderAccountId("11111111111_CPF"))

    assert account.status is status
    assert isinstance(account.details, VtexCreditAccountDetails)
    assert account.details.raw_status == word


@pytest.mark.parametrize("nothing", [None, ""])
async def test_an_erased_identity_is_no_identity(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    nothing: str | None,
) -> None:
    erased = dict.fromkeys(("document", "documentType", "email"), nothing)
    router.get(f"{root}/accounts/11111111111_CPF").respond(
        text=document("account.documented", **erased)
    )

    account = await client.credit_account(ProviderAccountId("11111111111_CPF"))

    assert isinstance(account.details, VtexCreditAccountDetails)
    assert account.holder_email is None
    assert account.details.email is None
    assert account.details.document is None
    assert account.details.document_type is None


@pytest.mark.parametrize(
    ("word", "document_type"),
    [
        ("CNPJ", VtexDocumentType.CNPJ),
        ("Other", VtexDocumentType.OTHER),
        ("Passport", None),
    ],
)
async def test_a_document_type_is_one_of_three_or_not_known(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    word: str,
    document_type: VtexDocumentType | None,
) -> None:
    router.get(f"{root}/accounts/11111111111_CPF").respond(
        text=document("account.documented", documentType=word)
    )

    account = await client.credit_account(ProviderAccountId("11111111111_CPF"))

    assert isinstance(account.details, VtexCreditAccountDetails)
    assert account.details.document_type is document_type


@pytest.mark.parametrize("body", ["", '{"message":"gone"}', "<html>"])
async def test_a_404_of_any_body_is_no_such_account(
    client: VtexCustomerCredit, router: respx.Router, root: str, body: str
) -> None:
    router.get(f"{root}/accounts/unknown").respond(404, text=body)

    with pytest.raises(AccountNotFound) as refusal:
        await client.credit_account(ProviderAccountId("unknown"))

    assert refusal.value.kind == "credit account"


async def test_another_account_than_asked_for_breaks_the_contract(
    client: VtexCustomerCredit, router: respx.Router, root: str, fixture: Fixture
) -> None:
    router.get(f"{root}/accounts/11144477735_CPF").respond(text=fixture("account.documented"))

    with pytest.raises(ProviderContractBroken):
        await client.credit_account(SHOPPER)


@pytest.mark.parametrize(
    ("account_id", "path"),
    [
        ("../invoices", "/accounts/..%2Finvoices"),
        ("a/b?c#d", "/accounts/a%2Fb%3Fc%23d"),
        ("%2e%2e", "/accounts/%252e%252e"),
        ("ação 1+1", "/accounts/a%C3%A7%C3%A3o%201%2B1"),
    ],
)
async def test_a_hostile_id_stays_one_segment(
    client: VtexCustomerCredit, router: respx.Router, sent: Sent, account_id: str, path: str
) -> None:
    router.route().respond(404)

    with pytest.raises(AccountNotFound):
        await client.credit_account(ProviderAccountId(account_id))

    assert sent() == [path]


@pytest.mark.parametrize("account_id", ["", ".", "..", "a\nb", "a\x00", "\ud800", "9" * 513])
async def test_an_id_that_no_path_can_hold_is_nobodys_and_is_not_asked_for(
    client: VtexCustomerCredit, router: respx.Router, account_id: str
) -> None:
    with pytest.raises(AccountNotFound):
        await client.credit_account(ProviderAccountId(account_id))

    assert not router.calls


async def test_a_linked_customer_is_read_by_account_id(
    client: VtexCustomerCredit, router: respx.Router, root: str, document: Document, sent: Sent
) -> None:
    router.get(f"{root}/accounts/39f5f920-UUID").respond(
        text=document("account.documented", id="39F5F920-uuid", email="else@example.com")
    )

    page = await client.credit_accounts_of(linked_to("39f5f920-UUID"))

    assert ids(page.items) == ["39F5F920-uuid"]
    assert sent() == ["/accounts/39f5f920-UUID"]


async def test_a_link_to_an_account_that_is_gone_leaves_no_account(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    router.route().respond(404)

    page = await client.credit_accounts_of(linked_to("gone"))

    assert (page.items, page.next_offset, page.faults) == ((), None, ())


async def test_an_unlinked_customer_is_found_by_email_whatever_its_case(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    listed: Document,
    sent: Sent,
) -> None:
    router.get(f"{root}/accounts").respond(
        text=listed(document("account.documented", email="Ann+Club@Example.com"))
    )

    page = await client.credit_accounts_of(
        CustomerIdentity(email="ann+club@example.com", document="11144477735")
    )

    assert ids(page.items) == ["11111111111_CPF"]
    assert sent() == ["/accounts?from=1&to=20&email=ann%2Bclub%40example.com"]


async def test_a_customer_whose_email_nobody_has_here_has_no_account(
    client: VtexCustomerCredit, router: respx.Router, root: str, listed: Document
) -> None:
    router.get(f"{root}/accounts").respond(text=listed())

    page = await client.credit_accounts_of(CustomerIdentity(email="newcomer@example.com"))

    assert (page.items, page.faults) == ((), ())


async def test_a_search_that_is_not_there_is_not_taken_for_no_account(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    router.route().respond(404)

    with pytest.raises(ProviderContractBroken):
        await client.credit_accounts_of(CustomerIdentity(email="shopper@example.com"))


async def test_an_account_of_somebody_else_is_a_fault_and_not_shown(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    listed: Document,
) -> None:
    router.get(f"{root}/accounts").respond(
        text=listed(
            document("account.documented", id="theirs", email="joann@example.com"),
            document("account.documented", id="hers", email="ann@example.com"),
            document("account.documented", id="erased", email=None),
        )
    )

    page = await client.credit_accounts_of(CustomerIdentity(email="ann@example.com"))

    assert ids(page.items) == ["hers"]
    assert [fault.source for fault in page.faults] == ["vtex-br", "vtex-br"]


async def test_accounts_of_an_email_are_read_until_a_page_is_short(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    listed: Document,
    sent: Sent,
) -> None:
    def account(number: int) -> str:
        return document("account.documented", id=f"a{number}", email="ann@example.com")

    pages = [[account(number) for number in range(20)], [account(19), account(20)]]
    router.get(f"{root}/accounts").mock(
        side_effect=[httpx.Response(200, text=listed(*page)) for page in pages]
    )

    page = await client.credit_accounts_of(CustomerIdentity(email="ann@example.com"))

    assert ids(page.items) == [f"a{number}" for number in range(21)]
    assert page.next_offset is None
    assert sent() == [
        "/accounts?from=1&to=20&email=ann%40example.com",
        "/accounts?from=21&to=40&email=ann%40example.com",
    ]


async def test_a_search_that_ignores_paging_ends(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    listed: Document,
) -> None:
    everything = listed(
        *(document("account.documented", id=f"a{n}", email="ann@example.com") for n in range(20))
    )
    router.get(f"{root}/accounts").respond(text=everything)

    page = await client.credit_accounts_of(CustomerIdentity(email="ann@example.com"))

    assert len(page.items) == 20
    assert len(router.calls) == 2


@pytest.mark.parametrize(
    ("digits", "path"),
    [
        ("11144477735", "/accounts/11144477735_CPF"),
        ("11222333000181", "/accounts/11222333000181_CNPJ"),
    ],
)
async def test_a_customer_known_by_document_alone_is_read_by_the_id_it_gives(
    client: VtexCustomerCredit,
    router: respx.Router,
    document: Document,
    sent: Sent,
    digits: str,
    path: str,
) -> None:
    account_id = path.rpartition("/")[2]
    router.route().respond(text=document("account.documented", id=account_id, document=digits))

    page = await client.credit_accounts_of(CustomerIdentity(document=digits))

    assert ids(page.items) == [account_id]
    assert sent() == [path]


async def test_a_document_without_an_account_leaves_no_account(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    router.route().respond(404)

    page = await client.credit_accounts_of(CustomerIdentity(document="11144477735"))

    assert page.items == ()


@pytest.mark.parametrize("identity", [CustomerIdentity(), CustomerIdentity(document="12345")])
async def test_a_customer_nothing_here_can_find_is_not_linked(
    client: VtexCustomerCredit, router: respx.Router, identity: CustomerIdentity
) -> None:
    with pytest.raises(IdentityNotLinked):
        await client.credit_accounts_of(identity)

    assert not router.calls


async def test_a_search_pages_with_from_and_to_and_never_sends_a_status(
    client: VtexCustomerCredit, router: respx.Router, root: str, fixture: Fixture, sent: Sent
) -> None:
    router.get(f"{root}/accounts").respond(text=fixture("accounts.documented"))

    page = await client.search_credit_accounts(
        CreditAccountQuestion(status=InstrumentStatus.ACTIVE, limit_min=Decimal(500)),
        Window(40, 5),
    )

    assert ids(page.items) == [
        "39f5f920-149f-11ha-b5b0-2vb896d3212f",
        "111111111_CPF",
        "91d1f2e5-8169-11ea-728f-53b2a03cb8bc",
    ]
    assert (page.next_offset, page.total) == (45, None)
    assert sent() == ["/accounts?from=41&to=45"]


async def test_a_search_asks_for_twenty_at_most_and_says_where_to_go_on(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    listed: Document,
    sent: Sent,
) -> None:
    router.get(f"{root}/accounts").respond(
        text=listed(*(document("account.documented", id=f"a{n}") for n in range(20)))
    )

    page = await client.search_credit_accounts(CreditAccountQuestion(), Window(0, 50))

    assert (len(page.items), page.next_offset) == (20, 20)
    assert sent() == ["/accounts?from=1&to=20"]


async def test_more_accounts_than_asked_for_are_the_whole_list(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    listed: Document,
) -> None:
    router.get(f"{root}/accounts").respond(
        text=listed(*(document("account.documented", id=f"a{n}") for n in range(7)))
    )

    page = await client.search_credit_accounts(CreditAccountQuestion(), Window(5, 5))

    assert (ids(page.items), page.next_offset) == (["a5", "a6"], None)


async def test_a_search_filters_by_email_there_and_again_here(
    client: VtexCustomerCredit, router: respx.Router, root: str, fixture: Fixture, sent: Sent
) -> None:
    router.get(f"{root}/accounts").respond(text=fixture("accounts.documented"))

    page = await client.search_credit_accounts(
        CreditAccountQuestion(email="atest@example.com", status=InstrumentStatus.ACTIVE),
        Window(),
    )

    assert ids(page.items) == ["111111111_CPF"]
    assert page.faults == ()
    assert sent() == ["/accounts?from=1&to=20&email=atest%40example.com"]


async def test_an_unknown_status_is_searched_for_here(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    listed: Document,
) -> None:
    router.get(f"{root}/accounts").respond(
        text=listed(
            document("account.documented", id="open"),
            document("account.documented", id="odd", status="Frozen"),
        )
    )

    page = await client.search_credit_accounts(
        CreditAccountQuestion(status=InstrumentStatus.UNKNOWN), Window()
    )

    assert ids(page.items) == ["odd"]


async def test_an_account_that_cannot_be_read_costs_one_fault(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    listed: Document,
) -> None:
    router.get(f"{root}/accounts").respond(
        text=listed(
            document("account.documented", id="a1"),
            document("account.documented", id="a2", availableCredit=None),
            "17",
            document("account.documented", id="a4"),
        )
    )

    page = await client.search_credit_accounts(CreditAccountQuestion(), Window())

    assert ids(page.items) == ["a1", "a4"]
    assert len(page.faults) == 2


async def test_no_account_belongs_to_a_company(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    page = await client.search_credit_accounts(CreditAccountQuestion(company_id=21), Window())

    assert (page.items, page.next_offset) == ((), None)
    assert not router.calls


async def test_no_account_is_found_by_what_is_owed(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    page = await client.search_credit_accounts(
        CreditAccountQuestion(outstanding_min=Decimal(1)), Window()
    )

    assert (page.items, page.next_offset) == ((), None)
    assert not router.calls
