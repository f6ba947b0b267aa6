"""What happened to a card: references, transactions and their movements."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import respx

from adapters.vtex_giftcard.client import VtexGiftcard
from app.domain.errors import AccountNotFound, ProviderContractBroken
from app.domain.identifiers import ProviderCardId, ProviderEntryId, ProviderHoldId, SourceKey
from app.domain.instruments import GiftCard, InstrumentStatus, Secret, VtexGiftCardDetails
from app.domain.ledger import CardMovement, CardOperation
from app.domain.money import Currency, Money

LONG_ID = ProviderCardId("shopper@example.com_7")
DEBIT = ProviderHoldId("faa6831230634c4b8fb897e02ba9c5a1")
PATH = "https://store.example/vtex/api/giftcards/shopper%40example.com_7/transactions"
KWD = Currency("KWD")

CARD = GiftCard(
    source=SourceKey("cards-br"),
    provider_card_id=LONG_ID,
    redemption_code=Secret("WXYZ-BCDF-GHJK-LMNP"),
    currency=KWD,
    currency_assumed=False,
    status=InstrumentStatus.ACTIVE,
    balance=Money(Decimal(1), KWD),
    issued_at=None,
    expires_at=None,
    observed_at=datetime(2026, 3, 1, tzinfo=UTC),
    details=VtexGiftCardDetails(relation_name=None, caption=None, discount=None),
)

Ask = Callable[[VtexGiftcard, ProviderHoldId], Awaitable[object]]

ABOUT_A_TRANSACTION: dict[str, Ask] = {
    "": lambda client, id_: client.card_transaction(CARD, id_),
    "/authorization": lambda client, id_: client.card_authorization(CARD, id_),
    "/settlements": lambda client, id_: client.card_settlements(CARD, id_),
    "/cancellations": lambda client, id_: client.card_cancellations(CARD, id_),
}
MOVEMENTS = {path: ask for path, ask in ABOUT_A_TRANSACTION.items() if path}

BROKEN = ["<html></html>", '[{"oid":"1","value":1', '"text"', "7", '{"error":{"code":"1402"}}']


def answers(provider: respx.Router, body: bytes | str, status: int = 200) -> None:
    provider.route().respond(status, content=body)


def movement(oid: str, value: str, when: str) -> CardMovement:
    return CardMovement(
        provider_entry_id=ProviderEntryId(oid),
        amount=Money(Decimal(value), KWD),
        occurred_at=datetime.fromisoformat(when).replace(tzinfo=UTC),
    )


async def test_references_are_asked_for_below_the_card(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("transactions.documented"))
    assert await client.card_transactions(LONG_ID) == ("268", "269", "270")
    (call,) = provider.calls
    assert (call.request.method, str(call.request.url)) == ("GET", PATH)


async def test_swapped_references_are_read_by_their_link(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("transactions.reference-2020"))
    assert await client.card_transactions(ProviderCardId("74")) == (
        "faa6831230634c4b8fb897e02ba9c5a1",
        "3b1abc17988e4a148b7f31fc6a5b955c",
    )


@pytest.mark.parametrize(
    "reference",
    [
        '{"id":"2541","_self":{"href":"providers/VtexGiftCardProvider/cards/890/transactions/2451"}}',
        '{"id":"2541","cardId":"890","_self":{"href":"cards/890/transactions/2451"}}',
        '{"id":"2541","cardId":"890"}',
        '{"id":"2541","cardId":"","_self":{}}',
        '{"id":"2541","_self":null}',
    ],
)
async def test_a_link_that_does_not_end_in_the_card_id_is_not_believed(
    client: VtexGiftcard, provider: respx.Router, reference: str
) -> None:
    answers(provider, f"[{reference},{reference}]")
    assert await client.card_transactions(LONG_ID) == ("2541",)


@pytest.mark.parametrize("body", ["", " \r\n", "[]", "null"])
async def test_a_card_without_transactions_has_none(
    client: VtexGiftcard, provider: respx.Router, body: str
) -> None:
    answers(provider, body)
    assert await client.card_transactions(LONG_ID) == ()


@pytest.mark.parametrize("body", [*BROKEN, '[{"id":"1"},{"id":null}]', "[null]"])
async def test_references_are_read_whole_or_not_at_all(
    client: VtexGiftcard, provider: respx.Router, body: str
) -> None:
    answers(provider, body)
    with pytest.raises(ProviderContractBroken):
        await client.card_transactions(LONG_ID)


async def test_transactions_of_an_unknown_card_are_not_found(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, "", status=404)
    with pytest.raises(AccountNotFound, match="gift card"):
        await client.card_transactions(LONG_ID)


async def test_the_documented_transaction_is_a_credit(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("transaction.documented"))
    seen = await client.card_transaction(CARD, DEBIT)
    assert (seen.source, seen.provider_card_id, seen.provider_hold_id) == (
        "cards-br",
        LONG_ID,
        DEBIT,
    )
    assert (seen.operation, seen.raw_operation) == (CardOperation.CREDIT, "Credit")
    assert seen.amount == Money(Decimal("140.0"), KWD)
    assert seen.description == "GiftCardHub"
    assert seen.occurred_at == datetime(2023, 6, 2, 18, 24, 49, 252855, tzinfo=UTC)


async def test_the_order_behind_a_transaction_is_dropped(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("transaction.reference-2020"))
    seen = await client.card_transaction(CARD, DEBIT)
    assert (seen.operation, seen.raw_operation) == (CardOperation.DEBIT, "debit")
    assert "11144477735" not in repr(seen)


@pytest.mark.parametrize(
    ("member", "word", "operation"),
    [
        ('"operation":"Debit",', "Debit", CardOperation.DEBIT),
        ('"operation":"credit",', "credit", CardOperation.CREDIT),
        ('"operation":"Reload",', "Reload", CardOperation.UNKNOWN),
        ('"operation":null,', "", CardOperation.UNKNOWN),
        ("", "", CardOperation.UNKNOWN),
    ],
)
async def test_the_operation_is_known_in_either_case_and_unknown_otherwise(
    client: VtexGiftcard, provider: respx.Router, member: str, word: str, operation: CardOperation
) -> None:
    answers(provider, f'{{{member}"value":1234567890123456.789,"date":"2026-01-01"}}')
    seen = await client.card_transaction(CARD, DEBIT)
    assert (seen.operation, seen.raw_operation) == (operation, word)
    assert str(seen.amount.amount) == "1234567890123456.789"


@pytest.mark.parametrize(
    "body",
    [
        "",
        *BROKEN,
        "{}",
        '{"value":1}',
        '{"date":"2026-01-01"}',
        '{"value":-1,"date":"2026-01-01"}',
        '{"value":"1","date":"2026-01-01"}',
        '{"value":true,"date":"2026-01-01"}',
    ],
)
async def test_a_transaction_that_says_nothing_is_a_broken_contract(
    client: VtexGiftcard, provider: respx.Router, body: str
) -> None:
    answers(provider, body)
    with pytest.raises(ProviderContractBroken):
        await client.card_transaction(CARD, DEBIT)


async def test_the_documented_authorization_is_one_object(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("authorization.documented"))
    assert await client.card_authorization(CARD, DEBIT) == movement(
        "7cf8d7970e1c81d05620e46cceb6819f", "123.4", "2016-01-01"
    )


async def test_an_authorization_may_be_an_array_of_one(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("authorization.reference-2020"))
    assert await client.card_authorization(CARD, DEBIT) == movement(
        DEBIT, "140.0", "2020-09-01T13:15:30"
    )


@pytest.mark.parametrize("body", ["", "[]", "null"])
async def test_a_transaction_may_have_no_authorization(
    client: VtexGiftcard, provider: respx.Router, body: str
) -> None:
    answers(provider, body)
    assert await client.card_authorization(CARD, DEBIT) is None


async def test_two_authorizations_are_a_broken_contract(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("settlements.documented"))
    with pytest.raises(ProviderContractBroken):
        await client.card_authorization(CARD, DEBIT)


async def test_the_documented_settlements_are_two(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("settlements.documented"))
    assert await client.card_settlements(CARD, DEBIT) == (
        movement("b8e0c606b2fe543e5b0e639575cd9723", "17.4", "2016-04-06"),
        movement("6cb6cd63c16e219b1eee61f2", "10.4", "2016-05-06"),
    )


async def test_the_documented_cancellations_are_two(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("cancellations.documented"))
    assert await client.card_cancellations(CARD, DEBIT) == (
        movement("239d35b430fc75379db966c1d3670c6f", "13.4", "2016-04-06"),
        movement("49f0bad299687c62334182178bfd75d8", "10.4", "2016-05-06"),
    )


@pytest.mark.parametrize("ask", [MOVEMENTS["/settlements"], MOVEMENTS["/cancellations"]])
async def test_an_object_alone_is_the_only_movement(
    client: VtexGiftcard, provider: respx.Router, ask: Ask
) -> None:
    answers(provider, '{"oid":"1","value":0.1,"date":"2026-01-02T03:04:05.006"}')
    assert await ask(client, DEBIT) == (movement("1", "0.1", "2026-01-02T03:04:05.006"),)


@pytest.mark.parametrize("ask", [MOVEMENTS["/settlements"], MOVEMENTS["/cancellations"]])
@pytest.mark.parametrize("body", ["", "[]", "null"])
async def test_a_transaction_may_have_no_movements(
    client: VtexGiftcard, provider: respx.Router, ask: Ask, body: str
) -> None:
    answers(provider, body)
    assert await ask(client, DEBIT) == ()


@pytest.mark.parametrize("ask", MOVEMENTS.values(), ids=MOVEMENTS)
@pytest.mark.parametrize(
    "body",
    [
        *BROKEN,
        '[{"oid":"1","value":1,"date":"2026-01-01"},null]',
        '[{"oid":"1","value":-1,"date":"2026-01-01"}]',
        '[{"oid":"","value":1,"date":"2026-01-01"}]',
        '[{"oid":17,"value":1,"date":"2026-01-01"}]',
        '[{"oid":"1","value":"1","date":"2026-01-01"}]',
        '[{"oid":"1","value":false,"date":"2026-01-01"}]',
        '[{"oid":"1","value":1,"date":"yesterday"}]',
    ],
)
async def test_movements_are_read_whole_or_not_at_all(
    client: VtexGiftcard, provider: respx.Router, ask: Ask, body: str
) -> None:
    answers(provider, body)
    with pytest.raises(ProviderContractBroken):
        await ask(client, DEBIT)


@pytest.mark.parametrize(("path", "ask"), ABOUT_A_TRANSACTION.items(), ids=ABOUT_A_TRANSACTION)
async def test_a_transaction_is_asked_about_below_the_long_id_of_its_card(
    client: VtexGiftcard, provider: respx.Router, path: str, ask: Ask
) -> None:
    answers(provider, "", status=404)
    with pytest.raises(AccountNotFound, match=r"^No such ledger entry\.$"):
        await ask(client, ProviderHoldId("../7"))
    (call,) = provider.calls
    assert (call.request.method, str(call.request.url)) == ("GET", f"{PATH}/..%2F7{path}")


@pytest.mark.parametrize("ask", ABOUT_A_TRANSACTION.values(), ids=ABOUT_A_TRANSACTION)
async def test_a_transaction_id_that_no_path_can_hold_is_not_found_without_asking(
    client: VtexGiftcard, provider: respx.Router, ask: Ask
) -> None:
    with pytest.raises(AccountNotFound):
        await ask(client, ProviderHoldId(".."))
    assert not provider.calls
