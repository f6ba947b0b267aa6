"""What mutations are given."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

import strawberry

from app.domain.errors import AccountNotFound, InvalidQuestion
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.instructions import (
    CreditGiftCard,
    CreditStoreCredit,
    DebitGiftCard,
    DebitStoreCredit,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
)
from app.domain.money import Currency, Money
from app.graphql.context import Context
from app.graphql.declare import described, optional
from app.graphql.enums import BalanceReason
from app.graphql.ids import GlobalId, NodeKind
from app.graphql.inputs.arguments import text
from app.graphql.inputs.lookups import CartInput, cart_of

OnCard = TypeVar("OnCard", CreditGiftCard, DebitGiftCard)
OnBalance = TypeVar("OnBalance", IncreaseCreditBalance, DecreaseCreditBalance)
OnStoreCredit = TypeVar("OnStoreCredit", CreditStoreCredit, DebitStoreCredit)

KEY = (
    "Names this very request, chosen by the caller: sent twice it is carried out once. At most 200 "
    "printable characters."
)
VERSION = "Refused when the `version` is not this one any more."


@strawberry.input(description="An exact amount in major units of one currency.")
class MoneyInput:
    amount: Decimal = described('Major units, more than nothing: "12.50".')
    currency_code: Currency = described("The currency of the amount.")

    def to_domain(self) -> Money:
        return Money(self.amount, self.currency_code)


def known(id_: strawberry.ID, kind: NodeKind, context: Context, *, what: str) -> GlobalId:
    """
    What an id of an input stands for.

    Raises:
        AccountNotFound: It was not made here, or for something else.
    """
    found = context.ids.read(id_)
    if found is None or found.kind is not kind:
        raise AccountNotFound(what)
    return found


def required(value: str, name: str) -> str:
    """
    A text that must say something.

    Raises:
        InvalidQuestion: It says nothing, is too long, or no text.
    """
    if not value.strip():
        raise InvalidQuestion(f"`{name}` is not empty.", path=(name,))
    return text(value, name) or ""


def named_source(key: str, context: Context) -> SourceKey:
    """
    Raises:
        InvalidQuestion: There is no such source.
    """
    return context.desk.sources.named(key).info.key


def not_negative(money: Money, name: str) -> Money:
    """
    Raises:
        InvalidQuestion: It is.
    """
    if money.is_negative:
        raise InvalidQuestion("An amount is not negative.", path=(name, "amount"))
    return money


@strawberry.input(description="An amount that is put on a gift card or taken from it.")
class GiftCardAmountInput:
    id: strawberry.ID = described("The card.")
    amount: MoneyInput = described("How much, in the card's currency.")
    description: str = described("Why, for the card's history.")
    order_id: str | None = optional("The order it is for.")
    cart: CartInput | None = optional("What is being bought.")
    expected_version: str | None = optional(VERSION)
    idempotency_key: str = described(KEY)

    def to_domain(self, kind: type[OnCard], context: Context) -> OnCard:
        card = known(self.id, NodeKind.GIFT_CARD, context, what="gift card")
        cart = cart_of(self.cart)
        return kind(
            source=card.source,
            card_id=ProviderCardId(card.parts[0]),
            amount=self.amount.to_domain(),
            description=required(self.description, "description"),
            order_id=text(self.order_id, "orderId") or (cart.order_id if cart else None),
            cart=cart,
        )


@strawberry.input(description="A change of what a credit account's holder owes.")
class BalanceInput:
    id: strawberry.ID = described("The credit account.")
    amount: MoneyInput = described("By how much, in the account's currency.")
    reason: BalanceReason = described("Why.")
    comment: str | None = optional("For the account's history.")
    purchase_order: str | None = optional("The customer's own order number.")
    order_id: str | None = optional("The shop's order number.")
    expected_version: str | None = optional(VERSION)
    idempotency_key: str = described(KEY)

    def to_domain(self, kind: type[OnBalance], context: Context) -> OnBalance:
        account = known(self.id, NodeKind.CREDIT_ACCOUNT, context, what="credit account")
        return kind(
            source=account.source,
            account_id=ProviderAccountId(account.parts[0]),
            amount=self.amount.to_domain(),
            reason=self.reason,
            comment=text(self.comment, "comment"),
            purchase_order=text(self.purchase_order, "purchaseOrder"),
            order_id=text(self.order_id, "orderId"),
        )


@strawberry.input(description="An amount that is put on a store-credit account or taken from it.")
class StoreCreditAmountInput:
    id: strawberry.ID = described("The account.")
    amount: MoneyInput = described("How much, in the account's currency.")
    note: str | None = optional("For the account's history.")
    expected_version: str | None = optional(VERSION)
    idempotency_key: str = described(KEY)

    def to_domain(self, kind: type[OnStoreCredit], context: Context) -> OnStoreCredit:
        account = known(
            self.id, NodeKind.STORE_CREDIT_ACCOUNT, context, what="store credit account"
        )
        return kind(
            source=account.source,
            account_id=ProviderStoreCreditId(account.parts[0]),
            amount=self.amount.to_domain(),
            note=text(self.note, "note"),
        )


@strawberry.input(one_of=True, description="Which operation is meant: exactly one of these.")
class OperationRef:
    id: strawberry.ID | None = optional("The `id` of its receipt.")
    idempotency_key: str | None = optional("The key that the caller sent with it.")
