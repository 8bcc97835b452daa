"""A person's decision about a lesson, and the trail of such decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import select, update

from tutorkit.errors import BadSetting, RecordNotFound
from tutorkit.store.database import Store
from tutorkit.store.queries import records
from tutorkit.store.tables import LessonReviewRow, LessonRow, table_of
from tutorkit.types import Audit, Lesson, Record

Decision = Literal["pending", "approved", "rejected"]


class Review(Record):
    """One decision: who, when (UTC), why, and from what to what."""

    lesson_id: str
    at: datetime
    by: str
    why: str
    from_state: Audit
    to_state: Audit


def review(store: Store, *, lesson_id: str, to: Decision, by: str, why: str) -> Lesson:
    """Approve or reject a lesson, or ask for another look at it, and keep who did so and why.

    A decision may be taken back by a later one; the trail keeps both. Deciding once more what is decided is kept too: a
    second person agreed.

    Returns:
        The lesson as it now stands.

    Raises:
        BadSetting: when ``by`` or ``why`` is blank.
        RecordNotFound: when there is no lesson of that id.
    """
    refuse_blank(by=by, why=why)
    store.flush()
    table = table_of(LessonRow)
    with store.transaction() as connection:
        found = records(connection, Lesson, table.c.id == lesson_id)
        if not found:
            raise RecordNotFound(f"There is no lesson with the id {lesson_id!r}.", data={"id": lesson_id})
        entry = LessonReviewRow.model_validate(
            {"lesson_id": lesson_id, "from_state": found[0].audit, "to_state": to, "by": by, "why": why}
        )
        connection.execute(table_of(LessonReviewRow).insert(), entry.model_dump(exclude={"seq"}))
        connection.execute(update(table).where(table.c.id == lesson_id).values(audit=to))
        return records(connection, Lesson, table.c.id == lesson_id)[0]


def refuse_blank(*, by: str, why: str) -> None:
    """Refuse a decision that names nobody or gives no reason.

    Raises:
        BadSetting: when ``by`` or ``why`` is blank.
    """
    if not by.strip() or not why.strip():
        raise BadSetting("A review wants the name of who reviews and a reason.", remedy="Give both, by and why.")


def reviews(store: Store, *, lesson_ids: tuple[str, ...]) -> tuple[Review, ...]:
    """Return the decisions about some lessons, the first one first."""
    table = table_of(LessonReviewRow)
    query = select(table).where(table.c.lesson_id.in_(lesson_ids)).order_by(table.c.seq)
    with store.read() as connection:
        rows = connection.execute(query).mappings().all()
    return tuple(
        Review.model_validate(
            {**{name: row[name] for name in Review.model_fields if name != "at"}, "at": row["created_at"]}
        )
        for row in rows
    )
