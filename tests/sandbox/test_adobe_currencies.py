"""Moves in another currency than the record's, in the Adobe Commerce stand-in."""

from decimal import Decimal

from tests.sandbox.adobe_shop import EUROPEAN, GRANTED, NEVER_GRANTED, ShopClient


async def test_a_foreign_value_is_converted_and_the_row_keeps_it_unconverted() -> None:
    shop = ShopClient()
    await shop.moved("decrease", EUROPEAN, value=100, currency="USD", operationType=3)
    assert (await shop.credit(EUROPEAN))["balance"] == -480
    row = await shop.last_row(EUROPEAN)
    assert (row["amount"], row["balance"], row["rate"]) == (-100, -480, Decimal("1.25"))
    assert (row["currency_credit"], row["currency_operation"]) == ("EUR", "USD")
    assert row["rate_credit"] == 0


async def test_the_rate_of_a_row_has_twelve_decimals() -> None:
    shop = ShopClient()
    await shop.moved("decrease", GRANTED, value=1, currency="EUR", operationType=3)
    row = await shop.last_row(GRANTED)
    assert (row["rate"], row["balance"]) == (Decimal("0.833333333333"), Decimal("-1.2"))


async def test_a_converted_value_is_kept_with_four_decimals() -> None:
    shop = ShopClient()
    await shop.moved("increase", EUROPEAN, value=Decimal("0.0007"), operationType=4)
    assert (await shop.credit(EUROPEAN))["balance"] == Decimal("-399.9994")


async def test_without_a_rate_the_value_is_added_unconverted() -> None:
    shop = ShopClient()
    await shop.moved("decrease", GRANTED, value=10_000, currency="JPY", operationType=3)
    assert (await shop.credit(GRANTED))["balance"] == -10_000
    row = await shop.last_row(GRANTED)
    assert (row["amount"], row["currency_operation"], row["rate"]) == (-10_000, "JPY", 1)


async def test_a_foreign_first_allocation_takes_the_rate_of_the_other_direction() -> None:
    shop = ShopClient()
    await shop.moved("increase", NEVER_GRANTED, value=120, currency="EUR", operationType=1)
    credit = await shop.credit(NEVER_GRANTED)
    assert (credit["credit_limit"], credit["balance"]) == (100, 0)


async def test_an_order_seen_in_another_currency_relabels_the_row_only() -> None:
    shop = ShopClient()
    await shop.moved(
        "decrease",
        GRANTED,
        value=50,
        operationType=3,
        options={"currency_base": "USD", "currency_display": "EUR"},
    )
    assert (await shop.credit(GRANTED))["balance"] == -50
    row = await shop.last_row(GRANTED)
    assert (row["amount"], row["currency_operation"]) == (-40, "EUR")
    assert (row["rate"], row["rate_credit"]) == (Decimal("0.8"), 1)


async def test_the_same_display_currency_changes_nothing() -> None:
    shop = ShopClient()
    options = {"currency_base": "USD", "currency_display": "USD"}
    await shop.moved("decrease", GRANTED, value=50, operationType=3, options=options)
    row = await shop.last_row(GRANTED)
    assert (row["amount"], row["rate"], row["rate_credit"]) == (-50, 1, 0)


async def test_a_display_currency_that_is_no_code_cannot_be_kept() -> None:
    shop = ShopClient()
    options = {"currency_base": "USD", "currency_display": "DOLLARS"}
    answer = await shop.move("decrease", GRANTED, value=50, operationType=3, options=options)
    assert answer.status_code == 400
    assert (await shop.credit(GRANTED))["balance"] == 0
