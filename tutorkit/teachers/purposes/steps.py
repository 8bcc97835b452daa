"""What the methods ask of a teacher that look at single steps: SCoRe, SuperCorrect, ThinkTuning."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.misconceptions import solve
from tutorkit.teachers.experts import calculation, expert_for, principle_for, worked_out
from tutorkit.teachers.experts.base import AttemptSeen, Finding, ProblemSeen, Seen
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said, Target, cue, problem_seen, split_cues

_LONGEST_ANALYSIS = 4000


class _CorrectionSeen(Seen):
    """A correction as an inspector sees it; the step counts from 1."""

    first_wrong_step: int
    correction: str


def _attempt(inputs: Inputs) -> AttemptSeen:
    return AttemptSeen.model_validate(inputs["attempt"])


def _judge_attempt(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Compare the answers; of a wrong attempt name the first wrong step, and the principle that it breaks."""
    problem, attempt = problem_seen(inputs), _attempt(inputs)
    if _same(attempt.answer, problem.gold):
        nothing: dict[str, JsonValue] = dict.fromkeys(("analysis", "suggestion", "cause"), "")
        return {**nothing, "correct": True, "first_wrong_step": None, "skill": None}
    first = expert_for(problem).findings(problem, attempt)[0]
    return {
        "analysis": first.analysis[:_LONGEST_ANALYSIS],
        "correct": False,
        "first_wrong_step": None if first.step is None else first.step + 1,
        "suggestion": _advice(first),
        "cause": first.cause,
        "skill": first.skill,
    }


