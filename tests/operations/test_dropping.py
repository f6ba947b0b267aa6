"""What a write makes worth nothing of what is remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.cache.front import SharedReads
from app.cache.questions import (
    Tag,
    tag_of_customer,
    tag_of_instrument,
    tag_of_searches,
    tag_of_source,
)
from app.domain.freshness import Freshness
from app.domain.hold_events import HoldEvent, HoldEventKind, HoldMode
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderCustomerId,
    ProviderHoldId,
    ProviderInvoiceId,
    ProviderStoreCreditId,
)
from app.domain.instructions import (
    AddAccountHolder,
    CancelOnGiftCard,
    CloseCreditAccount,
    CreditStoreCredit,
    DebitGiftCard,
    HoldOnGiftCard,
    Instruction,
    IssueGiftCard,
    MarkInvoicePaid,
    NoteOnHold,
    OpenCreditAccount,
    OpenStoreCreditAccount,
    SetCreditLimit,
    UpdateStoreConfiguration,
)
from app.domain.instruments import GiftCard, InstrumentKind, VtexDocumentType
from app.domain.refusals import PolicyViolation
from app.operations.close_credit_account import order_to_close
from app.operations.dropping import touched_by
from app.operations.read_gift_cards import gift_card
from app.operations.read_invoices import all_invoices_of_account
from tests.doubles.desk import a_desk
from tests.doubles.samples import BRL, NOW, a_store_configuration, an_invoice, money
from tests.doubles.shared import lifetimes, reads_shared
from tests.doubles.writes_in_memory import Mishap
from tests.operations.counter import (
    HOUSE,
    Counter,
    Hands,
    a_provider,
    credit,
    debit,
    one_of_each,
    open_counter,
)

CARD = ProviderCardId("card-1")
ACCOUNT = ProviderAccountId("11144477735_CPF")
OWNER = ProviderCustomerId("cus-1")
HOLD = ProviderHoldId("hold-1")
NOBODY = ProviderStoreCreditId("sca-of-nobody")
TEN = money("10.00")

THE_CARD = tag_of_instrument(HOUSE, InstrumentKind.GIFT_CARD, CARD)
THE_ACCOUNT = tag_of_instrument(HOUSE, InstrumentKind.CREDIT_LINE, ACCOUNT)
SEARCHES = tag_of_searches(HOUSE)


@pytest.mark.parametrize(
    ("instruction", "tags"),
    [
        pytest.param(debit(), {THE_CARD}, id="taken from a card, its lists have its tag"),
        pytest.param(credit(), {THE_CARD, SEARCHES}, id="put on a card, it may be found again"),
        pytest.param(
            CancelOnGiftCard(
                source=HOUSE, card_id=CARD, amount=TEN, hold_id=HOLD, given_back_before=TEN
            ),
            {THE_CARD, SEARCHES},
            id="given back to a card",
        ),
        pytest.param(
            HoldOnGiftCard(source=HOUSE, card_id=CARD, amount=TEN, description="an order"),
            {THE_CARD},
            id="set aside on a card",
        ),
        pytest.param(
            IssueGiftCard(
                source=HOUSE,
                owner="ana@example.com",
                relation_name=None,
                caption="a present",
                expires_at=NOW,
                currency=BRL,
                initial_balance=None,
                restricted_to_owner=False,
                reloadable=False,
                reusable=False,
            ),
            {SEARCHES},
            id="a new card",
        ),
        pytest.param(
            SetCreditLimit(source=HOUSE, account_id=ACCOUNT, limit=TEN),
            {THE_ACCOUNT, SEARCHES},
            id="a limit",
        ),
        pytest.param(
            MarkInvoicePaid(
                source=HOUSE, account_id=ACCOUNT, invoice_id=ProviderInvoiceId("invoice-1")
            ),
            {THE_ACCOUNT, SEARCHES},
            id="an invoice, with its account and the store's lists",
        ),
        pytest.param(
            AddAccountHolder(source=HOUSE, account_id=ACCOUNT, email="ana@example.com"),
            {tag_of_source(HOUSE)},
            id="a holder, whose lists nobody can name",
        ),
        pytest.param(
            OpenCreditAccount(
                source=HOUSE,
                email="ana@example.com",
                document="11144477735",
                document_type=VtexDocumentType.CPF,
                limit=TEN,
                tolerance=Decimal(0),
            ),
            {tag_of_source(HOUSE)},
            id="a new credit account",
        ),
        pytest.param(
            UpdateStoreConfiguration(source=HOUSE, terms=a_store_configuration(source=HOUSE)),
            {tag_of_source(HOUSE)},
            id="a store's terms",
        ),
        pytest.param(
            OpenStoreCreditAccount(source=HOUSE, currency=BRL, customer_id=OWNER),
            {SEARCHES, tag_of_customer(HOUSE, OWNER)},
            id="store credit of somebody",
        ),
        pytest.param(
            OpenStoreCreditAccount(source=HOUSE, currency=BRL),
            {SEARCHES},
            id="store credit of nobody",
        ),
        pytest.param(
            NoteOnHold(
                source=HOUSE,
                kind=InstrumentKind.GIFT_CARD,
                provider_id=CARD,
                hold=HoldEvent(
                    kind=HoldEventKind.CAPTURED, mode=HoldMode.DEBIT_AND_REVERT, amount=TEN
                ),
            ),
            set(),
            id="a note, of which no provider knows",
        ),
    ],
)
def test_what_is_dropped(instruction: Instruction, tags: set[Tag]) -> None:
    assert set(touched_by(instruction)) == tags


@pytest.mark.parametrize("instruction", one_of_each(), ids=lambda one: type(one).__name__)
def test_money_on_an_instrument_drops_it(instruction: Instruction) -> None:
    subject = instruction.subject
    assert tag_of_instrument(HOUSE, subject.kind, subject.provider_id) in touched_by(instruction)


@dataclass
class Shop:
    """A counter, and requests of others that read its card."""

    counter: Counter
    shared: SharedReads
    clock: Hands = field(default_factory=Hands)

    async def read(self) -> GiftCard:
        desk = a_desk(self.counter.provider, shared=self.shared)
        return await gift_card(desk, self.counter.provider, CARD)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    clock = Hands()
    shared = reads_shared(clock, last=lifetimes(balance=60))
    async with open_counter(tmp_path, a_provider(), clock=clock, shared=shared) as counter:
        yield Shop(counter, shared, clock)


async def test_after_a_write_everybody_reads_live(shop: Shop) -> None:
    await shop.read()
    assert (await shop.read()).freshness is Freshness.CACHED
    await shop.counter.take(debit("10.00"))
    card = await shop.read()
    assert (card.balance, card.freshness) == (money("30.00"), Freshness.LIVE)


async def test_what_is_read_during_a_write_is_not_served_after_it(shop: Shop) -> None:
    async def read_meanwhile(_: object) -> None:
        await shop.read()

    shop.counter.provider.on_arrival = read_meanwhile
    await shop.counter.take(debit("10.00"))
    card = await shop.read()
    assert (card.balance, card.freshness) == (money("30.00"), Freshness.LIVE)


async def test_a_refusal_is_followed_by_live_reads_too(shop: Shop) -> None:
    await shop.read()
    shop.counter.provider.befall(DebitGiftCard, Mishap.REFUSED)
    await shop.counter.take(debit("10.00"))
    assert (await shop.read()).freshness is Freshness.LIVE


async def test_what_is_settled_later_is_read_live_then(shop: Shop) -> None:
    shop.counter.provider.befall(DebitGiftCard, Mishap.BOOKED_LATE)
    await shop.counter.take(debit("10.00"))
    shop.clock.advance(seconds=3)
    await shop.read()
    assert (await shop.read()).balance == money("40.00")
    shop.counter.provider.catch_up()
    await shop.counter.settle_after(seconds=10)
    assert (await shop.read()).balance == money("30.00")


async def test_what_was_refused_before_it_was_sent_drops_nothing(shop: Shop) -> None:
    await shop.read()
    await shop.counter.take(CreditStoreCredit(source=HOUSE, account_id=NOBODY, amount=TEN))
    assert (await shop.read()).freshness is Freshness.CACHED


async def test_a_part_of_a_request_that_wants_it_live_takes_nothing_remembered(shop: Shop) -> None:
    await shop.read()
    desk = a_desk(shop.counter.provider, shared=shop.shared)
    remembered = await gift_card(desk, shop.counter.provider, CARD)
    live = await gift_card(desk.live(), shop.counter.provider, CARD)
    again = await gift_card(desk, shop.counter.provider, CARD)
    told = [one.freshness for one in (remembered, live, again)]
    assert told == [Freshness.CACHED, Freshness.LIVE, Freshness.LIVE]


async def test_a_request_tells_what_went_into_it(shop: Shop) -> None:
    await shop.read()
    desk = a_desk(shop.counter.provider, shared=shop.shared)
    part = desk.as_old_as(timedelta(seconds=30))
    await gift_card(part, shop.counter.provider, CARD)
    assert part.reads.used.is_only_cached
    assert THE_CARD in desk.reads.used.tags
    await desk.reads.once(("something else",), shop.read)
    assert (desk.reads.used.is_only_cached, part.reads.used.is_only_cached) == (False, True)


async def test_whether_an_account_may_be_closed_is_judged_by_live_invoices(shop: Shop) -> None:
    provider = shop.counter.provider
    everybody = a_desk(provider, shared=shop.shared)
    assert (await all_invoices_of_account(everybody, provider, ACCOUNT)).items == ()
    provider.invoices.append(an_invoice(source=HOUSE))
    order = order_to_close(
        a_desk(provider, shared=shop.shared),
        CloseCreditAccount(source=HOUSE, account_id=ACCOUNT),
        name="closeCreditAccount",
        idempotency_key="key-1",
        asked=None,
        expected_version=None,
        require_zero_outstanding=True,
    )
    with pytest.raises(PolicyViolation):
        await order.instruct(provider.accounts[0])
