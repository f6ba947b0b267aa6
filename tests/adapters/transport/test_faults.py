"""One table for everything httpx can raise, one for statuses."""

from __future__ import annotations

import inspect

import httpx
import pytest

from adapters.transport.faults import READ_FAULTS, fault_of_status, read_fault
from app.domain.errors import (
    ProviderContractBroken,
    ProviderFailed,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
    ProviderUnreachable,
)
from app.domain.identifiers import SourceKey

SOURCE = SourceKey("vtex-br")

PUBLIC: list[type[Exception]] = [
    member
    for member in (getattr(httpx, name) for name in httpx.__all__)
    if inspect.isclass(member) and issubclass(member, Exception)
]

LEAVES = [one for one in PUBLIC if not any(issubclass(it, one) for it in PUBLIC if it is not one)]

NEVER_FROM_A_TRANSPORT = {
    httpx.TooManyRedirects: "redirects are followed by httpx's client, which is not used",
    httpx.HTTPStatusError: "comes from raise_for_status, which nobody calls",
    httpx.InvalidURL: "comes from building a URL; Upstream refuses the question",
    httpx.CookieConflict: "comes from reading a cookie jar, and there is none",
    httpx.RequestNotRead: "a mistake of ours, no fault of a provider",
    httpx.ResponseNotRead: "a mistake of ours, no fault of a provider",
    httpx.StreamClosed: "a mistake of ours, no fault of a provider",
    httpx.StreamConsumed: "a mistake of ours, no fault of a provider",
}


@pytest.mark.parametrize("error", LEAVES, ids=lambda error: error.__name__)
def test_every_public_exception_of_httpx_is_mapped_or_cannot_come(error: type[Exception]) -> None:
    assert (error in READ_FAULTS) is not (error in NEVER_FROM_A_TRANSPORT)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (httpx.ConnectTimeout, ProviderTimedOut),
        (httpx.ReadTimeout, ProviderTimedOut),
        (httpx.WriteTimeout, ProviderTimedOut),
        (httpx.PoolTimeout, ProviderTimedOut),
        (httpx.ConnectError, ProviderUnreachable),
        (httpx.ReadError, ProviderUnreachable),
        (httpx.WriteError, ProviderUnreachable),
        (httpx.CloseError, ProviderUnreachable),
        (httpx.ProxyError, ProviderUnreachable),
        (httpx.UnsupportedProtocol, ProviderUnreachable),
        (httpx.LocalProtocolError, ProviderContractBroken),
        (httpx.RemoteProtocolError, ProviderContractBroken),
        (httpx.DecodingError, ProviderContractBroken),
    ],
)
def test_a_failed_read_is_a_fault_of_its_kind(
    error: type[httpx.RequestError], fault: type[ProviderFault]
) -> None:
    found = read_fault(error("text of the library"), SOURCE)

    assert type(found) is fault
    assert found.source == "vtex-br"
    assert "library" not in str(found)


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (301, None),
        (400, None),
        (401, ProviderRefusedUs),
        (403, ProviderRefusedUs),
        (404, None),
        (405, None),
        (429, ProviderThrottled),
        (499, None),
        (500, ProviderFailed),
        (502, ProviderFailed),
        (503, ProviderFailed),
        (504, ProviderFailed),
        (599, ProviderFailed),
    ],
)
def test_a_status_stands_for_a_fault_where_all_providers_mean_the_same(
    status: int, fault: type[ProviderFault] | None
) -> None:
    found = fault_of_status(status, httpx.Headers(), SOURCE)

    assert (type(found) if found else None) is fault


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("999999", 999999),
        ("1000000", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_seconds_only(text: str, seconds: int | None) -> None:
    headers = httpx.Headers([(b"Retry-After", text.encode())])

    fault = fault_of_status(429, headers, SOURCE)

    assert fault is not None
    assert fault.retry_after_seconds == seconds


def test_a_refusal_to_hurry_may_come_without_a_delay() -> None:
    fault = fault_of_status(429, httpx.Headers(), SOURCE)

    assert fault is not None
    assert fault.retry_after_seconds is None
