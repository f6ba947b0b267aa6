"""Money on and off cards of the stand-in, through its three doors: one suite for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from pydantic import SecretStr

from adapters.transport.upstream import Upstream
from adapters.vtex_giftcard.client import VtexGiftcard
from adapters.vtex_giftcard.settings import VtexGiftcardSettings, connect
from app.domain.errors import AccountNotFound, OutcomeUnknown
from app.domain.holds import CardStory, Hold
from app.domain.identifiers import ProviderCardId, ProviderEntryId, ProviderHoldId, SourceKey
from app.domain.instructions import (
    CancelOnGiftCard,
    CreditGiftCard,
    DebitGiftCard,
    HoldOnGiftCard,
    Instruction,
    IssueGiftCard,
    OnGiftCard,
    SettleGiftCard,
)
from app.domain.instruments import InstrumentStatus
from app.domain.money import Currency, Money
from app.domain.operation import Booking
from app.domain.provider import Call
from app.domain.refusals import (
    InstrumentBusy,
    InstrumentNotUsable,
    InsufficientCredit,
    InvalidState,
    ProviderRejected,
)
from tests.contract.cast import LOYALTY_CARD, brl
from tests.contract.stack import HOST, NOW, VTEX_KEY, over_sandbox, section

SOURCE: Final = SourceKey("cards")
PROVIDER_KEY: Final = {"app_key": "provider-sandbox", "app_token": "sandbox-provider-token"}
ENDED_CARD: Final = ProviderCardId("shopper@example.com_8")
VTEX: Final = {"base_url": f"{HOST}/vtex", "credentials": VTEX_KEY}

FLAVOURS: Final[dict[str, dict[str, Any]]] = {
    "native": VTEX,
    "hub": {**VTEX, "flavour": "hub", "provider_id": "VtexGiftCard"},
    "provider-protocol": {
        "base_url": f"{HOST}/vtex/protocol",
        "credentials": PROVIDER_KEY,
        "flavour": "provider-protocol",
    },
}


class Line(httpx.AsyncBaseTransport):
    """To the stand-in; what is written can be lost, or the answer to it."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.loses_writes = self.loses_answers = False
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_write = request.method == "POST" and not request.url.path.endswith("/_search")
        if is_write and self.loses_writes:
            raise httpx.ReadTimeout("")
        response = await self._inner.handle_async_request(request)
        await response.aread()
        if is_write and self.loses_answers:
            raise httpx.ReadError("")
        return response

    def heal(self) -> None:
        self.loses_writes = self.loses_answers = False


@dataclass
class Till:
    """Does what the gateway does around each call, as far as money is concerned."""

    client: VtexGiftcard
    line: Line
    marks: int = 0

    async def prepared(self, instruction: Instruction) -> Call[Any]:
        writer = self.client.writers[type(instruction)]
        card_id = instruction.card_id if isinstance(instruction, OnGiftCard) else None
        observed = None if card_id is None else await self.client.gift_card(card_id)
        self.marks += 1
        return Call(
            instruction=instruction,
            mark=f"cg-till-{self.marks}",
            evidence=await writer.prepare(instruction, observed),
            observed=observed,
        )

    async def done(self, instruction: Instruction) -> Booking:
        return await self.sent(await self.prepared(instruction))

    async def sent(self, call: Call[Any]) -> Booking:
        return await self.client.writers[type(call.instruction)].send(call)

    async def found(self, call: Call[Any]) -> Booking | None:
        return await self.client.writers[type(call.instruction)].find(call)

    async def lost(self, instruction: Instruction) -> Call[Any]:
        """Sent, and the connection broke before or after, as the line is set."""
        call = await self.prepared(instruction)
        with pytest.raises(OutcomeUnknown):
            await self.sent(call)
        self.line.heal()
        return call

    async def balance(self, card_id: ProviderCardId = LOYALTY_CARD) -> Money:
        return (await self.client.gift_card(card_id)).balance

    async def hold(self, hold_id: ProviderHoldId | None) -> Hold:
        assert hold_id is not None
        card = await self.client.gift_card(LOYALTY_CARD)
        return CardStory(
            transaction=await self.client.card_transaction(card, hold_id),
            settlements=await self.client.card_settlements(card, hold_id),
            cancellations=await self.client.card_cancellations(card, hold_id),
        ).hold()

    async def held(self, amount: str = "30") -> ProviderHoldId:
        booking = await self.done(taken(HoldOnGiftCard, amount))
        assert booking.hold_id is not None
        return booking.hold_id


