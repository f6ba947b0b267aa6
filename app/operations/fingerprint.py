"""Telling the same request from another one, without keeping either."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal


class Fingerprints:
    """Keyed, so that nobody with the journal can try what was asked."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"creditgraph fingerprints\x00" + secret.encode()).digest()

    def of(self, asked: object) -> str:
        """Equal for inputs that say the same: "10.0" is "10.00", and one instant is one instant."""
        text = _canonical(asked).encode(errors="surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def _canonical(value: object) -> str:
    match value:
        case Decimal():
            return _shortest(format(value, "f"))
        case datetime():
            return value.astimezone(UTC).isoformat()
        case list() | tuple():
            return f"[{','.join(map(_canonical, value))}]"
        case dict():
            return f"{{{','.join(f'{key!r}:{_canonical(value[key])}' for key in sorted(value))}}}"
        case _ if is_dataclass(value):
            parts = (f"{one.name}={_canonical(getattr(value, one.name))}" for one in fields(value))
            return f"{type(value).__name__}({','.join(parts)})"
        case _:
            return repr(value)


def _shortest(digits: str) -> str:
    """`Decimal.normalize` would round what has more than 28 digits."""
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
