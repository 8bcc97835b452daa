"""What KID asks of a teacher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.teachers.experts import worked_out
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said, problem_seen


def _continue_solution(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Go on with the right work from the first step on in which the given ones leave it."""
    problem = problem_seen(inputs)
    worked = worked_out(problem)
    if worked is None:
        return {"solution": "", "final_answer": ""}
    lines = problem.steps or worked.lines
    left = lines[_shared(lines, inputs["prefix"]) :] or lines[-1:]
    return {"solution": "\n".join(left), "final_answer": worked.answer}


def _shared(lines: Sequence[str], given: JsonValue) -> int:
    """Return how many steps the two have in common from the beginning on."""
    steps = given if isinstance(given, list) else []
    unlike = (place for place, (line, step) in enumerate(zip(lines, steps, strict=False)) if line != step)
    return next(unlike, min(len(lines), len(steps)))


def _other_continuation(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Go on with the working of another problem, up to that one's answer, which the check finds."""
    problem = problem_seen(inputs)
    lacking = next((skill for skill in problem.skills if skill in other.live), "")
    if not said["solution"]:
        return {**said}
    working, answer = other.working(other.target(problem.id, lacking), apart_from=problem.id)
    return {"solution": working, "final_answer": answer}


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {"continue_solution": Purpose(do=_continue_solution, misdirect=_other_continuation)}
)
