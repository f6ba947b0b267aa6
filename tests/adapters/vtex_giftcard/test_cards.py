"""One card: what is asked, what is understood, what is refused."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
import respx

from adapters.transport import exact_json
from adapters.vtex_giftcard.client import VtexGiftcard
from adapters.vtex_giftcard.translate import owner_in
from app.domain.errors import (
    AccountNotFound,
    ProviderContractBroken,
    ProviderFailed,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
)
from app.domain.identifiers import ProviderCardId
from app.domain.instruments import InstrumentStatus, Secret, VtexGiftCardDetails
from app.domain.money import Currency, Money

CODE = "WXYZ-BCDF-GHJK-LMNP"

SENT_HEADERS = {
    "accept": "application/json",
    "content-type": "application/json",
    "x-vtex-api-appkey": "vtexappkey-store",
    "x-vtex-api-apptoken": "the-token",
}


def card(**changes: object) -> bytes:
    """A card that is live when the tests' clock looks, less the members changed to `...`."""
    members: dict[str, object] = {
        "id": "954",
        "redemptionToken": CODE,
        "redemptionCode": CODE,
        "balance": 40,
        "emissionDate": "2026-01-01T00:00:00",
        "expiringDate": "2026-06-01T00:00:00",
        "currencyCode": "BRL",
        "transactions": {"href": "cards/954/transactions"},
    }
    members |= changes
    return exact_json.encode({name: value for name, value in members.items() if value is not ...})


def answers(provider: respx.Router, body: bytes | str, status: int = 200) -> None:
    provider.route().respond(status, content=body)


async def test_a_card_is_read_with_one_get_and_the_keys_of_the_store(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, card())
    await client.gift_card(ProviderCardId("954"))
    (call,) = provider.calls
    assert (call.request.method, str(call.request.url), call.request.content) == (
        "GET",
        "https://store.example/vtex/api/giftcards/954",
        b"",
    )
    assert {name: call.request.headers[name] for name in SENT_HEADERS} == SENT_HEADERS


async def test_the_documented_sample_is_an_expired_card_with_a_masked_code(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("card.documented"))
    seen = await client.gift_card(ProviderCardId("954"))
    assert seen.status is InstrumentStatus.EXPIRED
    assert seen.balance == Money(Decimal(0), Currency("USD"))
    assert seen.redemption_code == Secret("***********ASDQ")
    assert seen.issued_at == datetime(2014, 4, 24, 20, 22, 58, 163000, tzinfo=UTC)
    assert seen.expires_at == datetime(2016, 1, 1, tzinfo=UTC)


async def test_a_real_answer_with_singular_link_and_undeclared_members_is_understood(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("card.guide"))
    seen = await client.gift_card(ProviderCardId("74"))
    assert seen.source == "cards-br"
    assert seen.status is InstrumentStatus.ACTIVE
    assert seen.balance == Money(Decimal("500.0000"), Currency("BRL"))
    assert not seen.currency_assumed
    assert seen.redemption_code.reveal() == CODE
    assert seen.issued_at == datetime(2023, 6, 2, 18, 24, 49, 252855, tzinfo=UTC)
    assert seen.observed_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert seen.details == VtexGiftCardDetails(
        relation_name="spring-voucher-74", caption="Spring voucher", discount=True
    )


async def test_a_card_without_any_link_is_understood(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, card(transactions=...))
    assert (await client.gift_card(ProviderCardId("954"))).provider_card_id == "954"


async def test_rules_of_use_are_unknown_where_they_are_not_returned(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, card())
    seen = await client.gift_card(ProviderCardId("954"))
    assert (seen.restricted_to_owner, seen.reloadable, seen.reusable) == (None, None, None)


async def test_rules_of_use_are_read_where_they_are_returned(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, card(restrictedToOwner=True, multipleCredits=False, multipleRedemptions=True))
    seen = await client.gift_card(ProviderCardId("954"))
    assert (seen.restricted_to_owner, seen.reloadable, seen.reusable) == (True, False, True)


