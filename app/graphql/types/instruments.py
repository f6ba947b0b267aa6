"""Credit accounts, gift cards and store credit."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final, Self

import strawberry
import structlog
from strawberry import UNSET
from strawberry.scalars import JSON

from app.domain import instruments as domain
from app.domain.access import AccessLevel
from app.domain.holds import CardStory
from app.domain.instructions import Subject
from app.domain.instruments import version_of
from app.domain.money import Currency
from app.graphql.context import Context, Info
from app.graphql.declare import ADMIN, OWN, SERVICE, access, cached_for, described, resolved
from app.graphql.enums import Freshness, InstrumentKind, InstrumentStatus, VtexDocumentType
from app.graphql.inputs.arguments import After, First, given
from app.graphql.inputs.filters import InvoiceFilter, LedgerFilter
from app.graphql.types.basics import OPAQUE_ID, CreditSource, Money, Node, money_or_none
from app.graphql.types.connections import Connection, connection
from app.graphql.types.invoices import InvoiceConnection
from app.graphql.types.ledger import Hold, LedgerEntry, entry_from_domain
from app.graphql.types.spendable import InstrumentSpendable
from app.operations.customers import holder_of, owner_of, owner_of_card
from app.operations.holds import kept_holds
from app.operations.list_invoices import invoices_of_account
from app.operations.read_credit_accounts import outstanding
from app.operations.read_gift_cards import holds_of
from app.operations.read_instruments import instrument, verdict
from app.operations.read_ledgers import ledger

if TYPE_CHECKING:
    from app.graphql.types.customer import Customer

_log = structlog.get_logger("creditgraph.audit")

_SHORT_LIVED: Final = cached_for(5)
_STATEMENTS: Final = ("vtex.cc/Accountstatements", "adobe.credit/GetV1CompanyCreditsHistory")
_TRANSACTIONS: Final = (
    "vtex.gc/GetGiftCardTransactions",
    "vtex.gc/GetGiftCardTransactionbyID",
)
_Customer = Annotated["Customer", strawberry.lazy("app.graphql.types.customer")]
_StoreCreditAccount = Annotated[
    "StoreCreditAccount", strawberry.lazy("app.graphql.types.instruments")
]
LedgerNarrowed = Annotated[LedgerFilter | None, strawberry.argument(description="Only these.")]
InvoiceNarrowed = Annotated[InvoiceFilter | None, strawberry.argument(description="Only these.")]


@strawberry.interface(description="Anything a customer can pay with that is not cash or card.")
class CreditInstrument(Node):
    value: strawberry.Private[domain.Instrument]

    @resolved(OPAQUE_ID)  # type: ignore[misc]  # a field of its own
    def id(self, info: Info) -> strawberry.ID:
        return info.context.ids.instrument(self.value)

    @resolved("What kind of instrument it is.")
    def kind(self) -> InstrumentKind:
        return self.value.kind

    @resolved("Where it is kept.")
    def source(self, info: Info) -> CreditSource:
        return CreditSource.of(self.value.source, info.context)

    @resolved("The provider's own id.", may=SERVICE)
    def native_id(self) -> str:
        return self.value.provider_id

    @resolved("Currency of all its amounts.")
    def currency_code(self) -> Currency:
        return self.value.currency

    @resolved("Its state, from the provider's word for it.")
    def status(self) -> InstrumentStatus:
        return self.value.status

    @resolved("The verdict on it: what it can pay now.")
    async def spendable(self, info: Info) -> InstrumentSpendable:
        return InstrumentSpendable.from_domain(await verdict(info.context.desk, self.value))

    @resolved("Opaque fingerprint of the observed state; send it back as `expectedVersion`.")
    def version(self) -> str:
        return version_of(self.value)

    @resolved("When the provider gave these figures.")
    def observed_at(self) -> datetime:
        return self.value.observed_at

    @resolved("How live they are.")
    def freshness(self) -> Freshness:
        return self.value.freshness

    @resolved("Its history, newest first.", cost=5)
    async def ledger(
        self, info: Info, first: First = 20, after: After = UNSET, filter: LedgerNarrowed = UNSET
    ) -> Connection[LedgerEntry] | None:
        return await _ledger(self.value, info.context, first, after, filter)


async def _ledger(
    one: domain.Instrument,
    context: Context,
    first: int | None,
    after: str | None,
    narrowed: LedgerFilter | None,
) -> Connection[LedgerEntry]:
    question = (given(narrowed) or LedgerFilter()).to_domain()
    ask = partial(ledger, context.desk, one, question)
    return await connection(context, first, after, ask, entry_from_domain)


@strawberry.type(description="VTEX's own figures and names for a credit account.")
class VtexCreditAccountDetails:
    account_id: str = described("VTEX's id; contains the document number.", may=SERVICE)
    email: str | None = described("The holder's address.", may=OWN)
    document: str | None = described("The holder's document number.", may=ADMIN)
    document_type: VtexDocumentType | None = described("What kind of document it is.")
    balance: Money = described("VTEX's ledger of manual operations; not a debt.")
    available_credit: Money = described("Limit less open invoices and holds, without tolerance.")
    available_balance: Money = described("VTEX's second figure for the same thing.")
    pre_authorized_credit: Money = described("Sum of live holds.")
    raw_status: str = described("VTEX's word for the state.")

    @classmethod
    def from_domain(cls, own: domain.VtexCreditAccountDetails) -> Self:
        return cls(
            account_id=own.account_id,
            email=own.email,
            document=own.document,
            document_type=own.document_type,
            balance=Money.from_domain(own.balance),
            available_credit=Money.from_domain(own.available_credit),
            available_balance=Money.from_domain(own.available_balance),
            pre_authorized_credit=Money.from_domain(own.pre_authorized_credit),
            raw_status=own.raw_status,
        )


@strawberry.type(description="Adobe Commerce's own figures and names for a company credit.")
class AdobeCompanyCreditDetails:
    credit_id: int = described("Id of the credit record.")
    company_id: int = described("Id of the company.")
    exceed_limit: bool = described("Whether the shop's checkout lets the company exceed the limit.")
    balance: Money = described("Below zero is owed, above zero prepaid.")
    raw_available_limit: Money = described("Limit plus balance, as Adobe computes it.")

    @classmethod
    def from_domain(cls, own: domain.AdobeCompanyCreditDetails) -> Self:
        return cls(
            credit_id=own.credit_id,
            company_id=own.company_id,
            exceed_limit=own.exceed_limit,
            balance=Money.from_domain(own.balance),
            raw_available_limit=Money.from_domain(own.raw_available_limit),
        )


CreditAccountDetails = Annotated[
    VtexCreditAccountDetails | AdobeCompanyCreditDetails,
    strawberry.union(
        "CreditAccountDetails", description="What only the provider of the account knows."
    ),
]


@strawberry.type(description="A credit line that a seller granted.", directives=[_SHORT_LIVED])
class CreditAccount(CreditInstrument):
    limit: Money | None = described("Ceiling granted; null when the provider has no limit set.")
    available: Money = described(
        "As the provider computes it, tolerance not included; negative when the limit is exceeded."
    )
    held: Money | None = described("Set aside by live pre-authorizations.")
    tolerance: Decimal | None = described(
        'Leave to exceed the limit as a fraction of it, e.g. "0.30"; counts only if the store '
        "enables it."
    )
    opened_at: datetime | None = described("When it was opened.")
    updated_at: datetime | None = described("When the provider last changed it.")
    value: strawberry.Private[domain.CreditAccount]

    @resolved(
        "Owed by the holder, always positive. Adobe: limit less available. VTEX: sum of the open "
        "invoices, one more call; null when that cannot be proven.",
        upstream=["vtex.cc/SearchallinvoicesofaAccount"],
        cost=5,
    )
    async def outstanding(self, info: Info) -> Money | None:
        return money_or_none(await outstanding(info.context.desk, self.value))

    @resolved("Whose it is, where the provider tells.")
    def customer(self, info: Info) -> _Customer | None:
        from app.graphql.types.customer import Customer

        return Customer.visible(holder_of(info.context.desk, self.value), info.context)

    @resolved(
        "What is owed, bill by bill; null where the provider keeps no invoices.",
        upstream=["vtex.cc/SearchallinvoicesofaAccount"],
        cost=5,
    )
    async def invoices(
        self, info: Info, first: First = 20, after: After = UNSET, filter: InvoiceNarrowed = UNSET
    ) -> InvoiceConnection | None:
        question = (given(filter) or InvoiceFilter()).to_domain()
        found = invoices_of_account(info.context.desk, self.value, question)
        if found is None:
            return None
        return await InvoiceConnection.page_of(found, info, first, after)

    @resolved("Amounts set aside on it through the gateway, newest first.")
    async def holds(
        self, info: Info, first: First = 20, after: After = UNSET
    ) -> Connection[Hold] | None:
        return await _kept_holds(self.value, info.context, first, after)

    @resolved("Its history, newest first.", upstream=_STATEMENTS, cost=5)
    async def ledger(
        self, info: Info, first: First = 20, after: After = UNSET, filter: LedgerNarrowed = UNSET
    ) -> Connection[LedgerEntry] | None:
        return await _ledger(self.value, info.context, first, after, filter)

    @resolved("What only this provider knows. Narrow it with a fragment.")
    def details(self) -> CreditAccountDetails | None:
        match self.value.details:
            case domain.VtexCreditAccountDetails() as own:
                return VtexCreditAccountDetails.from_domain(own)
            case domain.AdobeCompanyCreditDetails() as own:
                return AdobeCompanyCreditDetails.from_domain(own)

    @classmethod
    def from_domain(cls, one: domain.CreditAccount, context: Context) -> Self:
        return cls(
            limit=money_or_none(one.limit),
            available=Money.from_domain(one.available),
            held=money_or_none(one.held),
            tolerance=one.tolerance,
            opened_at=one.opened_at,
            updated_at=one.updated_at,
            value=one,
        )


@strawberry.type(description="VTEX's own names for a gift card.")
class VtexGiftCardDetails:
    relation_name: str | None = described("The name under which it was issued.")
    caption: str | None = described("The text customers see.")
    discount: bool | None = described("Deprecated by VTEX: whether it acts as a discount.")

    @classmethod
    def from_domain(cls, own: domain.VtexGiftCardDetails) -> Self:
        return cls(relation_name=own.relation_name, caption=own.caption, discount=own.discount)


GiftCardDetails = Annotated[
    VtexGiftCardDetails,
    strawberry.union("GiftCardDetails", description="What only the provider of the card knows."),
]


async def _kept_holds(
    one: domain.Instrument, context: Context, first: int | None, after: str | None
) -> Connection[Hold]:
    ask = partial(kept_holds, context.desk, one, holds=context.holds)
    return await connection(context, first, after, ask, Hold.from_domain)


@strawberry.type(description="Somebody who shares a credit account.")
class AccountHolder:
    native_id: str = described("The provider's id; it cannot be asked for again, so keep it.")
    level: int | None = described("The provider's rank; 2 is a dependent.")
    email: str = described("Their address.", may=ADMIN)
    created_at: datetime | None = described("When they were added.")


@strawberry.type(description="A prepaid card.", directives=[_SHORT_LIVED])
class GiftCard(CreditInstrument):
    masked_code: str = described("The last characters of the code, to tell cards apart.")
    balance: Money = described("What is left on it, the provider's figure.")
    issued_at: datetime | None = described("When it was issued.")
    expires_at: datetime | None = described("The instant at which it ends.")
    restricted_to_owner: bool | None = described(
        "Whether only its owner can pay with it; null when the provider does not say."
    )
    reloadable: bool | None = described(
        "Whether it can be topped up; null when the provider does not say."
    )
    reusable: bool | None = described(
        "Whether it can be spent in several orders; null when the provider does not say."
    )
    value: strawberry.Private[domain.GiftCard]

    @resolved(
        "The spendable code itself.",
        may=access(AccessLevel.SHOPPER, "giftcard:reveal", owner=True),
        max_age=0,
    )
    async def redemption_code(self, info: Info) -> str | None:
        return await reveal(self.value, info.context)

    @resolved("Whose it is, where the provider tells.")
    def owner(self, info: Info) -> _Customer | None:
        from app.graphql.types.customer import Customer

        return Customer.visible(owner_of_card(info.context.desk, self.value), info.context)

    @resolved(
        "The account that keeps its money, where there is one; that account is then left out of "
        "totals.",
        upstream=["medusa.sc/GetStoreCreditAccountsId"],
        cost=1,
    )
    async def backed_by(self, info: Info) -> _StoreCreditAccount | None:
        one, behind = self.value, self.value.backed_by
        if behind is None:
            return None
        found = await instrument(info.context.desk, one.source, InstrumentKind.STORE_CREDIT, behind)
        if not isinstance(found, domain.StoreCreditAccount):
            return None
        return StoreCreditAccount.from_domain(found, info.context)

    @resolved(
        "Amounts set aside on it, newest first.",
        upstream=_TRANSACTIONS,
        cost=10,
    )
    async def holds(
        self, info: Info, first: First = 20, after: After = UNSET
    ) -> Connection[Hold] | None:
        context, card = info.context, self.value
        subject = Subject(card.source, card.kind, card.provider_id)
        told = {one.provider_hold_id: one for one in await context.holds.on(subject)}

        def made(story: CardStory, it: Context) -> Hold:
            return Hold.of_story(story, card, it, told.get(story.transaction.provider_hold_id))

        ask = partial(holds_of, context.desk, card)
        return await connection(context, first, after, ask, made)

    @resolved("Its history, newest first.", upstream=_TRANSACTIONS, cost=15)
    async def ledger(
        self, info: Info, first: First = 20, after: After = UNSET, filter: LedgerNarrowed = UNSET
    ) -> Connection[LedgerEntry] | None:
        return await _ledger(self.value, info.context, first, after, filter)

    @resolved("What only this provider knows. Narrow it with a fragment.")
    def details(self) -> GiftCardDetails | None:
        own = self.value.details
        return None if own is None else VtexGiftCardDetails.from_domain(own)

    @classmethod
    def from_domain(cls, one: domain.GiftCard, context: Context) -> Self:
        return cls(
            masked_code=one.redemption_code.masked(),
            balance=Money.from_domain(one.balance),
            issued_at=one.issued_at,
            expires_at=one.expires_at,
            restricted_to_owner=one.restricted_to_owner,
            reloadable=one.reloadable,
            reusable=one.reusable,
            value=one,
        )


async def reveal(card: domain.GiftCard, context: Context) -> str | None:
    """The code of *card*, with an audit line; read again where what was kept has withheld it."""
    _log.info(
        "redemption code revealed",
        audit=True,
        caller=context.caller.name,
        gift_card=context.ids.instrument(card),
        source=card.source,
    )
    secret = card.redemption_code
    if secret.is_withheld:
        now = await instrument(context.desk.live(), card.source, card.kind, card.provider_id)
        secret = now.redemption_code if isinstance(now, domain.GiftCard) else secret
    code = "*" if secret.is_withheld else secret.reveal()
    return None if "*" in code else code


@strawberry.type(description="A part of an account's money, in the API's older generation.")
class StoreCreditTransactionGroup:
    native_id: str = described("The provider's id.")
    code: str | None = described("Its name.")
    credits: Money = described("Sum of what came in.")
    debits: Money = described("Sum of what went out.")
    balance: Money = described("What is left.")

    @classmethod
    def from_domain(cls, group: domain.StoreCreditTransactionGroup) -> Self:
        return cls(
            native_id=group.provider_group_id,
            code=group.code,
            credits=Money.from_domain(group.credits),
            debits=Money.from_domain(group.debits),
            balance=Money.from_domain(group.balance),
        )


@strawberry.type(description="Medusa's own names for a store-credit account.")
class MedusaStoreCreditDetails:
    customer_id: str | None = described("Medusa's id of the owner; null while unclaimed.")
    masked_claim_code: str | None = described("The end of the code it can be claimed by.")
    metadata: JSON | None = described("What the store wrote to it on creation.", may=SERVICE)
    transaction_groups: list[StoreCreditTransactionGroup] | None = described(
        "Only in the API's older generation."
    )

    @classmethod
    def from_domain(cls, own: domain.MedusaStoreCreditDetails) -> Self:
        groups = own.transaction_groups
        return cls(
            customer_id=own.provider_customer_id,
            masked_claim_code=own.masked_claim_code,
            metadata=own.metadata,  # type: ignore[arg-type]  # JSON is any JSON value
            transaction_groups=None
            if groups is None
            else [StoreCreditTransactionGroup.from_domain(group) for group in groups],
        )


StoreCreditDetails = Annotated[
    MedusaStoreCreditDetails,
    strawberry.union(
        "StoreCreditDetails", description="What only the provider of the account knows."
    ),
]


@strawberry.type(
    description="Money the store owes the customer, with a ledger.", directives=[_SHORT_LIVED]
)
class StoreCreditAccount(CreditInstrument):
    balance: Money = described("What is left, the provider's figure; can be negative.")
    total_credited: Money = described("Everything that ever came in.")
    total_debited: Money = described("Everything that ever went out, positive.")
    created_at: datetime | None = described("When it was made.")
    updated_at: datetime | None = described(
        "When its record was changed; money moving does not count as a change."
    )
    value: strawberry.Private[domain.StoreCreditAccount]

    @resolved("Whose it is; null while it is unclaimed.")
    def customer(self, info: Info) -> _Customer | None:
        from app.graphql.types.customer import Customer

        return Customer.visible(owner_of(info.context.desk, self.value), info.context)

    @resolved("Amounts set aside on it through the gateway, newest first.")
    async def holds(
        self, info: Info, first: First = 20, after: After = UNSET
    ) -> Connection[Hold] | None:
        return await _kept_holds(self.value, info.context, first, after)

    @resolved(
        "Its history, newest first.",
        upstream=["medusa.sc/GetStoreCreditAccountsIdTransactions"],
        cost=5,
    )
    async def ledger(
        self, info: Info, first: First = 20, after: After = UNSET, filter: LedgerNarrowed = UNSET
    ) -> Connection[LedgerEntry] | None:
        return await _ledger(self.value, info.context, first, after, filter)

    @resolved("What only this provider knows. Narrow it with a fragment.")
    def details(self) -> StoreCreditDetails | None:
        return MedusaStoreCreditDetails.from_domain(self.value.details)

    @classmethod
    def from_domain(cls, one: domain.StoreCreditAccount, context: Context) -> Self:
        return cls(
            balance=Money.from_domain(one.balance),
            total_credited=Money.from_domain(one.total_credited),
            total_debited=Money.from_domain(one.total_debited),
            created_at=one.created_at,
            updated_at=one.updated_at,
            value=one,
        )


INSTRUMENT_TYPES: Final = (CreditAccount, GiftCard, StoreCreditAccount)


def instrument_from_domain(one: domain.Instrument, context: Context) -> CreditInstrument:
    match one:
        case domain.CreditAccount():
            return CreditAccount.from_domain(one, context)
        case domain.GiftCard():
            return GiftCard.from_domain(one, context)
        case domain.StoreCreditAccount():
            return StoreCreditAccount.from_domain(one, context)
