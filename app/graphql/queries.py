"""The ways in."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import strawberry
from strawberry import UNSET

from app.domain.access import AccessLevel
from app.domain.errors import InvalidQuestion
from app.graphql.context import Info
from app.graphql.declare import SERVICE, access, entrance
from app.graphql.inputs.arguments import After, First, Id, given
from app.graphql.inputs.filters import CreditAccountFilter, InvoiceFilter, StoreCreditFilter
from app.graphql.inputs.lookups import CustomerRef, GiftCardSearch
from app.graphql.inputs.writes import OperationRef
from app.graphql.nodes import node_of, receipt_of, typed_node_of, who_is
from app.graphql.types.basics import CreditSource, Node
from app.graphql.types.connections import Connection, connection
from app.graphql.types.customer import Customer, Viewer
from app.graphql.types.instruments import (
    CreditAccount,
    GiftCard,
    InvoiceNarrowed,
    StoreCreditAccount,
)
from app.graphql.types.invoices import Invoice, InvoiceConnection
from app.graphql.types.ledger import Hold
from app.graphql.types.operations import OperationReceipt
from app.operations.list_instruments import (
    find_credit_accounts,
    find_gift_cards,
    find_store_credit,
)
from app.operations.list_invoices import invoices_of_store

MOST_NODES = 100

Ids = Annotated[
    list[strawberry.ID], strawberry.argument(description="At most 100 `id`s from earlier answers.")
]
Who = Annotated[CustomerRef, strawberry.argument(description="Who is meant.")]
AccountsNarrowed = Annotated[
    CreditAccountFilter | None, strawberry.argument(description="Only these.")
]
StoreCreditNarrowed = Annotated[
    StoreCreditFilter | None, strawberry.argument(description="Only these.")
]
Searched = Annotated[GiftCardSearch, strawberry.argument(description="Whose cards, or which.")]
WhichOperation = Annotated[OperationRef, strawberry.argument(description="Which one.")]
SourceKey = Annotated[str, strawberry.argument(name="source", description="Key of the source.")]


@strawberry.type(description="Reads. Amounts are exact decimals in major units.")
class Query:
    @entrance("Anything that has an id; null for one that does not exist.", cost=5)
    async def node(self, info: Info, id: Id) -> Node | None:
        return await node_of(id, info.context)

    @entrance("Many at once, in the order asked; null for each that does not exist.", cost=20)
    def nodes(self, info: Info, ids: Ids) -> list[Node | None]:
        if len(ids) > MOST_NODES:
            raise InvalidQuestion(f"At most {MOST_NODES} ids may be asked for at once.")
        # Awaited one by one in parallel, so that a fault is null and an error of its item alone.
        return [node_of(id, info.context) for id in ids]  # type: ignore[misc]  # awaitables

    @entrance("Who asks.", may=access(AccessLevel.PUBLIC))
    def viewer(self, info: Info) -> Viewer | None:
        caller = info.context.caller
        own = Customer.visible(caller.identity, info.context)
        return Viewer(level=caller.level, scopes=sorted(caller.scopes), customer=own)

    @entrance(
        "A customer by what is known of them. Asks no source by itself: a customer nobody has "
        "heard of has nothing.",
        may=access(AccessLevel.SERVICE, "credit:read"),
    )
    def customer(self, info: Info, by: Who) -> Customer | None:
        who = who_is(by, info.context)
        return Customer.from_domain(who, info.context) if who else None

    @entrance(
        "One credit account.",
        upstream=["vtex.cc/RetrieveaAccountbyId", "adobe.credit/GetV1CompanyCreditsCreditId"],
        cost=2,
    )
    async def credit_account(self, info: Info, id: Id) -> CreditAccount | None:
        return await typed_node_of(id, info.context, CreditAccount)

    @entrance(
        "Credit accounts, source by source.",
        may=access(AccessLevel.SERVICE, "credit:read"),
        upstream=["vtex.cc/Searchallaccounts", "adobe.credit/GetV1CompanyCredits"],
        cost=5,
    )
    async def credit_accounts(
        self,
        info: Info,
        filter: AccountsNarrowed = UNSET,
        first: First = 20,
        after: After = UNSET,
    ) -> Connection[CreditAccount] | None:
        context = info.context
        narrowed = given(filter) or CreditAccountFilter()
        ask = partial(
            find_credit_accounts,
            context.desk,
            narrowed.to_domain(),
            sources=given(narrowed.sources),
        )
        return await connection(context, first, after, ask, CreditAccount.from_domain)

    @entrance("One invoice.", upstream=["vtex.cc/RetrieveInvoicebyId"], cost=1)
    async def invoice(self, info: Info, id: Id) -> Invoice | None:
        return await typed_node_of(id, info.context, Invoice)

    @entrance(
        "All invoices of one store.",
        may=access(AccessLevel.SERVICE, "invoice:read"),
        upstream=["vtex.cc/Searchallinvoices"],
        cost=5,
    )
    async def invoices(
        self,
        info: Info,
        source_key: SourceKey,
        filter: InvoiceNarrowed = UNSET,
        first: First = 20,
        after: After = UNSET,
    ) -> InvoiceConnection | None:
        question = (given(filter) or InvoiceFilter()).to_domain()
        found = invoices_of_store(info.context.desk, source_key, question)
        return await InvoiceConnection.page_of(found, info, first, after)

    @entrance("One gift card.", upstream=["vtex.gc/GetGiftCardbyID"], cost=1)
    async def gift_card(self, info: Info, id: Id) -> GiftCard | None:
        return await typed_node_of(id, info.context, GiftCard)

    @entrance(
        "Gift cards of one source, by owner, code or cart.",
        may=access(AccessLevel.SERVICE, "giftcard:read"),
        upstream=["vtex.gc/SearchGiftCardsfromcartdata"],
        cost=10,
    )
    async def search_gift_cards(
        self, info: Info, search: Searched, first: First = 50, after: After = UNSET
    ) -> Connection[GiftCard] | None:
        context = info.context
        ask = partial(find_gift_cards, context.desk, search.source, search.to_domain())
        return await connection(context, first, after, ask, GiftCard.from_domain)

    @entrance("One store-credit account.", upstream=["medusa.sc/GetStoreCreditAccountsId"], cost=1)
    async def store_credit_account(self, info: Info, id: Id) -> StoreCreditAccount | None:
        return await typed_node_of(id, info.context, StoreCreditAccount)

    @entrance(
        "Store-credit accounts, source by source.",
        may=access(AccessLevel.SERVICE, "storecredit:read"),
        upstream=["medusa.sc/GetStoreCreditAccounts"],
        cost=5,
    )
    async def store_credit_accounts(
        self,
        info: Info,
        filter: StoreCreditNarrowed = UNSET,
        first: First = 20,
        after: After = UNSET,
    ) -> Connection[StoreCreditAccount] | None:
        context = info.context
        narrowed = given(filter) or StoreCreditFilter()
        ask = partial(
            find_store_credit, context.desk, narrowed.to_domain(), sources=given(narrowed.sources)
        )
        return await connection(context, first, after, ask, StoreCreditAccount.from_domain)

    @entrance("One hold.", may=SERVICE, upstream=["vtex.gc/GetGiftCardTransactionbyID"], cost=4)
    async def hold(self, info: Info, id: Id) -> Hold | None:
        return await typed_node_of(id, info.context, Hold)

    @entrance(
        "Outcome of an earlier mutation, by receipt id or by the key it was sent with.",
        may=SERVICE,
    )
    async def operation(self, info: Info, by: WhichOperation) -> OperationReceipt | None:
        return await receipt_of(by, info.context)

    @entrance("The configured sources.", may=SERVICE)
    def sources(self, info: Info) -> list[CreditSource]:
        context = info.context
        return [CreditSource.from_domain(one.info, context) for one in context.desk.sources.all]
