"""Reading fine-tuning data: a run's rows in batches, each with what its export needs from other tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, func, select

from tutorkit.store.database import Store
from tutorkit.store.queries import batched
from tutorkit.store.rows import record_of, row_of
from tutorkit.store.tables import AttemptRow, CallRow, ProblemRow, table_of
from tutorkit.types import Audit, PreferencePair, Problem, Record, RLExample, Role, SFTExample

RowKind = Literal["sft", "preference", "rl"]
AnyRow: TypeAlias = SFTExample | PreferencePair | RLExample

ROW_KINDS: Final[Mapping[RowKind, type[SFTExample] | type[PreferencePair] | type[RLExample]]] = MappingProxyType(
    {"sft": SFTExample, "preference": PreferencePair, "rl": RLExample}
)

_AT_ONCE: Final = 500


class CallFacts(Record):
    """Which prompt and which model stand behind a row."""

    id: str
    role: Role
    prompt_id: str
    prompt_digest: str
    model: str
    model_served: str | None


class RowBatch(NamedTuple):
    """Some rows of one kind.

    ``calls`` are those that the rows name, by id. ``golds`` are the answers of the rows' problems, by the problem's id,
    in the revision that the run worked on. ``measured`` holds those source attempts that belong to ``test``.
    """

    rows: tuple[AnyRow, ...]
    calls: Mapping[str, CallFacts]
    golds: Mapping[str, str | None]
    measured: frozenset[str]


class HeldOut(NamedTuple):
    """What a run's student was measured on: the problems' ids, and what was asked, in one spelling."""

    problem_ids: frozenset[str]
    questions: frozenset[str]


def training_rows(store: Store, kind: RowKind, *, run_id: str, at_once: int = _AT_ONCE) -> Iterator[RowBatch]:
    """Yield a run's rows of a kind by round and id: the same order in every execution of the run.

    One transaction reads them all, so a row that is reviewed meanwhile does not show twice, and memory does not grow
    with their number.

    Args:
        store: the open database.
        kind: which rows.
        run_id: whose rows; the whole id.
        at_once: rows in one batch, at most.
    """
    record = ROW_KINDS[kind]
    table = table_of(row_of(record))
    with store.read() as connection:
        # PostgreSQL sorts text by the server's language, SQLite by code point.
        by_id = table.c.id.collate("C") if connection.dialect.name == "postgresql" else table.c.id
        query = select(table).where(table.c.run_id == run_id).order_by(table.c.round, by_id)
        found = connection.execute(query, execution_options={"yield_per": at_once}).mappings()
        for part in found.partitions():
            yield _batch(connection, tuple(record_of(record, row) for row in part), run_id)


def row_counts(store: Store, *, run_id: str) -> dict[RowKind, dict[Audit, int]]:
    """Count a run's rows by kind and by what a person decided about them; a kind without rows is left out."""
    found: dict[RowKind, dict[Audit, int]] = {}
    with store.read() as connection:
        for kind, record in ROW_KINDS.items():
            table = table_of(row_of(record)).c
            query = select(table.audit, func.count()).where(table.run_id == run_id).group_by(table.audit)
            if counts := {row[0]: row[1] for row in connection.execute(query.order_by(table.audit))}:
                found[kind] = counts
    return found


def held_out(store: Store, *, run_id: str) -> HeldOut:
    """Return the problems that a run's student was measured on; nothing when it has not come so far."""
    attempts = table_of(AttemptRow).c
    query = select(attempts.problem_id).where(attempts.run_id == run_id, attempts.split == "test").distinct()
    with store.read() as connection:
        ids = frozenset(connection.execute(query).scalars())
        asked = (problem.question().as_text() for _, problem in _problems(connection, ids))
        return HeldOut(ids, frozenset(map(one_spelling, asked)))


def one_spelling(text: str) -> str:
    """Return a text without what does not make it another question: how it is spaced."""
    return " ".join(text.split())


def _batch(connection: Connection, rows: tuple[AnyRow, ...], run_id: str) -> RowBatch:
    return RowBatch(
        rows=rows,
        calls=_calls(connection, (name for row in rows for name in row.call_ids)),
        golds=_golds(connection, {row.problem_id for row in rows if row.problem_id is not None}, run_id),
        measured=_measured(connection, (name for row in rows for name in row.source_attempt_ids)),
    )


def _calls(connection: Connection, ids: Iterable[str]) -> dict[str, CallFacts]:
    table = table_of(CallRow).c
    query = select(*(table[name] for name in CallFacts.model_fields))
    return {
        row["id"]: CallFacts.model_validate(dict(row))
        for some in batched(ids)
        for row in connection.execute(query.where(table.id.in_(some))).mappings()
    }


def _measured(connection: Connection, ids: Iterable[str]) -> frozenset[str]:
    table = table_of(AttemptRow).c
    return frozenset(
        name
        for some in batched(ids)
        for name in connection.execute(select(table.id).where(table.id.in_(some), table.split == "test")).scalars()
    )


def _golds(connection: Connection, ids: set[str], run_id: str) -> dict[str, str | None]:
    """Of a problem with several revisions take the one that the run's attempts answered, else the newest."""
    table = table_of(AttemptRow).c
    answered: defaultdict[str, set[str | None]] = defaultdict(set)
    for some in batched(sorted(ids)):
        query = select(table.problem_id, table.problem_digest).where(table.run_id == run_id, table.problem_id.in_(some))
        for problem_id, digest in connection.execute(query.distinct()):
            answered[problem_id].add(digest)
    golds: dict[str, str | None] = {}
    ours: set[str] = set()
    for digest, problem in _problems(connection, ids):
        if digest in answered[problem.id] or problem.id not in ours:
            golds[problem.id] = problem.gold
        if digest in answered[problem.id]:
            ours.add(problem.id)
    return golds


def _problems(connection: Connection, ids: Iterable[str]) -> Iterator[tuple[str, Problem]]:
    """Yield every revision of the problems with its digest, the one that was first put last at the end."""
    table = table_of(ProblemRow)
    for some in batched(sorted(ids)):
        wanted: ColumnElement[bool] = table.c.id.in_(some)
        for row in connection.execute(select(table).where(wanted).order_by(table.c.seq)).mappings():
            yield row["digest"], record_of(Problem, row)
