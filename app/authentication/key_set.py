"""
An issuer's public keys: fetched when needed, kept for a while, fetched again when they rotate.

PyJWT's own client for key sets blocks the event loop.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from jwt import PyJWK, PyJWTError

from app.authentication.refusals import AuthenticationUnavailable, KeysUnavailable
from app.authentication.settings import Algorithm, IssuerSettings

_log = structlog.get_logger("creditgraph.authentication")

MAX_KEY_SET_BYTES: Final = 256_000
FETCHED_WITHIN_SECONDS: Final = 3
SECONDS_BETWEEN_FETCHES: Final = 10
"""Anybody can send tokens that name unknown keys; each would otherwise cause a fetch."""

_FITS: Final[Mapping[str, frozenset[tuple[str, str | None]]]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512"), frozenset({("RSA", None)})),
    **dict.fromkeys(("PS256", "PS384", "PS512"), frozenset({("RSA", None)})),
    "ES256": frozenset({("EC", "P-256")}),
    "ES384": frozenset({("EC", "P-384")}),
    "ES512": frozenset({("EC", "P-521")}),
    "EdDSA": frozenset({("OKP", "Ed25519"), ("OKP", "Ed448")}),
}
"""Type and curve of the keys that an algorithm works with."""

Fetch = Callable[[str], Awaitable[bytes]]
"""
What stands at a URL. It ends by itself, reads no more than it has to, and raises `KeysUnavailable`.
"""


class KeyName(NamedTuple):
    """A key works with one algorithm; one that names none is there for each that it fits."""

    kid: str
    algorithm: str


Keys = Mapping[KeyName, PyJWK]


def read_key_set(document: bytes, algorithms: Collection[Algorithm]) -> Keys:
    """
    The keys of a JWK set that can verify with one of *algorithms*.

    Left out: keys without a name, not for signatures, private or symmetric ones, those too short
    or not understood, and a name that different keys share.

    Raises:
        KeysUnavailable: It is no key set, or no key is left.
    """
    if len(document) > MAX_KEY_SET_BYTES:
        raise KeysUnavailable("the key set is too large")
    try:
        decoded = json.loads(document)
    except (ValueError, RecursionError):
        raise KeysUnavailable("the key set is not JSON") from None
    listed = decoded.get("keys") if isinstance(decoded, dict) else None
    if not isinstance(listed, list):
        raise KeysUnavailable("there is no key set")
    same: defaultdict[KeyName, dict[str, PyJWK]] = defaultdict(dict)
    for members in filter(None, map(_public_signing_key, listed)):
        for name, key in _usable(members, algorithms):
            same[name][json.dumps(members, sort_keys=True)] = key
    keys = {name: next(iter(those.values())) for name, those in same.items() if len(those) == 1}
    if not keys:
        raise KeysUnavailable("the key set holds no usable key")
    return keys


def _public_signing_key(jwk: Any) -> Mapping[str, str] | None:
    """Those members that are texts: the key itself is in them."""
    match jwk:
        case {"d": _} | {"k": _}:
            return None
        case {"key_ops": operations} if "verify" not in (operations or ()):
            return None
        case dict() if jwk.get("use", "sig") == "sig":
            return {name: value for name, value in jwk.items() if isinstance(value, str)}
    return None


def _usable(
    members: Mapping[str, str], algorithms: Collection[Algorithm]
) -> Iterator[tuple[KeyName, PyJWK]]:
    kid, kind = members.get("kid"), (members.get("kty", ""), members.get("crv"))
    for algorithm in algorithms:
        if kid and members.get("alg", algorithm) == algorithm and kind in _FITS[algorithm]:
            try:
                key = PyJWK(dict(members), algorithm)
            except (PyJWTError, UnsupportedAlgorithm):
                return
            if key.Algorithm.check_key_length(key.key) is None:
                yield KeyName(kid, algorithm), key


@dataclass(frozen=True, slots=True)
class _Held:
    keys: Keys
    fetched_at: float


class KeySet:
    """
    The keys of one issuer.

    Args:
        fetch: For keys at a URL.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        issuer: IssuerSettings,
        fetch: Fetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._held: _Held | None = None
        self._tried_at = -float("inf")
        self._last_try_failed = False
        self._flight: asyncio.Task[None] | None = None

    async def key(self, name: KeyName) -> PyJWK | None:
        """
        None: the issuer has no such key.

        Raises:
            AuthenticationUnavailable: Nobody can tell, since its keys cannot be had.
        """
        if self._age() > self._issuer.keys_lifetime_seconds:
            await self._refresh()
        key = self._present(name)
        if key is None and await self._refresh():
            key = self._present(name)
        if key is None and (self._last_try_failed or not self._keys()):
            raise AuthenticationUnavailable(
                concerning=self._issuer.issuer, retry_after_seconds=SECONDS_BETWEEN_FETCHES
            )
        return key

    async def read(self) -> Keys:
        """
        The keys as they are now, whatever is held.

        Raises:
            KeysUnavailable: None could be read.
        """
        algorithms = self._issuer.algorithms
        try:
            async with asyncio.timeout(FETCHED_WITHIN_SECONDS):
                return read_key_set(await self._document(), algorithms)
        except TimeoutError:
            raise KeysUnavailable("no answer in time") from None

    async def aclose(self) -> None:
        if self._flight is not None and not self._flight.done():
            self._flight.cancel()
            await asyncio.wait([self._flight])

    def _age(self) -> float:
        return self._clock() - self._held.fetched_at if self._held else float("inf")

    def _keys(self) -> Keys:
        oldest = self._issuer.keys_lifetime_seconds + self._issuer.stale_keys_seconds
        return self._held.keys if self._held and self._age() <= oldest else {}

    def _present(self, name: KeyName) -> PyJWK | None:
        return self._keys().get(name)

    async def _refresh(self) -> bool:
        """
        Whether a fetch, ours or one already under way, has just ended.

        It goes on when the caller who needs it goes away, so that a client which asks and leaves
        cannot start one after the other.
        """
        if self._flight is None or self._flight.done():
            if self._clock() - self._tried_at < SECONDS_BETWEEN_FETCHES:
                return False
            self._tried_at = self._clock()
            self._flight = asyncio.create_task(self._load())
        await asyncio.shield(self._flight)
        return True

    async def _load(self) -> None:
        try:
            keys = await self.read()
        except KeysUnavailable as exc:
            self._last_try_failed = True
            _log.warning("keys unavailable", issuer=self._issuer.issuer, reason=str(exc))
        else:
            self._last_try_failed = False
            self._held = _Held(keys, self._clock())
            _log.info("keys read", issuer=self._issuer.issuer, keys=len({n.kid for n in keys}))

    async def _document(self) -> bytes:
        if self._issuer.jwks_file is not None:
            return await asyncio.to_thread(_start_of, self._issuer.jwks_file)
        assert self._issuer.jwks_url is not None
        return await self._fetch(self._issuer.jwks_url)


def _start_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_KEY_SET_BYTES + 1)
    except (OSError, ValueError):
        raise KeysUnavailable("the file cannot be read") from None
