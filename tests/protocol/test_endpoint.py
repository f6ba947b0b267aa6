"""Requests of every kind, and what they are answered with."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.main import ENDPOINT
from tests.graphql.graph import Graph

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
QUERY = "{ __typename }"
ANSWER = {"__typename": "Query"}


async def post(
    graph: Graph, body: Any = None, *, content: bytes | None = None, **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = json.dumps(body).encode() if content is None else content
    return await graph.client.post(
        ENDPOINT, content=sent, headers={"content-type": JSON, "accept": GRAPHQL, **named}
    )


def code_of(response: httpx.Response) -> str:
    (error,) = response.json()["errors"]
    code: str = error["extensions"]["code"]
    return code


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_an_answer_has_the_form_that_was_asked_for(served: Graph, accept: str) -> None:
    response = await post(served, {"query": QUERY}, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert response.headers["vary"] == "Accept"
    assert response.json()["data"] == ANSWER


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{"},
        {"query": "{ nothing }"},
        {"query": "query ($id: ID!) { node(id: $id) { id } }"},
        {"query": "query ($id: ID!) { node(id: $id) { id } }", "variables": {"id": {}}},
        {"query": "query A { __typename } query B { __typename }"},
        {"query": "{ a: __typename " * 20},
        {"documentId": "sha256:0"},
    ],
)
async def test_what_could_not_be_executed_has_no_data_and_its_form_decides_the_status(
    served: Graph, body: Any
) -> None:
    strict, plain = await post(served, body), await post(served, body, accept=JSON)
    assert (strict.status_code, plain.status_code) == (400, 200)
    for response in (strict, plain):
        assert "data" not in response.json()
        assert response.json()["errors"]


async def test_a_field_that_failed_is_an_answer(served: Graph) -> None:
    query = '{ invoices(source: "nobody") { totalCount } }'
    response = await post(served, {"query": query})
    assert response.status_code == 200
    assert response.json()["data"] == {"invoices": None}
    assert response.json()["errors"]


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"1",
        b'"{ __typename }"',
        b"[]",
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": 1}',
        b'{"query": {}}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "operationName": "Unknown"}',
        b'{"query": "fragment A on Query { __typename }"}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "variables": NaN}',
        b'{"query": "{ __typename }", "variables": {"a": Infinity}}',
        b'{"query": "{ __typename }", "extensions": 0}',
        b'{"query": "{ __typename }", "documentId": "sha256:0"}',
        b'{"documentId": 1}',
        b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5_000 + b"}}",
        b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 100_000,
        b"[" * 100_000,
        b'{"query": "\xff"}',
        '{"query": "{ __typename }"}'.encode("utf-16"),
        '{"query": "{ __typename }"}'.encode("utf-32"),
    ],
)
async def test_what_is_no_request_is_refused(served: Graph, content: bytes, accept: str) -> None:
    response = await post(served, content=content, accept=accept)
    assert response.status_code == 400
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert code_of(response) == "BAD_REQUEST"
    assert response.headers["x-correlation-id"]


@pytest.mark.parametrize(
    "body",
    [
        {"query": QUERY, "variables": None, "operationName": None, "extensions": None},
        {"query": QUERY, "variables": {}, "extensions": {"any": "thing"}},
        {"query": "query Named { __typename }", "operationName": "Named"},
        {"query": QUERY, "unknown": 1},
        {"query": f"\ufeff{QUERY}"},
    ],
)
async def test_members_may_be_null_or_absent_or_unknown(served: Graph, body: Any) -> None:
    response = await post(served, body)
    assert (response.status_code, response.json()["data"]) == (200, ANSWER)


async def test_a_byte_order_mark_is_not_part_of_the_body(served: Graph) -> None:
    response = await post(served, content=b"\xef\xbb\xbf" + json.dumps({"query": QUERY}).encode())
    assert (response.status_code, response.json()["data"]) == (200, ANSWER)


@pytest.mark.parametrize(
    "content_type", [JSON, f"{JSON};charset=utf-8", f'{JSON}; charset="UTF-8"', "APPLICATION/JSON"]
)
async def test_a_request_is_json_in_utf_8(served: Graph, content_type: str) -> None:
    response = await post(served, {"query": QUERY}, content_type=content_type)
    assert (response.status_code, response.json()["data"]) == (200, ANSWER)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        f"{JSON}; charset=utf-16",
        f"text/plain; {JSON}",
    ],
)
async def test_anything_else_is_refused_unread(served: Graph, content_type: str) -> None:
    response = await post(served, {"query": QUERY}, content_type=content_type)
    assert (response.status_code, code_of(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_client_that_takes_no_json_is_refused(served: Graph) -> None:
    response = await post(served, {"query": QUERY}, accept="text/html")
    assert (response.status_code, code_of(response)) == (406, "NOT_ACCEPTABLE")


async def get(graph: Graph, accept: str = GRAPHQL, **parameters: str) -> httpx.Response:
    return await graph.client.get(ENDPOINT, params=parameters, headers={"accept": accept})


@pytest.mark.parametrize(
    "parameters",
    [
        {"query": QUERY},
        {"query": QUERY, "variables": "", "extensions": "", "operationName": ""},
        {"query": QUERY, "variables": "null", "extensions": '{"a": 1}'},
        {"query": "query Named { __typename }", "operationName": "Named", "variables": "{}"},
    ],
)
async def test_a_query_may_come_by_get(served: Graph, parameters: dict[str, str]) -> None:
    response = await get(served, **parameters)
    assert (response.status_code, response.json()["data"]) == (200, ANSWER)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"query": ""},
        {"query": QUERY, "variables": "[]"},
        {"query": QUERY, "variables": "{"},
        {"query": QUERY, "extensions": "1"},
        {"query": QUERY, "operationName": "Unknown"},
    ],
)
async def test_what_is_no_request_by_get_is_refused(
    served: Graph, parameters: dict[str, str]
) -> None:
    response = await get(served, **parameters)
    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")


async def test_a_mutation_does_not_come_by_get(served: Graph) -> None:
    response = await get(served, query="mutation { __typename }")
    assert (response.status_code, code_of(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
async def test_other_methods_are_told_which_there_are(served: Graph, method: str) -> None:
    response = await served.client.request(method, ENDPOINT, params={"query": QUERY})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


JUNK = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=10,
)
REQUESTS = some.fixed_dictionaries(
    {},
    optional={
        name: JUNK | some.sampled_from([QUERY, {}, "A", "query A($a: ID!) { node(id: $a) { id } }"])
        for name in ("query", "variables", "operationName", "extensions", "documentId")
    },
)
CALMLY = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@CALMLY
@given(body=REQUESTS | JUNK)
async def test_no_request_breaks_the_endpoint(served: Graph, body: Any) -> None:
    response = await post(served, body)
    assert response.status_code in {200, 400}
    assert_is_an_answer(response.json())


@CALMLY
@given(content=some.binary(max_size=200))
async def test_no_bytes_break_the_endpoint(served: Graph, content: bytes) -> None:
    response = await post(served, content=content)
    assert response.status_code == 400


@CALMLY
@given(query=some.text(alphabet='{}()[]:!$@.|&="#\\, \n\t\0\ud800\U0001f3c3aA1_-', max_size=40))
async def test_no_text_breaks_the_endpoint(served: Graph, query: str) -> None:
    response = await post(served, {"query": query})
    assert response.status_code in {200, 400}
    assert_is_an_answer(response.json())


def assert_is_an_answer(answer: Mapping[str, Any]) -> None:
    assert answer.keys() <= {"data", "errors", "extensions"}
    for error in answer.get("errors", ()):
        assert error["message"]
        assert error.get("extensions", {}).get("code") != "INTERNAL"
