"""How customers and gift cards are looked up."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from app.domain.cart import NO_CART, Cart, CartItem
from app.domain.errors import InvalidQuestion
from app.domain.identifiers import ProviderCustomerId
from app.domain.provider import GiftCardQuestion
from app.graphql.declare import described, optional
from app.graphql.inputs.arguments import given, text

MOST_CART_ITEMS = 200
LARGEST_QUANTITY = 1_000_000


def _digits(document: str | None) -> str | None:
    """Providers compare documents character by character and keep the digits alone."""
    return document and "".join(char for char in document if char in "0123456789")


@strawberry.input(description="The customer's own id at one source.")
class ExternalCustomerInput:
    source: str = described("Key of the source.")
    native_id: str = described("The id there.")


@strawberry.input(one_of=True, description="Who is meant: exactly one of these.")
class CustomerRef:
    id: strawberry.ID | None = optional("A customer's `id` from an earlier answer.")
    email: str | None = optional("The address they are known by.")
    document: str | None = optional("National document number, with or without punctuation.")
    external_id: ExternalCustomerInput | None = optional("Their id at one source.")


@strawberry.input(description="One product of a cart.")
class CartItemInput:
    id: str = described("Id of the article.")
    product_id: str = described("Id of the product.")
    ref_id: str | None = optional("The seller's own reference.")
    name: str = described("Its name.")
    price: Decimal = described("Price of one, in major units.")
    quantity: int = described("How many.")

    def to_domain(self) -> CartItem:
        if not 0 < self.quantity <= LARGEST_QUANTITY:
            raise InvalidQuestion(f"`quantity` is between 1 and {LARGEST_QUANTITY}.")
        return CartItem(
            id=text(self.id, "id") or "",
            product_id=text(self.product_id, "productId") or "",
            ref_id=text(self.ref_id, "refId"),
            name=text(self.name, "name") or "",
            price=self.price,
            quantity=self.quantity,
        )


@strawberry.input(
    description="What is being bought: providers offer only cards that the cart could use."
)
class CartInput:
    order_id: str | None = optional("The order, where there is one already.")
    grand_total: Decimal = described("What is to pay, in major units.")
    items_total: Decimal = described("Sum of the items.")
    discounts: Decimal | None = strawberry.field(
        default=Decimal(0), description="Taken off, positive."
    )
    shipping: Decimal | None = strawberry.field(default=Decimal(0), description="For delivery.")
    taxes: Decimal | None = strawberry.field(default=Decimal(0), description="Added taxes.")
    items: list[CartItemInput] = described("The products.")

    def to_domain(self) -> Cart:
        if len(self.items) > MOST_CART_ITEMS:
            raise InvalidQuestion(f"A cart has at most {MOST_CART_ITEMS} items.")
        return Cart(
            grand_total=self.grand_total,
            items_total=self.items_total,
            discounts=self.discounts or Decimal(0),
            shipping=self.shipping or Decimal(0),
            taxes=self.taxes or Decimal(0),
            items=tuple(item.to_domain() for item in self.items),
            order_id=text(self.order_id, "orderId"),
        )


def cart_of(offered: CartInput | None) -> Cart | None:
    """What is being bought, where that was said."""
    cart = given(offered)
    return None if cart is None else cart.to_domain()


@strawberry.input(description="Whose cards, or which card by its code, at one source.")
class GiftCardSearch:
    source: str = described("Key of the source.")
    email: str | None = optional("The owner's address.")
    document: str | None = optional("The owner's national document number.")
    native_customer_id: str | None = optional("The owner's id at the source.")
    redemption_code: str | None = optional("The code of one card; never kept or logged.")
    relation_name: str | None = optional("The name under which the card was issued.")
    cart: CartInput | None = optional("What is being bought.")

    def to_domain(self) -> GiftCardQuestion:
        own_id = text(self.native_customer_id, "nativeCustomerId")
        return GiftCardQuestion(
            email=text(self.email, "email"),
            document=_digits(text(self.document, "document")),
            provider_customer_id=None if own_id is None else ProviderCustomerId(own_id),
            redemption_code=text(self.redemption_code, "redemptionCode"),
            relation_name=text(self.relation_name, "relationName"),
            cart=cart_of(self.cart) or NO_CART,
        )
