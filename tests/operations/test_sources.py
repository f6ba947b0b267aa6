"""The configured sources, by name and by what they can do."""

from __future__ import annotations

import pytest

from app.domain.errors import InvalidQuestion
from app.domain.identifiers import SourceKey
from app.domain.instruments import InstrumentKind
from app.domain.provider import (
    ReadsCreditAccounts,
    ReadsCreditLedger,
    ReadsGiftCards,
    ReadsInvoices,
    ReadsStoreConfiguration,
    ReadsStoreCredit,
)
from app.operations.sources import Sources
from tests.doubles.in_memory_provider import (
    CreditAccountsInMemory,
    GiftCardsInMemory,
    InMemoryProvider,
    InvoicedCreditInMemory,
    StoreCreditInMemory,
)
from tests.doubles.samples import a_source

ADOBE = CreditAccountsInMemory(a_source("adobe", InstrumentKind.CREDIT_LINE))
VTEX = InvoicedCreditInMemory(a_source("vtex-br", InstrumentKind.CREDIT_LINE))
CARDS = GiftCardsInMemory(a_source("cards", InstrumentKind.GIFT_CARD))
MEDUSA = StoreCreditInMemory(a_source("medusa", InstrumentKind.STORE_CREDIT))
EVERYTHING = InMemoryProvider(a_source("everything"))

SOURCES = Sources([ADOBE, VTEX, CARDS, MEDUSA, EVERYTHING])


def test_an_ability_finds_the_sources_that_have_it_in_configured_order() -> None:
    assert SOURCES.able(ReadsCreditAccounts) == (ADOBE, VTEX, EVERYTHING)
    assert SOURCES.able(ReadsCreditLedger) == (ADOBE, VTEX, EVERYTHING)
    assert SOURCES.able(ReadsInvoices) == (VTEX, EVERYTHING)
    assert SOURCES.able(ReadsStoreConfiguration) == (VTEX, EVERYTHING)
    assert SOURCES.able(ReadsGiftCards) == (CARDS, EVERYTHING)
    assert SOURCES.able(ReadsStoreCredit) == (MEDUSA, EVERYTHING)


def test_an_ability_may_be_looked_for_among_some_sources_only() -> None:
    assert SOURCES.able(ReadsCreditAccounts, among=["everything", "adobe"]) == (ADOBE, EVERYTHING)
    assert SOURCES.able(ReadsCreditAccounts, among=["cards"]) == ()
    assert SOURCES.able(ReadsCreditAccounts, among=[]) == ()


def test_chosen_sources_come_once_and_in_configured_order() -> None:
    assert SOURCES.chosen(["medusa", "adobe", "medusa"]) == (ADOBE, MEDUSA)


def test_a_kind_finds_the_sources_that_keep_it() -> None:
    assert SOURCES.keeping(InstrumentKind.GIFT_CARD) == (CARDS, EVERYTHING)


def test_a_source_is_known_by_its_key() -> None:
    assert SOURCES.named("cards") is CARDS
    assert SOURCES.find("cards") is CARDS
    assert SOURCES.info(SourceKey("cards")) is CARDS.info


def test_a_source_that_does_not_exist_is_no_question() -> None:
    assert SOURCES.find("elsewhere") is None
    with pytest.raises(InvalidQuestion, match="There is no source 'elsewhere'"):
        SOURCES.named("elsewhere")
    with pytest.raises(InvalidQuestion):
        SOURCES.chosen(["adobe", "elsewhere"])
    with pytest.raises(InvalidQuestion):
        SOURCES.able(ReadsGiftCards, among=["elsewhere"])


def test_a_very_long_key_is_not_said_again_in_full() -> None:
    with pytest.raises(InvalidQuestion) as caught:
        SOURCES.named("x" * 10_000)
    assert len(str(caught.value)) < 80
