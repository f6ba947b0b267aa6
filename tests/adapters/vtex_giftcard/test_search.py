"""From a customer, or a code, to card ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal

import pytest
import respx

from adapters.vtex_giftcard.client import VtexGiftcard
from app.domain.cart import Cart, CartItem
from app.domain.errors import (
    IdentityNotLinked,
    InvalidQuestion,
    ProviderContractBroken,
    ProviderRefusedUs,
)
from app.domain.identifiers import ProviderCustomerId
from app.domain.paging import Window
from app.domain.provider import GiftCardQuestion

SHOPPER = GiftCardQuestion(email="shopper@example.com")


def found(ids: Iterable[object], **paging: object) -> bytes:
    items = [{"id": f"{each}", "_self": {"href": f"cards/{each}"}} for each in ids]
    return json.dumps({"items": items, "paging": paging}).encode()


def answers(provider: respx.Router, body: bytes | str, status: int = 200) -> None:
    provider.route().respond(status, content=body)


async def test_a_balance_question_sends_every_required_member(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, found([]))
    await client.search_gift_cards(SHOPPER, Window(0, 50))
    (call,) = provider.calls
    assert (call.request.method, str(call.request.url)) == (
        "POST",
        "https://store.example/vtex/api/giftcards/_search",
    )
    assert call.request.headers["rest-range"] == "resources=0-49"
    assert call.request.headers["accept"] == "application/json"
    assert call.request.headers["content-type"] == "application/json"
    assert call.request.headers["x-vtex-api-appkey"] == "vtexappkey-store"
    assert call.request.headers["x-vtex-api-apptoken"] == "the-token"
    assert call.request.content == (
        b'{"cart":{"grandTotal":0,"relationName":null,"redemptionCode":"","discounts":0,'
        b'"shipping":0,"taxes":0,"items":[],"itemsTotal":0},'
        b'"client":{"id":"shopper@example.com","email":"shopper@example.com","document":""}}'
    )


async def test_a_cart_goes_with_whole_amounts_as_integers_and_fractions_as_they_are(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, found([]))
    shoes = CartItem(
        id="2000002",
        product_id="2000000",
        ref_id=None,
        name="Shoes",
        price=Decimal("200.00"),
        quantity=1,
    )
    cart = Cart(
        grand_total=Decimal("182.10"),
        items_total=Decimal("2E+2"),
        discounts=Decimal("20.00"),
        shipping=Decimal("2.10"),
        taxes=Decimal("0.0"),
        items=(shoes,),
    )
    question = GiftCardQuestion(
        redemption_code="WXYZ-BCDF-GHJK-LMNP", relation_name="spring", document="1", cart=cart
    )
    await client.search_gift_cards(question, Window(0, 50))
    assert provider.calls.last.request.content == (
        b'{"cart":{"grandTotal":182.10,"relationName":"spring",'
        b'"redemptionCode":"WXYZ-BCDF-GHJK-LMNP","discounts":20,"shipping":2.10,"taxes":0,'
        b'"items":[{"productId":"2000000","id":"2000002","refId":"","name":"Shoes",'
        b'"price":200,"quantity":1}],"itemsTotal":200},'
        b'"client":{"id":"","email":"","document":"1"}}'
    )


@pytest.mark.parametrize(
    ("question", "client_member"),
    [
        (
            GiftCardQuestion(
                provider_customer_id=ProviderCustomerId("92de2449"),
                email="shopper@example.com",
                document="11144477735",
            ),
            {"id": "92de2449", "email": "shopper@example.com", "document": "11144477735"},
        ),
        (
            GiftCardQuestion(document="11144477735"),
            {"id": "", "email": "", "document": "11144477735"},
        ),
        (GiftCardQuestion(redemption_code="WXYZ-BCDF"), {"id": "", "email": "", "document": ""}),
    ],
)
async def test_the_client_member_tells_all_that_is_known_of_the_person(
    client: VtexGiftcard,
    provider: respx.Router,
    question: GiftCardQuestion,
    client_member: dict[str, str],
) -> None:
    answers(provider, found([]))
    await client.search_gift_cards(question, Window())
    assert json.loads(provider.calls.last.request.content)["client"] == client_member


@pytest.mark.parametrize("question", [GiftCardQuestion(), GiftCardQuestion(relation_name="x")])
async def test_a_search_for_nobody_is_not_sent(
    client: VtexGiftcard, provider: respx.Router, question: GiftCardQuestion
) -> None:
    with pytest.raises(IdentityNotLinked):
        await client.search_gift_cards(question, Window())
    assert not provider.calls


async def test_a_masked_code_is_not_searched_for(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    with pytest.raises(InvalidQuestion, match=r"^A masked code finds no card\.$"):
        await client.search_gift_cards(GiftCardQuestion(redemption_code="****ASDQ"), Window())
    assert not provider.calls


@pytest.mark.parametrize(
    ("window", "header"),
    [
        (Window(0, 1), "resources=0-49"),
        (Window(50, 50), "resources=50-99"),
        (Window(20, 20), "resources=20-69"),
        (Window(100, 120), "resources=100-219"),
    ],
)
async def test_a_range_is_never_short(
    client: VtexGiftcard, provider: respx.Router, window: Window, header: str
) -> None:
    answers(provider, found([]))
    await client.search_gift_cards(SHOPPER, window)
    assert provider.calls.last.request.headers["rest-range"] == header


async def test_the_documented_sample_is_one_short_page(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("search.documented"))
    page = await client.search_gift_cards(SHOPPER, Window(0, 50))
    assert page.items == ("589", "590", "591", "592")
    assert (page.next_offset, page.faults) == (None, ())


async def test_a_bare_array_is_read_by_its_ids_alone(
    client: VtexGiftcard, provider: respx.Router, sample: Callable[[str], bytes]
) -> None:
    answers(provider, sample("search.reference-2020"))
    page = await client.search_gift_cards(SHOPPER, Window(0, 50))
    assert page.items == ("92de2449_74", "954")
    assert page.next_offset is None


@pytest.mark.parametrize(
    ("window", "answered", "shown", "next_offset"),
    [
        (Window(0, 20), 50, range(20), 20),
        (Window(0, 20), 21, range(20), 20),
        (Window(0, 20), 20, range(20), None),
        (Window(0, 20), 3, range(3), None),
        (Window(40, 20), 0, (), None),
        (Window(0, 50), 50, range(50), 50),
        (Window(50, 50), 14, range(14), None),
        (Window(0, 60), 60, range(60), 60),
    ],
)
async def test_pages_are_cut_here_and_end_with_a_short_one(
    client: VtexGiftcard,
    provider: respx.Router,
    window: Window,
    answered: int,
    shown: Iterable[int],
    next_offset: int | None,
) -> None:
    answers(provider, found(range(answered), page=0, perPage=100, total=4000, pages=40))
    page = await client.search_gift_cards(SHOPPER, window)
    assert page.items == tuple(str(each) for each in shown)
    assert (page.next_offset, page.total) == (next_offset, None)


async def test_a_page_full_by_the_providers_own_size_is_not_the_last(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, found(range(10), page=0, perPage=10, total=10, pages=1))
    assert (await client.search_gift_cards(SHOPPER, Window(0, 50))).next_offset == 10


@pytest.mark.parametrize(
    ("window", "shown", "next_offset"),
    [
        (Window(0, 50), range(50), 50),
        (Window(50, 50), range(50, 64), None),
        (Window(100, 50), (), None),
    ],
)
async def test_an_answer_longer_than_asked_for_is_the_whole_list(
    client: VtexGiftcard,
    provider: respx.Router,
    window: Window,
    shown: Iterable[int],
    next_offset: int | None,
) -> None:
    answers(provider, json.dumps([{"id": f"{each}", "balance": 1} for each in range(64)]))
    page = await client.search_gift_cards(SHOPPER, window)
    assert page.items == tuple(str(each) for each in shown)
    assert page.next_offset == next_offset


async def test_the_same_id_twice_counts_once_but_moves_the_position_twice(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, found([7, 8, 7, 9]))
    page = await client.search_gift_cards(SHOPPER, Window(10, 3))
    assert page.items == ("7", "8")
    assert page.next_offset == 13


async def test_one_unreadable_item_costs_one_fault(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, '{"items":[{"id":"7"},{"id":null},null,{"id":"8"}],"paging":{}}')
    page = await client.search_gift_cards(SHOPPER, Window())
    assert page.items == ("7", "8")
    assert [type(fault) for fault in page.faults] == [ProviderContractBroken] * 2


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>Oops</html>",
        '{"items":[{"id":"7"',
        '{"paging":{}}',
        '{"items":{}}',
        '{"items":[],"paging":{"perPage":"10"}}',
        '{"items":[],"paging":{"perPage":true}}',
        "null",
        "7",
    ],
)
async def test_a_body_that_is_no_result_is_a_broken_contract(
    client: VtexGiftcard, provider: respx.Router, body: str
) -> None:
    answers(provider, body)
    with pytest.raises(ProviderContractBroken):
        await client.search_gift_cards(SHOPPER, Window())


async def test_a_search_that_is_not_found_is_a_broken_contract_not_an_empty_result(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, "", status=404)
    with pytest.raises(ProviderContractBroken):
        await client.search_gift_cards(SHOPPER, Window())


async def test_the_code_searched_for_is_in_no_message(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    code = "WXYZ-BCDF-GHJK-LMNP"
    answers(provider, f'{{"items":"{code}"}}')
    with pytest.raises(ProviderContractBroken) as caught:
        await client.search_gift_cards(GiftCardQuestion(redemption_code=code), Window())
    assert code not in f"{caught.value}{caught.value.__cause__}"


async def test_the_probe_searches_for_nobodys_cards(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, found([]))
    await client.probe()
    assert (
        json.loads(provider.calls.last.request.content)["client"]["email"]
        == "nobody@creditgraph.example"
    )


async def test_the_probe_tells_that_the_keys_are_refused(
    client: VtexGiftcard, provider: respx.Router
) -> None:
    answers(provider, "Forbidden", status=403)
    with pytest.raises(ProviderRefusedUs):
        await client.probe()
