"""Any sequence of writes leaves the VTEX Customer Credit stand-in where a plain account book is."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as some

from tests.sandbox.vtex_credit_calls import Store, section_of

LIMIT, LARGEST, GROWTH_PERCENT = 100_000, 60_000, 10
LONGEST_HOURS, UNASKED_HOURS = 30 * 24, 24
TERMS = {"toleranceEnabled": True, "maxPreAuthorizationGrowthRate": Decimal("0.1")}


@dataclass
class Installment:
    cents: int
    refunded: int = 0
    status: str = "Opened"


@dataclass
class Purchase:
    held: int
    first: int
    settle: bool
    parts: int
    ends_at: int
    stage: str = "held"
    to_balance: int = 0
    installments: list[Installment] = field(default_factory=list)

    def opened(self) -> list[Installment]:
        return [i for i in self.installments if i.status == "Opened"]

    def may_become(self, cents: int) -> bool:
        return cents * 100 <= self.first * (100 + GROWTH_PERCENT)


@dataclass
class Book:
    """In whole cents, hours and percent; every verb says whether it was allowed."""

    hour: int = 0
    limit: int = LIMIT
    tolerance: int = 0
    balance: int = 0
    interval: Fraction = Fraction(0)
    purchases: list[Purchase] = field(default_factory=list)

    def held(self) -> int:
        return sum(p.held for p in self.purchases if self.is_live(p))

    def used(self) -> int:
        return sum(i.cents for p in self.purchases for i in p.opened())

    def is_live(self, purchase: Purchase) -> bool:
        return purchase.stage == "held" and self.hour < purchase.ends_at

    def has_room(self, cents: int) -> bool:
        room = self.limit - self.held() - self.used() + Fraction(self.limit * self.tolerance, 100)
        return cents <= 0 or cents <= room

    def change_limit(self, cents: int) -> bool:
        self.interval += Fraction((cents - self.limit) * (100 + self.tolerance), 100)
        self.limit = cents
        return True

    def change_tolerance(self, percent: int) -> bool:
        self.interval += Fraction(self.limit * (percent - self.tolerance), 100)
        self.tolerance = percent
        return True

    def post(self, cents: int) -> bool:
        self.balance += cents
        self.interval += cents
        return True

    def hold(self, cents: int, parts: int, *, settle: bool) -> bool:
        if not self.has_room(cents):
            return False
        hours = LONGEST_HOURS if settle else UNASKED_HOURS
        self.purchases.append(Purchase(cents, cents, settle, parts, self.hour + hours))
        return True

    def change_hold(self, purchase: Purchase, cents: int) -> bool:
        allowed = purchase.may_become(cents) and self.has_room(cents - purchase.held)
        if not self.is_live(purchase) or not allowed:
            return False
        purchase.held = cents
        return True

    def cancel_hold(self, purchase: Purchase) -> bool:
        if not self.is_live(purchase) or purchase.settle:
            return False
        purchase.stage = "cancelled"
        return True

    def settle(self, purchase: Purchase, cents: int) -> bool:
        if purchase.stage == "settled":
            return self._settle_again(purchase, cents)
        allowed = purchase.may_become(cents) and self.has_room(cents - purchase.held)
        if not self.is_live(purchase) or not allowed:
            return False
        purchase.stage = "settled"
        purchase.installments = [Installment(part) for part in shares(cents, purchase.parts)]
        self.interval -= cents
        return True

    def _settle_again(self, purchase: Purchase, cents: int) -> bool:
        captured = sum(i.cents + i.refunded for i in purchase.installments)
        if cents == captured:
            return True
        rest = cents - sum(i.cents for i in purchase.installments if i.status != "Opened")
        refunded = purchase.to_balance + sum(i.refunded for i in purchase.installments)
        allowed = purchase.may_become(cents) and self.has_room(cents - captured)
        if rest < 0 or refunded or not allowed:
            return False
        if not purchase.opened():
            purchase.installments.append(Installment(0))
        opened = purchase.opened()
        for installment, part in zip(opened, shares(rest, len(opened)), strict=True):
            installment.cents = part
        self.interval -= cents - captured
        return True

    def refund(self, purchase: Purchase, cents: int) -> bool:
        left = [i.cents for i in purchase.installments if i.status != "Cancelled"]
        if purchase.stage != "settled" or cents > sum(left) - purchase.to_balance:
            return False
        self.interval += cents
        for installment in purchase.opened()[::-1]:
            part = min(cents, installment.cents)
            installment.cents, installment.refunded = (
                installment.cents - part,
                installment.refunded + part,
            )
            cents -= part
        purchase.to_balance += cents
        self.balance += cents
        return True

    def pay(self, installment: Installment) -> bool:
        if installment.status != "Opened":
            return False
        installment.status = "Paid"
        self.interval += installment.cents
        return True

    def cancel_invoice(self, installment: Installment) -> bool:
        if installment.status != "Opened":
            return False
        installment.status = "Cancelled"
        return True


def shares(cents: int, parts: int) -> list[int]:
    each, rest = divmod(cents, parts)
    return [each] * (parts - 1) + [each + rest]


class Both:
    """Does the same with the book and with the stand-in, and compares them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._book = Book()
        self._ids: list[str] = []
        self._entries = 0

    async def do(self, verb: str, which: int, cents: int, number: int, *, settle: bool) -> None:
        book = self._book
        match verb:
            case "wait":
                book.hour += number
                self._store.clock.advance(timedelta(hours=number))
            case "limit":
                await self._put("/creditlimit", amount(cents), allowed=book.change_limit(cents))
            case "tolerance":
                allowed = book.change_tolerance(number)
                await self._put("/tolerance", amount(number), allowed=allowed)
            case "post":
                await self._post(cents if settle else -cents)
            case "hold":
                await self._hold(cents, number, settle=settle)
            case _ if self._ids:
                await self._on_purchase(verb, which % len(self._ids), cents, number)
        await self._compare()

    async def _post(self, cents: int) -> None:
        self._entries += 1
        body = {"value": str(amount(cents)["value"])}
        await self._put(f"/statements/s{self._entries}", body, allowed=self._book.post(cents))

    async def _hold(self, cents: int, parts: int, *, settle: bool) -> None:
        body = amount(cents) | {"installments": parts, "settle": settle}
        allowed = self._book.hold(cents, parts, settle=settle)
        answer = await self._send("POST", "/transactions", body, allowed=allowed)
        self._ids += [answer["id"]] if allowed else []

    async def _on_purchase(self, verb: str, index: int, cents: int, number: int) -> None:
        book, purchase = self._book, self._book.purchases[index]
        cents = 1 + purchase.first * cents // (LARGEST * 5 // 6)  # mostly within what it may become
        path, body = f"/transactions/{self._ids[index]}", amount(cents)
        match verb:
            case "change":
                change = body | {"settle": purchase.settle, "installments": purchase.parts}
                await self._put(path, change, allowed=book.change_hold(purchase, cents))
            case "cancel":
                await self._send("DELETE", path, allowed=book.cancel_hold(purchase))
            case "settle":
                await self._put(f"{path}/settlement", body, allowed=book.settle(purchase, cents))
            case "refund":
                part = 1 + cents // 4
                allowed = book.refund(purchase, part)
                await self._send("POST", f"{path}/refunds", amount(part), allowed=allowed)
            case "pay" | "cancel invoice" if purchase.installments:
                await self._on_invoice(verb, index, number % len(purchase.installments))

    async def _on_invoice(self, verb: str, index: int, number: int) -> None:
        installment = self._book.purchases[index].installments[number]
        path = f"/invoices/{self._ids[index]}-{number + 1:02d}"
        if verb == "pay":
            await self._send("POST", f"{path}/payments", allowed=self._book.pay(installment))
        else:
            await self._send("DELETE", path, allowed=self._book.cancel_invoice(installment))

    async def _put(self, path: str, body: object, *, allowed: bool) -> None:
        await self._send("PUT", path, body, allowed=allowed)

    async def _send(self, verb: str, path: str, body: object = None, *, allowed: bool) -> Any:
        response = await self._store.send(verb, f"/accounts/one{path}", body)
        assert response.status_code == (200 if allowed else 400), (verb, path, body, response.text)
        return response.json() if response.content else {}

    async def _compare(self) -> None:
        book, account = self._book, await self._store.account()
        statements = await self._store.call("GET", "/accounts/one/statements")
        invoices = {
            invoice["id"]: (
                cents(invoice["value"]),
                cents(invoice["creditValue"]),
                invoice["status"],
            )
            for invoice in await self._store.invoices()
        }
        assert cents(account["creditLimit"]) == book.limit
        assert cents(account["preAuthorizedCredit"]) == book.held()
        assert cents(account["availableCredit"]) == book.limit - book.held() - book.used()
        assert cents(account["balance"]) == cents(statements["currentBalance"]) == book.balance
        assert cents(statements["intervalBalance"]) == book.interval
        assert invoices == {
            f"{hold_id.upper()}-{number:02d}": (i.cents, i.refunded, i.status)
            for hold_id, purchase in zip(self._ids, book.purchases, strict=True)
            for number, i in enumerate(purchase.installments, start=1)
        }


def amount(hundredths: int) -> dict[str, Any]:
    return {"value": Decimal(hundredths) / 100}


def cents(value: Any) -> Any:
    return Fraction(value) * 100


VERBS = (
    *("wait", "limit", "tolerance", "post", "change", "cancel", "cancel invoice"),
    *("hold", "settle", "pay", "refund") * 3,
    *("settle",) * 3,
)
STEPS = some.lists(
    some.tuples(
        some.sampled_from(VERBS),
        some.integers(0, 3),
        some.integers(1, LARGEST),
        some.integers(1, 12),
        some.booleans(),
    ),
    min_size=15,
    max_size=40,
)


# No shrinking: it would take minutes, and the first step that differs is named anyway.
@settings(max_examples=60, deadline=None, phases=set(Phase) - {Phase.shrink})
@given(STEPS)
def test_every_figure_is_that_of_the_book(steps: list[tuple[str, int, int, int, bool]]) -> None:
    asyncio.run(follow(steps))


async def follow(steps: list[tuple[str, int, int, int, bool]]) -> None:
    async with Store(section_of(terms=TERMS)) as store:
        both = Both(store)
        for verb, which, hundredths, number, settle in steps:
            await both.do(verb, which, hundredths, number, settle=settle)
