"""How a refusal looks, and that it is quick."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import httpx
import pytest

from tests.door.front import JSON, QUERY, client_of, door, error_of, greeter

Ask = dict[str, Any]

HOSTILE: dict[str, tuple[Ask, int, str]] = {
    "a header of 17 KB": (
        {"headers": {**JSON, "X-Long": "x" * 17_000}, "content": QUERY},
        431,
        "HEADERS_TOO_LARGE",
    ),
    "a query string of 17 KB": (
        {"method": "GET", "url": "/graphql?query=" + "x" * 17_000},
        431,
        "HEADERS_TOO_LARGE",
    ),
    "150 headers": (
        {"headers": JSON | {f"X-{n}": "1" for n in range(150)}, "content": QUERY},
        431,
        "HEADERS_TOO_LARGE",
    ),
    "a body of 10 MB": ({"headers": JSON, "content": b" " * 10_000_000}, 413, "BODY_TOO_LARGE"),
    "a form": ({"data": {"query": "{ __typename }"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "a multipart form": ({"files": {"query": b"{ __typename }"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "plain text": (
        {"headers": {"Content-Type": "text/plain"}, "content": QUERY},
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "no type at all": ({"content": QUERY}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "JSON in UTF-16": (
        {"headers": {"Content-Type": "application/json; charset=utf-16"}, "content": QUERY},
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "JSON with something unknown": (
        {"headers": {"Content-Type": "application/json; boundary=x"}, "content": QUERY},
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "a gzip bomb": (
        {"headers": {**JSON, "Content-Encoding": "gzip"}, "content": b"\x1f\x8b" + b"\0" * 900},
        415,
        "UNSUPPORTED_CONTENT_ENCODING",
    ),
    "two encodings": (
        {"headers": {**JSON, "Content-Encoding": "identity, br"}, "content": QUERY},
        415,
        "UNSUPPORTED_CONTENT_ENCODING",
    ),
    "a query from a page elsewhere": (
        {
            "method": "GET",
            "url": "/graphql?query={__typename}",
            "headers": {"Sec-Fetch-Site": "cross-site"},
        },
        403,
        "CROSS_SITE_REQUEST",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_request_is_refused_in_the_shape_of_a_graphql_answer(name: str) -> None:
    ask, status, code = HOSTILE[name]
    async with client_of(door(greeter)) as client:
        response = await client.request(**{"method": "POST", "url": "/graphql", **ask})

    assert response.status_code == status
    assert error_of(response)["code"] == code
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_refusal_takes_less_than_100_ms(name: str) -> None:
    ask, _, _ = HOSTILE[name]
    async with client_of(door(greeter)) as client:
        times = []
        for _ in range(3):
            request = client.build_request(**{"method": "POST", "url": "/graphql", **ask})
            started_at = perf_counter()
            await client.send(request)
            times.append(perf_counter() - started_at)

    assert min(times) < 0.1


async def test_who_understands_graphql_responses_is_refused_with_one() -> None:
    accept = {"Accept": "application/graphql-response+json, application/json;q=0.9"}
    async with client_of(door(greeter)) as client:
        response = await client.post("/graphql", headers=accept, content=QUERY)

    assert response.headers["Content-Type"] == "application/graphql-response+json; charset=utf-8"


async def test_a_refusal_tells_which_type_would_do() -> None:
    async with client_of(door(greeter)) as client:
        response = await client.post("/graphql", content=QUERY)

    assert response.headers["Accept-Post"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'Application/JSON; charset="utf-8"',
    ],
)
async def test_json_in_utf_8_passes(media_type: str) -> None:
    async with client_of(door(greeter)) as client:
        response = await client.post(
            "/graphql", headers={"Content-Type": media_type}, content=QUERY
        )

    assert response.text == f"{len(QUERY)} bytes"


async def test_two_media_types_are_one_too_many() -> None:
    headers = [("Content-Type", "application/json"), ("Content-Type", "text/plain")]
    async with client_of(door(greeter)) as client:
        response = await client.post("/graphql", headers=headers, content=QUERY)

    assert response.status_code == 415


async def test_a_body_that_says_it_is_not_compressed_passes() -> None:
    async with client_of(door(greeter)) as client:
        response = await client.post(
            "/graphql", headers={**JSON, "Content-Encoding": "identity"}, content=QUERY
        )

    assert response.status_code == 200


async def test_pages_and_files_are_not_asked_for_json() -> None:
    async with client_of(door(greeter)) as client:
        response = await client.get("/graphql/console/main.js")

    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/graphql", "/graphql/"])
async def test_a_slash_at_the_end_is_no_way_around(path: str) -> None:
    async with client_of(door(greeter)) as client:
        response = await client.post(path, content=QUERY)

    assert response.status_code == 415


async def test_exactly_as_many_bytes_as_allowed_pass() -> None:
    async with client_of(door(greeter)) as client:

        def request(fill: int) -> httpx.Request:
            headers = {**JSON, "X-Fill": "x" * fill}
            return client.build_request("POST", "/graphql", headers=headers, content=QUERY)

        empty = request(0).headers.raw
        used = len("/graphql") + sum(len(name) + len(value) + 4 for name, value in empty)
        exact = await client.send(request(16_384 - used))
        more = await client.send(request(16_385 - used))

    assert (exact.status_code, more.status_code) == (200, 431)
