"""Credits and debits, and a store that answers them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from adapters.store_credit.client import MedusaStoreCredit
from app.domain.identifiers import ProviderEntryId, ProviderStoreCreditId, SourceKey
from app.domain.instructions import CreditStoreCredit, DebitStoreCredit, OnStoreCredit
from app.domain.instruments import StoreCreditAccount
from app.domain.money import Currency, Money
from app.domain.operation import Evidence
from app.domain.provider import Call, Writer

ACCOUNT_ID = ProviderStoreCreditId("sc_acc_01M80JFBSK9QFTH2JZRYB5KFJ4")
ACCOUNT_PATH = f"/admin/store-credit-accounts/{ACCOUNT_ID}"
LEDGER_PATH = f"{ACCOUNT_PATH}/transactions"
MARK = "cg-01m8t0aaaaaaaaaaaaaaaaaaaa-1"
TAG = f"[creditgraph:{MARK}]"
BEFORE = ProviderEntryId("sc_trx_before")
SAMPLES = Path(__file__).parents[3] / "../shared/providers/store-credit.samples.json"

KINDS: dict[str, type[OnStoreCredit]] = {"credit": CreditStoreCredit, "debit": DebitStoreCredit}
both = pytest.mark.parametrize("route", KINDS)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), Currency("USD"))


def instruction(route: str, amount: str = "10.1", note: str | None = "Goodwill") -> OnStoreCredit:
    return KINDS[route](
        source=SourceKey("medusa"), account_id=ACCOUNT_ID, amount=usd(amount), note=note
    )


def call(route: str, account: StoreCreditAccount | None, **changes: Any) -> Call[OnStoreCredit]:
    return Call(
        instruction=instruction(route, **changes),
        mark=MARK,
        evidence=Evidence(newest_entry_id=BEFORE),
        observed=account,
    )


def writer(client: MedusaStoreCredit, route: str) -> Writer[OnStoreCredit]:
    return client.writers[KINDS[route]]


def account_body(id_: str = ACCOUNT_ID) -> dict[str, object]:
    return {
        "store_credit_account": {
            "id": id_,
            "currency_code": "usd",
            "customer_id": None,
            "code": "SC-HY3H-5DW7-T2HY-3H5D",
            "credits": 40.4,
            "debits": 0,
            "balance": 40.4,
            "metadata": None,
            "created_at": "2026-11-22T02:48:19.702Z",
            "updated_at": "2026-11-22T02:48:19.702Z",
            "customer": {"id": "cus_1", "email": "shopper@example.com"},
        }
    }


def entry(
    id_: str, note: str | None = "", *, type_: str = "credit", at: str = "11:00"
) -> dict[str, object]:
    return {"id": id_, "type": type_, "note": note, "created_at": f"2026-11-22T{at}:00.000Z"}


def stage_ledger(router: respx.Router, *entries: object) -> respx.Route:
    """A ledger, newest first, in as many windows as it is asked for."""

    def window(request: httpx.Request) -> httpx.Response:
        limit, offset = (int(request.url.params[name]) for name in ("limit", "offset"))
        rows = entries[offset : offset + limit]
        body = {"transactions": rows, "count": len(entries), "offset": offset, "limit": limit}
        return httpx.Response(200, json=body)

    return router.get(path=LEDGER_PATH).mock(side_effect=window)


def stage_write(router: respx.Router, route: str, *answers: httpx.Response) -> respx.Route:
    return router.post(path=f"{ACCOUNT_PATH}/{route}").mock(side_effect=list(answers))


def refused(message: str, type_: str = "invalid_data") -> httpx.Response:
    return httpx.Response(400, json={"type": type_, "message": message})
