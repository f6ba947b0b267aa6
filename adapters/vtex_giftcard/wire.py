"""
Documents of the VTEX Giftcard API, named after its OpenAPI file.

Links are left out, except the one that tells a swapped reference: none resolves against the base
URL. `orderInfo` and the redemption token are left out too: personal data and a second key to the
card that nothing here needs.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, TypeAdapter, model_validator
from pydantic.alias_generators import to_camel

from adapters.transport.wire import ExactDecimal, UtcInstant, WireModel
from app.domain.money import Currency

Id = Annotated[str, Field(min_length=1)]
CurrencyCode = Annotated[str, AfterValidator(lambda code: Currency.parse(code).code)]
Unsigned = Annotated[ExactDecimal, Field(ge=0)]


class Document(WireModel):
    model_config = ConfigDict(alias_generator=to_camel)


class CardResponse(Document):
    """
    A card as `GetGiftCardbyID` answers it.

    Required is what the file requires, but for the link: real answers call it `transaction`.
    `relation_name` and `caption` are declared for the answer to a creation only. The rules of use
    are declared for the creation's request only.
    """

    id: Id
    redemption_code: SecretStr
    balance: ExactDecimal
    emission_date: UtcInstant
    expiring_date: UtcInstant
    currency_code: CurrencyCode | None = None
    relation_name: str | None = None
    caption: str | None = None
    discount: bool | None = None
    restricted_to_owner: bool | None = None
    multiple_credits: bool | None = None
    multiple_redemptions: bool | None = None


class CartItemRequest(Document):
    product_id: str
    id: str
    ref_id: str
    name: str
    price: int | Decimal
    quantity: int


class CartRequest(Document):
    grand_total: int | Decimal
    relation_name: str | None
    redemption_code: str = Field(repr=False)
    discounts: int | Decimal
    shipping: int | Decimal
    taxes: int | Decimal
    items: tuple[CartItemRequest, ...]
    items_total: int | Decimal


class ClientRequest(Document):
    id: str = Field(repr=False)
    email: str = Field(repr=False)
    document: str = Field(repr=False)


class SearchRequest(Document):
    cart: CartRequest
    client: ClientRequest


class Paging(Document):
    """`total` is left out: of the store by its description, of the result by its sample."""

    per_page: int | None = None


class SearchResponse(Document):
    """The envelope of the file, or the bare array of the reference of 2020."""

    items: list[object]
    paging: Paging = Paging()

    @model_validator(mode="before")
    @classmethod
    def _bare_array(cls, answer: object) -> object:
        return {"items": answer} if isinstance(answer, list) else answer


class FoundCard(Document):
    """Only the id: the balances of the bare array are not those of a card that was read."""

    id: Id


class Link(Document):
    href: str = ""

    @property
    def last_segment(self) -> str:
        return self.href.rstrip("/").rpartition("/")[2]


class TransactionReference(Document):
    id: Id
    card_id: str | None = None
    link: Link | None = Field(default=None, alias="_self")


class TransactionResponse(Document):
    """The file requires nothing here; without value and date it would say nothing."""

    value: Unsigned
    date: UtcInstant
    operation: str | None = None
    description: str | None = None


class MovementResponse(Document):
    """An authorization, a settlement or a cancellation."""

    oid: Id
    value: Unsigned
    date: UtcInstant


CARD: Final = TypeAdapter(CardResponse)
SEARCH: Final = TypeAdapter(SearchResponse)
FOUND_CARD: Final = TypeAdapter(FoundCard)
REFERENCE: Final = TypeAdapter(TransactionReference)
TRANSACTION: Final = TypeAdapter(TransactionResponse)
MOVEMENT: Final = TypeAdapter(MovementResponse)
