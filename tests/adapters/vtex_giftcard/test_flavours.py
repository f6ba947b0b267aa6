"""The same questions at the three doors: paths, headers, media types and bodies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx
import simplejson
from pydantic import SecretStr

from adapters.transport.upstream import Upstream
from adapters.vtex_credentials import VtexCredentials
from adapters.vtex_giftcard.client import VtexGiftcard
from adapters.vtex_giftcard.settings import VtexGiftcardSettings, connect
from app.domain.errors import OutcomeUnknown, ProviderRefusedUs
from app.domain.instructions import Instruction, IssueGiftCard
from app.domain.money import Currency
from app.domain.operation import NO_EVIDENCE
from app.domain.paging import Window
from app.domain.provider import Call, GiftCardQuestion
from app.domain.refusals import InsufficientCredit
from tests.adapters.vtex_giftcard.teller import (
    CARD,
    CARD_ID,
    HOLD,
    MARK,
    SOURCE,
    brl,
    cancel,
    credit,
    debit,
    hold,
    json_of,
    settle,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JSON = "application/json"
HUB = "application/vnd.vtex.giftcardproviders.v1+json"
PROTOCOL = "application/vnd.vtex.giftcards.v1+json"
PROVIDER_ID = "own cards/1"


@dataclass(frozen=True)
class Flavour:
    settings: dict[str, Any]
    cards: str
    body: str
    settlement: str
    creation: str


FLAVOURS = {
    "native": Flavour(
        {"base_url": "https://store.example"},
        "https://store.example/api/giftcards",
        JSON,
        JSON,
        "application/vnd.vtex.giftcard.v1+json",
    ),
    "hub": Flavour(
        {"base_url": "https://store.example", "flavour": "hub", "provider_id": PROVIDER_ID},
        "https://store.example/api/giftcardproviders/own%20cards%2F1/giftcards",
        HUB,
        JSON,
        HUB,
    ),
    "provider-protocol": Flavour(
        {"base_url": "https://cards.example/v1/", "flavour": "provider-protocol"},
        "https://cards.example/v1/giftcards",
        PROTOCOL,
        PROTOCOL,
        PROTOCOL,
    ),
}
ALL = pytest.mark.parametrize("flavour", FLAVOURS.values(), ids=FLAVOURS)
OTHERS = [FLAVOURS["hub"], FLAVOURS["provider-protocol"]]
BOTH_OTHERS = pytest.mark.parametrize("flavour", OTHERS, ids=["hub", "provider-protocol"])

ISSUE = IssueGiftCard(
    source=SOURCE,
    owner="shopper@example.com",
    relation_name=None,
    caption="Goodwill",
    expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    currency=Currency("BRL"),
    initial_balance=None,
    restricted_to_owner=False,
    reloadable=True,
    reusable=True,
)


def connected(flavour: Flavour, provider: respx.Router) -> VtexGiftcard:
    settings = VtexGiftcardSettings(
        key=SOURCE,
        provider="vtex.giftcard",
        default_currency="BRL",
        credentials=VtexCredentials(app_key=SecretStr("key"), app_token=SecretStr("token")),
        **flavour.settings,
    )
    upstream = Upstream(
        SOURCE,
        base_url=settings.base_url,
        headers=settings.request_headers(),
        timeout=httpx.Timeout(1),
        transport=httpx.MockTransport(provider.async_handler),
        clock=lambda: NOW,
    )
    return connect(settings, upstream)


async def sent(client: VtexGiftcard, instruction: Instruction) -> object:
    call = Call(instruction=instruction, mark=MARK, evidence=NO_EVIDENCE, observed=CARD)
    return await client.writers[type(instruction)].send(call)


def last(provider: respx.Router) -> httpx.Request:
    request: httpx.Request = provider.calls.last.request
    return request


READS: dict[str, Callable[[VtexGiftcard], Awaitable[object]]] = {
    "": lambda client: client.gift_card(CARD_ID),
    "/transactions": lambda client: client.card_transactions(CARD_ID),
    f"/transactions/{HOLD}": lambda client: client.card_transaction(CARD, HOLD),
    f"/transactions/{HOLD}/authorization": lambda client: client.card_authorization(CARD, HOLD),
    f"/transactions/{HOLD}/settlements": lambda client: client.card_settlements(CARD, HOLD),
    f"/transactions/{HOLD}/cancellations": lambda client: client.card_cancellations(CARD, HOLD),
}


@ALL
@pytest.mark.parametrize(("path", "read"), READS.items(), ids=READS)
async def test_a_read_goes_to_the_door_of_the_flavour(
    flavour: Flavour, path: str, read: Callable[[VtexGiftcard], Awaitable[object]]
) -> None:
    provider = respx.Router()
    provider.route().respond(401)
    with pytest.raises(ProviderRefusedUs):
        await read(connected(flavour, provider))

    request = last(provider)
    assert (request.method, str(request.url)) == (
        "GET",
        f"{flavour.cards}/shopper%40example.com_7{path}",
    )
    assert request.headers["Accept"] == flavour.body
    assert request.headers.get("Content-Type") == (JSON if flavour.body == JSON else None)


@ALL
async def test_a_search_is_a_question_in_the_words_of_the_flavour(flavour: Flavour) -> None:
    provider = respx.Router()
    provider.route().respond(
        json=[{"id": "7", "provider": "own", "balance": 12.5, "_self": {"href": "cards/7"}}]
    )
    question = GiftCardQuestion(email="shopper@example.com")

    page = await connected(flavour, provider).search_gift_cards(question, Window())

    request = last(provider)
    assert (request.method, str(request.url)) == ("POST", f"{flavour.cards}/_search")
    assert request.headers["Content-Type"] == request.headers["Accept"] == flavour.body
    assert request.headers["REST-Range"] == "resources=0-49"
    assert (page.items, page.next_offset) == (("7",), None)


@ALL
async def test_a_settlement_may_be_answered_as_one_or_as_an_array_of_one(
    flavour: Flavour,
) -> None:
    moved = {"oid": "9f86", "value": Decimal("17.4"), "date": "2026-03-01"}
    provider = respx.Router()
    route = provider.post(
        f"{flavour.cards}/shopper%40example.com_7/transactions/{HOLD}/settlements"
    )
    client = connected(flavour, provider)

    route.mock(return_value=json_of(moved))
    alone = await sent(client, settle("17.4"))
    route.mock(return_value=json_of([moved]))
    assert await sent(client, settle("17.4")) == alone

    assert last(provider).headers["Content-Type"] == flavour.settlement
    route.mock(return_value=json_of([moved, moved]))
    with pytest.raises(OutcomeUnknown):
        await sent(client, settle("17.4"))


@ALL
async def test_a_cancellation_has_the_media_type_of_bodies(flavour: Flavour) -> None:
    provider = respx.Router()
    provider.route().mock(return_value=json_of({"oid": "9f86", "value": 1, "date": "2026-03-01"}))
    await sent(connected(flavour, provider), cancel("1"))
    assert str(last(provider).url).endswith(f"/transactions/{HOLD}/cancellations")
    assert last(provider).headers["Content-Type"] == flavour.body


@BOTH_OTHERS
@pytest.mark.parametrize(("order_id", "named"), [("v7-01", "v7-01"), (None, MARK)])
async def test_a_transaction_comes_with_an_order_that_tells_of_nobody(
    flavour: Flavour, order_id: str | None, named: str
) -> None:
    provider = respx.Router()
    provider.route().mock(return_value=json_of({"cardId": "7", "id": HOLD}))

    await sent(connected(flavour, provider), debit("12.50", order_id=order_id))

    assert last(provider).headers["Content-Type"] == flavour.body
    document = simplejson.loads(last(provider).content, use_decimal=True)
    assert document["description"] == "Goodwill"
    assert document["orderInfo"] == {
        "orderId": named,
        "sequence": 0,
        "cart": {
            "grandTotal": Decimal("12.5"),
            "itemsTotal": Decimal("12.5"),
            "discounts": 0,
            "shipping": 0,
            "taxes": 0,
            "items": [],
        },
    }


@ALL
async def test_a_new_card_says_since_when_where_it_must(flavour: Flavour) -> None:
    provider = respx.Router()
    provider.post(flavour.cards).mock(return_value=json_of({"id": "9", "caption": "Goodwill"}))

    await sent(connected(flavour, provider), ISSUE)

    assert last(provider).headers["Content-Type"] == flavour.creation
    document = simplejson.loads(last(provider).content)
    is_hub = flavour is FLAVOURS["hub"]
    assert document.get("emissionDate") == ("2026-03-01T12:00:00.000Z" if is_hub else None)
    assert document["relationName"] == MARK


@BOTH_OTHERS
@pytest.mark.parametrize("ask", [debit, hold])
async def test_where_a_refusal_looks_like_a_failure_an_overdraft_is_refused_unasked(
    flavour: Flavour, ask: Callable[[str], Instruction]
) -> None:
    provider = respx.Router()
    client = connected(flavour, provider)
    instruction = ask("100.01")
    with pytest.raises(InsufficientCredit) as refusal:
        await client.writers[type(instruction)].prepare(instruction, CARD)
    assert refusal.value.spendable == brl("100")
    assert not provider.calls


@BOTH_OTHERS
async def test_all_that_is_on_a_card_and_any_credit_are_prepared(flavour: Flavour) -> None:
    provider = respx.Router()
    provider.route().respond(json=[])
    client = connected(flavour, provider)
    for instruction in (debit("100"), credit("100.01")):
        evidence = await client.writers[type(instruction)].prepare(instruction, CARD)
        assert evidence.figure == CARD.balance


@ALL
async def test_a_refusal_in_words_is_one_at_every_door(
    flavour: Flavour,
) -> None:
    provider = respx.Router()
    provider.route().respond(400, json={"code": 2006})
    empty = replace(CARD, balance=brl("0"))
    call = Call(instruction=debit("1"), mark=MARK, evidence=NO_EVIDENCE, observed=empty)
    client = connected(flavour, provider)
    with pytest.raises(InsufficientCredit):
        await client.writers[type(call.instruction)].send(call)


@ALL
async def test_a_401_after_a_write_is_an_unknown_outcome(flavour: Flavour) -> None:
    provider = respx.Router()
    provider.route().respond(401)
    with pytest.raises(OutcomeUnknown):
        await sent(connected(flavour, provider), debit("1"))


@BOTH_OTHERS
async def test_an_empty_card_may_be_there_though_no_search_shows_it(flavour: Flavour) -> None:
    provider = respx.Router()
    provider.route().respond(json=[])
    call = Call(instruction=ISSUE, mark=MARK, evidence=NO_EVIDENCE, observed=None)
    with pytest.raises(OutcomeUnknown):
        await connected(flavour, provider).writers[IssueGiftCard].find(call)


@ALL
async def test_probing_searches_at_the_door_of_the_flavour(flavour: Flavour) -> None:
    provider = respx.Router()
    provider.post(f"{flavour.cards}/_search").respond(json=[])
    await connected(flavour, provider).probe()
    assert len(provider.calls) == 1
