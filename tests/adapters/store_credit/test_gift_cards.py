"""Gift cards: an account that nobody owns, with a code, an expiry and a status in front of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from adapters.store_credit.client import MedusaStoreCredit
from adapters.store_credit.gift_cards import MedusaWithGiftCards
from adapters.transport import exact_json
from app.domain.errors import (
    AccountNotFound,
    ProviderContractBroken,
    ProviderFailed,
    ProviderTimedOut,
)
from app.domain.identifiers import (
    ProviderCardId,
    ProviderCustomerId,
    ProviderEntryId,
    ProviderHoldId,
)
from app.domain.instruments import GiftCard, InstrumentStatus
from app.domain.ledger import CardMovement, CardOperation
from app.domain.money import Currency, Money
from app.domain.paging import Page, Window
from app.domain.provider import GiftCardQuestion, ReadsGiftCards

CARD_ID = ProviderCardId("gcard_01M80JFD9FH8SVWG1HH3Q51G4K")
CARD_PATH = f"/admin/gift-cards/{CARD_ID}"
LEDGER_PATH = "/admin/store-credit-accounts/sc_acc_1/transactions"
CODE = "GIFT-PW7W-5DX3-HMPW-7W5D"
SAMPLES = Path(__file__).parents[3] / "../shared/providers/store-credit.samples.json"


def card_body(
    *,
    balance: str = "25",
    currency: str = "usd",
    status: str = "redeemed",
    expires_at: str | None = None,
) -> bytes:
    expiry = "null" if expires_at is None else f'"{expires_at}"'
    return (
        f'{{"gift_card":{{"id":"{CARD_ID}","status":"{status}","code":"{CODE}","value":25,'
        f'"currency_code":"{currency}","expires_at":{expiry},"note":null,"metadata":null,'
        '"created_at":"2026-11-22T02:48:29.231Z","updated_at":"2026-11-22T02:48:29.304Z",'
        '"store_credit_account":{"id":"sc_acc_1","code":"SC-ETDF-Z3XV-CPET-DFZ3",'
        f'"currency_code":"{currency}","customer_id":null,"balance":{balance},"credits":25,'
        '"debits":0}}}'
    ).encode()


def stage_card(router: respx.Router, **changes: Any) -> respx.Route:
    return router.get(path=CARD_PATH).respond(200, content=card_body(**changes))


def entry(id_: str, type_: str, amount: str, note: str = "") -> dict[str, object]:
    return {
        "id": id_,
        "type": type_,
        "amount": float(amount),
        "raw_amount": {"value": amount, "precision": 20},
        "account_id": "sc_acc_1",
        "reference": "cart",
        "reference_id": "cart_1",
        "note": note,
        "created_at": "2026-11-22T03:00:00.000Z",
    }


def stage_ledger(router: respx.Router, *entries: dict[str, object]) -> respx.Route:
    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        rows = [it for it in entries if asked.get("id") in (None, it.get("id"))]
        limit, offset = int(asked["limit"]), int(asked["offset"])
        body = {"transactions": rows[offset : offset + limit], "count": len(rows)}
        return httpx.Response(200, json=body | {"offset": offset, "limit": limit})

    return router.get(path=LEDGER_PATH).mock(side_effect=answer)


def stage_list(router: respx.Router, *rows: dict[str, object]) -> respx.Route:
    body = {"gift_cards": rows, "count": len(rows), "offset": 0, "limit": 100}
    return router.get(path="/admin/gift-cards").respond(200, json=body)


def listed(id_: str, code: str) -> dict[str, object]:
    return {"id": id_, "code": code, "created_at": "2026-11-22T02:48:29.231Z"}


@pytest.fixture
async def card(cards: MedusaWithGiftCards, router: respx.Router) -> GiftCard:
    stage_card(router)
    return await cards.gift_card(CARD_ID)


def test_it_reads_gift_cards_where_that_is_wanted(
    client: MedusaStoreCredit, cards: MedusaWithGiftCards
) -> None:
    assert isinstance(cards, ReadsGiftCards)
    assert not isinstance(client, ReadsGiftCards)


async def test_a_card_is_read_with_the_account_that_backs_it(
    cards: MedusaWithGiftCards, router: respx.Router, now: datetime
) -> None:
    route = stage_card(router, balance="17.960000000000000001")

    card = await cards.gift_card(CARD_ID)

    assert route.calls.last.request.url.raw_path.decode() == (
        f"{CARD_PATH}?fields=%2Astore_credit_account"
    )
    assert card.provider_card_id == CARD_ID
    assert card.backed_by == "sc_acc_1"
    assert card.balance == Money(Decimal("17.960000000000000001"), Currency("USD"))
    assert card.status is InstrumentStatus.ACTIVE
    assert card.issued_at == datetime(2026, 11, 22, 2, 48, 29, 231000, tzinfo=UTC)
    assert (card.expires_at, card.observed_at, card.currency_assumed) == (None, now, False)
    assert (card.restricted_to_owner, card.reloadable, card.reusable) == (None, None, None)
    assert card.redemption_code.reveal() == CODE
    assert "DFZ3" not in repr(card)
    assert CODE not in repr(card)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, InstrumentStatus.ACTIVE),
        ({"balance": "0"}, InstrumentStatus.DEPLETED),
        ({"balance": "-20"}, InstrumentStatus.DEPLETED),
        ({"status": "pending"}, InstrumentStatus.BLOCKED),
        ({"status": "pending", "balance": "0"}, InstrumentStatus.BLOCKED),
        ({"status": "frozen"}, InstrumentStatus.UNKNOWN),
        ({"status": "frozen", "balance": "0"}, InstrumentStatus.UNKNOWN),
        ({"expires_at": "2026-11-22T12:00:00.000Z"}, InstrumentStatus.EXPIRED),
        ({"expires_at": "2026-11-22T12:00:00.001Z"}, InstrumentStatus.ACTIVE),
        ({"expires_at": "2020-01-01T00:00:00.000Z", "status": "frozen"}, InstrumentStatus.EXPIRED),
    ],
)
async def test_the_cards_own_expiry_and_status_count_although_the_account_has_none(
    changes: dict[str, Any],
    status: InstrumentStatus,
    cards: MedusaWithGiftCards,
    router: respx.Router,
) -> None:
    stage_card(router, **changes)

    assert (await cards.gift_card(CARD_ID)).status is status


@pytest.mark.parametrize(
    ("currency", "balance"), [("jpy", "5000"), ("KWD", "10.500"), ("Usd", "0.1")]
)
async def test_a_currency_may_be_in_any_case_and_have_any_minor_unit(
    currency: str, balance: str, cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    stage_card(router, currency=currency, balance=balance)

    card = await cards.gift_card(CARD_ID)

    assert card.balance == Money(Decimal(balance), Currency(currency.upper()))


@pytest.mark.parametrize("text", ["", "null", "a\x00b", "..", "x" * 513])
async def test_an_id_that_no_card_can_have_is_not_asked_for(
    text: str, cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    with pytest.raises(AccountNotFound) as raised:
        await cards.gift_card(ProviderCardId(text))

    assert raised.value.kind == "gift card"
    assert not router.calls


async def test_an_unknown_card_is_not_found(
    cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    body = {"type": "not_found", "message": "GiftCard id not found: gcard_none"}
    router.get(path="/admin/gift-cards/gcard_none").respond(404, json=body)

    with pytest.raises(AccountNotFound) as raised:
        await cards.gift_card(ProviderCardId("gcard_none"))

    assert raised.value.kind == "gift card"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, html="<html>"),
        httpx.Response(200, html="<html>"),
        httpx.Response(200, json={"gift_card": {"id": CARD_ID}}),
        httpx.Response(200, content=card_body().replace(CARD_ID.encode(), b"gcard_other")),
        httpx.Response(200, content=card_body(currency="zzzz")),
        httpx.Response(200, content=card_body(balance='"ten"')),
    ],
)
async def test_what_is_not_the_card_asked_for_breaks_the_contract(
    answer: httpx.Response, cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    router.get(path=CARD_PATH).mock(return_value=answer)

    with pytest.raises(ProviderContractBroken) as raised:
        await cards.gift_card(CARD_ID)

    assert CODE not in f"{raised.value} {raised.value.__cause__}"


async def test_a_card_is_found_by_its_whole_code(
    cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    route = stage_list(router, listed("gcard_1", f"{CODE}-2"), listed("gcard_2", CODE))

    page = await cards.search_gift_cards(GiftCardQuestion(redemption_code=CODE), Window())

    assert page == Page(items=(ProviderCardId("gcard_2"),), next_offset=None, total=1)
    assert route.calls.last.request.url.raw_path.decode() == (
        f"/admin/gift-cards?q={CODE}&limit=100&offset=0&order=id&fields=code%2Ccreated_at"
    )


async def test_a_window_past_the_card_is_empty(
    cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    stage_list(router, listed("gcard_2", CODE))

    page = await cards.search_gift_cards(GiftCardQuestion(redemption_code=CODE), Window(offset=1))

    assert (page.items, page.total) == ((), 1)


async def test_a_part_of_a_code_finds_nothing(
    cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    stage_list(router, listed("gcard_2", CODE))

    page = await cards.search_gift_cards(GiftCardQuestion(redemption_code=CODE[:-1]), Window())

    assert page == Page(items=(), next_offset=None, total=0)


async def test_a_card_that_cannot_be_read_may_have_the_code(
    cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    question = GiftCardQuestion(redemption_code=CODE)
    stage_list(router, {"id": "gcard_1"})
    with pytest.raises(ProviderContractBroken):
        await cards.search_gift_cards(question, Window())

    stage_list(router, {"id": "gcard_1"}, listed("gcard_2", CODE))
    assert (await cards.search_gift_cards(question, Window())).items == ("gcard_2",)


@pytest.mark.parametrize(
    "question",
    [
        GiftCardQuestion(email="shopper@example.com"),
        GiftCardQuestion(document="12345678909"),
        GiftCardQuestion(provider_customer_id=ProviderCustomerId("cus_1")),
        GiftCardQuestion(relation_name="loyalty"),
        GiftCardQuestion(redemption_code="a\x00b"),
        GiftCardQuestion(),
    ],
    ids=["e-mail", "document", "customer", "relation", "no code", "nothing"],
)
async def test_no_card_is_anybodys_but_the_provider_is_asked_whether_it_is_there(
    question: GiftCardQuestion, cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    body = {"gift_cards": [], "count": 5, "offset": 0, "limit": 0}
    router.get(path="/admin/gift-cards").respond(200, json=body)

    assert await cards.search_gift_cards(question, Window()) == Page(
        items=(), next_offset=None, total=0
    )
    (only,) = router.calls
    assert only.request.url.raw_path.decode() == (
        "/admin/gift-cards?limit=0&offset=0&order=id&fields=code%2Ccreated_at"
    )


@pytest.mark.parametrize("question", [GiftCardQuestion(), GiftCardQuestion(redemption_code=CODE)])
@pytest.mark.parametrize(
    ("happens", "fault"),
    [
        (httpx.ReadTimeout("late"), ProviderTimedOut),
        (httpx.Response(500), ProviderFailed),
        (httpx.Response(404, html="<html>"), ProviderContractBroken),
    ],
)
async def test_a_provider_that_is_away_is_told_as_away(
    happens: Any,
    fault: type[Exception],
    question: GiftCardQuestion,
    cards: MedusaWithGiftCards,
    router: respx.Router,
) -> None:
    router.get(path="/admin/gift-cards").mock(side_effect=[happens])

    with pytest.raises(fault):
        await cards.search_gift_cards(question, Window())


async def test_the_history_of_a_card_is_that_of_its_account(
    cards: MedusaWithGiftCards, router: respx.Router, card: GiftCard
) -> None:
    stage_ledger(
        router,
        entry("sc_trx_2", "debit", "7.04", "Gift card usage"),
        entry("sc_trx_1", "credit", "25", "Gift card redemption"),
    )

    ids = await cards.card_transactions(CARD_ID)
    spent, issued = [await cards.card_transaction(card, one) for one in ids]

    assert ids == ("sc_trx_2", "sc_trx_1")
    assert (spent.operation, spent.amount.amount) == (CardOperation.DEBIT, Decimal("7.04"))
    assert (spent.raw_operation, spent.description) == ("debit", "Gift card usage")
    assert spent.occurred_at == datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert (spent.provider_card_id, spent.provider_hold_id) == (CARD_ID, "sc_trx_2")
    assert issued.operation is CardOperation.CREDIT


async def test_a_debit_is_settled_by_the_entry_that_books_it_and_a_credit_by_none(
    cards: MedusaWithGiftCards, router: respx.Router, card: GiftCard
) -> None:
    stage_ledger(router, entry("sc_trx_2", "debit", "7.04"), entry("sc_trx_1", "credit", "25"))
    debit, credit = ProviderHoldId("sc_trx_2"), ProviderHoldId("sc_trx_1")

    assert await cards.card_settlements(card, debit) == (
        CardMovement(
            provider_entry_id=ProviderEntryId("sc_trx_2"),
            amount=Money(Decimal("7.04"), Currency("USD")),
            occurred_at=datetime(2026, 11, 22, 3, tzinfo=UTC),
        ),
    )
    assert await cards.card_settlements(card, credit) == ()
    assert await cards.card_authorization(card, debit) is None
    assert await cards.card_cancellations(card, debit) == ()


async def test_a_movement_in_another_word_is_unknown(
    cards: MedusaWithGiftCards, router: respx.Router, card: GiftCard
) -> None:
    stage_ledger(router, entry("sc_trx_2", "transfer", "7.04"))

    transaction = await cards.card_transaction(card, ProviderHoldId("sc_trx_2"))

    assert (transaction.operation, transaction.raw_operation) == (CardOperation.UNKNOWN, "transfer")
    assert await cards.card_settlements(card, ProviderHoldId("sc_trx_2")) == ()


async def test_a_transaction_that_the_account_does_not_have_is_not_found(
    cards: MedusaWithGiftCards, router: respx.Router, card: GiftCard
) -> None:
    stage_ledger(router)

    with pytest.raises(AccountNotFound) as raised:
        await cards.card_transaction(card, ProviderHoldId("sc_trx_none"))

    assert raised.value.kind == "transaction"


async def test_a_history_with_an_entry_that_cannot_be_read_is_not_given_without_it(
    cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    stage_card(router)
    stage_ledger(router, entry("sc_trx_2", "debit", "7.04"), {"id": "sc_trx_1"})

    with pytest.raises(ProviderContractBroken):
        await cards.card_transactions(CARD_ID)


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"{SAMPLES} is not there")
async def test_the_captured_card_is_read(cards: MedusaWithGiftCards, router: respx.Router) -> None:
    captured = exact_json.decode(SAMPLES.read_bytes())
    body = captured["GET /admin/gift-cards/{id} → 200 (with account)"]["body"]
    row = body["gift_card"]
    router.route().respond(200, content=exact_json.encode(body))

    card = await cards.gift_card(ProviderCardId(row["id"]))

    assert card.balance.amount == row["store_credit_account"]["balance"]
    assert card.backed_by == row["store_credit_account"]["id"]
    assert card.redemption_code.reveal() == row["code"]


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"{SAMPLES} is not there")
async def test_the_captured_search_by_code_finds_the_card(
    cards: MedusaWithGiftCards, router: respx.Router
) -> None:
    captured = exact_json.decode(SAMPLES.read_bytes())
    body = captured["GET /admin/gift-cards → 200 (search by code)"]["body"]
    router.route().respond(200, content=exact_json.encode(body))

    page = await cards.search_gift_cards(
        GiftCardQuestion(redemption_code="LAB-CARD-0001"), Window()
    )

    assert page.items == (body["gift_cards"][0]["id"],)
