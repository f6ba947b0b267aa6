"""What the door refuses, and how the process serves and stops."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

_CONFIG: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

Seconds = Annotated[float, Field(gt=0, le=3600)]
SecondsOrNone = Annotated[float, Field(ge=0, le=3600)]
Count = Annotated[int, Field(ge=1)]


class HeaderLimits(BaseModel):
    """Request line and headers together."""

    model_config = _CONFIG

    max_bytes: Annotated[int, Field(ge=1024)] = 16 * 1024
    max_count: Count = 100
    arrive_within_seconds: Seconds = 10.0


class BodyLimits(BaseModel):
    model_config = _CONFIG

    max_bytes: Count = 1_000_000
    arrive_within_seconds: Seconds = 10.0


def _limiter_url(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in ("async+redis", "async+rediss") or not parts.hostname:
        raise ValueError("async+redis://HOST:PORT or async+rediss://HOST:PORT is expected")
    return url


class RateLimits(BaseModel):
    """
    Requests in a sliding window.

    Attributes:
        per_caller: For everybody who is authenticated, by name.
        per_address: For all others, by IPv4 address or IPv6 network of 64 bits.
        redis_url: Where replicas count together. None: each process counts for itself.
        redis_timeout_seconds: After it the request goes on uncounted.
        most_windows: How many callers a process that counts for itself remembers.
    """

    model_config = _CONFIG

    enabled: bool = True
    window_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    per_caller: Count = 60_000
    per_address: Count = 600
    redis_url: Annotated[SecretStr, AfterValidator(_limiter_url)] | None = None
    redis_timeout_seconds: Seconds = 0.1
    most_windows: Count = 100_000


class ConcurrencyLimits(BaseModel):
    """
    Attributes:
        waiting: How many more may wait for one of the *running* to end.
    """

    model_config = _CONFIG

    running: Count = 100
    waiting: Annotated[int, Field(ge=0)] = 200
    wait_at_most_seconds: Seconds = 1.0


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if text != "*" and text != f"{parts.scheme}://{parts.netloc}":
        raise ValueError('an origin is scheme, host and port, "https://shop.example", or "*"')
    return text


class Cors(BaseModel):
    """
    Attributes:
        origins: Whose pages may read our answers. None by default.
        request_headers: What those pages may send, besides what the API itself understands.
    """

    model_config = _CONFIG

    origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    request_headers: tuple[str, ...] = ()
    max_age_seconds: Annotated[int, Field(ge=0, le=86_400)] = 600


class Serving(BaseModel):
    """
    How connections are held, and let go after SIGTERM.

    Attributes:
        trusted_proxies: Whose `X-Forwarded-For` and `-Proto` are believed. Nobody's by default.
        drain_delay_seconds: How long `/readyz` fails while requests are served as before, for a
            load balancer to look elsewhere.
        last_call_seconds: How long after that new requests are refused in words before the
            port is closed.
        finish_within_seconds: What is still running then is cancelled.
    """

    model_config = _CONFIG

    max_connections: Count = 512
    backlog: Count = 2048
    keep_alive_seconds: Annotated[int, Field(ge=1, le=600)] = 5
    trusted_proxies: tuple[str, ...] = ()
    drain_delay_seconds: SecondsOrNone = 0.0
    last_call_seconds: SecondsOrNone = 0.5
    finish_within_seconds: Annotated[int, Field(ge=1, le=3600)] = 15


class DoorSettings(BaseModel):
    """
    Attributes:
        deadline_seconds: For a whole request, from its last byte to the end of the answer.
        hsts_seconds: Tells browsers to come by HTTPS only, for so long; 0 tells nothing.
    """

    model_config = _CONFIG

    deadline_seconds: Seconds = 10.0
    hsts_seconds: Annotated[int, Field(ge=0)] = 0
    headers: HeaderLimits = HeaderLimits()
    body: BodyLimits = BodyLimits()
    rate: RateLimits = RateLimits()
    concurrency: ConcurrencyLimits = ConcurrencyLimits()
    cors: Cors = Cors()
    serving: Serving = Serving()
