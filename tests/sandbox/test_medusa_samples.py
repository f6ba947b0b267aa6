"""
The store-credit stand-in against exchanges captured from a real server.

Every exchange is staged alone, from its own answer: the rows it shows, rows before and after them
up to its count, and a row its filters must keep out. The answer must then be the same, byte by
byte, ids and dates included; only signed tokens are masked.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from sandbox import exact_json
from sandbox.clock import Clock
from sandbox.medusa import create_medusa

SAMPLES = Path(__file__).parents[2] / "../shared/providers/store-credit.samples.json"

KEY = "sk_" + "5a" * 32
PUBLISHABLE = {"x-publishable-api-key": "pk_" + "5b" * 32}
SHOPPER = {"authorization": "Bearer shopper-token"}
HEADERS: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "Bearer <admin jwt>": {"authorization": "Bearer user-token"},
    "Basic <secret key>": {"authorization": f"Basic {KEY}"},
    "Bearer <secret key>": {"authorization": f"Bearer {KEY}"},
    "Basic sk_00": {"authorization": "Basic sk_00"},
    "Bearer a.b.c": {"authorization": "Bearer a.b.c"},
    "Bearer <customer jwt>": SHOPPER,
    "publishable key only": PUBLISHABLE,
    "publishable key + Bearer <customer jwt>": {**PUBLISHABLE, **SHOPPER},
}
ACCOUNT = "sc_acc_01K0B000000000000000000001"
CUSTOMER = "cus_01K0A000000000000000000001"
SOMEBODY_ELSE = "cus_01K0A000000000000000000002"
EARLY, LATE = "2000-01-01T00:00:00.000Z", "2099-01-01T00:00:00.000Z"

Json = dict[str, Any]

TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{43}")


def captured() -> dict[str, Json]:
    """The exchanges of served routes, of the guards before them, and of what is no route."""
    if not SAMPLES.exists():
        return {}
    samples: dict[str, Json] = exact_json.loads(SAMPLES.read_bytes())
    return {name: sample for name, sample in samples.items() if _is_served(name, sample)}


def _is_served(name: str, sample: Json) -> bool:
    if name.startswith("_"):
        return False
    return (
        name.startswith(("GET ", "POST /auth/"))
        or sample["status"] in (401, 413)
        or sample["content_type"].startswith("text/html")
        or "malformed JSON" in name
    )


class Scene:
    """The seed section under which a captured exchange must come out again."""

    def __init__(self, name: str, sample: Json) -> None:
        self.request: Json = sample["request"]
        self.body: Json = sample["body"] if isinstance(sample["body"], dict) else {}
        self.query = parse_qs(self.request.get("query", ""))
        self.method, template = name.partition(" →")[0].split(" ")
        self.path = _path(template, sample["body"])
        self.customers: dict[str, Json] = {}
        self.accounts: list[Json] = []
        self.cards: list[Json] = []
        if "/gift-cards" in self.path:
            self._stage_cards()
        elif "/transactions" in self.path:
            rows = self.body.get("transactions", [])
            entries = [*rows, *self._others("sc_trx", rows)]
            self._add_account({"id": self._identifier(), "transactions": entries})
        else:
            self._stage_accounts()

    def section(self) -> Json:
        asked = self.request.get("body")
        email = asked.get("email") if isinstance(asked, dict) else None
        shown = [account["customer_id"] for account in self.accounts if account["customer_id"]]
        return {
            "credentials": {
                "users": [
                    {
                        "id": "user_01K0A000000000000000000001",
                        "email": email or "admin@example.com",
                        "password": "lab-admin-password",
                        "tokens": ["user-token"],
                    }
                ],
                "secret_keys": [{"id": "apk_01K0A000000000000000000001", "key": KEY}],
                "publishable_keys": [PUBLISHABLE["x-publishable-api-key"]],
                "customer_tokens": [
                    {"token": "shopper-token", "customer_id": [*shown, CUSTOMER][0]}
                ],
            },
            "customers": list(self.customers.values()),
            "accounts": self.accounts,
            "gift_cards": self.cards,
        }

    def _stage_accounts(self) -> None:
        rows = self.body.get("store_credit_accounts", [])
        if "store_credit_account" in self.body:
            rows = [self.body["store_credit_account"]]
        for row in [*rows, *self._others("sc_acc", rows)]:
            self._add_account(row)
        if not rows and self.path.startswith("/store/"):
            self._add_account({"id": ACCOUNT, "customer_id": CUSTOMER})
            self._add_account({"id": self._identifier(), "customer_id": SOMEBODY_ELSE})
        elif {"customer_id", "customer_id[]", "currency_code"} & set(self.query):
            self._add_account({"id": "sc_acc_kept_out", "customer_id": SOMEBODY_ELSE})

    def _stage_cards(self) -> None:
        rows = self.body.get("gift_cards", [])
        if "gift_card" in self.body:
            rows = [self.body["gift_card"]]
        if self.body.get("orders"):
            rows = [{"id": self._identifier(), "orders": self.body["orders"]}]
        for row in [*rows, *self._others("gcard", rows)]:
            self._add_card(row)
        if "q" in self.query:
            self._add_card({"id": "gcard_kept_out"})

    def _others(self, prefix: str, rows: list[Json]) -> list[Json]:
        """The rows that the page leaves out, before and after those it shows."""
        before = min(self.body.get("offset", 0), self.body.get("count", 0))
        after = self.body.get("count", len(rows)) - before - len(rows)
        ends = [("0", EARLY), ("Z", LATE)]
        if self.query.get("order", [""])[0].startswith("-"):
            ends.reverse()
        return [
            {"id": f"{prefix}_{letter}{number:025d}", "created_at": at}
            for (letter, at), count in zip(ends, (before, after), strict=True)
            for number in range(count)
        ]

    def _identifier(self) -> str:
        return [*self.path.split("/"), "sc_acc_none"][3]

    def _add_account(self, row: Json) -> None:
        if customer := row.get("customer"):
            self.customers[customer["id"]] = {"created_at": EARLY, **customer}
        asked_for = self.query.get("customer_id", [None])[0]
        self.accounts.append(
            {
                "id": row["id"],
                "code": row.get("code"),
                "currency_code": row.get("currency_code", f"c{len(self.accounts)}"),
                "customer_id": row.get("customer_id", asked_for),
                "metadata": row.get("metadata"),
                "created_at": row.get("created_at", EARLY),
                "updated_at": row.get("updated_at"),
                "ledger": [_entry(entry) for entry in row.get("transactions", _summed(row))],
            }
        )

    def _add_card(self, row: Json) -> None:
        account = row.get("store_credit_account", {"id": f"sc_acc_of_{row['id']}"})
        self._add_account(account)
        self.cards.append(
            {
                "code": row["id"],
                "value": 30,
                "currency_code": "usd",
                "created_at": EARLY,
                **{name: value for name, value in row.items() if name != "store_credit_account"},
                "account_id": account["id"],
            }
        )


def _path(template: str, body: Any) -> str:
    if isinstance(body, str):
        return body.partition("<pre>")[2].partition("</pre>")[0].split(" ")[2]
    named = re.search(r" not found: (\S+)", body.get("message", ""))
    single = body.get("store_credit_account") or body.get("gift_card") or {}
    identifier = named[1] if named else single.get("id", "sc_acc_none")
    if template.endswith("/transactions") and body.get("count"):
        identifier = [*(row.get("account_id") for row in body["transactions"]), None][0] or ACCOUNT
    return template.replace("{id}", identifier).replace("{code}", single.get("code", "NOPE"))


def _summed(row: Json) -> list[Json]:
    """A ledger with the totals of *row*."""
    totals = (("credit", row.get("credits")), ("debit", row.get("debits")))
    if "credits" not in row:
        totals = (("credit", row.get("balance")), ("debit", None))
    return [{"id": f"trx_{kind}", "type": kind, "amount": total} for kind, total in totals if total]


def _entry(row: Json) -> Json:
    written = row.get("raw_amount", {}).get("value")
    return {
        **{name: row[name] for name in ("id", "note", "metadata", "updated_at") if name in row},
        "type": row.get("type", "credit"),
        "amount": exact_json.loads(written) if written else row.get("amount", 1),
        "reference": row.get("reference", "user"),
        "reference_id": row.get("reference_id", "user_1"),
        "created_at": row.get("created_at", EARLY),
    }


def _content(request: Json) -> bytes:
    if "raw_body" in request:
        return str(request["raw_body"]).encode()
    body = request.get("body")
    if isinstance(body, str):
        body = {"metadata": {"filler": "x" * 110_000}}
    return exact_json.dumps(body) if body is not None else b""


def _expected(body: Any) -> str:
    return body if isinstance(body, str) else exact_json.dumps(body).decode()


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"no captured exchanges at {SAMPLES}")
@pytest.mark.parametrize("name", captured())
async def test_a_captured_exchange_comes_out_again(name: str) -> None:
    sample = captured()[name]
    scene = Scene(name, sample)
    app = create_medusa(scene.section(), Clock())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://medusa.example") as client:
        answer = await client.request(
            scene.method,
            f"{scene.path}?{scene.request.get('query', '')}",
            content=_content(scene.request),
            headers={**HEADERS[scene.request["auth"]], "content-type": "application/json"},
        )
    assert (answer.status_code, answer.headers["content-type"]) == (
        sample["status"],
        sample["content_type"],
    )
    assert TOKEN.sub("<jwt>", answer.text) == _expected(sample["body"])


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"no captured exchanges at {SAMPLES}")
def test_every_read_exchange_is_among_them() -> None:
    assert sum(name.startswith("GET ") for name in captured()) == 56
