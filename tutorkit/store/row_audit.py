"""A person's decision about rows of fine-tuning data, one or all of a run, and the trail of such decisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from sqlalchemy import ColumnElement, Connection, func, literal, select, update

from tutorkit.errors import RecordNotFound
from tutorkit.store.audit import Decision, refuse_blank
from tutorkit.store.database import Store
from tutorkit.store.queries import batched, matching
from tutorkit.store.rows import row_of
from tutorkit.store.tables import RowReviewRow, table_of
from tutorkit.store.training_rows import ROW_KINDS, AnyRow, RowKind
from tutorkit.types import Audit, Record


class RowReview(Record):
    """One decision about one row: who, when (UTC), why, and from what to what."""

    row_kind: RowKind
    row_id: str
    at: datetime
    by: str
    why: str
    from_state: Audit
    to_state: Audit


class RowsReviewed(Record):
    """What came of a decision: how many rows of each kind were decided about, and how many stay rejected."""

    to: Audit
    decided: dict[RowKind, int]
    left_rejected: int = 0


def review_row(store: Store, *, row_id: str, to: Decision, by: str, why: str) -> RowsReviewed:
    """Approve or reject one row, or ask for another look at it, and keep who did so and why.

    A decision may be taken back by a later one; the trail keeps both.

    Raises:
        BadSetting: when ``by`` or ``why`` is blank.
        RecordNotFound: when there is no row of that id.
    """
    refuse_blank(by=by, why=why)
    found = find_row(store, row_id=row_id)
    if found is None:
        raise RecordNotFound(f"There is no row of fine-tuning data with the id {row_id!r}.", data={"id": row_id})
    kind, _ = found
    table = table_of(row_of(ROW_KINDS[kind])).c
    with store.transaction() as connection:
        return RowsReviewed(to=to, decided={kind: _decide(connection, kind, table.id == row_id, to=to, by=by, why=why)})


def review_rows_of_run(store: Store, *, run_id: str, to: Decision, by: str, why: str) -> RowsReviewed:
    """Decide about every row of a run at once, in one transaction.

    What a person has rejected is not approved along with the others, only by its own id.

    Args:
        store: the open database.
        run_id: whose rows; the whole id.
        to: the decision.
        by: who decides.
        why: the reason.

    Raises:
        BadSetting: when ``by`` or ``why`` is blank.
        RecordNotFound: when the run has no rows.
    """
    refuse_blank(by=by, why=why)
    store.flush()
    decided: dict[RowKind, int] = {}
    rejected = 0
    with store.transaction() as connection:
        for kind, record in ROW_KINDS.items():
            table = table_of(row_of(record)).c
            of_run = table.run_id == run_id
            spared = table.audit == "rejected" if to == "approved" else literal(False)
            rejected += connection.execute(select(func.count()).where(of_run, spared)).scalar_one()
            if count := _decide(connection, kind, of_run & ~spared, to=to, by=by, why=why):
                decided[kind] = count
    if not decided and not rejected:
        raise RecordNotFound(
            f"The run {run_id} has no rows of fine-tuning data.",
            remedy="See what it left with `tutorkit show RUN --lessons`; methods that train a student leave rows.",
            data={"id": run_id},
        )
    return RowsReviewed(to=to, decided=decided, left_rejected=rejected)


def row_reviews(store: Store, *, row_ids: tuple[str, ...]) -> tuple[RowReview, ...]:
    """Return the decisions about some rows, the first one first."""
    table = table_of(RowReviewRow)
    with store.read() as connection:
        rows = [
            row
            for some in batched(row_ids)
            for row in connection.execute(select(table).where(table.c.row_id.in_(some))).mappings()
        ]
    told = [name for name in RowReview.model_fields if name != "at"]
    return tuple(
        RowReview.model_validate({**{name: row[name] for name in told}, "at": row["created_at"]})
        for row in sorted(rows, key=lambda row: int(row["seq"]))
    )


def find_row(store: Store, *, row_id: str) -> tuple[RowKind, AnyRow] | None:
    """Return a row of fine-tuning data with its kind; None when there is none of that id."""
    with store.read() as connection:
        for kind in get_args(RowKind):
            for row in matching(connection, ROW_KINDS[kind], "id", [row_id]):
                return kind, row
    return None


def _decide(
    connection: Connection, kind: RowKind, which: ColumnElement[bool], *, to: Decision, by: str, why: str
) -> int:
    """Write the trail, then the rows; the database copies what each row was, so that no row passes through us."""
    rows, trail = table_of(row_of(ROW_KINDS[kind])), table_of(RowReviewRow)
    told = {
        "created_at": literal(datetime.now(UTC), trail.c.created_at.type),
        "row_kind": literal(kind, trail.c.row_kind.type),
        "row_id": rows.c.id,
        "from_state": rows.c.audit,
        "to_state": literal(to, trail.c.to_state.type),
        "by": literal(by, trail.c.by.type),
        "why": literal(why, trail.c.why.type),
    }
    entries = select(*told.values()).where(which).order_by(rows.c.seq)
    connection.execute(trail.insert().from_select(list(told), entries))
    return connection.execute(update(rows).where(which).values(audit=to)).rowcount
