"""A token opens the door only when everything about it is right."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.authentication.refusals import NotAuthenticated, Reason
from app.domain.access import AccessLevel
from tests.authentication.conftest import ReasonOf
from tests.authentication.issuing import (
    AUDIENCE,
    EC_KEYS,
    ED_KEY,
    ISSUER,
    OTHER_RSA_KEY,
    RSA_KEY,
    Issuing,
    bearer,
    claims,
    door,
    forged,
    issuer_table,
    jwk,
    key_set,
    lets_in,
    token,
)


async def test_a_good_token_is_let_in(issuing: Issuing) -> None:
    caller = await door(issuing).authenticate(bearer(token()))
    assert caller.level is AccessLevel.SHOPPER
    assert not caller.anonymous


@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
async def test_an_rsa_key_without_an_algorithm_works_with_each_that_it_fits(
    issuing: Issuing, alg: str
) -> None:
    assert await lets_in(door(issuing), bearer(token(alg=alg)))


@pytest.mark.parametrize("alg", EC_KEYS)
async def test_elliptic_curves_work(issuing: Issuing, alg: str) -> None:
    issuing.served = key_set(jwk(EC_KEYS[alg]))
    assert await lets_in(door(issuing), bearer(token(key=EC_KEYS[alg], alg=alg)))


@pytest.mark.parametrize("key", [ED_KEY, ed448.Ed448PrivateKey.generate()])
async def test_edwards_curves_work(issuing: Issuing, key: Any) -> None:
    issuing.served = key_set(jwk(key))
    assert await lets_in(door(issuing), bearer(token(key=key, alg="EdDSA")))


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
async def test_the_type_of_an_access_token_is_taken_as_it_comes(issuing: Issuing, typ: str) -> None:
    assert await lets_in(door(issuing), bearer(token(typ=typ)))


async def test_a_token_without_a_type_is_good(issuing: Issuing) -> None:
    assert await lets_in(door(issuing), bearer(token(typ="")))


@pytest.mark.parametrize("typ", ["logout+jwt", "secevent+jwt", 7])
async def test_a_token_for_something_else_is_refused(
    issuing: Issuing, reason_of: ReasonOf, typ: object
) -> None:
    assert await reason_of(door(issuing), bearer(token(typ=typ))) is Reason.TOKEN_TYPE


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", [b"", b"x"])
async def test_a_token_without_a_signature_is_refused(
    issuing: Issuing, reason_of: ReasonOf, alg: str, signature: bytes
) -> None:
    unsigned = forged({"alg": alg, "kid": "k1"}, claims(), signature)
    assert await reason_of(door(issuing), bearer(unsigned)) is Reason.ALGORITHM


async def test_a_token_whose_signature_was_cut_off_is_refused(
    issuing: Issuing, reason_of: ReasonOf
) -> None:
    cut = token().rpartition(".")[0] + "."
    assert await reason_of(door(issuing), bearer(cut)) is Reason.SIGNATURE


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
async def test_the_public_key_is_no_shared_secret(
    issuing: Issuing, reason_of: ReasonOf, encoding: Encoding
) -> None:
    public = RSA_KEY.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    signed = forged({"alg": "HS256", "kid": "k1"}, claims(), b"").rpartition(".")[0]
    tag = hmac.digest(public, signed.encode(), hashlib.sha256)
    confused = forged({"alg": "HS256", "kid": "k1"}, claims(), tag)
    assert await reason_of(door(issuing), bearer(confused)) is Reason.ALGORITHM


async def test_an_algorithm_that_is_not_allowed_is_refused(
    issuing: Issuing, reason_of: ReasonOf
) -> None:
    strict = door(issuing, issuer_table(algorithms=["ES256"]))
    assert await reason_of(strict, bearer(token(alg="RS256"))) is Reason.ALGORITHM


async def test_an_algorithm_that_is_not_the_keys_is_refused(
    issuing: Issuing, reason_of: ReasonOf
) -> None:
    issuing.served = key_set(jwk(RSA_KEY, alg="RS256"))
    refused = bearer(token(alg="PS256"))
    assert await reason_of(door(issuing), refused) is Reason.UNKNOWN_SIGNING_KEY


async def test_an_algorithm_of_another_kind_of_key_is_refused(
    issuing: Issuing, reason_of: ReasonOf
) -> None:
    refused = bearer(token(key=EC_KEYS["ES256"], alg="ES256"))
    assert await reason_of(door(issuing), refused) is Reason.UNKNOWN_SIGNING_KEY


async def test_a_key_that_the_token_brings_along_is_not_used(
    issuing: Issuing, reason_of: ReasonOf
) -> None:
    own = token(key=OTHER_RSA_KEY, jwk=jwk(OTHER_RSA_KEY), jku="https://evil.example/keys")
    assert await reason_of(door(issuing), bearer(own)) is Reason.SIGNATURE


async def test_somebody_elses_signature_is_refused(issuing: Issuing, reason_of: ReasonOf) -> None:
    assert await reason_of(door(issuing), bearer(token(key=OTHER_RSA_KEY))) is Reason.SIGNATURE


async def test_changed_claims_are_refused(issuing: Issuing, reason_of: ReasonOf) -> None:
    header, _, signature = token().split(".")
    other = token(claims(sub="somebody else")).split(".")[1]
    changed = f"{header}.{other}.{signature}"
    assert await reason_of(door(issuing), bearer(changed)) is Reason.SIGNATURE


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "b64", None, {}])
async def test_critical_extensions_are_refused(
    issuing: Issuing, reason_of: ReasonOf, crit: object
) -> None:
    refused = bearer(token(crit=crit, b64=True))
    assert await reason_of(door(issuing), refused) is Reason.MALFORMED


async def test_a_critical_extension_that_changes_nothing_is_refused_too(
    issuing: Issuing, reason_of: ReasonOf
) -> None:
    header = {"alg": "RS256", "kid": "k1", "crit": ["b64"], "b64": True}
    refused = bearer(forged(header, claims(), b"x"))
    assert await reason_of(door(issuing), refused) is Reason.MALFORMED


async def test_an_unencoded_payload_is_refused(issuing: Issuing, reason_of: ReasonOf) -> None:
    detached = forged({"alg": "RS256", "kid": "k1", "b64": False}, claims(), b"x")
    assert await reason_of(door(issuing), bearer(detached)) is Reason.MALFORMED


@pytest.mark.parametrize("audience", ["someone-else", ["a", "b"], "Creditgraph", [7], {}, [], ""])
async def test_a_token_for_somebody_else_is_refused(
    issuing: Issuing, reason_of: ReasonOf, audience: object
) -> None:
    refused = bearer(token(claims(aud=audience)))
    assert await reason_of(door(issuing), refused) in (Reason.AUDIENCE, Reason.CLAIMS)


async def test_one_of_several_audiences_is_enough(issuing: Issuing) -> None:
    assert await lets_in(door(issuing), bearer(token(claims(aud=["other", AUDIENCE]))))


@pytest.mark.parametrize(
    "issuer", ["https://id.example.com", "https://ID.example.com/", "https://evil.example/"]
)
async def test_an_unknown_issuer_is_refused_without_a_fetch(
    issuing: Issuing, reason_of: ReasonOf, issuer: str
) -> None:
    refused = bearer(token(claims(iss=issuer)))
    assert await reason_of(door(issuing), refused) is Reason.UNKNOWN_ISSUER
    assert issuing.fetches == 0


@pytest.mark.parametrize("issuer", [[ISSUER], {ISSUER: 1}, 7, True])
async def test_an_issuer_that_is_no_text_is_refused(
    issuing: Issuing, reason_of: ReasonOf, issuer: object
) -> None:
    odd = forged({"alg": "RS256", "kid": "k1"}, claims(iss=issuer), b"x")
    assert await reason_of(door(issuing), bearer(odd)) is Reason.UNKNOWN_ISSUER


@pytest.mark.parametrize("missing", ["exp", "aud", "sub"])
async def test_a_token_without_an_end_an_audience_or_a_subject_is_refused(
    issuing: Issuing, reason_of: ReasonOf, missing: str
) -> None:
    refused = bearer(token(claims(**{missing: None})))
    assert await reason_of(door(issuing), refused) is Reason.CLAIMS


async def test_a_token_without_an_issuer_is_refused(issuing: Issuing, reason_of: ReasonOf) -> None:
    assert await reason_of(door(issuing), bearer(token(claims(iss=None)))) is Reason.UNKNOWN_ISSUER


async def test_clocks_may_differ_by_the_leeway(issuing: Issuing) -> None:
    now = int(time.time())
    for payload in (claims(exp=now - 10), claims(nbf=now + 10), claims(iat=now + 10)):
        assert await lets_in(door(issuing), bearer(token(payload)))


async def test_an_expired_token_is_refused(issuing: Issuing, reason_of: ReasonOf) -> None:
    refused = bearer(token(claims(exp=int(time.time()) - 31)))
    assert await reason_of(door(issuing), refused) is Reason.EXPIRED


async def test_without_a_leeway_a_token_ends_when_it_says(
    issuing: Issuing, reason_of: ReasonOf
) -> None:
    strict = door(issuing, issuer_table(leeway_seconds=0))
    refused = bearer(token(claims(exp=int(time.time()) - 1)))
    assert await reason_of(strict, refused) is Reason.EXPIRED


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_a_token_of_the_future_is_refused(
    issuing: Issuing, reason_of: ReasonOf, claim: str
) -> None:
    refused = bearer(token(claims(**{claim: int(time.time()) + 90})))
    assert await reason_of(door(issuing), refused) is Reason.NOT_YET_VALID


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["soon", [], {}, float("nan"), float("inf"), "9" * 5000])
async def test_a_time_that_is_none_is_refused(
    issuing: Issuing, reason_of: ReasonOf, claim: str, value: object
) -> None:
    refused = bearer(token(claims(**{claim: value})))
    assert await reason_of(door(issuing), refused) in (Reason.MALFORMED, Reason.CLAIMS)


@pytest.mark.parametrize("subject", [7, [], {"a": 1}, True])
async def test_a_subject_that_is_no_text_is_refused(
    issuing: Issuing, reason_of: ReasonOf, subject: object
) -> None:
    refused = bearer(token(claims(sub=subject)))
    assert await reason_of(door(issuing), refused) is Reason.CLAIMS


@pytest.mark.parametrize("kid", [None, "k2", ""])
async def test_a_token_of_no_known_key_is_refused(
    issuing: Issuing, reason_of: ReasonOf, kid: str | None
) -> None:
    assert await reason_of(door(issuing), bearer(token(kid=kid))) is Reason.UNKNOWN_SIGNING_KEY


@pytest.mark.parametrize("kid", [7, ["k1"], {"k1": 1}, None])
async def test_a_name_of_a_key_that_is_no_text_is_refused(
    issuing: Issuing, reason_of: ReasonOf, kid: object
) -> None:
    odd = forged({"alg": "RS256", "kid": kid}, claims(), b"x")
    assert await reason_of(door(issuing), bearer(odd)) is Reason.MALFORMED


@pytest.mark.parametrize("alg", [7, ["RS256"], {"RS256": 1}, None, True])
async def test_an_algorithm_that_is_no_text_is_refused(
    issuing: Issuing, reason_of: ReasonOf, alg: object
) -> None:
    odd = forged({"alg": alg, "kid": "k1"}, claims(), b"x")
    assert await reason_of(door(issuing), bearer(odd)) is Reason.ALGORITHM


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "..",
        "a.b.c",
        "eyJ.eyJ.eyJ",
        "e30.e30.",
        "e30.e30.e30.e30.e30",
        "W10.W10.W10",
        forged({"alg": "RS256", "kid": "k1"}, {}, b"") + "\u2028",
    ],
)
async def test_what_is_no_token_is_refused(
    issuing: Issuing, reason_of: ReasonOf, text: str
) -> None:
    assert await reason_of(door(issuing), bearer(text)) in (
        Reason.MALFORMED,
        Reason.UNKNOWN_ISSUER,
    )


async def test_deep_nesting_is_refused(issuing: Issuing, reason_of: ReasonOf) -> None:
    deep: Any = json.loads("[" * 900 + "]" * 900)
    odd = forged({"alg": "RS256", "kid": "k1"}, {**claims(), "x": deep}, b"x")
    assert await reason_of(door(issuing), bearer(odd)) is Reason.SIGNATURE


async def test_a_token_of_100_kilobytes_is_refused_unread(
    issuing: Issuing, reason_of: ReasonOf
) -> None:
    huge = token(claims(padding="x" * 75_000))
    assert len(huge) > 100_000
    assert await reason_of(door(issuing), bearer(huge)) is Reason.TOO_LONG
    assert issuing.fetches == 0


async def test_each_issuer_is_held_to_its_own_keys(reason_of: ReasonOf) -> None:
    theirs = "https://other.example/"

    class Both(Issuing):
        async def fetch(self, url: str) -> bytes:
            return key_set(jwk(OTHER_RSA_KEY if url.startswith(theirs) else RSA_KEY))

    both = door(
        Both(), issuer_table(), issuer_table(issuer=theirs, jwks_url="https://other.example/keys")
    )

    assert await lets_in(both, bearer(token()))
    assert await lets_in(both, bearer(token(claims(iss=theirs), key=OTHER_RSA_KEY)))
    borrowed = bearer(token(claims(iss=theirs), key=RSA_KEY))
    assert await reason_of(both, borrowed) is Reason.SIGNATURE


async def test_whoever_holds_a_token_has_the_same_name_every_time(issuing: Issuing) -> None:
    first = await door(issuing).authenticate(bearer(token()))
    again = await door(issuing).authenticate(bearer(token(claims(jti="another"))))
    other = await door(issuing).authenticate(bearer(token(claims(sub="user-2"))))
    assert first.name == again.name != other.name
    assert first.name.startswith("token:")


@pytest.mark.parametrize("subject", ["", "\ud800", "\0", "x" * 4000])
async def test_any_text_can_be_a_subject(issuing: Issuing, subject: str) -> None:
    caller = await door(issuing).authenticate(bearer(token(claims(sub=subject))))
    assert caller.name.removeprefix("token:").isalnum()


async def test_a_refusal_has_no_cause_that_a_traceback_could_show(issuing: Issuing) -> None:
    with pytest.raises(NotAuthenticated) as caught:
        await door(issuing).authenticate(bearer(token(key=OTHER_RSA_KEY)))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
