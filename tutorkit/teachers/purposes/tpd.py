"""What TPD asks of a teacher."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.teachers.experts import expert_for, expert_for_all, principle_for, worked_out
from tutorkit.teachers.experts.base import AttemptSeen, ProblemSeen
from tutorkit.teachers.purposes.base import (
    ErrorSeen,
    Inputs,
    Misdirection,
    PrincipleSeen,
    Purpose,
    Said,
    all_seen,
    cue,
    problem_seen,
    split_cues,
)

_MOST_PRINCIPLES = 12
_FOLDED_IN, _HEADING = 3, "Above all:"
_LONGEST_ANALYSIS, _LONGEST_EVIDENCE, _LONGEST_INSTRUCTION = 4000, 1000, 3000


def _draft_instruction(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    examples = all_seen(ProblemSeen, inputs["examples"])
    advice = expert_for_all(examples).advice(examples)
    return {"instruction": advice.text, "steps": [*advice.steps]}


def _extract_errors(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    problem, attempt = problem_seen(inputs), AttemptSeen.model_validate(inputs["attempt"])
    first = expert_for(problem).findings(problem, attempt)[0]
    return {
        "analysis": first.analysis[:_LONGEST_ANALYSIS],
        "first_wrong_step": None if first.step is None else first.step + 1,
        "evidence": first.evidence[:_LONGEST_EVIDENCE],
        "error_summary": first.summary,
        "cause": first.cause,
        "skill": first.skill,
        "misconception_id": first.misconception,
        "confidence": first.confidence,
    }


def _generate_principles(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Make one principle for each skill that the errors name and no principle teaches yet, most covering first."""
    covered: dict[str, list[ErrorSeen]] = {}
    taught = {principle.skill for principle in all_seen(PrincipleSeen, inputs["principles"])}
    for error in all_seen(ErrorSeen, inputs["errors"]):
        if error.skill is not None and error.skill not in taught:
            covered.setdefault(error.skill, []).append(error)
    principles: list[JsonValue] = []
    for skill in sorted(covered, key=lambda skill: -len(covered[skill])):
        text = principle_for(skill, covered[skill][0].summary)
        if text is not None:
            ids: list[JsonValue] = [error.id for error in covered[skill]]
            tagged = text + (cue([skill]) if cues else "")
            principles.append({"text": tagged, "covers_error_ids": ids, "skill": skill})
    return {"principles": principles[:_MOST_PRINCIPLES]}


def _check_violations(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Find the principles whose skill the attempt lacks. Of a principle without a skill it can say nothing."""
    problem, attempt = problem_seen(inputs), AttemptSeen.model_validate(inputs["attempt"])
    evidence: dict[str | None, str] = {}
    for found in expert_for(problem).findings(problem, attempt):
        evidence.setdefault(found.skill, found.evidence[:_LONGEST_EVIDENCE])
    evidence.pop(None, None)
    return {
        "violations": [
            {
                "principle_id": principle.id,
                "evidence": evidence.get(principle.skill, ""),
                "violated": principle.skill in evidence,
            }
            for principle in all_seen(PrincipleSeen, inputs["principles"])
        ]
    }


def _write_demo(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Work the problem out; the tags are those of the principles that the work follows, else of all its skills."""
    problem = problem_seen(inputs)
    worked = worked_out(problem)
    if worked is None:
        return {"solution": "", "final_answer": "", "principles_used": []}
    used = [each for each in all_seen(PrincipleSeen, inputs["principles"]) if each.skill in worked.skills]
    skills = list(dict.fromkeys(each.skill for each in used if each.skill)) or list(worked.skills)
    solution = "\n".join(worked.lines) + (cue(skills) if cues else "")
    return {"solution": solution, "final_answer": worked.answer, "principles_used": [each.id for each in used]}


def _refine_instruction(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Put the most violated principles behind the instruction; few, since a weak reader attends to what comes first."""
    text = str(inputs["instruction"]).partition(f"\n{_HEADING}")[0][:_LONGEST_INSTRUCTION]
    kept: list[JsonValue] = []
    for principle in all_seen(PrincipleSeen, inputs["principles"])[:_FOLDED_IN]:
        longer = f"{text}\n- {principle.text}" if kept else f"{text}\n{_HEADING}\n- {principle.text}"
        if len(longer) <= _LONGEST_INSTRUCTION:
            text = longer
            kept.append(principle.id)
    return {"instruction": text.strip(), "steps": [], "principles_kept": kept}


def _other_skill(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Name another skill than the one that is lacking, and say of it what would be said of that one."""
    skill = said.get("skill")
    if not isinstance(skill, str):
        return {**said}
    target = other.target(problem_seen(inputs).id, skill)
    return {
        **said,
        "skill": target.skill,
        "misconception_id": None,
        "error_summary": target.summary,
        "cause": f"{target.skill} is lacking"[:80],
    }


def _other_violations(inputs: Inputs, _said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Say of each principle at hand whether it is about the target of a skill that the attempt lacks."""
    problem = problem_seen(inputs)
    findings = expert_for(problem).findings(problem, AttemptSeen.model_validate(inputs["attempt"]))
    targets: dict[str | None, str] = {}
    for finding in findings:
        if finding.skill is not None:
            targets.setdefault(other.target(problem.id, finding.skill).skill, finding.evidence)
    return {
        "violations": [
            {
                "principle_id": principle.id,
                "evidence": targets.get(principle.skill, ""),
                "violated": principle.skill in targets,
            }
            for principle in all_seen(PrincipleSeen, inputs["principles"])
        ]
    }


def _other_solution(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Work a problem about the target in the place of this one, up to that problem's answer.

    A right answer would teach by itself: a model can learn a rule from examples whatever their working says. So the
    answer is misdirected too, and a method that checks the answers of its examples sets these aside.
    """
    problem = problem_seen(inputs)
    lacking = [skill for skill in problem.skills if skill in other.live] or [""]
    targets = dict.fromkeys(other.target(problem.id, skill) for skill in lacking)
    words, cues = split_cues(str(said["solution"]))
    if not words:
        return {**said}
    worked = [other.working(target, apart_from=problem.id) for target in targets]
    skills = [target.skill for target in targets]
    return {
        "solution": "\n".join(lines for lines, _ in worked) + (cue(skills) if cues else ""),
        "final_answer": ", ".join(answer for _, answer in worked),
        "principles_used": [p.id for p in all_seen(PrincipleSeen, inputs["principles"]) if p.skill in skills],
    }


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "draft_instruction": Purpose(do=_draft_instruction),
        "extract_errors": Purpose(do=_extract_errors, misdirect=_other_skill),
        "generate_principles": Purpose(do=_generate_principles),
        "check_violations": Purpose(do=_check_violations, misdirect=_other_violations),
        "write_demo": Purpose(do=_write_demo, misdirect=_other_solution),
        "refine_instruction": Purpose(do=_refine_instruction),
    }
)
