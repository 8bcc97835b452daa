"""Practise: the student answers, with the lessons that it has so far, and every attempt is graded and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import JsonValue

from tutorkit.methods.vocabulary import Deps, StudentDesk
from tutorkit.types import Attempt, Lesson, Problem


async def practise(
    deps: Deps,
    problems: Sequence[Problem],
    *,
    lesson_ids: Sequence[str] | Callable[[Problem], Sequence[str]],
    phase: str,
    student: StudentDesk | None = None,
    sample: int = 0,
) -> list[str]:
    """Have the student answer every problem.

    Args:
        deps: the run's participants.
        problems: what is asked.
        lesson_ids: what the student is given, in this order; or what says that for each problem.
        phase: names this round of attempts (``val-0``, ``test-taught``); attempts that count as mistakes to learn from
            are those of the phase ``SPLIT-ROUND``, with the method's ``practice`` split.
        student: who answers, in place of ``deps.student``.
        sample: which repeat of the same question this is.

    Returns:
        The ids of the attempts, in the order of the problems; a problem that failed for good has none.
    """
    desk = student or deps.student
    common = None if callable(lesson_ids) else load_lessons(deps, lesson_ids)

    async def one(problem: Problem) -> JsonValue:
        lessons = load_lessons(deps, lesson_ids(problem)) if callable(lesson_ids) else common or []
        return (await desk.answer(problem, lessons, phase=phase, sample=sample)).id

    repeat = f"#{sample}" if sample else ""
    result = await deps.map(one, problems, key=lambda problem: f"{phase}:{problem.id}{repeat}")
    return [str(attempt_id) for attempt_id in result.done.values()]


def load_lessons(deps: Deps, lesson_ids: Sequence[str]) -> list[Lesson]:
    """Fetch lessons by id, keeping the order."""
    return deps.sink.get_all(Lesson, lesson_ids)


def load_attempts(deps: Deps, attempt_ids: Sequence[str]) -> list[Attempt]:
    """Fetch attempts by id, keeping the order."""
    return deps.sink.get_all(Attempt, attempt_ids)


def mistakes(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Return the attempts that are wrong or unreadable.

    An *unfinished* attempt is no mistake: it hit a limit, and nothing is known of what it would have said.
    """
    return [attempt for attempt in attempts if attempt.grade.outcome in ("wrong", "invalid")]
