"""Private conventions: signs with a made-up rule, things that are routed to boxes.

A skill's name does not tell its rule, since each rule book has its own. So the rule travels in a finding's summary,
behind ``RULE``, and the principle is read from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from tutorkit.tasks.conventions import convention_rule_text
from tutorkit.teachers.experts.base import Advice, AttemptSeen, Finding, ProblemSeen, Worked
from tutorkit.teachers.experts.equations import equations_in, number_of, same_value

RULE = "The rule is: "


def recognises(problem: ProblemSeen) -> bool:
    """Take what is asked about a private convention."""
    return problem.domain == "convention"


def advice(examples: Sequence[ProblemSeen]) -> Advice:  # noqa: ARG001 (the rules themselves are found in the errors)
    """Say that there are rules, without telling them."""
    return Advice(
        "Every problem follows a rule that is made for this task. Follow the rule, not what you are used to.",
        (
            "Find the sign or the kind of thing that the problem names.",
            "Take the rule for it.",
            "Write the rule's steps, one a line.",
            "State what the last step gives.",
        ),
    )


def findings(problem: ProblemSeen, attempt: AttemptSeen) -> tuple[Finding, ...]:
    """Say which rule was not followed, and what was done in its place where that can be seen."""
    cause, confidence = _cause(problem, attempt)
    slip = cause == "slip in the rule"
    step, evidence = _where(attempt, slip=slip)
    return (
        Finding(
            step=step,
            evidence=evidence,
            cause=cause,
            summary="The rule was followed, but one of its calculations is wrong."
            if slip
            else summary_of(problem.item or {}),
            analysis=f"By the rule: {' '.join(problem.steps)} That gives {problem.gold}, not {attempt.answer}.",
            skill="exact_calculation" if slip else next(iter(problem.skills), None),
            confidence=confidence,
        ),
    )


def principle(skill: str, summary: str = "") -> str | None:  # noqa: ARG001 (only the summary tells the rule)
    """Return the rule that a summary tells."""
    return summary.partition(RULE)[2].strip() or None


def worked(problem: ProblemSeen) -> Worked | None:
    """Hand on the rule's steps."""
    return Worked(problem.steps, problem.gold or "", problem.skills)


def summary_of(item: Mapping[str, JsonValue]) -> str:
    """Say in general terms that the rule of an item was not followed, and what the rule is."""
    return f"The private rule of this task was not followed. {RULE}{convention_rule_text(item)}"


def _cause(problem: ProblemSeen, attempt: AttemptSeen) -> tuple[str, float]:
    """Tell what was done in place of the rule, and how sure that is."""
    said, right = number_of(attempt.answer), equations_in(problem.steps)
    if attempt.answer is None:
        return "no answer by the rule", 0.6
    if said is None or not right:
        return "another rule", 0.8
    made = equations_in(attempt.lines)
    if any(not each.holds for each in made) and any(each.operands == right[0].operands for each in made):
        return "slip in the rule", 0.7
    if any(same_value(said, each.said) for each in right[:-1]):
        return "rule stopped half-way", 0.8
    a, b = (problem.item or {}).get("a"), (problem.item or {}).get("b")
    if isinstance(a, int) and isinstance(b, int) and said in {a + b, abs(a - b), a * b}:
        return "usual operation in place of the rule", 0.9
    return "another rule", 0.7


def _where(attempt: AttemptSeen, *, slip: bool) -> tuple[int | None, str]:
    """Return the false line of a slip, else the first calculation or the line of the answer."""
    made = equations_in(attempt.lines)
    shown = next((each for each in made if not each.holds), None) if slip else next(iter(made), None)
    if shown is not None:
        return shown.line, attempt.span(shown.span) or attempt.span(attempt.lines[shown.line])
    answer = attempt.answer or ""
    for index, line in enumerate(attempt.lines):
        if answer and answer.casefold() in line.casefold():
            return index, attempt.span(line)
    return None, attempt.span(answer)
