"""Many callers at the same time: no money appears, none is lost."""

import asyncio
from collections import Counter

import httpx
import pytest

from tests.sandbox.medusa_shop import (
    ACCOUNTS,
    AS_USER,
    CARDS,
    CLAIM,
    SHOPPERS,
    Json,
    account,
    account_id,
    as_shopper,
    balance,
    client_of,
    get,
    ledger,
    post,
    refused,
    section,
    shopper_id,
    totals,
)

ONE = account_id(1)


def shop(opening: str = "100", **members: object) -> httpx.AsyncClient:
    return client_of(section(accounts=[account(1, opening, **members)]))


async def debited_at_once(
    client: httpx.AsyncClient, times: int, amount: int
) -> tuple[Counter[int], list[Json]]:
    """How many got which status, and the accounts in the answers that were not refused."""
    path = f"{ACCOUNTS}/{ONE}/debit"
    replies = await asyncio.gather(*(post(client, path, {"amount": amount}) for _ in range(times)))
    shown = [answer["store_credit_account"] for status, answer in replies if status == 200]
    return Counter(status for status, _ in replies), shown


@pytest.mark.parametrize(
    ("times", "amount", "passed", "left"),
    [(20, 10, 10, 0), (30, 30, 3, 10), (12, 60, 1, 40), (200, 1, 100, 0)],
)
async def test_debits_at_once_never_overdraw(
    times: int, amount: int, passed: int, left: int
) -> None:
    async with shop() as client:
        statuses, _ = await debited_at_once(client, times, amount)
        assert statuses == {200: passed, 400: times - passed}
        assert await totals(client, ONE) == (100, passed * amount, left)
        assert len(await ledger(client, ONE)) == 1 + passed


async def test_an_answer_may_already_show_what_others_did() -> None:
    async with shop() as client:
        _, shown = await debited_at_once(client, 20, 10)
    balances = [account["balance"] for account in shown]
    assert len(balances) == 10
    assert sorted(balances) != list(range(0, 100, 10))
    assert min(balances) == 0


async def test_200_credits_at_once_are_all_booked() -> None:
    async with shop("0") as client:
        credit = f"{ACCOUNTS}/{ONE}/credit"
        bodies = [{"amount": 1, "note": f"mark {number}"} for number in range(200)]
        replies = await asyncio.gather(*(post(client, credit, body) for body in bodies))
        lines = await ledger(client, ONE)
        assert await balance(client, ONE) == 200
    assert Counter(status for status, _ in replies) == {200: 200}
    assert len({line["id"] for line in lines}) == 200
    assert {line["note"] for line in lines} == {body["note"] for body in bodies}


async def test_of_ten_creates_at_once_one_wins() -> None:
    body = {"currency_code": "usd", "customer_id": shopper_id(1)}
    async with client_of(section()) as client:
        replies = await asyncio.gather(*(post(client, ACCOUNTS, body) for _ in range(10)))
        assert (await get(client, ACCOUNTS))["count"] == 1
    assert Counter(status for status, _ in replies) == {200: 1, 400: 9}


async def test_of_ten_cards_with_one_code_at_once_one_wins() -> None:
    body = {"currency_code": "usd", "value": 5, "code": "WELCOME"}
    async with client_of(section()) as client:
        replies = await asyncio.gather(*(post(client, CARDS, body) for _ in range(10)))
        assert (await get(client, ACCOUNTS))["count"] == 1
    assert Counter(status for status, _ in replies) == {200: 1, 400: 9}


async def claimed_at_once(client: httpx.AsyncClient) -> list[tuple[int, object]]:
    return await asyncio.gather(
        *(
            post(client, CLAIM, {"code": "SC-0001"}, as_shopper(number))
            for number in range(1, SHOPPERS + 1)
        )
    )


async def paid_out(client: httpx.AsyncClient) -> list[object]:
    rows = (await get(client, f"{ACCOUNTS}?customer_id[$ne]=x"))["store_credit_accounts"]
    return [row["balance"] for row in rows]


async def test_of_six_claims_of_one_code_at_once_one_passes() -> None:
    async with shop("10") as client:
        replies = await claimed_at_once(client)
        assert Counter(status for status, _ in replies) == {200: 1, 400: 5}
        assert [reply for reply in replies if reply[0] == 400] == [
            refused("Insufficient balance")
        ] * 5
        assert (await balance(client, ONE), await paid_out(client)) == (0, [10])


async def test_a_debit_that_comes_between_makes_a_claim_fail() -> None:
    async with shop("10") as client:
        claim, debit = await asyncio.gather(
            post(client, CLAIM, {"code": "SC-0001"}, as_shopper(1)),
            post(client, f"{ACCOUNTS}/{ONE}/debit", {"amount": 4}),
        )
        assert (claim, debit[0]) == (refused("Insufficient balance"), 200)
        assert (await balance(client, ONE), await paid_out(client)) == (6, [])


async def test_claims_of_two_codes_by_one_shopper_at_once_open_one_account() -> None:
    accounts = [account(1, "10"), account(2, "5")]
    async with client_of(section(accounts=accounts)) as client:
        replies = await asyncio.gather(
            *(post(client, CLAIM, {"code": code}, as_shopper(1)) for code in ("SC-0001", "SC-0002"))
        )
        assert [status for status, _ in replies] == [200, 200]
        assert await paid_out(client) == [15]


async def test_without_locks_one_code_pays_out_several_times() -> None:
    content = section(accounts=[account(1, "10")], defects={"release": "2.18.0"})
    async with client_of(content) as client:
        replies = await claimed_at_once(client)
        payouts = await paid_out(client)
        assert sum(status == 200 for status, _ in replies) == len(payouts) > 1
        assert payouts == [10] * len(payouts)
        assert await balance(client, ONE) == 10 - 10 * len(payouts)


async def test_a_caller_that_goes_away_leaves_whole_books() -> None:
    """Whenever a request is cut off, its entry stands or it does not, and the sums agree."""
    async with shop("0") as client:
        path = f"{ACCOUNTS}/{ONE}/credit"
        tasks = [asyncio.create_task(post(client, path, {"amount": 1}, AS_USER)) for _ in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        replies = await asyncio.gather(*tasks, return_exceptions=True)
        passed = sum(not isinstance(reply, BaseException) for reply in replies)
        booked = len(await ledger(client, ONE))
        assert passed == 10
        assert booked >= passed
        assert await totals(client, ONE) == (booked, 0, booked)
