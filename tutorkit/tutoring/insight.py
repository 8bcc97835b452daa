"""What a learner's last try shows: right or wrong, where it first went wrong, and which misconception explains it.

No model is asked. A problem that has an item is compared with the malrules; of any problem the learner's own lines are
checked for false equations. What a model may add to it comes in as ``Hunch`` and is never taken for a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from tutorkit.errors import DataError
from tutorkit.misconceptions import Malrule, matching
from tutorkit.tasks.scorers import scorer
from tutorkit.types import LearnerSaid, Problem, Record, Turn

Verdict = Literal["right", "wrong"]

_EQUATION = re.compile(
    r"(?<![\d.,/])(-?\d+(?:\.\d+)?)\s*([-+−×x*·÷:/])\s*(\d+(?:\.\d+)?)\s*=\s*(-?\d+(?:\.\d+)?)(?![\d/])"
)


class Insight(Record):
    """What is known about a learner's last try.

    ``verdict`` is None when there was no answer that can be graded. ``alternatives`` are further malrules that predict
    the same wrong answer; ``seen`` is how many different wrong answers of this conversation the first one predicts, of
    those that there were. ``wrong_step`` is the index of the first of the learner's own lines that is false, from 0.
    """

    verdict: Verdict | None = None
    misconception_id: str | None = None
    alternatives: tuple[str, ...] = ()
    seen: int = 0
    skill: str | None = None
    wrong_step: int | None = None
    wrong_line: str | None = None


def verdict_on(problem: Problem, said: LearnerSaid) -> Verdict | None:
    """Grade what a learner gave as its answer; None when it gave none, or one that cannot be read.

    An unreadable or unfinished answer is not a wrong one: the tutor asks for it again.
    """
    if said.answer is None:
        return None
    outcome = scorer(problem.scorer).grade(problem, f"Answer: {said.answer}").outcome
    return "right" if outcome == "right" else "wrong" if outcome == "wrong" else None


def insight_into(problem: Problem, turns: Sequence[Turn]) -> Insight:
    """Look at the last answer in a conversation, with all wrong ones as evidence."""
    tries = [turn.said for turn in turns if turn.role == "learner" and turn.said and turn.said.answer]
    if not tries:
        return Insight(skill=next(iter(problem.skills), None))
    last = tries[-1]
    verdict = verdict_on(problem, last)
    if verdict != "wrong":
        return Insight(verdict=verdict, skill=next(iter(problem.skills), None))
    step = first_false_line(last.steps or tuple(last.text.splitlines()))
    line = None if step is None else (last.steps or tuple(last.text.splitlines()))[step]
    wrong = tuple(dict.fromkeys(said.answer for said in tries if said.answer and verdict_on(problem, said) == "wrong"))
    rules = _explaining(problem, wrong)
    if not rules:
        skill = next(iter(problem.skills), None)
        return Insight(verdict="wrong", skill=skill, wrong_step=step, wrong_line=line)
    return Insight(
        verdict="wrong",
        misconception_id=rules[0][0].id,
        alternatives=tuple(rule.id for rule, _ in rules[1:]),
        seen=rules[0][1],
        skill=rules[0][0].skill,
        wrong_step=step,
        wrong_line=line,
    )


def first_false_line(lines: Sequence[str]) -> int | None:
    """Return the index of the first line that holds a false equation of two numbers; None when there is none."""
    for index, line in enumerate(lines):
        if any(not _is_true(*match) for match in _EQUATION.findall(line)):
            return index
    return None


def _is_true(left: str, sign: str, right: str, result: str) -> bool:
    a, b, c = Fraction(left), Fraction(right), Fraction(result)
    if sign in "÷:/":
        return b != 0 and a / b == c
    return {"+": a + b, "-": a - b, "−": a - b}.get(sign, a * b) == c


def _explaining(problem: Problem, answers: Sequence[str]) -> list[tuple[Malrule, int]]:
    """Return the malrules that predict the last answer, those that predict most of the others too in front."""
    if problem.item is None or not answers:
        return []
    try:
        last, *others = [matching(problem.item, answer) for answer in reversed(answers)]
    except DataError:
        return []
    counted = [(rule, 1 + sum(rule in found for found in others)) for rule in last]
    return sorted(counted, key=lambda entry: -entry[1])
