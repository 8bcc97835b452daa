"""A run's way into the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from pydantic import JsonValue
from sqlalchemy import JSON, ColumnElement, Connection, RowMapping, func, select

from tutorkit.errors import RecordNotFound, UnknownName
from tutorkit.store.database import Entry, Store
from tutorkit.store.queries import batched, matching_rows
from tutorkit.store.rows import item_values, record_of, row_of, values_of
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
        return self.get_all(kind, [record_id])[0]

    def get_all(self, kind: type[RecordT], record_ids: Sequence[str], *, missing_ok: bool = False) -> list[RecordT]:
        """Return the records of these ids, in the order of the ids; one query reads thousands.

        Args:
            kind: which records.
            record_ids: their ids.
            missing_ok: leave out those that are not there.

        Raises:
            RecordNotFound: when there is none of one of the ids.
        """
        column = table_of(row_of(kind)).c.id
        with self._store.read() as connection:
            found = {
                row["id"]: record_of(kind, row)
                for some in batched(record_ids)
                for row in self._rows(connection, kind, [column.in_(some)])
            }
        missing = next((name for name in record_ids if name not in found), None)
        if missing is not None and not missing_ok:
            raise RecordNotFound(
                f"There is no {kind.__name__} with the id {missing!r}.", data={"kind": kind.__name__, "id": missing}
            )
        return [found[name] for name in record_ids if name in found]

    def find(self, kind: type[RecordT], /, **equal: str | int | None) -> list[RecordT]:
        """Return the records whose fields equal these values, in the order in which they were first put.

        Raises:
            UnknownName: when the kind has no such field, or the field holds a list or a mapping.
        """
        conditions = _conditions(kind, equal)
        with self._store.read() as connection:
            return [record_of(kind, row) for row in self._rows(connection, kind, conditions)]

    def remember(self, run_id: str, node: str, item: str, value: JsonValue) -> None:
        """Keep the result of a finished item of a node's map; the last one told stands.

        Raises:
            NotCanonical: when the value holds NaN or an infinity.
            StoreError: when something put before could not be written.
        """
        self._store.enqueue([Entry(RunItemRow, item_values(run_id=run_id, node=node, item=item, value=value))])

    def recall(self, run_id: str, node: str, *, items: Sequence[str] | None = None) -> dict[str, JsonValue]:
        """Return the results that were remembered for a node, by item, in the order in which they were first told.

        With ``items`` those of these alone; what a node has beside them is not read.
        """
        kept = table_of(RunItemRow).c
        query = select(kept.item, kept.value).where(kept.run_id == run_id, kept.node == node).order_by(kept.seq)
        queries = [query] if items is None else [query.where(kept.item.in_(some)) for some in batched(items)]
        with self._store.read() as connection:
            return {row.item: row.value for each in queries for row in connection.execute(each)}

    def flush(self) -> None:
        """Return when everything put so far is written.

        Raises:
            DiskFull: when there is no space.
            StoreError: when it could not be written for another reason.
        """
        self._store.flush()

    def _values(self, record: Record) -> dict[str, object]:
        if isinstance(record, Attempt):
            return values_of(record, problem_digest=self._revisions.get(record.problem_id))
        values = values_of(record)
        if isinstance(record, Problem):
            self._revisions[record.id] = values["digest"]
        return values

    def _rows(
        self, connection: Connection, kind: type[Record], conditions: Sequence[ColumnElement[bool]]
    ) -> Iterable[RowMapping]:
        """Return the rows of a kind that meet the conditions, in the order in which they were first put."""
        if kind is not Problem:
            return matching_rows(connection, kind, *conditions)
        rows = self._current(connection, conditions)
        # What is read here is what is answered next, also in a resumed run, which does not put it again.
        self._revisions |= {row["id"]: row["digest"] for row in rows}
        return rows

    def _current(self, connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> list[RowMapping]:
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
