"""The open database: transactions, and the queue of what is to be written."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, text

from tutorkit.errors import StoreError
from tutorkit.store.failures import Address, typed_errors
from tutorkit.store.rows import Values, insertion
from tutorkit.store.tables import Row
from tutorkit.store.writer import BatchWriter

WRITES: Final = "tutorkit_writes"
"""Execution option of a connection whose transactions write: on SQLite they begin as BEGIN IMMEDIATE."""

_LOCK_KEY: Final = 0x7475746F72
"""PostgreSQL's advisory lock that makes writers take turns."""


class Entry(NamedTuple):
    """One row to be written."""

    row: type[Row]
    values: Values


class Store:
    """An open database; made by ``open_store``, closed by ``close`` or at the end of a ``with``.

    Any number of threads may use one store, and any number of processes one database: writers take turns, on SQLite by
    its own lock and on PostgreSQL by an advisory one, so that ``seq`` grows in the order of the commits and no two
    transactions can deadlock. What ``flush`` has returned for survives the death of the process; SQLite runs with
    ``synchronous=NORMAL``, under which a power cut may take the last moments.

    Args:
        engine: whose tables are up to date.
        address: the database's name in messages.
        patience_s: seconds until waiting for another writer is given up.
    """

    def __init__(self, engine: Engine, *, address: Address, patience_s: float) -> None:
        self.engine = engine
        self.address = address
        self._patience_s = patience_s
        self._process = os.getpid()
        self._writer: BatchWriter[Entry] = BatchWriter(self._write)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees everything put so far.

        Raises:
            StoreError: when it cannot be read, or when something put before could not be written.
        """
        self.flush()
        with typed_errors(self.address), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept together, or not at all when an error leaves the block.

        Raises:
            DiskFull: when there is no space.
            StoreUnavailable: when another writer holds the database past the patience.
        """
        self._refuse_after_fork()
        with typed_errors(self.address), writing(self.engine).begin() as connection:
            wait_turn(connection, patience_s=self._patience_s)
            yield connection

    def enqueue(self, entries: Sequence[Entry]) -> None:
        """Have the rows written soon.

        Raises:
            StoreError: what went wrong with something put before; these rows are not taken.
        """
        self._refuse_after_fork()
        self._writer.put(entries)

    def flush(self) -> None:
        """Return when everything put so far is written; what failed before is tried again.

        Raises:
            DiskFull: when there is no space.
            StoreError: when it could not be written for another reason.
        """
        self._refuse_after_fork()
        self._writer.flush()

    def close(self) -> None:
        """Write what is queued and let go of the database."""
        if os.getpid() != self._process:
            return
        try:
            self._writer.close()
        finally:
            self.engine.dispose()

    def _write(self, batch: Sequence[Entry]) -> None:
        by_table: defaultdict[type[Row], list[Values]] = defaultdict(list)
        for entry in batch:
            by_table[entry.row].append(entry.values)
        with self.transaction() as connection:
            for row, values in by_table.items():
                connection.execute(insertion(row, dialect=connection.dialect.name), values)

    def _refuse_after_fork(self) -> None:
        if os.getpid() != self._process:
            raise StoreError(
                "This store was opened by another process, from which this one was forked.",
                remedy="Open the store again in the new process; nothing that the first one put is lost.",
            )


def writing(engine: Engine) -> Engine:
    """Return the engine for transactions that write."""
    return engine.execution_options(**{WRITES: True})


def wait_turn(connection: Connection, *, patience_s: float) -> None:
    """Become the only writer until the transaction ends; on SQLite it is so since its BEGIN IMMEDIATE."""
    if connection.dialect.name == "postgresql":
        patience = {"patience": str(int(patience_s * 1000))}
        connection.execute(text("SELECT set_config('lock_timeout', :patience, true)"), patience)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
