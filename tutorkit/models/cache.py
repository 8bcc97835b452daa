"""The gateway's memory on disk: what was answered, and what each run's tries took. One SQLite file, several processes.

Raw replies are kept as JSON, never as pickles, so a better reader needs no new call. A reply that ended early is no
answer for another run, yet the run that paid for it, and a replay, must see it again: it is kept and marked by its
``finish``. A try without a reply leaves no reply at all, only its line in the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pydantic import JsonValue

from tutorkit.models.budget import Spent
from tutorkit.models.records import FailedTry
from tutorkit.models.sqlite_file import SqliteFile
from tutorkit.ports import FinishReason
from tutorkit.types import CallOutcome

_ENCODER = json.JSONEncoder(ensure_ascii=False)

# Each checkpoint waits for the disk, and the event loop with it.
_PRAGMAS = ("synchronous = NORMAL", "wal_autocheckpoint = 4000")

_STEPS = (
    """
CREATE TABLE reply (
    key TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    base_url TEXT NOT NULL,
    model TEXT NOT NULL,
    sample INTEGER NOT NULL,
    body TEXT NOT NULL,
    payload TEXT NOT NULL,
    model_served TEXT NOT NULL,
    finish TEXT NOT NULL,
    tokens_in INTEGER,
    tokens_out INTEGER,
    cost_usd REAL,
    paid_by TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
CREATE TABLE try (
    run_id TEXT NOT NULL,
    key TEXT NOT NULL,
    number INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT,
    tokens_in INTEGER,
    tokens_out INTEGER,
    cost_usd REAL
) STRICT;
CREATE INDEX reply_by_model ON reply (model);
CREATE INDEX try_by_run ON try (run_id, key);
""",
    # What is looked for once a run, or after a failure, must not cost every call a page of an index.
    """
DROP INDEX reply_by_model;
DROP INDEX try_by_run;
CREATE INDEX failed_try ON try (run_id, key) WHERE error IS NOT NULL;
""",
)

_REPLY_COLUMNS = (
    "key, provider, base_url, model, sample, body, payload,"
    " model_served, finish, tokens_in, tokens_out, cost_usd, paid_by"
)
_INTO_REPLY = f"INTO reply ({_REPLY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_REPLACE, _ADD = f"INSERT OR REPLACE {_INTO_REPLY}", f"INSERT OR IGNORE {_INTO_REPLY}"
_TRY = "INSERT INTO try VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One recorded reply.

    ``payload`` is the provider's raw reply; ``paid_by`` the run whose call paid for it, or empty.
    """

    key: str
    provider: str
    base_url: str
    model: str
    sample: int
    body: dict[str, JsonValue]
    payload: JsonValue
    model_served: str
    finish: FinishReason
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None
    paid_by: str


class Recorded(NamedTuple):
    """What a caller of a recorded reply needs of its entry."""

    payload: JsonValue
    finish: FinishReason
    cost_usd: float | None
    paid_by: str


@dataclass(frozen=True)
class Paid:
    """A reply that a try has just paid for. ``kept`` is False where only the try's line is to be remembered.

    ``body`` is the JSON of the entry's body where somebody has made it already.
    """

    entry: Entry
    _: KW_ONLY
    number: int
    outcome: CallOutcome
    kept: bool = True
    body: str | None = None


class ReplyCache:
    """Recorded replies and the ledger of tries, in one file that several processes may share.

    Args:
        path: the SQLite file; it and its folder are made when they are not there.

    Raises:
        StoreUnavailable: when it cannot be opened, or a newer version of tutorkit made it.
        DiskFull: when nothing can be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = SqliteFile(path, what="cache", steps=_STEPS, pragmas=_PRAGMAS)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get(self, key: str) -> Entry | None:
        """Return the whole entry of a request, or None."""
        with self._file as connection:
            row = connection.execute(f"SELECT {_REPLY_COLUMNS} FROM reply WHERE key = ?", (key,)).fetchone()  # noqa: S608
        return None if row is None else _entry(row)

    def recorded(self, key: str) -> Recorded | None:
        """Return what was answered to a request, or None."""
        query = "SELECT payload, finish, cost_usd, paid_by FROM reply WHERE key = ?"
        with self._file as connection:
            row = connection.execute(query, (key,)).fetchone()
        return None if row is None else Recorded(json.loads(row[0]), *row[1:])

    def of_model(self, model: str, *, limit: int) -> list[Entry]:
        """Return the newest recorded replies of a model."""
        with self._file as connection:
            rows = connection.execute(
                f"SELECT {_REPLY_COLUMNS} FROM reply WHERE model = ? ORDER BY rowid DESC LIMIT ?",  # noqa: S608
                (model, limit),
            ).fetchall()
        return [_entry(row) for row in rows]

    def models(self) -> dict[str, int]:
        """Return how many replies are recorded, by model."""
        with self._file as connection:
            return dict(
                connection.execute("SELECT model, COUNT(*) FROM reply GROUP BY model ORDER BY model").fetchall()
            )

    def put(self, *paid: Paid) -> None:
        """Keep replies, each in place of an older one, and the lines of the tries that paid for them: all or none."""
        with self._file.writing() as connection:
            connection.executemany(_REPLACE, [_values(each.entry, body=each.body) for each in paid if each.kept])
            connection.executemany(_TRY, [_line(each) for each in paid])

    def put_recorded(self, entries: Iterable[Entry]) -> int:
        """Keep replies that were recorded elsewhere; those that are here already stay. Returns how many were new."""
        with self._file.writing() as connection:
            return max(0, connection.executemany(_ADD, map(_values, entries)).rowcount)

    def note_failed(self, failed: FailedTry, *, run_id: str) -> None:
        """Keep the line of a try that brought no reply."""
        line = (
            run_id,
            failed.key,
            failed.number,
            failed.outcome,
            failed.error,
            failed.tokens_in,
            failed.tokens_out,
            failed.cost_usd,
        )
        with self._file.writing() as connection:
            connection.execute(_TRY, line)

    def keys_with_failed_tries(self, run_id: str) -> set[str]:
        """Return the keys of the requests of which some try of a run brought no reply."""
        with self._file as connection:
            rows = connection.execute("SELECT key FROM try WHERE run_id = ? AND error IS NOT NULL", (run_id,))
            return {key for (key,) in rows}

    def failed_tries(self, *, run_id: str, key: str) -> tuple[FailedTry, ...]:
        """Return a run's tries of a request that brought no reply, oldest first."""
        with self._file as connection:
            rows = connection.execute(
                "SELECT key, number, outcome, error, tokens_in, tokens_out, cost_usd FROM try"
                " WHERE run_id = ? AND key = ? AND error IS NOT NULL ORDER BY rowid",
                (run_id, key),
            ).fetchall()
        names = ("key", "number", "outcome", "error", "tokens_in", "tokens_out", "cost_usd")
        return tuple(FailedTry(**dict(zip(names, row, strict=True))) for row in rows)

    def spent(self, run_id: str, *, apart_from: Collection[str] = ()) -> Spent:
        """Return what a run's tries took so far, whatever became of the processes that made them.

        Args:
            run_id: the run.
            apart_from: keys whose tries are counted elsewhere already.
        """
        with self._file as connection:
            rows = connection.execute(
                "SELECT key, tokens_in + tokens_out, cost_usd FROM try WHERE run_id = ? ORDER BY rowid", (run_id,)
            ).fetchall()
        total = Spent()
        for key, tokens, cost_usd in rows:
            if key not in apart_from:
                total = total.plus(cost_usd=cost_usd, tokens=tokens)
        return total


def spent_by(path: Path, run_id: str, *, apart_from: Collection[str] = ()) -> Spent:
    """Return what a run's tries took so far, as the cache at ``path`` knows it; nothing when there is no cache yet.

    ``apart_from`` are keys whose tries are counted elsewhere already: a run's store has those whose records were kept,
    and the rest was paid for by a process that died before it could keep them.
    """
    if not path.exists():
        return Spent()
    with ReplyCache(path) as cache:
        return cache.spent(run_id, apart_from=apart_from)


def _values(entry: Entry, *, body: str | None = None) -> tuple[object, ...]:
    return (
        entry.key,
        entry.provider,
        entry.base_url,
        entry.model,
        entry.sample,
        body or _ENCODER.encode(entry.body),
        _ENCODER.encode(entry.payload),
        entry.model_served,
        entry.finish,
        entry.tokens_in,
        entry.tokens_out,
        entry.cost_usd,
        entry.paid_by,
    )


_Line = tuple[str, str, int, str, str | None, int | None, int | None, float | None]


def _line(paid: Paid) -> _Line:
    entry = paid.entry
    return (
        entry.paid_by,
        entry.key,
        paid.number,
        paid.outcome,
        None,
        entry.tokens_in,
        entry.tokens_out,
        entry.cost_usd,
    )


def _entry(row: tuple[object, ...]) -> Entry:
    values = dict(zip(_REPLY_COLUMNS.split(", "), row, strict=True))
    return Entry(**{**values, "body": json.loads(str(values["body"])), "payload": json.loads(str(values["payload"]))})
