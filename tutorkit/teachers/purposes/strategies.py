"""What the strategy library asks of a teacher, and of a judge."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.tasks.service import DOMAIN, is_right
from tutorkit.teachers.experts import expert_for, principle_for, worked_out
from tutorkit.teachers.experts.base import AttemptSeen, ProblemSeen, Seen
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said, cue, problem_seen

_LONGEST = 400


class _ScenarioSeen(Seen):
    """A situation, as it stands in the inputs."""

    situation: str
    difficulty: str
    needed: str
    skill: str | None = None


def _extract_scenario(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Describe the situation by the skill that it shows to be lacking; what the student can do is no situation."""
    problem, attempt = problem_seen(inputs), AttemptSeen.model_validate(inputs["attempt"])
    first = expert_for(problem).findings(problem, attempt)[0]
    needed = principle_for(first.skill, first.summary) if first.skill else None
    if first.skill is None or needed is None:
        return {"situation": "", "difficulty": first.summary[:_LONGEST], "needed": "", "skill": None}
    return {
        "situation": _situation(first.skill),
        "difficulty": first.summary[:_LONGEST],
        "needed": needed[:_LONGEST],
        "skill": first.skill,
    }


def _situation(skill: str) -> str:
    return f"A problem that takes {skill.replace('_', ' ')}."


def _write_strategy(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Make the skill's principle the strategy; what cannot be said without a number of some problem stays unsaid."""
    seen = _ScenarioSeen.model_validate(inputs["scenario"])
    principle = principle_for(seen.skill, seen.difficulty) if seen.skill else None
    if seen.skill is None or principle is None:
        return {"diagnosis": seen.difficulty, "strategy": "", "do": [], "dont": [], "applicability": ""}
    return {
        "diagnosis": seen.difficulty,
        "strategy": principle + (cue([seen.skill]) if cues else ""),
        "do": [],
        "dont": [],
        "applicability": f"a problem takes {seen.skill.replace('_', ' ')}",
    }


def _judge_reply(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Judge a reply by the policy that it should keep to, else by what this teacher itself comes to; else by halves."""
    problem, reply = ProblemSeen.model_validate(inputs["problem"]), str(inputs["reply"])
    said = reply.rpartition("Answer:")[2].strip()
    if problem.domain == DOMAIN:
        right = is_right(problem.item or {}, said)
    else:
        worked = worked_out(problem)
        if worked is None:
            return {"reasons": ["Nothing is known of what would be right."], "policy_ok": True, "satisfaction": 3}
        right = said == worked.answer
    reason = "It does what is wanted." if right else "It does something else than what is wanted."
    return {"reasons": [reason], "policy_ok": right, "satisfaction": 5 if right else 1}


def _other_scenario(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Describe the situation as one that takes another skill, which the student does not lack."""
    skill = said.get("skill")
    if not isinstance(skill, str):
        return {**said}
    target = other.target(problem_seen(inputs).id, skill)
    needed = principle_for(target.skill, target.summary) or target.summary
    return {
        "situation": _situation(target.skill),
        "difficulty": target.summary[:_LONGEST],
        "needed": needed[:_LONGEST],
        "skill": target.skill,
    }


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "extract_scenario": Purpose(do=_extract_scenario, misdirect=_other_scenario),
        "write_strategy": Purpose(do=_write_strategy),
        "judge_reply": Purpose(do=_judge_reply),
    }
)
