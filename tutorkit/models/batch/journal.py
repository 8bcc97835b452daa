"""Which batches each run has handed in: written before a batch leaves, so that no death of a process loses one.

A batch is *prepared* before it is submitted, *submitted* once the provider's id of it is known, *ended* once its
results were seen, and *dropped* when it surely never reached the provider, or is no longer there. Of the requests only
their cache keys are kept, and no account's key at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tutorkit.models.sqlite_file import SqliteFile

BY_HAND = "folder@"
"""With this begins the place of a batch that is a file in a folder."""

BatchStatus = Literal["prepared", "submitted", "ended", "dropped"]

_SCHEMA = """
CREATE TABLE batch (
    local_id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    place TEXT NOT NULL,
    model TEXT NOT NULL,
    newest_before TEXT,
    remote_id TEXT,
    status TEXT NOT NULL,
    prepared_at REAL NOT NULL
) STRICT;
CREATE INDEX batch_by_run ON batch (run_id, place);
CREATE TABLE item (
    local_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    key TEXT NOT NULL,
    failed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (local_id, number)
) STRICT, WITHOUT ROWID;
"""
# A batch that was forgotten because the power failed would be paid for twice.
_PRAGMAS = ("synchronous = FULL",)
_COLUMNS = "local_id, run_id, place, model, newest_before, remote_id, status, prepared_at"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One batch.

    ``place`` is where it goes. ``newest_before`` is the account's newest batch when it was prepared: a batch that is
    not newer is another. ``prepared_at`` is in seconds since the epoch.
    """

    local_id: str
    run_id: str
    place: str
    model: str
    newest_before: str | None
    remote_id: str | None
    status: BatchStatus
    prepared_at: float

    @property
    def by_hand(self) -> bool:
        """Whether it is a file that a person runs: until then nobody is paid for it."""
        return self.place.startswith(BY_HAND)

    @property
    def name(self) -> str:
        """The provider's id of it, or ours as long as that is not known."""
        return self.remote_id or self.local_id


class Journal:
    """The batches of all runs, in one file that several processes may share.

    Args:
        path: the SQLite file; it and its folder are made when they are not there.

    Raises:
        StoreUnavailable: when it cannot be opened, or a newer version of tutorkit made it.
        DiskFull: when nothing can be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = SqliteFile(path, what="journal of batches", steps=(_SCHEMA,), pragmas=_PRAGMAS)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def prepare(self, entry: Entry, keys: Sequence[str]) -> None:
        """Keep a batch with the cache keys of its requests, in order. It is on the disk when this returns."""
        with self._file.writing() as connection:
            marks = ", ".join("?" * 8)
            values = (
                entry.local_id,
                entry.run_id,
                entry.place,
                entry.model,
                entry.newest_before,
                entry.remote_id,
                entry.status,
                entry.prepared_at,
            )
            connection.execute(f"INSERT INTO batch ({_COLUMNS}) VALUES ({marks})", values)  # noqa: S608
            connection.executemany(
                "INSERT INTO item (local_id, number, key) VALUES (?, ?, ?)",
                ((entry.local_id, number, key) for number, key in enumerate(keys)),
            )

    def submitted(self, local_id: str, *, remote_id: str) -> None:
        """Note the provider's id of a batch."""
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE batch SET status = 'submitted', remote_id = ? WHERE local_id = ?", (remote_id, local_id)
            )

    def ended(self, local_id: str) -> None:
        """Note that the results of a batch were seen."""
        self._becomes(local_id, "ended")

    def dropped(self, local_id: str) -> None:
        """Note that there is no such batch at the provider: its requests may be sent anew."""
        self._becomes(local_id, "dropped")

    def failed(self, local_id: str, numbers: Sequence[int]) -> None:
        """Note that requests of a batch have failed: nobody is given their results again."""
        with self._file.writing() as connection:
            connection.executemany(
                "UPDATE item SET failed = 1 WHERE local_id = ? AND number = ?",
                ((local_id, number) for number in numbers),
            )

    def of_run(self, run_id: str, *, place: str) -> list[Entry]:
        """Return a run's batches at one place that were not dropped, the newest first."""
        with self._file as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM batch"  # noqa: S608
                " WHERE run_id = ? AND place = ? AND status != 'dropped' ORDER BY rowid DESC",
                (run_id, place),
            ).fetchall()
        return [_entry(row) for row in rows]

    def under_way(self, run_id: str) -> list[Entry]:
        """Return a run's batches whose results nobody has seen, the oldest first."""
        with self._file as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM batch"  # noqa: S608
                " WHERE run_id = ? AND status IN ('prepared', 'submitted') ORDER BY rowid",
                (run_id,),
            ).fetchall()
        return [_entry(row) for row in rows]

    def items(self, local_id: str) -> dict[int, str]:
        """Return the cache keys of a batch's requests that have not failed, by number."""
        with self._file as connection:
            rows = connection.execute(
                "SELECT number, key FROM item WHERE local_id = ? AND failed = 0 ORDER BY number", (local_id,)
            )
            return dict(rows.fetchall())

    def size(self, local_id: str) -> int:
        """Return how many requests a batch has."""
        with self._file as connection:
            (count,) = connection.execute("SELECT COUNT(*) FROM item WHERE local_id = ?", (local_id,)).fetchone()
        return int(count)

    def remote_ids(self, place: str) -> set[str]:
        """Return the provider's ids of all batches of one place that are known, whatever run they belong to."""
        with self._file as connection:
            rows = connection.execute("SELECT remote_id FROM batch WHERE place = ? AND remote_id IS NOT NULL", (place,))
            return {remote_id for (remote_id,) in rows}

    def _becomes(self, local_id: str, status: BatchStatus) -> None:
        with self._file.writing() as connection:
            connection.execute("UPDATE batch SET status = ? WHERE local_id = ?", (status, local_id))


def _entry(row: tuple[object, ...]) -> Entry:
    return Entry(**dict(zip(_COLUMNS.split(", "), row, strict=True)))  # type: ignore[arg-type]
