"""Answers in parts: what is slow comes later, and is an answer like any other."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from starlette.types import ASGIApp, Message
from structlog.testing import capture_logs

from app.domain.errors import ProviderFailed
from app.domain.instruments import InstrumentKind
from app.door import DoorSettings, Lifecycle, guarded
from tests.door.front import Visitor
from tests.doubles.in_memory_provider import CreditAccountsInMemory, GiftCardsInMemory
from tests.doubles.samples import SHOPPER, a_credit_account, a_gift_card, a_source
from tests.graphql.graph import JSON, Graph, as_caller, over_doubles

PARTS = "multipart/mixed, application/json"
QUERY = f"""{{
  customer(by: {{email: "{SHOPPER}"}}) {{
    displayName
    ... @defer(label: "cards") {{ giftCards {{ nodes {{ balance {{ amount }} }} }} }}
    creditAccounts {{ nodes {{ available {{ amount }} }} }}
  }}
}}"""


def app_of(graph: Graph) -> ASGIApp:
    """Itself: an HTTP client shows an answer when it is whole."""
    assert graph.app is not None
    return graph.app


class Store:
    """A source of credit lines and one of cards, which answers when it is told to."""

    def __init__(self) -> None:
        self.lines = CreditAccountsInMemory(
            a_source("lines", InstrumentKind.CREDIT_LINE), a_credit_account(source="lines")
        )
        self.cards = GiftCardsInMemory(
            a_source("cards", InstrumentKind.GIFT_CARD),
            a_gift_card("card-1", source="cards", balance="40.00"),
            owner=SHOPPER,
        )


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def graph(store: Store) -> AsyncIterator[Graph]:
    async with over_doubles(store.lines, store.cards) as graph:
        yield graph


class Listener(Visitor):
    """A client that takes parts, and reads each as soon as it is whole."""

    def __init__(self, query: str, *, accept: str = PARTS, variables: object = None) -> None:
        self._heard = asyncio.Event()
        authorization = as_caller("admin")["Authorization"]
        super().__init__(
            headers=[
                (b"content-type", b"application/json"),
                (b"accept", accept.encode()),
                (b"authorization", authorization.encode()),
            ],
            body=[json.dumps({"query": query, "variables": variables}).encode()],
        )

    async def has_ended(self) -> None:
        while not self.body or self.answer[-1].get("more_body"):
            self._heard.clear()
            await self._heard.wait()

    async def visit(self, app: ASGIApp) -> None:
        async def send(message: Message) -> None:
            self.answer.append(message)
            self._heard.set()

        await app(self.scope, self._coming.get, send)

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.answer[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.answer)

    @property
    def parts(self) -> Sequence[JSON]:
        """Those whose delimiter has come."""
        return parts_of(self.body)

    async def has_parts(self, number: int) -> None:
        while not self.answer or len(self.parts) < number:
            self._heard.clear()
            await self._heard.wait()


def parts_of(body: bytes) -> Sequence[JSON]:
    """As a client reads them that knows nothing but MIME."""
    *whole, _ = body.split(b"\r\n---")
    found = []
    for number, part in enumerate(whole):
        head, _, content = part.partition(b"\r\n\r\n")
        if number == 0:
            assert head.startswith(b"---\r\n")
        assert b"Content-Type: application/json; charset=utf-8" in head
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length is not None
        assert int(length[1]) == len(content)
        found.append(json.loads(content))
    return found


@asynccontextmanager
async def listening(app: ASGIApp, listener: Listener) -> AsyncIterator[Listener]:
    visit = asyncio.create_task(listener.visit(app))
    try:
        yield listener
    finally:
        visit.cancel()
        with suppress(asyncio.CancelledError):
            await visit


async def all_parts(graph: Graph, query: str, variables: object = None) -> Sequence[JSON]:
    listener = Listener(query, variables=variables)
    await listener.visit(app_of(graph))
    assert listener.body.endswith(b"\r\n-----\r\n")
    return listener.parts


def tasks() -> set[asyncio.Task[Any]]:
    """Those of requests: the journal's beat goes on by itself."""
    return {one for one in asyncio.all_tasks() if "app/journal" not in repr(one)}


def behind_a_door(app: ASGIApp, **changes: Any) -> ASGIApp:
    return guarded(app, DoorSettings.model_validate(changes), lifecycle=Lifecycle())


