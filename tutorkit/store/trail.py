"""Follows a record back to where it came from: lesson → diagnoses → attempts → problems, and every call on the way."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from tutorkit.errors import RecordNotFound
from tutorkit.store.audit import Review, reviews
from tutorkit.store.database import Store
from tutorkit.store.queries import batched, matching, of_run
from tutorkit.store.rows import record_of
from tutorkit.store.tables import AttemptRow, ProblemRow, table_of
from tutorkit.store.training_rows import ROW_KINDS, AnyRow
from tutorkit.types import Attempt, Call, Diagnosis, Lesson, Problem, Record, Run


class Lineage(Record):
    """What stands behind one record.

    ``problems`` are the revisions that the attempts answered, in the attempts' order. ``missing`` names what the
    records point at and the store does not hold.
    """

    record_id: str
    run: Run | None
    rows: tuple[AnyRow, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    problems: tuple[Problem, ...] = ()
    calls: tuple[Call, ...] = ()
    reviews: tuple[Review, ...] = ()
    missing: tuple[str, ...] = ()


class _Trail(Record):
    """The records found for the one that was asked for, and the ids that were looked for on the way."""

    run_id: str
    rows: tuple[AnyRow, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    call_ids: tuple[str, ...] = ()
    sought: tuple[str, ...] = ()


def lineage(store: Store, *, record_id: str) -> Lineage:
    """Return the chain behind a lesson, a diagnosis, an attempt, a call or a row of fine-tuning data.

    * Of a lesson: the lessons that it is an edit of, the attempts it was written from, their diagnoses, and the calls
      that made any of these.
    * Of a diagnosis: its attempt, and the calls of both.
    * Of an attempt: the lessons that the student had at hand, its diagnoses, and the calls that made the attempt and
      the diagnoses.
    * Of a call: what it was about, and what came of it.
    * Of a row: the attempts that it was made from, their diagnoses, the lessons in it, and the calls that made any of
      these.

    Raises:
        RecordNotFound: when nothing of these kinds has that id.
    """
    with store.read() as connection:
        trail = _trail(connection, record_id)
        calls = matching(connection, Call, "id", trail.call_ids)
        problems = answered_problems(connection, trail.attempts)
        runs = matching(connection, Run, "id", [trail.run_id])
    held = {one.id for group in (trail.lessons, trail.diagnoses, trail.attempts, calls) for one in group}
    return Lineage(
        record_id=record_id,
        run=runs[0] if runs else None,
        rows=trail.rows,
        lessons=trail.lessons,
        diagnoses=trail.diagnoses,
        attempts=trail.attempts,
        problems=problems,
        calls=tuple(calls),
        reviews=reviews(store, lesson_ids=tuple(lesson.id for lesson in trail.lessons)),
        missing=tuple(dict.fromkeys(one for one in (*trail.sought, *trail.call_ids) if one not in held)),
    )


def answered_problems(connection: Connection, attempts: Iterable[Attempt]) -> tuple[Problem, ...]:
    """Return the revisions of the problems that the attempts answered, each once.

    An attempt that was put without its problem names no revision; it gets the one that was first put last.
    """
    table = table_of(ProblemRow)
    revisions = _revisions(connection, attempts)
    found: dict[tuple[str, str | None], Problem] = {}
    ids = sorted({problem_id for problem_id, _ in revisions})
    for some in batched(ids):
        for row in connection.execute(select(table).where(table.c.id.in_(some)).order_by(table.c.seq)).mappings():
            problem = record_of(Problem, row)
            found[problem.id, row["digest"]] = problem
            found[problem.id, None] = problem
    return tuple(found[revision] for revision in revisions if revision in found)


def _revisions(connection: Connection, attempts: Iterable[Attempt]) -> list[tuple[str, str | None]]:
    """Return the ids and digests of the problems answered, in the attempts' order, each once."""
    table = table_of(AttemptRow)
    digests: dict[str, str | None] = {}
    for some in batched(attempt.id for attempt in attempts):
        query = select(table.c.id, table.c.problem_digest).where(table.c.id.in_(some))
        digests.update((row.id, row.problem_digest) for row in connection.execute(query))
    return list(dict.fromkeys((attempt.problem_id, digests[attempt.id]) for attempt in attempts))


