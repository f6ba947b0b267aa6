"""API keys: made once, kept as a hash, good until they end or are taken out."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.authentication.api_keys import HashLine, NewApiKey, new_api_key
from app.authentication.authenticator import Authenticator
from app.authentication.refusals import Reason
from app.authentication.settings import AuthenticationSettings
from app.domain.access import AccessLevel
from app.domain.customer import CustomerIdentity
from tests.authentication.conftest import ReasonOf
from tests.authentication.issuing import NAME_SECRET, Issuing, bearer, lets_in

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def entry(key: NewApiKey, **others: object) -> dict[str, Any]:
    return {"name": "checkout", "hash": key.hash_line, "level": "SERVICE", **others}


def door(*entries: dict[str, Any], now: datetime = NOW) -> Authenticator:
    return Authenticator(
        AuthenticationSettings.model_validate({"api_keys": entries}),
        fetch=Issuing().fetch,
        name_secret=NAME_SECRET,
        clock=lambda: now,
    )


def test_a_new_key_has_256_random_bits_and_a_hash_line() -> None:
    made = new_api_key()
    assert re.fullmatch(r"cg_[0-9a-f]{12}_[0-9a-f]{64}", made.key)
    assert re.fullmatch(r"cg_[0-9a-f]{12}:sha256\$[0-9a-f]{64}", made.hash_line)
    assert made.key.split("_")[1] in made.hash_line
    assert made.key.split("_")[2] not in made.hash_line


def test_no_two_keys_are_the_same() -> None:
    assert len({new_api_key().key for _ in range(100)}) == 100


def test_a_new_key_is_not_printed_by_accident() -> None:
    made = new_api_key()
    assert made.key not in repr(made)


def test_a_hash_line_is_read_as_it_was_written() -> None:
    made = new_api_key()
    assert HashLine.read(made.hash_line) == HashLine.of(made.key)


async def test_a_key_has_the_level_and_the_scopes_it_was_given() -> None:
    key = new_api_key()
    caller = await door(entry(key, scopes=["credit:read"])).authenticate(bearer(key.key))
    assert caller.level is AccessLevel.SERVICE
    assert caller.scopes == {"credit:read"}
    assert caller.name == "key:checkout"
    assert caller.identity is None
    assert not caller.anonymous


async def test_a_key_of_a_shopper_says_who_it_is() -> None:
    key = new_api_key()
    shopper = entry(key, level="SHOPPER", email="Buyer@example.com")
    caller = await door(shopper).authenticate(bearer(key.key))
    assert caller.identity == CustomerIdentity(email="buyer@example.com")


async def test_two_keys_are_good_while_one_replaces_the_other() -> None:
    old, new = new_api_key(), new_api_key()
    entrance = door(entry(old), entry(new))
    for key in (old, new):
        assert (await entrance.authenticate(bearer(key.key))).name == "key:checkout"


async def test_a_key_that_nobody_issued_is_refused(reason_of: ReasonOf) -> None:
    assert await reason_of(door(), bearer(new_api_key().key)) is Reason.UNKNOWN_API_KEY


async def test_a_known_id_with_another_secret_is_refused(reason_of: ReasonOf) -> None:
    key, other = new_api_key(), new_api_key()
    mixed = "_".join([*key.key.split("_")[:2], other.key.split("_")[2]])
    assert await reason_of(door(entry(key)), bearer(mixed)) is Reason.UNKNOWN_API_KEY


async def test_the_hash_line_is_no_key(reason_of: ReasonOf) -> None:
    key = new_api_key()
    digest = key.hash_line.partition("$")[2]
    shown = f"cg_{key.key.split('_')[1]}_{digest}"
    assert await reason_of(door(entry(key)), bearer(shown)) is Reason.UNKNOWN_API_KEY


async def test_an_unknown_id_costs_the_same_comparison_as_a_known_one(
    reason_of: ReasonOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    genuine = hmac.compare_digest

    def compare(shown: bytes, kept: bytes) -> bool:
        compared.append((len(shown), len(kept)))
        return genuine(shown, kept)

    monkeypatch.setattr("app.authentication.api_keys.hmac.compare_digest", compare)
    await reason_of(door(entry(new_api_key())), bearer(new_api_key().key))
    assert compared == [(32, 32)]


async def test_a_key_whose_digest_would_be_all_zeros_is_still_unknown(reason_of: ReasonOf) -> None:
    nobody = entry(new_api_key(), hash=f"cg_abc:sha256${'0' * 64}")
    assert await reason_of(door(nobody), bearer(new_api_key().key)) is Reason.UNKNOWN_API_KEY


async def test_a_key_is_good_up_to_the_moment_it_ends(reason_of: ReasonOf) -> None:
    key = new_api_key()
    ends = entry(key, expires_at=NOW)
    assert await lets_in(door(ends, now=NOW - timedelta(seconds=1)), bearer(key.key))
    assert await reason_of(door(ends, now=NOW), bearer(key.key)) is Reason.EXPIRED


@pytest.mark.parametrize(
    "text",
    [
        "cg_",
        "cg__",
        "cg_abc",
        "cg_abc_",
        "cg_abc_short",
        "cg_ABC_" + "a" * 64,
        "cg_abc_" + "a" * 129,
        "cg_abc_" + "a" * 42,
        "cg_abc_" + "a" * 43 + "!",
        "cg_abc_" + "a" * 43 + "_b",
        "cg_../_" + "a" * 64,
        "cg_abc:sha256$" + "a" * 64,
    ],
)
async def test_what_only_begins_like_a_key_is_refused(reason_of: ReasonOf, text: str) -> None:
    assert await reason_of(door(), bearer(text)) is Reason.MALFORMED