async def test_what_is_there_comes_first_and_the_slow_source_later(
    graph: Graph, store: Store
) -> None:
    store.cards.hang()
    async with listening(app_of(graph), Listener(QUERY)) as listener:
        await listener.has_parts(1)
        (first,) = listener.parts
        assert first["data"]["customer"] == {
            "displayName": "Shopper",
            "creditAccounts": {"nodes": [{"available": {"amount": "850.00"}}]},
        }
        assert (first["pending"], first["hasNext"]) == (
            [{"id": "0", "path": ["customer"], "label": "cards"}],
            True,
        )
        store.cards.answer(10)
        await listener.has_parts(2)
    assert listener.parts[1] == {
        "incremental": [
            {"id": "0", "data": {"giftCards": {"nodes": [{"balance": {"amount": "40.00"}}]}}}
        ],
        "completed": [{"id": "0"}],
        "hasNext": False,
    }


async def test_the_slow_source_is_asked_before_the_first_part_is_there(
    graph: Graph, store: Store
) -> None:
    store.lines.hang()
    async with listening(app_of(graph), Listener(QUERY)) as listener:
        await store.cards.until_asked(1)
        assert listener.answer == []


async def test_each_source_comes_when_it_has_answered(graph: Graph, store: Store) -> None:
    store.cards.hang()
    query = QUERY.replace("creditAccounts {", '... @defer(label: "lines") { creditAccounts {')
    query = query.replace("available { amount } } }", "available { amount } } } }")
    async with listening(app_of(graph), Listener(query)) as listener:
        await listener.has_parts(2)
        labels = {one["id"]: one["label"] for one in listener.parts[0]["pending"]}
        (early,) = listener.parts[1]["completed"]
        assert (labels[early["id"]], listener.parts[1]["hasNext"]) == ("lines", True)
        store.cards.answer(10)
        await listener.has_parts(3)
    (late,) = listener.parts[2]["completed"]
    assert labels[late["id"]] == "cards"


async def test_the_form_is_told_and_nobody_on_the_way_keeps_the_parts(graph: Graph) -> None:
    listener = Listener(QUERY, accept="multipart/mixed; incrementalSpec=v0.2")
    await listener.visit(behind_a_door(app_of(graph)))
    assert listener.status == 200
    told = listener.headers
    assert told["content-type"] == 'multipart/mixed; boundary="-"; incrementalSpec=v0.2'
    assert (told["cache-control"], told["x-accel-buffering"]) == ("no-store", "no")
    assert "content-length" not in told


async def test_the_first_part_tells_the_cost_of_everything(graph: Graph) -> None:
    first, *_ = await all_parts(graph, QUERY)
    whole = await graph.answer(QUERY)
    assert first["extensions"] == whole["extensions"]
    assert first["extensions"]["cost"]["requested"] == 16


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "*/*",
        "multipart/mixed;q=0, application/json",
        "multipart/mixed;deferSpec=20220824, application/json",
        "multipart/mixed;incrementalSpec=v0.1, application/json",
        "multipart/mixed;boundary=graphql;subscriptionSpec=1.0, application/json",
    ],
)
async def test_who_does_not_take_these_parts_gets_everything_at_once(
    graph: Graph, accept: str
) -> None:
    listener = Listener(QUERY, accept=accept)
    await listener.visit(app_of(graph))
    assert listener.headers["content-type"] == "application/json; charset=utf-8"
    answer = json.loads(listener.body)
    assert answer.keys() == {"data", "extensions"}
    assert list(answer["data"]["customer"]) == ["displayName", "giftCards", "creditAccounts"]


@pytest.mark.parametrize(
    "query",
    [
        QUERY.replace(' @defer(label: "cards")', ""),
        QUERY.replace('label: "cards"', "if: false"),
        "{",
        "{ nothing }",
    ],
)
async def test_what_is_not_deferred_is_one_answer_for_everybody(graph: Graph, query: str) -> None:
    listener = Listener(query, accept="multipart/mixed, application/graphql-response+json")
    await listener.visit(app_of(graph))
    assert listener.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    json.loads(listener.body)


async def test_a_variable_decides_whether_it_is_deferred(graph: Graph) -> None:
    query = QUERY.replace('label: "cards"', "if: $later").replace(
        "{", "query ($later: Boolean!) {", 1
    )
    assert len(await all_parts(graph, query, {"later": True})) == 2
    listener = Listener(query, variables={"later": False})
    await listener.visit(app_of(graph))
    assert "giftCards" in json.loads(listener.body)["data"]["customer"]


