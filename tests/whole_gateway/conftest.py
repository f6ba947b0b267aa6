"""One gateway in this process for all who only read."""

from collections.abc import AsyncIterator, Sequence

import pytest

from tests.whole_gateway.people import PEOPLE, Gateway, Owned, gateway


@pytest.fixture(scope="session")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    async with gateway(tmp_path_factory.mktemp("whole")) as one:
        yield one


@pytest.fixture(scope="session")
async def known(opened: Gateway) -> Sequence[Owned]:
    return [one for owner in PEOPLE for one in await opened.met(owner)]
