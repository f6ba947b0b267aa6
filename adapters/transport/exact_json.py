"""JSON whose numbers keep their digits in both directions."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final, NoReturn

import simplejson

_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")
_ESCAPE_OF_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""Whole characters beyond the first 65,536 are escaped as two halves, so this alone is no fault."""


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def decode(body: bytes) -> Any:
    """
    Read JSON; numbers become int or Decimal from their text.

    Raises:
        ValueError: Not JSON, not Unicode (half of a surrogate pair is none), or nested or numbered
            beyond reason.
    """
    text = _text(body)
    try:
        document = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
        half = _ESCAPE_OF_HALF.search(text) and _HALF_CHARACTER.search(_as_text(document))
    except (RecursionError, ArithmeticError) as exc:
        raise ValueError("nested or numbered beyond reason") from exc
    if half:
        raise ValueError("half of a character")
    return document


def _text(body: bytes) -> str:
    """Strictly, where `json` would let half characters pass; the error would repeat the body."""
    try:
        return body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        raise ValueError("not Unicode") from None


def encode(value: object) -> bytes:
    """Write JSON; a Decimal goes out as a number with its own digits."""
    return simplejson.dumps(value, use_decimal=True, separators=(",", ":")).encode()


def _as_text(document: object) -> str:
    return simplejson.dumps(document, use_decimal=True, ensure_ascii=False)
