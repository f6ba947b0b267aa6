"""Mutations of holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Protocol

import strawberry

from app.domain.access import AccessLevel, Scope
from app.domain.holds import Hold
from app.domain.instructions import Instruction
from app.graphql.context import Info
from app.graphql.declare import access, entrance
from app.graphql.ids import NodeKind
from app.graphql.inputs.arguments import given
from app.graphql.inputs.holds import (
    CreateHoldInput,
    HoldAmountInput,
    ReleaseHoldInput,
    UpdateHoldInput,
)
from app.graphql.inputs.writes import known
from app.graphql.mutations.carry_out import CALLS, Versioned, carry_out, carry_out_order, what
from app.graphql.nodes import hold_place
from app.graphql.types.payloads import HoldPayload
from app.operations.carry_out import Order

Made = Annotated[CreateHoldInput, what("What is to be set aside.")]
Changed = Annotated[UpdateHoldInput, what("Which hold, and what of it.")]
Part = Annotated[HoldAmountInput, what("Which hold, and how much of it.")]
Released = Annotated[ReleaseHoldInput, what("Which hold, and how much of it.")]


class OnOneHold(Protocol):
    id: strawberry.ID


async def _further(
    info: Info, asked: OnOneHold, further: Callable[[Hold], Instruction]
) -> HoldPayload:
    """Take a hold further."""
    context = info.context
    version = given(asked.expected_version) if isinstance(asked, Versioned) else None

    def order(name: str, key: str) -> Order:
        place = hold_place(known(asked.id, NodeKind.HOLD, context, what="hold"))
        return context.holds.order(
            place, further, name=name, idempotency_key=key, asked=asked, expected_version=version
        )

    return await carry_out_order(info, asked, order, HoldPayload, about=asked.id)


@strawberry.type
class HoldMutations:
    @entrance(
        "Set an amount aside: by the provider's own means, or by taking it until it is given back.",
        may=access(AccessLevel.SERVICE, Scope.CREDIT_SPEND),
        upstream=[
            "vtex.cc/CreateaPreAuthorization",
            "vtex.cc/CreateaPreAuthorization(usingid)",
            "vtex.gc/CreateGiftCardTransaction",
            "adobe.credit/PostV1CompanyCreditsCreditIdDecreaseBalance",
            "medusa.sc/PostStoreCreditAccountsIdDebit",
        ],
        cost=CALLS,
    )
    async def create_hold(self, info: Info, input: Made) -> HoldPayload | None:
        return await carry_out(
            info,
            input,
            lambda context: context.holds.hold(input.to_domain(context)),
            HoldPayload,
            about=input.instrument_id,
        )

    @entrance(
        "Make a hold that was not captured another amount.",
        may=access(AccessLevel.SERVICE, Scope.CREDIT_SPEND),
        upstream=["vtex.cc/CreateaPreAuthorization(usingid)"],
        cost=CALLS,
    )
    async def update_hold(self, info: Info, input: Changed) -> HoldPayload | None:
        holds = info.context.holds
        return await _further(
            info,
            input,
            lambda hold: holds.change(hold, input.amount.to_domain(), input.wanted_installments()),
        )

    @entrance(
        "Take an amount of a hold: it is owed or spent from now on.",
        may=access(AccessLevel.SERVICE, Scope.CREDIT_SPEND),
        upstream=["vtex.cc/CreateorUpdateSettlement", "vtex.gc/SettleGiftCardTransaction"],
        cost=CALLS,
    )
    async def capture_hold(self, info: Info, input: Part) -> HoldPayload | None:
        holds = info.context.holds
        return await _further(
            info, input, lambda hold: holds.capture(hold, input.amount.to_domain())
        )

    @entrance(
        "Give an amount back that was captured.",
        may=access(AccessLevel.SERVICE, Scope.CREDIT_REFUND),
        upstream=[
            "vtex.cc/PartialorTotalRefundaSettlement",
            "vtex.gc/CancelGiftCardTransaction",
            "adobe.credit/PostV1CompanyCreditsCreditIdIncreaseBalance",
            "medusa.sc/PostStoreCreditAccountsIdCredit",
        ],
        cost=CALLS,
    )
    async def refund_hold(self, info: Info, input: Part) -> HoldPayload | None:
        holds = info.context.holds
        return await _further(
            info, input, lambda hold: holds.refund(hold, input.amount.to_domain())
        )

    @entrance(
        "Give an amount back that was not captured.",
        may=access(AccessLevel.SERVICE, Scope.CREDIT_SPEND),
        upstream=[
            "vtex.cc/CancelaPreAuthorization",
            "vtex.gc/CancelGiftCardTransaction",
            "adobe.credit/PostV1CompanyCreditsCreditIdIncreaseBalance",
            "medusa.sc/PostStoreCreditAccountsIdCredit",
        ],
        cost=CALLS,
    )
    async def release_hold(self, info: Info, input: Released) -> HoldPayload | None:
        holds = info.context.holds

        def further(hold: Hold) -> Instruction:
            amount = given(input.amount)
            return holds.release(hold, None if amount is None else amount.to_domain())

        return await _further(info, input, further)
