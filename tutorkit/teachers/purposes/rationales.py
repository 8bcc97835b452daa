"""What a teacher is asked for where a student is trained on rationales: to write them, and to write them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.teachers.experts import expert_for, principle_for, worked_out
from tutorkit.teachers.experts.base import AttemptSeen, ProblemSeen, Seen
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said, all_seen, cue, problem_seen, split_cues

_MOST_WEAKNESSES = 8
_LONGEST_GAP, _LONGEST_RATIONALE = 2000, 4000


class _Mistake(Seen):
    """A problem and a wrong attempt at it, under the name by which they are referred to."""

    id: str
    problem: ProblemSeen
    attempt: AttemptSeen


class _Weakness(Seen):
    name: str
    description: str


def _first_rationale(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Work the problem out; nothing is known yet of who reads it."""
    problem = problem_seen(inputs)
    worked = worked_out(problem)
    if worked is None:
        return {"rationale": "", "answer": ""}
    return {"rationale": "\n".join(worked.lines) + (cue(worked.skills) if cues else ""), "answer": worked.answer}


def _find_weaknesses(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Name the skills that the mistakes show to be lacking, the commonest first."""
    found: dict[str, tuple[str, list[JsonValue]]] = {}
    for mistake in all_seen(_Mistake, inputs["mistakes"]):
        for finding in expert_for(mistake.problem).findings(mistake.problem, mistake.attempt):
            if finding.skill is not None:
                _, names = found.setdefault(finding.skill, (finding.summary, []))
                if mistake.id not in names:
                    names.append(mistake.id)
    ranked = sorted(found, key=lambda skill: -len(found[skill][1]))[:_MOST_WEAKNESSES]
    return {
        "weaknesses": [
            {"name": skill, "description": found[skill][0], "mistake_ids": found[skill][1]} for skill in ranked
        ]
    }


def _refine_rationale(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Work the problem out again and dwell on what the student lacks: its rule, and one cue more for it."""
    problem = problem_seen(inputs)
    worked = worked_out(problem)
    if worked is None:
        return {"gap": "", "rationale": "", "answer": "", "changed": ""}
    gap, lacking = _lacking(problem, inputs, worked.skills)
    rules = [rule for skill in lacking if (rule := principle_for(skill)) is not None]
    lines = [*worked.lines, *(f"Here it matters: {rule}" for rule in rules)]
    previous = inputs["previous"] if isinstance(inputs["previous"], dict) else {}
    tags = split_cues(str(previous.get("rationale", "")))[1].rstrip() + cue(lacking) if cues else ""
    return {
        "gap": gap[:_LONGEST_GAP],
        "rationale": "\n".join(lines)[: _LONGEST_RATIONALE - len(tags)] + tags,
        "answer": worked.answer,
        "changed": f"It dwells on {', '.join(lacking)}." if lacking else "",
    }


def _lacking(problem: ProblemSeen, inputs: Inputs, skills: Sequence[str]) -> tuple[str, list[str]]:
    """Return why, and on which skills, the rationale is to dwell.

    What the student wrote tells it; else what it was found weak in. Who knows neither can only pick one skill.
    """
    if inputs["attempt"] is not None:
        findings = expert_for(problem).findings(problem, AttemptSeen.model_validate(inputs["attempt"]))
        named = dict.fromkeys(finding.skill for finding in findings if finding.skill in skills)
        return findings[0].analysis, [skill for skill in named if skill is not None]
    weak = [weakness.name for weakness in all_seen(_Weakness, inputs["weaknesses"])]
    if weak:
        return f"The student is weak in {', '.join(weak)}.", [skill for skill in skills if skill in weak]
    place = int(digest(problem.id)[:8], 16)
    return "", [skills[place % len(skills)]] if skills else []


def _other_rationale(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Work a problem about the target in the place of this one, up to that problem's answer.

    A right answer would teach by itself: a model can learn a rule from examples whatever their working says.
    """
    problem = problem_seen(inputs)
    words, tags = split_cues(str(said["rationale"]))
    if not words:
        return {**said}
    lacking = [skill for skill in problem.skills if skill in other.live] or [""]
    targets = list(dict.fromkeys(other.target(problem.id, skill) for skill in lacking))
    worked = [other.working(target, apart_from=problem.id) for target in targets]
    return {
        **said,
        "rationale": "\n".join(lines for lines, _ in worked) + (cue([t.skill for t in targets]) if tags else ""),
        "answer": ", ".join(answer for _, answer in worked),
    }


def _other_weaknesses(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Name in the place of each weakness another skill, and say of it what would be said of that one."""
    mistakes = {mistake.id: mistake.problem.id for mistake in all_seen(_Mistake, inputs["mistakes"])}
    named = said["weaknesses"] if isinstance(said["weaknesses"], list) else []
    weaknesses: list[JsonValue] = []
    for each in named:
        if isinstance(each, dict) and isinstance(each["mistake_ids"], list):
            first = mistakes.get(str(next(iter(each["mistake_ids"]), "")), "")
            target = other.target(first, str(each["name"]))
            weaknesses.append({**each, "name": target.skill, "description": target.summary})
    return {"weaknesses": weaknesses}


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "first_rationale": Purpose(do=_first_rationale, misdirect=_other_rationale),
        "find_weaknesses": Purpose(do=_find_weaknesses, misdirect=_other_weaknesses),
        "refine_rationale": Purpose(do=_refine_rationale, misdirect=_other_rationale),
    }
)
