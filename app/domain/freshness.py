"""How live a figure is."""

from __future__ import annotations

from enum import StrEnum


class Freshness(StrEnum):
    """Asked for this answer; a little older; older than usual, which only who allows it gets."""

    LIVE = "LIVE"
    CACHED = "CACHED"
    STALE = "STALE"
