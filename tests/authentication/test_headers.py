"""One credential, in one of two headers, or none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from app.authentication.api_keys import new_api_key
from app.authentication.authenticator import LONGEST_CREDENTIAL, Authenticator
from app.authentication.refusals import (
    REALM,
    AuthenticationUnavailable,
    NotAuthenticated,
    Reason,
)
from app.authentication.settings import AuthenticationSettings
from app.domain.access import AccessLevel
from tests.authentication.conftest import ReasonOf
from tests.authentication.issuing import (
    NAME_SECRET,
    Issuing,
    bearer,
    claims,
    forged,
    issuer_table,
    token,
)

KEY = new_api_key()
OTHER_KEY = new_api_key()
TABLE = {
    "issuers": [issuer_table()],
    "api_keys": [
        {"name": "one", "hash": KEY.hash_line, "level": "SERVICE"},
        {"name": "other", "hash": OTHER_KEY.hash_line, "level": "ADMIN"},
    ],
}


def door(**settings: object) -> Authenticator:
    return Authenticator(
        AuthenticationSettings.model_validate({**TABLE, **settings}),
        fetch=Issuing().fetch,
        name_secret=NAME_SECRET,
    )


async def test_without_credentials_a_caller_may_do_next_to_nothing() -> None:
    caller = await door().authenticate({"Accept": "application/json"})
    assert caller.level is AccessLevel.PUBLIC
    assert caller.scopes == frozenset()
    assert caller.identity is None
    assert caller.anonymous
    assert caller.name == "anonymous"


async def test_the_configuration_can_let_anybody_in() -> None:
    caller = await door(anonymous_level="SERVICE", anonymous_scopes=["credit:read"]).authenticate(
        {}
    )
    assert caller.level is AccessLevel.SERVICE
    assert caller.scopes == {"credit:read"}
    assert caller.anonymous


async def test_bad_credentials_do_not_make_anybody_anonymous() -> None:
    with pytest.raises(NotAuthenticated):
        await door(anonymous_level="SERVICE").authenticate(bearer("nonsense"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY.key}"},
        {"authorization": f"bearer {KEY.key}"},
        {"AUTHORIZATION": f"BEARER   {KEY.key} "},
        {"X-Api-Key": KEY.key},
        {"x-api-key": KEY.key},
        {"Authorization": f"Bearer {KEY.key}", "X-Api-Key": KEY.key},
        Headers({"Authorization": f"Bearer {KEY.key}"}),
        Headers(raw=[(b"x-api-key", KEY.key.encode()), (b"x-api-key", KEY.key.encode())]),
    ],
)
async def test_a_key_may_come_in_either_header(headers: Mapping[str, str]) -> None:
    assert (await door().authenticate(headers)).name == "key:one"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY.key}", "X-Api-Key": OTHER_KEY.key},
        {"Authorization": f"Bearer {token()}", "X-Api-Key": KEY.key},
        Headers(
            raw=[
                (b"authorization", b"Bearer " + KEY.key.encode()),
                (b"authorization", b"Bearer " + OTHER_KEY.key.encode()),
            ]
        ),
        Headers(raw=[(b"x-api-key", KEY.key.encode()), (b"x-api-key", OTHER_KEY.key.encode())]),
    ],
)
async def test_different_credentials_at_once_are_refused(
    reason_of: ReasonOf, headers: Mapping[str, str]
) -> None:
    assert await reason_of(door(), headers) is Reason.CONFLICTING_CREDENTIALS


@pytest.mark.parametrize(
    "value", ["", "Basic c2VjcmV0", "Digest x", KEY.key, "Token x", "Bearer\t" + KEY.key, ":"]
)
async def test_other_schemes_are_refused(reason_of: ReasonOf, value: str) -> None:
    assert await reason_of(door(), {"Authorization": value}) is Reason.SCHEME


@pytest.mark.parametrize(
    "credential",
    [
        "",
        " ",
        f"{KEY.key}\r\nX-Level: ADMIN",
        f"{KEY.key}\n",
        f"{KEY.key}\0",
        f"{KEY.key}\x7f",
        f"{KEY.key} {OTHER_KEY.key}",
        f"{KEY.key},{OTHER_KEY.key}",
        f"{KEY.key}\u00e9",
        f"{KEY.key}\ud800",
        "\u212a" * 50,
    ],
)
async def test_characters_that_no_credential_has_are_refused(
    reason_of: ReasonOf, credential: str
) -> None:
    assert await reason_of(door(), bearer(credential)) is Reason.MALFORMED
    assert await reason_of(door(), {"X-Api-Key": credential}) is Reason.MALFORMED


async def test_a_token_is_no_api_key(reason_of: ReasonOf) -> None:
    assert await reason_of(door(), {"X-Api-Key": token()}) is Reason.MALFORMED


@pytest.mark.parametrize("start", ["", "cg_", "eyJ"])
async def test_what_is_too_long_is_refused(reason_of: ReasonOf, start: str) -> None:
    endless = start + "a" * LONGEST_CREDENTIAL
    assert await reason_of(door(), bearer(endless + "a")) is Reason.TOO_LONG


def test_what_a_client_learns_is_fixed() -> None:
    assert NotAuthenticated.status == 401
    assert NotAuthenticated.code == "UNAUTHENTICATED"
    assert NotAuthenticated.challenge.startswith(REALM)
    assert AuthenticationUnavailable.code == "AUTHENTICATION_UNAVAILABLE"


DOOR = door()


async def _is_refused(headers: Mapping[str, str]) -> None:
    with pytest.raises(NotAuthenticated):
        await DOOR.authenticate(headers)


@given(st.binary(min_size=1))
async def test_random_bytes_are_refused(noise: bytes) -> None:
    await _is_refused({"Authorization": noise.decode("latin-1")})
    await _is_refused(bearer(noise.decode("latin-1")))
    await _is_refused({"X-Api-Key": "cg_" + noise.decode("latin-1")})


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
async def test_random_texts_are_refused(noise: str) -> None:
    await _is_refused(bearer(noise))
    await _is_refused(bearer(f"{noise}.{noise}.{noise}"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    header=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["alg", "kid", "typ", "crit", "b64", "zip", "jwk"], JSON)
    ),
    payload=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"], JSON)
    ),
    signature=st.binary(),
)
async def test_random_tokens_are_refused(
    header: dict[str, object], payload: dict[str, object], signature: bytes
) -> None:
    await _is_refused(bearer(forged(header, payload, signature)))
    likely_header = {**header, "alg": "RS256", "kid": "k1"}
    await _is_refused(bearer(forged(likely_header, {**claims(), **payload}, signature)))
