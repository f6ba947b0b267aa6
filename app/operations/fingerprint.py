"""Telling the same request from another one, without keeping either."""

from __future__ import annotations

import hashlib
import hmac

from app.at_rest.canonical import canonical


class Fingerprints:
    """Keyed, so that nobody with the journal can try what was asked."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"creditgraph fingerprints\x00" + secret.encode()).digest()

    def of(self, asked: object) -> str:
        """Equal for inputs that say the same: "10.0" is "10.00", and one instant is one instant."""
        text = canonical(asked).encode(errors="surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()
