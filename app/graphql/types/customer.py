"""Customers and everything they have, and who asks."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Self

import strawberry
from strawberry import UNSET

from app.domain.access import AccessLevel
from app.domain.cart import Cart
from app.domain.customer import CustomerIdentity, Link
from app.domain.money import Currency
from app.graphql.context import Context, Info
from app.graphql.declare import OWN, SERVICE, described, resolved
from app.graphql.enums import IdentityMatch
from app.graphql.inputs.arguments import After, First, given
from app.graphql.inputs.filters import InvoiceFilter, LedgerFilter, SpendableOptions
from app.graphql.inputs.lookups import CartInput
from app.graphql.types.basics import OPAQUE_ID, CreditSource, Node
from app.graphql.types.connections import Connection, connection
from app.graphql.types.instruments import (
    CreditAccount,
    GiftCard,
    InvoiceNarrowed,
    LedgerNarrowed,
    StoreCreditAccount,
)
from app.graphql.types.invoices import InvoiceConnection
from app.graphql.types.ledger import LedgerEntry, entry_from_domain
from app.graphql.types.spendable import SpendableCredit
from app.operations.list_instruments import (
    credit_accounts_of_customer,
    gift_cards_of_customer,
    store_credit_of_customer,
)
from app.operations.list_invoices import invoices_of_customer
from app.operations.read_ledgers import timeline
from app.operations.spendable_credit import spendable_credit

CartOffered = Annotated[
    CartInput | None,
    strawberry.argument(description="Only cards that this cart could be paid with."),
]
Asked = Annotated[
    Currency, strawberry.argument(description="The currency of the checkout; the total is in it.")
]
Options = Annotated[
    SpendableOptions | None, strawberry.argument(description="What counts as spendable.")
]


@strawberry.type(description="The customer's own id at a source.")
class IdentityLink:
    source: CreditSource = described("The source.")
    native_id: str = described("The id there.")
    matched_by: IdentityMatch = described("How it is known.")
    verified: bool = described("Whether somebody answers for it, rather than a search.")

    @classmethod
    def from_domain(cls, link: Link, context: Context) -> Self:
        return cls(
            source=CreditSource.of(link.source, context),
            native_id=link.provider_customer_id,
            matched_by=link.matched_by,
            verified=link.matched_by in (IdentityMatch.CONFIG, IdentityMatch.CLAIM),
        )


@strawberry.type(description="A person or company that holds credit, over all sources.")
class Customer(Node):
    display_name: str | None = described("From the directory; null for a customer not in it.")
    email: str | None = described("The address they are known by.", may=OWN)
    who: strawberry.Private[CustomerIdentity]

    @resolved(OPAQUE_ID)  # type: ignore[misc]  # a field of its own
    def id(self, info: Info) -> strawberry.ID:
        return info.context.ids.customer(self.who)

    @resolved("Their known ids at sources.", may=SERVICE)
    def links(self, info: Info) -> list[IdentityLink]:
        configured = info.context.desk.sources
        return [
            IdentityLink.from_domain(link, info.context)
            for link in self.who.links
            if configured.find(link.source)
        ]

    @resolved(
        "Credit lines they may draw on, source by source.",
        upstream=[
            "vtex.cc/Searchallaccounts",
            "adobe.credit/GetV1CompanyCreditsCompanyCompanyId",
        ],
        cost=6,
    )
    async def credit_accounts(
        self, info: Info, first: First = 20, after: After = UNSET
    ) -> Connection[CreditAccount] | None:
        context = info.context
        ask = partial(credit_accounts_of_customer, context.desk, self.who)
        return await connection(context, first, after, ask, CreditAccount.from_domain)

    @resolved(
        "Gift cards they may spend, source by source.",
        upstream=["vtex.gc/SearchGiftCardsfromcartdata", "vtex.gc/GetGiftCardbyID"],
        cost=10,
    )
    async def gift_cards(
        self, info: Info, first: First = 50, after: After = UNSET, cart: CartOffered = UNSET
    ) -> Connection[GiftCard] | None:
        context = info.context
        offered = given(cart)
        ask = partial(
            gift_cards_of_customer,
            context.desk,
            self.who,
            offered.to_domain() if offered else Cart(),
        )
        return await connection(context, first, after, ask, GiftCard.from_domain)

    @resolved(
        "Store credit they own, source by source.",
        upstream=["medusa.sc/GetStoreCreditAccounts"],
        cost=2,
    )
    async def store_credit_accounts(
        self, info: Info, first: First = 20, after: After = UNSET
    ) -> Connection[StoreCreditAccount] | None:
        context = info.context
        ask = partial(store_credit_of_customer, context.desk, self.who)
        return await connection(context, first, after, ask, StoreCreditAccount.from_domain)

    @resolved(
        "What they owe, bill by bill, over all their credit accounts.",
        upstream=["vtex.cc/SearchallinvoicesofaAccount"],
        cost=10,
    )
    async def invoices(
        self, info: Info, first: First = 20, after: After = UNSET, filter: InvoiceNarrowed = UNSET
    ) -> InvoiceConnection | None:
        question = (given(filter) or InvoiceFilter()).to_domain()
        found = await invoices_of_customer(info.context.desk, self.who, question)
        return await InvoiceConnection.page_of(found, info, first, after)

    @resolved(
        "Everything that happened to this customer's credit, over all sources, newest first.",
        cost=20,
    )
    async def timeline(
        self, info: Info, first: First = 20, after: After = UNSET, filter: LedgerNarrowed = UNSET
    ) -> Connection[LedgerEntry] | None:
        context = info.context
        narrowed = given(filter) or LedgerFilter()
        ask = partial(
            timeline,
            context.desk,
            self.who,
            narrowed.to_domain(),
            kinds=given(narrowed.instrument_kinds),
            sources=given(narrowed.sources),
        )
        return await connection(context, first, after, ask, entry_from_domain)

    @resolved(
        "What they can spend in one currency, over all sources, right now.", cost=20, max_age=5
    )
    async def spendable_credit(
        self, info: Info, currency: Asked, options: Options = UNSET
    ) -> SpendableCredit | None:
        question = (given(options) or SpendableOptions()).to_domain(currency)
        found = await spendable_credit(info.context.desk, self.who, question)
        return SpendableCredit.from_domain(found)

    @classmethod
    def visible(cls, who: CustomerIdentity | None, context: Context) -> Self | None:
        """None also for somebody whom the caller may not see."""
        if who is None or not (context.sees_everybody or context.is_own(who)):
            return None
        return cls.from_domain(who, context)

    @classmethod
    def from_domain(cls, who: CustomerIdentity, context: Context) -> Self:
        return cls(display_name=who.display_name, email=who.email, who=who)


@strawberry.type(description="Who asks.")
class Viewer:
    level: AccessLevel = described("What the caller may do at most.")
    scopes: list[str] = described("What the caller may do besides.")
    customer: Customer | None = described("The caller's own credit, for a shopper.")
