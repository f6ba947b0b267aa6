"""Every read exchange captured from a running server goes through the room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import respx

from adapters.store_credit import wire
from adapters.store_credit.client import MedusaStoreCredit
from adapters.store_credit.translate import to_ledger_entry, to_store_credit_account
from adapters.transport import exact_json
from app.domain.errors import (
    AccountNotFound,
    CreditError,
    ProviderContractBroken,
    ProviderFailed,
    ProviderRefusedUs,
)
from app.domain.identifiers import ProviderStoreCreditId
from app.domain.instruments import StoreCreditAccount
from app.domain.ledger import LedgerQuestion
from app.domain.money import Money, total
from app.domain.paging import Page, Window
from app.domain.provider import StoreCreditQuestion

SAMPLES = Path(__file__).parents[3] / "../shared/providers/store-credit.samples.json"
LIST = "GET /admin/store-credit-accounts →"
ONE = "GET /admin/store-credit-accounts/{id} →"
LEDGER = "GET /admin/store-credit-accounts/{id}/transactions →"

FAULTS: dict[int, type[CreditError]] = {
    400: ProviderContractBroken,
    401: ProviderRefusedUs,
    404: AccountNotFound,
    500: ProviderFailed,
}

ACCOUNT_KEYS = {"id", "currency_code", "customer_id", "metadata", "created_at", "balance"}
ENTRY_KEYS = {"id", "amount", "type", "reference", "reference_id", "note", "created_at"}


def samples() -> dict[str, Any]:
    decoded: dict[str, Any] = exact_json.decode(SAMPLES.read_bytes()) if SAMPLES.exists() else {}
    return decoded


def exchanges(route: str) -> list[Any]:
    return [
        pytest.param(exchange, id=key.removeprefix(route).strip())
        for key, exchange in samples().items()
        if key.startswith(route)
    ]


needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason=f"{SAMPLES} is not there")


def stage(router: respx.Router, exchange: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = exchange["body"]
    router.route().respond(
        exchange["status"],
        content=exact_json.encode(body),
        content_type=exchange["content_type"],
    )
    return body


def window_of(body: dict[str, Any]) -> Window:
    return Window(offset=body.get("offset", 0), limit=body.get("limit", 15))


def complete(rows: list[dict[str, Any]], keys: set[str]) -> list[dict[str, Any]]:
    """The rows that the captured `fields` did not trim below what we ask for."""
    return [row for row in rows if keys <= row.keys()]


def check_page(page: Page[Any], body: dict[str, Any], rows: list[Any], readable: int) -> None:
    assert len(page.items) == readable
    assert len(page.faults) == len(rows) - readable
    assert page.total == body["count"]
    end = body["offset"] + len(rows)
    assert page.next_offset == (end if rows and end < body["count"] else None)


@needs_samples
@pytest.mark.parametrize("exchange", exchanges(LIST))
async def test_account_lists(
    exchange: dict[str, Any], client: MedusaStoreCredit, router: respx.Router
) -> None:
    body = stage(router, exchange)
    if fault := FAULTS.get(exchange["status"]):
        with pytest.raises(fault):
            await client.search_store_credit(StoreCreditQuestion(), Window())
        return

    page = await client.search_store_credit(StoreCreditQuestion(), window_of(body))

    rows = body["store_credit_accounts"]
    readable = complete(rows, ACCOUNT_KEYS)
    check_page(page, body, rows, len(readable))
    for account, row in zip(page.items, readable, strict=True):
        check_account(account, row)


@needs_samples
@pytest.mark.parametrize("exchange", exchanges(ONE))
async def test_single_accounts(
    exchange: dict[str, Any], client: MedusaStoreCredit, router: respx.Router
) -> None:
    body = stage(router, exchange)
    row = body.get("store_credit_account", {})
    account_id = ProviderStoreCreditId(row.get("id", "sc_acc_none"))
    fault = FAULTS.get(exchange["status"])
    if fault or not complete([row], ACCOUNT_KEYS):
        with pytest.raises(fault or ProviderContractBroken):
            await client.store_credit_account(account_id)
        return

    check_account(await client.store_credit_account(account_id), row)


@needs_samples
@pytest.mark.parametrize("exchange", exchanges(LEDGER))
async def test_ledgers(
    exchange: dict[str, Any],
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    body = stage(router, exchange)
    if fault := FAULTS.get(exchange["status"]):
        with pytest.raises(fault):
            await client.store_credit_ledger(account, LedgerQuestion(), Window())
        return

    page = await client.store_credit_ledger(account, LedgerQuestion(), window_of(body))

    rows = body["transactions"]
    readable = complete(rows, ENTRY_KEYS)
    check_page(page, body, rows, len(readable))
    for entry, row in zip(page.items, readable, strict=True):
        assert entry.amount.amount == row["amount"]
        assert entry.native.provider_entry_id == row["id"]
        assert entry.reference is not None
        assert entry.reference.value == row["reference_id"]


def accounts_with_ledger() -> Iterator[Any]:
    for key, exchange in samples().items():
        body = exchange.get("body")
        if not isinstance(body, dict):
            continue
        rows = body.get("store_credit_accounts", [body.get("store_credit_account")])
        for row in rows:
            if row and "transactions" in row and row.keys() >= ACCOUNT_KEYS:
                yield pytest.param(row, id=key)


@needs_samples
@pytest.mark.parametrize("row", list(accounts_with_ledger()))
def test_the_entries_of_a_captured_account_add_up_to_its_figures(
    row: dict[str, Any], account: StoreCreditAccount
) -> None:
    seen = to_store_credit_account(
        wire.ACCOUNT.validate_python(row), source=account.source, observed_at=account.observed_at
    )
    entries = [
        to_ledger_entry(wire.TRANSACTION.validate_python(entry), seen)
        for entry in row["transactions"]
    ]

    def summed(direction: str) -> Money:
        return total(
            [entry.amount for entry in entries if entry.direction == direction], seen.currency
        )

    assert summed("CREDIT") == seen.total_credited
    assert summed("DEBIT") == seen.total_debited
    assert seen.total_credited - seen.total_debited == seen.balance


def check_account(account: StoreCreditAccount, row: dict[str, Any]) -> None:
    assert account.provider_id == row["id"]
    assert account.balance.amount == row["balance"]
    assert account.total_credited.amount == row["credits"]
    assert account.total_debited.amount == row["debits"]
    assert account.currency.code == row["currency_code"].upper()
    assert account.details.provider_customer_id == row["customer_id"]
    assert row["code"] not in repr(account)
    assert "@" not in repr(account)
