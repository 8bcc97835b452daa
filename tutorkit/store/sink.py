"""A run's way into the store."""

from __future__ import annotations

from typing import TypeVar

from pydantic import JsonValue
from sqlalchemy import JSON, ColumnElement, Connection, RowMapping, func, select

from tutorkit.errors import RecordNotFound, UnknownName
from tutorkit.store.database import Entry, Store
from tutorkit.store.queries import records
from tutorkit.store.rows import item_values, record_of, revision_of, row_of, values_of
from tutorkit.store.tables import ProblemRow, RunItemRow, table_of
from tutorkit.types import Attempt, Problem, Record

RecordT = TypeVar("RecordT", bound=Record)


class StoreSink:
    """Implements ``ports.Sink``; take one for each run.

    The sink remembers which revision of each problem it was given. An attempt that is put later is tied to that
    revision, and ``get`` and ``find`` return it, even when another run put the same ids with other content. Of problems
    that the sink was not given they return the revision that was first put last.

    Args:
        store: the open database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revisions: dict[str, str] = {}

    def put(self, *given: Record) -> None:
        """Queue the records; ``rows.py`` says what putting one again does.

        Raises:
            NotCanonical: when a record holds NaN or an infinity; none of these records is taken.
            StoreError: when something put before could not be written; none of these records is taken.
        """
        self._store.enqueue([Entry(row_of(type(record)), self._values(record)) for record in given])

    def get(self, kind: type[RecordT], record_id: str) -> RecordT:
        """Return one record.

        Raises:
            RecordNotFound: when there is none of that id.
        """
        found = self.find(kind, id=record_id)
        if not found:
            raise RecordNotFound(
                f"There is no {kind.__name__} with the id {record_id!r}.",
                data={"kind": kind.__name__, "id": record_id},
            )
        return found[0]

    def find(self, kind: type[RecordT], /, **equal: str | int | None) -> list[RecordT]:
        """Return the records whose fields equal these values, in the order in which they were first put.

        Raises:
            UnknownName: when the kind has no such field, or the field holds a list or a mapping.
        """
        conditions = _conditions(kind, equal)
        with self._store.read() as connection:
            if kind is Problem:
                rows = self._current(connection, conditions)
                # What is read here is what is answered next, also in a resumed run, which does not put it again.
                self._revisions |= {row["id"]: row["digest"] for row in rows}
                return [record_of(kind, row) for row in rows]
            return records(connection, kind, *conditions)

    def remember(self, run_id: str, node: str, item: str, value: JsonValue) -> None:
        """Keep the result of a finished item of a node's map; the last one told stands.

        Raises:
            NotCanonical: when the value holds NaN or an infinity.
            StoreError: when something put before could not be written.
        """
        self._store.enqueue([Entry(RunItemRow, item_values(run_id=run_id, node=node, item=item, value=value))])

    def recall(self, run_id: str, node: str) -> dict[str, JsonValue]:
        """Return the results that were remembered for a node, by item, in the order in which they were first told."""
        items = table_of(RunItemRow).c
        query = select(items.item, items.value).where(items.run_id == run_id, items.node == node).order_by(items.seq)
        with self._store.read() as connection:
            return {row.item: row.value for row in connection.execute(query)}

    def flush(self) -> None:
        """Return when everything put so far is written.

        Raises:
            DiskFull: when there is no space.
            StoreError: when it could not be written for another reason.
        """
        self._store.flush()

    def _values(self, record: Record) -> dict[str, object]:
        if isinstance(record, Problem):
            revision = self._revisions[record.id] = revision_of(record)
            return values_of(record, digest=revision)
        if isinstance(record, Attempt):
            return values_of(record, problem_digest=self._revisions.get(record.problem_id))
        return values_of(record)

    def _current(self, connection: Connection, conditions: list[ColumnElement[bool]]) -> list[RowMapping]:
        """Return the rows of the problems that meet the conditions, of each the revision that this sink goes by."""
        table = table_of(ProblemRow)
        other = table.alias()
        newest = select(func.max(other.c.seq)).where(other.c.id == table.c.id).scalar_subquery()
        query = select(table, (table.c.seq == newest).label("newest")).where(*conditions).order_by(table.c.seq)
        return [
            row
            for row in connection.execute(query).mappings()
            if (row["digest"] == self._revisions[row["id"]] if row["id"] in self._revisions else row["newest"])
        ]


def _conditions(kind: type[Record], equal: dict[str, str | int | None]) -> list[ColumnElement[bool]]:
    columns = table_of(row_of(kind)).c
    comparable = [name for name in kind.model_fields if not isinstance(columns[name].type, JSON)]
    for name in equal:
        if name not in comparable:
            raise UnknownName(f"field of {kind.__name__} to search by", name, comparable)
    return [columns[name].is_(None) if value is None else columns[name] == value for name, value in equal.items()]
