"""Where a journal can be kept, and where not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.journal.database import locate
from app.journal.failures import JournalUnavailable, JournalUnusable
from app.journal.journal import open_journal
from app.journal.location import default_journal_path, sqlite_url
from tests.journal.scenes import SECRET, opened

SECRET_IN_URL = "PASSWORD-IN-URL"


async def open_at(url: str, *, secret: str = SECRET) -> None:
    async with open_journal(url, secret=secret) as journal:
        await opened(journal)


async def test_by_default_it_lies_among_the_users_data_and_is_theirs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    await open_at(sqlite_url(default_journal_path()))
    file = tmp_path / "creditgraph" / "journal.db"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


async def test_a_folder_that_is_there_already_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_journal_path() == default_journal_path()


async def test_a_path_may_have_any_characters(tmp_path: Path) -> None:
    folder = tmp_path / "50%20 of é #1 & ?"
    folder.mkdir()
    await open_at(sqlite_url(folder / "journal.db"))
    assert (folder / "journal.db").exists()


async def test_what_was_committed_lives_in_a_write_ahead_log(tmp_path: Path) -> None:
    await open_at(f"sqlite:///{tmp_path / 'journal.db'}")
    connection = sqlite3.connect(tmp_path / "journal.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgres://h/d", "postgresql+asyncpg"),
        ("postgresql://h/d", "postgresql+asyncpg"),
        ("postgresql+psycopg://h/d", "postgresql+asyncpg"),
    ],
)
async def test_the_driver_is_ours_to_choose(url: str, driver: str) -> None:
    assert (await locate(url)).drivername == driver


async def test_sslmode_is_understood_as_libpq_does() -> None:
    address = await locate("postgresql://h/d?sslmode=require")
    assert address.query == {"ssl": "require"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "journal.db",
        "mysql://h/d",
        f"://user:{SECRET_IN_URL}@h/d",
        f"oracle://user:{SECRET_IN_URL}@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///no/such/folder/journal.db",
        "sqlite:////proc/journal.db",
    ],
)
async def test_where_no_journal_can_be_is_said_at_the_start(url: str) -> None:
    with pytest.raises(JournalUnusable) as caught:
        await open_at(url)
    assert SECRET_IN_URL not in str(caught.value)


async def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    file.write_text("the only copy of something" * 100)
    with pytest.raises(JournalUnusable):
        await open_at(f"sqlite:///{file}")
    assert file.read_text().startswith("the only copy")


async def test_without_a_secret_there_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalUnusable, match="secret"):
        await open_at(f"sqlite:///{tmp_path / 'journal.db'}", secret="")


async def test_a_server_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(JournalUnavailable) as caught:
        await open_at(f"postgresql://user:{SECRET_IN_URL}@127.0.0.1:1/d")
    assert SECRET_IN_URL not in str(caught.value)


async def test_an_url_keeps_its_password() -> None:
    address = await locate(f"postgresql://user:{SECRET_IN_URL}@h/d")
    assert address.password == make_url(f"postgresql://u:{SECRET_IN_URL}@h/d").password
