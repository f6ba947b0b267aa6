"""What a team would write itself: the server in `bff/`, with either HTTP client, and cached."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.gateways.contestants import Contestant, Place, Started, Wording
from benchmarks.gateways.node_packages import install
from benchmarks.gateways.people import EVERYBODY
from benchmarks.gateways.questions import History, Question, Spendable, added_up

BFF: Final = Path(__file__).with_name("bff")

_TOTAL: Final = """
query Total($email: String!) {
  customer(email: $email) { spendable { total lines { source amount } } }
}
"""
_HISTORY: Final = """
query History($email: String!) {
  customer(email: $email) {
    invoices { number status amount dueAt }
    giftCards {
      maskedCode
      balance
      expiresAt
      transactions { operation amount occurredAt settled cancelled }
    }
  }
}
"""


def yoga(key: str, name: str, *, client: str = "fetch", cache_seconds: int = 0) -> Contestant:
    environment = {"HTTP_CLIENT": client, "CACHE_MS": str(cache_seconds * 1000)}
    return hand_written(key, name, partial(_start, environment), partial(install, BFF))


def hand_written(
    key: str,
    name: str,
    start: Callable[[Place], Started],
    prepare: Callable[[], str | None] = lambda: None,
) -> Contestant:
    """Servers of one schema, in whatever language."""
    return Contestant(
        key=key,
        name=name,
        start=start,
        prepare=prepare,
        wordings={
            Question.TOTAL: Wording(_TOTAL, _spendable),
            Question.HISTORY: Wording(_HISTORY, _history),
            Question.QUIET_HISTORY: Wording(_HISTORY, _history),
        },
        variables=lambda customer, _: {"email": customer.email},
    )


def write_people(place: Place) -> Path:
    """Who is who at the providers that find nobody by e-mail."""
    file = place.folder / "people.json"
    people = {one.email: {"medusa": one.medusa_id, "company": one.company_id} for one in EVERYBODY}
    file.write_text(json.dumps(people), encoding="utf-8")
    return file


def surroundings(place: Place) -> dict[str, str]:
    return {
        "PORT": str(place.port),
        "PROVIDERS": place.stub,
        "PEOPLE": str(write_people(place)),
    }


def _start(environment: dict[str, str], place: Place) -> Started:
    node = shutil.which("node") or "node"
    return Started(
        [node, str(BFF / "server.mjs")],
        {**surroundings(place), **environment, "NODE_ENV": "production"},
    )


def _spendable(data: Any) -> Spendable:
    found = data["customer"]["spendable"]
    lines: dict[str, Decimal] = {}
    for line in found["lines"]:
        lines[line["source"]] = lines.get(line["source"], Decimal(0)) + Decimal(line["amount"])
    return Spendable(total=Decimal(found["total"]), lines=lines)


def _history(data: Any) -> History:
    customer = data["customer"]
    cards = customer["giftCards"]
    entries = [entry for card in cards for entry in card["transactions"]]
    return History(
        invoices=len(customer["invoices"]),
        owed=added_up(Decimal(one["amount"]) for one in customer["invoices"]),
        cards=len(cards),
        left=added_up(Decimal(card["balance"]) for card in cards),
        transactions=len(entries),
        issued=added_up(Decimal(entry["amount"]) for entry in entries),
    )
