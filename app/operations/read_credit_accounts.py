"""Credit accounts, and the store's terms that bear on them."""

from __future__ import annotations

from app.domain.customer import CustomerIdentity
from app.domain.identifiers import ProviderAccountId
from app.domain.instruments import CreditAccount
from app.domain.invoices import Invoice, StoreConfiguration
from app.domain.money import Money, total
from app.domain.paging import Page
from app.domain.postponement import Postponement
from app.domain.provider import (
    Provider,
    ReadsCreditAccounts,
    ReadsInvoices,
    ReadsStoreConfiguration,
)
from app.domain.spendable import ToleranceRule
from app.operations.desk import Desk
from app.operations.read_invoices import open_invoices


async def credit_account(
    desk: Desk, provider: ReadsCreditAccounts, account_id: ProviderAccountId
) -> CreditAccount:
    """One account, read at most once a request."""
    return await desk.reads.once(
        ("credit account", provider.info.key, account_id),
        lambda: provider.credit_account(account_id),
    )


async def credit_accounts_of(
    desk: Desk, provider: ReadsCreditAccounts, customer: CustomerIdentity
) -> Page[CreditAccount]:
    """All accounts a customer may draw on at one source, asked for at most once a request."""
    return await desk.reads.once(
        ("credit accounts of", provider.info.key, customer),
        lambda: provider.credit_accounts_of(customer),
    )


async def store_configuration(desk: Desk, provider: ReadsStoreConfiguration) -> StoreConfiguration:
    """The terms of a store, read at most once a request."""
    return await desk.reads.once(
        ("store configuration", provider.info.key), provider.store_configuration
    )


async def tolerance_rule(desk: Desk, provider: Provider) -> ToleranceRule:
    """
    Whether the accounts of a source may use their tolerance.

    Raises:
        ProviderFault: The store did not say.
    """
    if not isinstance(provider, ReadsStoreConfiguration):
        return ToleranceRule.DISABLED
    terms = await store_configuration(desk, provider)
    return ToleranceRule.ENABLED if terms.tolerance_enabled else ToleranceRule.DISABLED


async def postponement(desk: Desk, invoice: Invoice) -> Postponement | None:
    """
    Whether an invoice may be due later; None where its source has no terms for that.

    Raises:
        ProviderFault: The store did not say.
    """
    provider = desk.sources.named(invoice.source)
    if not isinstance(provider, ReadsStoreConfiguration):
        return None
    terms = await desk.deadline().within(invoice.source, store_configuration(desk, provider))
    return Postponement.of(invoice, terms)


async def outstanding(desk: Desk, account: CreditAccount) -> Money | None:
    """What the holder owes: the provider's figure, or the sum of the open invoices it keeps."""
    provider = desk.sources.named(account.source)
    if account.outstanding is not None or not isinstance(provider, ReadsInvoices):
        return account.outstanding
    invoices = await desk.deadline().within(
        account.source, open_invoices(desk, provider, account.provider_account_id)
    )
    return total([one.amount for one in invoices], account.currency)
