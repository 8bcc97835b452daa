"""What a teacher is asked for where a student is to practise: new problems like a given one, and second solutions."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.canonical import canonical_json, digest
from tutorkit.misconceptions import Item, parts_of, skills_of
from tutorkit.misconceptions.domains.addition import Addition
from tutorkit.misconceptions.domains.fractions import Fractions
from tutorkit.misconceptions.domains.order import Order
from tutorkit.misconceptions.domains.percent import Percent
from tutorkit.misconceptions.domains.signs import Negation
from tutorkit.misconceptions.domains.subtraction import Subtraction
from tutorkit.tasks.sums import sum_expression
from tutorkit.tasks.variation import chain_of
from tutorkit.teachers.experts import worked_out
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said, cue, problem_seen, split_cues
from tutorkit.teachers.purposes.drawing import instead, like
from tutorkit.types import Problem

_TRIES = 20


def exercise(drawn: Problem | None, *, cues: bool) -> dict[str, JsonValue]:
    """Say a drawn problem as an exercise, its item behind the text; blank where none was drawn."""
    if drawn is None:
        return {"problem": "", "options": [], "solution": "", "equation": "", "answer": "", "skill": None}
    solution = "\n".join(step.text for step in drawn.steps)
    return {
        "problem": f"{drawn.text} [[item:{canonical_json(drawn.item)}]]",
        "options": [],
        "solution": solution + (cue(drawn.skills) if cues else ""),
        "equation": _equation(drawn.item or {}),
        "answer": drawn.gold,
        "skill": drawn.skills[0] if len(drawn.skills) == 1 else None,
    }


def _equation(item: Item) -> str:
    """Return what is to be calculated as an expression, where there is one thing to be calculated."""
    match item.get("domain"):
        case "convention":
            return ""
        case "sums":
            return sum_expression(item)
    first, *others = parts_of(item)
    if others:
        return ""
    match first:
        case Order():
            return first.expression
        case Fractions() as part:
            return f"({part.a}/{part.b}){part.op}({part.c}/{part.d})"
        case Percent() as part:
            percent = part.percent if part.kind == "of" else 100 - part.percent
            return f"{part.amount}*{percent}/100"
        case Negation() as part:
            return f"-(-{part.a})"
        case Addition() as part:
            return f"{part.a}+{part.b}"
        case Subtraction() as part:
            return f"{part.a}-{part.b}"
        case _:
            return ""


def _write_exercise(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Draw another problem of the same skills, one that is not among those written already."""
    problem = problem_seen(inputs)
    written = inputs["written"] if isinstance(inputs["written"], list) else []
    rng = Random(digest(dict(inputs)))  # noqa: S311 (no secret)
    drawn = None
    for _ in range(_TRIES):
        drawn = like(problem.item, rng)
        if drawn is None or drawn.text not in written:
            break
    return exercise(drawn, cues=cues)


def _solve_exercise(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Work the problem out by the expert for it; of a problem that no expert knows, say nothing."""
    problem = problem_seen(inputs)
    worked = worked_out(problem)
    if worked is None:
        return {"solution": "", "answer": ""}
    return {"solution": "\n".join(worked.lines), "answer": worked.answer}


def _other_exercise(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Write an exercise on the target in the place of each skill; right in itself, and of no use."""
    problem = problem_seen(inputs)
    if not said["problem"]:
        return {**said}
    rng = Random(digest(dict(inputs)))  # noqa: S311 (no secret)
    if problem.domain == "chain":
        skills = [skill for part in parts_of(problem.item or {}) for skill in skills_of(part.model_dump())[:1]]
        drawn = chain_of([other.target(problem.id, skill).skill for skill in skills], rng)
    else:
        skills = [skill for skill in problem.skills if skill in other.live] or list(problem.skills) or [""]
        drawn = instead(other.target(problem.id, skills[0]), rng, item=problem.item, without=other.live)
    return exercise(drawn, cues=bool(split_cues(str(said["solution"]))[1]))


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "write_exercise": Purpose(do=_write_exercise, misdirect=_other_exercise),
        "solve_exercise": Purpose(do=_solve_exercise),
    }
)
