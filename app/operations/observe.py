"""Live reads, past everything that a request or a cache remembers."""

from __future__ import annotations

from app.domain.errors import AccountNotFound
from app.domain.identifiers import ProviderAccountId, ProviderCardId, ProviderStoreCreditId
from app.domain.instructions import Subject
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.provider import ReadsCreditAccounts, ReadsGiftCards, ReadsStoreCredit
from app.operations.abilities import able_to
from app.operations.sources import Sources


async def observe(sources: Sources, subject: Subject) -> Instrument:
    """
    An instrument as it is now.

    Raises:
        AccountNotFound: The source is gone, keeps no such kind, or does not know it.
        ProviderFault: The source did not answer.
    """
    provider = sources.find(subject.source)
    match subject.kind:
        case InstrumentKind.CREDIT_LINE if able_to(provider, ReadsCreditAccounts):
            return await provider.credit_account(ProviderAccountId(subject.provider_id))
        case InstrumentKind.GIFT_CARD if able_to(provider, ReadsGiftCards):
            return await provider.gift_card(ProviderCardId(subject.provider_id))
        case InstrumentKind.STORE_CREDIT if able_to(provider, ReadsStoreCredit):
            return await provider.store_credit_account(ProviderStoreCreditId(subject.provider_id))
    raise AccountNotFound("instrument")
