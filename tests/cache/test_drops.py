"""When which tag was dropped."""

from __future__ import annotations

from app.cache.drops import DropLog


def test_what_was_read_two_seconds_after_a_drop_counts() -> None:
    log: DropLog[str] = DropLog(kept_seconds=300)
    log.drop(["one"], at=100)
    assert not log.untouched(["two", "one"], since=101.9)
    assert log.untouched(["two", "one"], since=102)
    assert log.untouched(["two"], since=100)


def test_the_last_drop_counts() -> None:
    log: DropLog[str] = DropLog(kept_seconds=300)
    log.drop(["one"], at=100)
    log.drop(["one"], at=200)
    assert not log.untouched(["one"], since=150)


def test_what_nobody_remembers_anything_of_is_forgotten() -> None:
    log: DropLog[str] = DropLog(kept_seconds=300)
    log.drop(["old"], at=100)
    log.drop(["newer"], at=200)
    log.drop(["one"], at=450)
    assert [*log._at] == ["newer", "one"]
