"""Evaluate: the student on problems that took no part in the teaching, untaught and taught."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import JsonValue

from tutorkit.methods._nodes.practise import practise
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Problem

UNTAUGHT, TAUGHT = "test-untaught", "test-taught"


async def evaluate(
    deps: Deps, *, lesson_ids: Sequence[str] | Callable[[Problem], Sequence[str]] = (), rows: Sequence[str] = ()
) -> dict[str, JsonValue]:
    """Measure the student on the test split, untaught and taught.

    Where there is nothing to be taught with, the two conditions are one and the same, and it is measured once.

    Args:
        deps: the run's participants.
        lesson_ids: what the taught student is given, in this order; or what says that for each problem.
        rows: the fine-tuning data that the taught student was trained on.
    """
    problems = deps.problems("test")
    untaught: list[JsonValue] = [*await practise(deps, problems, lesson_ids=(), phase=UNTAUGHT)]
    if not lesson_ids and not rows:
        return {"untaught": untaught, "taught": untaught}
    student = await deps.trained(rows) if rows else deps.student
    taught = await practise(deps, problems, lesson_ids=lesson_ids, phase=TAUGHT, student=student)
    return {"untaught": untaught, "taught": [*taught]}
