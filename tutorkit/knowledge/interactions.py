"""What a learner did, as evidence: one record for each question that was answered."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import AwareDatetime, Field

from tutorkit.types import Record


class Interaction(Record):
    """One answer of one student. ``id`` is the attempt's: a second record of that id is the same answer once more.

    ``skills`` are all that the question takes, and so are known before it is answered. ``at`` is when it was answered;
    None where only the order is known, which is that of the sequence. ``assisted`` tells that so much help was given
    that a right answer says little.
    """

    id: str
    student: str
    skills: tuple[str, ...] = Field(min_length=1)
    item: str | None = None
    correct: bool
    at: AwareDatetime | None = None
    assisted: bool = False


def by_question(rows: Iterable[Interaction]) -> tuple[Interaction, ...]:
    """Merge the rows of one question, where a file has a row for each of its skills.

    Rows of one student and one id become one interaction with all their skills, in the place of the first. Left apart,
    a model would have seen the answer in the first row when it predicts the second.

    Of rows that contradict each other the first one tells whether the answer was right.
    """
    merged: dict[tuple[str, str], Interaction] = {}
    for row in rows:
        key = (row.student, row.id)
        known = merged.get(key)
        if known is None:
            merged[key] = row
        elif not set(row.skills) <= set(known.skills):
            skills = tuple(dict.fromkeys((*known.skills, *row.skills)))
            merged[key] = known.model_copy(update={"skills": skills})
    return tuple(merged.values())


def by_student(interactions: Iterable[Interaction]) -> dict[str, list[Interaction]]:
    """Return each student's interactions, in the order in which they come and each id once: the first counts."""
    found: dict[str, dict[str, Interaction]] = {}
    for each in interactions:
        found.setdefault(each.student, {}).setdefault(each.id, each)
    return {student: list(rows.values()) for student, rows in found.items()}
