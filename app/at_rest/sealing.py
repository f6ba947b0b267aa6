"""Keeping to oneself what is kept elsewhere: sealed texts, and hashes to find things by."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SEAL_KEY_BYTES: Final = 64
_HASH_KEY_BYTES: Final = 32


class SealBroken(Exception):
    """Sealed with another secret or for another use or place, or changed since."""


class Seal:
    """Deterministic authenticated encryption (AES-SIV), bound to the place of what it seals."""

    def __init__(self, secret: str, use: str) -> None:
        self._cipher = AESSIV(_key(secret, use, length=_SEAL_KEY_BYTES))

    def seal(self, text: str, *place: str) -> str:
        sealed = self._cipher.encrypt(text.encode(), _bytes_of(place))
        return base64.b64encode(sealed).decode()

    def open(self, sealed: str, *place: str) -> str:
        """
        Raises:
            SealBroken: It was not sealed with this secret for this use and place.
        """
        try:
            opened = self._cipher.decrypt(base64.b64decode(sealed, validate=True), _bytes_of(place))
        except (InvalidTag, ValueError) as exc:
            raise SealBroken from exc
        return opened.decode()


class KeyedHash:
    """Equal for equal things of one use; tells nothing about them to who lacks the secret."""

    def __init__(self, secret: str, use: str) -> None:
        self._key = _key(secret, use, length=_HASH_KEY_BYTES)

    def __call__(self, *parts: str) -> str:
        return hmac.digest(self._key, json.dumps(parts).encode(), "sha256").hex()


def _key(secret: str, use: str, *, length: int) -> bytes:
    """Each use has a key of its own."""
    derivation = HKDF(
        algorithm=SHA256(), length=length, salt=None, info=f"creditgraph {use}".encode()
    )
    return derivation.derive(secret.encode())


def _bytes_of(place: tuple[str, ...]) -> list[bytes]:
    return [part.encode() for part in place]