def open_till(flavour: str = "native", /, **defects: bool) -> Till:
    """At a fresh stand-in, with 40.00 on the card of loyalty points."""
    lines: list[Line] = []

    def wrap(inner: httpx.AsyncBaseTransport) -> Line:
        lines.append(Line(inner))
        return lines[-1]

    sandbox = over_sandbox(section("vtex_giftcard", defects=defects), wrap=wrap)
    table = FLAVOURS[flavour]
    secrets = {name: SecretStr(text) for name, text in table["credentials"].items()}
    settings = VtexGiftcardSettings.model_validate(
        {
            "key": SOURCE,
            "provider": "vtex.giftcard",
            "default_currency": "BRL",
            **table,
            "credentials": secrets,
        }
    )
    upstream = Upstream(
        SOURCE,
        base_url=settings.base_url,
        headers=settings.request_headers(),
        timeout=httpx.Timeout(5),
        transport=sandbox.transport(),
        clock=sandbox.clock,
    )
    return Till(connect(settings, upstream), lines[-1])


@pytest.fixture(params=FLAVOURS)
def till(request: pytest.FixtureRequest) -> Till:
    return open_till(request.param)


Taking = type[CreditGiftCard] | type[DebitGiftCard] | type[HoldOnGiftCard]


def taken(
    kind: Taking, amount: str, card_id: ProviderCardId = LOYALTY_CARD
) -> CreditGiftCard | DebitGiftCard | HoldOnGiftCard:
    return kind(source=SOURCE, card_id=card_id, amount=brl(amount), description="At the till")


def captured(hold_id: ProviderHoldId, amount: str) -> SettleGiftCard:
    return SettleGiftCard(source=SOURCE, card_id=LOYALTY_CARD, amount=brl(amount), hold_id=hold_id)


def given_back(hold_id: ProviderHoldId, amount: str, before: str = "0") -> CancelOnGiftCard:
    return CancelOnGiftCard(
        source=SOURCE,
        card_id=LOYALTY_CARD,
        amount=brl(amount),
        hold_id=hold_id,
        given_back_before=brl(before),
    )


NEW_CARD: Final = IssueGiftCard(
    source=SOURCE,
    owner="buyer@example.com",
    relation_name=None,
    caption="Goodwill",
    expires_at=NOW + timedelta(days=365),
    currency=Currency("BRL"),
    initial_balance=brl("25.50"),
    restricted_to_owner=False,
    reloadable=False,
    reusable=True,
)

MOVES: Final[dict[str, tuple[Taking, str]]] = {
    "credit": (CreditGiftCard, "50.5"),
    "debit": (DebitGiftCard, "29.5"),
    "hold": (HoldOnGiftCard, "29.5"),
}
EACH_MOVE = pytest.mark.parametrize(("kind", "after"), MOVES.values(), ids=MOVES)


@EACH_MOVE
async def test_money_moves_and_the_transaction_is_named(
    till: Till, kind: Taking, after: str
) -> None:
    booking = await till.done(taken(kind, "10.50"))

    assert await till.balance() == brl(after)
    newest = (await till.client.card_transactions(LOYALTY_CARD))[0]
    assert booking == Booking(
        provider_reference=newest, entry_id=ProviderEntryId(newest), hold_id=newest
    )


@EACH_MOVE
async def test_a_lost_answer_is_found_and_the_money_moved_once(
    till: Till, kind: Taking, after: str
) -> None:
    till.line.loses_answers = True
    call = await till.lost(taken(kind, "10.50"))

    first = await till.found(call)
    again = await till.found(call)

    assert first == again
    assert first is not None
    assert first.hold_id == (await till.client.card_transactions(LOYALTY_CARD))[0]
    assert await till.balance() == brl(after)


@EACH_MOVE
async def test_a_lost_request_is_made_up_for_once(till: Till, kind: Taking, after: str) -> None:
    till.line.loses_writes = True
    call = await till.lost(taken(kind, "10.50"))
    assert await till.balance() == brl("40")

    first = await till.found(call)

    assert first == await till.found(call)
    assert await till.balance() == brl(after)


@EACH_MOVE
async def test_one_mark_sent_many_times_at_once_moves_money_once(
    till: Till, kind: Taking, after: str
) -> None:
    call = await till.prepared(taken(kind, "10.50"))
    bookings = await asyncio.gather(*(till.sent(call) for _ in range(8)))
    assert len(set(bookings)) == 1
    assert await till.balance() == brl(after)


@EACH_MOVE
async def test_while_the_provider_is_away_nobody_knows(
    till: Till, kind: Taking, after: str
) -> None:
    till.line.loses_writes = True
    call = await till.lost(taken(kind, "10.50"))
    till.line.loses_writes = True
    with pytest.raises(OutcomeUnknown):
        await till.found(call)
    assert await till.balance() == brl("40")


