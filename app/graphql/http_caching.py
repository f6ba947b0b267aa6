"""What a client may keep of an answer by itself, and how it asks whether that is still right."""

from __future__ import annotations

from hashlib import sha256

VARY = "Accept, Authorization, X-Api-Key"
"""What decides, besides the address, what an answer is: its form and whose it is."""


def headers_of(body: bytes, *, seconds: int) -> dict[str, str]:
    """
    Args:
        seconds: For so long it may be used again by who got it.
    """
    return {
        "Cache-Control": f"private, max-age={seconds}",
        "ETag": f'"{sha256(body).hexdigest()[:32]}"',
        "Vary": VARY,
    }


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether a client that sends this has the answer already."""
    if if_none_match is None:
        return False
    known = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return etag in known or known == ["*"]
