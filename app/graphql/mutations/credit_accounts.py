"""Mutations of credit accounts."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import strawberry

from app.domain.access import AccessLevel, Scope
from app.domain.instructions import DecreaseCreditBalance, IncreaseCreditBalance
from app.graphql.context import Info
from app.graphql.declare import access, entrance
from app.graphql.inputs.arguments import given
from app.graphql.inputs.credit_accounts import (
    AddAccountHolderInput,
    AnnotateLedgerEntryInput,
    CloseCreditAccountInput,
    OpenCreditAccountInput,
    RemoveAccountHolderInput,
    SetCreditLimitInput,
    SetCreditToleranceInput,
    UpdateCreditAccountInput,
    UpsertCreditAccountInput,
)
from app.graphql.inputs.writes import BalanceInput
from app.graphql.mutations.carry_out import CALLS, carry_out, carry_out_order, what
from app.graphql.types.payloads import (
    AccountHolderPayload,
    CreditAccountPayload,
    LedgerEntryPayload,
)
from app.operations.carry_out import Order
from app.operations.close_credit_account import order_to_close

Balance = Annotated[BalanceInput, what("What and how much.")]
Opened = Annotated[OpenCreditAccountInput, what("The account as it is to be.")]
Upserted = Annotated[UpsertCreditAccountInput, what("The account as it is to be.")]
Updated = Annotated[UpdateCreditAccountInput, what("What is to change.")]
Closed = Annotated[CloseCreditAccountInput, what("Which account.")]
Limited = Annotated[SetCreditLimitInput, what("The new limit.")]
Tolerated = Annotated[SetCreditToleranceInput, what("The new tolerance.")]
HolderAdded = Annotated[AddAccountHolderInput, what("Who, and to which account.")]
HolderRemoved = Annotated[RemoveAccountHolderInput, what("Who, and from which account.")]
Note = Annotated[AnnotateLedgerEntryInput, what("Which line, and its texts.")]


@strawberry.type
class CreditAccountMutations:
    @entrance(
        "The holder owes less, and may spend more.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_BALANCE),
        upstream=["adobe.credit/PostV1CompanyCreditsCreditIdIncreaseBalance"],
        cost=CALLS,
    )
    async def increase_credit_balance(
        self, info: Info, input: Balance
    ) -> CreditAccountPayload | None:
        return await carry_out(
            info,
            input,
            partial(input.to_domain, IncreaseCreditBalance),
            CreditAccountPayload,
            about=input.id,
        )

    @entrance(
        "The holder owes more, and may spend less. At VTEX: an entry of the manual ledger, which "
        "leaves the available credit as it is.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_BALANCE),
        upstream=[
            "vtex.cc/Decreasebalanceofanaccount",
            "adobe.credit/PostV1CompanyCreditsCreditIdDecreaseBalance",
        ],
        cost=CALLS,
    )
    async def decrease_credit_balance(
        self, info: Info, input: Balance
    ) -> CreditAccountPayload | None:
        return await carry_out(
            info,
            input,
            partial(input.to_domain, DecreaseCreditBalance),
            CreditAccountPayload,
            about=input.id,
        )

    @entrance(
        "Open a credit account.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_WRITE),
        upstream=["vtex.cc/OpenanAccount"],
        cost=CALLS,
    )
    async def open_credit_account(self, info: Info, input: Opened) -> CreditAccountPayload | None:
        return await carry_out(info, input, input.to_domain, CreditAccountPayload)

    @entrance(
        "Bring a credit account into a state, whether it is there or not.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_WRITE),
        upstream=["vtex.cc/OpenorChangeAccount"],
        cost=CALLS,
    )
    async def upsert_credit_account(
        self, info: Info, input: Upserted
    ) -> CreditAccountPayload | None:
        return await carry_out(info, input, input.to_domain, CreditAccountPayload)

    @entrance(
        "Change what is given of a credit account.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_WRITE),
        upstream=[
            "vtex.cc/Updateemailanddescriptionofaaccount",
            "adobe.credit/PutV1CompanyCreditsId",
        ],
        cost=CALLS,
    )
    async def update_credit_account(
        self, info: Info, input: Updated
    ) -> CreditAccountPayload | None:
        return await carry_out(info, input, input.to_domain, CreditAccountPayload, about=input.id)

    @entrance(
        "Close a credit account, for good. VTEX deletes its invoices and history with it.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_WRITE),
        upstream=["vtex.cc/CloseanAccount"],
        cost=CALLS,
    )
    async def close_credit_account(self, info: Info, input: Closed) -> CreditAccountPayload | None:
        def order(name: str, key: str) -> Order:
            return order_to_close(
                info.context.desk,
                input.to_domain(info.context),
                name=name,
                idempotency_key=key,
                asked=input,
                expected_version=given(input.expected_version),
                require_zero_outstanding=input.require_zero_outstanding is not False,
            )

        return await carry_out_order(info, input, order, CreditAccountPayload, about=input.id)

    @entrance(
        "Set the limit, whatever it was.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_LIMIT),
        upstream=["vtex.cc/ChangecreditlimitofanAccount", "adobe.credit/PutV1CompanyCreditsId"],
        cost=CALLS,
    )
    async def set_credit_limit(self, info: Info, input: Limited) -> CreditAccountPayload | None:
        return await carry_out(info, input, input.to_domain, CreditAccountPayload, about=input.id)

    @entrance(
        "Set the leave to exceed the limit, whatever it was.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_LIMIT),
        upstream=["vtex.cc/Changetoleranceofanaccount"],
        cost=CALLS,
    )
    async def set_credit_tolerance(
        self, info: Info, input: Tolerated
    ) -> CreditAccountPayload | None:
        return await carry_out(info, input, input.to_domain, CreditAccountPayload, about=input.id)

    @entrance(
        "Let somebody share a credit account.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_WRITE),
        upstream=["vtex.cc/AddanaccountHolder"],
        cost=CALLS,
    )
    async def add_account_holder(
        self, info: Info, input: HolderAdded
    ) -> AccountHolderPayload | None:
        return await carry_out(
            info, input, input.to_domain, AccountHolderPayload, about=input.account_id
        )

    @entrance(
        "Let somebody share a credit account no longer.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_WRITE),
        upstream=["vtex.cc/Deleteanaccountholder"],
        cost=CALLS,
    )
    async def remove_account_holder(
        self, info: Info, input: HolderRemoved
    ) -> AccountHolderPayload | None:
        return await carry_out(
            info, input, input.to_domain, AccountHolderPayload, about=input.account_id
        )

    @entrance(
        "Change the texts of a line of history; never its amount.",
        may=access(AccessLevel.ADMIN, Scope.CREDIT_WRITE),
        upstream=["adobe.credit/PutV1CompanyCreditsHistoryHistoryId"],
        cost=CALLS,
    )
    async def annotate_ledger_entry(self, info: Info, input: Note) -> LedgerEntryPayload | None:
        return await carry_out(info, input, input.to_domain, LedgerEntryPayload, about=input.id)
