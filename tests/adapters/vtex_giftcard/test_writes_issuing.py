"""New cards: what is asked for, and whether a card that was not answered is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx
import simplejson

from adapters.vtex_giftcard.client import VtexGiftcard
from app.domain.errors import (
    AccountNotFound,
    CurrencyMismatch,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderUnreachable,
)
from app.domain.identifiers import ProviderCardId, ProviderEntryId
from app.domain.instructions import CreditGiftCard, IssueGiftCard
from app.domain.money import Currency, Money
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.refusals import ProviderRejected
from tests.adapters.vtex_giftcard.teller import LOST, MARK, SOURCE, Teller, brl, json_of

CARDS = "https://store.example/vtex/api/giftcards"
OWNER = "shopper@example.com"
ENDS = datetime(2027, 6, 1, 2, 59, 59, 999_999, tzinfo=UTC)
ENDS_AT = ("expiresAt",)
HIGHEST = Evidence(newest_entry_id=ProviderEntryId("shopper@example.com_8"))

ISSUE = IssueGiftCard(
    source=SOURCE,
    owner=OWNER,
    relation_name=None,
    caption="Goodwill",
    expires_at=ENDS,
    currency=Currency("BRL"),
    initial_balance=None,
    restricted_to_owner=False,
    reloadable=False,
    reusable=True,
)


@pytest.fixture
def teller(client: VtexGiftcard, provider: respx.Router) -> Teller:
    return Teller(client, provider, card=None)


def finds(provider: respx.Router, *ids: str, **others: Any) -> respx.Route:
    route = provider.post(f"{CARDS}/_search")
    return route.respond(json={"items": [{"id": each} for each in ids], **others})


def reads(provider: respx.Router, card_id: str, **others: Any) -> None:
    card = {
        "id": card_id,
        "redemptionCode": "WXYZ-BCDF-GHJK-LMNP",
        "balance": 0,
        "currencyCode": "BRL",
        "emissionDate": "2026-03-01T12:00:00",
        "expiringDate": "2027-06-01T02:59:59.999Z",
        **others,
    }
    provider.get(f"{CARDS}/{card_id.replace('@', '%40')}").respond(json=card)


async def test_a_card_is_asked_for_with_the_mark_as_its_relation_name(
    teller: Teller, provider: respx.Router
) -> None:
    route = provider.post(CARDS).mock(return_value=json_of({"id": "shopper@example.com_9"}))

    assert await teller.send(ISSUE) == Booking(created_id="shopper@example.com_9")

    request = route.calls.last.request
    assert request.headers["Content-Type"] == "application/vnd.vtex.giftcard.v1+json"
    assert request.headers["Accept"] == "application/json"
    assert simplejson.loads(request.content) == {
        "relationName": MARK,
        "expiringDate": "2027-06-01T02:59:59.999Z",
        "caption": "Goodwill",
        "profileId": OWNER,
        "currencyCode": "BRL",
        "restrictedToOwner": False,
        "multipleCredits": False,
        "multipleRedemptions": True,
    }


async def test_a_relation_name_of_the_callers_is_kept(
    teller: Teller, provider: respx.Router
) -> None:
    route = provider.post(CARDS).mock(return_value=json_of({"id": "9"}))
    await teller.send(replace(ISSUE, relation_name="loyalty-9"))
    assert simplejson.loads(route.calls.last.request.content)["relationName"] == "loyalty-9"


async def test_an_end_in_another_zone_is_told_in_utc(
    teller: Teller, provider: respx.Router
) -> None:
    route = provider.post(CARDS).mock(return_value=json_of({"id": "9"}))
    brasilia = timezone(timedelta(hours=-3))
    await teller.send(replace(ISSUE, expires_at=datetime(2026, 12, 31, 23, tzinfo=brasilia)))
    written = simplejson.loads(route.calls.last.request.content)["expiringDate"]
    assert written == "2027-01-01T02:00:00.000Z"


async def test_its_first_money_comes_in_a_step_of_its_own(
    teller: Teller, provider: respx.Router
) -> None:
    provider.post(CARDS).mock(return_value=json_of({"id": "9"}))
    instruction = replace(ISSUE, initial_balance=brl("25"))
    assert instruction.follow_up(await teller.send(instruction)) == CreditGiftCard(
        source=SOURCE, card_id=ProviderCardId("9"), amount=brl("25"), description="Goodwill"
    )


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(400, json={"code": 2003}), ProviderRejected),
        (httpx.Response(403), ProviderRefusedUs),
        (httpx.Response(429), ProviderThrottled),
        (httpx.ConnectError(""), ProviderUnreachable),
    ],
)
async def test_a_clear_no_made_no_card(
    teller: Teller, provider: respx.Router, answer: Any, error: type[Exception]
) -> None:
    provider.post(CARDS).mock(side_effect=[answer])
    with pytest.raises(error):
        await teller.send(ISSUE)


@pytest.mark.parametrize("lost", [*LOST.values(), httpx.Response(404)], ids=[*LOST, "404"])
async def test_without_a_readable_answer_the_outcome_is_unknown_and_nothing_is_repeated(
    teller: Teller, provider: respx.Router, lost: Any
) -> None:
    provider.post(CARDS).mock(side_effect=[lost])
    with pytest.raises(OutcomeUnknown):
        await teller.send(ISSUE)
    assert len(provider.calls) == 1


@pytest.mark.parametrize(
    ("ids", "highest"),
    [
        ((), None),
        (("shopper@example.com_7", "shopper@example.com_12", "9"), "shopper@example.com_12"),
        (("953", "954", "589"), "954"),
        (("gift", "another"), "gift"),
    ],
)
async def test_before_it_the_highest_number_of_the_owners_cards_is_kept(
    teller: Teller, provider: respx.Router, ids: tuple[str, ...], highest: str | None
) -> None:
    finds(provider, *ids)
    entry_id = None if highest is None else ProviderEntryId(highest)
    assert await teller.prepare(ISSUE) == Evidence(newest_entry_id=entry_id)


@pytest.mark.parametrize(
    ("owner", "person"),
    [
        (OWNER, {"id": OWNER, "email": OWNER, "document": ""}),
        ("92de2449-0e02", {"id": "92de2449-0e02", "email": "", "document": ""}),
    ],
)
async def test_an_owner_is_searched_for_by_e_mail_or_user_id(
    teller: Teller, provider: respx.Router, owner: str, person: dict[str, str]
) -> None:
    route = finds(provider)
    await teller.prepare(replace(ISSUE, owner=owner))
    assert simplejson.loads(route.calls.last.request.content)["client"] == person


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"owner": ""}, ("owner",)),
        ({"owner": "  "}, ("owner",)),
        ({"owner": "a\0@example.com"}, ("owner",)),
        ({"caption": "\ud83d"}, ("caption",)),
        ({"relation_name": "\0"}, ("relationName",)),
        ({"expires_at": datetime(2026, 3, 1, 12, tzinfo=UTC)}, ENDS_AT),
        ({"expires_at": datetime(1, 1, 1, tzinfo=UTC)}, ENDS_AT),
        ({"expires_at": datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=3)))}, ENDS_AT),
        ({"initial_balance": brl("0")}, ("initialBalance",)),
        ({"initial_balance": brl("-1")}, ("initialBalance",)),
        ({"initial_balance": brl("0.00001")}, ("initialBalance",)),
    ],
)
async def test_what_would_make_no_good_card_is_refused_unasked(
    teller: Teller, change: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await teller.prepare(replace(ISSUE, **change))
    assert refusal.value.path == path
    assert not teller.provider.calls


async def test_first_money_of_another_currency_is_refused_unasked(teller: Teller) -> None:
    money = Money(Decimal(5), Currency("USD"))
    with pytest.raises(CurrencyMismatch):
        await teller.prepare(replace(ISSUE, initial_balance=money))
    assert not teller.provider.calls


async def test_a_lost_card_is_found_among_the_new_ones_of_its_owner(
    teller: Teller, provider: respx.Router
) -> None:
    route = finds(provider, "shopper@example.com_7", "shopper@example.com_8", "9", "10")
    reads(provider, "9", expiringDate="2027-01-01")
    reads(provider, "10")

    assert await teller.find(ISSUE, HIGHEST) == Booking(created_id="10")

    assert simplejson.loads(route.calls.last.request.content)["cart"]["relationName"] == MARK
    assert [call.request.method for call in provider.calls] == ["POST", "GET", "GET"]


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ({"relationName": MARK}, True),
        ({"relationName": MARK, "expiringDate": "2027-06-02", "caption": "Shown"}, True),
        ({"relationName": "cg-other-1"}, False),
        ({"caption": "Goodwill"}, True),
        ({"caption": "Loyalty"}, False),
        ({"currencyCode": "USD"}, False),
        ({"expiringDate": "2027-06-01T02:59:59.998Z"}, False),
        ({}, True),
    ],
)
async def test_a_card_is_known_by_its_relation_name_or_else_by_what_was_asked_for(
    teller: Teller, provider: respx.Router, shown: dict[str, str], *, found: bool
) -> None:
    finds(provider, "9")
    reads(provider, "9", **shown)
    booking = Booking(created_id="9") if found else None
    assert await teller.find(ISSUE, HIGHEST) == booking


async def test_an_id_without_a_number_may_be_the_new_card(
    teller: Teller, provider: respx.Router
) -> None:
    finds(provider, "gift")
    reads(provider, "gift")
    assert await teller.find(ISSUE, HIGHEST) == Booking(created_id="gift")


async def test_two_cards_that_fit_are_for_a_person_to_judge(
    teller: Teller, provider: respx.Router
) -> None:
    finds(provider, "9", "10")
    reads(provider, "9")
    reads(provider, "10")
    with pytest.raises(OutcomeUnknown):
        await teller.find(ISSUE, HIGHEST)


async def test_no_card_is_no_trace_and_nothing_is_repeated(
    teller: Teller, provider: respx.Router
) -> None:
    finds(provider, "shopper@example.com_8")
    assert await teller.find(ISSUE, HIGHEST) is None
    assert len(provider.calls) == 1


async def test_a_card_that_comes_late_is_found_at_the_next_look(
    teller: Teller, provider: respx.Router
) -> None:
    finds(provider)
    assert await teller.find(ISSUE, NO_EVIDENCE) is None
    finds(provider, "1")
    reads(provider, "1")
    assert await teller.find(ISSUE, NO_EVIDENCE) == Booking(created_id="1")


async def test_a_restricted_card_that_no_search_shows_may_be_there(
    teller: Teller, provider: respx.Router
) -> None:
    finds(provider)
    with pytest.raises(OutcomeUnknown):
        await teller.find(replace(ISSUE, restricted_to_owner=True), HIGHEST)


async def test_a_restricted_card_that_is_shown_is_found(
    teller: Teller, provider: respx.Router
) -> None:
    finds(provider, "9")
    reads(provider, "9")
    booking = await teller.find(replace(ISSUE, restricted_to_owner=True), HIGHEST)
    assert booking == Booking(created_id="9")


async def test_where_there_are_too_many_cards_to_look_through_it_may_be_among_them(
    teller: Teller, provider: respx.Router
) -> None:
    finds(provider, *(f"{number}" for number in range(1, 201)))
    with pytest.raises(OutcomeUnknown):
        await teller.find(ISSUE, Evidence(newest_entry_id=ProviderEntryId("500")))


async def test_a_card_that_cannot_be_read_in_the_list_may_be_it(
    teller: Teller, provider: respx.Router
) -> None:
    provider.post(f"{CARDS}/_search").respond(json={"items": [{"id": None}]})
    with pytest.raises(OutcomeUnknown):
        await teller.find(ISSUE, HIGHEST)


async def test_at_most_twenty_cards_are_read_for_it(teller: Teller, provider: respx.Router) -> None:
    finds(provider, *(f"{number}" for number in range(1, 31)))
    for number in range(11, 31):
        reads(provider, f"{number}", relationName="cg-other-1")
    assert await teller.find(ISSUE, NO_EVIDENCE) is None


@pytest.mark.parametrize("status", [500, 502, 401, 429])
async def test_a_provider_that_is_still_away_cannot_tell(
    teller: Teller, provider: respx.Router, status: int
) -> None:
    provider.post(f"{CARDS}/_search").respond(status)
    with pytest.raises(ProviderFault):
        await teller.find(ISSUE, HIGHEST)


async def test_a_card_that_is_found_and_not_read_proves_nothing(
    teller: Teller, provider: respx.Router
) -> None:
    finds(provider, "9")
    provider.get(f"{CARDS}/9").respond(404)
    with pytest.raises(OutcomeUnknown) as unknown:
        await teller.find(ISSUE, HIGHEST)
    assert isinstance(unknown.value.__cause__, AccountNotFound)
