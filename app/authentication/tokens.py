"""Bearer tokens: which issuer's they are, and whether they are good. PyJWT does the checking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt.exceptions import InvalidJTIError, InvalidSubjectError

from app.authentication.claims import Claims
from app.authentication.key_set import KeyName, KeySet
from app.authentication.refusals import NotAuthenticated, Reason
from app.authentication.settings import IssuerSettings

TOKEN_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""In any case, or none at all. Other types, as a logout token, are signed by the same keys."""

_REASONS: Final[Sequence[tuple[type[jwt.PyJWTError], Reason]]] = (
    (jwt.ExpiredSignatureError, Reason.EXPIRED),
    (jwt.ImmatureSignatureError, Reason.NOT_YET_VALID),
    (jwt.InvalidAudienceError, Reason.AUDIENCE),
    (jwt.InvalidSignatureError, Reason.SIGNATURE),
    (jwt.InvalidAlgorithmError, Reason.ALGORITHM),
    (jwt.MissingRequiredClaimError, Reason.CLAIMS),
    (InvalidSubjectError, Reason.CLAIMS),
    (jwt.InvalidIssuedAtError, Reason.CLAIMS),
    (InvalidJTIError, Reason.CLAIMS),
    (jwt.PyJWTError, Reason.MALFORMED),
)
"""First match wins."""


@dataclass(frozen=True, slots=True)
class Issuer:
    settings: IssuerSettings
    keys: KeySet


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    issuer: IssuerSettings
    claims: Claims


class Tokens:
    """The tokens of all configured issuers."""

    def __init__(self, issuers: Sequence[Issuer]) -> None:
        self._issuers = {one.settings.issuer: one for one in issuers}

    async def verified(self, token: str) -> VerifiedToken:
        """
        Args:
            token: ASCII, of bounded length.

        Raises:
            NotAuthenticated: It is not good.
            AuthenticationUnavailable: The keys to check it with cannot be had.
        """
        header, issuer = self._announced(token)
        name = _name_of_key(header, issuer.settings)
        key = await issuer.keys.key(name)
        if key is None:
            raise _refusal(Reason.UNKNOWN_SIGNING_KEY, issuer)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[name.algorithm],
                audience=issuer.settings.audiences,
                issuer=issuer.settings.issuer,
                leeway=issuer.settings.leeway_seconds,
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "enforce_minimum_key_length": True,
                },
            )
        except jwt.PyJWTError as exc:
            raise _refusal(_reason(exc), issuer) from None
        return VerifiedToken(issuer.settings, claims)

    def _announced(self, token: str) -> tuple[Mapping[str, Any], Issuer]:
        """What the token says of itself, nothing of it verified yet."""
        try:
            announced = jwt.decode_complete(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise NotAuthenticated(Reason.MALFORMED) from None
        name = announced["payload"].get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            raise NotAuthenticated(Reason.UNKNOWN_ISSUER)
        return announced["header"], issuer


def _name_of_key(header: Mapping[str, Any], issuer: IssuerSettings) -> KeyName:
    match header:
        case {"crit": _}:
            raise NotAuthenticated(Reason.MALFORMED, concerning=issuer.issuer)
        case {"typ": typ} if not (isinstance(typ, str) and typ.lower() in TOKEN_TYPES):
            raise NotAuthenticated(Reason.TOKEN_TYPE, concerning=issuer.issuer)
        case {"alg": str(algorithm), "kid": str(kid)} if algorithm in issuer.algorithms:
            return KeyName(kid, algorithm)
        case {"alg": str(algorithm)} if algorithm in issuer.algorithms:
            raise NotAuthenticated(Reason.UNKNOWN_SIGNING_KEY, concerning=issuer.issuer)
    raise NotAuthenticated(Reason.ALGORITHM, concerning=issuer.issuer)


def _reason(refusal: jwt.PyJWTError) -> Reason:
    return next(reason for kind, reason in _REASONS if isinstance(refusal, kind))


def _refusal(reason: Reason, issuer: Issuer) -> NotAuthenticated:
    return NotAuthenticated(reason, concerning=issuer.settings.issuer)
