"""What is on a card is what was put on it less what was taken, whoever does what at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.stack import over_sandbox as adapters_over_sandbox
from tests.graphql.graph import JSON, Graph, over_doubles
from tests.graphql.writes.asking import a_card, asked, balance_of, brl, done

FULL: Final = Decimal("100.00")
ONE_DEBIT: Final = Decimal("3.30")

Move = tuple[str, Decimal]

amounts = st.decimals(Decimal("0.01"), Decimal("60.00"), places=2)
moves = st.tuples(st.sampled_from(("creditGiftCard", "debitGiftCard", "createHold")), amounts)


async def move(graph: Graph, card: str, name: str, amount: Decimal, key: str) -> JSON:
    terms: JSON = {"amount": brl(str(amount)), "idempotencyKey": key}
    if name == "createHold":
        return await asked(graph, name, instrumentId=card, orderId=key, **terms)
    return await asked(graph, name, id=card, description=key, **terms)


def effect(name: str, amount: Decimal, payload: JSON) -> Decimal:
    """On the balance, of what went through."""
    if payload["userErrors"]:
        assert [one["__typename"] for one in payload["userErrors"]] == ["InsufficientCreditError"]
        return Decimal(0)
    return amount if name == "creditGiftCard" else -amount


async def test_two_hundred_debits_at_once_take_what_there_is_and_not_a_cent_more() -> None:
    async with over_doubles(adapters_over_sandbox().vtex_giftcard()) as graph:
        card = await a_card(graph, str(FULL))

        payloads = await asyncio.gather(
            *(move(graph, card, "debitGiftCard", ONE_DEBIT, f"debit {n}") for n in range(200))
        )

        taken = sum(-effect("debitGiftCard", ONE_DEBIT, one) for one in payloads)
        assert taken == FULL // ONE_DEBIT * ONE_DEBIT
        assert await balance_of(graph, card) == FULL - taken


@settings(max_examples=6, deadline=None)
@given(st.lists(moves, min_size=1, max_size=5))
def test_any_moves_at_once_leave_exactly_what_they_say(plan: Sequence[Move]) -> None:
    async def played() -> None:
        async with over_doubles(adapters_over_sandbox().vtex_giftcard()) as graph:
            card = await a_card(graph, str(FULL))
            payloads = await asyncio.gather(
                *(
                    move(graph, card, name, amount, f"move {n}")
                    for n, (name, amount) in enumerate(plan)
                )
            )
            moved = sum(
                effect(name, amount, payload)
                for (name, amount), payload in zip(plan, payloads, strict=True)
            )
            left = await balance_of(graph, card)
            assert left == FULL + moved >= 0

    asyncio.run(played())


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("refundHold", "releaseHold")), amounts), max_size=4))
def test_however_often_parts_are_given_back_it_is_never_more_than_was_taken(
    plan: Sequence[Move],
) -> None:
    async def played() -> None:
        async with over_doubles(adapters_over_sandbox().vtex_giftcard()) as graph:
            card = await a_card(graph, str(FULL))
            made = await move(graph, card, "createHold", Decimal(80), "hold")
            hold = made["hold"]["id"]
            await done(graph, "captureHold", id=hold, amount=brl("50"), idempotencyKey="capture")
            back = dict.fromkeys(("refundHold", "releaseHold"), Decimal(0))
            for n, (name, amount) in enumerate(plan):
                payload = await asked(
                    graph, name, id=hold, amount=brl(str(amount)), idempotencyKey=f"back {n}"
                )
                back[name] += Decimal(0) if payload["userErrors"] else amount

            assert back["refundHold"] <= 50
            assert back["releaseHold"] <= 30
            assert await balance_of(graph, card) == FULL - 80 + sum(back.values())

    asyncio.run(played())
