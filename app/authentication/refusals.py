"""Why nobody was let in: one answer for the client, the reason for the log."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Final

REALM: Final = 'Bearer realm="creditgraph"'


class Reason(StrEnum):
    """For the log alone: what tells these apart would help to guess credentials."""

    AUDIENCE = "audience"
    CLAIMS = "claims"
    CONFLICTING_CREDENTIALS = "conflicting credentials"
    DEMO_KEY = "demo key"
    EXPIRED = "expired"
    ALGORITHM = "algorithm"
    MALFORMED = "malformed"
    NOT_YET_VALID = "not yet valid"
    SCHEME = "scheme"
    SIGNATURE = "signature"
    TOO_LONG = "too long"
    TOKEN_TYPE = "token type"
    UNKNOWN_API_KEY = "unknown api key"
    UNKNOWN_ISSUER = "unknown issuer"
    UNKNOWN_SIGNING_KEY = "unknown signing key"


class NotAuthenticated(Exception):
    """
    The credentials are not good. The message is the same whatever is wrong with them.

    Attributes:
        reason: For the log.
        concerning: Name of the configured key or issuer; None while neither is known.
    """

    status: ClassVar = 401
    code: ClassVar = "UNAUTHENTICATED"
    challenge: ClassVar = f'{REALM}, error="invalid_token"'
    """Value of the WWW-Authenticate header."""

    def __init__(self, reason: Reason, *, concerning: str | None = None) -> None:
        super().__init__("The credentials are not valid.")
        self.reason = reason
        self.concerning = concerning


class AuthenticationUnavailable(Exception):
    """The issuer's keys cannot be had, so nobody can tell whether the token is good."""

    status: ClassVar = 503
    code: ClassVar = "AUTHENTICATION_UNAVAILABLE"

    def __init__(self, *, concerning: str, retry_after_seconds: int) -> None:
        super().__init__("Credentials cannot be checked at the moment.")
        self.concerning = concerning
        self.retry_after_seconds = retry_after_seconds


class KeysUnavailable(Exception):
    """No key set could be read; the message says why in our own words."""
