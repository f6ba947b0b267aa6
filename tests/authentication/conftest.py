"""Shared by the tests of who is calling."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import pytest
import structlog

from app.authentication.authenticator import Authenticator
from app.authentication.refusals import NotAuthenticated, Reason
from tests.authentication.issuing import Issuing

ReasonOf = Callable[[Authenticator, Mapping[str, str]], Awaitable[Reason]]


@pytest.fixture
def issuing() -> Issuing:
    return Issuing()


@pytest.fixture
def reason_of() -> ReasonOf:
    """
    Why *headers* are refused, as the log has it, after making sure that what the client learns is
    the same as ever.
    """

    async def ask(authenticator: Authenticator, headers: Mapping[str, str]) -> Reason:
        with structlog.testing.capture_logs() as lines, pytest.raises(NotAuthenticated) as caught:
            await authenticator.authenticate(headers)
        assert str(caught.value) == "The credentials are not valid."
        assert caught.value.challenge == 'Bearer realm="creditgraph", error="invalid_token"'
        (line,) = (line for line in lines if line["event"] == "not authenticated")
        assert line["reason"] == caught.value.reason
        return caught.value.reason

    return ask
