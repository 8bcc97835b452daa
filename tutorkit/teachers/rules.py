"""The rule-based teacher: does what a strong model is asked for, on the kinds of problems that its experts know.

It works from the inputs of the ask alone, as a model does, and what it does not know it does not make up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from pydantic import JsonValue

from tutorkit.errors import UnknownName
from tutorkit.ports import Ask, Reply, SchemaT
from tutorkit.prompting import PromptLibrary
from tutorkit.teachers.experts import expert_for, expert_for_all, principle_for
from tutorkit.teachers.experts.base import AttemptSeen, ProblemSeen, Seen
from tutorkit.teachers.records import own_call

_MOST_PRINCIPLES = 12
_FOLDED_IN, _HEADING = 3, "Above all:"
_LONGEST_ANALYSIS, _LONGEST_EVIDENCE, _LONGEST_INSTRUCTION = 4000, 1000, 3000


class ErrorSeen(Seen):
    """An error summary, as it stands in the inputs."""

    id: str
    summary: str
    cause: str
    skill: str | None = None


class PrincipleSeen(Seen):
    """A principle, as it stands in the inputs."""

    id: str
    text: str
    skill: str | None = None


@dataclass(frozen=True, kw_only=True)
class RuleTeacher:
    """Teaches by rules, without a model and without cost.

    With ``cues``, principles and worked solutions end with tags ``[[skill:NAME]]``, which is all that a simulated
    student reads of them.
    """

    prompts: PromptLibrary
    cues: bool
    ref: str = "rules"
    diagnoses_as: Literal["rule", "llm", "human"] = "rule"

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Do what is asked.

        Raises:
            UnknownName: for a purpose that it was not taught.
            PromptInvalid: when the inputs are not those of the prompt.
        """
        purpose = _PURPOSES.get(ask.purpose)
        if purpose is None:
            raise UnknownName("purpose of the rule-based teacher", ask.purpose, tuple(_PURPOSES))
        value = ask.schema.model_validate(purpose(ask.inputs, self.cues))
        return Reply(value=value, calls=(own_call(ask, value, ref=self.ref, prompts=self.prompts),))


def cue(skills: Sequence[str]) -> str:
    """Return the tags by which a simulated student knows what a text is about."""
    return "".join(f" [[skill:{skill}]]" for skill in skills)


def _draft_instruction(inputs: Mapping[str, JsonValue], _cues: bool) -> dict[str, JsonValue]:
    examples = _all(ProblemSeen, inputs["examples"])
    advice = expert_for_all(examples).advice(examples)
    return {"instruction": advice.text, "steps": [*advice.steps]}


def _extract_errors(inputs: Mapping[str, JsonValue], _cues: bool) -> dict[str, JsonValue]:
    problem, attempt = ProblemSeen.model_validate(inputs["problem"]), AttemptSeen.model_validate(inputs["attempt"])
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


def _generate_principles(inputs: Mapping[str, JsonValue], cues: bool) -> dict[str, JsonValue]:
    """Make one principle for each skill that the errors name, the one that covers most first."""
    covered: dict[str, list[ErrorSeen]] = {}
    for error in _all(ErrorSeen, inputs["errors"]):
        if error.skill is not None:
            covered.setdefault(error.skill, []).append(error)
    principles: list[JsonValue] = []
    for skill in sorted(covered, key=lambda skill: -len(covered[skill])):
        text = principle_for(skill, covered[skill][0].summary)
        if text is not None:
            ids: list[JsonValue] = [error.id for error in covered[skill]]
            tagged = text + (cue([skill]) if cues else "")
            principles.append({"text": tagged, "covers_error_ids": ids, "skill": skill})
    return {"principles": principles[:_MOST_PRINCIPLES]}


def _check_violations(inputs: Mapping[str, JsonValue], _cues: bool) -> dict[str, JsonValue]:
    """Find the principles whose skill the attempt lacks. Of a principle without a skill it can say nothing."""
    problem, attempt = ProblemSeen.model_validate(inputs["problem"]), AttemptSeen.model_validate(inputs["attempt"])
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
            for principle in _all(PrincipleSeen, inputs["principles"])
        ]
    }


def _write_demo(inputs: Mapping[str, JsonValue], cues: bool) -> dict[str, JsonValue]:
    """Work the problem out; the tags are those of the principles that the work follows, else of all its skills."""
    problem = ProblemSeen.model_validate(inputs["problem"])
    worked = expert_for(problem).worked(problem)
    if worked is None:
        return {"solution": "", "final_answer": "", "principles_used": []}
    used = [each for each in _all(PrincipleSeen, inputs["principles"]) if each.skill in worked.skills]
    skills = list(dict.fromkeys(each.skill for each in used if each.skill)) or list(worked.skills)
    solution = "\n".join(worked.lines) + (cue(skills) if cues else "")
    return {"solution": solution, "final_answer": worked.answer, "principles_used": [each.id for each in used]}


def _refine_instruction(inputs: Mapping[str, JsonValue], _cues: bool) -> dict[str, JsonValue]:
    """Put the most violated principles behind the instruction; few, since a weak reader attends to what comes first."""
    text = str(inputs["instruction"]).partition(f"\n{_HEADING}")[0][:_LONGEST_INSTRUCTION]
    kept: list[JsonValue] = []
    for principle in _all(PrincipleSeen, inputs["principles"])[:_FOLDED_IN]:
        longer = f"{text}\n- {principle.text}" if kept else f"{text}\n{_HEADING}\n- {principle.text}"
        if len(longer) <= _LONGEST_INSTRUCTION:
            text = longer
            kept.append(principle.id)
    return {"instruction": text.strip(), "principles_kept": kept}


_PURPOSES: Mapping[str, Callable[[Mapping[str, JsonValue], bool], dict[str, JsonValue]]] = MappingProxyType(
    {
        "draft_instruction": _draft_instruction,
        "extract_errors": _extract_errors,
        "generate_principles": _generate_principles,
        "check_violations": _check_violations,
        "write_demo": _write_demo,
        "refine_instruction": _refine_instruction,
    }
)


def _all(kind: type[SchemaT], values: JsonValue) -> list[SchemaT]:
    return [kind.model_validate(value) for value in values] if isinstance(values, list) else []
