"""A shop of its own for each test that writes to one."""

from collections.abc import AsyncIterator

import pytest

from tests.graphql.writes.company_credit import Shop, a_shop
from tests.graphql.writes.credit_shop import CreditShop, credit_shop


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with a_shop() as open_one:
        yield open_one


@pytest.fixture(scope="module")
async def store() -> AsyncIterator[CreditShop]:
    """One for all tests of a module, as each has an account of its own."""
    async with credit_shop() as open_one:
        yield open_one
