"""SQLite's and the system's complaints about the disk, as our errors."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tutorkit.errors import DiskFull, StoreUnavailable

_PRIMARY_CODE = 0xFF
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn errors of the file at ``path`` into ours.

    Raises:
        DiskFull: when nothing more can be written.
        StoreUnavailable: when the file cannot be opened, read or written for another reason.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
        if code == sqlite3.SQLITE_FULL:
            raise DiskFull(f"The disk of {path} is full.", data={"path": str(path)}) from error
        raise StoreUnavailable(
            f"The cache {path} cannot be used: {error}.",
            remedy="Check that the file is a cache of tutorkit's and may be written, or give another one.",
            data={"path": str(path)},
        ) from error
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise DiskFull(f"The disk of {path} is full.", data={"path": str(path)}) from error
        raise StoreUnavailable(
            f"The cache {path} cannot be used: {error.strerror or error}.",
            remedy="Check the folder's permissions, or give another place for the cache.",
            data={"path": str(path)},
        ) from error
