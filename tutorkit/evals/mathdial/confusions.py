"""Confusions as teachers described them: what a diagnosis of a wrong solution can be compared with."""

from __future__ import annotations

from collections.abc import Sequence

from tutorkit.evals.mathdial.rows import MathDialRow
from tutorkit.types import Record


class ConfusionCase(Record):
    """A problem, a wrong solution of it, and what a teacher took for the student's confusion, in free words.

    ``profile`` is what the simulated student was told that it lacks; a diagnosis must not see it.
    """

    id: str
    group: str
    problem: str
    reference_solution: str
    wrong_solution: str
    confusion: str
    profile: str


def confusion_cases(rows: Sequence[MathDialRow]) -> tuple[ConfusionCase, ...]:
    """Return a case for every row whose teacher described a confusion, in the order of the rows."""
    return tuple(
        ConfusionCase(
            id=f"{row.qid}-{place}",
            group=row.group,
            problem=row.question,
            reference_solution=row.ground_truth,
            wrong_solution=row.student_incorrect_solution,
            confusion=row.teacher_described_confusion.strip(),
            profile=row.student_profile,
        )
        for place, row in enumerate(rows)
        if row.teacher_described_confusion and row.teacher_described_confusion.strip()
    )


def groundings(rows: Sequence[MathDialRow]) -> tuple[str, ...]:
    """Return what the teacher of each row knew beforehand: the reference solution and the confusion."""
    return tuple(f"{row.ground_truth}\n{row.teacher_described_confusion or ''}".strip() for row in rows)
