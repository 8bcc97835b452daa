"""The panel: what several students do on the same problems with more and more examples, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from tutorkit.methods._nodes.practise import load_attempts, practise
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Problem


async def panel_responses(
    deps: Deps, pool: Sequence[Problem], *, alone: Sequence[str], shots: Sequence[str]
) -> list[list[bool | None]]:
    """Have the student and the panel answer the problems with none, the first, the first two … of the examples.

    Args:
        deps: the run's participants.
        pool: the problems.
        alone: the attempts of the student without examples, which are there already.
        shots: the lessons that serve as examples.

    Returns:
        A row for each student and number of examples, the student's first; see ``rights``.
    """
    made = [list(alone)]
    for who, desk in enumerate((deps.student, *deps.panel)):
        for count in range(0 if who else 1, len(shots) + 1):
            phase = f"panel{who}-{count}"
            made.append(await practise(deps, pool, lesson_ids=shots[:count], phase=phase, student=desk))
    return [rights(deps, row, pool) for row in made]


def rights(deps: Deps, attempt_ids: Sequence[str], pool: Sequence[Problem]) -> list[bool | None]:
    """Tell for each problem whether its attempt is right; None where there is none, or an unfinished one."""
    found = {attempt.problem_id: attempt.grade.outcome for attempt in load_attempts(deps, attempt_ids)}
    outcomes = [found.get(problem.id, "unfinished") for problem in pool]
    return [None if outcome == "unfinished" else outcome == "right" for outcome in outcomes]
