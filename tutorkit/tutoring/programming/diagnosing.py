"""What is wrong with a program, as far as can be told by rule: the verdict is the tests', the rest is a hypothesis."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from tutorkit.tutoring.programming.exercises import Exercise
from tutorkit.tutoring.programming.lints import Finding, FindingKind
from tutorkit.tutoring.programming.localising import Evidence, Localisation
from tutorkit.tutoring.programming.results import RunReport
from tutorkit.types import Record

SeenKind = Literal[
    "unreadable", "error", "endless", "too_much_output", "killed", "nothing_back", "wrong_value", "starter"
]
Hypothesis = FindingKind | SeenKind

_OUTCOMES: Mapping[str, SeenKind] = MappingProxyType(
    {
        "timed_out": "endless",
        "output_cut": "too_much_output",
        "killed": "killed",
        "out_of_memory": "killed",
        "raised": "error",
    }
)
_LEAST_SURE = 0.4


class CodeDiagnosis(Record):
    """What is known of a failing program.

    ``verdict`` comes from the tests and from nowhere else; None where nothing was run. ``hypothesis`` is a lint's
    finding where one is sure enough and stands at a suspect line, or else what the tests show. ``lines`` are the first
    and last line to look at, from 1. ``confidence``, 0 to 1, is the share of the most suspect line among the first
    three: it says how clearly the evidence points there, not how probable the hypothesis is.
    """

    verdict: Literal["right", "wrong"] | None
    concept: str = ""
    lines: tuple[int, int] | None = None
    evidence: tuple[Evidence, ...] = ()
    hypothesis: Hypothesis | None = None
    confidence: float = Field(default=0.0, ge=0, le=1)


def diagnose(exercise: Exercise, code: str, report: RunReport, found: Localisation) -> CodeDiagnosis:
    """Put together what is known of a program."""
    if report.verdict != "wrong":
        return CodeDiagnosis(verdict=report.verdict, concept=exercise.concept)
    first = found.suspects[0] if found.suspects else None
    line = report.fault.line if report.fault is not None and report.fault.line else first.line if first else None
    total = sum(suspect.score for suspect in found.suspects[:3])
    return CodeDiagnosis(
        verdict="wrong",
        concept=exercise.concept,
        lines=None if line is None else (line, line),
        evidence=first.evidence if first else (),
        hypothesis=_hypothesis(exercise, code, report, found),
        confidence=first.score / total if first and total else 0.0,
    )


def _hypothesis(exercise: Exercise, code: str, report: RunReport, found: Localisation) -> Hypothesis:
    if is_starter(exercise, code):
        return "starter"
    if finding := _finding(found):
        return finding.kind
    if report.fault is not None:
        return "unreadable" if report.fault.kind in ("SyntaxError", "IndentationError", "TabError") else "error"
    failing = report.failing
    for outcome, kind in _OUTCOMES.items():
        if any(each.outcome == outcome for each in failing):
            return kind
    return "nothing_back" if failing and all(each.got == "None" for each in failing) else "wrong_value"


def _finding(found: Localisation) -> Finding | None:
    """Return the surest finding that stands where the program is most suspect; the others may be mere habits."""
    suspect = {each.line for each in found.suspects[:2]}
    return next((each for each in found.findings if each.sureness >= _LEAST_SURE and each.line in suspect), None)


def is_starter(exercise: Exercise, code: str) -> bool:
    """Tell whether nothing has been done yet: the program is empty, or what the learner was given."""
    return not code.strip() or (bool(exercise.starter) and code.split() == exercise.starter.split())
