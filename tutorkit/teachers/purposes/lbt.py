"""What learning by teaching asks of a teacher: to teach a problem, and to mend its examples after students' errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.teachers.experts import expert_for, worked_out
from tutorkit.teachers.experts.base import AttemptSeen, ProblemSeen, Seen
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said, all_seen, cue, problem_seen, split_cues

_CUE = re.compile(r"\[\[skill:([^\]]*)\]\]")
_MOST_REASONS = 10


class _ExampleSeen(Seen):
    """A worked example, as it stands in the inputs."""

    id: str
    problem: str
    solution: str
    answer: str


class _FailureSeen(Seen):
    """A problem that was got wrong, and how, where that is told."""

    id: str
    problem: ProblemSeen
    attempt: AttemptSeen | None = None


def _worked(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Work the problem out; what nobody can work out without its answer stays empty."""
    problem = problem_seen(inputs)
    worked = worked_out(problem)
    if worked is None:
        return {"rationale": "", "answer": ""}
    return {"rationale": "\n".join(worked.lines) + (cue(worked.skills) if cues else ""), "answer": worked.answer}


def _reflect_on_errors(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Say which skills the errors show to be lacking, as what the examples do not teach."""
    reasons: dict[str, str] = {}
    for error in all_seen(_FailureSeen, inputs["errors"]):
        if error.attempt is not None:
            for finding in expert_for(error.problem).findings(error.problem, error.attempt):
                if finding.skill is not None:
                    said = f"The examples do not teach {finding.skill} well enough: {finding.summary}"
                    reasons.setdefault(finding.skill, said + (cue([finding.skill]) if cues else ""))
    told: list[JsonValue] = [*reasons.values()]
    return {"reasons": told[:_MOST_REASONS]}


def _rewrite_exemplars(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Take in the failed problems that show what is not taught, and keep of the old examples as many as fit."""
    reasons = inputs["reasons"] if isinstance(inputs["reasons"], list) else []
    wanted = {skill for reason in reasons for skill in _CUE.findall(str(reason))}
    made: list[JsonValue] = []
    for failure in all_seen(_FailureSeen, inputs["failures"]):
        worked = worked_out(failure.problem)
        if worked is not None and (not wanted or wanted & set(worked.skills)):
            tags = cue(worked.skills) if cues else ""
            rationale = "\n".join(worked.lines) + tags
            made.append({"id": failure.id, "rationale": rationale, "answer": worked.answer})
            wanted -= set(worked.skills)
            if not wanted:
                break
    old: list[JsonValue] = [
        {"id": example.id, "rationale": example.solution, "answer": example.answer}
        for example in all_seen(_ExampleSeen, inputs["exemplars"])
    ]
    return {"exemplars": [*made, *old][: int(str(inputs["most"]))]}


def _other_rationale(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Work a problem about other skills in the place of this one, up to that problem's answer."""
    problem = problem_seen(inputs)
    words, cues = split_cues(str(said["rationale"]))
    if not words:
        return {**said}
    targets = dict.fromkeys(other.target(problem.id, skill) for skill in problem.skills or ("",))
    worked = [other.working(target, apart_from=problem.id) for target in targets]
    skills = [target.skill for target in targets]
    return {
        "rationale": "\n".join(lines for lines, _ in worked) + (cue(skills) if cues else ""),
        "answer": ", ".join(answer for _, answer in worked),
    }


def _other_reasons(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Blame another skill than the one that is lacking."""
    errors = all_seen(_FailureSeen, inputs["errors"])
    name = errors[0].problem.id if errors else ""
    reasons: list[JsonValue] = []
    for reason in said["reasons"] if isinstance(said["reasons"], list) else []:
        _, cues = split_cues(str(reason))
        for skill in _CUE.findall(str(reason)) or ("",):
            target = other.target(name, skill)
            reasons.append(f"The examples do not teach it: {target.summary}" + (cue([target.skill]) if cues else ""))
    return {"reasons": reasons[:_MOST_REASONS]}


def _other_exemplars(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Work problems about other skills in the place of the examples."""
    names = {failure.id: failure.problem for failure in all_seen(_FailureSeen, inputs["failures"])}
    made: list[JsonValue] = []
    for example in said["exemplars"] if isinstance(said["exemplars"], list) else []:
        problem = names.get(str(example["id"])) if isinstance(example, dict) else None
        if problem is None or not isinstance(example, dict):
            made.append(example)
        else:
            view: Inputs = {"problem": problem.model_dump(mode="json")}
            made.append({"id": example["id"], **_other_rationale(view, example, other)})
    return {"exemplars": made}


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "teach_problem": Purpose(do=_worked, misdirect=_other_rationale),
        "answer_with_exemplars": Purpose(do=_worked),
        "reflect_on_errors": Purpose(do=_reflect_on_errors, misdirect=_other_reasons),
        "rewrite_exemplars": Purpose(do=_rewrite_exemplars, misdirect=_other_exemplars),
    }
)