async def test_a_mutation_is_answered_whole(graph: Graph) -> None:
    mutation = """mutation {
      claimStoreCredit(input: {source: "lines", code: "none", idempotencyKey: "k"}) {
        ... @defer { userErrors { __typename } }
      }
    }"""
    listener = Listener(mutation)
    await listener.visit(app_of(graph))
    assert listener.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(listener.body)["data"]["claimStoreCredit"]["userErrors"]


async def test_a_list_is_not_streamed(graph: Graph) -> None:
    error = await graph.error("{ sources @stream { key } }")
    assert error["extensions"]["code"] == "INVALID_DOCUMENT"
    assert "@stream" in error["message"]


async def test_an_outage_in_a_later_part_is_told_as_in_any_answer(
    graph: Graph, store: Store
) -> None:
    store.cards.fail(ProviderFailed)
    query = QUERY.replace("giftCards {", "giftCards { unavailable { kind source { key } }")
    _, later = await all_parts(graph, query)
    (part,) = later["incremental"]
    assert part["data"]["giftCards"]["unavailable"] == [
        {"kind": "UPSTREAM_ERROR", "source": {"key": "cards"}}
    ]


class Spilling(GiftCardsInMemory):
    """Breaks in a way that nobody foresaw, with a secret on its lips."""

    async def _question(self, method: str, about: str | None = None) -> None:
        raise RuntimeError("the password is hunter2")


@pytest.fixture
async def spilling(store: Store) -> AsyncIterator[Graph]:
    cards = Spilling(a_source("cards", InstrumentKind.GIFT_CARD))
    async with over_doubles(store.lines, cards) as graph:
        yield graph


async def test_what_nobody_foresaw_is_masked_in_a_later_part(spilling: Graph) -> None:
    listener = Listener(QUERY)
    with capture_logs() as logs:
        await listener.visit(app_of(spilling))
    (part,) = listener.parts[1]["incremental"]
    (error,) = part["errors"]
    correlation_id = listener.headers["x-correlation-id"]
    assert part["data"] == {"giftCards": None}
    assert error["message"] == "Something went wrong here."
    assert error["extensions"] == {"code": "INTERNAL", "correlationId": correlation_id}
    assert error["path"] == ["customer", "giftCards"]
    assert b"hunter2" not in listener.body
    (line,) = [one for one in logs if one["log_level"] == "error"]
    assert (str(line["exc_info"]), line["correlation_id"]) == (
        "the password is hunter2",
        correlation_id,
    )


async def test_a_client_that_leaves_ends_the_work_on_later_parts(
    graph: Graph, store: Store
) -> None:
    store.cards.hang()
    listener, before = Listener(QUERY), tasks()
    visit = asyncio.create_task(listener.visit(behind_a_door(app_of(graph))))
    await listener.has_parts(1)
    assert store.cards.under_way == 1
    listener.leave()
    await visit
    assert tasks() <= before
    assert store.cards.under_way == 0
    assert len(listener.parts) == 1


async def test_a_client_that_leaves_before_the_first_part_ends_its_share_of_what_others_wait_for(
    graph: Graph, store: Store
) -> None:
    store.cards.hang()
    store.lines.hang()
    cards = QUERY.replace(' @defer(label: "cards")', "")
    async with listening(app_of(graph), Listener(cards)) as other:
        await store.cards.until_asked(1)
        listener, before = Listener(QUERY), tasks()
        visit = asyncio.create_task(listener.visit(behind_a_door(app_of(graph))))
        for _ in range(10):
            await asyncio.sleep(0)
        listener.leave()
        await visit
        assert tasks() <= before
        assert listener.answer == []
        assert (store.lines.under_way, store.cards.under_way) == (1, 1)
        store.cards.answer(10)
        store.lines.answer(10)
        await other.has_ended()
    assert store.cards.times_asked("search_gift_cards") == 1


async def test_the_deadline_of_the_door_ends_the_parts(graph: Graph, store: Store) -> None:
    store.cards.hang()
    listener = Listener(QUERY)
    await listener.visit(behind_a_door(app_of(graph), deadline_seconds=0.2))
    assert store.cards.under_way == 0
    assert len(listener.parts) == 1
    assert listener.answer[-1]["more_body"] is True
