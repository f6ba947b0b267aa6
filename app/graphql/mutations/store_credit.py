"""Mutations of store credit."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import strawberry

from app.domain.access import AccessLevel, Scope
from app.domain.instructions import CreditStoreCredit, DebitStoreCredit
from app.graphql.context import Info
from app.graphql.declare import access, entrance
from app.graphql.inputs.store_credit import ClaimStoreCreditInput, OpenStoreCreditAccountInput
from app.graphql.inputs.writes import StoreCreditAmountInput, named_source
from app.graphql.mutations.carry_out import CALLS, carry_out, carry_out_order, what
from app.graphql.types.payloads import StoreCreditPayload
from app.operations.carry_out import Order
from app.operations.claim_store_credit import order_to_claim

CreditAmount = Annotated[StoreCreditAmountInput, what("What and how much.")]
Opened = Annotated[OpenStoreCreditAccountInput, what("The account as it is to be.")]
Claimed = Annotated[ClaimStoreCreditInput, what("What is claimed.")]


@strawberry.type
class StoreCreditMutations:
    @entrance(
        "Open a store-credit account with nothing on it.",
        may=access(AccessLevel.ADMIN, Scope.STORECREDIT_WRITE),
        upstream=["medusa.sc/PostStoreCreditAccounts"],
        cost=CALLS,
    )
    async def open_store_credit_account(
        self, info: Info, input: Opened
    ) -> StoreCreditPayload | None:
        return await carry_out(info, input, input.to_domain, StoreCreditPayload)

    @entrance(
        "Make store credit that nobody owns the caller's own: all of it is put on the account that "
        "the caller has in that currency, or gets.",
        may=access(AccessLevel.SHOPPER),
        upstream=["medusa.sc/StorePostStoreCreditAccountsClaim"],  # done in the open, by others
        cost=2 * CALLS,
    )
    async def claim_store_credit(self, info: Info, input: Claimed) -> StoreCreditPayload | None:
        context = info.context

        def order(name: str, key: str) -> Order:
            return order_to_claim(
                context.desk.sources,
                named_source(input.source, context),
                input.secret(),
                context.caller,
                name=name,
                idempotency_key=key,
                asked=input,
            )

        return await carry_out_order(info, input, order, StoreCreditPayload)

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
            partial(input.to_domain, CreditStoreCredit),
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
            partial(input.to_domain, DebitStoreCredit),
            StoreCreditPayload,
            about=input.id,
        )
