"""Turns what a driver raises into the store's errors; no message ever shows a password."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from tutorkit.errors import DiskFull, StoreError, StoreUnavailable

_OUT_OF_SPACE: Final = frozenset({"SQLITE_FULL", "53100"})
_UNAVAILABLE: Final = {
    "SQLITE_CANTOPEN": "it cannot be opened",
    "SQLITE_BUSY": "another process has it locked",
    "SQLITE_LOCKED": "another process has it locked",
    "SQLITE_READONLY": "it is read-only",
    "SQLITE_PERM": "it may not be opened",
    "SQLITE_NOTADB": "the file is no SQLite database",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_IOERR": "the disk failed",
    "55P03": "another process has it locked",
    "53300": "it has too many connections already",
}


@dataclass(frozen=True)
class Address:
    """A database's URL as it may be shown, and what must not be."""

    shown: str
    secrets: tuple[str, ...] = ()

    @classmethod
    def of(cls, url: URL) -> Address:
        """Return the address of a URL."""
        hidden = ("password", "sslpassword")
        found = [url.password, *(value for name in hidden for value in _texts(url.query.get(name)))]
        plain = [secret for secret in found if secret]
        spelled = {form for secret in plain for form in (secret, quote(secret, safe=""), quote_plus(secret))}
        return cls(
            shown=url.difference_update_query(hidden).render_as_string(hide_password=True),
            secrets=tuple(sorted(spelled, key=len, reverse=True)),
        )

    def hide(self, text: str) -> str:
        """Return the text without the secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


@contextmanager
def typed_errors(address: Address) -> Iterator[None]:
    """Raise the store's own errors for what goes wrong inside.

    Raises:
        DiskFull: no space, or a quota, or the database's own page limit.
        StoreUnavailable: it cannot be opened or reached, or stays locked past the timeout.
        StoreError: it was reached and refused.
    """
    try:
        yield
    except (SQLAlchemyError, OSError, OverflowError) as error:
        raise _typed(error, address) from error


def _typed(error: SQLAlchemyError | OSError | OverflowError, address: Address) -> StoreError:
    # Only the driver's words: SQLAlchemy's own add the statement with its values, which may be a learner's text.
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    words = address.hide(" ".join(str(cause).split()))
    code = _code(cause)
    data: dict[str, object] = {"database": address.shown, "driver": words, "code": code}
    if code in _OUT_OF_SPACE or getattr(cause, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"The disk of {address.shown} is full ({words}).", data=data)
    reason = next((said for known, said in _UNAVAILABLE.items() if code.startswith(known)), None)
    if reason is None and (isinstance(error, OSError) or _is_lost(error)):
        reason = "it cannot be reached"
    if reason is not None:
        return StoreUnavailable(f"The database {address.shown} cannot be used: {reason} ({words}).", data=data)
    return StoreError(f"The database {address.shown} refused: {words}.", data=data)


def _code(cause: BaseException) -> str:
    """The driver's name for what happened: SQLite's error name, or PostgreSQL's SQLSTATE."""
    found = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return found if isinstance(found, str) else ""


def _is_lost(error: BaseException) -> bool:
    """Whether a server was not there, or did not let us in. A failure to connect bears no SQLSTATE."""
    if not isinstance(error, DBAPIError) or hasattr(error.orig, "sqlite_errorname"):
        return False
    code = _code(error.orig) if error.orig is not None else ""
    never_there = isinstance(error, OperationalError) and not code
    return error.connection_invalidated or never_there or code.startswith(("08", "28", "3D", "57P"))


def _texts(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value
