"""Whether a text gives away results of steps that the learner has not reached."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from tutorkit.tutoring.guards.assertions import is_asserted
from tutorkit.tutoring.guards.expressions import Equation, calculations
from tutorkit.tutoring.guards.mentions import forms_in, mentions
from tutorkit.tutoring.guards.protected import Answer, Visible, digits_of, texts_of
from tutorkit.tutoring.guards.seen import Seen
from tutorkit.tutoring.policy import RUNG
from tutorkit.types import Step

Signature: TypeAlias = tuple[tuple[Fraction, ...], tuple[str, ...], tuple[Fraction, ...]]
"""An equation, however its left side is ordered: operands, operators, result."""

_NEXT = RUNG["next_step"]
_SMALL = 20
_TRIVIAL = (0, 1)


def unearned_result(text: str, seen: Seen, found: Sequence[Answer], known: Visible) -> str | None:
    """Return the passage of a plain text that gives a step's result away, or None.

    A result that is a small number may be mentioned, since it may mean something else, but not said to be a result. On
    the rung of the next step what belongs to one step may be told. What belongs to the item that the act shows is
    no result of the problem's.
    """
    steps = _kept_back(seen.problem.steps, found)
    if not steps:
        return None
    others = frozenset(_signature(each) for shown in texts_of(seen.act) for each in calculations(shown).equations)
    free = known.shown | digits_of(known.problem)
    told = [place for step in steps if (place := _told(text, step, known, free, others)) is not None]
    if seen.act.rung >= _NEXT:
        return told[1] if len(told) > 1 and not _one_holds_all(text, steps, known, free) else None
    return told[0] if told else None


def _kept_back(steps: Sequence[Step], found: Sequence[Answer]) -> list[Step]:
    """Return the steps before the answer: their results are what a learner gets on the way."""
    answers = {value for answer in found for value, _ in answer.numbers}
    return [
        step
        for step in steps
        if step.result is not None and not {value for value, _ in forms_in(step.result)} & answers
    ]


def _told(text: str, step: Step, known: Visible, free: frozenset[Fraction], others: frozenset[Signature]) -> str | None:
    return _told_as_equation(text, step, known, others) or _told_as_value(text, step, known, free)


def _told_as_equation(text: str, step: Step, known: Visible, others: frozenset[Signature]) -> str | None:
    """Find the step's own calculation, with its result, unless the learner has written it, or the shown item has it."""
    own = {_signature(equation) for equation in calculations(step.text).equations} - others
    if not own:
        return None
    earned = {_signature(equation) for equation in calculations(known.text).equations}
    read = calculations(text)
    for equation in read.equations:
        signature = _signature(equation)
        if equation.left.is_compound and signature in own - earned:
            return read.text[equation.left.start : equation.right.end]
    return None


def _signature(equation: Equation) -> Signature:
    return tuple(sorted(equation.left.operands)), equation.left.operators, equation.right.operands[:1]


def _told_as_value(text: str, step: Step, known: Visible, free: frozenset[Fraction]) -> str | None:
    results = forms_in(step.result or "") - known.forms
    for mention in mentions(text):
        hits = [each for each in mention.forms if each in results and each[0] not in free and each[0] not in _TRIVIAL]
        if not hits:
            continue
        large = any(value.denominator != 1 or abs(value) >= _SMALL for value, _ in hits)
        if large or is_asserted(text, mention.start, mention.end):
            return text[mention.start : mention.end]
    return None


def _one_holds_all(text: str, steps: Sequence[Step], known: Visible, free: frozenset[Fraction]) -> bool:
    """Tell whether everything that is told stands in the text of one step."""
    said = {form for form in forms_in(text) - known.forms if form[0] not in free}
    told = {form for step in steps for form in forms_in(step.result or "") if form in said}
    return any(told <= forms_in(step.text) for step in steps)
