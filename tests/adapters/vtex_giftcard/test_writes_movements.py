"""Captures and cancellations of a debit: never more than is left, and never twice."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest
import respx

from adapters.vtex_giftcard.client import VtexGiftcard
from app.domain.errors import (
    AccountNotFound,
    CreditError,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderUnreachable,
)
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import CancelOnGiftCard, Instruction, SettleGiftCard
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.refusals import (
    InstrumentBusy,
    InsufficientCredit,
    InvalidState,
    ProviderRejected,
)
from tests.adapters.vtex_giftcard.teller import (
    HOLD,
    LOST,
    MARK,
    Teller,
    brl,
    cancel,
    debit,
    json_of,
    settle,
)

Ask = Callable[[str], Instruction]

BELOW = f"/transactions/{HOLD}"
OID = "9f86d081884c7d659a2feaa0c55ad015"
WAYS: dict[str, tuple[Ask, str]] = {
    "settle": (settle, "settlements"),
    "cancel": (cancel, "cancellations"),
}
BOTH = pytest.mark.parametrize(("ask", "kind"), WAYS.values(), ids=WAYS)

BEFORE: dict[type[Instruction], Evidence] = {
    SettleGiftCard: Evidence(figure=brl("0")),
    CancelOnGiftCard: Evidence(figure=brl("50")),
}


@pytest.fixture
def teller(client: VtexGiftcard, provider: respx.Router) -> Teller:
    return Teller(client, provider)


def booked(entry_id: str) -> Booking:
    return Booking(provider_reference=entry_id, entry_id=ProviderEntryId(entry_id), hold_id=HOLD)


def moved(value: str) -> httpx.Response:
    return json_of({"oid": OID, "value": Decimal(value), "date": "2026-03-01T12:00:00"})


async def looked_up(teller: Teller, instruction: Instruction) -> Booking | None:
    return await teller.find(instruction, BEFORE[type(instruction)])


@BOTH
async def test_it_is_posted_below_the_debit(teller: Teller, ask: Ask, kind: str) -> None:
    teller.answers("POST", f"{BELOW}/{kind}", moved("17.4"))

    assert await teller.send(ask("17.40")) == booked(OID)

    assert teller.written == [
        ("POST", f"{BELOW}/{kind}", {"value": Decimal("17.4"), "requestId": MARK})
    ]


@pytest.mark.parametrize(
    ("settled", "given_back", "captured_before"),
    [((), (), "0"), (("10",), (), "10"), (("10", "5.5"), ("4.5",), "15.5"), ((), ("20",), "0")],
)
async def test_before_a_capture_what_was_captured_is_added_up(
    teller: Teller,
    settled: tuple[str, ...],
    given_back: tuple[str, ...],
    captured_before: str,
) -> None:
    teller.tells_of_hold("50", settled=settled, given_back=given_back)
    assert await teller.prepare(settle("30")) == Evidence(figure=brl(captured_before))


@pytest.mark.parametrize(
    ("settled", "given_back", "before"),
    [((), (), "0"), (("50",), (), "0"), (("10",), ("15", "5"), "20")],
)
async def test_before_a_cancellation_the_balance_is_kept(
    teller: Teller, settled: tuple[str, ...], given_back: tuple[str, ...], before: str
) -> None:
    teller.tells_of_hold("50", settled=settled, given_back=given_back)
    assert await teller.prepare(cancel("30", before=before)) == Evidence(figure=brl("100"))


@pytest.mark.parametrize(
    ("settled", "given_back", "left"), [(("20.01",), (), "29.99"), ((), ("49",), "1")]
)
async def test_more_than_is_left_is_not_captured(
    teller: Teller, settled: tuple[str, ...], given_back: tuple[str, ...], left: str
) -> None:
    teller.tells_of_hold("50", settled=settled, given_back=given_back)
    with pytest.raises(InsufficientCredit) as refusal:
        await teller.prepare(settle("30"))
    assert (refusal.value.requested, refusal.value.spendable) == (brl("30"), brl(left))


async def test_more_than_is_left_is_not_given_back(teller: Teller) -> None:
    teller.tells_of_hold("50", settled=("50",), given_back=("30",))
    with pytest.raises(InsufficientCredit) as refusal:
        await teller.prepare(cancel("20.01", before="30"))
    assert (refusal.value.requested, refusal.value.spendable) == (brl("20.01"), brl("20"))


@pytest.mark.parametrize(
    ("instruction", "settled", "given_back", "state"),
    [
        (settle("1"), ("50",), (), "CAPTURED"),
        (settle("1"), (), ("20", "30"), "RELEASED"),
        (settle("1"), ("20",), ("30",), "CAPTURED"),
        (settle("1"), ("51",), (), "UNKNOWN"),
        (cancel("1", before="50"), (), ("50",), "RELEASED"),
        (cancel("1", before="50"), ("50",), ("50",), "CAPTURED"),
        (cancel("1", before="51"), (), ("51",), "RELEASED"),
    ],
)
async def test_where_nothing_is_left_the_state_is_told(
    teller: Teller,
    instruction: Instruction,
    settled: tuple[str, ...],
    given_back: tuple[str, ...],
    state: str,
) -> None:
    teller.tells_of_hold("50", settled=settled, given_back=given_back)
    with pytest.raises(InvalidState) as refusal:
        await teller.prepare(instruction)
    assert refusal.value.state == state
    assert refusal.value.allowed[:2] == ("ACTIVE", "PARTIALLY_CAPTURED")


@pytest.mark.parametrize("before", ["0", "19.99", "25"])
async def test_somebody_elses_cancellation_in_between_stops_ours(
    teller: Teller, before: str
) -> None:
    teller.tells_of_hold("50", given_back=("20",))
    with pytest.raises(InstrumentBusy):
        await teller.prepare(cancel("5", before=before))


@BOTH
@pytest.mark.parametrize("operation", ["Credit", "Reload", None])
async def test_what_is_no_debit_is_no_hold(
    teller: Teller, ask: Ask, kind: str, operation: str | None
) -> None:
    teller.tells_of_hold()
    teller.says(BELOW, {"operation": operation, "value": 50, "date": "2026-02-01"})
    with pytest.raises(AccountNotFound, match="hold"):
        await teller.prepare(ask("1"))


@BOTH
async def test_a_debit_without_a_record_is_no_hold(teller: Teller, ask: Ask, kind: str) -> None:
    teller.answers("GET", BELOW, httpx.Response(404))
    with pytest.raises(AccountNotFound, match="hold"):
        await teller.prepare(ask("1"))


@BOTH
@pytest.mark.parametrize("amount", ["0", "-5", "0.00005"])
async def test_an_amount_that_would_not_be_kept_is_refused_unasked(
    teller: Teller, ask: Ask, kind: str, amount: str
) -> None:
    with pytest.raises(InvalidQuestion):
        await teller.prepare(ask(amount))
    assert not teller.provider.calls


@BOTH
@pytest.mark.parametrize("status", [500, 401, 429])
async def test_without_the_lists_nothing_is_begun(
    teller: Teller, ask: Ask, kind: str, status: int
) -> None:
    teller.tells_of_hold()
    teller.answers("GET", f"{BELOW}/{kind}", httpx.Response(status))
    with pytest.raises(ProviderFault):
        await teller.prepare(ask("1"))
    assert teller.written == []


@BOTH
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(400, json={"code": 2009}), ProviderRejected),
        (httpx.Response(404), AccountNotFound),
        (httpx.Response(403), ProviderRefusedUs),
        (httpx.Response(429), ProviderThrottled),
        (httpx.ConnectTimeout(""), ProviderFault),
    ],
)
async def test_a_clear_no_changed_nothing(
    teller: Teller,
    ask: Ask,
    kind: str,
    answer: httpx.Response | Exception,
    error: type[CreditError],
) -> None:
    teller.answers("POST", f"{BELOW}/{kind}", answer)
    with pytest.raises(error):
        await teller.send(ask("1"))


@BOTH
@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
async def test_without_a_readable_answer_the_outcome_is_unknown_and_nothing_is_repeated(
    teller: Teller, ask: Ask, kind: str, lost: httpx.Response | Exception
) -> None:
    teller.answers("POST", f"{BELOW}/{kind}", lost)
    with pytest.raises(OutcomeUnknown):
        await teller.send(ask("1"))
    assert len(teller.provider.calls) == 1


@BOTH
async def test_an_answer_about_another_amount_is_no_success(
    teller: Teller, ask: Ask, kind: str
) -> None:
    teller.answers("POST", f"{BELOW}/{kind}", moved("50"))
    with pytest.raises(OutcomeUnknown):
        await teller.send(ask("10"))


@BOTH
async def test_a_lost_one_is_found_by_the_sum_of_the_list(
    teller: Teller, ask: Ask, kind: str
) -> None:
    teller.lists_movements(kind, "10")
    assert await looked_up(teller, ask("10")) == booked(f"{kind}-1")
    assert teller.written == []


async def test_earlier_captures_are_not_ours(teller: Teller) -> None:
    teller.lists_movements("settlements", "10", "7", "10")
    found = await teller.find(settle("10"), Evidence(figure=brl("17")))
    assert found == booked("settlements-3")


async def test_earlier_cancellations_are_not_ours(teller: Teller) -> None:
    teller.lists_movements("cancellations", "10", "7", "10")
    found = await teller.find(cancel("10", before="17"), Evidence(figure=brl("50")))
    assert found == booked("cancellations-3")


@BOTH
async def test_without_a_trace_there_is_none_and_nothing_is_repeated(
    teller: Teller, ask: Ask, kind: str
) -> None:
    teller.lists_movements(kind)
    teller.has_balance("50")
    assert await looked_up(teller, ask("10")) is None
    assert teller.written == []


@BOTH
async def test_what_was_booked_late_is_found_at_the_next_look(
    teller: Teller, ask: Ask, kind: str
) -> None:
    teller.lists_movements(kind)
    teller.has_balance("50")
    assert await looked_up(teller, ask("10")) is None
    teller.lists_movements(kind, "10")
    assert await looked_up(teller, ask("10")) == booked(f"{kind}-1")


@BOTH
@pytest.mark.parametrize("rows", [("10", "10"), ("4",), ("10", "3"), ("4", "6"), ("50",)])
async def test_a_list_that_grew_by_another_amount_tells_nothing(
    teller: Teller, ask: Ask, kind: str, rows: tuple[str, ...]
) -> None:
    teller.lists_movements(kind, *rows)
    with pytest.raises(OutcomeUnknown):
        await looked_up(teller, ask("10"))


async def test_a_balance_that_rose_without_a_cancellation_in_the_list_tells_nothing(
    teller: Teller,
) -> None:
    teller.lists_movements("cancellations")
    teller.has_balance("60")
    with pytest.raises(OutcomeUnknown):
        await looked_up(teller, cancel("10"))


async def test_a_balance_that_moved_by_another_amount_is_somebody_elses_doing(
    teller: Teller,
) -> None:
    teller.lists_movements("cancellations")
    teller.has_balance("20")
    assert await looked_up(teller, cancel("10")) is None


@BOTH
@pytest.mark.parametrize("status", [500, 502, 401, 429])
async def test_a_provider_that_is_still_away_cannot_tell(
    teller: Teller, ask: Ask, kind: str, status: int
) -> None:
    teller.answers("GET", f"{BELOW}/{kind}", httpx.Response(status))
    with pytest.raises(ProviderFault):
        await looked_up(teller, ask("10"))


@BOTH
async def test_a_connection_that_fails_cannot_tell(teller: Teller, ask: Ask, kind: str) -> None:
    teller.answers("GET", f"{BELOW}/{kind}", httpx.ConnectError(""))
    with pytest.raises(ProviderUnreachable):
        await looked_up(teller, ask("10"))


@BOTH
async def test_a_debit_that_is_not_found_any_more_proves_nothing(
    teller: Teller, ask: Ask, kind: str
) -> None:
    teller.answers("GET", f"{BELOW}/{kind}", httpx.Response(404))
    with pytest.raises(OutcomeUnknown):
        await looked_up(teller, ask("10"))


@BOTH
async def test_a_card_that_could_not_be_read_again_proves_nothing(
    teller: Teller, ask: Ask, kind: str
) -> None:
    teller.card = None
    with pytest.raises(OutcomeUnknown):
        await looked_up(teller, ask("10"))


@BOTH
async def test_without_a_figure_to_compare_with_nothing_is_proved(
    teller: Teller, ask: Ask, kind: str
) -> None:
    teller.lists_movements(kind)
    teller.has_balance("50")
    with pytest.raises(OutcomeUnknown):
        await teller.find(ask("10"), NO_EVIDENCE)


async def test_a_debit_is_captured_whole_in_a_step_of_its_own(teller: Teller) -> None:
    teller.answers("POST", "/transactions", json_of({"id": HOLD}))
    instruction = debit("30.50")

    booking = await teller.send(instruction)

    assert instruction.follow_up(booking) == settle("30.50")
