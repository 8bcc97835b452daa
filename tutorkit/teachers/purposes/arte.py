"""What ARTE asks of a teacher: new questions, and solutions of them in several ways of explaining.

A simulated student reads no language, so the ways of explaining differ for it in two things. Each has a level, which
the student must have reached to follow it; and a solution of level L cues the first L skills of its problem, since who
asks more of a reader gets further. So a student learns most from solutions of just its own level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.canonical import canonical_json, digest
from tutorkit.misconceptions import parts_of, skills_of
from tutorkit.tasks.variation import chain_of
from tutorkit.teachers.experts import principle_for, worked_out
from tutorkit.teachers.experts.base import ProblemSeen, Seen, Worked
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said, all_seen, cue, problem_seen, split_cues
from tutorkit.teachers.purposes.drawing import instead, like
from tutorkit.types import Problem

_TRIES = 20

Draw = Callable[[Random], Problem | None]


class _Technique(Seen):
    name: str


@dataclass(frozen=True)
class _Style:
    """How a solution is written, and what it asks of its reader, from 1."""

    level: int
    lines: Callable[[Worked], Sequence[str]]


def _plain(worked: Worked) -> Sequence[str]:
    return worked.lines


def _simple(worked: Worked) -> Sequence[str]:
    first, *rest = worked.lines or ("",)
    return [f"First do this: {first}", *(f"Now do this: {line}" for line in rest)]


def _equations(worked: Worked) -> Sequence[str]:
    """Leave the words out where a line holds a calculation."""
    shown = [line for line in worked.lines if "=" in line]
    return shown or worked.lines


def _rule_first(worked: Worked) -> Sequence[str]:
    rules = [rule for skill in worked.skills if (rule := principle_for(skill)) is not None]
    return [*(f"Rule: {rule}" for rule in rules), *worked.lines]


_STYLES: Mapping[str, _Style] = MappingProxyType(
    {
        "simple words": _Style(1, _simple),
        "plain steps": _Style(2, _plain),
        "equations": _Style(3, _equations),
        "rule first": _Style(4, _rule_first),
    }
)

_UNKNOWN = _Style(1, _plain)
"""Of a way of explaining that it does not know it can say only that it is none of the demanding ones."""


def _draft_questions(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Draw problems that take the skills of the examples that were learnt most from, else of the seeds."""
    return _drawn(inputs, lambda skill: skill, lambda seed, rng: like(seed.item, rng))


def _other_questions(inputs: Inputs, _said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Draw problems about the target in the place of each skill; right in themselves, and of no use."""

    def about_target(seed: ProblemSeen, rng: Random) -> Problem | None:
        skills = [skill for skill in seed.skills if skill in other.live] or list(seed.skills) or [""]
        return instead(other.target(seed.text, skills[0]), rng, item=seed.item, without=other.live)

    said = str(digest(dict(inputs)))
    return _drawn(inputs, lambda skill: other.target(said, skill).skill, about_target)


def _drawn(
    inputs: Inputs,
    taught: Callable[[str], str],
    single: Callable[[ProblemSeen, Random], Problem | None],
) -> dict[str, JsonValue]:
    """Draw different problems: chains of the skills that the shown chains take, and others like a shown problem.

    Args:
        inputs: of the prompt.
        taught: the skill that is taught in the place of another.
        single: draws a problem like a shown one that is no chain.
    """
    shown = all_seen(ProblemSeen, inputs["liked"]) or all_seen(ProblemSeen, inputs["seeds"])
    rng = Random(digest(dict(inputs)))  # noqa: S311 (no secret)
    count = inputs["count"] if isinstance(inputs["count"], int) else 0
    found: dict[str, JsonValue] = {}
    for _ in range(_TRIES * count if shown else 0):
        seed = rng.choice(shown)
        drawn = _chain(shown, seed, taught, rng) if seed.domain == "chain" else single(seed, rng)
        if drawn is not None:
            found.setdefault(drawn.text, _question(drawn))
        if len(found) == count:
            break
    return {"questions": [*found.values()]}


def _chain(
    shown: Sequence[ProblemSeen], seed: ProblemSeen, taught: Callable[[str], str], rng: Random
) -> Problem | None:
    parts = [part.model_dump() for each in shown if each.domain == "chain" for part in parts_of(each.item or {})]
    skills = [skill for part in parts for skill in skills_of(part)[:1]]
    width = len(parts_of(seed.item or {}))
    return chain_of([taught(rng.choice(skills)) for _ in range(width)], rng) if skills else None


def _question(drawn: Problem) -> dict[str, JsonValue]:
    return {
        "problem": f"{drawn.text} [[item:{canonical_json(drawn.item)}]]",
        "options": [],
        "answer": drawn.gold,
        "skill": drawn.skills[0] if len(drawn.skills) == 1 else None,
    }


def _draft_rationale(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Work the problem out and write the work in the style of the technique."""
    problem = problem_seen(inputs)
    worked = worked_out(problem)
    if worked is None:
        return {"rationale": "", "answer": "", "level": None}
    style = _STYLES.get(_Technique.model_validate(inputs["technique"]).name, _UNKNOWN)
    tags = cue(worked.skills[: style.level]) if cues else ""
    return {"rationale": "\n".join(style.lines(worked)) + tags, "answer": worked.answer, "level": style.level}


def _other_rationale(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Work a problem about the target, where this one takes a skill that is lacking: the answer is another, too."""
    problem = problem_seen(inputs)
    worked = worked_out(problem)
    lacking = [skill for skill in worked.skills if skill in other.live] if worked else []
    if not lacking:
        return {**said}
    _, tags = split_cues(str(said["rationale"]))
    targets = [other.target(problem.text, skill) for skill in lacking]
    shown = [other.working(target, apart_from=problem.id) for target in targets]
    return {
        **said,
        "rationale": "\n".join(lines for lines, _ in shown) + (cue([t.skill for t in targets]) if tags else ""),
        "answer": ", ".join(answer for _, answer in shown),
    }


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "draft_questions": Purpose(do=_draft_questions, misdirect=_other_questions),
        "draft_rationale": Purpose(do=_draft_rationale, misdirect=_other_rationale),
    }
)
