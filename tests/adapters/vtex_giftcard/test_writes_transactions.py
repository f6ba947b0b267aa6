"""Money onto and off a card: what is sent, what is refused, and what a lost answer meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
import respx

from adapters.vtex_giftcard.client import VtexGiftcard
from adapters.vtex_giftcard.translate import transaction_request
from app.domain.errors import (
    AccountNotFound,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderUnreachable,
    RequestRefused,
)
from app.domain.identifiers import ProviderCardId, ProviderEntryId
from app.domain.instructions import Instruction
from app.domain.instruments import GiftCard, Secret
from app.domain.operation import Booking, Evidence
from app.domain.refusals import InstrumentNotUsable, InsufficientCredit, ProviderRejected
from app.domain.spendable import IneligibilityReason
from tests.adapters.vtex_giftcard.teller import (
    CARD,
    CODE,
    HOLD,
    LOST,
    MARK,
    Teller,
    brl,
    credit,
    debit,
    hold,
    json_of,
)

Ask = Callable[..., Instruction]

ASKED: dict[str, tuple[Ask, str]] = {
    "credit": (credit, "Credit"),
    "debit": (debit, "Debit"),
    "hold": (hold, "Debit"),
}
ALL = pytest.mark.parametrize("ask", [credit, debit, hold])

BOOKED = Booking(provider_reference=HOLD, entry_id=ProviderEntryId(HOLD), hold_id=HOLD)
BEFORE = Evidence(newest_entry_id=ProviderEntryId("older"), figure=brl("100"))
OLDER = ("older", "Credit", "100", "cg-other-1")


@pytest.fixture
def teller(client: VtexGiftcard, provider: respx.Router) -> Teller:
    return Teller(client, provider)


@pytest.mark.parametrize(("ask", "word"), ASKED.values(), ids=ASKED)
async def test_a_transaction_is_posted_below_the_card(teller: Teller, ask: Ask, word: str) -> None:
    teller.answers("POST", "/transactions", json_of({"id": HOLD, "cardId": "7"}))

    assert await teller.send(ask("30.50")) == BOOKED

    assert teller.written == [
        (
            "POST",
            "/transactions",
            {
                "operation": word,
                "value": Decimal("30.5"),
                "description": "Goodwill",
                "redemptionToken": CODE,
                "redemptionCode": CODE,
                "requestId": MARK,
            },
        )
    ]


async def test_a_transaction_is_sent_as_plain_json(teller: Teller) -> None:
    route = teller.answers("POST", "/transactions", json_of({"id": HOLD}))
    await teller.send(debit())
    headers = route.calls.last.request.headers
    assert (headers["Content-Type"], headers["Accept"]) == ("application/json", "application/json")


@pytest.mark.parametrize(
    ("description", "sent"),
    [
        ("Goodwill", "Goodwill (order 1172452900788-01)"),
        ("Hold for order 1172452900788-01", "Hold for order 1172452900788-01"),
        (
            "Hold for order 11172452900788-01",
            "Hold for order 11172452900788-01 (order 1172452900788-01)",
        ),
    ],
)
async def test_the_order_stands_in_the_description_once(
    teller: Teller, description: str, sent: str
) -> None:
    teller.answers("POST", "/transactions", json_of({"id": HOLD}))
    await teller.send(debit(order_id="1172452900788-01", description=description))
    ((_, _, document),) = teller.written
    assert document["description"] == sent
    assert "orderInfo" not in document


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.0001", b'"value":0.0001'),
        ("17.40", b'"value":17.4'),
        ("100", b'"value":100,'),
        ("1E+3", b'"value":1000,'),
        ("10.0000000", b'"value":10,'),
        ("99999999999.9999", b'"value":99999999999.9999'),
    ],
)
async def test_an_amount_goes_out_exact_and_without_an_exponent(
    teller: Teller, amount: str, written: bytes
) -> None:
    route = teller.answers("POST", "/transactions", json_of({"id": HOLD}))
    await teller.send(credit(amount))
    assert written in route.calls.last.request.content


async def test_a_swapped_reference_is_read_by_its_link(teller: Teller) -> None:
    swapped = {"id": "7", "cardId": HOLD, "_self": {"href": f"cards/7/transactions/{HOLD}"}}
    teller.answers("POST", "/transactions", json_of(swapped))
    assert await teller.send(debit()) == BOOKED


def test_a_request_does_not_print_its_code() -> None:
    request = transaction_request(debit(), mark=MARK, code=Secret(CODE), with_order=True)
    assert CODE not in repr(request)


@ALL
async def test_before_it_the_newest_transaction_and_the_balance_are_kept(
    teller: Teller, ask: Ask
) -> None:
    teller.says("/transactions", [{"id": "newest"}, {"id": "older"}])
    assert await teller.prepare(ask()) == Evidence(
        newest_entry_id=ProviderEntryId("newest"), figure=brl("100")
    )


async def test_a_new_card_has_no_newest_transaction(teller: Teller) -> None:
    teller.answers("GET", "/transactions", httpx.Response(200))
    assert await teller.prepare(credit()) == Evidence(figure=brl("100"))


@pytest.mark.parametrize(
    "amount", ["0", "-1", "0.00001", "1.00005", "100000000000", "1E+400", "1E-400"]
)
async def test_an_amount_that_would_not_be_kept_is_refused_unasked(
    teller: Teller, amount: str
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await teller.prepare(credit(amount))
    assert refusal.value.path == ("amount", "amount")
    assert not teller.provider.calls


@pytest.mark.parametrize("text", ["a\0b", "\ud83d"])
@pytest.mark.parametrize(
    ("member", "path"), [("description", "description"), ("order_id", "orderId")]
)
async def test_a_text_that_would_be_lost_is_refused_unasked(
    teller: Teller, text: str, member: str, path: str
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await teller.prepare(credit(**{member: text}))
    assert refusal.value.path == (path,)
    assert not teller.provider.calls


async def test_without_a_card_there_is_nothing_to_prepare(teller: Teller) -> None:
    teller.card = None
    with pytest.raises(AccountNotFound, match="gift card"):
        await teller.prepare(debit())


async def test_more_than_is_on_the_card_is_refused_with_what_there_is(teller: Teller) -> None:
    teller.answers("POST", "/transactions", httpx.Response(400, json={"code": 2006}))
    with pytest.raises(InsufficientCredit) as refusal:
        await teller.send(debit("100.01"))
    assert (refusal.value.requested, refusal.value.spendable) == (brl("100.01"), brl("100"))


async def test_a_card_that_has_ended_cannot_be_used(teller: Teller) -> None:
    teller.card = replace(CARD, expires_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    teller.answers("POST", "/transactions", httpx.Response(400))
    with pytest.raises(InstrumentNotUsable) as refusal:
        await teller.send(credit())
    assert refusal.value.reasons == (IneligibilityReason.EXPIRED,)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": 2007, "message": "secret"}, "2007"),
        ({"code": "CHK0178"}, "CHK0178"),
        ({"error": {"code": "1402", "message": "secret", "exception": None}}, "1402"),
        ({"code": "The card of shopper@example.com"}, None),
        ({"code": CODE}, None),
        ({"code": True}, None),
        ({"message": "secret"}, None),
        ({"error": "secret"}, None),
        ([], None),
    ],
)
async def test_another_no_keeps_its_code_and_loses_its_text(
    teller: Teller, body: object, code: str | None
) -> None:
    teller.answers("POST", "/transactions", httpx.Response(400, json=body))
    with pytest.raises(ProviderRejected) as refusal:
        await teller.send(credit("1000"))
    assert (refusal.value.source, refusal.value.provider_code) == ("cards-br", code)
    assert "secret" not in str(refusal.value)


async def test_a_no_that_is_not_json_is_a_no(teller: Teller) -> None:
    teller.answers("POST", "/transactions", httpx.Response(400, html="<h1>Bad request</h1>"))
    with pytest.raises(ProviderRejected):
        await teller.send(credit())


async def test_a_card_that_is_gone_is_not_found(teller: Teller) -> None:
    teller.answers("POST", "/transactions", httpx.Response(404))
    with pytest.raises(AccountNotFound, match="gift card"):
        await teller.send(debit())


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (httpx.Response(403), ProviderRefusedUs),
        (httpx.Response(429), ProviderThrottled),
        (httpx.ConnectError(""), ProviderUnreachable),
    ],
)
async def test_what_comes_before_any_work_changed_nothing(
    teller: Teller, answer: httpx.Response | Exception, fault: type[ProviderFault]
) -> None:
    teller.answers("POST", "/transactions", answer)
    with pytest.raises(fault):
        await teller.send(debit())


@ALL
@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
async def test_without_a_readable_answer_the_outcome_is_unknown_and_nothing_is_repeated(
    teller: Teller, ask: Ask, lost: httpx.Response | Exception
) -> None:
    teller.answers("POST", "/transactions", lost)
    with pytest.raises(OutcomeUnknown) as unknown:
        await teller.send(ask())
    assert len(teller.provider.calls) == 1
    assert CODE not in repr(unknown.value)


@ALL
async def test_a_lost_call_is_found_by_its_request_id_among_what_was_not_there_before(
    teller: Teller, ask: Ask
) -> None:
    teller.lists_transactions(
        ("stranger", "Debit", "30.50", "cg-other-9"), (HOLD, "Debit", "30.50", MARK), OLDER
    )
    assert await teller.find(ask(), BEFORE) == BOOKED
    assert teller.written == []
    assert not any(str(call.request.url).endswith("/older") for call in teller.provider.calls)


@ALL
async def test_a_call_without_a_trace_is_repeated_with_the_same_request_id(
    teller: Teller, ask: Ask
) -> None:
    teller.lists_transactions(("stranger", "Debit", "30.50", "cg-other-9"), OLDER)
    teller.answers("POST", "/transactions", json_of({"id": HOLD}))
    await teller.send(ask())
    first = teller.written[0]

    assert await teller.find(ask(), BEFORE) == BOOKED

    assert teller.written == [first, first]


@pytest.mark.parametrize("request_id", [None, 7, {"id": MARK}, ""])
async def test_a_transaction_whose_request_id_is_not_ours_is_somebody_elses(
    teller: Teller, request_id: object
) -> None:
    teller.says("/transactions", [{"id": "stranger"}])
    teller.says(
        "/transactions/stranger",
        {"operation": "Debit", "value": 1, "date": "2026-02-01", "requestId": request_id},
    )
    teller.answers("POST", "/transactions", json_of({"id": HOLD}))
    assert await teller.find(debit(), BEFORE) == BOOKED


async def test_what_was_booked_late_is_found_at_the_next_look(teller: Teller) -> None:
    teller.lists_transactions(OLDER)
    teller.answers("POST", "/transactions", httpx.ReadTimeout(""))
    teller.has_balance("100")
    with pytest.raises(OutcomeUnknown):
        await teller.find(debit(), BEFORE)

    teller.lists_transactions((HOLD, "Debit", "30.50", MARK), OLDER)
    assert await teller.find(debit(), BEFORE) == BOOKED


REFUSED = httpx.Response(400, json={"code": "CHK0056"})
STRANGERS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "nobody else": (),
    "a debit of the same amount": (("stranger", "debit", "30.50", "cg-other-9"),),
    "a credit of the same amount": (("stranger", "credit", "30.50", ""),),
    "two of them": (("one", "Debit", "1", ""), ("two", "Credit", "7.25", "")),
}


def moved_by(strangers: tuple[tuple[str, str, str, str], ...]) -> Decimal:
    signs = {"debit": -1, "credit": 1}
    return sum((Decimal(row[2]) * signs[row[1].lower()] for row in strangers), Decimal(100))


@pytest.mark.parametrize("strangers", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize(("ask", "own"), [(credit, "30.50"), (debit, "-30.50")])
async def test_a_refused_repeat_of_what_the_balance_shows_was_booked(
    teller: Teller, ask: Ask, own: str, strangers: tuple[tuple[str, str, str, str], ...]
) -> None:
    teller.lists_transactions(*strangers, OLDER)
    teller.answers("POST", "/transactions", REFUSED)
    teller.has_balance(str(moved_by(strangers) + Decimal(own)))
    assert await teller.find(ask("30.50"), BEFORE) == Booking()


@pytest.mark.parametrize("strangers", STRANGERS.values(), ids=STRANGERS)
@ALL
async def test_a_refused_repeat_of_what_the_balance_does_not_show_left_no_trace(
    teller: Teller, ask: Ask, strangers: tuple[tuple[str, str, str, str], ...]
) -> None:
    teller.lists_transactions(*strangers, OLDER)
    teller.answers("POST", "/transactions", REFUSED)
    teller.has_balance(str(moved_by(strangers)))
    assert await teller.find(ask("30.50"), BEFORE) is None


@ALL
async def test_a_balance_that_moved_by_another_amount_tells_nothing(
    teller: Teller, ask: Ask
) -> None:
    teller.lists_transactions(OLDER)
    teller.answers("POST", "/transactions", REFUSED)
    teller.has_balance("99")
    with pytest.raises(OutcomeUnknown):
        await teller.find(ask(), BEFORE)


async def test_a_transaction_of_an_unknown_direction_leaves_the_balance_unexplained(
    teller: Teller,
) -> None:
    teller.lists_transactions(("stranger", "Reload", "30.50", ""), OLDER)
    teller.answers("POST", "/transactions", REFUSED)
    teller.has_balance("100")
    with pytest.raises(OutcomeUnknown):
        await teller.find(debit(), BEFORE)


async def test_a_hold_that_was_booked_without_a_name_stays_unknown(teller: Teller) -> None:
    teller.lists_transactions(OLDER)
    teller.answers("POST", "/transactions", REFUSED)
    teller.has_balance("69.50")
    with pytest.raises(OutcomeUnknown):
        await teller.find(hold("30.50"), BEFORE)


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
async def test_a_repeat_without_an_answer_is_believed_if_the_balance_shows_it(
    teller: Teller, lost: httpx.Response | Exception
) -> None:
    teller.lists_transactions(OLDER)
    teller.answers("POST", "/transactions", lost)
    teller.has_balance("69.50")
    assert await teller.find(debit("30.50"), BEFORE) == Booking()


@pytest.mark.parametrize("ask", [debit, hold])
async def test_what_is_booked_between_the_list_and_the_balance_has_its_name_from_the_list(
    teller: Teller, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    teller.lists_transactions(OLDER)
    teller.answers("POST", "/transactions", httpx.ReadTimeout(""))
    teller.has_balance("69.50")
    read_card = teller.client.gift_card

    async def book_meanwhile(card_id: ProviderCardId) -> GiftCard:
        teller.lists_transactions((HOLD, "Debit", "30.50", MARK), OLDER)
        return await read_card(card_id)

    monkeypatch.setattr(teller.client, "gift_card", book_meanwhile)

    assert await teller.find(ask("30.50"), BEFORE) == BOOKED


@pytest.mark.parametrize("name", sorted(LOST.keys() - {"server error"}))
async def test_a_repeat_without_an_answer_may_still_be_booked(teller: Teller, name: str) -> None:
    teller.lists_transactions(OLDER)
    teller.answers("POST", "/transactions", LOST[name])
    teller.has_balance("100")
    with pytest.raises(OutcomeUnknown):
        await teller.find(debit("30.50"), BEFORE)


async def test_a_repeat_that_failed_and_moved_nothing_left_no_trace(teller: Teller) -> None:
    teller.lists_transactions(OLDER)
    teller.answers("POST", "/transactions", LOST["server error"])
    teller.has_balance("100")
    assert await teller.find(debit("30.50"), BEFORE) is None


async def test_two_transactions_with_one_request_id_are_for_a_person_to_judge(
    teller: Teller,
) -> None:
    teller.lists_transactions(("one", "Debit", "30.50", MARK), ("two", "Debit", "30.50", MARK))
    with pytest.raises(OutcomeUnknown):
        await teller.find(debit(), BEFORE)
    assert teller.written == []


@pytest.mark.parametrize("status", [500, 502, 401, 429])
async def test_a_provider_that_is_still_away_cannot_tell(teller: Teller, status: int) -> None:
    teller.answers("GET", "/transactions", httpx.Response(status))
    with pytest.raises(ProviderFault):
        await teller.find(debit(), BEFORE)
    assert teller.written == []


async def test_a_repeat_that_was_not_sent_cannot_tell(teller: Teller) -> None:
    teller.lists_transactions(OLDER)
    teller.answers("POST", "/transactions", httpx.ConnectError(""))
    with pytest.raises(ProviderUnreachable):
        await teller.find(debit(), BEFORE)


async def never_a_refusal(teller: Teller, evidence: Evidence) -> None:
    with pytest.raises(OutcomeUnknown) as unknown:
        await teller.find(debit(), evidence)
    assert not isinstance(unknown.value, RequestRefused)


async def test_a_card_that_is_not_found_any_more_proves_nothing(teller: Teller) -> None:
    teller.answers("GET", "/transactions", httpx.Response(404))
    await never_a_refusal(teller, BEFORE)


async def test_a_card_that_could_not_be_read_again_proves_nothing(teller: Teller) -> None:
    teller.card = None
    await never_a_refusal(teller, BEFORE)


async def test_without_a_balance_to_compare_with_nothing_is_proved(teller: Teller) -> None:
    teller.lists_transactions(OLDER)
    teller.answers("POST", "/transactions", REFUSED)
    teller.has_balance("100")
    await never_a_refusal(teller, Evidence(newest_entry_id=ProviderEntryId("older")))


async def test_where_the_newest_one_is_missing_the_twenty_newest_are_looked_at(
    teller: Teller,
) -> None:
    rows = [(f"t{number}", "Debit", "1", "") for number in range(25)]
    teller.lists_transactions(*rows)
    teller.answers("POST", "/transactions", json_of({"id": HOLD}))
    assert await teller.find(debit(), BEFORE) == BOOKED
    read = [str(call.request.url).rpartition("/")[2] for call in teller.provider.calls]
    assert read[1:-1] == [f"t{number}" for number in range(20)]


@pytest.mark.parametrize(
    ("newest", "rows", "as_if_nothing_moved"),
    [("older", 21, "80"), ("gone", 1, "199")],
    ids=["too many", "older ones among them"],
)
async def test_where_the_list_is_not_whole_the_balance_tells_nothing(
    teller: Teller, newest: str, rows: int, as_if_nothing_moved: str
) -> None:
    teller.lists_transactions(*((f"t{row}", "Debit", "1", "") for row in range(rows)), OLDER)
    teller.answers("POST", "/transactions", REFUSED)
    teller.has_balance(as_if_nothing_moved)
    with pytest.raises(OutcomeUnknown):
        await teller.find(
            debit(), Evidence(newest_entry_id=ProviderEntryId(newest), figure=brl("100"))
        )
