"""What we say to the admin API and what we hear."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
import respx

from adapters.store_credit.client import MedusaStoreCredit
from app.domain.errors import (
    AccountNotFound,
    CreditError,
    ProviderContractBroken,
    ProviderFailed,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
)
from app.domain.identifiers import (
    ProviderCustomerId,
    ProviderEntryId,
    ProviderStoreCreditId,
)
from app.domain.instruments import InstrumentStatus, StoreCreditAccount
from app.domain.ledger import (
    Actor,
    ActorKind,
    Direction,
    EntryReference,
    LedgerEntryKind,
    LedgerQuestion,
    NativeEntry,
)
from app.domain.money import Currency, Money
from app.domain.paging import Page, Window
from app.domain.provider import ReadsStoreCredit, StoreCreditQuestion

Fixture = Callable[[str], str]

ACCOUNT_ID = ProviderStoreCreditId("sc_acc_01M80JFBSK9QFTH2JZRYB5KFJ4")
OWNER = ProviderCustomerId("cus_01M80JF2FR8BB006SEKN8Q40ND")
ACCOUNTS_PATH = "/admin/store-credit-accounts"
LEDGER_PATH = f"{ACCOUNTS_PATH}/{ACCOUNT_ID}/transactions"
ENTRY_EXTRAS = "fields=%2Braw_amount%2C%2Baccount_id"
FIRST_15 = Window(limit=15)

EVERY_READ: dict[str, Callable[[MedusaStoreCredit, StoreCreditAccount], Awaitable[object]]] = {
    "probe": lambda client, _: client.probe(),
    "account": lambda client, _: client.store_credit_account(ACCOUNT_ID),
    "search": lambda client, _: client.search_store_credit(StoreCreditQuestion(), FIRST_15),
    "ledger": lambda client, account: client.store_credit_ledger(
        account, LedgerQuestion(), FIRST_15
    ),
    "entry": lambda client, account: client.store_credit_ledger_entry(
        account, ProviderEntryId("sc_trx_1")
    ),
}


def answer(router: respx.Router, body: str, *, status: int = 200) -> None:
    router.route().respond(status, content=body.encode(), content_type="application/json")


def asked(router: respx.Router) -> str:
    """Path and query of the only request, as they went out."""
    (call,) = router.calls
    raw: bytes = call.request.url.raw_path
    return raw.decode()


def money(amount: str, currency: str = "USD") -> Money:
    return Money(Decimal(amount), Currency(currency))


def listed(rows: str, *, of: str = "store_credit_accounts", count: int = 1, offset: int = 0) -> str:
    return f'{{"{of}":[{rows}],"count":{count},"offset":{offset},"limit":15}}'


def row(
    *,
    id_: str = "sc_acc_1",
    currency: str = "usd",
    customer: str | None = OWNER,
    balance: str = "10",
) -> str:
    return (
        f'{{"id":"{id_}","currency_code":"{currency}","customer_id":{json.dumps(customer)},'
        f'"code":"SC-HY3H-5DW7-T2HY-3H5D","credits":{balance},"debits":0,"balance":{balance},'
        '"metadata":null,"created_at":"2026-11-22T02:48:19.702Z",'
        '"updated_at":"2026-11-22T02:48:19.702Z"}'
    )


def entry_row(
    *, id_: str = "sc_trx_1", amount: str = "5", type_: str = "credit", account: str = ACCOUNT_ID
) -> str:
    return (
        f'{{"id":"{id_}","amount":{amount},"type":"{type_}","reference":"user",'
        '"reference_id":"user_1","note":"","metadata":null,"account_id":"' + account + '",'
        '"created_at":"2026-11-22T02:48:28.253Z","updated_at":"2026-11-22T02:48:28.253Z"}'
    )


def test_it_reads_store_credit(client: MedusaStoreCredit) -> None:
    assert isinstance(client, ReadsStoreCredit)


async def test_one_account_is_asked_for_by_id_and_without_its_customer(
    client: MedusaStoreCredit, router: respx.Router, fixture: Fixture, now: datetime
) -> None:
    answer(router, fixture("recorded-account.json"))

    account = await client.store_credit_account(ACCOUNT_ID)

    assert asked(router) == f"{ACCOUNTS_PATH}/{ACCOUNT_ID}?fields=-customer"
    request = router.calls.last.request
    assert (request.method, request.content) == ("GET", b"")
    assert request.headers["authorization"] == "Basic sk_" + "5a" * 32
    assert request.headers["accept"] == "application/json"
    assert account == StoreCreditAccount(
        source=client.info.key,
        provider_store_credit_id=ACCOUNT_ID,
        currency=Currency("USD"),
        status=InstrumentStatus.ACTIVE,
        balance=money("17.96"),
        total_credited=money("30.3"),
        total_debited=money("12.34"),
        created_at=datetime(2026, 11, 22, 2, 48, 27, 699000, tzinfo=UTC),
        updated_at=datetime(2026, 11, 22, 2, 48, 27, 699000, tzinfo=UTC),
        observed_at=now,
        details=replace(
            account.details,
            provider_customer_id=ProviderCustomerId("cus_01M80JFBRTJAAHGJXDZMY1KZTZ"),
            masked_claim_code="****9K7V",
            metadata={"tier": "gold"},
            transaction_groups=None,
        ),
    )


async def test_the_generation_of_early_2025_has_groups_and_no_code(
    client: MedusaStoreCredit, router: respx.Router, fixture: Fixture
) -> None:
    answer(router, fixture("documented-account-early-2025.json"))

    account = await client.store_credit_account(
        ProviderStoreCreditId("sc_acc_01JN0000000000000000000000")
    )

    assert account.balance == money("7916429753974785.9")
    assert account.details.masked_claim_code is None
    groups = account.details.transaction_groups
    assert groups is not None
    assert [(group.provider_group_id, group.code) for group in groups] == [
        ("sc_trg_01JN0000000000000000000000", "welcome"),
        ("returns", "returns"),
        ("2", None),
    ]
    assert groups[0].credits == money("7916429753974784")
    assert groups[0].debits == money("0.1")
    assert groups[0].balance == money("7916429753974783.9")
    assert "shopper@example.com" not in repr(account)


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        ("850.555", "850.555"),
        ("0.1", "0.1"),
        ("1234567890123456.789", "1234567890123456.789"),
        ("0.1000000000000000055", "0.1000000000000000055"),
        ("1.0001234567890123e+21", "1000123456789012300000"),
        ("-20", "-20"),
    ],
)
async def test_a_balance_keeps_every_digit_of_the_body(
    number: str, exact: str, client: MedusaStoreCredit, router: respx.Router
) -> None:
    answer(router, listed(row(balance=number)))

    page = await client.search_store_credit(StoreCreditQuestion(), FIRST_15)

    assert page.items[0].balance == money(exact)
    assert page.items[0].total_credited == money(exact)


async def test_an_unknown_account_is_not_found(
    client: MedusaStoreCredit, router: respx.Router, fixture: Fixture
) -> None:
    answer(router, fixture("recorded-account-not-found.json"), status=404)

    with pytest.raises(AccountNotFound) as refusal:
        await client.store_credit_account(ProviderStoreCreditId("sc_acc_none"))

    assert refusal.value.kind == "store credit account"


@pytest.mark.parametrize("read", EVERY_READ)
async def test_a_page_that_says_no_such_route_is_no_answer_about_an_account(
    read: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
    fixture: Fixture,
) -> None:
    page = fixture("recorded-no-such-route.html")
    router.route().respond(404, content=page.encode(), content_type="text/html; charset=utf-8")

    with pytest.raises(ProviderContractBroken):
        await EVERY_READ[read](client, account)


async def test_a_404_of_another_kind_is_no_answer_about_an_account(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    answer(router, '{"type":"invalid_data","message":"no"}', status=404)

    with pytest.raises(ProviderContractBroken):
        await client.store_credit_account(ACCOUNT_ID)


async def test_another_account_than_asked_for_is_not_taken(
    client: MedusaStoreCredit, router: respx.Router, fixture: Fixture
) -> None:
    answer(router, fixture("recorded-account.json"))

    with pytest.raises(ProviderContractBroken):
        await client.store_credit_account(ProviderStoreCreditId("sc_acc_other"))


@pytest.mark.parametrize(
    ("hostile", "path"),
    [
        ("../gift-cards", f"{ACCOUNTS_PATH}/..%2Fgift-cards"),
        ("a?fields=*customer", f"{ACCOUNTS_PATH}/a%3Ffields%3D%2Acustomer"),
        ("a#b", f"{ACCOUNTS_PATH}/a%23b"),
        ("%2e%2e", f"{ACCOUNTS_PATH}/%252e%252e"),
        ("ção", f"{ACCOUNTS_PATH}/%C3%A7%C3%A3o"),
    ],
)
async def test_an_id_is_one_path_segment_whatever_it_holds(
    hostile: str, path: str, client: MedusaStoreCredit, router: respx.Router, fixture: Fixture
) -> None:
    answer(router, fixture("recorded-account-not-found.json"), status=404)

    with pytest.raises(AccountNotFound):
        await client.store_credit_account(ProviderStoreCreditId(hostile))

    assert asked(router) == f"{path}?fields=-customer"


@pytest.mark.parametrize("text", ["", "null", "a\x00b", "\ud800", "a\nb", "x" * 513])
async def test_an_id_that_no_row_can_hold_is_not_asked_for(
    text: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    with pytest.raises(AccountNotFound) as no_account:
        await client.store_credit_account(ProviderStoreCreditId(text))
    with pytest.raises(AccountNotFound) as no_entry:
        await client.store_credit_ledger_entry(account, ProviderEntryId(text))
    page = await client.search_store_credit(
        StoreCreditQuestion(provider_customer_id=ProviderCustomerId(text)), FIRST_15
    )

    assert (no_account.value.kind, no_entry.value.kind) == ("store credit account", "ledger entry")
    assert page == Page(items=(), next_offset=None, total=0)
    assert not router.calls


@pytest.mark.parametrize("text", [".", ".."])
async def test_an_id_cannot_climb_the_path(
    text: str, client: MedusaStoreCredit, router: respx.Router
) -> None:
    with pytest.raises(AccountNotFound):
        await client.store_credit_account(ProviderStoreCreditId(text))

    assert not router.calls


async def test_accounts_of_a_customer_come_oldest_first_and_without_the_customer(
    client: MedusaStoreCredit, router: respx.Router, fixture: Fixture
) -> None:
    answer(router, fixture("recorded-accounts-of-customer.json"))

    page = await client.search_store_credit(
        StoreCreditQuestion(provider_customer_id=OWNER), FIRST_15
    )

    assert asked(router) == (
        f"{ACCOUNTS_PATH}?customer_id={OWNER}&limit=15&offset=0&order=id&fields=-customer"
    )
    assert [(account.balance, account.status) for account in page.items] == [
        (money("104.8"), InstrumentStatus.ACTIVE),
        (money("0", "EUR"), InstrumentStatus.DEPLETED),
    ]
    assert (page.next_offset, page.total, page.faults) == (None, 2, ())


async def test_a_search_names_its_filters_and_operators_in_the_providers_spelling(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    answer(router, listed("", count=0, offset=30))

    await client.search_store_credit(
        StoreCreditQuestion(
            currency=Currency("BRL"),
            search="br l",
            created_from=datetime(2026, 1, 1, tzinfo=UTC),
            created_to=datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        ),
        Window(offset=30, limit=10),
    )

    assert asked(router) == (
        f"{ACCOUNTS_PATH}?currency_code%5B%24ilike%5D=brl&q=br%20l"
        "&created_at%5B%24gte%5D=2026-01-01T00%3A00%3A00.000Z"
        "&created_at%5B%24lte%5D=2026-12-31T23%3A59%3A59.999Z"
        "&limit=10&offset=30&order=id&fields=-customer"
    )


async def test_a_customer_id_is_one_value_whatever_it_holds(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    hostile = ProviderCustomerId("a,b&customer_id[$ne]=c+d")
    answer(router, listed("", count=0))

    await client.search_store_credit(StoreCreditQuestion(provider_customer_id=hostile), FIRST_15)

    assert asked(router) == (
        f"{ACCOUNTS_PATH}?customer_id=a%2Cb%26customer_id%5B%24ne%5D%3Dc%2Bd"
        "&limit=15&offset=0&order=id&fields=-customer"
    )


async def test_a_currency_in_capitals_is_another_account_of_the_same_currency(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    rows = [row(id_="sc_acc_1", currency="usd"), row(id_="sc_acc_2", currency="USD")]
    answer(router, listed(",".join(rows), count=2))

    page = await client.search_store_credit(StoreCreditQuestion(currency=Currency("USD")), FIRST_15)

    assert [account.provider_id for account in page.items] == ["sc_acc_1", "sc_acc_2"]


@pytest.mark.parametrize(
    "question",
    [
        StoreCreditQuestion(provider_customer_id=ProviderCustomerId("cus_other")),
        StoreCreditQuestion(currency=Currency("EUR")),
    ],
)
async def test_a_list_that_was_not_filtered_as_asked_is_not_taken(
    question: StoreCreditQuestion, client: MedusaStoreCredit, router: respx.Router
) -> None:
    answer(router, listed(row(currency="usd")))

    with pytest.raises(ProviderContractBroken):
        await client.search_store_credit(question, FIRST_15)


async def test_an_unowned_account_is_no_answer_about_a_customer(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    answer(router, listed(row(customer=None)))

    with pytest.raises(ProviderContractBroken):
        await client.search_store_credit(StoreCreditQuestion(provider_customer_id=OWNER), FIRST_15)


@pytest.mark.parametrize(
    "broken",
    [
        row(currency="   "),
        row(currency="zzzz"),
        row(currency="u1d"),
        row(currency="ßa"),
        row(currency="usd\\n"),
        row(balance='"ten"'),
        row(balance="null"),
        row(balance="true"),
        '{"id":"sc_acc_1","balance":1,"credits":1,"debits":0}',
        "null",
        "[]",
    ],
)
async def test_a_broken_account_costs_one_fault_and_not_the_list(
    broken: str, client: MedusaStoreCredit, router: respx.Router
) -> None:
    answer(router, listed(f"{broken},{row(id_='sc_acc_2')}", count=7))

    page = await client.search_store_credit(StoreCreditQuestion(), Window(limit=2))

    assert [account.provider_id for account in page.items] == ["sc_acc_2"]
    assert [type(fault) for fault in page.faults] == [ProviderContractBroken]
    assert (page.next_offset, page.total) == (2, 7)


async def test_the_fault_of_a_broken_account_does_not_repeat_its_claim_code(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    answer(router, listed(row(currency="zzzz")))

    page = await client.search_store_credit(StoreCreditQuestion(), FIRST_15)

    assert "3H5D" not in f"{page.faults[0]} {page.faults[0].__cause__}"


@pytest.mark.parametrize(
    "body",
    [
        listed(row(), offset=5),
        listed(f"{row()},{row(id_='sc_acc_2')}", count=2),
        listed(row(), count=-1),
        '{"store_credit_accounts":[]}',
        '{"store_credit_accounts":{},"count":0,"offset":0,"limit":1}',
        '{"transactions":[],"count":0,"offset":0,"limit":1}',
    ],
)
async def test_a_list_that_is_not_the_window_asked_for_is_not_taken(
    body: str, client: MedusaStoreCredit, router: respx.Router
) -> None:
    answer(router, body)

    with pytest.raises(ProviderContractBroken):
        await client.search_store_credit(StoreCreditQuestion(), Window(limit=1))


async def test_a_ledger_is_asked_newest_first_with_its_exact_amounts(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount, fixture: Fixture
) -> None:
    answer(router, fixture("recorded-ledger.json"))

    page = await client.store_credit_ledger(account, LedgerQuestion(), FIRST_15)

    assert asked(router) == f"{LEDGER_PATH}?limit=15&offset=0&order=-id&{ENTRY_EXTRAS}"
    assert [(entry.direction, entry.amount) for entry in page.items] == [
        (Direction.DEBIT, money("12.34")),
        (Direction.CREDIT, money("20.2")),
        (Direction.CREDIT, money("10.1")),
    ]
    assert (page.next_offset, page.total, page.faults) == (None, 3, ())
    newest = page.items[0]
    assert newest.kind is LedgerEntryKind.BALANCE_OPERATION
    assert newest.native == NativeEntry(
        ProviderEntryId("sc_trx_01M80JFCN3FS458NG3WKE88HEY"), "debit"
    )
    assert newest.reference == EntryReference(kind="user", value="user_01M80JE9VD1FGNMTVPCHM64WMP")
    assert newest.actor == Actor(ActorKind.STAFF)
    assert newest.note == "Order 7"
    assert newest.occurred_at == datetime(2026, 11, 22, 2, 48, 28, 579000, tzinfo=UTC)
    assert newest.instrument_id == ACCOUNT_ID


async def test_a_time_range_is_the_providers_to_filter_and_leaves_the_total(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    answer(router, listed(entry_row(), of="transactions", count=40, offset=20))
    question = LedgerQuestion(
        from_at=datetime(2026, 11, 22, tzinfo=UTC), to_at=datetime(2026, 11, 23, tzinfo=UTC)
    )

    page = await client.store_credit_ledger(account, question, Window(offset=20, limit=1))

    assert asked(router) == (
        f"{LEDGER_PATH}?created_at%5B%24gte%5D=2026-11-22T00%3A00%3A00.000Z"
        "&created_at%5B%24lte%5D=2026-11-23T00%3A00%3A00.000Z"
        f"&limit=1&offset=20&order=-id&{ENTRY_EXTRAS}"
    )
    assert (page.next_offset, page.total) == (21, 40)


async def test_what_the_provider_cannot_filter_is_filtered_after_reading(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount, fixture: Fixture
) -> None:
    answer(router, fixture("recorded-ledger.json"))

    page = await client.store_credit_ledger(
        account, LedgerQuestion(direction=Direction.DEBIT), FIRST_15
    )

    assert asked(router) == f"{LEDGER_PATH}?limit=15&offset=0&order=-id&{ENTRY_EXTRAS}"
    assert [entry.amount for entry in page.items] == [money("12.34")]
    assert page.total is None


async def test_entries_that_no_ledger_here_has_are_not_asked_for(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    page = await client.store_credit_ledger(
        account, LedgerQuestion(kinds=frozenset([LedgerEntryKind.LIMIT_CHANGE])), FIRST_15
    )

    assert page == Page(items=(), next_offset=None, total=0)
    assert not router.calls


@pytest.mark.parametrize(
    "broken",
    [
        entry_row(amount="-5"),
        entry_row(amount='{"value":"5"}'),
        entry_row(account="sc_acc_of_somebody_else"),
        '{"id":"sc_trx_1","amount":5}',
    ],
)
async def test_a_broken_entry_costs_one_fault_and_not_the_ledger(
    broken: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    rows = f"{broken},{entry_row(id_='sc_trx_2')}"
    answer(router, listed(rows, of="transactions", count=2))

    page = await client.store_credit_ledger(account, LedgerQuestion(), FIRST_15)

    assert [entry.native.provider_entry_id for entry in page.items] == ["sc_trx_2"]
    assert [type(fault) for fault in page.faults] == [ProviderContractBroken]


async def test_one_entry_is_found_by_the_native_id_filter(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    answer(router, listed(entry_row(amount="0.1"), of="transactions"))

    entry = await client.store_credit_ledger_entry(account, ProviderEntryId("sc_trx_1"))

    assert asked(router) == (f"{LEDGER_PATH}?id=sc_trx_1&limit=1&offset=0&order=-id&{ENTRY_EXTRAS}")
    assert (entry.native.provider_entry_id, entry.amount) == ("sc_trx_1", money("0.1"))


async def test_an_entry_that_the_ledger_does_not_have_is_not_found(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    answer(router, listed("", of="transactions", count=0))

    with pytest.raises(AccountNotFound) as refusal:
        await client.store_credit_ledger_entry(account, ProviderEntryId("sc_trx_1"))

    assert refusal.value.kind == "ledger entry"


@pytest.mark.parametrize("rows", [entry_row(id_="sc_trx_2"), "{}"])
async def test_another_entry_than_asked_for_is_not_taken(
    rows: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    answer(router, listed(rows, of="transactions"))

    with pytest.raises(ProviderContractBroken):
        await client.store_credit_ledger_entry(account, ProviderEntryId("sc_trx_1"))


async def test_a_probe_asks_for_nobodys_figures(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    answer(router, '{"store_credit_accounts":[],"count":64,"offset":0,"limit":0}')

    await client.probe()

    assert asked(router) == f"{ACCOUNTS_PATH}?limit=0"


BROKEN_BODIES = {
    "a page": "<!DOCTYPE html><html></html>",
    "cut off": '{"store_credit_accounts":[{"id":"sc_a',
    "empty": "",
    "another type": "[]",
    "null": "null",
    "not a number": '{"store_credit_accounts":[],"count":NaN,"offset":0,"limit":0}',
}


@pytest.mark.parametrize("read", EVERY_READ)
@pytest.mark.parametrize("body", BROKEN_BODIES.values(), ids=BROKEN_BODIES)
async def test_an_unreadable_body_breaks_the_contract(
    body: str,
    read: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    answer(router, body)

    with pytest.raises(ProviderContractBroken):
        await EVERY_READ[read](client, account)


@pytest.mark.parametrize("read", EVERY_READ)
@pytest.mark.parametrize(
    ("status", "recorded", "fault"),
    [
        (401, "recorded-unauthorized.json", ProviderRefusedUs),
        (429, "recorded-unknown-error.json", ProviderThrottled),
        (500, "recorded-unknown-error.json", ProviderFailed),
        (400, "recorded-unknown-error.json", ProviderContractBroken),
    ],
)
async def test_a_refusal_of_the_whole_request_is_a_fault_of_the_source(
    status: int,
    recorded: str,
    fault: type[CreditError],
    read: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
    fixture: Fixture,
) -> None:
    answer(router, fixture(recorded), status=status)

    with pytest.raises(fault) as raised:
        await EVERY_READ[read](client, account)

    assert "unknown error" not in str(raised.value)


@pytest.mark.parametrize("read", EVERY_READ)
async def test_a_stalled_server_is_a_timeout(
    read: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    router.route().mock(side_effect=httpx.ReadTimeout)

    with pytest.raises(ProviderTimedOut):
        await EVERY_READ[read](client, account)


async def test_closing_the_client_closes_its_way_out(client: MedusaStoreCredit) -> None:
    await client.aclose()
