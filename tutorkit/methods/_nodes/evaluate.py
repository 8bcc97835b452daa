"""Evaluate: the student on problems that took no part in the teaching, untaught and taught."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from tutorkit.methods._nodes.practise import practise
from tutorkit.methods.vocabulary import Deps

UNTAUGHT, TAUGHT = "test-untaught", "test-taught"


async def evaluate(deps: Deps, *, lesson_ids: Sequence[str]) -> dict[str, JsonValue]:
    """Measure the student on the test split, without and with the lessons.

    Where there are no lessons the two conditions are one and the same, and it is measured once.
    """
    problems = deps.problems("test")
    untaught: list[JsonValue] = [*await practise(deps, problems, lesson_ids=(), phase=UNTAUGHT)]
    if not lesson_ids:
        return {"untaught": untaught, "taught": untaught}
    return {"untaught": untaught, "taught": [*await practise(deps, problems, lesson_ids=lesson_ids, phase=TAUGHT)]}
