"""The two databases a journal can lie in, and what differs between them."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Delete,
    Insert,
    NullPool,
    Row,
    Select,
    Table,
    Update,
    event,
    func,
    literal,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from app.journal.failures import JournalUnavailable, JournalUnusable
from app.journal.tables import Moment

Result = TypeVar("Result")

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}

_PATIENCE_SECONDS: Final = 10
"""For one statement, a lock of the database, or a free connection."""

_ALONE: Final = "creditgraph_alone"
"""Option of a connection on which every statement is a transaction of its own."""


class Database:
    """
    An engine and its dialect; every fault of it is a JournalUnavailable.

    What was begun is brought to its end, even for a caller that is cancelled meanwhile: a
    connection that is left in the middle of a statement has to be thrown away, and one to SQLite
    may keep the file locked.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._alone = engine.execution_options(**_ALONE_BY_DIALECT[engine.dialect.name])

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    async def transact(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        """Do *work* in a transaction. What it wrote is durable when this returns."""

        async def do() -> Result:
            async with self._engine.begin() as connection:
                return await work(connection)

        return await _to_its_end(do())

    async def write(self, statement: Update | Delete | Insert) -> int:
        """A transaction of one statement; tells how many rows it touched."""

        async def do() -> int:
            async with self._alone.connect() as connection:
                return (await connection.execute(statement)).rowcount

        return await _to_its_end(do())

    async def read(self, query: Select[Any]) -> Sequence[Row[Any]]:
        async def do() -> Sequence[Row[Any]]:
            async with self._alone.connect() as connection:
                return await rows_of(connection, query)

        return await _to_its_end(do())

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An insert that can say what to do about a row that is there already."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def ago(self, span: timedelta) -> ColumnElement[datetime]:
        """
        A moment by the clock that all replicas share: PostgreSQL's, or this machine's for the
        replicas on one SQLite file.
        """
        if self.is_sqlite:
            return literal(datetime.now(UTC) - span, Moment)
        return func.clock_timestamp() - literal(span)


_ALONE_BY_DIALECT: Final[dict[str, dict[str, Any]]] = {
    "sqlite": {_ALONE: True},
    "postgresql": {"isolation_level": "AUTOCOMMIT"},
}


@contextmanager
def speaking_of_the_journal() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as exc:
        raise JournalUnavailable from exc


async def rows_of(connection: AsyncConnection, query: Select[Any]) -> Sequence[Row[Any]]:
    rows: Sequence[Row[Any]] = (await connection.execute(query)).all()
    return rows


async def _to_its_end(work: Coroutine[Any, Any, Result]) -> Result:
    with speaking_of_the_journal():
        running = asyncio.create_task(work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            while not running.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([running])
            running.exception()  # seen, so that nobody is told that it was not
            raise


async def locate(url: str) -> URL:
    """
    The database that *url* names, ready to be connected to.

    Raises:
        JournalUnusable: No journal can be kept there.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        await asyncio.to_thread(_prepare_file, address.database)
    return address


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise JournalUnusable("The journal's URL cannot be read.") from None  # it quotes the URL
    driver = _DRIVERS.get(address.drivername.partition("+")[0])
    if driver is None:
        raise JournalUnusable("The journal is kept in SQLite or PostgreSQL.")
    ssl = address.query.get("sslmode")  # as libpq calls it; its values are asyncpg's as well
    if ssl is not None:
        address = address.difference_update_query(["sslmode"]).update_query_dict({"ssl": ssl})
    return address.set(drivername=driver)


def _prepare_file(database: str | None) -> None:
    """Create the file, for this user only, in the mode that lets one write while others read."""
    if not database or ":memory:" in database:
        raise JournalUnusable("A journal in memory would be lost; name a file.")
    try:
        os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))
        _switch_to_write_ahead_log(Path(database))
    except (OSError, sqlite3.Error) as exc:
        raise JournalUnusable(f"The journal's file cannot be written: {exc}.") from exc


def _switch_to_write_ahead_log(file: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with closing(sqlite3.connect(file, timeout=_PATIENCE_SECONDS)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                # SQLite does not wait for whoever else is just switching
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return


@asynccontextmanager
async def open_database(address: URL) -> AsyncIterator[Database]:
    engine = make_engine(address, patience_seconds=_PATIENCE_SECONDS)
    try:
        yield Database(engine)
    finally:
        await engine.dispose()


def make_engine(address: URL, *, patience_seconds: float | None) -> AsyncEngine:
    """
    Args:
        patience_seconds: For one statement; None for work that may take long, on a connection or
            two: then none is kept.
    """
    if address.get_backend_name() == "sqlite":
        return _sqlite_engine(address)
    return _postgresql_engine(address, patience_seconds)


def _sqlite_engine(address: URL) -> AsyncEngine:
    """One connection, since only one can write; whoever waits for it waits in turn."""
    engine = create_async_engine(
        address,
        hide_parameters=True,
        pool_size=1,
        max_overflow=0,
        pool_timeout=_PATIENCE_SECONDS,
        connect_args={"timeout": _PATIENCE_SECONDS, "isolation_level": None},
    )
    event.listen(engine.sync_engine, "connect", _make_durable)
    event.listen(engine.sync_engine, "begin", _begin_to_write)
    return engine


def _make_durable(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_to_write(connection: Connection) -> None:
    """A transaction that reads first and then writes could not wait for another writer."""
    if not connection.get_execution_options().get(_ALONE):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgresql_engine(address: URL, patience_seconds: float | None) -> AsyncEngine:
    """
    Connections are not tried before each use, which would double the round trips: where a restart
    of the server cut them, the first fault, mostly of a heartbeat, renews them all.
    """
    pooling: dict[str, Any] = (
        {"poolclass": NullPool}
        if patience_seconds is None
        else {"pool_size": 10, "pool_timeout": patience_seconds}
    )
    return create_async_engine(
        address,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        connect_args={
            "timeout": _PATIENCE_SECONDS,
            "command_timeout": patience_seconds,
            "server_settings": {"application_name": "creditgraph", "synchronous_commit": "on"},
        },
        **pooling,
    )
