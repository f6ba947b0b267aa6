"""Where the journal lies, as configured."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import make_url

from app.settings import JournalSettings, sandbox_settings

SECRET = "postgresql://gateway:a-password@db.example/journal"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_it_is_a_file_among_the_users_data_when_nobody_says_otherwise(data: Path) -> None:
    assert JournalSettings().address() == f"sqlite:///{data}/creditgraph/journal.db"


def test_only_the_user_can_open_the_folder_it_lies_in(data: Path) -> None:
    JournalSettings().address()
    assert stat.S_IMODE((data / "creditgraph").stat().st_mode) == 0o700


def test_the_sandbox_has_one_of_its_own(data: Path) -> None:
    assert (
        sandbox_settings(8001).journal.address() == f"sqlite:///{data}/creditgraph/sandbox-8001.db"
    )


@pytest.mark.parametrize("name", ["own.db", "own %41 journal.db", "a?b#c.db"])
def test_a_path_is_taken_as_it_is(data: Path, name: str) -> None:
    address = JournalSettings(path=data / name).address()
    assert make_url(address).database == str(data / name)
    assert not (data / "creditgraph").exists()


def test_a_url_stays_secret_until_it_is_used() -> None:
    settings = JournalSettings(url=SecretStr(SECRET))
    assert settings.address() == SECRET
    assert "a-password" not in f"{settings!r} {settings.model_dump_json()}"


def test_there_is_one_place() -> None:
    with pytest.raises(ValidationError, match="a path or a url, not both"):
        JournalSettings(path=Path("x.db"), url=SecretStr(SECRET))


@pytest.mark.parametrize("days", [0, -1, 29, 36_501])
def test_what_is_over_is_kept_for_a_month_at_least(days: int) -> None:
    with pytest.raises(ValidationError):
        JournalSettings(keep_days=days)


@pytest.mark.parametrize("seconds", [0, -1, 60.1, float("nan"), float("inf")])
def test_it_is_looked_for_what_is_open_at_least_once_a_minute(seconds: float) -> None:
    with pytest.raises(ValidationError):
        JournalSettings(settle_every_seconds=seconds)


def test_a_member_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError):
        JournalSettings.model_validate({"file": "x.db"})
