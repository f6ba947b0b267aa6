"""What a client may keep of an answer by itself."""

import json
from collections.abc import AsyncIterator
from hashlib import sha256

import httpx
import pytest

from app.cache.settings import CacheSettings
from app.door import DoorSettings, Lifecycle, guarded
from app.graphql.http_caching import is_known
from app.graphql.trusted_documents import TrustedDocumentsSettings
from app.main import ENDPOINT
from tests.graphql.graph import Graph, as_caller, over_sandbox, settings

CARDS = """query Cards($email: String!) {
  customer(by: {email: $email}) { giftCards { nodes { balance { amount } } } }
}"""
TEXTS = {
    "cards": CARDS,
    "codes": CARDS.replace("balance { amount }", "redemptionCode"),
    "terms": "{ sources { key storeConfiguration { invoicesOverdue: __typename } } }",
    "total": """query Total($email: String!) { customer(by: {email: $email}) {
      spendableCredit(currency: BRL, options: {maxStalenessSeconds: 60}) { total { amount } }
    } }""",
    "lines": """query Lines($document: String!) { customer(by: {document: $document}) {
      creditAccounts { nodes { id } unavailable { kind } }
    } }""",
    "status": CARDS.replace("customer", "sources { status { circuit } } customer"),
    "nothing": "{ __typename }",
}
HASHES = {name: sha256(text.encode()).hexdigest() for name, text in TEXTS.items()}
SHOPPER = {"email": "shopper@example.com"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Behind the door, which forbids to keep anything unless the answer says otherwise."""
    trusted = TrustedDocumentsSettings.model_validate(
        {
            "mode": "allow",
            "automatic": True,
            "manifest": {HASHES[name]: text for name, text in TEXTS.items()},
        }
    )
    configured = settings(cache=CacheSettings(), trusted_documents=trusted)
    async with over_sandbox(configured) as graph:
        yield behind_a_door(graph)


def behind_a_door(graph: Graph) -> httpx.AsyncClient:
    assert graph.app is not None
    app = guarded(graph.app, DoorSettings(), lifecycle=Lifecycle())
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://gateway.example",
        headers=as_caller("admin"),
    )


async def get(
    client: httpx.AsyncClient, name: str, variables: object = SHOPPER, **headers: str
) -> httpx.Response:
    asked = {"documentId": f"sha256:{HASHES[name]}", "variables": json.dumps(variables)}
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return await client.get(ENDPOINT, params=asked, headers=named)


async def test_a_trusted_document_by_get_may_be_kept_while_its_parts_are_fresh(
    client: httpx.AsyncClient,
) -> None:
    response = await get(client, "cards")
    assert response.json()["data"]
    assert response.headers["cache-control"] in {"private, max-age=4", "private, max-age=5"}
    assert response.headers["vary"] == "Accept, Authorization, X-Api-Key"
    assert response.headers["etag"] == f'"{sha256(response.content).hexdigest()[:32]}"'


async def test_the_declared_age_counts_where_it_is_shorter(client: httpx.AsyncClient) -> None:
    response = await get(client, "total")
    assert response.json()["data"]["customer"]["spendableCredit"]["total"]
    assert response.headers["cache-control"] in {"private, max-age=4", "private, max-age=5"}


async def test_a_client_that_has_it_already_is_told_so(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        await get(client, "cards")
    first = await get(client, "cards")
    again = await get(client, "cards", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    for name in ("cache-control", "etag", "vary"):
        assert again.headers[name] == first.headers[name]
    assert "content-type" not in again.headers


async def test_a_client_that_has_an_older_one_gets_the_answer(client: httpx.AsyncClient) -> None:
    response = await get(client, "cards", if_none_match='"something else"')
    assert (response.status_code, bool(response.json()["data"])) == (200, True)


async def test_an_answer_from_another_caller_is_not_the_same_answer(
    client: httpx.AsyncClient,
) -> None:
    etag = (await get(client, "cards", SHOPPER)).headers["etag"]
    buyer = {"email": "buyer@example.com"}
    assert (await get(client, "cards", buyer, if_none_match=etag)).status_code == 200


@pytest.mark.parametrize("name", ["codes", "status", "nothing"])
async def test_what_must_be_new_each_time_may_not_be_kept(
    client: httpx.AsyncClient, name: str
) -> None:
    response = await get(client, name, SHOPPER if "$email" in TEXTS[name] else {})
    assert "errors" not in response.json()
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


async def test_what_is_not_whole_may_not_be_kept(client: httpx.AsyncClient) -> None:
    response = await get(client, "lines", {"document": "52998224725"})
    assert response.json()["data"]["customer"]["creditAccounts"]["unavailable"]
    assert response.headers["cache-control"] == "no-store"


async def test_an_error_may_not_be_kept(client: httpx.AsyncClient) -> None:
    response = await get(client, "cards", {"email": 1})
    assert response.json()["errors"]
    assert response.headers["cache-control"] == "no-store"


async def test_any_other_request_may_not_be_kept(client: httpx.AsyncClient) -> None:
    asked = {"query": CARDS, "variables": json.dumps(SHOPPER)}
    by_text = await client.get(ENDPOINT, params=asked)
    by_post = await client.post(
        ENDPOINT, json={"documentId": f"sha256:{HASHES['cards']}", "variables": SHOPPER}
    )
    for response in (by_text, by_post):
        assert response.json()["data"]
        assert (response.headers["cache-control"], response.headers["vary"]) == (
            "no-store",
            "Accept",
        )


async def test_a_document_that_clients_have_added_is_not_trusted(
    client: httpx.AsyncClient,
) -> None:
    own = f"# mine\n{CARDS}"
    named = {"persistedQuery": {"version": 1, "sha256Hash": sha256(own.encode()).hexdigest()}}
    await client.post(ENDPOINT, json={"query": own, "variables": SHOPPER, "extensions": named})
    asked = {"extensions": json.dumps(named), "variables": json.dumps(SHOPPER)}
    response = await client.get(ENDPOINT, params=asked)
    assert response.json()["data"]
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        (None, False),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b"', False),
        ("*", True),
        ("", False),
    ],
)
def test_an_etag_is_found_among_those_that_are_sent(sent: str | None, known: bool) -> None:  # noqa: FBT001
    assert is_known('"a"', sent) is known
