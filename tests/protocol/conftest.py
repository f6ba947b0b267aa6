"""The application as HTTP clients meet it."""

from collections.abc import AsyncIterator

import pytest

from tests.graphql.graph import Graph, over_sandbox


@pytest.fixture(scope="session")
async def served() -> AsyncIterator[Graph]:
    async with over_sandbox() as graph:
        yield graph
