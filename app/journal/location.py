"""Where the journal lies when nobody says otherwise."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy import URL


def sqlite_url(path: Path) -> str:
    return URL.create("sqlite", database=str(path)).render_as_string()


def default_journal_path(name: str = "journal.db") -> Path:
    """A SQLite file among this user's data, in a folder that only this user can open."""
    folder: Path = user_data_path("creditgraph", appauthor=False)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / name