async def test_somebody_elses_debit_of_the_same_amount_is_not_taken_for_ours(till: Till) -> None:
    till.line.loses_writes = True
    call = await till.lost(taken(DebitGiftCard, "25"))
    stranger = await till.done(taken(DebitGiftCard, "25"))

    found = await till.found(call)

    assert found is None
    assert await till.balance() == brl("15")
    assert (await till.client.card_transactions(LOYALTY_CARD))[0] == stranger.hold_id


async def test_a_debit_is_captured_whole_by_what_follows_it(till: Till) -> None:
    instruction = taken(DebitGiftCard, "10.50")
    booking = await till.done(instruction)
    following = instruction.follow_up(booking)
    assert following is not None

    settled = await till.done(following)

    hold = await till.hold(booking.hold_id)
    assert (hold.captured, hold.remaining) == (brl("10.50"), brl("0"))
    assert (settled.hold_id, settled.created_id) == (booking.hold_id, None)
    assert await till.balance() == brl("29.50")


async def test_a_hold_is_captured_in_parts_and_the_rest_is_released(till: Till) -> None:
    hold_id = await till.held("30")
    await till.done(captured(hold_id, "10"))
    await till.done(captured(hold_id, "5.5"))
    await till.done(given_back(hold_id, "14.5"))

    hold = await till.hold(hold_id)
    assert (hold.captured, hold.released, hold.refunded) == (brl("15.5"), brl("14.5"), brl("0"))
    assert await till.balance() == brl("24.5")
    with pytest.raises(InvalidState):
        await till.prepared(captured(hold_id, "0.01"))


async def test_what_was_captured_is_refunded_in_parts(till: Till) -> None:
    hold_id = await till.held("30")
    await till.done(captured(hold_id, "30"))
    await till.done(given_back(hold_id, "10"))
    await till.done(given_back(hold_id, "20", before="10"))

    assert (await till.hold(hold_id)).refunded == brl("30")
    assert await till.balance() == brl("40")
    with pytest.raises(InvalidState):
        await till.prepared(given_back(hold_id, "1", before="30"))


MOVEMENTS: Final[dict[str, tuple[Callable[[ProviderHoldId, str], Instruction], str]]] = {
    "capture": (captured, "10"),
    "release": (given_back, "20"),
}
EACH_MOVEMENT = pytest.mark.parametrize(("ask", "after"), MOVEMENTS.values(), ids=MOVEMENTS)


@EACH_MOVEMENT
async def test_a_lost_movement_is_found_in_the_list_and_never_repeated(
    till: Till, ask: Callable[[ProviderHoldId, str], Instruction], after: str
) -> None:
    hold_id = await till.held("30")
    till.line.loses_answers = True
    call = await till.lost(ask(hold_id, "10"))

    found = await till.found(call)

    assert found is not None
    assert found == await till.found(call)
    hold = await till.hold(hold_id)
    assert hold.captured + hold.released == brl("10")
    assert await till.balance() == brl(after)


@EACH_MOVEMENT
async def test_a_movement_that_never_arrived_left_no_trace(
    till: Till, ask: Callable[[ProviderHoldId, str], Instruction], after: str
) -> None:
    hold_id = await till.held("30")
    till.line.loses_writes = True
    call = await till.lost(ask(hold_id, "10"))
    assert await till.found(call) is None
    assert (await till.hold(hold_id)).remaining == brl("30")


@EACH_MOVEMENT
async def test_more_than_is_left_does_not_move(
    till: Till, ask: Callable[[ProviderHoldId, str], Instruction], after: str
) -> None:
    hold_id = await till.held("30")
    with pytest.raises(InsufficientCredit) as refusal:
        await till.prepared(ask(hold_id, "30.01"))
    assert refusal.value.spendable == brl("30")


async def test_a_cancellation_that_was_overtaken_does_not_move(till: Till) -> None:
    hold_id = await till.held("30")
    await till.done(given_back(hold_id, "10"))
    with pytest.raises(InstrumentBusy):
        await till.prepared(given_back(hold_id, "10"))
    assert await till.balance() == brl("20")


async def test_a_credit_is_not_cancelled_as_if_it_were_a_hold(till: Till) -> None:
    credit = await till.done(taken(CreditGiftCard, "5"))
    assert credit.hold_id is not None
    with pytest.raises(AccountNotFound, match="hold"):
        await till.prepared(given_back(credit.hold_id, "5"))


@pytest.mark.parametrize("kind", [DebitGiftCard, HoldOnGiftCard])
async def test_more_than_is_on_the_card_is_refused_at_every_door(till: Till, kind: Taking) -> None:
    with pytest.raises(InsufficientCredit) as refusal:
        await till.done(taken(kind, "40.01"))
    assert (refusal.value.requested, refusal.value.spendable) == (brl("40.01"), brl("40"))
    assert await till.balance() == brl("40")


