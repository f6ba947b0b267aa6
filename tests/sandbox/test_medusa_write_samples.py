"""
The store-credit stand-in's write routes against exchanges captured from a real server.

Every exchange is staged alone: what it needs to have happened before is worked out from its own
request and answer. New ids, codes and dates are masked; all else must be the same, byte by byte.
What is replayed in `test_medusa_samples.py` is only counted here.
"""

import asyncio
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox import exact_json
from tests.sandbox.medusa_shop import (
    ACCOUNTS,
    AS_KEY,
    AS_USER,
    CARDS,
    CLAIM,
    Json,
    account,
    account_id,
    as_shopper,
    balance,
    client_of,
    post,
    section,
    shopper_id,
    totals,
)

SAMPLES = Path(__file__).parents[2] / "../shared/providers/store-credit.samples.json"

CARTS = "a cart has lines, prices and an order behind it, of which the stand-in knows nothing"
LEFT_OUT = {
    "POST /store/carts/{id}/store-credits → 200": CARTS,
    "POST /store/carts/{id}/store-credits → 200 (no amount takes all it can)": CARTS,
    "POST /store/carts/{id}/store-credits → 200 (zero takes it off)": CARTS,
    "POST /store/carts/{id}/store-credits → 400 (more than the balance)": CARTS,
    "POST /store/carts/{id}/gift-cards → 200": CARTS,
    "POST /store/carts/{id}/gift-cards → 400 (already on the cart)": CARTS,
    "POST /store/carts/{id}/gift-cards → 400 (expired)": CARTS,
    "POST /store/carts/{id}/gift-cards → 400 (unknown code)": CARTS,
    "DELETE /store/carts/{id}/gift-cards → 200": CARTS,
    "DELETE /store/carts/{id}/gift-cards → 400 (not on the cart)": CARTS,
}
RUNS = ("_races", "_same Idempotency-Key twice, credit of 5")
ROUTES = (ACCOUNTS, CARDS, CLAIM)

HEADERS = {
    "Bearer <admin jwt>": AS_USER,
    "Basic <secret key>": AS_KEY,
    "publishable key + Bearer <customer jwt>": as_shopper(1),
}

NEW = re.compile(
    r'(?<=")(?:(?:sc_acc|sc_trx|gcard)_[0-9A-Z]{26}|(?:SC|GIFT)(?:-[A-Z2-9]{4}){4})(?=")'
    r'|(?<="(?:cre|upd)ated_at":")[^"]+'
)

needs_samples = pytest.mark.skipif(
    not SAMPLES.exists(), reason=f"no captured exchanges at {SAMPLES}"
)


def all_samples() -> dict[str, Json]:
    if not SAMPLES.exists():
        return {}
    samples: dict[str, Json] = exact_json.loads(SAMPLES.read_bytes())
    return samples


def replayed_here() -> dict[str, Json]:
    return {
        name: sample
        for name, sample in all_samples().items()
        if name.startswith("POST ")
        and name.split(" ")[1].startswith(ROUTES)
        and sample["request"]["auth"] in HEADERS
        and isinstance(sample["body"], dict)
        and sample["status"] != 413
    }


