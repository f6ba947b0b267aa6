"""The ways to change something. Each does it once, however often it is asked with one key."""

from __future__ import annotations

import strawberry

from app.graphql.mutations.configuration import ConfigurationMutations
from app.graphql.mutations.credit_accounts import CreditAccountMutations
from app.graphql.mutations.gift_cards import GiftCardMutations
from app.graphql.mutations.holds import HoldMutations
from app.graphql.mutations.invoices import InvoiceMutations
from app.graphql.mutations.store_credit import StoreCreditMutations


@strawberry.type(
    description="Writes. Amounts are positive: the name of a field carries the direction."
)
class Mutation(
    CreditAccountMutations,
    InvoiceMutations,
    GiftCardMutations,
    StoreCreditMutations,
    HoldMutations,
    ConfigurationMutations,
):
    pass
