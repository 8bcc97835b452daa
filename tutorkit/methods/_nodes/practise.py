"""Practise: the student answers, with the lessons that it has so far, and every attempt is graded and kept."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Attempt, Lesson, Problem


async def practise(deps: Deps, problems: Sequence[Problem], *, lesson_ids: Sequence[str], phase: str) -> list[str]:
    """Have the student answer every problem.

    Args:
        deps: the run's participants.
        problems: what is asked.
        lesson_ids: what the student is given, in this order.
        phase: names this round of attempts (``val-0``, ``test-taught``).

    Returns:
        The ids of the attempts, in the order of the problems; a problem that failed for good has none.
    """
    lessons = load_lessons(deps, lesson_ids)

    async def one(problem: Problem) -> JsonValue:
        return (await deps.student.answer(problem, lessons, phase=phase)).id

    result = await deps.map(one, problems, key=lambda problem: f"{phase}:{problem.id}")
    return [str(attempt_id) for attempt_id in result.done.values()]


def load_lessons(deps: Deps, lesson_ids: Sequence[str]) -> list[Lesson]:
    """Fetch lessons by id, keeping the order."""
    return [deps.sink.get(Lesson, lesson_id) for lesson_id in lesson_ids]


def load_attempts(deps: Deps, attempt_ids: Sequence[str]) -> list[Attempt]:
    """Fetch attempts by id, keeping the order."""
    return [deps.sink.get(Attempt, attempt_id) for attempt_id in attempt_ids]


def mistakes(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Return the attempts that are wrong or unreadable.

    An *unfinished* attempt is no mistake: it hit a limit, and nothing is known of what it would have said.
    """
    return [attempt for attempt in attempts if attempt.grade.outcome in ("wrong", "invalid")]
