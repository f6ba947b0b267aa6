"""Any instrument by its name, and what it can pay."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.domain.errors import AccountNotFound, ProviderFailed
from app.domain.identifiers import SourceKey
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.spendable import SpendWarning
from app.operations.desk import Desk
from app.operations.read_instruments import instrument, verdict
from tests.doubles.desk import a_desk
from tests.doubles.in_memory_provider import GiftCardsInMemory, InMemoryProvider
from tests.doubles.samples import (
    a_credit_account,
    a_gift_card,
    a_source,
    a_store_configuration,
    a_store_credit,
    money,
)

KEPT: Sequence[Instrument] = (
    a_credit_account(source="all", tolerance="0.10"),
    a_gift_card(source="all"),
    a_store_credit(source="all"),
)


@pytest.fixture
def everything() -> InMemoryProvider:
    return InMemoryProvider(a_source("all"), *KEPT, configuration=a_store_configuration())


@pytest.fixture
def desk(everything: InMemoryProvider) -> Desk:
    return a_desk(everything, GiftCardsInMemory(a_source("cards", InstrumentKind.GIFT_CARD)))


async def test_every_kind_is_found_by_source_and_id_and_read_once(
    desk: Desk, everything: InMemoryProvider
) -> None:
    for one in [*KEPT, *KEPT]:
        assert await instrument(desk, SourceKey("all"), one.kind, one.provider_id) == one
    assert everything.times_asked() == 3


@pytest.mark.parametrize(
    ("source", "kind", "provider_id"),
    [
        ("gone", InstrumentKind.GIFT_CARD, "card-1"),
        ("cards", InstrumentKind.STORE_CREDIT, "card-1"),
        ("cards", InstrumentKind.CREDIT_LINE, "card-1"),
        ("cards", InstrumentKind.GIFT_CARD, "card-1"),
        ("all", InstrumentKind.STORE_CREDIT, "card-1"),
    ],
)
async def test_what_is_not_there_is_not_found(
    desk: Desk, source: str, kind: InstrumentKind, provider_id: str
) -> None:
    with pytest.raises(AccountNotFound):
        await instrument(desk, SourceKey(source), kind, provider_id)


async def test_a_verdict_counts_tolerance_where_the_store_enables_it(desk: Desk) -> None:
    assert (await verdict(desk, KEPT[0])).amount == money("950.00")


async def test_a_verdict_does_without_where_the_store_does_not_say(
    desk: Desk, everything: InMemoryProvider
) -> None:
    everything.fail(ProviderFailed, "store_configuration")
    told = await verdict(desk, KEPT[0])
    assert told.amount == money("850.00")
    assert told.warnings == (SpendWarning.TOLERANCE_UNKNOWN,)


async def test_nobody_is_asked_about_what_has_no_tolerance(
    desk: Desk, everything: InMemoryProvider
) -> None:
    plain = a_credit_account(source="all")
    assert [(await verdict(desk, one)).amount for one in (plain, KEPT[1], KEPT[2])] == [
        money("850.00"),
        money("40.00"),
        money("12.30"),
    ]
    assert everything.asked == []
