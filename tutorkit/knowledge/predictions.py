"""What a model predicts of answers that it has not seen: one step ahead, for students that it was not fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from pydantic import Field

from tutorkit.errors import BadSetting
from tutorkit.knowledge.interactions import Interaction, by_question, by_student
from tutorkit.knowledge.mastery import MasteryModel
from tutorkit.types import Record

StateT = TypeVar("StateT")


class Prediction(Record):
    """The probability of a right answer before it was seen, and whether it was right."""

    student: str
    skills: tuple[str, ...]
    p: float = Field(ge=0, le=1)
    correct: bool


@runtime_checkable
class WholeSequences(Protocol):
    """A model that predicts a student's whole sequence faster than answer by answer, with the same result."""

    def predict_ahead(self, rows: Sequence[Interaction]) -> list[float]:
        """Return, for each answer of one student, the probability of a right one given those before it."""
        ...


def one_step_ahead(model: MasteryModel[StateT], interactions: Sequence[Interaction]) -> tuple[Prediction, ...]:
    """Predict every answer from those of the same student before it, and from nothing later.

    Rows of one question are one answer (``by_question``). An assisted answer is evidence for what comes after it, as
    the model takes it, but is not predicted: how much help there will be is not known beforehand.
    """
    found: list[Prediction] = []
    for rows in by_student(by_question(interactions)).values():
        if isinstance(model, WholeSequences):
            chances = model.predict_ahead(rows)
        else:
            state, chances = model.begin(), []
            for row in rows:
                chances.append(model.predict(state, row.skills, item=row.item))
                state = model.update(state, row)
        found += [
            Prediction(student=row.student, skills=row.skills, p=p, correct=row.correct)
            for row, p in zip(rows, chances, strict=True)
            if not row.assisted
        ]
    return tuple(found)


def cross_validated(
    model: MasteryModel[StateT], interactions: Sequence[Interaction], *, folds: int = 5, seed: int = 0
) -> tuple[Prediction, ...]:
    """Predict every student's answers by a model that is fitted to the other folds' students.

    Args:
        model: what is fitted, once a fold.
        interactions: each student's answers, oldest first.
        folds: into how many parts the students are dealt.
        seed: of the dealing.

    Raises:
        BadSetting: for fewer than two folds, or fewer students than folds.
    """
    rows = by_question(interactions)
    parts = student_folds(rows, folds=folds, seed=seed)
    found: list[Prediction] = []
    for part in parts:
        fitted = model.fit([row for row in rows if row.student not in part]).model
        found += one_step_ahead(fitted, [row for row in rows if row.student in part])
    return tuple(found)


def student_folds(interactions: Sequence[Interaction], *, folds: int, seed: int) -> tuple[frozenset[str], ...]:
    """Deal the students at random into parts whose sizes differ by one at most; no student stands on both sides.

    Raises:
        BadSetting: for fewer than two folds, or fewer students than folds.
    """
    students = sorted({row.student for row in interactions})
    if not 2 <= folds <= len(students):
        raise BadSetting(
            f"{len(students)} students cannot be dealt into {folds} folds.",
            remedy="Give from two folds to as many as there are students.",
            data={"students": len(students), "folds": folds},
        )
    order = np.random.default_rng(seed).permutation(len(students))
    return tuple(frozenset(students[place] for place in order[first::folds]) for first in range(folds))
