"""
Between the documents of VTEX Giftcard and the domain.

Unit: JSON numbers in major units, up to four decimals, in both directions. The integer cents that
a checkout shows for the same cards do not occur in this API.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from adapters.vtex_giftcard.wire import (
    CardResponse,
    CartItemRequest,
    CartRequest,
    ClientRequest,
    MovementResponse,
    SearchRequest,
    TransactionReference,
    TransactionResponse,
)
from app.domain.errors import InvalidQuestion
from app.domain.identifiers import ProviderCardId, ProviderEntryId, ProviderHoldId
from app.domain.instruments import GiftCard, InstrumentStatus, Secret, VtexGiftCardDetails
from app.domain.ledger import CardMovement, CardOperation, CardTransaction
from app.domain.money import Currency, Money
from app.domain.provider import Cart, CartItem, GiftCardQuestion, SourceInfo

_OPERATIONS: Final = {"credit": CardOperation.CREDIT, "debit": CardOperation.DEBIT}


def names_card(answered: str, asked: ProviderCardId) -> bool:
    """
    Whether an answer is about the card asked for: `92de2449_74` may be answered as `74`.

    Source: documented, developer guide, `cardId` of transactions.
    """
    return answered == asked or (answered.isdecimal() and asked.endswith(f"_{answered}"))


def to_gift_card(
    wire: CardResponse, *, card_id: ProviderCardId, source: SourceInfo, observed_at: datetime
) -> GiftCard:
    """
    The card under the id it was asked for, which is the long one where there are two.

    The currency is the source's default one where the card names none: VTEX means the store's.
    """
    currency = Currency(wire.currency_code) if wire.currency_code else source.default_currency
    return GiftCard(
        source=source.key,
        provider_card_id=card_id,
        redemption_code=Secret(wire.redemption_code.get_secret_value()),
        currency=currency,
        currency_assumed=wire.currency_code is None,
        status=_status(wire, observed_at),
        balance=Money(wire.balance, currency),
        issued_at=wire.emission_date,
        expires_at=wire.expiring_date,
        restricted_to_owner=wire.restricted_to_owner,
        reloadable=wire.multiple_credits,
        reusable=wire.multiple_redemptions,
        observed_at=observed_at,
        details=VtexGiftCardDetails(
            relation_name=wire.relation_name, caption=wire.caption, discount=wire.discount
        ),
    )


def _status(wire: CardResponse, observed_at: datetime) -> InstrumentStatus:
    """VTEX has no status word; a card that its seller deactivated reads like any other."""
    if wire.expiring_date <= observed_at:
        return InstrumentStatus.EXPIRED
    return InstrumentStatus.ACTIVE if wire.balance > 0 else InstrumentStatus.DEPLETED


def to_transaction_id(wire: TransactionReference) -> ProviderHoldId:
    """
    The id that the reference is about.

    Source: recorded, samples of the reference of 2020: `id` and `cardId` are swapped there, the
    link is right.
    """
    if wire.card_id and wire.link and wire.card_id == wire.link.last_segment:
        return ProviderHoldId(wire.card_id)
    return ProviderHoldId(wire.id)


def to_card_transaction(
    wire: TransactionResponse, *, card: GiftCard, transaction_id: ProviderHoldId
) -> CardTransaction:
    word = wire.operation or ""
    return CardTransaction(
        source=card.source,
        provider_card_id=card.provider_card_id,
        provider_hold_id=transaction_id,
        operation=_OPERATIONS.get(word.lower(), CardOperation.UNKNOWN),
        amount=Money(wire.value, card.currency),
        description=wire.description,
        occurred_at=wire.date,
        raw_operation=word,
    )


def to_movement(wire: MovementResponse, *, card: GiftCard) -> CardMovement:
    return CardMovement(
        provider_entry_id=ProviderEntryId(wire.oid),
        amount=Money(wire.value, card.currency),
        occurred_at=wire.date,
    )


def search_request(question: GiftCardQuestion) -> SearchRequest:
    """
    The search with every member that the file requires; what is not known goes as empty text.

    Raises:
        InvalidQuestion: The code is a masked one.
    """
    code = question.redemption_code or ""
    if "*" in code:
        raise InvalidQuestion("A masked code finds no card.")
    return SearchRequest(
        cart=_cart(question.cart, code, question.relation_name),
        client=ClientRequest(
            id=question.provider_customer_id or question.email or "",
            email=question.email or "",
            document=question.document or "",
        ),
    )


def _cart(cart: Cart, code: str, relation_name: str | None) -> CartRequest:
    return CartRequest(
        grand_total=_number(cart.grand_total),
        relation_name=relation_name,
        redemption_code=code,
        discounts=_number(cart.discounts),
        shipping=_number(cart.shipping),
        taxes=_number(cart.taxes),
        items=tuple(map(_item, cart.items)),
        items_total=_number(cart.items_total),
    )


def _item(item: CartItem) -> CartItemRequest:
    return CartItemRequest(
        product_id=item.product_id,
        id=item.id,
        ref_id=item.ref_id or "",
        name=item.name,
        price=_number(item.price),
        quantity=item.quantity,
    )


def _number(amount: Decimal) -> int | Decimal:
    """The file types amounts as integers, its guides send fractions too: 20.00 goes as 20."""
    return int(amount) if amount == amount.to_integral_value() else amount