async def test_an_expired_card_is_not_credited_natively_and_in_the_hub() -> None:
    for flavour in ("native", "hub"):
        till = open_till(flavour)
        with pytest.raises(InstrumentNotUsable):
            await till.done(taken(CreditGiftCard, "1", ENDED_CARD))


async def test_a_new_card_gets_its_first_money(till: Till) -> None:
    booking = await till.done(NEW_CARD)
    assert booking.created_id is not None
    card_id = ProviderCardId(booking.created_id)
    assert await till.balance(card_id) == brl("0")

    following = NEW_CARD.follow_up(booking)
    assert following is not None
    await till.done(following)

    card = await till.client.gift_card(card_id)
    assert (card.balance, card.status) == (brl("25.50"), InstrumentStatus.ACTIVE)
    assert card.expires_at == NEW_CARD.expires_at


async def test_a_lost_new_card_is_found_among_its_owners() -> None:
    till = open_till()
    await till.done(replace(NEW_CARD, caption="Before"))
    till.line.loses_answers = True
    call = await till.lost(NEW_CARD)

    found = await till.found(call)

    assert found is not None
    assert found.created_id is not None
    assert await till.balance(ProviderCardId(found.created_id)) == brl("0")
    assert found == await till.found(call)


async def test_a_new_card_that_was_never_asked_for_left_no_trace() -> None:
    till = open_till()
    till.line.loses_writes = True
    call = await till.lost(NEW_CARD)
    assert await till.found(call) is None


@pytest.mark.parametrize("flavour", ["hub", "provider-protocol"])
async def test_where_searches_leave_empty_cards_out_a_lost_new_card_stays_unknown(
    flavour: str,
) -> None:
    till = open_till(flavour)
    till.line.loses_writes = True
    call = await till.lost(NEW_CARD)
    with pytest.raises(OutcomeUnknown):
        await till.found(call)


async def test_a_relation_name_comes_once() -> None:
    till = open_till()
    named = replace(NEW_CARD, relation_name="goodwill-1")
    await till.done(named)
    with pytest.raises(ProviderRejected) as refusal:
        await till.done(named)
    assert refusal.value.provider_code == "2003"


SHAPES: Final = (
    "swapped_reference_ids",
    "array_authorization",
    "lower_case_operations",
    "wrong_numbers_in_links",
    "masked_codes",
    "empty_body_without_transactions",
    "captions_on_reading",
    "bare_array_search",
)


@pytest.mark.parametrize("defect", SHAPES)
async def test_other_shapes_of_answers_change_nothing(defect: str) -> None:
    till = open_till(**{defect: True})
    hold_id = await till.held("30")
    await till.done(captured(hold_id, "10"))
    await till.done(given_back(hold_id, "5"))
    till.line.loses_answers = True
    call = await till.lost(taken(DebitGiftCard, "1"))
    assert await till.found(call) is not None
    assert await till.balance() == brl("14")


@pytest.mark.parametrize(
    "defect",
    ["transactions_fail_after_booking", "debits_without_record", "incomplete_transactions"],
)
async def test_a_booking_behind_a_failure_is_found_and_made_once(defect: str) -> None:
    till = open_till(**{defect: True})
    till.line.loses_answers = defect == "incomplete_transactions"
    call = await till.lost(taken(DebitGiftCard, "10.50"))
    assert await till.balance() == brl("29.50")

    found = await till.found(call)

    assert found is not None
    assert found.hold_id is not None
    assert await till.balance() == brl("29.50")


async def test_a_debit_without_a_record_cannot_be_captured() -> None:
    till = open_till(debits_without_record=True)
    instruction = taken(DebitGiftCard, "10.50")
    found = await till.found(await till.lost(instruction))
    assert found is not None
    following = instruction.follow_up(found)
    assert following is not None
    with pytest.raises(AccountNotFound, match="hold"):
        await till.prepared(following)


async def test_a_second_cancellation_that_gave_the_whole_back_is_no_success() -> None:
    till = open_till(second_cancellation_in_full=True)
    hold_id = await till.held("30")
    await till.done(given_back(hold_id, "5"))
    call = await till.lost(given_back(hold_id, "5", before="5"))
    with pytest.raises(OutcomeUnknown):
        await till.found(call)


async def test_a_timeout_that_the_hub_shows_as_401_is_found_out() -> None:
    till = open_till("hub", hub_timeouts_as_401=True)
    call = await till.lost(taken(DebitGiftCard, "10.50"))
    found = await till.found(call)
    assert found is not None
    assert found.hold_id is not None
    assert await till.balance() == brl("29.50")


async def test_a_refusal_that_looks_like_a_failure_left_no_trace() -> None:
    for till in (open_till("provider-protocol"), open_till("hub", hub_errors_as_500=True)):
        call = await till.lost(taken(CreditGiftCard, "1", ENDED_CARD))
        assert await till.found(call) is None
