"""What earlier runs tell about one that is still to come: how large calls were, what was answered, how far a run is."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from tutorkit.store.database import Store
from tutorkit.store.tables import AttemptRow, CallRow, RunRow, table_of
from tutorkit.types import Outcome, Record, Role


class MeasuredCall(Record):
    """The tokens of one paid call, as the provider counted them."""

    id: str
    model: str
    prompt_id: str
    tokens_in: int
    tokens_out: int


class Answered(Record):
    """One graded answer of a student, without its text. ``taught`` tells whether it had any lesson at hand."""

    phase: str
    problem_id: str
    taught: bool
    outcome: Outcome
    call_ids: tuple[str, ...]


def measured_calls(store: Store, *, task: str, models: tuple[str, ...]) -> list[MeasuredCall]:
    """Return the paid first asks of some models on a task, of every run; re-asks are longer and are left out."""
    call, run = table_of(CallRow).c, table_of(RunRow).c
    query = select(call.id, call.model, call.prompt_id, call.tokens_in, call.tokens_out).where(
        call.run_id == run.id,
        run.task == task,
        call.model.in_(models),
        call.cache_hit.is_(False),
        call.attempt == 0,
        call.outcome != "error",
        call.tokens_in.is_not(None),
        call.tokens_out.is_not(None),
    )
    with store.read() as connection:
        return [MeasuredCall.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def answers_of_student(store: Store, *, student: str, task: str) -> list[Answered]:
    """Return all that a student answered on a task, in any run, the oldest first."""
    attempt, run = table_of(AttemptRow).c, table_of(RunRow).c
    return _answers(store, attempt.run_id == run.id, run.task == task, attempt.student == student)


def answers_of_run(store: Store, *, run_id: str) -> list[Answered]:
    """Return all that was answered in a run, the oldest first."""
    return _answers(store, table_of(AttemptRow).c.run_id == run_id)


def asked_in_run(store: Store, *, run_id: str, role: Role) -> int:
    """Count what a role was asked in a run and answered, whether by a call or from the cache; re-asks do not count."""
    call = table_of(CallRow).c
    query = select(func.count()).where(
        call.run_id == run_id, call.role == role, call.attempt == 0, call.outcome != "error"
    )
    with store.read() as connection:
        found: int = connection.execute(query).scalar_one()
    return found


def _answers(store: Store, *conditions: ColumnElement[bool]) -> list[Answered]:
    attempt = table_of(AttemptRow).c
    query = (
        select(attempt.phase, attempt.problem_id, attempt.lesson_ids, attempt.grade, attempt.call_ids)
        .where(*conditions)
        .order_by(attempt.seq)
    )
    with store.read() as connection:
        return [
            Answered(
                phase=row.phase,
                problem_id=row.problem_id,
                taught=bool(row.lesson_ids),
                outcome=row.grade["outcome"],
                call_ids=tuple(row.call_ids),
            )
            for row in connection.execute(query)
        ]
