"""What is said about a program, decided by rule from records alone: no model, no clock, no sandbox.

    snapshot → tests → all pass: reflect | localise → diagnose → rung below the ceiling → move

A program that passes its tests is never called wrong, and none that fails is called right. The same error for too many
rounds goes to the staff.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from pydantic import Field

from tutorkit.canonical import stable_id
from tutorkit.tutoring.policy import RUNG, HelpPolicy, Situation, ceiling
from tutorkit.tutoring.programming.diagnosing import CodeDiagnosis
from tutorkit.tutoring.programming.exercises import Exercise
from tutorkit.tutoring.programming.results import RunReport
from tutorkit.types import Record, TutorMove

HelpStop = Literal["passed", "staff", "exit", "refused"]

STAFF_AFTER = 6
HIDDEN_FROM = 4
"""From this rung on a hidden case may be shown."""

_LADDER: tuple[TutorMove, ...] = ("focus", "concept", "name_step", "analogy", "next_step", "solution")
_BEGINNING: tuple[TutorMove, ...] = ("orient", "concept", "analogy", "next_step", "solution")


class Snapshot(Record):
    """A program as it stood when help was asked for, and what the learner said about it.

    ``id`` is the same for two programs that differ in comments and spaces alone: such a change is no new try.
    """

    id: str
    exercise_id: str
    code: str
    said: str = ""
    wants_exit: bool = False


class HelpGiven(Record):
    """One round of help that was given, as far as later rounds go by it."""

    snapshot_id: str
    signature: str
    move: TutorMove
    rung: int = Field(ge=0, le=7)
    passed: bool = False


class HelpPlan(Record):
    """What is to be said: the move with its rung, the verdict, the diagnosis, the case to show, and whether it ends.

    ``case`` is the index of a failing case that may be shown at this rung; None when there is none.
    ``hidden_only`` tells that all visible cases pass. ``step`` counts which step of the exercise's plan is next.
    """

    move: TutorMove
    rung: int = Field(ge=0, le=7)
    ceiling: int = Field(ge=0, le=7)
    diagnosis: CodeDiagnosis
    case: int | None = None
    hidden_only: bool = False
    step: int = Field(default=0, ge=0)
    stop: HelpStop | None = None


def snapshot_of(exercise: Exercise, code: str, *, said: str = "", wants_exit: bool = False) -> Snapshot:
    """Take a snapshot of a program."""
    return Snapshot(
        id=stable_id("code", exercise.id, _form(code)),
        exercise_id=exercise.id,
        code=code,
        said=said,
        wants_exit=wants_exit,
    )


def situation_of(snapshot: Snapshot, history: Sequence[HelpGiven], *, assessment: bool = False) -> Situation:
    """Count tries, different tries and wishes for help: this round's included. Asking again changes no program."""
    programs = [*(each.snapshot_id for each in history), snapshot.id]
    tries = 1 + sum(before != after for before, after in pairwise(programs))
    return Situation(
        attempts=tries,
        distinct_attempts=len(set(programs)),
        hints_asked=len(history),
        assessment=assessment,
        wants_exit=snapshot.wants_exit,
    )


def plan_help(
    exercise: Exercise,
    snapshot: Snapshot,
    report: RunReport,
    diagnosis: CodeDiagnosis,
    history: Sequence[HelpGiven] = (),
    *,
    policy: HelpPolicy | None = None,
    assessment: bool = False,
    staff_after: int = STAFF_AFTER,
) -> HelpPlan:
    """Decide what is said next.

    Args:
        exercise: what was to be done.
        snapshot: what the learner has done.
        report: what became of its tests.
        diagnosis: what is known of it.
        history: the rounds of help so far, the oldest first.
        policy: how much help the teacher allows.
        assessment: whether this is a test, in which no solution is shown.
        staff_after: after so many rounds with one and the same error it goes to the staff.
    """
    situation = situation_of(snapshot, history, assessment=assessment)
    top = ceiling(situation, policy or HelpPolicy())
    if snapshot.wants_exit:
        return _plan("close", top, diagnosis, stop="exit")
    if report.refused:
        return _plan("generic", top, diagnosis, stop="refused")
    if report.passes:
        asked = any(each.passed for each in history)
        return _plan("confirm" if asked else "elicit", top, diagnosis, stop="passed")
    rounds = _same_error(report.signature(), history)
    if len(rounds) >= staff_after:
        return _plan("generic", top, diagnosis, stop="staff")
    ladder = _BEGINNING if diagnosis.hypothesis == "starter" else _LADDER
    move = _move(exercise, ladder, top, rounds)
    steps = sum(each.move == "next_step" for each in history)
    case = _case_to_show(exercise, report, RUNG[move])
    return _plan(
        move,
        top,
        diagnosis,
        case=case,
        hidden_only=all(exercise.cases[each.index].hidden for each in report.failing) and bool(report.failing),
        step=steps,
    )


def _move(exercise: Exercise, ladder: Sequence[TutorMove], top: int, rounds: Sequence[HelpGiven]) -> TutorMove:
    """Take the lowest move that was made least often about this error."""
    made = Counter(each.move for each in rounds)
    lacking = {"analogy": not exercise.analogy, "next_step": not exercise.plan}
    open_to = [move for move in ladder if RUNG[move] <= top and not lacking.get(move, False)]
    return min(open_to, key=lambda move: made[move]) if open_to else "orient" if top >= RUNG["orient"] else "elicit"


def _same_error(signature: str, history: Sequence[HelpGiven]) -> list[HelpGiven]:
    """Return the latest rounds that were about this very error."""
    rounds: list[HelpGiven] = []
    for each in reversed(history):
        if each.signature != signature:
            break
        rounds.append(each)
    return rounds


def _case_to_show(exercise: Exercise, report: RunReport, rung: int) -> int | None:
    shown = [each.index for each in report.failing if not exercise.cases[each.index].hidden or rung >= HIDDEN_FROM]
    return next((index for index in shown if not exercise.cases[index].hidden), shown[0] if shown else None)


def _plan(
    move: TutorMove,
    top: int,
    diagnosis: CodeDiagnosis,
    *,
    case: int | None = None,
    hidden_only: bool = False,
    step: int = 0,
    stop: HelpStop | None = None,
) -> HelpPlan:
    return HelpPlan(
        move=move,
        rung=RUNG[move],
        ceiling=top,
        diagnosis=diagnosis,
        case=case,
        hidden_only=hidden_only,
        step=step,
        stop=stop,
    )


def _form(code: str) -> str:
    try:
        return ast.unparse(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "\n".join(line.rstrip() for line in code.splitlines() if line.strip())
