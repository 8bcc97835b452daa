"""Brings a database's tables up to date, and tells when they are not what ``tables.py`` says."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from tutorkit.errors import StoreUnavailable
from tutorkit.store.tables import Row

VERSION_TABLE: Final = "tutorkit_version"

_FOLDER: Final = Path(__file__).parent / "migrations"
_ALEMBIC = threading.Lock()
"""Alembic hands its context to a migration through module-level names: one upgrade at a time in a process."""


def upgrade(connection: Connection, *, shown: str) -> None:
    """Make or change the tables, inside the connection's transaction, until they are this version's.

    Args:
        connection: in a transaction that writes, as the only writer.
        shown: the database's name in messages.

    Raises:
        StoreUnavailable: when a newer tutorkit wrote the database. It is left as it is.
    """
    config = _config(connection)
    script = ScriptDirectory.from_config(config)
    found = set(_context(connection).get_current_heads())
    newest = script.get_current_head()
    if unknown := found - {revision.revision for revision in script.walk_revisions()}:
        raise StoreUnavailable(
            f"The database {shown} was written by a newer tutorkit: its tables are of version "
            f"{', '.join(sorted(unknown))}, and this tutorkit knows none after {newest}.",
            remedy="Upgrade tutorkit (pip install --upgrade tutorkit), or give another database in TUTORKIT_DB_URL.",
            data={"database": shown, "found": sorted(unknown), "known": newest},
        )
    if found != {newest}:
        with _ALEMBIC:
            command.upgrade(config, "head")


def drift(connection: Connection) -> list[object]:
    """Return the changes that would turn the database's tables into those of ``tables.py``; none when all is well."""
    return list(compare_metadata(_context(connection), Row.metadata))


def revise(message: str) -> None:
    """Write a migration for what ``tables.py`` says and the newest migration does not; for tutorkit's developers."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection, _ALEMBIC:
        config = _config(connection)
        command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True)
    engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def _context(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
