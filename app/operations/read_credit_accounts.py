"""Credit accounts, and the store's terms that bear on them."""

from __future__ import annotations

from typing import Final

from app.cache.questions import Fact, Lifetime, Question, tag_of_instrument, tags_of_customer
from app.domain.customer import CustomerIdentity
from app.domain.identifiers import ProviderAccountId
from app.domain.instruments import CreditAccount, InstrumentKind
from app.domain.invoices import Invoice, StoreConfiguration
from app.domain.money import Money, total
from app.domain.paging import Page
from app.domain.postponement import Postponement
from app.domain.provider import (
    Provider,
    ReadsCreditAccounts,
    ReadsInvoices,
    ReadsManyCreditAccounts,
    ReadsStoreConfiguration,
)
from app.domain.spendable import ToleranceRule
from app.operations.abilities import able_to
from app.operations.desk import Desk
from app.operations.read_invoices import open_invoices

_AFFECTS: Final = frozenset({InstrumentKind.CREDIT_LINE})
_ACCOUNT: Final = Fact[CreditAccount]("credit account", CreditAccount, _AFFECTS)
_ACCOUNTS_OF: Final = Fact[Page[CreditAccount]]("credit accounts of", Page[CreditAccount], _AFFECTS)
_CONFIGURATION: Final = Fact[StoreConfiguration](
    "store configuration", StoreConfiguration, _AFFECTS, Lifetime.CONFIGURATION
)


async def credit_account(
    desk: Desk, provider: ReadsCreditAccounts, account_id: ProviderAccountId
) -> CreditAccount:
    """One account, read at most once a request, and together with others that are wanted too."""
    source = provider.info.key
    tag = tag_of_instrument(source, InstrumentKind.CREDIT_LINE, account_id)
    return await desk.reads.once(
        Question(_ACCOUNT, source, account_id, tags=(tag,)),
        lambda: _read(desk, provider, account_id),
    )


async def _read(
    desk: Desk, provider: ReadsCreditAccounts, account_id: ProviderAccountId
) -> CreditAccount:
    if able_to(provider, ReadsManyCreditAccounts):
        return await desk.batches.read(
            provider.info.key,
            "credit account",
            account_id,
            one=provider.credit_account,
            many=provider.credit_accounts,
        )
    return await provider.credit_account(account_id)


async def credit_accounts_of(
    desk: Desk, provider: ReadsCreditAccounts, customer: CustomerIdentity
) -> Page[CreditAccount]:
    """All accounts a customer may draw on at one source, asked for at most once a request."""
    source = provider.info.key
    names = (customer.email, customer.document, customer.id_at(source))
    return await desk.reads.once(
        Question(_ACCOUNTS_OF, source, customer, tags=tags_of_customer(source, names)),
        lambda: provider.credit_accounts_of(customer),
    )


async def store_configuration(desk: Desk, provider: ReadsStoreConfiguration) -> StoreConfiguration:
    """The terms of a store, read at most once a request."""
    return await desk.reads.once(
        Question(_CONFIGURATION, provider.info.key), provider.store_configuration
    )


async def tolerance_rule(desk: Desk, provider: Provider) -> ToleranceRule:
    """
    Whether the accounts of a source may use their tolerance.

    Raises:
        ProviderFault: The store did not say.
    """
    if able_to(provider, ReadsStoreConfiguration):
        terms = await store_configuration(desk, provider)
        return ToleranceRule.ENABLED if terms.tolerance_enabled else ToleranceRule.DISABLED
    return ToleranceRule.DISABLED


async def postponement(desk: Desk, invoice: Invoice) -> Postponement | None:
    """
    Whether an invoice may be due later; None where its source has no terms for that.

    Raises:
        ProviderFault: The store did not say.
    """
    provider = desk.sources.named(invoice.source)
    if not able_to(provider, ReadsStoreConfiguration):
        return None
    terms = await desk.deadline().within(invoice.source, store_configuration(desk, provider))
    return Postponement.of(invoice, terms)


async def outstanding(desk: Desk, account: CreditAccount) -> Money | None:
    """What the holder owes: the provider's figure, or the sum of the open invoices it keeps."""
    provider = desk.sources.named(account.source)
    if account.outstanding is not None or not able_to(provider, ReadsInvoices):
        return account.outstanding
    invoices = await desk.deadline().within(
        account.source, open_invoices(desk, provider, account.provider_account_id)
    )
    return total([one.amount for one in invoices], account.currency)
