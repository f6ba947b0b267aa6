"""How long what sources told is remembered, and what keeps tenants apart."""

from __future__ import annotations

import socket

import pytest
from pydantic import SecretStr, ValidationError

from app.cache.settings import CacheSettings
from app.check import probe_cache
from app.domain.identifiers import SourceKey
from app.remember import identities
from app.settings import Settings, sandbox_settings


def test_on_the_sandbox_nothing_is_fresh_for_any_time() -> None:
    cache = sandbox_settings(1).cache
    assert (cache.fresh_seconds, cache.configuration_seconds) == (0, 0)


@pytest.mark.parametrize("longest", ["fresh_seconds", "configuration_seconds"])
def test_what_is_fresh_is_kept(longest: str) -> None:
    with pytest.raises(ValidationError, match="kept at least as long"):
        CacheSettings.model_validate({longest: 100, "keep_seconds": 50})


@pytest.mark.parametrize("url", ["http://cache.example", "memory://", "redis:6379", "unix:///x"])
def test_an_address_that_is_not_redis_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValidationError, match="rediss://HOST:PORT is expected") as refused:
        CacheSettings(redis_url=SecretStr(url))
    assert url not in str(refused.value)


@pytest.mark.parametrize("url", ["redis://cache.example", "async+redis://cache.example"])
def test_the_address_of_the_door_does_as_well(url: str) -> None:
    known = CacheSettings(redis_url=SecretStr(url)).redis_url
    assert known is not None
    assert known.get_secret_value() == "redis://cache.example"


def changed(settings: Settings, **changes: object) -> dict[SourceKey, str]:
    """The identities once the first source is changed."""
    first, *others = settings.sources
    return dict(identities([first.model_copy(update=changes), *others], "a secret"))


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "https://other.example"},
        {"credentials": sandbox_settings(1).sources[2].credentials},
        {"default_currency": "USD"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_address_or_credential_is_another_source(changes: dict[str, object]) -> None:
    settings = sandbox_settings(1)
    before, after = changed(settings), changed(settings, **changes)
    first = SourceKey(settings.sources[0].key)
    assert {key for key in before if before[key] != after[key]} == {first}


def test_how_long_a_source_is_waited_for_makes_no_other_source() -> None:
    settings = sandbox_settings(1)
    assert changed(settings) == changed(settings, timeout_seconds=9.0, max_connections=7)


def test_an_identity_tells_no_credential() -> None:
    told = str(identities(sandbox_settings(1).sources, "a secret"))
    assert "sandbox-vtex-token" not in told
    assert "vtexappkey" not in told


async def test_a_redis_that_does_not_answer_is_a_problem() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = SecretStr(f"redis://user:hunter2@127.0.0.1:{port}")
    settings = sandbox_settings(1).model_copy(update={"cache": CacheSettings(redis_url=url)})
    assert await probe_cache(settings) == ["cache: Redis does not answer at cache.redis_url"]


async def test_memory_is_never_a_problem() -> None:
    assert await probe_cache(sandbox_settings(1)) == []
