"""Retrieve: which lessons of a pool a student is given for one question."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tutorkit.methods._nodes.practise import load_lessons
from tutorkit.methods.vocabulary import Deps
from tutorkit.retrieval import choose
from tutorkit.types import Problem


def nearest(deps: Deps, lesson_ids: Sequence[str], *, rule: str) -> Callable[[Problem], list[str]]:
    """Return what chooses lessons for a problem by its question alone, as ``retrieval.choose`` does by this rule.

    A lesson of the problem's own leak family takes no place: the student would not be given it.
    """
    pool = load_lessons(deps, lesson_ids)

    def lessons_for(problem: Problem) -> list[str]:
        others = [lesson for lesson in pool if lesson.data.get("group") != problem.group]
        return [lesson.id for lesson in choose(problem.question().as_text(), others, rule=rule)]

    return lessons_for
