"""What is being bought."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class CartItem:
    id: str
    product_id: str
    ref_id: str | None
    name: str
    price: Decimal
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """What is being bought; amounts in major units of the store's currency, discounts positive."""

    grand_total: Decimal = Decimal(0)
    items_total: Decimal = Decimal(0)
    discounts: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    taxes: Decimal = Decimal(0)
    items: tuple[CartItem, ...] = ()
    order_id: str | None = None


NO_CART: Final = Cart()
