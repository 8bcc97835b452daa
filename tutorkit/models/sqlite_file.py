"""A SQLite file of ours that several processes may share."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from filelock import FileLock

from tutorkit.errors import StoreUnavailable
from tutorkit.models.disk import DiskErrors

BUSY_S = 30.0


class SqliteFile:
    """An open file, for one user at a time.

    ``with file as connection`` reads, ``with file.writing() as connection`` writes all or nothing.

    Args:
        path: the file; it and its folder are made when they are not there.
        what: what is in it, for messages.
        steps: SQL that makes the first version of its schema, then what makes the next version out of each.
        pragmas: settings of the connection.

    Raises:
        StoreUnavailable: when it cannot be opened, or a newer version of tutorkit made it.
        DiskFull: when nothing can be written.
    """

    def __init__(self, path: Path, *, what: str, steps: Sequence[str], pragmas: Sequence[str]) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._errors = DiskErrors(path, what=what)
        with self._errors:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Turning the write-ahead log on is the one step that SQLite's own waiting does not cover.
            with FileLock(f"{path}.lock"):
                self.connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
                for pragma in ("journal_mode = WAL", *pragmas):
                    self.connection.execute(f"PRAGMA {pragma}")
                self._bring_up_to_date(steps, what=what)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self.connection.close()

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        return self.connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        self._errors.__exit__(kind, error, trace)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for one transaction."""
        with self as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                # A full disk can end the transaction by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _bring_up_to_date(self, steps: Sequence[str], *, what: str) -> None:
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        if version > len(steps):
            raise StoreUnavailable(
                f"The {what} {self.path} was made by a newer version of tutorkit.",
                remedy="Upgrade tutorkit, or give another home folder.",
                data={"path": str(self.path), "version": version},
            )
        if missing := steps[version:]:
            self.connection.executescript(f"BEGIN;{''.join(missing)}PRAGMA user_version = {len(steps)};COMMIT;")
