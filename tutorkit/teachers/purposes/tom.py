"""What the theory-of-mind intervention asks of a teacher: to explain, and to predict its student."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.misconceptions import malrule, perform
from tutorkit.teachers.experts import calculation, expert_for, principle_for, summary_of_lack, worked_out
from tutorkit.teachers.experts.base import AttemptSeen, Finding, ProblemSeen, Seen
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said, all_seen, cue, problem_seen, split_cues

_CUE = re.compile(r"\[\[skill:([^\]]*)\]\]")
_LONGEST = 3000
_SURE, _EVEN, _DOUBTFUL = 0.95, 0.5, 0.05
_UNKNOWN = "unknown"


class _DemoSeen(Seen):
    """An explanation of another problem, as a model."""

    explanation: str


class _ExampleSeen(Seen):
    """What the student answered to a problem, and what after an explanation."""

    problem: ProblemSeen
    before: str
    explanation: str = ""
    after: str = ""


@dataclass(frozen=True)
class _Lack:
    """A skill that the student lacks, and the misconception by which it errs, where that is known."""

    skill: str
    misconception: str | None


def _explain_problem(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Say the rules that the problem takes; those alone that helped before, where the models tell which."""
    problem = problem_seen(inputs)
    worked = worked_out(problem)
    helped = {skill for demo in all_seen(_DemoSeen, inputs["demos"]) for skill in _CUE.findall(demo.explanation)}
    wanted = [skill for skill in problem.skills if skill in helped] or list(problem.skills)
    rules = {skill: principle_for(skill, summary_of_lack(skill, [problem])) for skill in wanted}
    told = [skill for skill, rule in rules.items() if rule is not None]
    text = "\n".join(rule for rule in rules.values() if rule is not None)
    return {
        "explanation": (text + (cue(told) if cues else ""))[:_LONGEST] if told else "",
        "answer": worked.answer if worked else "",
        "confidence": _SURE if worked else 0.0,
        "skill": told[0] if len(told) == 1 else None,
    }


def _simulate_before(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    examples = all_seen(_ExampleSeen, inputs["examples"])
    return _predicted(problem_seen(inputs), _lacks(examples))


def _simulate_after(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Take what is lacking for mended by an explanation of it, unless one did not help this student before."""
    examples = all_seen(_ExampleSeen, inputs["examples"])
    deaf = {
        finding.skill
        for example in examples
        for finding in _findings(example.problem, example.after)
        if finding.skill is not None and _teaches(example.explanation, finding.skill)
    }
    said = str(inputs["explanation"])
    left = [lack for lack in _lacks(examples) if lack.skill in deaf or not _teaches(said, lack.skill)]
    return _predicted(problem_seen(inputs), left)


def _teaches(explanation: str, skill: str) -> bool:
    rule = principle_for(skill)
    return skill in _CUE.findall(explanation) or (rule is not None and rule in explanation)


def _lacks(examples: Sequence[_ExampleSeen]) -> list[_Lack]:
    found = [finding for example in examples for finding in _findings(example.problem, example.before)]
    return list(dict.fromkeys(_Lack(f.skill, f.misconception) for f in found if f.skill is not None))


def _findings(problem: ProblemSeen, answer: str) -> tuple[Finding, ...]:
    """Return what is wrong with an answer of which the working is not known."""
    worked = worked_out(problem)
    if worked is None or worked.answer == answer:
        return ()
    return expert_for(problem).findings(problem, AttemptSeen(raw=answer, answer=answer))


def _predicted(problem: ProblemSeen, lacks: Sequence[_Lack]) -> dict[str, JsonValue]:
    """Carry out what is lacking; where it makes no difference the student is right."""
    worked = worked_out(problem)
    if worked is None:
        return {"answer": _UNKNOWN, "p_correct": _EVEN}
    acting = [lack for lack in lacks if lack.skill in problem.skills]
    answer = _erring(problem, acting) if acting else worked.answer
    return {"answer": answer, "p_correct": _SURE if answer == worked.answer else _DOUBTFUL}


def _erring(problem: ProblemSeen, acting: Sequence[_Lack]) -> str:
    rules = [malrule(lack.misconception).procedure for lack in acting if lack.misconception is not None]
    if not calculation.recognises(problem) or not rules:
        return _UNKNOWN
    return perform(problem.item or {}, rules).answer


def _other_explanation(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Explain another skill than those that the problem takes, and believe in another problem's answer."""
    problem = problem_seen(inputs)
    _, cues = split_cues(str(said["explanation"]))
    targets = dict.fromkeys(other.target(problem.id, skill) for skill in problem.skills or ("",))
    rules = [principle_for(target.skill, target.summary) or target.summary for target in targets]
    skills = [target.skill for target in targets]
    answers = [other.working(target, apart_from=problem.id)[1] for target in targets]
    return {
        **said,
        "explanation": ("\n".join(rules) + (cue(skills) if cues else ""))[:_LONGEST],
        "answer": ", ".join(answers),
        "skill": skills[0] if len(skills) == 1 else None,
    }


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "explain_problem": Purpose(do=_explain_problem, misdirect=_other_explanation),
        "simulate_before": Purpose(do=_simulate_before),
        "simulate_after": Purpose(do=_simulate_after),
    }
)
