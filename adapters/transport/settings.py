"""What every configured source has, and how its secrets are named."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import httpx
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
)

from adapters.transport.circuit import BreakerSettings
from app.domain.capability import Capability
from app.domain.clock import Clock
from app.domain.identifiers import SourceKey
from app.domain.instruments import InstrumentKind
from app.domain.money import Currency
from app.domain.provider import SourceInfo

_VARIABLE: Final = re.compile("[A-Z_][A-Z0-9_]*")


def _resolved(reference: object) -> object:
    match reference:
        case SecretStr():
            return reference
        case {"env": str(name), **others} if not others:
            if _VARIABLE.fullmatch(name) is None:  # not repeated: it may be the secret itself
                raise ValueError("the name of an environment variable is capitals, digits and _")
            if not os.environ.get(name):
                raise ValueError(f"the environment variable {name} is not set")
            return _secret(os.environ[name], f"the environment variable {name}")
        case {"file": str(path), **others} if not others:
            try:
                text = Path(path).read_text(encoding="utf-8")
            except (OSError, ValueError) as exc:
                raise ValueError(f"the file {path} cannot be read") from exc
            return _secret(text, f"the file {path}")
        case _:
            raise ValueError(
                'a secret is given by reference: { env = "NAME" } or { file = "PATH" }'
            )


def _secret(text: str, place: str) -> SecretStr:
    """Without white space around it; what is left must fit into a header."""
    text = text.strip()
    if not (text and text.isascii() and text.isprintable()):
        raise ValueError(f"{place} holds no secret in one line of ASCII")
    return SecretStr(text)


ReferredSecret = Annotated[SecretStr, BeforeValidator(_resolved)]
"""A secret that is named, not held: `{ env = "NAME" }` or `{ file = "PATH" }`."""


def _known_currency(code: str) -> str:
    return Currency(code).code


def _http_url(url: str) -> str:
    if not _is_absolute(url):
        raise ValueError("an http or https URL with a host is expected")
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("only scheme, host, port and path may be given")
    return url.rstrip("/")


def _is_absolute(url: str) -> bool:
    """Whether *url* is one for both libraries that will read it, down to the number of its port."""
    try:
        parts, host = urlsplit(url), httpx.URL(url).host
        return (
            parts.scheme in ("http", "https")
            and bool(host)
            and parts.port != 0
            and not any(map(str.isspace, url))
        )
    except (ValueError, httpx.InvalidURL):
        return False


class SourceSettings(BaseModel):
    """
    One `[[sources]]` table, as far as all providers share it.

    Attributes:
        retries: How often a read may be repeated; what changes something is sent once.
        max_concurrent_calls: Of all replicas together, where they count together; None where the
            provider publishes no limit.
        calls_per_minute: The same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    provider: str
    display_name: str | None = None
    base_url: Annotated[str, AfterValidator(_http_url)]
    default_currency: Annotated[str, AfterValidator(_known_currency)]
    enabled: bool = True
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 2.0
    write_timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 15.0
    writes_end_within_seconds: Annotated[float, Field(ge=1, le=3600)] = 60.0
    connect_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 1.0
    max_connections: Annotated[int, Field(ge=1, le=1000)] = 100
    max_response_bytes: Annotated[int, Field(ge=1024)] = 5_000_000
    retries: Annotated[int, Field(ge=0, le=1)] = 1
    breaker: BreakerSettings = BreakerSettings()
    max_concurrent_calls: Annotated[int, Field(ge=1, le=100_000)] | None = None
    calls_per_minute: Annotated[int, Field(ge=1, le=10_000_000)] | None = None

    def authenticated(
        self,
        transport: httpx.AsyncBaseTransport,
        clock: Clock,
    ) -> httpx.AsyncBaseTransport:
        """*transport*, with the proof of who asks put on every request that needs one."""
        return transport

    def info(
        self, *, kinds: frozenset[InstrumentKind], capabilities: frozenset[Capability]
    ) -> SourceInfo:
        """How the domain sees this source."""
        return SourceInfo(
            key=SourceKey(self.key),
            provider=self.provider,
            display_name=self.display_name or self.key,
            default_currency=Currency(self.default_currency),
            kinds=kinds,
            capabilities=capabilities,
            writes_end_within=timedelta(seconds=self.writes_end_within_seconds),
        )
