"""Where a test's journal lies, and what another connection sees there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Executable, Row, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

SERVER = "postgresql://postgres@127.0.0.1:5432"


@dataclass(frozen=True)
class Place:
    url: str

    async def see(self, statement: Executable | str) -> Sequence[Row[Any]]:
        """Run *statement* on a connection of its own."""
        url = make_url(self.url)
        driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
        engine = create_async_engine(
            url.set(drivername=driver[url.get_backend_name()]), poolclass=NullPool
        )
        async with engine.begin() as connection:
            executable = text(statement) if isinstance(statement, str) else statement
            result = await connection.execute(executable)
            return result.all() if result.returns_rows else []


def sqlite_place(folder: Path) -> Place:
    return Place(f"sqlite:///{folder / 'journal.db'}")


@asynccontextmanager
async def postgresql_place() -> AsyncIterator[Place]:
    """A database of its own; skips, saying so, where no server is."""
    name = f"journal_{uuid4().hex}"
    server = create_async_engine(
        f"{SERVER}/postgres".replace("postgresql", "postgresql+asyncpg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": 5},
    )
    try:
        async with server.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
    except (OSError, SQLAlchemyError) as exc:
        pytest.skip(f"no PostgreSQL answers at {SERVER}: {type(exc).__name__}")
    yield Place(f"{SERVER}/{name}")
    async with server.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
