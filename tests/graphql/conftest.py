"""The application on one sandbox for all tests, healed before each."""

from collections.abc import AsyncIterator

import pytest

from tests.graphql.graph import SOURCES, Graph, as_caller, over_sandbox


@pytest.fixture(scope="session")
async def served() -> AsyncIterator[Graph]:
    async with over_sandbox() as graph:
        yield graph


@pytest.fixture
async def graph(served: Graph) -> AsyncIterator[Graph]:
    """Every source is well, nothing has been asked yet, and who asks is the administrator."""
    served.client.headers.update(as_caller("admin"))
    served.wire.forget()
    yield served
    for source in SOURCES:
        await served.fault(source, "none")
