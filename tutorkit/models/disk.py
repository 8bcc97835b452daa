"""SQLite's and the system's complaints about the disk, as our errors."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from types import TracebackType

from tutorkit.errors import DiskFull, StoreUnavailable

_PRIMARY_CODE = 0xFF
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


class DiskErrors:
    """Turns errors of the file at ``path`` into ours, for what is done within it; may be entered again and again.

    Args:
        path: the file.
        what: what is in it, for messages.

    Raises:
        DiskFull: when nothing more can be written.
        StoreUnavailable: when the file cannot be opened, read or written for another reason.
    """

    def __init__(self, path: Path, *, what: str) -> None:
        self._path = path
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, sqlite3.Error):
            raise self._of_sqlite(error) from error
        if isinstance(error, OSError):
            raise self._of_system(error) from error

    def _of_sqlite(self, error: sqlite3.Error) -> DiskFull | StoreUnavailable:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
        if code == sqlite3.SQLITE_FULL:
            return self._full()
        return StoreUnavailable(
            f"The {self._what} {self._path} cannot be used: {error}.",
            remedy=f"Check that the file is a {self._what} of tutorkit's and may be written, or give another one.",
            data={"path": str(self._path)},
        )

    def _of_system(self, error: OSError) -> DiskFull | StoreUnavailable:
        if error.errno in _NO_SPACE:
            return self._full()
        return StoreUnavailable(
            f"The {self._what} {self._path} cannot be used: {error.strerror or error}.",
            remedy="Check the folder's permissions, or give another place.",
            data={"path": str(self._path)},
        )

    def _full(self) -> DiskFull:
        return DiskFull(f"The disk of {self._path} is full.", data={"path": str(self._path)})
