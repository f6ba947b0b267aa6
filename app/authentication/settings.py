"""The `[authentication]` table."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from app.authentication.api_keys import DEMO_PREFIX, PREFIX, HashLine
from app.authentication.identifying import email_address
from app.domain.access import AccessLevel, Scope

_CONFIG: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Asymmetric ones alone: a key set is public, and whoever can read it could sign with HMAC."""

ALGORITHMS: Final[tuple[Algorithm, ...]] = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)


def _by_name(level: object) -> object:
    match level:
        case AccessLevel():
            return level
        case str() if level in AccessLevel.__members__:
            return AccessLevel[level]
    raise ValueError("PUBLIC, SHOPPER, SERVICE or ADMIN is expected")


Level = Annotated[AccessLevel, BeforeValidator(_by_name)]
Text = Annotated[str, Field(min_length=1, max_length=512)]
ClaimName = Text
"""`role`, a path `realm_access.roles`, or a URL; a claim of just that name comes first."""


def _safe_url(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or "@" in parts.netloc or parts.fragment or any(map(str.isspace, url)):
        raise ValueError("a URL with a host, without user and fragment, is expected")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname)):
        raise ValueError("https is expected: whoever can change the keys on their way is everybody")
    return url


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class ClaimNames(BaseModel):
    """
    Where an issuer keeps what.

    Attributes:
        level: A text or a list of them, given a meaning by `levels`.
        scopes: A list, or one text with spaces.
        ids: The customer's own id at a source, by the key of the source.
    """

    model_config = _CONFIG

    level: ClaimName | None = None
    scopes: ClaimName = "scope"
    email: ClaimName = "email"
    email_verified: ClaimName = "email_verified"
    document: ClaimName | None = None
    ids: Mapping[str, ClaimName] = Field(default_factory=dict)


class IssuerSettings(BaseModel):
    """
    Who signs tokens, and what their claims mean here.

    Attributes:
        issuer: The `iss` claim, to the letter.
        audiences: The `aud` claim has to hold one of them.
        levels: What the level claim says, and what it stands for; the highest one counts.
        default_level: Where the level claim is missing or says nothing that is in `levels`.
        default_scopes: Where the scopes claim is missing.
        require_verified_email: An e-mail counts only when the issuer says that it is verified;
            otherwise, as long as it does not say the contrary.
        stale_keys_seconds: How old keys may become while their place does not answer.
    """

    model_config = _CONFIG

    issuer: Text
    audiences: Annotated[Sequence[Text], Field(min_length=1)]
    jwks_url: Annotated[str, AfterValidator(_safe_url)] | None = None
    jwks_file: Path | None = None
    algorithms: Annotated[Sequence[Algorithm], Field(min_length=1)] = ALGORITHMS
    leeway_seconds: Annotated[int, Field(ge=0, le=300)] = 30
    keys_lifetime_seconds: Annotated[int, Field(ge=60, le=86_400)] = 600
    stale_keys_seconds: Annotated[int, Field(ge=0, le=604_800)] = 86_400
    claims: ClaimNames = ClaimNames()
    levels: Mapping[str, Level] = Field(default_factory=dict)
    default_level: Level = AccessLevel.SHOPPER
    default_scopes: Sequence[Scope] = ()
    require_verified_email: bool = True

    @model_validator(mode="after")
    def _complete(self) -> IssuerSettings:
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("either jwks_url or jwks_file is needed")
        if (self.claims.level is None) != (not self.levels):
            raise ValueError("claims.level and levels are only of use together")
        return self


def _hash_line(line: str) -> str:
    HashLine.read(line)
    if line.startswith(DEMO_PREFIX):
        raise ValueError("a demo key opens the sandbox and nothing else")
    return line


def _known_email(text: str) -> str:
    email = email_address(text.strip())
    if email is None:
        raise ValueError("this is no e-mail address")
    return email


class ApiKeySettings(BaseModel):
    """
    One key, as `creditgraph keys new` prints it. Several may have one name, while one replaces
    the other.

    Attributes:
        hash: The hash line; no secret, since the key behind it cannot be guessed.
        email: Who a key of level SHOPPER is.
    """

    model_config = _CONFIG

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    hash: Annotated[str, AfterValidator(_hash_line)]
    level: Level
    scopes: Sequence[Scope] = ()
    expires_at: AwareDatetime | None = None
    email: Annotated[str, AfterValidator(_known_email)] | None = None

    @model_validator(mode="after")
    def _somebody(self) -> ApiKeySettings:
        if self.level is AccessLevel.PUBLIC:
            raise ValueError("nobody needs a key for what is PUBLIC")
        if (self.level is AccessLevel.SHOPPER) != (self.email is not None):
            raise ValueError("a key of level SHOPPER has an email, and no other key has")
        return self


class AuthenticationSettings(BaseModel):
    """
    Attributes:
        anonymous_level: What a caller without credentials may do. PUBLIC is next to nothing.
    """

    model_config = _CONFIG

    issuers: Sequence[IssuerSettings] = ()
    api_keys: Sequence[ApiKeySettings] = ()
    anonymous_level: Level = AccessLevel.PUBLIC
    anonymous_scopes: Sequence[Scope] = ()

    @model_validator(mode="after")
    def _without_contradiction(self) -> AuthenticationSettings:
        if _repeats(one.issuer for one in self.issuers):
            raise ValueError("two issuers are the same")
        if _repeats(HashLine.read(one.hash).key_id for one in self.api_keys):
            raise ValueError(f"two api_keys have the same id, the part after {PREFIX}")
        if self.anonymous_level is AccessLevel.SHOPPER:
            raise ValueError("anonymous_level: nobody in particular owns nothing")
        if self.anonymous_scopes and self.anonymous_level is AccessLevel.PUBLIC:
            raise ValueError("anonymous_scopes are of no use to the level PUBLIC")
        return self

    @property
    def closes_the_door(self) -> bool:
        """Whether credentials are asked for, and some exist: then any address may be served."""
        return self.anonymous_level is AccessLevel.PUBLIC and bool(self.issuers or self.api_keys)

    def linked_sources(self) -> frozenset[str]:
        """The sources that claims link to."""
        return frozenset(source for issuer in self.issuers for source in issuer.claims.ids)


def _repeats(names: Iterable[Hashable]) -> bool:
    listed = list(names)
    return len(set(listed)) < len(listed)
