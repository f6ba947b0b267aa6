"""Any instrument by what names it."""

from __future__ import annotations

from app.domain.errors import AccountNotFound, ProviderFault
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.instruments import CreditAccount, Instrument, InstrumentKind
from app.domain.provider import ReadsCreditAccounts, ReadsGiftCards, ReadsStoreCredit
from app.domain.spendable import SpendableVerdict, ToleranceRule, verdict_on
from app.operations.abilities import able_to
from app.operations.desk import Desk
from app.operations.read_credit_accounts import credit_account, tolerance_rule
from app.operations.read_gift_cards import gift_card
from app.operations.read_store_credit import store_credit_account


async def instrument(
    desk: Desk, source: SourceKey, kind: InstrumentKind, provider_id: str
) -> Instrument:
    """
    Raises:
        AccountNotFound: The source is gone, keeps no such kind, or does not know the id.
    """
    provider = desk.sources.find(source)
    match kind:
        case InstrumentKind.CREDIT_LINE if able_to(provider, ReadsCreditAccounts):
            return await credit_account(desk, provider, ProviderAccountId(provider_id))
        case InstrumentKind.GIFT_CARD if able_to(provider, ReadsGiftCards):
            return await gift_card(desk, provider, ProviderCardId(provider_id))
        case InstrumentKind.STORE_CREDIT if able_to(provider, ReadsStoreCredit):
            return await store_credit_account(desk, provider, ProviderStoreCreditId(provider_id))
    raise AccountNotFound("instrument")


async def verdict(desk: Desk, one: Instrument) -> SpendableVerdict:
    """What an instrument can pay now, tolerance included where its store enables it."""
    rule = ToleranceRule.NOT_WANTED
    if isinstance(one, CreditAccount) and one.tolerance:
        try:
            rule = await tolerance_rule(desk, desk.sources.named(one.source))
        except ProviderFault:
            rule = ToleranceRule.UNKNOWN
    return verdict_on(one, at=desk.clock(), tolerance=rule)
