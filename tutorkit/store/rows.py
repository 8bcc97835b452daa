"""From a record to a row, back again, and what happens when a record is put a second time.

========================  ==========================================================================================
noun                      put again under the same id
========================  ==========================================================================================
Problem                   another revision (other content) is another row; the same one is no change
Attempt, Diagnosis,       no change: they happened once, and the first telling stands
Score, Call
SFTExample,               no change, but ``audit`` goes from draft to pending; the rest is a person's
PreferencePair, RLExample
Run, SkillState,          replaced: they say how things stand now
Dialogue, finished item
Lesson                    its text never changes (an edit is a new version); ``verified`` only becomes true, ``checks``
                          follow it, and ``audit`` only goes from draft to pending. Approval and rejection are a
                          person's, through ``audit.review``, and a run that is resumed cannot take them back
========================  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeVar

from pydantic import JsonValue
from sqlalchemy import ColumnElement, RowMapping, and_, case, or_
from sqlalchemy.dialects import postgresql, sqlite

from tutorkit.canonical import canonical_json, text_digest
from tutorkit.errors import StoreError
from tutorkit.store import tables
from tutorkit.store.tables import Row, table_of
from tutorkit.types import (
    Attempt,
    Call,
    Diagnosis,
    Dialogue,
    Lesson,
    PreferencePair,
    Problem,
    Record,
    RLExample,
    Run,
    Score,
    SFTExample,
    SkillState,
)

RecordT = TypeVar("RecordT", bound=Record)
Insert = sqlite.Insert | postgresql.Insert
Values = dict[str, Any]

ROW_OF: Final[Mapping[type[Record], type[Row]]] = MappingProxyType(
    {
        Run: tables.RunRow,
        Problem: tables.ProblemRow,
        Attempt: tables.AttemptRow,
        Diagnosis: tables.DiagnosisRow,
        Lesson: tables.LessonRow,
        Score: tables.ScoreRow,
        SFTExample: tables.SFTExampleRow,
        PreferencePair: tables.PreferencePairRow,
        RLExample: tables.RLExampleRow,
        SkillState: tables.SkillStateRow,
        Dialogue: tables.DialogueRow,
        Call: tables.CallRow,
    }
)


def row_of(kind: type[Record]) -> type[Row]:
    """Return the table model of a record's class.

    Raises:
        StoreError: when records of that class are not kept by themselves (a grade lives in its attempt).
    """
    found = ROW_OF.get(kind)
    if found is None:
        raise StoreError(
            f"A {kind.__name__} is no record of its own in the database.",
            remedy=f"Put one of: {', '.join(known.__name__ for known in ROW_OF)}.",
            data={"kind": kind.__name__},
        )
    return found


def values_of(record: Record, **beside: str | None) -> Values:
    """Return the column values of a record, validated once more: a frozen record can still hold a list that changed.

    Those of a problem have its ``digest``, which tells one revision of it from another.

    Args:
        record: what is to be kept.
        beside: columns of the table that are no fields of the record.

    Raises:
        NotCanonical: when a value has no JSON form (NaN, an infinity).
        StoreError: when there is no table for it.
    """
    row_of(type(record))
    content = record.model_dump()
    written = canonical_json(content)
    type(record).model_validate(content)
    revision = {"digest": text_digest(written)} if isinstance(record, Problem) else {}
    return {**content, **revision, **beside, "created_at": datetime.now(UTC)}


def item_values(*, run_id: str, node: str, item: str, value: JsonValue) -> Values:
    """Return the column values of a finished item."""
    canonical_json(value)
    return {"run_id": run_id, "node": node, "item": item, "value": value, "created_at": datetime.now(UTC)}


def record_of(kind: type[RecordT], row: RowMapping) -> RecordT:
    """Build the record from its row, through the record's own validation."""
    return kind.model_validate({name: row[name] for name in kind.model_fields})


@cache
def insertion(row: type[Row], *, dialect: str) -> Insert:
    """Return the INSERT for a table, with what it does when the row is there already (see the module's table)."""
    table = table_of(row)
    statement: Insert = (sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)).inline()
    key = _KEYS.get(row, ("id",))
    changes = _CHANGES.get(row)
    if changes is None:
        return statement.on_conflict_do_nothing(index_elements=key)
    return statement.on_conflict_do_update(index_elements=key, set_=changes(statement, row))


def _as_it_stands_now(statement: Insert, row: type[Row]) -> dict[str, ColumnElement[Any]]:
    fixed = {"seq", "created_at", *_KEYS.get(row, ("id",))}
    return {name: new for name, new in statement.excluded.items() if name not in fixed}


def _only_forward(statement: Insert, row: type[Row]) -> dict[str, ColumnElement[Any]]:
    kept, new = table_of(row).c, statement.excluded
    return {
        "verified": or_(kept.verified, new.verified),
        "checks": case((and_(kept.verified, ~new.verified), kept.checks), else_=new.checks),
        **_audit_only_forward(statement, row),
    }


def _audit_only_forward(statement: Insert, row: type[Row]) -> dict[str, ColumnElement[Any]]:
    kept, new = table_of(row).c, statement.excluded
    return {"audit": case((and_(kept.audit == "draft", new.audit == "pending"), new.audit), else_=kept.audit)}


_KEYS: Final[Mapping[type[Row], tuple[str, ...]]] = MappingProxyType(
    {tables.ProblemRow: ("id", "digest"), tables.RunItemRow: ("run_id", "node", "item")}
)
_CHANGES: Final[Mapping[type[Row], Callable[[Insert, type[Row]], dict[str, ColumnElement[Any]]]]] = MappingProxyType(
    {
        tables.RunRow: _as_it_stands_now,
        tables.SkillStateRow: _as_it_stands_now,
        tables.DialogueRow: _as_it_stands_now,
        tables.RunItemRow: _as_it_stands_now,
        tables.LessonRow: _only_forward,
        tables.SFTExampleRow: _audit_only_forward,
        tables.PreferencePairRow: _audit_only_forward,
        tables.RLExampleRow: _audit_only_forward,
    }
)
