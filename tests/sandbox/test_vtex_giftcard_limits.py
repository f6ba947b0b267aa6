"""What VTEX allows one store, when the stand-in is told to hold it to that."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.exact_json import dumps
from sandbox.seed import SeedError, built_in_section
from sandbox.vtex_giftcard import create_vtex_giftcard
from tests.sandbox.giftcard_shop import HOST, cart_search, open_shop

CARD = "/954"


async def statuses(requests: list[Any]) -> list[int]:
    return [response.status_code for response in await asyncio.gather(*requests)]


async def test_beyond_a_minutes_requests_the_answer_is_a_bare_429() -> None:
    async with open_shop({"limits": {"per_minute": 3}}) as shop:
        answers = [await shop.get(CARD) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert (answers[4].content, "Retry-After" in answers[4].headers) == (b"", False)

        shop.clock.advance(timedelta(seconds=60))
        assert (await shop.get(CARD)).status_code == 200


async def test_all_operations_count_together() -> None:
    async with open_shop({"limits": {"per_minute": 2}}) as shop:
        search = await shop.post("/_search", cart_search("shopper@example.com"))
        hub = await shop.client.get(f"{HOST}/api/giftcardproviders")
        assert (search.status_code, hub.status_code) == (200, 200)
        assert (await shop.get(CARD)).status_code == 429


async def test_too_many_requests_at_a_time_are_refused_and_the_others_served() -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        arrived.set()
        await go_on.wait()
        yield dumps(cart_search("shopper@example.com"))

    async with open_shop({"limits": {"concurrent": 1}}) as shop:
        slow = asyncio.ensure_future(
            shop.client.post(
                f"{HOST}/api/giftcards/_search",
                content=slow_body(),
                headers={"Content-Type": "application/json"},
            )
        )
        await arrived.wait()
        refused = await shop.get(CARD)
        go_on.set()
        served = await slow

        assert (refused.status_code, served.status_code) == (429, 200)
        assert (await shop.get(CARD)).status_code == 200


async def test_the_documented_limits_are_the_default() -> None:
    async with open_shop({"limits": {}}) as shop:
        for _ in range(10):
            assert set(await statuses([shop.get(CARD) for _ in range(500)])) == {200}
        assert (await shop.get(CARD)).status_code == 429


async def test_without_the_switch_nothing_is_limited() -> None:
    async with open_shop() as shop:
        assert set(await statuses([shop.get(CARD) for _ in range(600)])) == {200}


@pytest.mark.parametrize(
    ("limits", "place"),
    [
        ({"concurrent": 0}, "limits.concurrent: below 1"),
        ({"per_minute": -1}, "limits.per_minute: below 1"),
        ({"per_minute": "5"}, "limits.per_minute"),
        ({"per_hour": 5}, "limits.per_hour: no such member"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(limits: dict[str, object], place: str) -> None:
    with pytest.raises(SeedError, match=f"vtex_giftcard.{place}"):
        create_vtex_giftcard(built_in_section("vtex_giftcard") | {"limits": limits}, Clock())


async def test_the_provider_protocol_has_no_limits() -> None:
    async with open_shop({"limits": {"per_minute": 1}}) as shop:
        url = f"{HOST}/protocol/giftcards/954"
        keys = {
            "X-PROVIDER-API-AppKey": "provider-sandbox",
            "X-PROVIDER-API-AppToken": "sandbox-provider-token",
        }
        answers: list[httpx.Response] = [await shop.client.get(url, headers=keys) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
