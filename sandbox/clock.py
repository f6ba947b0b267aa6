"""The one clock of all stand-ins: real time until somebody sets it."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Runs in UTC. `set` freezes it, `advance` moves it whether frozen or running."""

    def __init__(self) -> None:
        self._frozen_at: datetime | None = None
        self._offset = timedelta()

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    def now(self) -> datetime:
        if self._frozen_at is not None:
            return self._frozen_at
        return datetime.now(UTC) + self._offset

    def set(self, at: datetime) -> None:
        """Raises ValueError for a naive *at*."""
        if at.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        self._frozen_at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        if self._frozen_at is None:
            self._offset += by
        else:
            self._frozen_at += by

    def reset(self) -> None:
        self._frozen_at = None
        self._offset = timedelta()
