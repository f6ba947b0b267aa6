"""Keys are fetched when needed, kept for a while, and survive an outage of their issuer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import RSAAlgorithm

from app.authentication.key_set import (
    MAX_KEY_SET_BYTES,
    SECONDS_BETWEEN_FETCHES,
    read_key_set,
)
from app.authentication.refusals import (
    AuthenticationUnavailable,
    KeysUnavailable,
    NotAuthenticated,
    Reason,
)
from app.authentication.settings import ALGORITHMS
from tests.authentication.conftest import ReasonOf
from tests.authentication.issuing import (
    EC_KEYS,
    ED_KEY,
    OTHER_RSA_KEY,
    RSA_KEY,
    Issuing,
    bearer,
    door,
    issuer_table,
    jwk,
    key_set,
    lets_in,
    token,
)

AWAY = KeysUnavailable("no answer")


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


async def test_keys_are_fetched_once_for_many_tokens(issuing: Issuing) -> None:
    entrance = door(issuing)
    for _ in range(3):
        await entrance.authenticate(bearer(token()))
    assert issuing.fetches == 1


async def test_nothing_is_fetched_before_a_token_comes(issuing: Issuing) -> None:
    await door(issuing).authenticate({})
    assert issuing.fetches == 0


async def test_many_tokens_at_once_share_one_fetch(issuing: Issuing) -> None:
    issuing.answers.clear()
    entrance = door(issuing)
    waiting = [asyncio.create_task(entrance.authenticate(bearer(token()))) for _ in range(20)]
    await issuing.asked.wait()
    issuing.answers.set()
    await asyncio.gather(*waiting)
    assert issuing.fetches == 1


async def test_who_leaves_does_not_end_the_fetch_for_the_others(issuing: Issuing) -> None:
    issuing.answers.clear()
    entrance = door(issuing)
    leaves = asyncio.create_task(entrance.authenticate(bearer(token())))
    stays = asyncio.create_task(entrance.authenticate(bearer(token())))
    await issuing.asked.wait()
    leaves.cancel()
    issuing.answers.set()
    await stays
    assert issuing.fetches == 1


async def test_closing_ends_a_fetch(issuing: Issuing) -> None:
    issuing.answers.clear()
    entrance = door(issuing)
    waiting = asyncio.create_task(entrance.authenticate(bearer(token())))
    await issuing.asked.wait()
    await entrance.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_closing_without_a_fetch_is_nothing(issuing: Issuing) -> None:
    entrance = door(issuing)
    await entrance.aclose()
    await entrance.authenticate(bearer(token()))
    await entrance.aclose()


async def test_keys_are_fetched_again_when_their_time_is_over(
    issuing: Issuing, seconds: Seconds
) -> None:
    entrance = door(issuing, seconds=seconds)
    await entrance.authenticate(bearer(token()))
    seconds.now += 601
    await entrance.authenticate(bearer(token()))
    assert issuing.fetches == 2


async def test_a_key_that_was_withdrawn_ends_with_the_time_of_the_set(
    issuing: Issuing, seconds: Seconds, reason_of: ReasonOf
) -> None:
    entrance = door(issuing, seconds=seconds)
    await entrance.authenticate(bearer(token()))
    issuing.served = key_set(jwk(OTHER_RSA_KEY, "k2"))
    seconds.now += 601
    assert await reason_of(entrance, bearer(token())) is Reason.UNKNOWN_SIGNING_KEY


async def test_a_new_key_is_fetched_as_soon_as_a_token_names_it(
    issuing: Issuing, seconds: Seconds
) -> None:
    entrance = door(issuing, seconds=seconds)
    await entrance.authenticate(bearer(token()))
    issuing.served = key_set(jwk(RSA_KEY), jwk(OTHER_RSA_KEY, "k2"))
    seconds.now += SECONDS_BETWEEN_FETCHES
    assert await lets_in(entrance, bearer(token(key=OTHER_RSA_KEY, kid="k2")))
    assert issuing.fetches == 2


async def test_unknown_keys_do_not_cause_one_fetch_each(
    issuing: Issuing, seconds: Seconds, reason_of: ReasonOf
) -> None:
    entrance = door(issuing, seconds=seconds)
    for number in range(50):
        refused = bearer(token(kid=f"guess-{number}"))
        assert await reason_of(entrance, refused) is Reason.UNKNOWN_SIGNING_KEY
    assert issuing.fetches == 1


async def test_keys_stay_good_while_their_place_is_away(issuing: Issuing, seconds: Seconds) -> None:
    entrance = door(issuing, seconds=seconds)
    await entrance.authenticate(bearer(token()))
    issuing.served = AWAY
    seconds.now += 6000
    for _ in range(10):
        assert await lets_in(entrance, bearer(token()))
    assert issuing.fetches == 2


async def test_an_answer_that_is_no_key_set_does_not_replace_one(
    issuing: Issuing, seconds: Seconds
) -> None:
    entrance = door(issuing, seconds=seconds)
    await entrance.authenticate(bearer(token()))
    issuing.served = b"<html>maintenance</html>"
    seconds.now += 6000
    assert await lets_in(entrance, bearer(token()))


async def test_keys_do_not_stay_good_for_ever(issuing: Issuing, seconds: Seconds) -> None:
    entrance = door(issuing, issuer_table(stale_keys_seconds=100), seconds=seconds)
    await entrance.authenticate(bearer(token()))
    issuing.served = AWAY
    seconds.now += 701
    with pytest.raises(AuthenticationUnavailable):
        await entrance.authenticate(bearer(token()))


async def test_a_key_that_may_be_new_is_not_called_unknown_during_an_outage(
    issuing: Issuing, seconds: Seconds
) -> None:
    entrance = door(issuing, seconds=seconds)
    await entrance.authenticate(bearer(token()))
    issuing.served = AWAY
    seconds.now += SECONDS_BETWEEN_FETCHES
    with pytest.raises(AuthenticationUnavailable):
        await entrance.authenticate(bearer(token(kid="k2")))
    assert await lets_in(entrance, bearer(token()))


async def test_without_keys_a_token_is_neither_good_nor_bad(
    issuing: Issuing, seconds: Seconds
) -> None:
    issuing.served = AWAY
    entrance = door(issuing, seconds=seconds)
    for _ in range(5):
        with pytest.raises(AuthenticationUnavailable) as caught:
            await entrance.authenticate(bearer(token()))
        assert caught.value.status == 503
        assert caught.value.retry_after_seconds == SECONDS_BETWEEN_FETCHES
    assert issuing.fetches == 1


async def test_the_door_opens_when_the_keys_are_back(issuing: Issuing, seconds: Seconds) -> None:
    good, issuing.served = issuing.served, AWAY
    entrance = door(issuing, seconds=seconds)
    with pytest.raises(AuthenticationUnavailable):
        await entrance.authenticate(bearer(token()))
    issuing.served = good
    seconds.now += SECONDS_BETWEEN_FETCHES
    assert await lets_in(entrance, bearer(token()))


async def test_a_place_that_hangs_is_given_up(
    issuing: Issuing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.authentication.key_set.FETCHED_WITHIN_SECONDS", 0.01)
    issuing.answers.clear()
    assert await door(issuing).check() == [
        "authentication.issuers[0].jwks_url: no answer in time",
    ]


async def test_a_check_finds_nothing_wrong_with_good_keys(issuing: Issuing) -> None:
    assert await door(issuing).check() == []


@pytest.mark.parametrize(
    ("served", "problem"),
    [
        (AWAY, "no answer"),
        (b"", "the key set is not JSON"),
        (b"\xff\xfe\x00garbage", "the key set is not JSON"),
        (b"[" * 100_000, "the key set is not JSON"),
        (b"null", "there is no key set"),
        (b"[]", "there is no key set"),
        (b'{"keys": {}}', "there is no key set"),
        (b'{"keys": []}', "the key set holds no usable key"),
        (b'{"keys": [null, 7, "x", [], {}]}', "the key set holds no usable key"),
        (b" " * (MAX_KEY_SET_BYTES + 1), "the key set is too large"),
    ],
    ids=range(10),
)
async def test_a_check_names_what_is_wrong_with_the_keys(
    issuing: Issuing, served: bytes | KeysUnavailable, problem: str
) -> None:
    issuing.served = served
    assert await door(issuing).check() == [f"authentication.issuers[0].jwks_url: {problem}"]


async def test_keys_can_stand_in_a_file(issuing: Issuing, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(jwk(RSA_KEY)))
    entrance = door(issuing, issuer_table(jwks_url=None, jwks_file=str(file)))
    assert await lets_in(entrance, bearer(token()))
    assert await entrance.check() == []
    assert issuing.fetches == 0


async def test_a_file_is_read_again_too(issuing: Issuing, tmp_path: Path, seconds: Seconds) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(jwk(RSA_KEY)))
    table = issuer_table(jwks_url=None, jwks_file=str(file))
    entrance = door(issuing, table, seconds=seconds)
    await entrance.authenticate(bearer(token()))
    file.write_bytes(key_set(jwk(OTHER_RSA_KEY, "k2")))
    seconds.now += SECONDS_BETWEEN_FETCHES
    assert await lets_in(entrance, bearer(token(key=OTHER_RSA_KEY, kid="k2")))


async def test_a_file_that_is_not_there_is_named_by_the_check(
    issuing: Issuing, tmp_path: Path
) -> None:
    entrance = door(issuing, issuer_table(jwks_url=None, jwks_file=str(tmp_path / "absent")))
    assert await entrance.check() == [
        "authentication.issuers[0].jwks_file: the file cannot be read"
    ]


def private_jwk(kid: str) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(RSA_KEY, as_dict=True), "kid": kid, "key_ops": ["verify"]}


SHORT_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)


@pytest.mark.parametrize(
    "ignored",
    [
        jwk(RSA_KEY, None),
        jwk(RSA_KEY, ""),
        jwk(RSA_KEY, "bad", use="enc"),
        jwk(RSA_KEY, "bad", use=7),
        jwk(RSA_KEY, "bad", key_ops=["encrypt"]),
        jwk(RSA_KEY, "bad", key_ops=None),
        jwk(RSA_KEY, "bad", alg="HS256"),
        jwk(RSA_KEY, "bad", alg="RSA-OAEP"),
        jwk(RSA_KEY, "bad", kty="EC"),
        jwk(SHORT_RSA_KEY, "bad"),
        jwk(EC_KEYS["ES256"], "bad", crv="P-384"),
        jwk(EC_KEYS["ES256"], "bad", x="AAAA"),
        jwk(ec.generate_private_key(ec.SECP256K1()), "bad"),
        jwk(ED_KEY, "bad", crv="X25519"),
        jwk(ED_KEY, "bad", x="not base64!"),
        private_jwk("bad"),
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "bad"},
        {"kty": "RSA", "kid": "bad"},
        {"kty": "RSA", "kid": "bad", "n": 7, "e": []},
        {"kty": "RSA", "kid": "bad", "n": "AA", "e": "AA"},
        {"kty": "unheard-of", "kid": "bad"},
        {"kty": ["RSA"], "kid": ["bad"]},
    ],
    ids=range(22),
)
def test_a_key_that_is_no_good_is_ignored_and_the_others_are_not(ignored: object) -> None:
    keys = read_key_set(key_set(ignored, jwk(EC_KEYS["ES512"], "good")), ALGORITHMS)
    assert list(keys) == [("good", "ES512")]


def test_a_name_that_two_keys_share_names_neither() -> None:
    keys = read_key_set(
        key_set(jwk(RSA_KEY, "twice"), jwk(OTHER_RSA_KEY, "twice"), jwk(ED_KEY, "good")),
        ALGORITHMS,
    )
    assert list(keys) == [("good", "EdDSA")]


def test_the_same_key_may_be_there_twice() -> None:
    assert read_key_set(key_set(jwk(ED_KEY), jwk(ED_KEY)), ALGORITHMS)


def test_keys_of_different_kinds_may_share_a_name() -> None:
    keys = read_key_set(key_set(jwk(ED_KEY), jwk(EC_KEYS["ES256"])), ALGORITHMS)
    assert set(keys) == {("k1", "EdDSA"), ("k1", "ES256")}


def test_a_key_works_with_the_algorithm_it_names_alone() -> None:
    keys = read_key_set(key_set(jwk(RSA_KEY, alg="PS384")), ALGORITHMS)
    assert list(keys) == [("k1", "PS384")]


async def test_a_key_for_encryption_verifies_nothing(issuing: Issuing) -> None:
    issuing.served = key_set(jwk(RSA_KEY, use="enc"), jwk(ED_KEY, "k2"))
    with pytest.raises(NotAuthenticated):
        await door(issuing).authenticate(bearer(token()))


def test_a_key_set_is_what_it_is_elsewhere_too() -> None:
    document = json.loads(key_set(jwk(RSA_KEY, use="sig", alg="RS256", x5t="x", x5c=["x"])))
    assert list(read_key_set(json.dumps(document).encode(), ["RS256"])) == [("k1", "RS256")]