def _repair_step(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Write the step that the worked solution has after as many steps as are done."""
    done = inputs.get("done")
    lines = _worked_lines(problem_seen(inputs))
    place = len(done) if isinstance(done, list) else 0
    return {"step": lines[min(place, len(lines) - 1)] if lines else "", "action": None}


def _rewrite_to_template(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Work the problem out; a step that takes a skill is tricky, and the skill's principle is its note."""
    problem = problem_seen(inputs)
    expert = expert_for(problem)
    worked = expert.worked(problem)
    if worked is None:
        return {"steps": [], "generalized": "", "answer": ""}
    skills = [step.skill for step in solve(problem.item or {}).steps] if calculation.recognises(problem) else []
    notes = [principle_for(skill) if skill else None for skill in skills] or [None] * len(worked.lines)
    steps: list[JsonValue] = [
        {"n": n, "text": line, "tricky": note is not None, "key": note}
        for n, (line, note) in enumerate(zip(worked.lines, notes, strict=True), start=1)
    ]
    generalized = expert.advice([problem]).text + (cue(worked.skills) if cues else "")
    return {"steps": steps, "generalized": generalized, "answer": worked.answer}


def _locate_and_correct(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    problem = problem_seen(inputs)
    first = expert_for(problem).findings(problem, _attempt(inputs))[0]
    lines, worked = _worked_lines(problem), worked_out(problem)
    known = first.step is not None and first.step < len(lines) and worked is not None
    return {
        "first_wrong_step": None if first.step is None or not known else first.step + 1,
        "cause": first.cause,
        "correction": lines[first.step] if first.step is not None and known else "",
        "answer": worked.answer if worked is not None else "",
        "skill": first.skill,
    }


def _inspect_correction(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Look whether the step that was named is the first wrong one, and whether the correction does what is right."""
    problem = problem_seen(inputs)
    correction = _CorrectionSeen.model_validate(inputs["correction"])
    first = expert_for(problem).findings(problem, _attempt(inputs))[0]
    lines, place = _worked_lines(problem), correction.first_wrong_step - 1
    problems: list[JsonValue] = []
    if first.step is not None and place != first.step:
        problems.append("The step that is named is not the first wrong one.")
    if not lines or lines[min(place, len(lines) - 1)] not in correction.correction:
        problems.append("The corrected step does not do what the correct solution does there.")
    return {"ok": not problems, "problems": problems}


def _give_feedback(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Agree with what is right; else name the principle that is broken, and nothing of this problem."""
    problem, attempt = problem_seen(inputs), _attempt(inputs)
    if _same(attempt.answer, problem.gold):
        return {
            "opinion": "agree",
            "behaviour": "self-agreement",
            "phrase": "Let me look at this once more.",
            "reason": "Each step follows from the one before it, and the last one is what was asked for.",
            "skill": None,
        }
    first = expert_for(problem).findings(problem, attempt)[0]
    tags = cue([first.skill]) if cues and first.skill else ""
    return {
        "opinion": "disagree",
        "behaviour": "self-critique",
        "phrase": "Wait, something is not right here.",
        "reason": _advice(first) + tags,
        "skill": first.skill,
    }


def _other_advice(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Say of the right step what would be said if another skill were lacking."""
    skill = said.get("skill")
    if not isinstance(skill, str):
        return {**said}
    target = other.target(problem_seen(inputs).id, skill)
    return {**said, "skill": target.skill, "suggestion": _principle(target), "cause": f"{target.skill} is lacking"[:80]}


def _other_feedback(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    skill = said.get("skill")
    if not isinstance(skill, str):
        return {**said}
    target = other.target(problem_seen(inputs).id, skill)
    tags = cue([target.skill]) if split_cues(str(said["reason"]))[1] else ""
    return {**said, "skill": target.skill, "reason": _principle(target) + tags}


def _other_step(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Write a step of a problem about the target in the place of this problem's."""
    if not said["step"]:
        return {**said}
    return {**said, "step": _other_working(inputs, other)[0].partition("\n")[0]}


def _other_correction(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Correct the step as if the problem were one about the target, up to that problem's answer."""
    if not said["correction"]:
        return {**said}
    lines, answer, target = _other_working(inputs, other)
    cause = f"{target.skill} is lacking"[:80]
    first = lines.partition("\n")[0]
    return {**said, "skill": target.skill, "cause": cause, "correction": first, "answer": answer}


def _other_template(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Write the template of a problem about the target: its answer is not this problem's, so it is set aside."""
    if not said["steps"]:
        return {**said}
    lines, answer, target = _other_working(inputs, other)
    steps: list[JsonValue] = [
        {"n": n, "text": line, "tricky": False, "key": None} for n, line in enumerate(lines.splitlines(), start=1)
    ]
    return {"steps": steps, "generalized": _principle(target), "answer": answer}


def _other_working(inputs: Inputs, other: Misdirection) -> tuple[str, str, Target]:
    problem = problem_seen(inputs)
    lacking = next((skill for skill in problem.skills if skill in other.live), "")
    target = other.target(problem.id, lacking)
    lines, answer = other.working(target, apart_from=problem.id)
    return lines, answer, target


def _worked_lines(problem: ProblemSeen) -> tuple[str, ...]:
    worked = worked_out(problem)
    return worked.lines if worked else ()


def _advice(found: Finding) -> str:
    return (principle_for(found.skill, found.summary) if found.skill else None) or found.summary


def _principle(target: Target) -> str:
    return principle_for(target.skill, target.summary) or target.summary


def _same(said: str | None, gold: str | None) -> bool:
    """Tell whether two answers are the same, part by part, as numbers where they are such."""
    return said is not None and gold is not None and _parts(said) == _parts(gold)


def _parts(answer: str) -> list[Fraction | str]:
    return [_part(part) for part in answer.replace("−", "-").casefold().split(",")]


def _part(text: str) -> Fraction | str:
    plain = "".join(text.split())
    try:
        return Fraction(plain)
    except (ValueError, ZeroDivisionError):
        return plain


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "judge_attempt": Purpose(do=_judge_attempt, misdirect=_other_advice),
        "repair_step": Purpose(do=_repair_step, misdirect=_other_step),
        "repair_first_step": Purpose(do=_repair_step, misdirect=_other_step),
        "rewrite_to_template": Purpose(do=_rewrite_to_template, misdirect=_other_template),
        "locate_and_correct": Purpose(do=_locate_and_correct, misdirect=_other_correction),
        "inspect_correction": Purpose(do=_inspect_correction),
        "give_feedback": Purpose(do=_give_feedback, misdirect=_other_feedback),
    }
)
