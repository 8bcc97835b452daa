"""Opens the database: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from tutorkit.errors import BadSetting, MissingExtra, StoreUnavailable
from tutorkit.store.database import WRITES, Store, wait_turn, writing
from tutorkit.store.failures import Address, typed_errors
from tutorkit.store.schema import upgrade

_DRIVERS: Final = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_CONNECT_S: Final = "10"


def open_store(url: str, *, patience_s: float = 30.0) -> Store:
    """Open the database, make it when it is not there, and bring its tables up to date.

    Two processes may open a new database at the same moment: one makes the tables and the other waits.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/DATABASE`` (also ``postgres://``).
        patience_s: seconds until waiting for another process's lock is given up.

    Raises:
        BadSetting: when the URL cannot be read, names another kind of database, or a database in memory.
        MissingExtra: when it is PostgreSQL and psycopg is not installed.
        StoreUnavailable: when it cannot be opened or reached, or was written by a newer tutorkit.
        DiskFull: when there is no space for the tables.
    """
    parsed = _parse(url)
    address = Address.of(parsed)
    if parsed.get_backend_name() == "sqlite":
        with typed_errors(address), _sqlite_lock(parsed, address=address, patience_s=patience_s):
            _prepare(_sqlite(parsed, patience_s=patience_s, for_upgrade=True), address=address, patience_s=patience_s)
        engine = _sqlite(parsed, patience_s=patience_s)
    else:
        engine = _postgres(parsed)
        with typed_errors(address):
            _prepare(engine, address=address, patience_s=patience_s)
    return Store(engine, address=address, patience_s=patience_s)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text itself stays out of the message: it may hold a password.
        raise BadSetting(
            "The database URL cannot be read.",
            remedy="Write it as sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE in TUTORKIT_DB_URL.",
        ) from error
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise BadSetting(
            f"tutorkit keeps no records in a database of the kind {parsed.drivername!r}.",
            remedy="Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE in TUTORKIT_DB_URL.",
            data={"kind": parsed.drivername},
        )
    if driver.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise BadSetting(
            "A database in memory cannot be shared by the threads that read and write it.",
            remedy="Name a file: sqlite:///FILE.",
        )
    return parsed.set(drivername=driver)


@contextmanager
def _sqlite_lock(url: URL, *, address: Address, patience_s: float) -> Iterator[None]:
    """Keep other processes from opening the same file meanwhile: SQLite turns to WAL only when nobody else is there."""
    file = Path(str(url.database))
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(f"{file}.lock", timeout=patience_s):
            yield
    except Timeout as error:
        raise StoreUnavailable(
            f"The database {address.shown} cannot be used: another process has been opening it for {patience_s:g} s.",
            data={"database": address.shown},
        ) from error


def _sqlite(url: URL, *, patience_s: float, for_upgrade: bool = False) -> Engine:
    """Build an engine. An upgrade runs without foreign keys, since on SQLite it may have to copy and drop a table."""
    engine = create_engine(
        url,
        connect_args={"timeout": patience_s, "check_same_thread": False},
        poolclass=NullPool if for_upgrade else None,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # The transactions are ours (below): the driver's leave DDL outside of them.
        connection.execute(f"PRAGMA foreign_keys={'OFF' if for_upgrade else 'ON'}")
        connection.execute("PRAGMA synchronous=NORMAL")
        if for_upgrade:
            connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgres(url: URL) -> Engine:
    waits = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_S}
    try:
        return create_engine(url.update_query_dict(waits), pool_pre_ping=True)
    except ImportError as error:
        raise MissingExtra("psycopg", "postgres", "A PostgreSQL database") from error


def _prepare(engine: Engine, *, address: Address, patience_s: float) -> None:
    """Bring the tables up to date as the only writer; the engine is let go when that fails, or was for this alone."""
    try:
        with writing(engine).begin() as connection:
            wait_turn(connection, patience_s=patience_s)
            upgrade(connection, shown=address.shown)
    finally:
        engine.dispose()
