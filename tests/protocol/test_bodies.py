"""The body of a request, as it comes from a server without the door in between."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from tests.door.front import QUERY, Visitor
from tests.graphql.graph import over_doubles

HALVES = (QUERY[:9], QUERY[9:])


@pytest.fixture
async def app() -> AsyncIterator[ASGIApp]:
    async with over_doubles() as graph:
        assert graph.app is not None
        yield graph.app


@pytest.mark.parametrize("body", [(QUERY,), HALVES, (*HALVES, b""), (b"", QUERY)])
async def test_it_may_come_in_parts(app: ASGIApp, body: tuple[bytes, ...]) -> None:
    visitor = Visitor(body=body)

    await visitor.visit(app)

    assert visitor.status == 200
    assert json.loads(visitor.answer[1]["body"])["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("said", [(), HALVES[:1]])
async def test_nothing_is_done_for_who_leaves_before_its_end(
    app: ASGIApp, said: tuple[bytes, ...]
) -> None:
    visitor = Visitor(body=())
    for part in said:
        visitor.say(part, more=True)
    visitor.leave()

    with pytest.raises(ClientDisconnect):
        await visitor.visit(app)

    assert visitor.status == 500  # which nobody hears
