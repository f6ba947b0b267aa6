"""A source that counts how often it is asked, and requests that ask it."""

from __future__ import annotations

import pytest

from tests.cache.asking import House


@pytest.fixture
def house() -> House:
    return House()
