"""The terms of a store at the VTEX Customer Credit stand-in, and what a seed may say of writes."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.seed import SeedError
from sandbox.vtex_credit import create_vtex_credit
from tests.sandbox.vtex_credit_calls import Store, section_of

PATH = "/storeconfig"
REMINDER = {"days": 5, "timeOfDay": "12:00:00"}


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with Store() as opened:
        yield opened


async def test_a_change_is_merged_and_answered_whole(store: Store) -> None:
    before = await store.call("GET", PATH)
    change = {"taxRate": Decimal("0.4"), "myCreditsEnabled": True, "maxPostponementDays": 3}
    answer = await store.call("PUT", PATH, change | {"toleranceEnabled": None, "unheardOf": 1})

    assert answer == await store.call("GET", PATH) == before | change


async def test_a_change_takes_effect_at_once(store: Store) -> None:
    await store.call("PUT", "/accounts/one/tolerance", {"value": 1})
    assert await store.refusal("POST", "/accounts/one/transactions", {"value": 2000}) == 400
    await store.call("PUT", PATH, {"toleranceEnabled": True})

    await store.hold(2000)


async def test_notifications_are_replaced_side_by_side(store: Store) -> None:
    prior, after = {"daysPrior": [REMINDER]}, {"daysAfter": [REMINDER] * 3}
    await store.call("PUT", PATH, {"notificationsSettings": prior})
    answer = await store.call("PUT", PATH, {"notificationsSettings": after})

    assert answer["notificationsSettings"] == prior | after


@pytest.mark.parametrize(
    "change",
    [
        {"taxRate": "0.4"},
        {"dailyInterestRate": -1},
        {"defaultCreditValue": True},
        {"invoicePostponementLimit": Decimal("1.5")},
        {"maxPostponementDays": 1001},
        {"postponementEnabled": 1},
        {"notificationsSettings": []},
        {"notificationsSettings": {"daysPrior": REMINDER}},
        {"notificationsSettings": {"daysPrior": [REMINDER] * 4}},
        {"notificationsSettings": {"daysAfter": [REMINDER | {"days": 11}]}},
        {"notificationsSettings": {"daysAfter": [REMINDER | {"timeOfDay": "24:00:00"}]}},
        [],
    ],
)
async def test_a_change_is_refused_whole_for(store: Store, change: Any) -> None:
    before = await store.call("GET", PATH)
    body = {"taxRate": 1} | change if isinstance(change, dict) else change

    assert await store.refusal("PUT", PATH, body) == 400
    assert await store.call("GET", PATH) == before


HOLD = {"transaction": "aa", "value": 5, "expires": "now+1d"}


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (section_of({"holds": [HOLD, HOLD]}), 'accounts[0].holds[1].transaction: "aa" is taken'),
        (
            section_of({"holds": [HOLD | {"installments": 0}]}),
            "accounts[0].holds[0].installments: a purchase has at least one",
        ),
        (
            section_of(defects={"closing_fails": ["two"]}),
            'defects.closing_fails: there is no account "two"',
        ),
    ],
)
def test_a_seed_is_refused_with_the_place(section: Any, message: str) -> None:
    with pytest.raises(SeedError) as refused:
        create_vtex_credit(section, Clock())

    assert str(refused.value) == f"vtex_credit.{message}"
