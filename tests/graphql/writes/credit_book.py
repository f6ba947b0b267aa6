"""A credit account as a clerk keeps it on paper, in cents; of the provider's contract alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

GROWTH_PERCENT = 10


@dataclass
class Bill:
    cents: int
    status: str = "OPEN"


@dataclass
class Purchase:
    """
    Attributes:
        kept: Set aside or captured in all; what was released is not part of it.
        first: What was set aside at first, from which the store lets it grow a little.
    """

    kept: int
    first: int
    parts: int
    captured: int = 0
    refunded: int = 0
    refunded_after_payment: int = 0
    bills: list[Bill] = field(default_factory=list)

    def billed(self, *statuses: str) -> int:
        return sum(one.cents for one in self.bills if one.status in statuses)

    @property
    def open_bills(self) -> list[Bill]:
        return [one for one in self.bills if one.status == "OPEN"]

    @property
    def held(self) -> int:
        return 0 if self.bills else self.kept


@dataclass
class Book:
    """Each act says whether it is allowed, and is done if it is."""

    limit: int
    purchases: list[Purchase] = field(default_factory=list)

    @property
    def held(self) -> int:
        return sum(one.held for one in self.purchases)

    @property
    def owed(self) -> int:
        return sum(one.billed("OPEN") for one in self.purchases)

    @property
    def paid(self) -> int:
        return sum(one.billed("PAID") for one in self.purchases)

    @property
    def available(self) -> int:
        return self.limit - self.owed - self.held

    def hold(self, cents: int, parts: int) -> bool:
        if cents > self.available:
            return False
        self.purchases.append(Purchase(kept=cents, first=cents, parts=parts))
        return True

    def change(self, one: Purchase, cents: int) -> bool:
        more = cents - one.kept
        grown = 100 * cents > (100 + GROWTH_PERCENT) * one.first
        if one.bills or not one.kept or grown or 0 < more > self.available:
            return False
        one.kept = cents
        return True

    def release(self, one: Purchase, cents: int) -> bool:
        if cents > one.kept - one.captured:
            return False
        one.kept -= cents
        return True

    def capture(self, one: Purchase, cents: int) -> bool:
        """What is more than at first is shared by the bills that are open, or is a new one."""
        if one.refunded or cents > one.kept - one.captured:
            return False
        if one.bills and cents > self.available:
            return False
        if not one.bills:
            one.bills = [Bill(0) for _ in range(one.parts)]
        elif not one.open_bills:
            one.bills.append(Bill(0))
        owed, bills = one.billed("OPEN") + cents, one.open_bills
        for bill in bills:
            bill.cents = owed // len(bills)
        bills[-1].cents += owed % len(bills)
        one.captured += cents
        return True

    def refund(self, one: Purchase, cents: int) -> bool:
        """Off the open bills, the last one first; what is left was paid."""
        can_be = one.billed("OPEN", "PAID") - one.refunded_after_payment
        if cents > min(can_be, one.captured - one.refunded):
            return False
        one.refunded += cents
        for bill in reversed(one.open_bills):
            part = min(cents, bill.cents)
            bill.cents -= part
            cents -= part
        one.refunded_after_payment += cents
        return True

    def end(self, bill: Bill, status: str) -> bool:
        """Paid or cancelled, and so it stays."""
        if bill.status not in ("OPEN", status):
            return False
        bill.status = status
        return True


def in_cents(amount: str) -> int:
    """
    Raises:
        ValueError: It is no whole number of them.
    """
    cents = Decimal(amount) * 100
    if cents != int(cents):
        raise ValueError(amount)
    return int(cents)
