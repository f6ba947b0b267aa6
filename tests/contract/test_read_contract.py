"""What holds for every provider that is read, whoever it is: one suite, a row a provider."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from decimal import Decimal

import pytest

from app.domain.capability import Capability
from app.domain.errors import AccountNotFound, ProviderContractBroken, ProviderFault
from app.domain.instruments import (
    CreditAccount,
    GiftCard,
    Instrument,
    InstrumentKind,
    StoreCreditAccount,
)
from app.domain.paging import Window
from app.domain.provider import (
    ReadsCreditAccounts,
    ReadsCreditLedger,
    ReadsGiftCards,
    ReadsInvoices,
    ReadsStoreConfiguration,
    ReadsStoreCredit,
)
from app.domain.spendable import verdict_on
from tests.contract.stack import NOW, walked
from tests.contract.subjects import ROWS, TROUBLES, WHOLE, Row, Trouble

LISTS = [(row, name) for row in ROWS for name in row.as_it_is().lists]
SPOILABLE = [(row, name) for row in ROWS for name in row.spoilable]

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
every_list = pytest.mark.parametrize(
    ("row", "name"), LISTS, ids=[f"{row.name}-{name}" for row, name in LISTS]
)
every_trouble = pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)


@every_row
async def test_an_instrument_answers_with_its_source_id_and_moment(row: Row) -> None:
    subject = row.as_it_is()

    instrument = await subject.read(subject.known_id)

    assert instrument.provider_id == subject.known_id
    assert instrument.kind in subject.provider.info.kinds
    assert instrument.observed_at == NOW


@every_row
async def test_an_unknown_id_is_not_found_and_so_is_its_history(row: Row) -> None:
    subject = row.as_it_is()

    with pytest.raises(AccountNotFound):
        await subject.read("987654321")
    with pytest.raises(AccountNotFound):
        await subject.history("987654321")
    with pytest.raises(AccountNotFound):
        await subject.line("987654321")


@every_list
async def test_windows_of_any_size_tile_a_list_exactly(row: Row, name: str) -> None:
    read = row.as_it_is().lists[name]
    whole = await walked(read, limit=100)

    for limit in range(1, len(whole) + 2):
        assert await walked(read, limit=limit) == whole


@every_list
async def test_a_window_past_the_end_shows_nothing_and_is_the_last(row: Row, name: str) -> None:
    page = await row.as_it_is().lists[name](Window(1000, 20))

    assert (page.items, page.next_offset) == ((), None)


@every_list
async def test_a_total_is_the_size_of_the_whole_list_or_not_told(row: Row, name: str) -> None:
    read = row.as_it_is().lists[name]
    whole = await walked(read, limit=7)

    for window in (Window(0, 1), Window(0, 7), WHOLE):
        assert (await read(window)).total in (None, len(whole))


@pytest.mark.parametrize(
    ("row", "name"), SPOILABLE, ids=[f"{row.name}-{name}" for row, name in SPOILABLE]
)
async def test_an_item_that_cannot_be_read_costs_one_fault_and_not_the_list(
    row: Row, name: str
) -> None:
    whole = await row.as_it_is().lists[name](WHOLE)

    page = await row.spoiled(name).lists[name](WHOLE)

    lost = [item for item in whole.items if item not in page.items]
    assert len(lost) == 1
    assert list(page.items) == [item for item in whole.items if item not in lost]
    assert [type(fault) for fault in page.faults] == [ProviderContractBroken]


@every_row
@pytest.mark.parametrize(
    "digits", ["850.555", "0.1", "-0.0001", "0.30000000000000004", "12345678901234567890.000000001"]
)
async def test_a_figure_keeps_all_its_digits(row: Row, digits: str) -> None:
    subject = row.with_figure(Decimal(digits))

    instrument = await subject.read(subject.known_id)

    assert str(_figure(instrument)) == digits


def _figure(instrument: Instrument) -> Decimal:
    match instrument:
        case CreditAccount():
            return instrument.available.amount
        case GiftCard() | StoreCreditAccount():
            return instrument.balance.amount


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.has_status_word], ids=lambda row: row.name
)
async def test_an_unknown_status_word_is_never_spendable(row: Row) -> None:
    known, unknown = row.as_it_is(), row.with_unknown_status()

    spendable = verdict_on(await known.read(known.known_id), at=NOW)
    verdict = verdict_on(await unknown.read(unknown.known_id), at=NOW)

    assert spendable.amount.amount > 0
    assert not verdict.eligible
    assert verdict.amount.amount == 0


@every_row
@every_trouble
async def test_a_provider_in_trouble_is_told_as_what_it_is(row: Row, trouble: Trouble) -> None:
    subject = row.in_trouble(trouble)

    for answer in (
        subject.provider.probe(),
        subject.read(subject.known_id),
        subject.history(subject.known_id),
        *(read(Window()) for read in subject.lists.values()),
    ):
        with pytest.raises(ProviderFault) as told:
            await answer
        assert type(told.value) is trouble.told_as
        assert told.value.source == subject.provider.info.key


@every_row
async def test_a_probe_passes_where_nothing_is_wrong(row: Row) -> None:
    await row.as_it_is().provider.probe()


@every_row
async def test_capabilities_are_what_the_provider_can_be_asked(row: Row) -> None:
    provider = row.as_it_is().provider
    offered = provider.info.capabilities

    assert Capability.READ in offered
    assert Capability.SEARCH in offered
    assert (Capability.INVOICES in offered) is isinstance(provider, ReadsInvoices)
    assert (Capability.STORE_CONFIGURATION in offered) is isinstance(
        provider, ReadsStoreConfiguration
    )
    assert (Capability.LEDGER in offered) is isinstance(
        provider, ReadsCreditLedger | ReadsGiftCards | ReadsStoreCredit
    )
    kinds = provider.info.kinds
    assert (InstrumentKind.CREDIT_LINE in kinds) is isinstance(provider, ReadsCreditAccounts)
    assert (InstrumentKind.GIFT_CARD in kinds) is isinstance(provider, ReadsGiftCards)
    assert (InstrumentKind.STORE_CREDIT in kinds) is isinstance(provider, ReadsStoreCredit)


@every_row
async def test_a_history_is_newest_first_and_its_lines_keep_their_ids(row: Row) -> None:
    subject = row.as_it_is()

    lines = await subject.history(subject.known_id)

    assert len(lines) > 1
    assert [line.at for line in lines] == sorted((line.at for line in lines), reverse=True)
    assert len({line.line_id for line in lines}) == len(lines)
    again = row.as_it_is()
    assert await again.history(again.known_id) == lines


@every_row
async def test_every_line_of_a_history_is_found_again_by_its_id(row: Row) -> None:
    subject = row.as_it_is()

    for line in await subject.history(subject.known_id):
        assert await subject.line(line.line_id) == line
        assert line.amount.amount >= 0
        assert not [text for text in row.personal if text in line.line_id]


@every_row
async def test_nothing_secret_is_printed_with_what_was_read(row: Row) -> None:
    subject = row.as_it_is()
    pages = [await read(WHOLE) for read in subject.lists.values()]

    printed = repr(
        [
            subject.provider,
            subject.provider.info,
            await subject.read(subject.known_id),
            await subject.history(subject.known_id),
            pages,
        ]
    )

    assert not [secret for secret in row.secrets if secret in printed]


@every_row
@every_trouble
async def test_nothing_secret_is_printed_with_a_fault(row: Row, trouble: Trouble) -> None:
    subject = row.in_trouble(trouble)

    with pytest.raises(ProviderFault) as told:
        await subject.read(subject.known_id)

    printed = "".join(
        [
            *traceback.format_exception(told.value),
            *(repr(vars(cause)) for cause in _chain(told.value)),
        ]
    )
    assert not [secret for secret in row.secrets if secret in printed]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@every_row
async def test_what_was_read_does_not_change_with_the_next_reading(row: Row) -> None:
    subject = row.as_it_is()

    assert await subject.read(subject.known_id) == await subject.read(subject.known_id)
