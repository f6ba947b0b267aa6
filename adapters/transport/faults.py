"""The one table from what httpx raises to what the domain knows."""

from __future__ import annotations

from typing import Final

import httpx

from app.domain.errors import (
    CircuitOpen,
    OutcomeUnknown,
    ProviderContractBroken,
    ProviderFailed,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
    ProviderUnreachable,
)
from app.domain.identifiers import SourceKey


class CircuitIsOpen(httpx.TransportError):
    """Nothing is sent for a while, as too much of it failed."""


READ_FAULTS: Final[dict[type[httpx.HTTPError], type[ProviderFault]]] = {
    httpx.ConnectTimeout: ProviderTimedOut,
    httpx.ReadTimeout: ProviderTimedOut,
    httpx.WriteTimeout: ProviderTimedOut,
    httpx.PoolTimeout: ProviderTimedOut,
    httpx.ConnectError: ProviderUnreachable,
    httpx.ReadError: ProviderUnreachable,
    httpx.WriteError: ProviderUnreachable,
    httpx.CloseError: ProviderUnreachable,
    httpx.ProxyError: ProviderUnreachable,
    httpx.UnsupportedProtocol: ProviderUnreachable,
    httpx.LocalProtocolError: ProviderContractBroken,
    httpx.RemoteProtocolError: ProviderContractBroken,
    httpx.DecodingError: ProviderContractBroken,
    CircuitIsOpen: CircuitOpen,
}
"""What a transport can raise, leaf by leaf, when the call was a read."""


def read_fault(error: httpx.HTTPError, source: SourceKey) -> ProviderFault:
    """What *error* means after a read."""
    return READ_FAULTS[type(error)](source)


NOT_SENT: Final[tuple[type[httpx.HTTPError], ...]] = (
    httpx.ConnectTimeout,
    httpx.ConnectError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    CircuitIsOpen,
)
"""What is raised before the first byte went out."""


def write_fault(error: httpx.HTTPError, source: SourceKey) -> ProviderFault | OutcomeUnknown:
    """What *error* means after a write: nothing was changed, or nobody knows."""
    fault = read_fault(error, source)
    return fault if isinstance(error, NOT_SENT) else OutcomeUnknown(source, fault.kind)


def write_fault_of_status(
    status: int, headers: httpx.Headers, source: SourceKey
) -> ProviderFault | OutcomeUnknown:
    """
    What a status means that is neither success nor a refusal in the provider's own form.

    403 and 429 come before any work. A 401 does not prove that: a backend that lost its database
    in the middle gives one too.
    """
    fault = fault_of_status(status, headers, source) or ProviderContractBroken(source)
    return fault if status in (403, 429) else OutcomeUnknown(source, fault.kind)


def fault_of_status(status: int, headers: httpx.Headers, source: SourceKey) -> ProviderFault | None:
    """The fault that an HTTP status stands for; None where only the provider's room can tell."""
    if status in (401, 403):
        return ProviderRefusedUs(source)
    if status == 429:
        return ProviderThrottled(source, retry_after_seconds=retry_after_seconds(headers))
    if status >= 500:
        return ProviderFailed(source)
    return None


def retry_after_seconds(headers: httpx.Headers) -> int | None:
    """The delay form of Retry-After. A date is not read: clocks differ, and it is only a hint."""
    told = headers.get("retry-after")
    if told and told.isascii() and told.isdigit() and len(told) < 7:
        return int(told)
    return None
