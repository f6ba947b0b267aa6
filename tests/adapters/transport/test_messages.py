"""Requests and answers that are httpx's in all but what they cost."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.transport.messages import Base, PreparedRequest, Received, completed, destination
from adapters.transport.pool import Site
from adapters.transport.upstream import escaped

HEADERS = {"Accept": "application/json", "X-Key": "key"}


def prepared(
    base: Base, target: str, *, method: str = "GET", content: bytes | None = None
) -> PreparedRequest:
    return PreparedRequest(
        method, base, target, headers={"X-Key": "other"}, content=content, extensions={"a": 1}
    )


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://store.example/rest/default/", Site("https", "store.example", 443)),
        ("http://store.example:8080", Site("http", "store.example", 8080)),
        ("http://[2001:db8::1]:8080/a", Site("http", "2001:db8::1", 8080)),
        ("https://lojão.example/açaí", Site("https", "xn--lojo-ioa.example", 443)),
    ],
)
@pytest.mark.parametrize(
    ("method", "content"),
    [("GET", None), ("POST", b'{"a":1}'), ("POST", None), ("DELETE", None), ("DELETE", b"{}")],
)
def test_a_prepared_request_is_the_one_that_httpx_would_have_made(
    url: str, site: Site, method: str, content: bytes | None
) -> None:
    base = Base(url, HEADERS)
    target = base.path + "/a%2Fb?email=a%40b&q=%20"

    request = prepared(base, target, method=method, content=content)

    theirs = httpx.Request(
        method,
        url.rstrip("/") + "/a%2Fb?email=a%40b&q=%20",
        headers=HEADERS | {"X-Key": "other"},
        content=content,
    )
    assert (request.method, request.url, request.content) == (
        theirs.method,
        theirs.url,
        theirs.content,
    )
    assert sorted(request.headers.items()) == sorted(theirs.headers.items())
    assert request.extensions == {"a": 1}
    assert destination(request) == destination(theirs) == (site, target.encode())


def test_what_is_put_on_one_request_is_not_on_the_next() -> None:
    base = Base("https://store.example", HEADERS)

    first = prepared(base, "/a")
    first.headers["Authorization"] = "OAuth 1"
    first.extensions["due_at"] = 1.0

    second = prepared(base, "/a")
    assert "Authorization" not in second.headers
    assert second.extensions == {"a": 1}
    assert base.headers["X-Key"] == "key"


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_what_was_escaped_comes_back_from_the_url_as_it_was(text: str) -> None:
    request = prepared(Base("https://store.example", {}), f"/a?q={escaped(text)}")

    assert request.url.raw_path == request.target.encode()
    assert httpx.QueryParams(request.url.query).get("q", "") == text


async def test_a_completed_answer_reads_like_one_of_httpx() -> None:
    request = httpx.Request("GET", "https://store.example/")
    fields = [(b"Content-Type", b"application/json"), (b"Retry-After", b"7")]
    body = b'{"a":1}'

    for response in (
        completed(
            Received(200, [(b"X", b"x")], httpx.ByteStream(body), request), fields, body, request
        ),
        completed(httpx.Response(200, stream=httpx.ByteStream(body)), fields, body, request),
    ):
        assert await response.aread() == response.content == body
        assert response.json() == {"a": 1}
        assert response.headers.raw == fields
        assert response.request is request
