"""How long what sources told is remembered, and where."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters.transport.settings import ReferredSecret


def _redis_url(url: SecretStr) -> SecretStr:
    """The one of the door does as well, whose scheme begins with `async+`."""
    address = url.get_secret_value().removeprefix("async+")
    if not address.startswith(("redis://", "rediss://")):
        raise ValueError("redis://HOST:PORT or rediss://HOST:PORT is expected")
    return SecretStr(address)


class CacheSettings(BaseModel):
    """
    How long what a source told is remembered, and where: in memory, or for all replicas in Redis.

    Attributes:
        fresh_seconds: Of balances and everything else about instruments.
        configuration_seconds: Of a store's terms.
        keep_seconds: For callers to whom something older will do; the most that they can ask for.
        most_entries: In memory; what was not asked for longest goes first.
        answer_bytes: In memory, of whole answers to callers; 0 remembers none.
        wait_seconds: How long such a caller waits for a newer answer.
        timeout_seconds: How long Redis is waited for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    redis_url: Annotated[ReferredSecret, AfterValidator(_redis_url)] | None = None
    fresh_seconds: Annotated[float, Field(ge=0, le=300)] = 5.0
    configuration_seconds: Annotated[float, Field(ge=0, le=3600)] = 300.0
    keep_seconds: Annotated[float, Field(ge=1, le=86_400)] = 300.0
    most_entries: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    answer_bytes: Annotated[int, Field(ge=0, le=10_000_000_000)] = 50_000_000
    wait_seconds: Annotated[float, Field(gt=0, le=10)] = 0.2
    timeout_seconds: Annotated[float, Field(gt=0, le=5)] = 0.1

    @model_validator(mode="after")
    def _kept_while_fresh(self) -> CacheSettings:
        if self.keep_seconds < max(self.fresh_seconds, self.configuration_seconds):
            raise ValueError("keep_seconds: what is fresh is kept at least as long")
        return self
