"""Notes on history rows of the Adobe Commerce stand-in."""

import pytest

from tests.sandbox.adobe_shop import GRANTED, MISFIT, ShopClient, refusal, wrong_type


async def a_payment(shop: ShopClient, **more: object) -> int:
    await shop.moved("increase", GRANTED, value=9, operationType=4, **more)
    return int((await shop.last_row(GRANTED))["id"])


async def test_a_note_replaces_the_words_and_keeps_what_the_shop_wrote() -> None:
    shop = ShopClient()
    options = {
        "purchase_order": "OLD",
        "custom_reference_number": "REF",
        "order_increment": "000000412",
    }
    row_id = await a_payment(shop, comment="old", options=options)
    before = await shop.last_row(GRANTED)
    answer = await shop.note(row_id, purchaseOrder="NEW", comment="new")
    assert (answer.status_code, answer.content) == (200, b"true")
    assert await shop.rows(GRANTED) == [
        before
        | {
            "purchase_order": "NEW",
            "comment": '{"custom":"new","system":{"order":"000000412"}}',
        }
    ]


async def test_a_note_may_be_repeated() -> None:
    shop = ShopClient()
    row_id = await a_payment(shop)
    for _ in range(2):
        await shop.note(row_id, purchaseOrder="PO", comment="wire")
    (row,) = await shop.rows(GRANTED)
    assert (row["purchase_order"], row["comment"]) == ("PO", '{"custom":"wire"}')


@pytest.mark.parametrize("note", [{"comment": "new"}, {"comment": "new", "purchaseOrder": None}])
async def test_a_note_without_a_purchase_order_erases_it(note: dict[str, object]) -> None:
    shop = ShopClient()
    row_id = await a_payment(shop, options={"purchase_order": "OLD"})
    assert refusal(await shop.note(row_id, **note)) == (200, True)
    assert "purchase_order" not in await shop.last_row(GRANTED)


async def test_a_note_without_a_comment_keeps_it_and_an_empty_one_erases_it() -> None:
    shop = ShopClient()
    row_id = await a_payment(shop, comment="old")
    await shop.note(row_id, purchaseOrder="PO")
    assert (await shop.last_row(GRANTED))["comment"] == '{"custom":"old"}'
    await shop.note(row_id, purchaseOrder="PO", comment="")
    assert (await shop.last_row(GRANTED))["comment"] == ""


async def test_only_payments_take_a_note() -> None:
    shop = ShopClient()
    for direction, operation_type in [
        ("increase", 1),
        ("increase", 2),
        ("decrease", 3),
        ("increase", 5),
        ("increase", 6),
    ]:
        await shop.moved(direction, GRANTED, value=1, operationType=operation_type)
        row = await shop.last_row(GRANTED)
        assert refusal(await shop.note(row["id"], comment="x")) == (400, MISFIT)
        assert await shop.last_row(GRANTED) == row


async def test_an_unknown_row_is_not_found() -> None:
    assert refusal(await ShopClient().note(999, comment="x")) == (
        404,
        {
            "message": "No such entity with %fieldName = %fieldValue",
            "parameters": {"fieldName": "id", "fieldValue": 999},
        },
    )


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ({"comment": 5}, wrong_type("5", "string")),
        ({"purchaseOrder": ["x"]}, wrong_type("Array", "string")),
        ({"purchaseOrder": "x" * 61}, {"message": "Could not save history"}),
    ],
)
async def test_a_wrong_note_is_refused_and_changes_nothing(
    note: dict[str, object], expected: dict[str, str]
) -> None:
    shop = ShopClient()
    row_id = await a_payment(shop, comment="old", options={"purchase_order": "OLD"})
    before = await shop.rows(GRANTED)
    assert refusal(await shop.note(row_id, **note)) == (400, expected)
    assert await shop.rows(GRANTED) == before


async def test_an_id_that_is_no_number_is_of_the_wrong_type() -> None:
    answer = await ShopClient().note("last", comment="x")
    assert refusal(answer) == (400, wrong_type("last", "int"))


async def test_members_of_another_spelling_are_ignored() -> None:
    shop = ShopClient()
    row_id = await a_payment(shop)
    assert refusal(await shop.note(row_id, purchase_order="PO", amount=5)) == (200, True)
    row = await shop.last_row(GRANTED)
    assert "purchase_order" not in row
    assert row["amount"] == 9
