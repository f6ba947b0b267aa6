"""JSON whose numbers keep their digits in both directions."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final, NoReturn

import simplejson

DEEPEST: Final = 64
LONGEST_NUMBER: Final = 400

_NESTING: Final = (dict, list)
"""Compared by `type`: a document has no other kinds, and may have a million parts."""

_OPENINGS: Final = (b"{", b"[")
"""What a document in UTF-8 begins with, mostly; in UTF-16 and UTF-32 a zero follows."""

_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")
_ESCAPE_OF_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""Whole characters beyond the first 65,536 are escaped as two halves, so this alone is no fault."""


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _short(text: str) -> str:
    """Looked at number by number: a search through the text takes longer than reading it."""
    if len(text) >= LONGEST_NUMBER and sum(map(str.isdigit, text)) >= LONGEST_NUMBER:
        raise ValueError("a number beyond reason")
    return text


def _short_int(text: str) -> int:
    return int(_short(text))


def _short_decimal(text: str) -> Decimal:
    return Decimal(_short(text))


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Which of two members of one name counts, every reader decides for itself."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a member stands there twice")
    return found


_DECODER: Final = json.JSONDecoder(
    parse_float=_short_decimal,
    parse_int=_short_int,
    parse_constant=_refuse_constant,
    object_pairs_hook=_each_once,
)


def _refuse_depth(document: Any) -> None:
    level = [document]
    for _ in range(DEEPEST + 1):
        level = [
            part
            for one in level
            for part in (one.values() if type(one) is dict else one)
            if type(part) in _NESTING
        ]
        if not level:
            return
    raise ValueError("nested beyond reason")


def decode(body: bytes) -> Any:
    """
    Read JSON; numbers become int or Decimal from their text.

    Raises:
        ValueError: Not JSON, not Unicode (half of a surrogate pair is none), a member of an object
            stands there twice, more than 64 deep, or a number of 400 digits or more.
    """
    text = _text(body)
    try:
        document = _DECODER.decode(text)
        if text.count("[") + text.count("{") > DEEPEST:
            _refuse_depth([document])
        half = (
            "\\u" in text
            and _ESCAPE_OF_HALF.search(text)
            and _HALF_CHARACTER.search(_as_text(document))
        )
    except (RecursionError, ArithmeticError) as exc:
        raise ValueError("nested or numbered beyond reason") from exc
    if half:
        raise ValueError("half of a character")
    return document


def _text(body: bytes) -> str:
    """Strictly, where `json` would let half characters pass; the error would repeat the body."""
    plain = body[:1] in _OPENINGS and body[1:2] != b"\0"
    try:
        return body.decode("utf-8" if plain else json.detect_encoding(body))
    except UnicodeDecodeError:
        raise ValueError("not Unicode") from None


def encode(value: object) -> bytes:
    """Write JSON; a Decimal goes out as a number with its own digits."""
    return simplejson.dumps(value, use_decimal=True, separators=(",", ":")).encode()


def _as_text(document: object) -> str:
    return simplejson.dumps(document, use_decimal=True, ensure_ascii=False)
