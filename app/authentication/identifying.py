"""
What may find a customer, from a text that somebody else wrote.

Stricter than a question about a customer has to be: here the text decides whose credit is shown.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_EMAIL: Final = 254
LONGEST_PROVIDER_ID: Final = 512

_EMAIL: Final = re.compile(r"[!-?A-~]+@[!-?A-~]+", re.ASCII)
_DOCUMENT: Final = re.compile(r"[0-9 ./-]{1,32}", re.ASCII)


def email_address(text: object) -> str | None:
    """
    In lower case. ASCII only: lower case folds the Kelvin sign to `k` and so makes one person of
    two.
    """
    if isinstance(text, str) and len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text):
        return text.lower()
    return None


def document_number(text: object) -> str | None:
    """Its digits. A JSON number is none: it has lost its leading zeros."""
    if isinstance(text, str) and _DOCUMENT.fullmatch(text):
        return re.sub("[^0-9]", "", text) or None
    return None


def provider_id(value: object) -> str | None:
    match value:
        case bool():
            return None
        case int():
            return str(value) if 0 <= value < 10**18 else None
        case str() if 0 < len(value) <= LONGEST_PROVIDER_ID and value.isprintable():
            return value
    return None
