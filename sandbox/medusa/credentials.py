"""Who is calling: admin users, secret keys, publishable keys, shoppers."""

import base64
import binascii
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Literal

from sandbox.clock import Clock
from sandbox.medusa.errors import not_allowed, sign_in_refused, unauthorized

SECRET_KEY_AS_BEARER = (
    "A secret API key was passed as a Bearer token. Secret API keys must be sent using HTTP Basic"
    " authentication instead (Authorization: Basic <secret-api-key>)."
)
NO_PUBLISHABLE_KEY = (
    "Publishable API key required in the request header: x-publishable-api-key."
    " You can manage your keys in settings in the dashboard."
)
UNKNOWN_PUBLISHABLE_KEY = "A valid publishable key is required to proceed with the request"

TOKEN_LIFETIME = timedelta(days=1)


@dataclass(frozen=True)
class Actor:
    """*kind* and *id* are what a ledger entry made by this caller names as its reference."""

    kind: Literal["user", "customer", "api-key"]
    id: str


@dataclass(frozen=True, kw_only=True)
class User:
    id: str
    email: str
    password: str


class Tokens:
    """Signed tokens as the server issues them, and fixed ones that never expire."""

    def __init__(self, fixed: Mapping[str, Actor], clock: Clock) -> None:
        self._fixed = fixed
        self._clock = clock
        self._secret = secrets.token_bytes(32)

    def issue(self, actor: Actor) -> str:
        issued_at = int(self._clock.now().timestamp())
        claims = {
            "actor_id": actor.id,
            "actor_type": actor.kind,
            "iat": issued_at,
            "exp": issued_at + int(TOKEN_LIFETIME.total_seconds()),
        }
        signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def actor(self, token: str) -> Actor | None:
        """None for a token that is expired, garbled or not ours."""
        if fixed := self._fixed.get(token):
            return fixed
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            return None
        claims = json.loads(_decoded(signed.partition(".")[2]))
        if claims["exp"] <= self._clock.now().timestamp():
            return None
        return Actor(claims["actor_type"], claims["actor_id"])

    def _signature(self, signed: str) -> str:
        return _url_safe(hmac.digest(self._secret, signed.encode(), sha256))


@dataclass(frozen=True, kw_only=True)
class Credentials:
    users: Mapping[str, User]
    secret_keys: Mapping[str, Actor]
    publishable_keys: frozenset[str]
    tokens: Tokens

    def admin(self, authorization: str) -> Actor:
        """
        Raises:
            Refusal: 401, with a hint where a secret key came as a bearer token.
        """
        if key := self.secret_keys.get(_secret_key(authorization)):
            return key
        token = _bearer_token(authorization)
        actor = self.tokens.actor(token)
        if actor is None or actor.kind != "user":
            is_key = token.startswith("sk_")
            raise unauthorized(SECRET_KEY_AS_BEARER) if is_key else unauthorized()
        return actor

    def shopper(self, authorization: str) -> Actor:
        actor = self.tokens.actor(_bearer_token(authorization))
        if actor is None or actor.kind != "customer":
            raise unauthorized()
        return actor

    def check_publishable_key(self, key: str) -> None:
        if not key:
            raise not_allowed(NO_PUBLISHABLE_KEY)
        if key not in self.publishable_keys:
            raise not_allowed(UNKNOWN_PUBLISHABLE_KEY)

    def signed_in(self, email: object, password: object) -> str:
        """A new token for the user with this e-mail and password."""
        user = self.users.get(email) if isinstance(email, str) else None
        if user is None or user.password != password:
            raise sign_in_refused()
        return self.tokens.issue(Actor("user", user.id))

    def refreshed(self, authorization: str) -> str:
        actor = self.tokens.actor(_bearer_token(authorization))
        if actor is None:
            raise unauthorized()
        return self.tokens.issue(actor)


def _bearer_token(authorization: str) -> str:
    words = re.match(r"(\S+)\s+(\S+)", authorization)
    return words[2] if words and words[1].lower() == "bearer" else ""


def _secret_key(authorization: str) -> str:
    """The key itself, or base64 of it, with or without the colon of a user without password."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    if not value.startswith("sk_"):
        try:
            value = base64.b64decode(value).decode()
        except (binascii.Error, ValueError):
            return ""
    return value.removesuffix(":")


def _encoded(claims: Mapping[str, object]) -> str:
    return _url_safe(json.dumps(claims, separators=(",", ":")).encode())


def _url_safe(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decoded(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