def _trail(connection: Connection, record_id: str) -> _Trail:
    if lessons := matching(connection, Lesson, "id", [record_id]):
        return _of_lesson(connection, lessons[0])
    if diagnoses := matching(connection, Diagnosis, "id", [record_id]):
        return _of_diagnosis(connection, diagnoses[0])
    if attempts := matching(connection, Attempt, "id", [record_id]):
        return _of_attempt(connection, attempts[0])
    if calls := matching(connection, Call, "id", [record_id]):
        return _of_call(connection, calls[0])
    for kind in ROW_KINDS.values():
        for row in matching(connection, kind, "id", [record_id]):
            return _of_row(connection, row)
    raise RecordNotFound(
        f"There is no lesson, diagnosis, attempt, call or row with the id {record_id!r}.", data={"id": record_id}
    )


def _of_lesson(connection: Connection, lesson: Lesson) -> _Trail:
    versions = [lesson]
    while (parent_id := versions[-1].parent_id) and parent_id not in {version.id for version in versions}:
        parents = matching(connection, Lesson, "id", [parent_id])
        if not parents:
            break
        versions.extend(parents)
    sources = [source for version in versions for source in version.source_attempt_ids]
    attempts = matching(connection, Attempt, "id", sources)
    diagnoses = matching(connection, Diagnosis, "attempt_id", sources)
    return _Trail(
        run_id=lesson.run_id,
        lessons=tuple(versions),
        diagnoses=tuple(diagnoses),
        attempts=tuple(attempts),
        call_ids=_call_ids(versions, diagnoses, attempts),
        sought=(*sources, *(version.parent_id for version in versions if version.parent_id)),
    )


def _of_diagnosis(connection: Connection, diagnosis: Diagnosis) -> _Trail:
    attempts = matching(connection, Attempt, "id", [diagnosis.attempt_id])
    return _Trail(
        run_id=diagnosis.run_id,
        diagnoses=(diagnosis,),
        attempts=tuple(attempts),
        call_ids=_call_ids([diagnosis], attempts),
        sought=(diagnosis.attempt_id,),
    )


def _of_attempt(connection: Connection, attempt: Attempt) -> _Trail:
    diagnoses = matching(connection, Diagnosis, "attempt_id", [attempt.id])
    return _Trail(
        run_id=attempt.run_id,
        lessons=tuple(matching(connection, Lesson, "id", attempt.lesson_ids)),
        diagnoses=tuple(diagnoses),
        attempts=(attempt,),
        call_ids=_call_ids([attempt], diagnoses),
        sought=attempt.lesson_ids,
    )


def _of_call(connection: Connection, call: Call) -> _Trail:
    """A call is named by the records that it made, so the records of its run are looked through."""
    return _Trail(
        run_id=call.run_id,
        lessons=tuple(one for one in of_run(connection, Lesson, call.run_id) if call.id in one.call_ids),
        diagnoses=tuple(one for one in of_run(connection, Diagnosis, call.run_id) if call.id in one.call_ids),
        attempts=tuple(
            one for one in of_run(connection, Attempt, call.run_id) if call.id in one.call_ids or one.id in call.about
        ),
        call_ids=(call.id,),
    )


def _of_row(connection: Connection, row: AnyRow) -> _Trail:
    attempts = matching(connection, Attempt, "id", row.source_attempt_ids)
    diagnoses = matching(connection, Diagnosis, "attempt_id", row.source_attempt_ids)
    lessons = matching(connection, Lesson, "id", row.lesson_ids)
    return _Trail(
        run_id=row.run_id,
        rows=(row,),
        lessons=tuple(lessons),
        diagnoses=tuple(diagnoses),
        attempts=tuple(attempts),
        call_ids=_call_ids([row], lessons, diagnoses, attempts),
        sought=(*row.source_attempt_ids, *row.lesson_ids),
    )


def _call_ids(*groups: Iterable[AnyRow | Lesson | Diagnosis | Attempt]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(call_id for group in groups for record in group for call_id in record.call_ids))
