"""Requests that a page makes a browser send."""

from __future__ import annotations

import pytest

from tests.door.front import JSON, QUERY, client_of, door, greeter

ASK = "/graphql?query={__typename}"


async def status(
    method: str, url: str, headers: dict[str, str], origins: tuple[str, ...] = ()
) -> int:
    async with client_of(door(greeter, cors={"origins": origins})) as client:
        content = QUERY if method == "POST" else None
        headers = {**JSON, **headers} if method == "POST" else headers
        response = await client.request(method, url, headers=headers, content=content)
    return response.status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Accept": "application/json"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://door.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[broken"},
    ],
)
@pytest.mark.parametrize(("method", "url"), [("GET", ASK), ("POST", "/graphql")])
async def test_a_page_elsewhere_is_refused(method: str, url: str, headers: dict[str, str]) -> None:
    assert await status(method, url, headers) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept": "*/*"},
        {"Sec-Fetch-Mode": "cors", "Accept": "*/*"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://door.example"},
        {"Sec-Fetch-Site": "cross-site", "X-Creditgraph-Preflight": "1"},
        {"Origin": "https://shop.example", "Apollo-Require-Preflight": "true"},
    ],
)
@pytest.mark.parametrize(("method", "url"), [("GET", ASK), ("POST", "/graphql")])
async def test_own_pages_and_plain_clients_pass(
    method: str, url: str, headers: dict[str, str]
) -> None:
    assert await status(method, url, headers) == 200


async def test_a_configured_origin_passes() -> None:
    shop = {"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"}
    assert await status("GET", ASK, shop, origins=("https://shop.example",)) == 200


async def test_a_link_from_anywhere_opens_the_playground() -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
    assert await status("GET", "/graphql", link) == 200


async def test_nobody_may_read_answers_from_elsewhere_by_default() -> None:
    async with client_of(door(greeter)) as client:
        response = await client.options(
            "/graphql",
            headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"},
        )

    assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_configured_origin_may_send_what_the_api_understands() -> None:
    async with client_of(door(greeter, cors={"origins": ["https://shop.example"]})) as client:
        response = await client.options(
            "/graphql",
            headers={
                "Origin": "https://shop.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type,x-correlation-id",
            },
        )

    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"


async def test_another_origin_than_the_configured_is_told_no() -> None:
    async with client_of(door(greeter, cors={"origins": ["https://shop.example"]})) as client:
        response = await client.options(
            "/graphql",
            headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
        )

    assert response.status_code == 400
    assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_refusal_can_be_read_by_a_configured_origin() -> None:
    async with client_of(door(greeter, cors={"origins": ["https://shop.example"]})) as client:
        response = await client.post("/graphql", headers={"Origin": "https://shop.example"})

    assert response.status_code == 415
    assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
