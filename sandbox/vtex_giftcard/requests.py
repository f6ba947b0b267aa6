"""The bodies that issue cards and move money, checked member by member."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.vtex_giftcard.documents import (
    FLAG,
    LIST,
    NUMBER,
    OBJECT,
    TEXT,
    TEXT_OR_NULL,
    WHOLE_NUMBER,
    Members,
    bad,
    checked,
    value_of,
)
from sandbox.vtex_giftcard.state import Operation

CARD_MEMBERS: Members = {
    "relationName": TEXT,
    "emissionDate": TEXT,
    "expiringDate": TEXT,
    "caption": TEXT,
    "profileId": TEXT,
    "currencyCode": TEXT,
    "restrictedToOwner": FLAG,
    "multipleCredits": FLAG,
    "multipleRedemptions": FLAG,
}
TRANSACTION_MEMBERS: Members = {
    "operation": TEXT,
    "value": NUMBER,
    "description": TEXT,
    "redemptionToken": TEXT,
    "redemptionCode": TEXT,
    "requestId": TEXT,
}
MOVEMENT_MEMBERS: Members = {"value": NUMBER, "requestId": TEXT}

ORDER_MEMBERS: Members = {
    "orderId": TEXT,
    "sequence": WHOLE_NUMBER,
    "cart": OBJECT,
    "clientProfile": OBJECT,
    "shipping": OBJECT,
}
ORDER_CART_MEMBERS: Members = {
    "items": LIST,
    **dict.fromkeys(("grandTotal", "discounts", "shipping", "taxes", "itemsTotal"), NUMBER),
}
ORDER_ITEM_MEMBERS: Members = {
    **dict.fromkeys(("id", "productId", "name"), TEXT),
    "refId": TEXT_OR_NULL,
    **dict.fromkeys(("value", "price", "shippingDiscount", "discount"), NUMBER),
    "quantity": WHOLE_NUMBER,
}
PROFILE_MEMBERS: Members = {
    **dict.fromkeys(("email", "firstName", "lastName", "document", "phone", "birthDate"), TEXT),
    "isCorporate": FLAG,
}
SHIPPING_MEMBERS: Members = {
    **dict.fromkeys(
        ("receiverName", "postalCode", "city", "state", "country", "street", "number"), TEXT
    ),
    "neighborhood": TEXT,
    "complement": TEXT_OR_NULL,
    "reference": TEXT_OR_NULL,
}

EARLIEST_YEAR = 1000
"""Years of fewer digits would not be written as ISO 8601 has them."""
CURRENCY_LETTERS = 3


@dataclass(frozen=True)
class CardRequest:
    relation_name: str
    caption: str
    profile_id: str
    emitted_at: datetime | None
    expires_at: datetime | None
    currency: str | None
    restricted_to_owner: bool
    multiple_credits: bool
    multiple_redemptions: bool

    @classmethod
    def from_json(
        cls, document: object, required: Collection[str], optional: Collection[str]
    ) -> "CardRequest":
        """Assumed: a card of which nothing else is said may be spent in several orders."""
        given = checked(document, "body", _card_members(required), _card_members(optional))
        body = {name: given.get(name) for name in (*required, *optional)}
        for name in ("relationName", "profileId"):
            if not body[name]:
                raise bad(f"body.{name}", "is empty")
        return cls(
            relation_name=given["relationName"],
            caption=given["caption"],
            profile_id=given["profileId"],
            emitted_at=_moment(body, "emissionDate"),
            expires_at=_moment(body, "expiringDate"),
            currency=_currency(body.get("currencyCode")),
            restricted_to_owner=bool(body.get("restrictedToOwner")),
            multiple_credits=bool(body.get("multipleCredits")),
            multiple_redemptions=body.get("multipleRedemptions") is not False,
        )


@dataclass(frozen=True)
class Payer:
    """Whose order a transaction is for; only `orderInfo` tells."""

    email: str
    document: str


@dataclass(frozen=True)
class TransactionRequest:
    operation: Operation
    value: Decimal
    description: str
    redemption_token: str
    redemption_code: str
    request_id: str
    payer: Payer | None

    @classmethod
    def from_json(cls, document: object, required: Members) -> "TransactionRequest":
        """
        Args:
            required: What this API requires besides the members that all of them require.
        """
        order: Members = {"orderInfo": OBJECT}
        body = checked(document, "body", {**TRANSACTION_MEMBERS, **required}, order)
        if body["operation"] not in tuple(Operation):
            raise bad("body.operation", "is neither Credit nor Debit")
        if not body["requestId"]:
            raise bad("body.requestId", "is empty")
        return cls(
            operation=Operation(body["operation"]),
            value=value_of(body, "body"),
            description=body["description"],
            redemption_token=body["redemptionToken"],
            redemption_code=body["redemptionCode"],
            request_id=body["requestId"],
            payer=_payer(body.get("orderInfo") or {}),
        )


@dataclass(frozen=True)
class MovementRequest:
    """A settlement or a cancellation."""

    value: Decimal
    request_id: str

    @classmethod
    def from_json(cls, document: object) -> "MovementRequest":
        body = checked(document, "body", MOVEMENT_MEMBERS)
        return cls(value_of(body, "body"), body["requestId"])


def _card_members(names: Collection[str]) -> Members:
    return {name: CARD_MEMBERS[name] for name in names}


def _payer(order: Mapping[str, Any]) -> Payer | None:
    checked(order, "orderInfo", {}, ORDER_MEMBERS)
    _check_order_cart(order.get("cart"))
    if order.get("shipping") is not None:
        checked(order["shipping"], "orderInfo.shipping", SHIPPING_MEMBERS)
    if order.get("clientProfile") is None:
        return None
    profile = checked(order["clientProfile"], "orderInfo.clientProfile", PROFILE_MEMBERS)
    return Payer(profile["email"], profile["document"])


def _check_order_cart(cart: object) -> None:
    """The hub's file types `priceTags` as an object by mistake: a list and an object both pass."""
    if cart is None:
        return
    items = checked(cart, "orderInfo.cart", ORDER_CART_MEMBERS)["items"]
    members = {**ORDER_ITEM_MEMBERS, "priceTags": (*LIST, *OBJECT)}
    for index, item in enumerate(items):
        checked(item, f"orderInfo.cart.items[{index}]", members)


def _moment(body: Mapping[str, Any], name: str) -> datetime | None:
    """Any ISO form; without a zone it is UTC."""
    if body.get(name) is None:
        return None
    try:
        parsed = datetime.fromisoformat(body[name])
        moment = parsed.replace(tzinfo=parsed.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise bad(f"body.{name}", "is not an ISO 8601 date") from exc
    if moment.year < EARLIEST_YEAR:
        raise bad(f"body.{name}", "is too early")
    return moment


def _currency(code: str | None) -> str | None:
    """Assumed: the form is checked, the list of currencies is not."""
    if code is None or (
        len(code) == CURRENCY_LETTERS and code.isascii() and code.isalpha() and code.isupper()
    ):
        return code
    raise bad("body.currencyCode", "is not an ISO 4217 code")
