"""Identifiers and codes as the server draws them."""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

ULID_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ULID_LENGTH: Final = 26
RANDOM_BITS: Final = 80

CODE_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

_ULID = re.compile(rf"[0-7][{ULID_ALPHABET}]{{{ULID_LENGTH - 1}}}")


class Identifiers:
    """
    ULIDs that rise with every row, those made in one millisecond included (our choice: the server's
    sort to the millisecond), and from above whatever a seed holds, wherever the clock stands.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._last = max((_number(identifier) for identifier in taken), default=0)

    def next(self, prefix: str, at: datetime) -> str:
        drawn = (int(at.timestamp() * 1000) << RANDOM_BITS) + secrets.randbits(RANDOM_BITS)
        self._last = max(drawn, self._last + 1)
        return f"{prefix}_{_ulid(self._last)}"


def new_code(prefix: str) -> str:
    """Ten random characters; the last six of the sixteen repeat the first six (recorded)."""
    drawn = "".join(secrets.choice(CODE_ALPHABET) for _ in range(10))
    text = drawn + drawn[:6]
    return "-".join([prefix, *(text[start : start + 4] for start in range(0, 16, 4))])


def _ulid(number: int) -> str:
    shifts = range(5 * (ULID_LENGTH - 1), -1, -5)
    return "".join(ULID_ALPHABET[number >> shift & 31] for shift in shifts)


def _number(identifier: str) -> int:
    """0 for an identifier of a seed that holds no ULID."""
    text = identifier.rpartition("_")[2]
    if not _ULID.fullmatch(text):
        return 0
    number = 0
    for letter in text:
        number = number << 5 | ULID_ALPHABET.index(letter)
    return number
