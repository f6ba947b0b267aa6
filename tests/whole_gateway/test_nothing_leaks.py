"""
Whatever is asked, however it ends: what is secret or somebody's own comes out nowhere but in the
fields of an answer to who may see it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.whole_gateway.configured import (
    ADMIN,
    EVERYBODY,
    SERVICE,
    SHOPPER,
    Who,
    authentication,
    configuration,
    toml,
)
from tests.whole_gateway.leaking import LEAKS
from tests.whole_gateway.marks import (
    CODE,
    GARBLED,
    OTHER_EMAIL,
    OWN_DOCUMENT,
    OWN_EMAIL,
    PLANTED,
    Mark,
    found,
)
from tests.whole_gateway.people import ids_in
from tests.whole_gateway.planted import (
    CUSTOMERS,
    FAULTS,
    MANNERS,
    MARKED_SECRETS,
    Planted,
    planted_sandbox,
)
from tests.whole_gateway.process import Running, running
from tests.whole_gateway.visits import (
    KEY,
    Visit,
    asking,
    each,
    everything,
    odd,
    reading_metrics,
    secret_parts,
)

AT_ONCE: Final = 12
MEET: Final = """query ($email: String!) { customer(by: {email: $email}) { __typename id
  creditAccounts { nodes { __typename id } }
  giftCards(first: 4) { nodes { __typename id holds { nodes { __typename id } } } }
  storeCreditAccounts { nodes { __typename id } }
  invoices(first: 5) { nodes { __typename id } }
  timeline(first: 60) { nodes { __typename id } } } }"""


@dataclass(frozen=True)
class Visited:
    visit: Visit
    response: httpx.Response


@dataclass(frozen=True)
class House:
    gateway: Running
    planted: Planted
    client: httpx.AsyncClient

    async def visited(self, visits: Iterable[Visit]) -> list[Visited]:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(visit: Visit) -> Visited:
            async with places:
                response = await self.client.request(
                    visit.method, visit.target, headers=visit.headers, content=visit.content
                )
            return Visited(visit, response)

        return list(await asyncio.gather(*map(one, visits)))

    async def ids_of(self, email: str) -> Mapping[str, str]:
        """The first of each type that somebody has."""
        (met,) = await self.visited([asking(ADMIN, MEET, {"email": email})])
        return dict(reversed(list(ids_in(met.response.json()))))


@asynccontextmanager
async def house(folder: Path, *program: str) -> AsyncIterator[House]:
    keys = [{"name": "marked", "hash": KEY.hash_line, "level": "SERVICE"}]
    trusted = authentication(folder / "keys.json") | {"api_keys": keys}
    settings = f"""
        customers = {toml(CUSTOMERS)}
        log_level = "debug"
        log_format = "json"
        playground = true
        deadline_seconds = 1.0
        limits = {{ cost = 10000 }}
        trusted_documents = {{ mode = "allow", automatic = true }}
        door = {{ rate = {{ enabled = false }} }}
        metrics = {{ token = {{ env = "METRICS_TOKEN" }} }}
    """
    async with planted_sandbox() as planted:
        config = configuration(
            planted.url, settings=settings, authenticated=f"[authentication]\n{_members(trusted)}"
        )
        async with (
            running(folder, config, MARKED_SECRETS, program=program or ("-m", "app")) as gateway,
            httpx.AsyncClient(base_url=gateway.url, timeout=30) as client,
        ):
            yield House(gateway, planted, client)


def _members(table: Mapping[str, Any]) -> str:
    return "\n".join(f"{name} = {toml(one)}" for name, one in table.items())


async def visit_a_truthful_house(one: House, visitors: Iterable[Who] = EVERYBODY) -> list[Visited]:
    """Everything is asked for, and much that is refused."""
    mine, others = await one.ids_of(OWN_EMAIL.planted), await one.ids_of(OTHER_EMAIL.planted)
    assert {"CreditAccount", "GiftCard", "StoreCreditAccount", "Invoice"} <= {*mine, *others}
    visits = [
        visit
        for who in visitors
        for email, ids in ((OWN_EMAIL.planted, mine), (OTHER_EMAIL.planted, others))
        for visit in (*everything(who, email), *each(who, ids))
    ]
    visited = await one.visited([*visits, *odd([*mine.values(), *others.values()])])
    return [*visited, *await one.visited(reading_metrics())]


async def visit_while_providers_lie(one: House) -> list[Visited]:
    ids = await one.ids_of(OWN_EMAIL.planted)
    visits = [
        visit
        for who in (SHOPPER, SERVICE, ADMIN)
        for visit in (*everything(who, OWN_EMAIL.planted), *each(who, ids))
    ]
    visited: list[Visited] = []
    for manner in MANNERS.values():
        one.planted.meddle = manner
        visited += await one.visited(visits)
    one.planted.meddle = MANNERS["truthful"]
    for fault in FAULTS.values():
        await one.planted.fault(fault)
        visited += await one.visited(visits)
    await one.planted.fault({"mode": "none"})
    return [*visited, *await one.visited(reading_metrics())]


def leaks_in(visited: Visited, marks: Sequence[Mark]) -> Iterator[str]:
    """Each mark that stands where it must not, with the place."""
    for name, value in visited.response.headers.items():
        yield from (f"{one.text} in the header {name}" for one in found(marks, value))
    if there := found(marks, visited.response.text):
        try:
            answer = visited.response.json()
        except ValueError:
            yield from (f"{one.text} in a page" for one in there)
        else:
            yield from _leaks_in_answer(answer, visited.visit, there)


def _leaks_in_answer(answer: dict[str, Any], visit: Visit, marks: Sequence[Mark]) -> Iterator[str]:
    for name, text in _texts_in(answer.pop("data", None)):
        for one in found(marks, text):
            if not one.may_be_shown(name, visit.who):
                yield f"{one.text} in the field {name} for {visit.who.name}"
    for one in found(marks, json.dumps(answer)):
        if not visit.says(one):
            yield f"{one.text} in an error for {visit.who.name}: {answer}"


def _texts_in(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case dict() if name != "metadata":
            for inner, one in value.items():
                yield from _texts_in(one, inner)
        case list():
            for one in value:
                yield from _texts_in(one, name)
        case _:
            yield name, str(value)


def every_leak(one: House, visited: Sequence[Visited]) -> set[str]:
    marks = [*PLANTED, *secret_parts()]
    lines = found(marks, one.gateway.said())
    return {leak for each_ in visited for leak in leaks_in(each_, marks)} | {
        f"{mark.text} in a line of the log" for mark in lines
    }


@pytest.fixture(scope="module")
async def truthful(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[House, list[Visited]]]:
    async with house(tmp_path_factory.mktemp("truthful")) as one:
        yield one, await visit_a_truthful_house(one)


async def test_nothing_leaks_of_what_is_asked_and_answered(
    truthful: tuple[House, list[Visited]],
) -> None:
    assert every_leak(*truthful) == set()


async def test_who_may_see_a_mark_does(truthful: tuple[House, list[Visited]]) -> None:
    """So that the silence elsewhere means something."""
    _, visited = truthful
    for mark, who in ((OWN_EMAIL, SHOPPER), (OWN_DOCUMENT, ADMIN), (CODE, ADMIN)):
        assert any(mark.text in it.response.text for it in visited if it.visit.who == who), mark


async def test_every_kind_of_refusal_was_met(truthful: tuple[House, list[Visited]]) -> None:
    _, visited = truthful
    statuses = {it.response.status_code for it in visited}
    assert statuses >= {200, 400, 401, 403, 404, 405, 406, 413, 415}


async def test_who_has_the_token_reads_metrics_and_nobody_else(
    truthful: tuple[House, list[Visited]],
) -> None:
    _, visited = truthful
    *_, with_token, without = visited
    assert 'creditgraph_requests_total{route="graphql",status="200"}' in with_token.response.text
    assert without.response.status_code == 404


async def test_the_log_is_made_of_json_lines_about_everything(
    truthful: tuple[House, list[Visited]],
) -> None:
    one, visited = truthful
    lines = [json.loads(it) for it in one.gateway.said().splitlines() if it.startswith("{")]
    loggers = {line["logger"] for line in lines}
    assert loggers >= {
        "creditgraph.access",
        "creditgraph.audit",
        "creditgraph.authentication",
        "creditgraph.upstream",
    }
    assert sum(line["event"] == "request" for line in lines) > len(visited)


async def test_nothing_leaks_while_providers_fail_and_lie(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with house(tmp_path_factory.mktemp("lying")) as one:
        visited = await visit_while_providers_lie(one)
        assert every_leak(one, visited) == set()
        assert "upstream fault" in one.gateway.said()
    assert any(GARBLED.text in it.response.text for it in visited)
    assert any('"BAD_RESPONSE"' in it.response.text for it in visited)


EXPECTED: Final[Mapping[str, Callable[[str], bool]]] = {
    "headers_in_the_access_log": lambda leak: leak == "zqcookie in a line of the log",
    "answers_in_the_log": lambda leak: leak == f"{CODE.text} in a line of the log",
    "ids_in_the_clear": lambda leak: leak == f"{OWN_DOCUMENT.text} in the field id for shopper",
    "fields_for_everybody": lambda leak: "in the field document for shopper" in leak,
}


@pytest.mark.parametrize("leak", LEAKS)
async def test_a_leak_would_be_found(tmp_path: Path, leak: str) -> None:
    async with house(tmp_path, "-m", "tests.whole_gateway.leaking", leak) as one:
        visited = await visit_a_truthful_house(one, [SHOPPER])
        assert any(map(EXPECTED[leak], every_leak(one, visited)))
