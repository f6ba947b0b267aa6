"""
Between the documents of VTEX Giftcard and the domain.

Unit: JSON numbers in major units, up to four decimals, in both directions. The integer cents that
a checkout shows for the same cards do not occur in this API.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from adapters.vtex_giftcard.wire import (
    CardResponse,
    CartItemRequest,
    CartRequest,
    ClientRequest,
    IssueRequest,
    MovementRequest,
    MovementResponse,
    OrderCartRequest,
    OrderItemRequest,
    OrderRequest,
    SearchRequest,
    TransactionReference,
    TransactionRequest,
    TransactionResponse,
)
from app.domain.cart import Cart, CartItem
from app.domain.errors import InvalidQuestion
from app.domain.identifiers import ProviderCardId, ProviderEntryId, ProviderHoldId
from app.domain.instructions import (
    CreditGiftCard,
    DebitGiftCard,
    HoldOnGiftCard,
    IssueGiftCard,
)
from app.domain.instruments import GiftCard, InstrumentStatus, Secret, VtexGiftCardDetails
from app.domain.ledger import CardMovement, CardOperation, CardTransaction
from app.domain.money import Currency, Money
from app.domain.provider import GiftCardQuestion, SourceInfo

_SMALLEST_STEP: Final = Decimal("0.0001")
"""Documented: `500.0000`. What becomes of a fifth decimal is not."""

_TOO_MUCH: Final = Decimal(10) ** 11
"""With four decimals fifteen digits, as many as any reader of JSON numbers keeps."""

_OPERATIONS: Final = {"credit": CardOperation.CREDIT, "debit": CardOperation.DEBIT}


def names_card(answered: str, asked: ProviderCardId) -> bool:
    """
    Whether an answer is about the card asked for: `92de2449_74` may be answered as `74`.

    Source: documented, developer guide, `cardId` of transactions.
    """
    return answered == asked or (answered.isdecimal() and asked.endswith(f"_{answered}"))


def owner_in(card_id: ProviderCardId) -> str | None:
    """
    The profile that a card was issued to: an e-mail, or the id of a customer. A number alone does
    not tell.

    Source: documented, developer guide, `{profileId}_{number}`.
    """
    profile, _, number = card_id.rpartition("_")
    return profile if profile and number.isdecimal() else None


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
        owner=owner_in(card_id),
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


def issue_request(
    instruction: IssueGiftCard, *, relation_name: str, emitted_at: datetime | None
) -> IssueRequest:
    return IssueRequest(
        relation_name=relation_name,
        emission_date=None if emitted_at is None else _written(emitted_at),
        expiring_date=_written(instruction.expires_at),
        caption=instruction.caption,
        profile_id=instruction.owner,
        currency_code=instruction.currency.code,
        restricted_to_owner=instruction.restricted_to_owner,
        multiple_credits=instruction.reloadable,
        multiple_redemptions=instruction.reusable,
    )


def _written(at: datetime) -> str:
    """`2020-09-01T13:15:30.000Z`: the format of the file, with the zone of its sample."""
    utc = whole_milliseconds(at).astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def whole_milliseconds(at: datetime) -> datetime:
    """As much of an instant as VTEX is told."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def transaction_request(
    instruction: CreditGiftCard | DebitGiftCard | HoldOnGiftCard,
    *,
    mark: str,
    code: Secret,
    with_order: bool,
) -> TransactionRequest:
    """
    Money onto or off the card of *code*, which is the token as well.

    Args:
        with_order: The order id goes as one; else it stands in the description, which the ledger
            keeps: the native `orderInfo` is a whole order with personal data, or none.

    Source: documented, `CreateGiftCardTransaction`; recorded, that token and code are equal.
    """
    order_id, told = instruction.order_id, instruction.description
    return TransactionRequest(
        operation="Credit" if isinstance(instruction, CreditGiftCard) else "Debit",
        value=exact_value(instruction.amount),
        description=_naming(order_id, told) if order_id and not with_order else told,
        redemption_token=code.reveal(),
        redemption_code=code.reveal(),
        request_id=mark,
        order_info=_order(instruction, order_id or mark) if with_order else None,
    )


def _naming(order_id: str, told: str) -> str:
    """A hold is told as one for its order already."""
    return told if told.endswith(f" order {order_id}") else f"{told} (order {order_id})"


def _order(
    instruction: CreditGiftCard | DebitGiftCard | HoldOnGiftCard, order_id: str
) -> OrderRequest:
    """Without a cart, one of nothing but the amount."""
    if instruction.cart is not None:
        return OrderRequest(order_id=order_id, cart=_order_cart(instruction.cart))
    value = exact_value(instruction.amount)
    return OrderRequest(
        order_id=order_id, cart=OrderCartRequest(grand_total=value, items_total=value)
    )


def _order_cart(cart: Cart) -> OrderCartRequest:
    """Source: recorded, samples of an order: discounts are negative there."""
    return OrderCartRequest(
        grand_total=cart.grand_total,
        items_total=cart.items_total,
        discounts=-cart.discounts if cart.discounts else cart.discounts,
        shipping=cart.shipping,
        taxes=cart.taxes,
        items=tuple(map(_order_item, cart.items)),
    )


def _order_item(item: CartItem) -> OrderItemRequest:
    return OrderItemRequest(
        product_id=item.product_id,
        id=item.id,
        ref_id=item.ref_id or "",
        name=item.name,
        value=item.price,
        price=item.price,
        quantity=item.quantity,
    )


def movement_request(amount: Money, *, mark: str) -> MovementRequest:
    return MovementRequest(value=exact_value(amount), request_id=mark)


def exact_value(amount: Money, *path: str) -> Decimal:
    """
    An amount without an exponent, as VTEX keeps it.

    Args:
        path: The member of the input that it is from, if not its `amount`.

    Raises:
        InvalidQuestion: It is nothing, negative, or would not be kept to its last digit.
    """
    value, path = amount.amount, path or ("amount", "amount")
    if value <= 0:
        raise InvalidQuestion("An amount is more than nothing.", path=path)
    if value >= _TOO_MUCH or (kept := value.quantize(_SMALLEST_STEP)) != value:
        why = f"A gift card keeps amounts below {_TOO_MUCH:f} with up to four decimals."
        raise InvalidQuestion(why, path=path)
    return Decimal(f"{kept.normalize():f}")


def refuse_unwritable(text: str, *path: str) -> None:
    """
    Raises:
        InvalidQuestion: A JSON text cannot hold it whole, or not every reader of one would.
    """
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
        raise InvalidQuestion("This text holds characters that would be lost.", path=path)
