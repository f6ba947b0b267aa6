"""An identity provider of our own: signs tokens, serves its keys, can be away."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from app.authentication.authenticator import Authenticator
from app.authentication.refusals import KeysUnavailable
from app.authentication.settings import AuthenticationSettings

ISSUER = "https://id.example.com/"
JWKS_URL = "https://id.example.com/keys"
AUDIENCE = "creditgraph"
NAME_SECRET = "names of callers are keyed by this"

PrivateKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEYS = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
}
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def jwk(key: PrivateKey, kid: str | None = "k1", **members: object) -> dict[str, Any]:
    """The public half."""
    public = key.public_key()
    match public:
        case rsa.RSAPublicKey():
            described = RSAAlgorithm.to_jwk(public, as_dict=True)
        case ec.EllipticCurvePublicKey():
            described = ECAlgorithm.to_jwk(public, as_dict=True)
        case _:
            described = OKPAlgorithm.to_jwk(public, as_dict=True)
    described.pop("key_ops", None)
    return {**described, **({"kid": kid} if kid else {}), **members}


def key_set(*jwks: object) -> bytes:
    return json.dumps({"keys": jwks}).encode()


class Issuing:
    """
    Attributes:
        served: The body at `JWKS_URL`; an exception is raised instead.
        fetches: How often it was asked for.
        asked: Somebody has asked.
        answers: Cleared, nobody gets an answer until it is set.
    """

    def __init__(self) -> None:
        self.served: bytes | KeysUnavailable = key_set(jwk(RSA_KEY))
        self.fetches = 0
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()

    async def fetch(self, url: str) -> bytes:
        assert url == JWKS_URL
        self.fetches += 1
        self.asked.set()
        await self.answers.wait()
        if isinstance(self.served, KeysUnavailable):
            raise self.served
        return self.served


def claims(**others: object) -> dict[str, Any]:
    """Good ones, for a minute; a member that is None is left out."""
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "iat": now, "exp": now + 60}
    return {name: value for name, value in {**usual, **others}.items() if value is not None}


def token(
    payload: Mapping[str, Any] | None = None,
    *,
    key: Any = RSA_KEY,
    alg: str = "RS256",
    kid: str | None = "k1",
    **header: object,
) -> str:
    named = {"kid": kid} if kid else {}
    return jwt.encode(
        dict(claims() if payload is None else payload),
        key,
        algorithm=alg,
        headers={**named, **header},
    )


def forged(header: Mapping[str, object], payload: Mapping[str, object], signature: bytes) -> str:
    """What no library would sign."""
    return ".".join(
        base64.urlsafe_b64encode(part).rstrip(b"=").decode()
        for part in (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    )


def issuer_table(**others: object) -> dict[str, Any]:
    return {"issuer": ISSUER, "audiences": [AUDIENCE], "jwks_url": JWKS_URL, **others}


def door(issuing: Issuing, *issuers: Mapping[str, Any], **options: Any) -> Authenticator:
    """An authenticator that trusts *issuers*, or the one that *issuing* is."""
    settings = AuthenticationSettings.model_validate({"issuers": issuers or [issuer_table()]})
    return Authenticator(settings, fetch=issuing.fetch, name_secret=NAME_SECRET, **options)


async def lets_in(authenticator: Authenticator, headers: Mapping[str, str]) -> bool:
    return not (await authenticator.authenticate(headers)).anonymous


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}
