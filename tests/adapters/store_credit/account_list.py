"""Accounts as the admin list has them."""

from __future__ import annotations

import httpx
import respx

from app.domain.identifiers import ProviderCustomerId

PATH = "/admin/store-credit-accounts"
CUSTOMER = ProviderCustomerId("cus_01M80JF2FR8BB006SEKN8Q40ND")
MARK = "cg-01m8t0aaaaaaaaaaaaaaaaaaaa-1"
CODE = "SC-4PHN-WGXV-S64P-HNWG"


def row(
    id_: str = "sc_acc_new",
    *,
    mark: str | None = MARK,
    customer: str | None = CUSTOMER,
    currency: str = "usd",
    code: str | None = CODE,
    at: str = "11:00",
) -> dict[str, object]:
    return {
        "id": id_,
        "currency_code": currency,
        "customer_id": customer,
        "code": code,
        "credits": 0,
        "debits": 0,
        "balance": 0,
        "metadata": {"tier": "gold", "creditgraph_operation": mark} if mark else None,
        "created_at": f"2026-11-22T{at}:00.000Z",
        "updated_at": f"2026-11-22T{at}:00.000Z",
    }


def stage_list(router: respx.Router, *rows: object) -> respx.Route:
    """All accounts there are, newest first, whatever is filtered by."""

    def window(request: httpx.Request) -> httpx.Response:
        limit, offset = (int(request.url.params[name]) for name in ("limit", "offset"))
        body = {
            "store_credit_accounts": rows[offset : offset + limit],
            "count": len(rows),
            "offset": offset,
            "limit": limit,
        }
        return httpx.Response(200, json=body)

    return router.get(path=PATH).mock(side_effect=window)
