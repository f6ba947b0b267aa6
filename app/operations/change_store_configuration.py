"""An order about a store's terms, merged into them as they are when they are locked."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.capability import Capability
from app.domain.errors import UnsupportedOperation
from app.domain.identifiers import SourceKey
from app.domain.instructions import Subject, UpdateStoreConfiguration
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.invoices import StoreConfiguration
from app.domain.provider import ReadsStoreConfiguration
from app.operations.abilities import able_to
from app.operations.carry_out import Order
from app.operations.check_instruction import refuse_stale
from app.operations.sources import Sources


def store_with_terms(sources: Sources, key: SourceKey) -> ReadsStoreConfiguration:
    """
    Raises:
        InvalidQuestion: There is no such source.
        UnsupportedOperation: It has no terms.
    """
    provider = sources.named(key)
    if not able_to(provider, ReadsStoreConfiguration):
        raise UnsupportedOperation(source=key, capability=Capability.STORE_CONFIGURATION)
    return provider


def order_on_terms(
    provider: ReadsStoreConfiguration,
    merged: Callable[[StoreConfiguration], StoreConfiguration],
    *,
    name: str,
    idempotency_key: str,
    asked: object,
    expected_version: str | None,
) -> Order:
    """
    Args:
        merged: The terms as they are to be, of those that hold.
    """
    source = provider.info.key

    async def instruct(_: Instrument | None) -> UpdateStoreConfiguration:
        now = await provider.store_configuration()
        refuse_stale(now, expected_version)
        return UpdateStoreConfiguration(source=source, terms=merged(now))

    return Order(
        name=name,
        idempotency_key=idempotency_key,
        asked=asked,
        subject=Subject(source, InstrumentKind.CREDIT_LINE, "store configuration"),
        instruct=instruct,
        creates=True,
    )
