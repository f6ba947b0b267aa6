"""Documents that requests name by their hash."""

from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from app.graphql.trusted_documents import TrustedDocumentsSettings
from app.main import ENDPOINT
from tests.graphql.graph import Graph, over_sandbox, settings

TEXT = "query Known($id: ID!) { node(id: $id) { id } }"
HASH = sha256(TEXT.encode()).hexdigest()


@pytest.fixture(scope="module")
async def strict() -> AsyncIterator[Graph]:
    only = TrustedDocumentsSettings.model_validate({"mode": "only", "manifest": {HASH: TEXT}})
    async with over_sandbox(settings(trusted_documents=only)) as graph:
        yield graph


async def test_a_request_names_its_document_and_brings_the_variables(strict: Graph) -> None:
    asked = {"documentId": f"sha256:{HASH}", "variables": {"id": "x"}}
    response = await strict.client.post(ENDPOINT, json=asked)
    assert response.json()["data"] == {"node": None}


async def test_a_document_is_named_by_get_as_well(strict: Graph) -> None:
    extensions = f'{{"persistedQuery": {{"version": 1, "sha256Hash": "{HASH}"}}}}'
    parameters = {"extensions": extensions, "variables": '{"id": "x"}'}
    response = await strict.client.get(ENDPOINT, params=parameters)
    assert response.json()["data"] == {"node": None}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"query": "{ __typename }"}, "PERSISTED_QUERY_ONLY"),
        ({"documentId": "sha256:0"}, "PERSISTED_QUERY_NOT_FOUND"),
    ],
)
async def test_any_other_document_is_refused(
    strict: Graph, asked: dict[str, str], code: str
) -> None:
    response = await strict.client.post(ENDPOINT, json=asked)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (200, code)


async def test_a_request_without_any_document_is_none(strict: Graph) -> None:
    response = await strict.client.post(ENDPOINT, json={"variables": {}})
    assert response.status_code == 400
