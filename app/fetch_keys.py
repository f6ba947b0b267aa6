"""Fetching the key sets that tokens are checked with."""

from __future__ import annotations

from typing import Final

import httpx

from adapters.transport.connection import Connection
from adapters.transport.layers import BodyLimit, Deadline
from app.authentication.key_set import FETCHED_WITHIN_SECONDS, MAX_KEY_SET_BYTES
from app.authentication.refusals import KeysUnavailable

_TIMEOUT: Final = httpx.Timeout(2, connect=1)


def key_transport() -> httpx.AsyncBaseTransport:
    """The stack to an issuer; to be closed."""
    return Deadline(
        BodyLimit(Connection(max_connections=2), max_bytes=MAX_KEY_SET_BYTES),
        seconds=FETCHED_WITHIN_SECONDS,
    )


async def fetch_keys(transport: httpx.AsyncBaseTransport, url: str) -> bytes:
    """
    What stands at *url*. Redirections are not followed: the configuration says where keys are.

    Raises:
        KeysUnavailable: Nothing, or no answer.
    """
    request = httpx.Request(
        "GET",
        url,
        headers={"Accept": "application/jwk-set+json, application/json"},
        extensions={"timeout": _TIMEOUT.as_dict()},
    )
    try:
        response = await transport.handle_async_request(request)
    except httpx.DecodingError as exc:
        raise KeysUnavailable(str(exc)) from None
    except httpx.TimeoutException:
        raise KeysUnavailable("no answer in time") from None
    except httpx.HTTPError:
        raise KeysUnavailable("no answer") from None
    if response.status_code != httpx.codes.OK:
        raise KeysUnavailable(f"an answer with status {response.status_code}")
    return response.content
