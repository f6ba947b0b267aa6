"""Who may write at the VTEX Customer Credit stand-in, and what every body must be."""

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.vtex_credit_calls import Store, section_of

HOLD = "/accounts/one/transactions/aa"
INVOICE = "/accounts/one/invoices/bb-01"

RIGHTS = {
    ("POST", "/accounts"): "Create Checking Accounts",
    ("PUT", "/accounts/one"): "Create Checking Accounts",
    ("DELETE", "/accounts/one"): "Create Checking Accounts",
    ("PUT", "/accounts/one/tolerance"): "Create Checking Accounts",
    ("POST", "/accounts/one/holders"): "Create Checking Accounts",
    ("DELETE", "/accounts/one/holders/h1"): "Create Checking Accounts",
    ("PUT", "/accounts/one/creditlimit"): "Edit credits",
    ("PUT", "/accounts/one/statements/s1"): "Edit credits",
    ("POST", "/accounts/one/transactions"): "Create Statements",
    ("PUT", HOLD): "Create Statements",
    ("DELETE", HOLD): "Create Statements",
    ("PUT", f"{HOLD}/settlement"): "Create Statements",
    ("POST", f"{HOLD}/refunds"): "Create Statements",
    ("PUT", INVOICE): "Create Invoices",
    ("DELETE", INVOICE): "Create Invoices",
    ("PUT", f"{INVOICE}/postponement"): "Create Invoices",
    ("POST", f"{INVOICE}/payments"): "Pay Invoice",
    ("PUT", "/storeconfig"): "Edit Configuration",
}

BODIES = {
    ("POST", "/accounts"): {
        "document": "1",
        "documentType": "CPF",
        "email": "new@example.com",
        "creditLimit": "1",
        "tolerance": "0",
    },
    ("PUT", "/accounts/one"): {"email": "one@example.com"},
    ("PUT", "/accounts/one/tolerance"): {"value": 0},
    ("POST", "/accounts/one/holders"): {"claims": {"email": "two@example.com"}},
    ("PUT", "/accounts/one/creditlimit"): {"value": 5},
    ("PUT", "/accounts/one/statements/s1"): {"value": "-1"},
    ("POST", "/accounts/one/transactions"): {"value": 1},
    ("PUT", HOLD): {"value": 5, "settle": False, "installments": 1},
    ("PUT", f"{HOLD}/settlement"): {"value": 5},
    ("POST", f"{HOLD}/refunds"): {"value": 1},
    ("PUT", INVOICE): {"status": "Opened"},
    ("PUT", f"{INVOICE}/postponement"): {"dueDays": 1},
    ("PUT", "/storeconfig"): {},
}

NOT_OF_THIS_SCENE = {
    ("DELETE", "/accounts/one/holders/h1"): 404,
    ("POST", f"{HOLD}/refunds"): 400,
}

SCENE = {
    "holds": [{"transaction": "aa", "value": 5, "expires": "now+1d"}],
    "purchases": [{"transaction": "bb", "made": "now-3d", "installments": [{"value": 10}]}],
}

Operation = tuple[str, str]


def store_of(*rights: str) -> Store:
    return Store(section_of(SCENE, rights=rights))


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with store_of("Main Access") as opened:
        yield opened


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("operation", RIGHTS)
async def test_each_write_needs_its_own_right(operation: Operation, slash: str) -> None:
    verb, path = operation
    async with store_of(RIGHTS[operation]) as store:
        response = await store.send(verb, path + slash, BODIES.get(operation))

    assert response.status_code == NOT_OF_THIS_SCENE.get(operation, 200), response.text


@pytest.mark.parametrize("operation", RIGHTS)
async def test_all_other_rights_together_are_not_enough(operation: Operation) -> None:
    verb, path = operation
    reads = {
        "Read Checking Accounts",
        "Read Statements",
        "Read Invoices",
        "Read Configuration",
    }
    others = {*RIGHTS.values(), *reads} - {RIGHTS[operation]}
    async with store_of(*others) as store:
        response = await store.send(verb, path, BODIES.get(operation))
        listed = await store.call("GET", "/accounts")

    assert response.status_code == 403
    assert listed["data"][0]["creditLimit"] == 1000


@pytest.mark.parametrize("operation", RIGHTS)
async def test_unknown_callers_write_nothing(store: Store, operation: Operation) -> None:
    verb, path = operation
    store.forget_credentials()
    response = await store.send(verb, path, BODIES.get(operation))

    assert (response.status_code, response.content) == (401, b"")


@pytest.mark.parametrize("operation", BODIES)
@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{}", None, 415),
        (b"{}", "text/plain", 415),
        (b"value=5", "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"value": NaN}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
    ],
)
async def test_a_body_must_be_a_json_object_that_says_so(
    store: Store, operation: Operation, raw: bytes, content_type: str | None, status: int
) -> None:
    before = await store.everything()
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = await store.send(*operation, raw=raw, **headers)

    assert response.status_code == status
    assert await store.everything() == before


async def test_a_charset_and_capitals_in_the_content_type_are_fine(store: Store) -> None:
    header = {"Content-Type": "Application/JSON; charset=utf-8"}
    response = await store.send("PUT", "/accounts/one/creditlimit", raw=b'{"value":5}', **header)

    assert response.status_code == 200


@pytest.mark.parametrize("operation", BODIES)
async def test_a_wrong_body_is_told_before_an_unknown_account(
    store: Store, operation: Operation
) -> None:
    verb, path = operation[0], operation[1].replace("/one", "/unknown")
    wrong = await store.send(verb, path, [])
    right = await store.send(verb, path, BODIES[operation])

    assert wrong.status_code == 400
    assert right.status_code == (404 if "/unknown" in path else 200)


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("POST", "/accounts/one/transaction", 404),
        ("POST", "/accounts/one/payments", 404),
        ("GET", "/accounts/one/transactions", 405),
        ("GET", HOLD, 405),
        ("GET", "/accounts/one/holders", 405),
        ("PATCH", "/accounts/one", 405),
        ("POST", "/accounts/one/creditlimit", 405),
        ("DELETE", "/storeconfig", 405),
    ],
)
async def test_there_is_no_such_operation(store: Store, verb: str, path: str, status: int) -> None:
    response = await store.send(verb, path, {})

    assert (response.status_code, response.content) == (status, b"")
