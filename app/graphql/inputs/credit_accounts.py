"""What mutations of credit accounts are given."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from app.domain.errors import InvalidQuestion
from app.domain.identifiers import ProviderAccountId, ProviderEntryId
from app.domain.instructions import (
    AddAccountHolder,
    AnnotateLedgerEntry,
    CloseCreditAccount,
    OpenCreditAccount,
    RemoveAccountHolder,
    SetCreditLimit,
    SetCreditTolerance,
    UpdateCreditAccount,
    UpsertCreditAccount,
)
from app.domain.instruments import InstrumentKind
from app.domain.money import Currency, Money
from app.graphql.context import Context
from app.graphql.declare import described, optional
from app.graphql.enums import VtexDocumentType
from app.graphql.ids import GlobalId, NodeKind
from app.graphql.inputs.arguments import given, text
from app.graphql.inputs.writes import (
    KEY,
    VERSION,
    MoneyInput,
    known,
    named_source,
    not_negative,
    required,
)

_COMMENT = (
    "Why. Kept in the gateway's own records alone: Adobe's history has no place for it, and VTEX "
    "refuses it."
)


def _account(id_: strawberry.ID, context: Context) -> GlobalId:
    return known(id_, NodeKind.CREDIT_ACCOUNT, context, what="credit account")


def _limit(limit: MoneyInput) -> Money:
    return not_negative(limit.to_domain(), "limit")


@strawberry.input(description="A credit account that is to be opened.")
class OpenCreditAccountInput:
    source: str = described("Key of the source.")
    email: str = described("The holder's address.")
    document: str = described("The holder's national document number.")
    document_type: VtexDocumentType = described("What kind of number that is.")
    limit: MoneyInput = described("Ceiling that is granted.")
    tolerance: Decimal | None = strawberry.field(
        default=Decimal(0), description='Leave to exceed it, as a fraction of it: "0.30".'
    )
    idempotency_key: str = described(KEY)

    def to_domain(self, context: Context) -> OpenCreditAccount:
        return OpenCreditAccount(
            source=named_source(self.source, context),
            email=required(self.email, "email"),
            document=required(self.document, "document"),
            document_type=self.document_type,
            limit=_limit(self.limit),
            tolerance=self.tolerance or Decimal(0),
        )


@strawberry.input(
    description="A credit account that is to be in this state, whether it is there or not."
)
class UpsertCreditAccountInput:
    source: str = described("Key of the source.")
    native_id: str = described("The provider's id of the account.")
    email: str = described("The holder's address.")
    limit: MoneyInput = described("Ceiling that is granted.")
    reopen_closed: bool | None = strawberry.field(
        default=False, description="Whether a closed one is opened again, where that can be done."
    )
    idempotency_key: str = described(KEY)

    def to_domain(self, context: Context) -> UpsertCreditAccount:
        return UpsertCreditAccount(
            source=named_source(self.source, context),
            account_id=ProviderAccountId(required(self.native_id, "nativeId")),
            email=required(self.email, "email"),
            limit=_limit(self.limit),
            reopen_closed=bool(self.reopen_closed),
        )


@strawberry.input(
    description=(
        "Changes to a credit account. Absent members keep their value: the adapter reads, merges "
        "and writes, because the provider blanks what is not sent."
    )
)
class UpdateCreditAccountInput:
    id: strawberry.ID = described("The account.")
    email: str | None = optional("The holder's address.")
    document: str | None = optional("The holder's national document number.")
    document_type: VtexDocumentType | None = optional("What kind of number that is.")
    limit: MoneyInput | None = optional("Ceiling that is granted.")
    tolerance: Decimal | None = optional("Leave to exceed it, as a fraction of it.")
    exceed_limit: bool | None = optional("Adobe: whether the holder may go past the limit.")
    currency_code: Currency | None = optional(
        "Adobe: the account's currency. The account gets another id, and `limit` is needed: the "
        "old one is not converted."
    )
    comment: str | None = optional(_COMMENT)
    expected_version: str | None = optional(VERSION)
    idempotency_key: str | None = optional(KEY)

    def to_domain(self, context: Context) -> UpdateCreditAccount:
        account = _account(self.id, context)
        limit = given(self.limit)
        return UpdateCreditAccount(
            source=account.source,
            account_id=ProviderAccountId(account.parts[0]),
            email=text(self.email, "email"),
            document=text(self.document, "document"),
            document_type=given(self.document_type),
            limit=None if limit is None else _limit(limit),
            tolerance=given(self.tolerance),
            exceed_limit=given(self.exceed_limit),
            currency=given(self.currency_code),
            comment=text(self.comment, "comment"),
        )


@strawberry.input(description="A credit account that is to be closed, for good.")
class CloseCreditAccountInput:
    id: strawberry.ID = described("The account.")
    expected_version: str | None = optional(VERSION)
    require_zero_outstanding: bool | None = strawberry.field(
        default=True, description="Refuse while anything is owed or set aside."
    )
    idempotency_key: str = described(KEY)

    def to_domain(self, context: Context) -> CloseCreditAccount:
        account = _account(self.id, context)
        return CloseCreditAccount(
            source=account.source, account_id=ProviderAccountId(account.parts[0])
        )


@strawberry.input(description="A new limit.")
class SetCreditLimitInput:
    id: strawberry.ID = described("The account.")
    limit: MoneyInput = described("The limit as it is to be.")
    comment: str | None = optional(_COMMENT)
    expected_version: str | None = optional(VERSION)
    idempotency_key: str = described(KEY)

    def to_domain(self, context: Context) -> SetCreditLimit:
        account = _account(self.id, context)
        return SetCreditLimit(
            source=account.source,
            account_id=ProviderAccountId(account.parts[0]),
            limit=_limit(self.limit),
            comment=text(self.comment, "comment"),
        )


@strawberry.input(description="A new leave to exceed the limit.")
class SetCreditToleranceInput:
    id: strawberry.ID = described("The account.")
    tolerance: Decimal = described('A fraction of the limit: "0.30".')
    expected_version: str | None = optional(VERSION)
    idempotency_key: str = described(KEY)

    def to_domain(self, context: Context) -> SetCreditTolerance:
        account = _account(self.id, context)
        if self.tolerance < 0:
            raise InvalidQuestion("A tolerance is not negative.", path=("tolerance",))
        return SetCreditTolerance(
            source=account.source,
            account_id=ProviderAccountId(account.parts[0]),
            tolerance=self.tolerance,
        )


@strawberry.input(description="Somebody who is to share a credit account.")
class AddAccountHolderInput:
    account_id: strawberry.ID = described("The account.")
    email: str = described("Their address.")
    idempotency_key: str | None = optional(KEY)

    def to_domain(self, context: Context) -> AddAccountHolder:
        account = _account(self.account_id, context)
        return AddAccountHolder(
            source=account.source,
            account_id=ProviderAccountId(account.parts[0]),
            email=required(self.email, "email"),
        )


@strawberry.input(description="Somebody who shares a credit account no longer.")
class RemoveAccountHolderInput:
    account_id: strawberry.ID = described("The account.")
    holder_native_id: str = described("The provider's id of the holder, from when they were added.")

    def to_domain(self, context: Context) -> RemoveAccountHolder:
        account = _account(self.account_id, context)
        return RemoveAccountHolder(
            source=account.source,
            account_id=ProviderAccountId(account.parts[0]),
            holder_id=required(self.holder_native_id, "holderNativeId"),
        )


@strawberry.input(description="Texts of a line of history. Absent members keep their value.")
class AnnotateLedgerEntryInput:
    id: strawberry.ID = described("The line.")
    purchase_order: str | None = optional("The customer's own order number.")
    comment: str | None = optional("A remark.")

    def to_domain(self, context: Context) -> AnnotateLedgerEntry:
        entry = known(self.id, NodeKind.LEDGER_ENTRY, context, what="ledger entry")
        kind, account_id, entry_id = entry.parts
        if kind != InstrumentKind.CREDIT_LINE:
            raise InvalidQuestion("Only lines of credit accounts can be annotated.", path=("id",))
        return AnnotateLedgerEntry(
            source=entry.source,
            account_id=ProviderAccountId(account_id),
            entry_id=ProviderEntryId(entry_id),
            purchase_order=text(self.purchase_order, "purchaseOrder"),
            comment=text(self.comment, "comment"),
        )
