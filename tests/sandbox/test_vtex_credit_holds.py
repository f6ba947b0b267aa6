"""Pre-authorizations of the VTEX Customer Credit stand-in, until they are settled."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.vtex_credit_calls import Store, section_of

HOLDS = "/accounts/one/transactions"
CHANGE = {"value": 100, "settle": False, "installments": 1}


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with Store() as opened:
        yield opened


async def held(store: Store) -> Any:
    account = await store.account()
    assert account["availableCredit"] == 1000 - account["preAuthorizedCredit"]
    return account["preAuthorizedCredit"]


async def test_a_hold_lowers_the_available_credit_and_posts_nothing(store: Store) -> None:
    body = {"value": Decimal("150.50"), "settle": False, "installments": 3}
    hold = await store.call("POST", HOLDS, body | {"expirationDate": "2026-06-05"})

    assert hold | {"id": ""} == {
        "id": "",
        "value": Decimal("150.50"),
        "installments": 3,
        "expirationDate": "2026-06-05T00:00:00",
    }
    assert len(hold["id"]) == 32
    assert hold["id"] == hold["id"].lower()
    assert (await store.account())["availableCredit"] == Decimal("849.50")
    assert await store.ledger() == []


async def test_only_the_value_is_needed(store: Store) -> None:
    hold = await store.call("POST", HOLDS, {"value": 10})

    assert hold["installments"] == 1
    assert hold["expirationDate"] == "2026-06-02T12:00:00"
    await store.call("DELETE", f"{HOLDS}/{hold['id']}")


@pytest.mark.parametrize(
    ("members", "lifetime"),
    [
        ({"settle": False}, timedelta(days=1)),
        ({"settle": True}, timedelta(days=30)),
        ({"settle": False, "expirationDate": "2026-07-31T12:00:00Z"}, timedelta(days=60)),
        ({"expirationDate": "2026-06-01T10:00:00-03:00"}, timedelta(hours=1)),
    ],
)
async def test_a_hold_falls_off_in_its_time(
    store: Store, members: dict[str, Any], lifetime: timedelta
) -> None:
    hold_id = await store.hold(100, **members)
    store.clock.advance(lifetime - timedelta(seconds=1))
    shortly_before = await held(store)
    store.clock.advance(timedelta(seconds=1))

    assert (shortly_before, await held(store)) == (100, 0)
    assert await store.refusal("DELETE", f"{HOLDS}/{hold_id}") == 400
    assert await store.refusal("PUT", f"{HOLDS}/{hold_id}", CHANGE) == 400
    assert await store.refusal("PUT", f"{HOLDS}/{hold_id}/settlement", {"value": 100}) == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"value": "10"},
        {"value": 0},
        {"value": -10},
        {"value": 10, "settle": "true"},
        {"value": 10, "installments": 0},
        {"value": 10, "installments": Decimal("1.5")},
        {"value": 10, "installments": 361},
        {"value": 10, "installments": "2"},
        {"value": 10, "expirationDate": "tomorrow"},
        {"value": 10, "expirationDate": "2026-06-01"},
        {"value": 10, "expirationDate": "0001-01-01T00:00:00+23:00"},
        {"value": 10, "expirationDate": "2026-06-05", "settle": True},
        {"value": 1001},
    ],
)
async def test_a_hold_is_refused_for(store: Store, body: dict[str, Any]) -> None:
    assert await store.refusal("POST", HOLDS, body) == 400


@pytest.mark.parametrize(
    ("tolerance_enabled", "passes", "refused"),
    [(True, "1100", "1100.01"), (False, "1000", "1000.01")],
)
async def test_tolerance_counts_where_the_store_enables_it(
    *, tolerance_enabled: bool, passes: str, refused: str
) -> None:
    account = {"tolerance": Decimal("0.10")}
    section = section_of(account, terms={"toleranceEnabled": tolerance_enabled})
    async with Store(section) as store:
        assert await store.refusal("POST", HOLDS, {"value": Decimal(refused)}) == 400
        await store.hold(Decimal(passes))
        assert await store.refusal("POST", HOLDS, {"value": Decimal("0.01")}) == 400


async def test_a_hold_changes_whatever_the_case_of_its_id(store: Store) -> None:
    hold_id = await store.hold(100)
    body = {"value": 40, "settle": False, "installments": 2}
    changed = await store.call("PUT", f"{HOLDS}/{hold_id.upper()}", body)

    assert changed == {"id": hold_id, "value": 40, "installments": 2}
    assert await held(store) == 40


@pytest.mark.parametrize("missing", ["value", "settle", "installments"])
async def test_a_change_needs_all_members(store: Store, missing: str) -> None:
    hold_id = await store.hold(100)
    body = {name: value for name, value in CHANGE.items() if name != missing}

    assert await store.refusal("PUT", f"{HOLDS}/{hold_id}", body) == 400


async def test_a_hold_grows_by_the_rate_of_the_store_from_its_first_value() -> None:
    terms = {"maxPreAuthorizationGrowthRate": Decimal("0.1")}
    async with Store(section_of(terms=terms)) as store:
        path = f"{HOLDS}/{await store.hold(100)}"
        await store.call("PUT", path, CHANGE | {"value": 105})
        assert await store.refusal("PUT", path, CHANGE | {"value": Decimal("110.01")}) == 400
        await store.call("PUT", path, CHANGE | {"value": 110})

        assert await held(store) == 110


async def test_a_hold_grows_into_free_credit_only() -> None:
    terms = {"maxPreAuthorizationGrowthRate": 1}
    async with Store(section_of(terms=terms)) as store:
        path = f"{HOLDS}/{await store.hold(600)}"
        assert await store.refusal("PUT", path, CHANGE | {"value": 1001}) == 400
        await store.call("PUT", path, CHANGE | {"value": 1000})


async def test_a_hold_over_a_lowered_limit_may_still_shrink(store: Store) -> None:
    path = f"{HOLDS}/{await store.hold(600)}"
    await store.call("PUT", "/accounts/one/creditlimit", {"value": 0})
    await store.call("PUT", path, CHANGE | {"value": 500})

    assert (await store.account())["availableCredit"] == -500


async def test_the_time_of_a_hold_starts_anew_when_settle_changes(store: Store) -> None:
    path = f"{HOLDS}/{await store.hold(100)}"
    await store.call("PUT", path, CHANGE | {"settle": True})
    store.clock.advance(timedelta(days=29))
    after_weeks = await held(store)
    await store.call("PUT", path, CHANGE | {"settle": True})
    store.clock.advance(timedelta(days=1))

    assert (after_weeks, await held(store)) == (100, 0)


async def test_a_hold_is_cancelled_once_with_an_empty_answer(store: Store) -> None:
    hold_id = await store.hold(100)
    response = await store.send("DELETE", f"{HOLDS}/{hold_id}")

    assert (response.status_code, response.content) == (200, b"")
    assert await held(store) == 0
    assert await store.refusal("DELETE", f"{HOLDS}/{hold_id}") == 400
    assert await store.refusal("PUT", f"{HOLDS}/{hold_id}", CHANGE) == 400


async def test_a_hold_that_is_to_be_settled_cannot_be_deleted(store: Store) -> None:
    hold_id = await store.hold(100, settle=True)

    assert await store.refusal("DELETE", f"{HOLDS}/{hold_id}") == 400
    assert await held(store) == 100


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("PUT", "", CHANGE),
        ("DELETE", "", None),
        ("PUT", "/settlement", {"value": 1}),
        ("POST", "/refunds", {"value": 1}),
    ],
)
async def test_a_hold_of_somebody_else_is_not_found(verb: str, path: str, body: object) -> None:
    section = section_of()
    other = {"id": "two", "email": "two@example.com", "opened": "now", "credit_limit": 500}
    holds = [{"transaction": "aa", "value": 5, "expires": "now+1d"}]
    accounts = [*section["accounts"], other | {"holds": holds}]
    async with Store({**section, "accounts": accounts}) as store:
        assert await store.refusal(verb, f"{HOLDS}/aa{path}", body) == 404


async def test_a_switch_lets_callers_choose_the_id_of_a_hold() -> None:
    async with Store(section_of(defects={"holds_under_own_ids": True})) as store:
        created = await store.call("PUT", f"{HOLDS}/ABC-1", CHANGE)
        again = await store.call("PUT", f"{HOLDS}/ABC-1", CHANGE)

        assert created == again == {"id": "abc-1", "value": 100, "installments": 1}
        assert await held(store) == 100
        await store.call("DELETE", f"{HOLDS}/abc-1")
        assert await store.refusal("PUT", f"{HOLDS}/abc-1", CHANGE) == 400
        assert await store.refusal("PUT", f"{HOLDS}/abc-2", CHANGE | {"value": 1001}) == 400


async def test_a_seeded_hold_can_be_settled_or_deleted_as_the_seed_says() -> None:
    holds = [
        {"transaction": "AA", "value": 10, "expires": "now+1d"},
        {"transaction": "bb", "value": 20, "expires": "now+1d", "settle": True, "installments": 2},
    ]
    async with Store(section_of({"holds": holds})) as store:
        await store.call("DELETE", f"{HOLDS}/aa")
        assert await store.refusal("DELETE", f"{HOLDS}/bb") == 400
        await store.call("PUT", f"{HOLDS}/bb/settlement", {"value": 20})

        assert [invoice["value"] for invoice in await store.invoices()] == [10, 10]
