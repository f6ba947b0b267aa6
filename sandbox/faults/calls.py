"""Which calls of the four providers change something."""

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
READING_ENDS = ("/_search", "/token", "/token/refresh", "/emailpass", "/ims/token/v3")
"""Searches and sign-ins, which are sent like writes."""


def is_write(method: str, path: str) -> bool:
    return method not in READING_METHODS and not path.rstrip("/").endswith(READING_ENDS)
