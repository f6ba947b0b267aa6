"""What mutations answer."""

from __future__ import annotations

from typing import Final, Self, TypeVar

import strawberry

from app.domain.access import AccessLevel
from app.domain.errors import AccountNotFound
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import (
    AddAccountHolder,
    IssueGiftCard,
    OnInvoice,
    RemoveAccountHolder,
    Subject,
)
from app.domain.instruments import GiftCard as DomainCard
from app.domain.instruments import Instrument
from app.domain.operation import Booking, Operation, OperationStatus, Step
from app.graphql.context import Context, Info
from app.graphql.declare import access, described, resolved
from app.graphql.types.basics import CreditSource, StoreConfiguration
from app.graphql.types.instruments import (
    AccountHolder,
    CreditAccount,
    CreditInstrument,
    GiftCard,
    StoreCreditAccount,
    instrument_from_domain,
    reveal,
)
from app.graphql.types.invoices import Invoice
from app.graphql.types.ledger import Hold, LedgerEntry, entry_from_domain
from app.graphql.types.operations import OperationReceipt
from app.graphql.types.user_errors import Refused, UserError, user_error
from app.operations.carry_out import Outcome
from app.operations.change_invoices import InvoicePlace, invoice_now
from app.operations.change_store_configuration import store_with_terms
from app.operations.holds import HoldPlace
from app.operations.observe import observe
from app.operations.read_ledgers import ledger_entry

One = TypeVar("One", bound=CreditInstrument)


@strawberry.interface(description="What every mutation answers.")
class MutationPayload:
    operation: OperationReceipt = described("Proof of what was asked and what happened.")
    user_errors: list[UserError] = described("Why it was not done, or is not known to be.")
    outcome: strawberry.Private[Outcome]

    @classmethod
    def from_domain(
        cls, outcome: Outcome, context: Context, *, asked_id: strawberry.ID | None = None
    ) -> Self:
        """
        Args:
            asked_id: The id that the input named first.

        Raises:
            CredentialsNeeded, Forbidden: Those are top-level errors.
        """
        around = Refused(outcome.operation, asked_id, context)
        refusal = outcome.refusal
        return cls(
            operation=OperationReceipt.from_domain(
                outcome.operation, context, replayed=outcome.replayed
            ),
            user_errors=[] if refusal is None else [user_error(refusal, around)],
            outcome=outcome,
        )


async def _changed(payload: MutationPayload, context: Context) -> Instrument | None:
    """The instrument as it was right after, or as it is now where that could not be read."""
    operation = payload.outcome.operation
    if payload.outcome.refusal is not None:
        return None
    if operation.observed is not None or operation.status is not OperationStatus.SUCCEEDED:
        return operation.observed
    last = operation.steps[-1]
    subject = last.booking and last.instruction.result(last.booking)
    return await observe(context.desk.sources, subject) if subject else None


async def _instrument(payload: MutationPayload, kind: type[One], info: Info) -> One | None:
    one = await _changed(payload, info.context)
    found = None if one is None else instrument_from_domain(one, info.context)
    return found if isinstance(found, kind) else None


async def _entry(payload: MutationPayload, info: Info) -> LedgerEntry | None:
    one = await _changed(payload, info.context)
    entry_id = None if one is None else _booked_on(one, payload.outcome.operation)
    if one is None or entry_id is None:
        return None
    try:
        found = await ledger_entry(info.context.desk, one, entry_id)
    except AccountNotFound:
        return None
    return entry_from_domain(found, info.context)


def _booked_on(one: Instrument, operation: Operation) -> ProviderEntryId | None:
    """The first line that an operation made in the history of *one*."""
    subject = Subject(one.source, one.kind, one.provider_id)
    return next(
        (
            step.booking.entry_id
            for step in operation.steps
            if step.booking and step.booking.entry_id and step.instruction.subject == subject
        ),
        None,
    )


_ENTRY: Final = "Its line in the instrument's history; null where the provider names none."


@strawberry.type(description="A change to a credit account.")
class CreditAccountPayload(MutationPayload):
    @resolved("The account right after.", cost=1)
    async def credit_account(self, info: Info) -> CreditAccount | None:
        return await _instrument(self, CreditAccount, info)

    @resolved(_ENTRY, cost=2)
    async def entry(self, info: Info) -> LedgerEntry | None:
        return await _entry(self, info)


