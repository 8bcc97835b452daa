"""Reading records, in the order in which they were first put."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from tutorkit.store.rows import record_of, row_of
from tutorkit.store.tables import table_of
from tutorkit.types import Record

RecordT = TypeVar("RecordT", bound=Record)

_ROWS_AT_ONCE: Final = 500

_IDS_AT_ONCE: Final = 10_000
"""SQLite takes 32,766 values in one statement."""


def records(connection: Connection, kind: type[RecordT], *conditions: ColumnElement[bool]) -> list[RecordT]:
    """Return the records that meet the conditions."""
    return [record_of(kind, row) for row in matching_rows(connection, kind, *conditions)]


def matching_rows(connection: Connection, kind: type[Record], *conditions: ColumnElement[bool]) -> Iterable[RowMapping]:
    """Return the rows that meet the conditions, one after another as they are read."""
    table = table_of(row_of(kind))
    query = select(table).where(*conditions).order_by(table.c.seq)
    return connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}).mappings()


def of_run(connection: Connection, kind: type[RecordT], run_id: str) -> list[RecordT]:
    """Return the records of one run."""
    return records(connection, kind, table_of(row_of(kind)).c.run_id == run_id)


def matching(connection: Connection, kind: type[RecordT], field: str, values: Iterable[str]) -> list[RecordT]:
    """Return the records whose field is one of the values."""
    column = table_of(row_of(kind)).c[field]
    return [record for some in batched(values) for record in records(connection, kind, column.in_(some))]


def batched(values: Iterable[str]) -> Iterator[list[str]]:
    """Split values, each taken once, into lists that one statement may hold."""
    left = iter(dict.fromkeys(values))
    while some := list(islice(left, _IDS_AT_ONCE)):
        yield some