@pytest.mark.parametrize("missing", [..., None])
async def test_a_card_without_currency_is_in_the_currency_of_the_store(
    client: VtexGiftcard, provider: respx.Router, missing: object
) -> None:
    answers(provider, card(currencyCode=missing))
    seen = await client.gift_card(ProviderCardId("954"))
    assert seen.balance == Money(Decimal(40), Currency("BRL"))
    assert seen.currency_assumed


async def test_a_currency_in_small_letters_is_the_same_currency(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, card(currencyCode="kwd"))
    seen = await client.gift_card(ProviderCardId("954"))
    assert (seen.currency, seen.currency_assumed) == (Currency("KWD"), False)


@pytest.mark.parametrize(
    "digits",
    ["850.555", "0.1", "500.0000", "1234567890123456.789", "9007199254740993", "-0.0001", "1E-7"],
)
async def test_a_balance_keeps_the_digits_of_the_body(
    client: VtexGiftcard, provider: respx.Router, digits: str
) -> None:
    answers(provider, card(balance=Decimal("0.77")).replace(b"0.77", digits.encode()))
    seen = await client.gift_card(ProviderCardId("954"))
    assert str(seen.balance.amount) == str(Decimal(digits))


@pytest.mark.parametrize(
    ("balance", "expiring", "status"),
    [
        ("0.0001", "2026-03-01T12:00:00.0010000Z", InstrumentStatus.ACTIVE),
        ("0.01", "2026-03-01T12:00:00", InstrumentStatus.EXPIRED),
        ("40", "2026-03-01T09:00:00-03:00", InstrumentStatus.EXPIRED),
        ("40", "2026-03-01T09:00:00.5-03:00", InstrumentStatus.ACTIVE),
        ("40", "2026-03-01", InstrumentStatus.EXPIRED),
        ("0", "2026-03-02", InstrumentStatus.DEPLETED),
        ("-3.50", "2026-03-02", InstrumentStatus.DEPLETED),
        ("0", "2026-02-28", InstrumentStatus.EXPIRED),
    ],
)
async def test_status_follows_from_the_instant_of_expiry_and_the_balance(
    client: VtexGiftcard,
    provider: respx.Router,
    balance: str,
    expiring: str,
    status: InstrumentStatus,
) -> None:
    answers(provider, card(balance=Decimal(balance), expiringDate=expiring))
    seen = await client.gift_card(ProviderCardId("954"))
    assert (seen.status, seen.balance.amount) == (status, Decimal(balance))


@pytest.mark.parametrize("answered", ["shopper@example.com_7", "7"])
async def test_a_card_keeps_the_long_id_it_was_asked_for(
    client: VtexGiftcard, provider: respx.Router, answered: str
) -> None:
    answers(provider, card(id=answered))
    seen = await client.gift_card(ProviderCardId("shopper@example.com_7"))
    assert seen.provider_card_id == "shopper@example.com_7"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("954", "955"),
        ("92de2449_74", "4"),
        ("92de2449_74", "92de2449"),
        ("92de2449_74", "other_74"),
        ("74", "92de2449_74"),
        ("a_b", "b"),
    ],
)
async def test_an_answer_about_another_card_is_a_broken_contract(
    client: VtexGiftcard, provider: respx.Router, asked: str, answered: str
) -> None:
    answers(provider, card(id=answered))
    with pytest.raises(ProviderContractBroken):
        await client.gift_card(ProviderCardId(asked))


@pytest.mark.parametrize(
    ("card_id", "path"),
    [
        ("shopper@example.com_7", b"/vtex/api/giftcards/shopper%40example.com_7"),
        ("../orders", b"/vtex/api/giftcards/..%2Forders"),
        ("7?x=1#y", b"/vtex/api/giftcards/7%3Fx%3D1%23y"),
        ("%2e%2e", b"/vtex/api/giftcards/%252e%252e"),
    ],
)
async def test_an_id_is_one_segment_of_the_path_whatever_it_holds(
    client: VtexGiftcard, provider: respx.Router, card_id: str, path: bytes
) -> None:
    answers(provider, "", status=404)
    with pytest.raises(AccountNotFound):
        await client.gift_card(ProviderCardId(card_id))
    assert provider.calls.last.request.url.raw_path == path


