"""This gateway, as one would run it: a TOML file, an API key, its whole door."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from benchmarks.gateways.contestants import Contestant, Place, Started, Wording
from benchmarks.gateways.people import EVERYBODY, Customer
from benchmarks.gateways.provider_answers import ADOBE, MEDUSA, VTEX_CREDIT, VTEX_GIFTCARD
from benchmarks.gateways.questions import SICK, History, Question, Spendable, added_up

_KEY_ID: Final = "bench"
_API_KEY: Final = f"cg_{_KEY_ID}_{64 * '5'}"
_SECRETS: Final = {
    "BENCH_IDS": "these ids seal nothing but a benchmark",
    "BENCH_VTEX_KEY": "vtexappkey-bench",
    "BENCH_VTEX_TOKEN": "bench-vtex-token",
    "BENCH_ADOBE": "bench-adobe-token",
    "BENCH_MEDUSA": "sk_" + 32 * "5a",
}
_VTEX: Final = '{ app_key = { env = "BENCH_VTEX_KEY" }, app_token = { env = "BENCH_VTEX_TOKEN" } }'
_ADOBE: Final = '{ kind = "bearer", token = { env = "BENCH_ADOBE" } }'
_MEDUSA: Final = '{ kind = "secret-key", token = { env = "BENCH_MEDUSA" } }'
_SOURCES: Final = (
    ("vtex-credit", VTEX_CREDIT, "/vtex", _VTEX),
    ("vtex-giftcard", VTEX_GIFTCARD, "/vtex", _VTEX),
    ("adobe", ADOBE, "/adobe/rest/default", _ADOBE),
    ("medusa", MEDUSA, "/medusa", _MEDUSA),
)
_PROVIDER_OF: Final = {key: provider for key, provider, _, _ in _SOURCES}

_TOTAL: Final = """
query Total($email: String!, $age: Int!) {
  customer(by: {email: $email}) {
    spendableCredit(
      currency: BRL
      options: {includeTolerance: false, maxStalenessSeconds: $age%s}
    ) {
      total { amount }
      byInstrument { instrument { source { key } } spendable { amount { amount } } }
      unavailable { source { key } }
    }
  }
}
"""
_HISTORY: Final = """
query History($email: String!) {
  customer(by: {email: $email}) {
    invoices(first: 50) { nodes { number status amount { amount } dueAt } }
    giftCards(first: 50) {
      nodes {
        maskedCode
        balance { amount }
        expiresAt
        ledger(first: 20) { nodes { kind amount { amount } occurredAt } }
      }
    }
  }
}
"""


def this_gateway(
    key: str = "ours",
    name: str = "this gateway",
    *,
    fresh_seconds: float = 0,
    deadline_seconds: float = 3.0,
) -> Contestant:
    """
    Args:
        fresh_seconds: For how long what a provider said is remembered; not at all to be cold.
        deadline_seconds: After that an answer is given with what is there; the gateway's default.
    """
    spared = [key for key, provider in _PROVIDER_OF.items() if provider != SICK]
    return Contestant(
        key=key,
        name=name,
        start=partial(_start, fresh_seconds, deadline_seconds),
        wordings={
            Question.TOTAL: Wording(_TOTAL % "", _spendable),
            Question.SPARED: Wording(_TOTAL % f", sources: {json.dumps(spared)}", _spendable),
            Question.HISTORY: Wording(_HISTORY, _history),
            Question.QUIET_HISTORY: Wording(_HISTORY, _history),
        },
        variables=lambda customer, age: {"email": customer.email, "age": age},
        headers={"Authorization": f"Bearer {_API_KEY}"},
    )


def _start(fresh_seconds: float, deadline_seconds: float, place: Place) -> Started:
    file = place.folder / "creditgraph.toml"
    configuration = _configuration(place, fresh_seconds, deadline_seconds)
    file.write_text(configuration, encoding="utf-8")
    arguments = ("serve", f"--config={file}", f"--port={place.port}")
    return Started([sys.executable, "-m", "app", *arguments], _SECRETS)


def _configuration(place: Place, fresh_seconds: float, deadline_seconds: float) -> str:
    """As in production, but for limits that a benchmark would run into."""
    digest = hashlib.sha256(_API_KEY.encode()).hexdigest()
    return "".join(
        [
            f"""
id_secret = {{ env = "BENCH_IDS" }}
deadline_seconds = {deadline_seconds}
log_level = "info"
log_format = "json"

[journal]
path = "{place.folder / "journal.db"}"

[[authentication.api_keys]]
name = "bench"
hash = "cg_{_KEY_ID}:sha256${digest}"
level = "SERVICE"
scopes = ["credit:read", "giftcard:read", "storecredit:read"]

[door.rate]
per_caller = 100000000

[door.concurrency]
running = 300

[limits]
cost = 2000

[cache]
fresh_seconds = {fresh_seconds}
""",
            *(_source(place.stub, *source) for source in _SOURCES),
            *map(_customer, EVERYBODY),
        ]
    )


def _source(stub: str, key: str, provider: str, path: str, credentials: str) -> str:
    return f"""
[[sources]]
key = "{key}"
provider = "{provider}"
base_url = "{stub}{path}"
default_currency = "BRL"
calls_per_minute = 10000000
credentials = {credentials}
"""


def _customer(customer: Customer) -> str:
    links = f'medusa = "{customer.medusa_id}", adobe = "company:{customer.company_id}"'
    return f'\n[[customers]]\nemail = "{customer.email}"\nlinks = {{ {links} }}\n'


def _spendable(data: Any) -> Spendable:
    found = data["customer"]["spendableCredit"]
    lines: dict[str, Decimal] = {}
    for line in found["byInstrument"]:
        provider = _PROVIDER_OF[line["instrument"]["source"]["key"]]
        lines[provider] = lines.get(provider, Decimal(0)) + _amount(line["spendable"])
    return Spendable(
        total=_amount(found, "total"),
        lines=lines,
        missing=frozenset(_PROVIDER_OF[one["source"]["key"]] for one in found["unavailable"]),
    )


def _history(data: Any) -> History:
    invoices = data["customer"]["invoices"]["nodes"]
    cards = data["customer"]["giftCards"]["nodes"]
    entries = [entry for card in cards for entry in card["ledger"]["nodes"]]
    return History(
        invoices=len(invoices),
        owed=added_up(map(_amount, invoices)),
        cards=len(cards),
        left=added_up(_amount(card, "balance") for card in cards),
        transactions=len(entries),
        issued=added_up(map(_amount, entries)),
    )


def _amount(holder: Mapping[str, Any], member: str = "amount") -> Decimal:
    return Decimal(holder[member]["amount"])
