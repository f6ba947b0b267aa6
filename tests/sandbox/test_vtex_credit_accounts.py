"""Opening, updating and closing accounts of the VTEX Customer Credit stand-in; their holders."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.vtex_credit_calls import Store, section_of

NEW = {
    "document": "55555555555",
    "documentType": "CPF",
    "email": "new@example.com",
    "creditLimit": "1100.50",
    "tolerance": "0.20",
    "description": "",
}


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with Store() as opened:
        yield opened


async def test_an_opened_account_is_there_at_once(store: Store) -> None:
    opened = await store.call("POST", "/accounts", NEW)

    assert opened == await store.account("55555555555_CPF")
    assert opened == {
        "id": "55555555555_CPF",
        "balance": 0,
        "document": "55555555555",
        "documentType": "CPF",
        "status": "Open",
        "creditLimit": Decimal("1100.50"),
        "updatedAt": "2026-06-01T12:00:00Z",
        "createdAt": "2026-06-01T12:00:00Z",
        "description": "",
        "availableCredit": Decimal("1100.50"),
        "preAuthorizedCredit": 0,
        "email": "new@example.com",
        "tolerance": Decimal("0.20"),
        "availableBalance": Decimal("1100.50"),
    }
    found = await store.call("GET", "/accounts?email=new@example.com")
    assert found["data"] == [opened]
    assert await store.ledger("55555555555_CPF") == []


async def test_an_account_opens_with_numbers_too(store: Store) -> None:
    opened = await store.call("POST", "/accounts", NEW | {"creditLimit": 7, "tolerance": 1})

    assert (opened["creditLimit"], opened["tolerance"]) == (7, 1)


@pytest.mark.parametrize("other", [{"document": "1"}, {"email": "other@example.com"}, {}])
async def test_a_second_opening_for_the_same_customer_is_refused_with_1099(
    store: Store, other: dict[str, str]
) -> None:
    await store.call("POST", "/accounts", NEW)
    response = await store.send("POST", "/accounts", NEW | other)

    assert response.status_code == 400
    assert response.json() == {"code": 1099, "message": "The Credit Account is already open."}


@pytest.mark.parametrize(
    "wrong",
    [
        {"document": None},
        {"document": ""},
        {"document": 5},
        {"documentType": "RG"},
        {"email": " "},
        {"email": ["a@example.com"]},
        {"creditLimit": None},
        {"creditLimit": "-1"},
        {"creditLimit": -1},
        {"creditLimit": "1,100.00"},
        {"creditLimit": "1e3"},
        {"creditLimit": "NaN"},
        {"creditLimit": "٣"},
        {"creditLimit": True},
        {"creditLimit": 10**12},
        {"creditLimit": 10**4000},
        {"creditLimit": Decimal("1e308")},
        {"creditLimit": Decimal("0.0000001")},
        {"tolerance": "100"},
        {"tolerance": "-0.1"},
        {"description": 5},
    ],
)
async def test_an_account_does_not_open_with(store: Store, wrong: dict[str, Any]) -> None:
    assert await store.refusal("POST", "/accounts", NEW | wrong) == 400


async def test_a_text_that_no_answer_could_carry_is_refused(store: Store) -> None:
    raw = b'{"document": "\\ud800", "documentType": "CPF", "email": "a@example.com"}'
    response = await store.send(
        "POST", "/accounts", raw=raw, **{"Content-Type": "application/json"}
    )

    assert response.status_code == 400
    assert response.json()["message"] == "'document' must be a text."


async def test_an_update_erases_the_identity_members_it_leaves_out(store: Store) -> None:
    await store.call("POST", "/accounts", NEW)
    path = "/accounts/55555555555_CPF"
    body = {"email": "moved@example.com", "document": "6", "documentType": "Other"}
    moved = await store.call("PUT", path, body)
    erased = await store.call("PUT", path, {"email": "moved@example.com", "documentType": None})

    assert (moved["id"], moved["document"], moved["documentType"]) == (
        "55555555555_CPF",
        "6",
        "Other",
    )
    assert moved["email"] == "moved@example.com"
    assert not {"document", "documentType"} & erased.keys()
    assert (await store.call("PUT", path, {}))["email"] == ""
    assert erased["creditLimit"] == Decimal("1100.50")
    assert erased["tolerance"] == Decimal("0.20")


async def test_an_update_posts_what_its_limit_and_tolerance_change(store: Store) -> None:
    store.clock.advance(timedelta(hours=1))
    body = {"email": "one@example.com", "creditLimit": 2000, "tolerance": Decimal("0.5")}
    updated = await store.call("PUT", "/accounts/one", body)

    assert (updated["creditLimit"], updated["tolerance"]) == (2000, Decimal("0.5"))
    assert updated["updatedAt"] == "2026-06-01T13:00:00Z"
    assert await store.ledger() == [("Credit", 1000), ("Credit", 1000)]


@pytest.mark.parametrize("wrong", [{"creditLimit": "5"}, {"tolerance": "0"}, {"email": 5}])
async def test_an_update_with_a_wrong_type_changes_nothing(
    store: Store, wrong: dict[str, Any]
) -> None:
    body = {"email": "moved@example.com", "creditLimit": 5} | wrong

    assert await store.refusal("PUT", "/accounts/one", body) == 400


async def test_closing_deletes_invoices_statements_and_holders() -> None:
    async with Store(section_of({"adjustments": [{"value": -5, "made": "now-1d"}]})) as store:
        await store.purchase(100)
        holder = await store.call(
            "POST", "/accounts/one/holders", {"claims": {"email": "two@example.com"}}
        )
        closed = await store.call("DELETE", "/accounts/one", {})

        assert (closed["status"], closed["availableCredit"], closed["balance"]) == (
            "Closed",
            1000,
            0,
        )
        assert closed == await store.account()
        assert await store.invoices() == []
        assert await store.ledger() == []
        assert (await store.call("GET", "/invoices"))["data"] == []
        assert (await store.call("GET", "/accounts"))["data"] == []
        assert await store.refusal("DELETE", f"/accounts/one/holders/{holder['id']}") == 400


@pytest.mark.parametrize(
    ("raw", "headers", "status"),
    [
        (None, {}, 200),
        (b"", {}, 200),
        (b'{"email": "one@example.com"}', {"Content-Type": "application/json"}, 200),
        (b"{}", {}, 415),
        (b"[]", {"Content-Type": "application/json"}, 400),
        (b'{"email": 5}', {"Content-Type": "application/json"}, 400),
    ],
)
async def test_closing_takes_a_body_or_none(
    store: Store, raw: bytes | None, headers: dict[str, str], status: int
) -> None:
    response = await store.send("DELETE", "/accounts/one", raw=raw, **headers)

    assert response.status_code == status
    assert (await store.account())["status"] == ("Closed" if status == 200 else "Open")


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("PUT", "", {"email": "one@example.com"}),
        ("DELETE", "", None),
        ("PUT", "/creditlimit", {"value": 1}),
        ("PUT", "/tolerance", {"value": 1}),
        ("PUT", "/statements/s1", {"value": "-1"}),
        ("POST", "/transactions", {"value": 1}),
        ("PUT", "/transactions/aa/settlement", {"value": 1}),
        ("POST", "/holders", {"claims": {"email": "two@example.com"}}),
    ],
)
async def test_a_closed_account_takes_nothing_more(
    store: Store, verb: str, path: str, body: object
) -> None:
    await store.call("DELETE", "/accounts/one")

    assert await store.refusal(verb, f"/accounts/one{path}", body) == 400
    assert (await store.account())["status"] == "Closed"


async def test_after_closing_the_customer_can_have_a_new_account(store: Store) -> None:
    first = await store.call("POST", "/accounts", NEW)
    await store.call("DELETE", f"/accounts/{first['id']}")
    store.clock.advance(timedelta(days=1))
    again = await store.call("POST", "/accounts", NEW | {"creditLimit": "5"})
    other = await store.call(
        "POST", "/accounts", NEW | {"document": "7", "email": "seven@example.com"}
    )

    assert again["id"] == first["id"]
    assert (again["status"], again["creditLimit"]) == ("Open", 5)
    assert again["createdAt"] == "2026-06-02T12:00:00Z"
    listed = (await store.call("GET", "/accounts"))["data"]
    assert [account["id"] for account in listed] == ["one", again["id"], other["id"]]


async def test_another_document_of_the_same_customer_opens_beside_the_closed_account(
    store: Store,
) -> None:
    await store.call("DELETE", "/accounts/one")
    opened = await store.call("POST", "/accounts", NEW | {"email": "one@example.com"})

    found = await store.call("GET", "/accounts?email=one@example.com")
    assert [account["id"] for account in found["data"]] == [opened["id"]]
    assert (await store.account())["status"] == "Closed"


async def test_a_live_hold_outlives_its_account_until_it_falls_off(store: Store) -> None:
    await store.hold(10)
    closed = await store.call("DELETE", "/accounts/one")
    store.clock.advance(timedelta(days=1))

    assert closed["preAuthorizedCredit"] == 10
    assert (await store.account())["preAuthorizedCredit"] == 0


async def test_holders_are_added_as_often_as_asked_and_removed_once(store: Store) -> None:
    body = {"claims": {"email": "two@example.com"}}
    one = await store.call("POST", "/accounts/one/holders", body)
    two = await store.call("POST", "/accounts/one/holders", body)
    removed = await store.call("DELETE", f"/accounts/one/holders/{one['id']}")

    assert one | {"id": ""} == {
        "id": "",
        "level": 2,
        "claims": {"email": "two@example.com"},
        "createdAt": "2026-06-01T12:00:00Z",
    }
    assert len(one["id"]) == 32
    assert one["id"] != two["id"]
    assert removed == {"id": one["id"]}
    assert await store.refusal("DELETE", f"/accounts/one/holders/{one['id']}") == 404
    assert (await store.send("GET", "/accounts/one/holders")).status_code == 405


@pytest.mark.parametrize("body", [{}, {"claims": 5}, {"claims": {}}, {"claims": {"email": ""}}])
async def test_a_holder_needs_an_email(store: Store, body: object) -> None:
    assert await store.refusal("POST", "/accounts/one/holders", body) == 400


async def test_defect_the_first_opening_for_a_new_customer_may_be_refused() -> None:
    async with Store(section_of(defects={"first_opening_is_refused": True})) as store:
        first = await store.send("POST", "/accounts", NEW)
        second = await store.send("POST", "/accounts", NEW)
        await store.call("DELETE", "/accounts/one")
        known = await store.send(
            "POST", "/accounts", NEW | {"document": "1", "email": "one@example.com"}
        )

    assert (first.status_code, first.json()["code"]) == (400, 1099)
    assert second.status_code == known.status_code == 200


async def test_defect_closing_may_fail() -> None:
    async with Store(section_of(defects={"closing_fails": ["one"]})) as store:
        response = await store.send("DELETE", "/accounts/one")
        account = await store.account()
        await store.call("PUT", "/accounts/one/creditlimit", {"value": 0})

        assert (response.status_code, response.json()) == (
            500,
            {"message": "An error has occurred."},
        )
        assert account["status"] == "Open"
        assert (await store.account())["availableCredit"] == 0
