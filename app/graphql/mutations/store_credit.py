"""Mutations of store credit."""

from __future__ import annotations

from typing import Annotated

import strawberry

from app.domain.access import AccessLevel, Scope
from app.domain.instructions import CreditStoreCredit, DebitStoreCredit
from app.graphql.context import Info
from app.graphql.declare import access, entrance
from app.graphql.inputs.writes import StoreCreditAmountInput
from app.graphql.mutations.carry_out import CALLS, carry_out, what
from app.graphql.types.payloads import StoreCreditPayload

CreditAmount = Annotated[StoreCreditAmountInput, what("What and how much.")]


@strawberry.type
class StoreCreditMutations:
    @entrance(
        "Put money on a store-credit account.",
        may=access(AccessLevel.ADMIN, Scope.STORECREDIT_WRITE),
        upstream=["medusa.sc/PostStoreCreditAccountsIdCredit"],
        cost=CALLS,
    )
    async def credit_store_credit(
        self, info: Info, input: CreditAmount
    ) -> StoreCreditPayload | None:
        return await carry_out(
            info,
            input,
            lambda: input.to_domain(CreditStoreCredit, info.context),
            StoreCreditPayload,
            about=input.id,
        )

    @entrance(
        "Take money from a store-credit account.",
        may=access(AccessLevel.SERVICE, Scope.STORECREDIT_SPEND),
        upstream=["medusa.sc/PostStoreCreditAccountsIdDebit"],
        cost=CALLS,
    )
    async def debit_store_credit(
        self, info: Info, input: CreditAmount
    ) -> StoreCreditPayload | None:
        return await carry_out(
            info,
            input,
            lambda: input.to_domain(DebitStoreCredit, info.context),
            StoreCreditPayload,
            about=input.id,
        )
