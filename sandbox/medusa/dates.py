"""Moments as the server keeps, shows and reads them."""

import re
from datetime import UTC, datetime

_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    r"(?:T(?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


def to_milliseconds(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def date_text(at: datetime | None) -> str | None:
    if at is None:
        return None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def javascript_date(text: str) -> datetime | None:
    """
    The moment that ISO 8601 names, down to milliseconds; None for anything else.

    JavaScript also understands other notations, which nobody should send (our choice). A time
    without a zone is taken as UTC (assumed: the server's own zone).
    """
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    day = f"{found['year']}-{found['month'] or '01'}-{found['day'] or '01'}"
    time = f"{found['time'] or '00:00'}{found['zone'] or 'Z'}"
    try:
        return to_milliseconds(datetime.fromisoformat(f"{day}T{time}").astimezone(UTC))
    except (ValueError, OverflowError):
        return None
