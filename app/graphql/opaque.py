"""Ids and cursors that tell nothing: sealed, so that they can hold what clients may not read."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_written = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""Kept: `json.dumps` makes an encoder for each call that is not of the usual form."""

LONGEST: Final = 65_536
"""A cursor over the history of hundreds of cards has a place for each."""


class SealBroken(Exception):
    """Not made by this seal, or made for another purpose."""


class Seal:
    """
    Deterministic authenticated encryption (AES-SIV): the same thing has the same id in every
    request, on every replica with the same secret, and nobody can read or forge one.
    """

    def __init__(self, secret: str) -> None:
        self._cipher = AESSIV(hashlib.sha512(b"creditgraph ids\x00" + secret.encode()).digest())

    def seal(self, purpose: str, content: Sequence[object], *, bound_to: str = "") -> str:
        """
        *content*, JSON values, as an opaque text that starts with *purpose*.

        Args:
            bound_to: What it is good for; to open it, the same must be said.
        """
        plain = _written(content).encode()
        sealed = self._cipher.encrypt(plain, [purpose.encode(), bound_to.encode()])
        return f"{purpose}_{_text(sealed)}"

    def open(self, purpose: str, text: str, *, bound_to: str = "") -> list[Any]:
        """
        What was sealed.

        Raises:
            SealBroken: It was not sealed here for this purpose and use.
        """
        prefix, _, body = text.partition("_")
        if prefix != purpose or len(text) > LONGEST:
            raise SealBroken
        try:
            sealed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
            if _text(sealed) != body:
                raise SealBroken  # the last character has bits that decoding ignores
            plain = self._cipher.decrypt(sealed, [purpose.encode(), bound_to.encode()])
        except (InvalidTag, ValueError, binascii.Error) as exc:
            raise SealBroken from exc
        content: list[Any] = json.loads(plain)
        return content


def _text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")
