"""What mutations of holds are given."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.domain.errors import AccountNotFound, InvalidQuestion
from app.domain.instructions import Subject
from app.graphql.context import Context
from app.graphql.declare import described, optional
from app.graphql.ids import KIND_OF_INSTRUMENT
from app.graphql.inputs.arguments import given
from app.graphql.inputs.lookups import CartInput, cart_of
from app.graphql.inputs.writes import KEY, VERSION, MoneyInput, required
from app.operations.holds import HoldWish

MOST_INSTALLMENTS = 120


@strawberry.input(description="An amount that is to be set aside.")
class CreateHoldInput:
    instrument_id: strawberry.ID = described("What it is set aside on.")
    amount: MoneyInput = described("How much, in the instrument's currency.")
    order_id: str = described("The order it is for.")
    installments: int | None = strawberry.field(
        default=1, description="In how many invoices it will be owed, where the provider has them."
    )
    expires_at: datetime | None = optional(
        "When it ends by itself, where the provider lets it; absent, in seven days there."
    )
    cart: CartInput | None = optional("What is being bought, for providers that ask for it.")
    expected_version: str | None = optional(VERSION)
    idempotency_key: str = described(KEY)

    def to_domain(self, context: Context) -> HoldWish:
        found = context.ids.read(self.instrument_id)
        if found is None or found.kind not in KIND_OF_INSTRUMENT:
            raise AccountNotFound("instrument")
        ends = given(self.expires_at)
        if ends is not None and ends <= context.desk.clock():
            raise InvalidQuestion("A hold ends in the future.", path=("expiresAt",))
        return HoldWish(
            subject=Subject(found.source, KIND_OF_INSTRUMENT[found.kind], found.parts[0]),
            amount=self.amount.to_domain(),
            order_id=required(self.order_id, "orderId"),
            installments=_in_range(1 if self.installments is None else self.installments),
            expires_at=ends,
            cart=cart_of(self.cart),
        )


@strawberry.input(description="A hold that is to be of another amount.")
class UpdateHoldInput:
    id: strawberry.ID = described("The hold.")
    amount: MoneyInput = described(
        "What is to be set aside from now on, whatever it was; what was released is not part of it."
    )
    installments: int | None = optional("In how many invoices it will be owed.")
    expected_version: str | None = optional(VERSION)
    idempotency_key: str = described(KEY)

    def wanted_installments(self) -> int | None:
        """
        Raises:
            InvalidQuestion: Nobody pays in so many.
        """
        wanted = given(self.installments)
        return None if wanted is None else _in_range(wanted)


def _in_range(installments: int) -> int:
    """
    Raises:
        InvalidQuestion: It is not.
    """
    if not 0 < installments <= MOST_INSTALLMENTS:
        raise InvalidQuestion(
            f"`installments` is between 1 and {MOST_INSTALLMENTS}.", path=("installments",)
        )
    return installments


@strawberry.input(description="An amount of a hold that is to be captured or refunded.")
class HoldAmountInput:
    id: strawberry.ID = described("The hold.")
    amount: MoneyInput = described("How much of it.")
    expected_version: str | None = optional(VERSION)
    idempotency_key: str = described(KEY)


@strawberry.input(description="An amount of a hold that is to be given back uncaptured.")
class ReleaseHoldInput:
    id: strawberry.ID = described("The hold.")
    amount: MoneyInput | None = optional("How much of it; absent, all that was not captured.")
    idempotency_key: str = described(KEY)
