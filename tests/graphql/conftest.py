"""The application on one sandbox for all tests, healed before each."""

from collections.abc import AsyncIterator

import pytest

from tests.graphql.graph import SOURCES, Graph, over_sandbox


@pytest.fixture(scope="session")
async def served() -> AsyncIterator[Graph]:
    async with over_sandbox() as graph:
        yield graph


@pytest.fixture
async def graph(served: Graph) -> AsyncIterator[Graph]:
    """Every source is well and nothing has been asked yet."""
    served.wire.forget()
    yield served
    for source in SOURCES:
        await served.fault(source, "none")