@strawberry.type(description="A change to who shares a credit account.")
class AccountHolderPayload(MutationPayload):
    @resolved("The account right after.", cost=1)
    async def credit_account(self, info: Info) -> CreditAccount | None:
        return await _instrument(self, CreditAccount, info)

    @resolved("Who was added.")
    def holder(self) -> AccountHolder | None:
        match self.outcome.operation.steps:
            case [Step(instruction=AddAccountHolder() as added, booking=Booking() as booking)]:
                return AccountHolder(
                    native_id=booking.created_id or "",
                    level=None,
                    email=added.email,
                    created_at=self.outcome.operation.completed_at,
                )
        return None

    @resolved("The provider's id of who was removed.")
    def removed_native_id(self) -> str | None:
        match self.outcome.operation.steps:
            case [Step(instruction=RemoveAccountHolder() as removed, booking=Booking())]:
                return removed.holder_id
        return None


@strawberry.type(description="A change to a line of history.")
class LedgerEntryPayload(MutationPayload):
    @resolved("The line right after.", cost=2)
    async def entry(self, info: Info) -> LedgerEntry | None:
        return await _entry(self, info)


@strawberry.type(description="A change to an invoice.")
class InvoicePayload(MutationPayload):
    @resolved("The invoice as it is now.", cost=1)
    async def invoice(self, info: Info) -> Invoice | None:
        if self.outcome.refusal is not None:
            return None
        match self.outcome.operation.steps:
            case [Step(instruction=OnInvoice() as one)]:
                place = InvoicePlace(one.source, one.account_id, one.invoice_id)
                now = await invoice_now(info.context.desk.sources, place)
                return Invoice.from_domain(now, info.context)
        return None

    @resolved("Its account right after.", cost=1)
    async def credit_account(self, info: Info) -> CreditAccount | None:
        return await _instrument(self, CreditAccount, info)


@strawberry.type(description="A change to a store's terms.")
class StoreConfigurationPayload(MutationPayload):
    @resolved("The terms as they are now.", cost=1)
    async def store_configuration(self, info: Info) -> StoreConfiguration | None:
        if self.outcome.refusal is not None or not self.outcome.operation.steps:
            return None
        source = self.outcome.operation.steps[0].instruction.source
        terms = await store_with_terms(info.context.desk.sources, source).store_configuration()
        return StoreConfiguration.from_domain(terms, CreditSource.of(source, info.context))


@strawberry.type(description="A change to a gift card.")
class GiftCardPayload(MutationPayload):
    @resolved("The card right after.", cost=1)
    async def gift_card(self, info: Info) -> GiftCard | None:
        return await _instrument(self, GiftCard, info)

    @resolved(_ENTRY, cost=4)
    async def entry(self, info: Info) -> LedgerEntry | None:
        return await _entry(self, info)

    @resolved(
        "The code of a card that was just made; told once, to who made it.",
        may=access(AccessLevel.ADMIN, "giftcard:reveal"),
        cost=1,
    )
    async def revealed_code(self, info: Info) -> str | None:
        operation = self.outcome.operation
        made = operation.steps and isinstance(operation.steps[0].instruction, IssueGiftCard)
        if not made or self.outcome.replayed or not isinstance(operation.observed, DomainCard):
            return None
        return await reveal(operation.observed, info.context)


@strawberry.type(description="A change to a store-credit account.")
class StoreCreditPayload(MutationPayload):
    @resolved("The account right after.", cost=1)
    async def store_credit_account(self, info: Info) -> StoreCreditAccount | None:
        return await _instrument(self, StoreCreditAccount, info)

    @resolved(_ENTRY, cost=2)
    async def entry(self, info: Info) -> LedgerEntry | None:
        return await _entry(self, info)


@strawberry.type(description="A change to a hold.")
class HoldPayload(MutationPayload):
    @resolved("The hold as it is now.", cost=4)
    async def hold(self, info: Info) -> Hold | None:
        from app.graphql.nodes import hold_at

        place = None if self.outcome.refusal is not None else _place(self.outcome.operation)
        return None if place is None else await hold_at(place, info.context)

    @resolved(_ENTRY, cost=4)
    async def entry(self, info: Info) -> LedgerEntry | None:
        return await _entry(self, info)


def _place(operation: Operation) -> HoldPlace | None:
    """Where the hold is that an operation made or took further."""
    if not operation.steps:
        return None
    step = operation.steps[0]
    return HoldPlace(step.instruction.subject, step.hold_id) if step.hold_id else None
