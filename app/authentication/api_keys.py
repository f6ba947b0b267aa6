"""
API keys: `cg_<key id>_<secret>`, kept as `cg_<key id>:sha256$<digest>`.

The id finds the hash line, so that many keys cost no more than one. The digest is that of the
whole key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.authentication.refusals import NotAuthenticated, Reason
from app.domain.caller import Caller

PREFIX: Final = "cg_"
DEMO_PREFIX: Final = "cg_demo"
"""New keys have a hexadecimal id, which cannot begin like this."""

SECRET_BYTES: Final = 32

_KEY: Final = re.compile(r"cg_([a-z0-9]{1,32})_[A-Za-z0-9-]{43,128}", re.ASCII)
_HASH_LINE: Final = re.compile(r"cg_([a-z0-9]{1,32}):sha256\$([0-9a-f]{64})", re.ASCII)
_NOBODYS_DIGEST: Final = bytes(hashlib.sha256().digest_size)


@dataclass(frozen=True, slots=True)
class HashLine:
    """What is kept of a key."""

    key_id: str
    digest: bytes

    @classmethod
    def of(cls, key: str) -> HashLine:
        """
        Raises:
            ValueError: *key* has not the form of one.
        """
        match = _KEY.fullmatch(key)
        if not match:
            raise ValueError("this is no API key")
        return cls(match[1], hashlib.sha256(key.encode()).digest())

    @classmethod
    def read(cls, line: str) -> HashLine:
        """
        Raises:
            ValueError: *line* is something else.
        """
        match = _HASH_LINE.fullmatch(line)
        if not match:
            raise ValueError('a hash line, "cg_...:sha256$...", is expected')
        return cls(match[1], bytes.fromhex(match[2]))

    def __str__(self) -> str:
        return f"{PREFIX}{self.key_id}:sha256${self.digest.hex()}"


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """
    Attributes:
        key: For who calls, and kept nowhere.
    """

    key: str = field(repr=False)
    hash_line: str


def new_api_key() -> NewApiKey:
    key = f"{PREFIX}{secrets.token_hex(6)}_{secrets.token_hex(SECRET_BYTES)}"
    return NewApiKey(key, str(HashLine.of(key)))


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key that opens the door, and for whom."""

    kept: HashLine
    caller: Caller
    expires_at: datetime | None = None


class KeyRing:
    """
    Every key that is accepted.

    Args:
        clock: Tells when a key has expired.
    """

    def __init__(self, keys: Iterable[IssuedKey], clock: Callable[[], datetime]) -> None:
        self._by_id = {one.kept.key_id: one for one in keys}
        self._clock = clock

    def caller(self, key: str) -> Caller:
        """
        Raises:
            NotAuthenticated: No such key, or not any more.
        """
        try:
            shown = HashLine.of(key)
        except ValueError:
            raise NotAuthenticated(Reason.MALFORMED) from None
        issued = self._by_id.get(shown.key_id)
        kept = issued.kept.digest if issued else _NOBODYS_DIGEST
        if not hmac.compare_digest(shown.digest, kept) or issued is None:
            raise NotAuthenticated(Reason.UNKNOWN_API_KEY)
        if issued.expires_at is not None and issued.expires_at <= self._clock():
            raise NotAuthenticated(Reason.EXPIRED, concerning=issued.caller.name)
        return issued.caller
