"""Store-credit accounts."""

from __future__ import annotations

from app.domain.customer import CustomerIdentity
from app.domain.errors import IdentityNotLinked
from app.domain.identifiers import ProviderStoreCreditId
from app.domain.instruments import StoreCreditAccount
from app.domain.paging import Page
from app.domain.provider import ReadsStoreCredit, StoreCreditQuestion
from app.operations.desk import Desk
from app.operations.merge import read_whole


async def store_credit_account(
    desk: Desk, provider: ReadsStoreCredit, account_id: ProviderStoreCreditId
) -> StoreCreditAccount:
    """One account, read at most once a request."""
    return await desk.reads.once(
        ("store credit", provider.info.key, account_id),
        lambda: provider.store_credit_account(account_id),
    )


async def store_credit_of(
    desk: Desk, provider: ReadsStoreCredit, customer: CustomerIdentity
) -> Page[StoreCreditAccount]:
    """
    All of a customer's accounts at one source, asked for at most once a request.

    Raises:
        IdentityNotLinked: The customer's id there is not known, and there is no other way to ask.
    """
    own_id = customer.id_at(provider.info.key)
    if own_id is None:
        raise IdentityNotLinked(provider.info.key)
    question = StoreCreditQuestion(provider_customer_id=own_id)
    return await desk.reads.once(
        ("store credit of", provider.info.key, own_id),
        lambda: read_whole(
            lambda window: provider.search_store_credit(question, window),
            identity=lambda one: one.provider_store_credit_id,
        ),
    )
