"""Mutations of gift cards."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import strawberry

from app.domain.access import AccessLevel, Scope
from app.domain.instructions import CreditGiftCard, DebitGiftCard
from app.graphql.context import Info
from app.graphql.declare import access, entrance
from app.graphql.inputs.gift_cards import IssueGiftCardInput
from app.graphql.inputs.writes import GiftCardAmountInput
from app.graphql.mutations.carry_out import CALLS, carry_out, what
from app.graphql.types.payloads import GiftCardPayload

CardAmount = Annotated[GiftCardAmountInput, what("What and how much.")]
Issued = Annotated[IssueGiftCardInput, what("The card as it is to be.")]


@strawberry.type
class GiftCardMutations:
    @entrance(
        "Put money on a gift card.",
        may=access(AccessLevel.ADMIN, Scope.GIFTCARD_WRITE),
        upstream=["vtex.gc/CreateGiftCardTransaction"],
        cost=CALLS,
    )
    async def credit_gift_card(self, info: Info, input: CardAmount) -> GiftCardPayload | None:
        return await carry_out(
            info,
            input,
            partial(input.to_domain, CreditGiftCard),
            GiftCardPayload,
            about=input.id,
        )

    @entrance(
        "Take money from a gift card, for good: captured at once.",
        may=access(AccessLevel.SERVICE, Scope.GIFTCARD_SPEND),
        upstream=["vtex.gc/CreateGiftCardTransaction", "vtex.gc/SettleGiftCardTransaction"],
        cost=CALLS,
    )
    async def debit_gift_card(self, info: Info, input: CardAmount) -> GiftCardPayload | None:
        return await carry_out(
            info,
            input,
            partial(input.to_domain, DebitGiftCard),
            GiftCardPayload,
            about=input.id,
        )

    @entrance(
        "Make a gift card and put its first money on it, as one operation.",
        may=access(AccessLevel.ADMIN, Scope.GIFTCARD_WRITE),
        upstream=["vtex.gc/CreateGiftCard", "vtex.gc/CreateGiftCardTransaction"],
        cost=CALLS,
    )
    async def issue_gift_card(self, info: Info, input: Issued) -> GiftCardPayload | None:
        return await carry_out(info, input, input.to_domain, GiftCardPayload)
