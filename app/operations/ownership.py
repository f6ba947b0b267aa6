"""Whether something is a customer's own, asked of the sources themselves."""

from __future__ import annotations

from app.domain.customer import CustomerIdentity
from app.domain.errors import IdentityNotLinked
from app.domain.identifiers import SourceKey
from app.domain.instruments import InstrumentKind
from app.domain.provider import ReadsCreditAccounts, ReadsGiftCards, ReadsStoreCredit
from app.operations.abilities import able_to
from app.operations.desk import Desk
from app.operations.read_credit_accounts import credit_accounts_of
from app.operations.read_gift_cards import all_card_ids, cards_of
from app.operations.read_store_credit import store_credit_of


async def owns(
    desk: Desk,
    customer: CustomerIdentity,
    source: SourceKey,
    kind: InstrumentKind,
    provider_id: str,
) -> bool:
    """
    Whether an instrument is among those its source finds for *customer*.

    The instrument itself is not read, so that one of somebody else's and one that does not exist
    look and cost the same.

    Raises:
        ProviderFault: The source did not answer.
    """
    try:
        return provider_id in await _own_ids(desk, customer, source, kind)
    except IdentityNotLinked:
        return False


async def _own_ids(
    desk: Desk, customer: CustomerIdentity, source: SourceKey, kind: InstrumentKind
) -> set[str]:
    provider = desk.sources.find(source)
    match kind:
        case InstrumentKind.CREDIT_LINE if able_to(provider, ReadsCreditAccounts):
            found = await credit_accounts_of(desk, provider, customer)
            return {one.provider_id for one in found.items}
        case InstrumentKind.GIFT_CARD if able_to(provider, ReadsGiftCards):
            ids = await all_card_ids(desk, provider, cards_of(provider, customer))
            return set(ids.items)
        case InstrumentKind.STORE_CREDIT if able_to(provider, ReadsStoreCredit):
            accounts = await store_credit_of(desk, provider, customer)
            return {one.provider_id for one in accounts.items}
    return set()
