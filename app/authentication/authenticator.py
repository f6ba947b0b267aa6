"""The door: from the headers of a request to who is calling."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from app.authentication.api_keys import DEMO_PREFIX, PREFIX, HashLine, IssuedKey, KeyRing
from app.authentication.claims import caller_of
from app.authentication.demo_keys import demo_keys
from app.authentication.key_set import Fetch, KeySet
from app.authentication.refusals import (
    AuthenticationUnavailable,
    KeysUnavailable,
    NotAuthenticated,
    Reason,
)
from app.authentication.settings import ApiKeySettings, AuthenticationSettings
from app.authentication.tokens import Issuer, Tokens
from app.domain.caller import Caller
from app.domain.clock import Clock, utc_now
from app.domain.customer import CustomerIdentity

_log = structlog.get_logger("creditgraph.authentication")

LONGEST_CREDENTIAL: Final = 8_192


class Authenticator:
    """
    Args:
        fetch: Gets the key sets that stand at a URL.
        name_secret: Keys the hashes that callers with a token are named by; the same on every
            replica, so that they share rate limits.
        demo: Whether the sandbox's public keys are good.
        clock: Tells when an API key has expired. Tokens are timed by PyJWT, on real time.
        seconds: Times the fetching of keys.
    """

    def __init__(
        self,
        settings: AuthenticationSettings,
        *,
        fetch: Fetch,
        name_secret: str,
        demo: bool = False,
        clock: Clock = utc_now,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._demo = demo
        self._issuers = [Issuer(one, KeySet(one, fetch, seconds)) for one in settings.issuers]
        self._tokens = Tokens(self._issuers)
        self._keys = KeyRing(
            [*map(_issued, settings.api_keys), *(one.issued() for one in demo_keys() if demo)],
            clock,
        )
        self._naming_key = hashlib.sha256(name_secret.encode()).digest()
        self._anonymous = Caller(
            level=settings.anonymous_level,
            scopes=frozenset(map(str, settings.anonymous_scopes)),
            name="anonymous",
            anonymous=True,
        )

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        """
        Who sends *headers*. `Authorization: Bearer` holds a token or an API key, `X-Api-Key` a key.
        Without either the caller is anonymous.

        Raises:
            NotAuthenticated: The credentials are not good.
            AuthenticationUnavailable: Nobody can tell.
        """
        try:
            credential = _credential(headers)
            return self._anonymous if credential is None else await self._caller(credential)
        except NotAuthenticated as refusal:
            _log.info("not authenticated", reason=refusal.reason, concerning=refusal.concerning)
            raise
        except AuthenticationUnavailable as refusal:
            _log.warning("authentication unavailable", concerning=refusal.concerning)
            raise

    async def check(self) -> Sequence[str]:
        """What would keep callers out, each with the place of its setting."""
        found = await asyncio.gather(*(_problem(one.keys) for one in self._issuers))
        return [
            f"authentication.issuers[{index}].{_place_of_keys(self._issuers[index])}: {problem}"
            for index, problem in enumerate(found)
            if problem
        ]

    async def aclose(self) -> None:
        for issuer in self._issuers:
            await issuer.keys.aclose()

    async def _caller(self, credential: str) -> Caller:
        if not credential.startswith(PREFIX):
            token = await self._tokens.verified(credential)
            name = self._token_name(token.issuer.issuer, token.claims["sub"])
            return caller_of(token.claims, token.issuer, name=name)
        if credential.startswith(DEMO_PREFIX) and not self._demo:
            raise NotAuthenticated(Reason.DEMO_KEY)
        return self._keys.caller(credential)

    def _token_name(self, issuer: str, subject: str) -> str:
        """Keyed: a subject is often an e-mail, which a bare hash would let anybody confirm."""
        told = f"{issuer}\0{subject}".encode(errors="surrogatepass")
        return f"token:{hashlib.blake2b(told, key=self._naming_key, digest_size=12).hexdigest()}"


def _issued(key: ApiKeySettings) -> IssuedKey:
    return IssuedKey(
        HashLine.read(key.hash),
        Caller(
            level=key.level,
            scopes=frozenset(map(str, key.scopes)),
            identity=CustomerIdentity(email=key.email) if key.email else None,
            name=f"key:{key.name}",
        ),
        key.expires_at,
    )


def _credential(headers: Mapping[str, str]) -> str | None:
    """
    The one credential that was shown.

    Raises:
        NotAuthenticated: Several, or none that has the form of one.
    """
    shown = set()
    for name, value in headers.items():  # with Starlette's, one that comes twice is two items
        if (read := _READ_FROM.get(name.lower())) is not None:
            shown.add(read(value))
    if len(shown) > 1:
        raise NotAuthenticated(Reason.CONFLICTING_CREDENTIALS)
    return shown.pop() if shown else None


def _bearer(value: str) -> str:
    scheme, _, credential = value.partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated(Reason.SCHEME)
    return _well_formed(credential.strip(" "))


def _api_key(value: str) -> str:
    if not value.startswith(PREFIX):
        raise NotAuthenticated(Reason.MALFORMED)
    return _well_formed(value)


def _well_formed(credential: str) -> str:
    if len(credential) > LONGEST_CREDENTIAL:
        raise NotAuthenticated(Reason.TOO_LONG)
    if not credential or not credential.isascii() or not credential.isprintable():
        raise NotAuthenticated(Reason.MALFORMED)
    return credential


_READ_FROM: Final[Mapping[str, Callable[[str], str]]] = {
    "authorization": _bearer,
    "x-api-key": _api_key,
}
"""By the name of a header, how a credential is read from it."""


async def _problem(keys: KeySet) -> str | None:
    try:
        await keys.read()
    except KeysUnavailable as exc:
        return str(exc)
    return None


def _place_of_keys(issuer: Issuer) -> str:
    return "jwks_file" if issuer.settings.jwks_file is not None else "jwks_url"