class Scene:
    """A path and the seed in which it was asked."""

    def __init__(self, name: str, sample: Json) -> None:
        self.asked: Json = sample["request"].get("body") or {}
        self.answer: Json = sample["body"]
        message = self.answer.get("message", "")
        shown = self.answer.get("store_credit_account") or self.answer.get("gift_card") or {}
        named = re.search(r" not found: (\S+)", message)
        identifier = named[1] if named else shown.get("id", account_id(1))
        template = name.split(" ")[1]
        self.path = template.replace("{id}", identifier)
        self.accounts: list[Json] = []
        self.cards: list[Json] = []
        self.customers: list[Json] = []
        if customer := shown.get("customer"):
            self.customers.append(customer)
        match template.rpartition("/")[2]:
            case "credit" | "debit":
                self._stage_movement(shown)
            case "store-credit-accounts" if "already exists" in message:
                self._stage(customer_id=self.asked["customer_id"])
            case "gift-cards" if "already exists" in message:
                self._stage_card({"id": "gcard_1", "code": self.asked["code"], "value": 5})
            case "{id}" if shown:
                self._stage_card({**shown, "metadata": None, "note": None, "expires_at": None})
            case "claim":
                self._stage_claim(message, shown)

    def section(self) -> Json:
        content = section(accounts=self.accounts, gift_cards=self.cards)
        content["customers"] += self.customers
        return content

    def _stage(self, opening: Decimal = Decimal(0), **members: Any) -> None:
        self.accounts.append(account(len(self.accounts) + 1, str(opening), **members))

    def _stage_movement(self, shown: Json) -> None:
        """An account with the credits before this one; no captured one had debits before."""
        if not shown:
            self._stage()
            return
        asked: Decimal = self.asked["amount"]
        after: Decimal = shown["credits"] if "credits" in shown else shown["balance"]
        amount = asked if asked > Decimal("0.0001") else Decimal(0)
        members = ("id", "code", "currency_code", "customer_id", "metadata", "created_at")
        self._stage(
            after if self.path.endswith("/debit") else after - amount,
            **{name: shown[name] for name in members if name in shown},
        )

    def _stage_card(self, card: Json) -> None:
        self._stage()
        self.cards.append(
            {"currency_code": "usd", "created_at": "now-1d", **card, "account_id": account_id(1)}
        )

    def _stage_claim(self, message: str, shown: Json) -> None:
        code = self.asked.get("code", "SC-OTHER")
        if "no balance" in message:
            self._stage(code=code)
        elif "belongs to" in message:
            self._stage(Decimal(5), code=code, customer_id=shopper_id(2))
        elif "already owns" in message:
            self._stage(Decimal(5), code=code, customer_id=shopper_id(1))
        elif shown:
            members = {name: shown[name] for name in ("id", "currency_code", "code")}
            self._stage(Decimal("7.5"), **members)


def masked(text: str) -> str:
    return NEW.sub("<new>", text)


@needs_samples
@pytest.mark.parametrize("name", replayed_here())
async def test_a_captured_write_comes_out_again(name: str) -> None:
    sample = all_samples()[name]
    request = sample["request"]
    scene = Scene(name, sample)
    raw = request.get("raw_body")
    async with client_of(scene.section()) as client:
        answer = await client.post(
            f"{scene.path}?{request.get('query', '')}",
            content=raw.encode() if raw else exact_json.dumps(request.get("body")),
            headers={**HEADERS[request["auth"]], "content-type": "application/json"},
        )
    assert (answer.status_code, answer.headers["content-type"]) == (
        sample["status"],
        sample["content_type"],
    )
    assert masked(answer.text) == masked(exact_json.dumps(sample["body"]).decode())


@needs_samples
@pytest.mark.parametrize("race", all_samples().get("_races", {}))
async def test_a_captured_race_ends_as_it_did(race: str) -> None:
    sample = all_samples()["_races"][race]
    times, amount, opening = (int(number) for number in re.findall("[0-9]+", race))
    async with client_of(section(accounts=[account(1, str(opening))])) as client:
        path = f"{ACCOUNTS}/{account_id(1)}/debit"
        replies = await asyncio.gather(
            *(post(client, path, {"amount": amount}) for _ in range(times))
        )
        final = sample["final"]
        expected = (final["credits"], final["debits"], final["balance"])
        assert await totals(client, account_id(1)) == expected
    assert Counter(str(status) for status, _ in replies) == sample["statuses"]


@needs_samples
async def test_the_captured_idempotency_key_moved_twice() -> None:
    sample = all_samples()["_same Idempotency-Key twice, credit of 5"]
    async with client_of(section(accounts=[account(1)])) as client:
        for _ in range(2):
            headers = {"idempotency-key": "same"}
            await post(client, f"{ACCOUNTS}/{account_id(1)}/credit", {"amount": 5}, headers)
        assert await balance(client, account_id(1)) == sample["store_credit_account"]["balance"]


@needs_samples
def test_every_captured_exchange_is_replayed_or_left_out_by_name() -> None:
    """Those of `test_medusa_samples.py`: reads, sign-in, and what no write route is asked for."""
    rest = all_samples().keys() - replayed_here().keys() - LEFT_OUT.keys() - set(RUNS)
    others = Counter(name.split(" ")[0] for name in rest if not name.startswith("POST /auth/"))
    assert others == {"GET": 56, "PUT": 1, "PATCH": 1, "DELETE": 1, "POST": 5}
    assert LEFT_OUT.keys() <= all_samples().keys()
    assert len(replayed_here()) == 47
