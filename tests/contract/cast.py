"""People and things of the built-in seed that contract tests speak of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, Final

from app.domain.customer import CustomerIdentity, IdentityMatch, Link
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderCustomerId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.ledger import Direction, LedgerEntry, LedgerQuestion
from app.domain.money import Currency, Money
from app.domain.provider import GiftCardQuestion

Said = Callable[[str], Awaitable[Any]]

SHOPPER: Final = CustomerIdentity(email="shopper@example.com", document="11144477735")
SHOPPERS_CARDS: Final = GiftCardQuestion(email=SHOPPER.email, document=SHOPPER.document)
LOYALTY_CARD: Final = ProviderCardId("shopper@example.com_7")
BUYERS_ACCOUNT: Final = ProviderAccountId("11222333000181_CNPJ")
BUYERS_CREDIT: Final = ProviderAccountId("32")
BUYERS_STORE_CREDIT: Final = ProviderStoreCreditId("sc_acc_01K4RKVH00DZVR88P95D5P5MC5")
COLLECTORS_CARDS: Final = GiftCardQuestion(email="collector@example.com", document="39053344705")

ANY_ENTRY: Final = LedgerQuestion()
LIMITS: Final = (1, 7, 20, 50, 100)


def customer_id(number: int) -> ProviderCustomerId:
    return ProviderCustomerId(f"cus_01K0A00000000000000000000{number}")


def by_email(name: str) -> CustomerIdentity:
    return CustomerIdentity(email=f"{name}@example.com")


def linked(source: str, own_id: str) -> CustomerIdentity:
    link = Link(SourceKey(source), ProviderCustomerId(own_id), IdentityMatch.DIRECTORY)
    return CustomerIdentity(links=(link,))


def brl(text: str) -> Money:
    return Money(Decimal(text), Currency("BRL"))


def signed(entry: LedgerEntry) -> Decimal:
    match entry.direction:
        case Direction.CREDIT:
            return entry.amount.amount
        case Direction.DEBIT:
            return -entry.amount.amount
        case Direction.NEUTRAL:
            return Decimal(0)
