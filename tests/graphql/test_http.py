"""The endpoint as HTTP: requests in their forms, and what is no request."""

from __future__ import annotations

import json

import pytest

from app.main import ENDPOINT
from tests.graphql.graph import Graph

QUERY = "{ sources { key } }"
KEYS = [{"key": key} for key in ("vtex-credit", "vtex-giftcard", "adobe", "medusa")]
DEEP = 50_000


async def test_a_query_is_answered_over_post(graph: Graph) -> None:
    response = await graph.client.post(ENDPOINT, json={"query": QUERY})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert response.json()["data"] == {"sources": KEYS}


async def test_a_query_is_answered_over_get(graph: Graph) -> None:
    response = await graph.client.get(ENDPOINT, params={"query": QUERY})
    assert response.status_code == 200
    assert response.json()["data"] == {"sources": KEYS}


async def test_a_get_carries_variables_and_an_operation_name(graph: Graph) -> None:
    query = """query A { viewer { level } }
               query B($key: String!) { invoices(source: $key) { nodes { id } } }"""
    response = await graph.client.get(
        ENDPOINT,
        params={
            "query": query,
            "operationName": "B",
            "variables": json.dumps({"key": "vtex-credit"}),
        },
    )
    assert list(response.json()["data"]) == ["invoices"]


async def test_the_operation_that_is_named_is_the_one_that_runs(graph: Graph) -> None:
    query = "query A { viewer { level } } query B { sources { key } }"
    body = {"query": query, "operationName": "A"}
    response = await graph.client.post(ENDPOINT, json=body)
    assert response.json()["data"] == {"viewer": {"level": "ADMIN"}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"1",
        b'"query"',
        b"true",
        b"[]",
        b'[{"query": "{ __typename }"}]',
        b"{",
        b"{'query': 1}",
        b"\xff\xfe",
        b"NaN",
        b"{}",
        b'{"query": ""}',
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "x"}',
        b'{"query": "{ __typename }", "operationName": 7}',
        b'{"query": "{ __typename }", "extensions": 7}',
        b'{"query": "{ __typename }", "operationName": "Unknown"}',
        b"[" * DEEP + b"]" * DEEP,
        b'{"query": "{ __typename }", "variables": {"x": ' + b"[" * DEEP + b"]" * DEEP + b"}}",
    ],
    ids=lambda body: body[:60].decode("latin-1"),
)
async def test_a_body_that_is_no_request_is_the_clients_mistake(graph: Graph, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = await graph.client.post(ENDPOINT, content=body, headers=headers)
    assert 400 <= response.status_code < 500
    assert graph.wire.asked == []


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "not graphql",
        "{ nothing }",
        "{ sources }",
        "{ sources { key { deeper } } }",
        "query { node(id: 1) { id } } }",
        "subscription { sources { key } }",
        "mutation { sources { key } }",
        "fragment F on Query { sources { key } }",
        "{ ...F } fragment F on Query { ...F }",
        "{ sources { " * 5_000,
        "{ sources { " * 2_000 + "}" * 4_000,
        '{ customer(by: {email: "a@example.com", document: "1"}) { id } }',
        "{ customer(by: {}) { id } }",
        "{ customer(by: {email: null}) { id } }",
        '{ invoices(source: "vtex-credit", first: 99999999999) { nodes { id } } }',
        "{ __typename @unknown }",
    ],
    ids=lambda query: query[:50],
)
async def test_a_document_that_is_not_valid_is_refused_without_asking_anybody(
    graph: Graph, query: str
) -> None:
    response = await graph.client.post(ENDPOINT, json={"query": query})
    assert response.status_code < 500
    assert graph.wire.asked == []
    if response.status_code == 200:
        answer = response.json()
        assert "data" not in answer
        assert all(error["message"] != "Something went wrong here." for error in answer["errors"])


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "", "multipart/form-data"]
)
async def test_a_body_of_another_type_is_refused(graph: Graph, content_type: str) -> None:
    response = await graph.client.post(
        ENDPOINT, content=json.dumps({"query": QUERY}), headers={"Content-Type": content_type}
    )
    assert 400 <= response.status_code < 500


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_another_method_is_refused(graph: Graph, method: str) -> None:
    response = await graph.client.request(method, ENDPOINT, json={"query": QUERY})
    assert response.status_code == 405


@pytest.mark.parametrize(
    "params",
    [{}, {"query": ""}, {"query": QUERY, "variables": "{"}, {"query": QUERY, "variables": "[]"}],
)
async def test_a_get_that_is_no_request_is_the_clients_mistake(
    graph: Graph, params: dict[str, str]
) -> None:
    response = await graph.client.get(ENDPOINT, params=params)
    assert 400 <= response.status_code < 500


async def test_a_browser_gets_the_playground_with_a_policy(graph: Graph) -> None:
    response = await graph.client.get(ENDPOINT, headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_the_front_door_leads_to_the_playground(graph: Graph) -> None:
    response = await graph.client.get("/")
    assert (response.status_code, response.headers["location"]) == (307, ENDPOINT)


async def test_every_answer_carries_a_correlation_id(graph: Graph) -> None:
    for response in (
        await graph.client.post(ENDPOINT, json={"query": QUERY}),
        await graph.client.get(ENDPOINT, params={"query": QUERY}),
        await graph.client.post(ENDPOINT, json={"query": "{ nothing }"}),
    ):
        assert len(response.headers["X-Correlation-Id"]) == 32


async def test_the_schema_can_be_introspected(graph: Graph) -> None:
    data = await graph.data("{ __schema { queryType { name } types { name description } } }")
    assert data["__schema"]["queryType"] == {"name": "Query"}
