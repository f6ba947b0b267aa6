"""
Store credit that nobody owns becomes a customer's.

The provider's own claim takes the customer's token, which the gateway does not have. So it is done
in the open: the whole balance is taken from the account that the code opens, and put on the
customer's own in that currency, which is opened first where there is none. An account that was
opened for a claim that failed then stays, empty.
"""

from __future__ import annotations

from app.domain.caller import Caller
from app.domain.capability import Capability
from app.domain.errors import AccountNotFound, IdentityNotLinked, UnsupportedOperation
from app.domain.identifiers import ProviderCustomerId, SourceKey
from app.domain.instructions import DebitStoreCredit, Instruction, OpenStoreCreditAccount, Subject
from app.domain.instruments import (
    Instrument,
    InstrumentKind,
    InstrumentStatus,
    Secret,
    StoreCreditAccount,
)
from app.domain.paging import Window
from app.domain.provider import FindsStoreCreditByCode, StoreCreditQuestion
from app.operations.carry_out import Order
from app.operations.sources import Sources

_NOTE = "Claim of store credit"
_ONE_A_CURRENCY = Window(limit=10)


def order_to_claim(
    sources: Sources,
    source: SourceKey,
    code: Secret,
    caller: Caller,
    *,
    name: str,
    idempotency_key: str,
    asked: object,
) -> Order:
    """
    What is locked is the account that the code opens, so that it is claimed once. The journal holds
    its id and never the code.

    Args:
        caller: Who gets the money, and nobody else can.

    Raises:
        UnsupportedOperation: Money cannot be moved between accounts there.
    """
    provider = _able_to_move(sources, source)

    async def find() -> Subject:
        _own_id(caller, source)
        account = await provider.find_by_code(code)
        return Subject(source, InstrumentKind.STORE_CREDIT, account.provider_id)

    async def instruct(unowned: Instrument | None) -> Instruction:
        return await _claim(provider, _claimable(unowned), _own_id(caller, source))

    return Order(
        name=name, idempotency_key=idempotency_key, asked=asked, subject=find, instruct=instruct
    )


async def _claim(
    provider: FindsStoreCreditByCode, unowned: StoreCreditAccount, customer_id: ProviderCustomerId
) -> Instruction:
    taken = DebitStoreCredit(
        source=unowned.source,
        account_id=unowned.provider_store_credit_id,
        amount=unowned.balance,
        note=_NOTE,
    )
    question = StoreCreditQuestion(currency=unowned.currency, provider_customer_id=customer_id)
    own = await provider.search_store_credit(question, _ONE_A_CURRENCY)
    if own.faults:
        raise own.faults[0]
    if own.items:
        return taken.to(own.items[0].provider_store_credit_id)
    return OpenStoreCreditAccount(
        source=unowned.source,
        currency=unowned.currency,
        customer_id=customer_id,
        filled_from=taken,
    )


def _able_to_move(sources: Sources, source: SourceKey) -> FindsStoreCreditByCode:
    provider = sources.find(source)
    if isinstance(provider, FindsStoreCreditByCode) and (
        Capability.CLAIM in provider.info.capabilities
    ):
        return provider
    raise UnsupportedOperation(source=source, capability=Capability.CLAIM)


def _own_id(caller: Caller, source: SourceKey) -> ProviderCustomerId:
    """
    Raises:
        IdentityNotLinked: The credentials do not tell who the caller is there.
    """
    own_id = caller.identity.id_at(source) if caller.identity else None
    if own_id is None:
        raise IdentityNotLinked(source)
    return own_id


def _claimable(found: Instrument | None) -> StoreCreditAccount:
    """
    Raises:
        AccountNotFound: Somebody owns it, or it is empty: as of a code that opens none.
    """
    if isinstance(found, StoreCreditAccount) and (
        found.status is InstrumentStatus.UNCLAIMED and found.balance.amount > 0
    ):
        return found
    raise AccountNotFound("store credit account")
