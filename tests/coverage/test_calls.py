"""Every operation is really called, with the verb and the path of its contract, by its fields."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pytest

from app.settings import Settings
from tests.coverage.code import operations_behind
from tests.coverage.contracts import BESIDE, CALLED, OPERATIONS
from tests.coverage.plays import play_reads, play_writes
from tests.coverage.recording import Player, inputs_of_mutations, recorded
from tests.graphql.graph import over_sandbox, settings

SPARED: Final = {"Mutation.createHold": {"vtex.cc/CreateaPreAuthorization(usingid)"}}
"""An id of one's own is no way to a new hold at the present provider: it answers 404."""


def _with_cards_of_medusa(built_in: Settings) -> Settings:
    sources = [
        one.model_copy(update={"gift_cards": True}) if one.key == "medusa" else one
        for one in built_in.sources
    ]
    return built_in.model_copy(update={"sources": sources})


@pytest.fixture(scope="module")
async def played() -> AsyncIterator[Player]:
    async with over_sandbox(_with_cards_of_medusa(settings())) as graph:
        with recorded() as calls:
            player = Player(graph, calls, await inputs_of_mutations(graph))
            await play_reads(player)
            await play_writes(player)
            yield player


async def test_every_call_has_the_verb_and_the_path_of_its_operation(played: Player) -> None:
    strange = [
        call
        for call in played.calls
        if call.operation not in BESIDE
        and not OPERATIONS[call.operation].is_call(call.verb, call.path)
    ]
    assert strange == []


async def test_every_operation_is_called(played: Player) -> None:
    assert {call.operation for call in played.calls} - BESIDE == CALLED


async def test_every_field_makes_the_calls_it_is_declared_to_stand_on(played: Player) -> None:
    idle = {
        field: missing
        for field, declared in operations_behind().items()
        if (missing := _expected(declared) - played.seen[field] - SPARED.get(field, set()))
    }
    assert idle == {}


def _expected(declared: frozenset[str]) -> set[str]:
    """With those that do the work of others in their place."""
    return {each for name in declared for each in OPERATIONS[name].instead or (name,)}
