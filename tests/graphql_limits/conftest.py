"""The application on one sandbox for all tests, with limits as a real store has them."""

from collections.abc import AsyncIterator

import pytest

from app.graphql.limits import DocumentLimits
from tests.graphql.graph import Graph, over_sandbox, settings


@pytest.fixture(scope="session")
async def served() -> AsyncIterator[Graph]:
    async with over_sandbox(settings(limits=DocumentLimits(introspection=True))) as graph:
        yield graph


@pytest.fixture
def graph(served: Graph) -> Graph:
    """No provider has been asked anything yet."""
    served.wire.forget()
    return served
