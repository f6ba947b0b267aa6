"""Published defects of writing, each behind its switch."""

import asyncio
from decimal import Decimal

import pytest

from tests.sandbox.giftcard_shop import Shop, answered, cart_search, open_shop, path_of, refused


async def test_a_transaction_may_fail_after_it_is_booked() -> None:
    async with open_shop(transactions_fail_after_booking=True) as shop:
        card = await shop.issue()
        first = await shop.transact(card, "Credit", 50, "1")
        assert first.status_code == 500
        assert await shop.balance(card) == 50

        (listed,) = await shop.read(f"{path_of(card)}/transactions")
        again = answered(await shop.transact(card, "Credit", 50, "1"))
        assert again["id"] == listed["id"]
        assert await shop.balance(card) == 50


async def test_a_refusal_stays_one_when_transactions_fail_after_booking() -> None:
    async with open_shop(transactions_fail_after_booking=True) as shop:
        card = await shop.issue()

        assert refused(await shop.transact(card, "Debit", 1, "1")) == (400, 2006)


async def test_a_debit_may_be_booked_without_its_record() -> None:
    async with open_shop(debits_without_record=True) as shop:
        card = await shop.issue()
        await shop.credit(card, 100)
        assert (await shop.transact(card, "Debit", 30, "2")).status_code == 500
        assert await shop.balance(card) == 70

        assert len(await shop.read(f"{path_of(card)}/transactions")) == 1
        reference = answered(await shop.transact(card, "Debit", 30, "2"))
        path = f"{path_of(card)}/transactions/{reference['id']}"
        assert (await shop.get(path)).status_code == 404
        assert (await shop.move(path, "cancellations", 30)).status_code == 404
        assert await shop.balance(card) == 70


async def test_a_second_partial_cancellation_may_refund_the_whole() -> None:
    async with open_shop(second_cancellation_in_full=True) as shop:
        card = await shop.issue()
        await shop.credit(card, 500)
        debit = await shop.debit(card, 120)
        answered(await shop.move(debit, "cancellations", 20))
        assert await shop.balance(card) == 400
        answered(await shop.move(debit, "cancellations", 30))

        assert await shop.balance(card) == 520
        assert [c["value"] for c in await shop.read(f"{debit}/cancellations")] == [20, 120]
        assert refused(await shop.move(debit, "cancellations", 1)) == (400, 2009)


async def test_racing_debits_overdraw_a_card() -> None:
    async with open_shop(racing_debits=True) as shop:
        card = await shop.issue()
        await shop.credit(card, 100)
        both = await asyncio.gather(
            *(shop.transact(card, "Debit", 80, request_id) for request_id in ("2", "3"))
        )

        assert [response.status_code for response in both] == [200, 200]
        assert await shop.balance(card) == -60
        assert refused(await shop.transact(card, "Debit", 1, "4")) == (400, 2006)


async def test_a_request_id_books_once_even_in_a_race() -> None:
    async with open_shop(racing_debits=True) as shop:
        card = await shop.issue()
        await shop.credit(card, 100)
        both = await asyncio.gather(*(shop.transact(card, "Debit", 80, "2") for _ in range(2)))

        assert both[0].content == both[1].content
        assert await shop.balance(card) == 20


async def test_the_newest_transaction_may_be_missing_from_the_list() -> None:
    async with open_shop(incomplete_transactions=True) as shop:
        card = await shop.issue()
        credit = await shop.credit(card, 100)
        debit = await shop.debit(card, 30)

        (listed,) = await shop.read(f"{path_of(card)}/transactions")
        assert listed["id"] == credit.rpartition("/")[2]
        assert (await shop.read(debit))["value"] == 30


async def test_small_ranges_return_nothing_every_second_time() -> None:
    async def sizes(shop: Shop, written: str) -> list[int]:
        body = cart_search("shopper@example.com")
        responses = [await shop.post("/_search", body, **{"REST-Range": written}) for _ in range(4)]
        return [len(answered(response)["items"]) for response in responses]

    async with open_shop(small_ranges_return_nothing=True) as shop:
        assert await sizes(shop, "resources=0-8") == [0, 3, 0, 3]
        assert await sizes(shop, "resources=0-9") == [3, 3, 3, 3]


async def test_links_may_name_another_transaction_and_ids_change_places() -> None:
    async with open_shop(wrong_numbers_in_links=True) as shop:
        card = await shop.issue()
        made = answered(await shop.transact(card, "Credit", 1, "1"))
        assert made["_self"]["href"].rpartition("/")[2] != made["id"]
        assert (await shop.get(f"{path_of(card)}/transactions/{made['id']}")).status_code == 200

    async with open_shop(swapped_reference_ids=True) as shop:
        card = await shop.issue()
        made = answered(await shop.transact(card, "Credit", 1, "1"))
        assert made["_self"]["href"].rpartition("/")[2] == made["cardId"]
        path = f"{path_of(card)}/transactions/{made['cardId']}"
        assert (await shop.get(path)).status_code == 200


@pytest.mark.parametrize("operation", ["Credit", "Debit"])
async def test_an_operation_may_be_read_in_lower_case(operation: str) -> None:
    async with open_shop(lower_case_operations=True) as shop:
        card = await shop.issue()
        await shop.credit(card, 2)
        made = answered(await shop.transact(card, operation, 1, "2"))
        read = await shop.read(f"{path_of(card)}/transactions/{made['id']}")

        assert read["operation"] == operation.lower()


async def test_a_card_whose_code_is_masked_takes_the_masked_code() -> None:
    async with open_shop(masked_codes=True) as shop:
        card = await shop.issue()
        assert card["redemptionCode"].startswith("***********")
        await shop.credit(card, Decimal("7.50"))

        assert await shop.balance(card) == Decimal("7.50")
