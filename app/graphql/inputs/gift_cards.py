"""What the making of gift cards is given."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from app.domain.errors import InvalidQuestion
from app.domain.instructions import IssueGiftCard
from app.domain.money import Currency, Money
from app.graphql.context import Context
from app.graphql.declare import described, optional
from app.graphql.inputs.arguments import given, text
from app.graphql.inputs.writes import KEY, named_source, required


@strawberry.input(description="A gift card that is to be made.")
class IssueGiftCardInput:
    source: str = described("Key of the source.")
    owner: str = described("E-mail of its owner, or their id at the provider.")
    relation_name: str | None = optional(
        "A name that no other card has; absent, the gateway makes one."
    )
    caption: str = described("The text customers see.")
    expires_at: datetime = described("The instant at which it ends.")
    currency_code: Currency | None = optional("Absent: the source's default.")
    initial_balance: Decimal | None = optional("The first money on it, in major units.")
    restricted_to_owner: bool | None = strawberry.field(
        default=True,
        description="Whether only its owner can pay with it. VTEX then finds it by its code and the"
        " owner's document together: it is in no list of the owner's cards, and in no total.",
    )
    reloadable: bool | None = strawberry.field(
        default=False, description="Whether it can be topped up."
    )
    reusable: bool | None = strawberry.field(
        default=True, description="Whether it can be spent in several orders."
    )
    idempotency_key: str = described(KEY)

    def to_domain(self, context: Context) -> IssueGiftCard:
        source = named_source(self.source, context)
        if self.expires_at <= context.desk.clock():
            raise InvalidQuestion("A card ends in the future.", path=("expiresAt",))
        currency = given(self.currency_code) or context.desk.sources.info(source).default_currency
        return IssueGiftCard(
            source=source,
            owner=required(self.owner, "owner"),
            relation_name=text(self.relation_name, "relationName"),
            caption=required(self.caption, "caption"),
            expires_at=self.expires_at,
            currency=currency,
            initial_balance=_first_money(given(self.initial_balance), currency),
            restricted_to_owner=self.restricted_to_owner is not False,
            reloadable=bool(self.reloadable),
            reusable=self.reusable is not False,
        )


def _first_money(amount: Decimal | None, currency: Currency) -> Money | None:
    if amount is not None and amount < 0:
        raise InvalidQuestion("An amount is not negative.", path=("initialBalance",))
    return Money(amount, currency) if amount else None
