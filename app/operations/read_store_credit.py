"""Store-credit accounts."""

from __future__ import annotations

from typing import Final

from app.cache.questions import Fact, Question, tag_of_instrument, tags_of_customer
from app.domain.customer import CustomerIdentity
from app.domain.errors import IdentityNotLinked
from app.domain.identifiers import ProviderStoreCreditId
from app.domain.instruments import InstrumentKind, StoreCreditAccount
from app.domain.paging import Page
from app.domain.provider import (
    ReadsManyStoreCreditAccounts,
    ReadsStoreCredit,
    StoreCreditQuestion,
)
from app.operations.abilities import able_to
from app.operations.desk import Desk
from app.operations.merge import read_whole

_AFFECTS: Final = frozenset({InstrumentKind.STORE_CREDIT})
_ACCOUNT: Final = Fact[StoreCreditAccount]("store credit", StoreCreditAccount, _AFFECTS)
_ACCOUNTS_OF: Final = Fact[Page[StoreCreditAccount]](
    "store credit of", Page[StoreCreditAccount], _AFFECTS
)


async def store_credit_account(
    desk: Desk, provider: ReadsStoreCredit, account_id: ProviderStoreCreditId
) -> StoreCreditAccount:
    """One account, read at most once a request, and together with others that are wanted too."""
    source = provider.info.key
    tag = tag_of_instrument(source, InstrumentKind.STORE_CREDIT, account_id)
    return await desk.reads.once(
        Question(_ACCOUNT, source, account_id, desk.wanted.store_credit, tags=(tag,)),
        lambda: _read(desk, provider, account_id),
    )


async def _read(
    desk: Desk, provider: ReadsStoreCredit, account_id: ProviderStoreCreditId
) -> StoreCreditAccount:
    facts = desk.wanted.store_credit
    if able_to(provider, ReadsManyStoreCreditAccounts):
        return await desk.batches.read(
            provider.info.key,
            "store credit account",
            account_id,
            one=lambda wanted: provider.store_credit_account(wanted, facts),
            many=lambda wanted: provider.store_credit_accounts(wanted, facts),
        )
    return await provider.store_credit_account(account_id, facts)


async def store_credit_of(
    desk: Desk, provider: ReadsStoreCredit, customer: CustomerIdentity
) -> Page[StoreCreditAccount]:
    """
    All of a customer's accounts at one source, asked for at most once a request.

    Raises:
        IdentityNotLinked: The customer's id there is not known, and there is no other way to ask.
    """
    source = provider.info.key
    own_id = customer.id_at(source)
    if own_id is None:
        raise IdentityNotLinked(source)
    question = StoreCreditQuestion(provider_customer_id=own_id, facts=desk.wanted.store_credit)
    return await desk.reads.once(
        Question(_ACCOUNTS_OF, source, question, tags=tags_of_customer(source, (own_id,))),
        lambda: read_whole(
            lambda window: provider.search_store_credit(question, window),
            identity=lambda one: one.provider_store_credit_id,
        ),
    )