@pytest.mark.parametrize("card_id", ["", ".", "..", "7\n", "\x007", "\ud800", "7" * 513])
async def test_an_id_that_no_path_can_hold_is_not_found_without_asking(
    client: VtexGiftcard, provider: respx.Router, card_id: str
) -> None:
    with pytest.raises(AccountNotFound, match="No such gift card"):
        await client.gift_card(ProviderCardId(card_id))
    assert not provider.calls


@pytest.mark.parametrize("body", ["", "Not Found", '{"code":"x","message":"no such card"}'])
async def test_an_unknown_card_is_not_found_whatever_the_body_says(
    client: VtexGiftcard, provider: respx.Router, body: str
) -> None:
    answers(provider, body, status=404)
    with pytest.raises(AccountNotFound, match=r"^No such gift card\.$"):
        await client.gift_card(ProviderCardId("954"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Service unavailable</html>",
        card()[:-9],
        b"[]",
        b"null",
        b'"954"',
        b'{"error":{"code":"1402","message":"no","exception":null}}',
        card(id=...),
        card(id=954),
        card(id=""),
        card(redemptionCode=...),
        card(balance=...),
        card(balance=None),
        card(balance=True),
        card(balance="forty"),
        card(balance="40"),
        card(multipleCredits="true"),
        card(restrictedToOwner=1),
        card(discount="no"),
        card().replace(b":40,", b":NaN,"),
        card().replace(b":40,", b":1e999999,"),
        card(expiringDate=...),
        card(expiringDate="soon"),
        card(emissionDate=None),
        card(currencyCode="R$"),
        card(currencyCode=""),
    ],
)
async def test_a_body_that_is_no_card_is_a_broken_contract(
    client: VtexGiftcard, provider: respx.Router, body: bytes
) -> None:
    answers(provider, body)
    with pytest.raises(ProviderContractBroken):
        await client.gift_card(ProviderCardId("954"))


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, ProviderContractBroken),
        (401, ProviderRefusedUs),
        (403, ProviderRefusedUs),
        (429, ProviderThrottled),
        (500, ProviderFailed),
        (503, ProviderFailed),
    ],
)
async def test_a_status_that_is_no_answer_is_the_fault_it_stands_for(
    client: VtexGiftcard, provider: respx.Router, status: int, fault: type[ProviderFault]
) -> None:
    answers(provider, "", status=status)
    with pytest.raises(fault):
        await client.gift_card(ProviderCardId("954"))


async def test_the_code_is_in_no_repr(client: VtexGiftcard, provider: respx.Router) -> None:
    answers(provider, card())
    assert CODE not in repr(await client.gift_card(ProviderCardId("954")))


@pytest.mark.parametrize(
    "body",
    [
        card(balance="forty"),
        card(id="955"),
        card(redemptionCode=[CODE]),
        card(balance=CODE),
        card()[:-1],
    ],
)
async def test_the_code_is_in_no_message_of_a_broken_answer(
    client: VtexGiftcard,
    provider: respx.Router,
    body: bytes,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers(provider, body)
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(ProviderContractBroken) as caught,
    ):
        await client.gift_card(ProviderCardId("954"))
    told = [str(caught.value), str(caught.value.__cause__), caplog.text, *capsys.readouterr()]
    assert not [text for text in told if CODE in text]


async def test_closing_the_client_closes_the_way_to_the_provider(
    client: VtexGiftcard, provider: respx.Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []

    async def aclose(transport: httpx.MockTransport) -> None:
        closed.append(transport)

    monkeypatch.setattr(httpx.MockTransport, "aclose", aclose)
    await client.aclose()
    assert len(closed) == 1


@pytest.mark.parametrize(
    ("card_id", "owner"),
    [
        ("shopper@example.com_7", "shopper@example.com"),
        ("first_last@example.com_7", "first_last@example.com"),
        ("92de2449-4a5b-4e0c-9d36-1f7d5e8a0b21_74", "92de2449-4a5b-4e0c-9d36-1f7d5e8a0b21"),
        ("954", None),
        ("_954", None),
        ("no_number", None),
        ("", None),
    ],
)
def test_a_long_id_tells_whose_card_it_is(card_id: str, owner: str | None) -> None:
    assert owner_in(ProviderCardId(card_id)) == owner
