"""Boolean expressions such as "not True or ( False and True ) is", as in BIG-Bench Hard.

An expression is worked off one operation at a time: parentheses, then not, then and, then or.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from tutorkit.teachers.experts.base import Advice, AttemptSeen, Finding, ProblemSeen, Worked, unexplained

_WORD = re.compile(r"\(|\)|\b(?:True|False|not|and|or)\b")
_RUN = r"(?:\s*(?:[()]|\b(?:True|False|not|and|or)\b))+"
_PROBLEM = re.compile(rf"(?P<expression>{_RUN})\s+is\s*")
_AT_END = re.compile(rf"{_RUN}\s*$")
_AT_START = re.compile(rf"\s*{_RUN}")

_LONGEST = 400
"""Most characters of one side of an equality."""

_PRINCIPLES: Mapping[str, str] = MappingProxyType(
    {
        "boolean_not": "A not turns only the value right behind it into its opposite: not of True is False, and not "
        "of False is True. With several nots in a row, begin with the last and work to the left.",
        "boolean_and": "An and is True only when both of its sides are True. As soon as one side is False, the "
        "whole is False.",
        "boolean_or": "An or is True as soon as one of its sides is True. Only when both sides are False, the whole "
        "is False.",
        "boolean_order": "Work out what stands in parentheses first, then every not, then every and, and only at "
        "the end every or, wherever they stand. Copy the rest of the expression after each step.",
    }
)


def recognises(problem: ProblemSeen) -> bool:
    """Take an expression of truth values with "is" behind it."""
    return _expression(problem) is not None


def advice(examples: Sequence[ProblemSeen]) -> Advice:  # noqa: ARG001 (the procedure is the same for all)
    """Say how an expression is worked off."""
    return Advice(
        "Replace one part of the expression at a time by its value, until a single value is left.",
        (
            "Work out what stands in parentheses first.",
            "Replace every not and the value behind it by the opposite value.",
            "Then work out every and.",
            "Then work out every or, and state the value that is left.",
        ),
    )


def findings(problem: ProblemSeen, attempt: AttemptSeen) -> tuple[Finding, ...]:
    """Name the first equality between two expressions of different value; without working, judge by the answer."""
    for index, line in enumerate(attempt.lines):
        for left, right, span in _equalities(line):
            if _value(left) != _value(right):
                skill = _skill(left, said=_value(right))
                return (
                    Finding(
                        step=index,
                        evidence=attempt.span(span),
                        cause=_CAUSES[skill],
                        summary=f"Part of an expression was given the wrong value: {_CAUSES[skill]}.",
                        analysis=f"{_shown(left)} is {_value(left)}, not {_value(right)}.",
                        skill=skill,
                        confidence=0.9,
                    ),
                )
    expression = _expression(problem)
    answer = (attempt.answer or "").casefold()
    if expression is None or answer not in ("true", "false"):
        return (unexplained(problem, attempt),)
    skill = _skill(expression, said=answer == "true")
    return (
        Finding(
            step=None,
            evidence=attempt.span(attempt.answer or ""),
            cause=_CAUSES[skill],
            summary=f"The value is wrong and no step shows where; what fits is: {_CAUSES[skill]}.",
            analysis=f"{_shown(expression)} is {problem.gold}. The attempt shows no false step.",
            skill=skill,
            confidence=0.3,
        ),
    )


def principle(skill: str, summary: str = "") -> str | None:  # noqa: ARG001 (the skill says it all)
    """Return what to do about an operation, or about their order."""
    return _PRINCIPLES.get(skill)


def worked(problem: ProblemSeen) -> Worked | None:
    """Work the expression off, one operation a line."""
    tokens = _expression(problem)
    if tokens is None:
        return None
    lines, skills = [], []
    while len(tokens) > 1:
        step = _next(tokens)
        tokens = step.rest
        skills.append(step.skill)
        done = f"{step.shown} = {step.result}"
        lines.append(f"{done}, so {_shown(tokens)}." if len(tokens) > 1 else f"{done}.")
    return Worked((f"{_shown(_expression(problem) or ())}.", *lines), tokens[0], tuple(dict.fromkeys(skills)))


_CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "boolean_not": "a not is read wrongly",
        "boolean_and": "an and is read wrongly",
        "boolean_or": "an or is read wrongly",
        "boolean_order": "operations are done in the wrong order",
    }
)


@dataclass(frozen=True)
class _Step:
    """One operation: how it looks, what it gives, which skill it takes, and what is left of the expression."""

    shown: str
    result: str
    skill: str
    rest: tuple[str, ...]


def _expression(problem: ProblemSeen) -> tuple[str, ...] | None:
    match = _PROBLEM.fullmatch(problem.text.strip())
    return _parsed(match["expression"]) if match else None


def _parsed(text: str) -> tuple[str, ...] | None:
    """Return the tokens of a whole expression; None when it is none."""
    tokens = tuple(_WORD.findall(text))
    value_next, depth = True, 0
    for word in tokens:
        if word in ("True", "False", "not", "("):
            fits = value_next
            value_next = word in ("not", "(")
        else:
            fits = not value_next
            value_next = word in ("and", "or")
        depth += (word == "(") - (word == ")")
        if not fits or depth < 0:
            return None
    return tokens if tokens and not value_next and depth == 0 else None


def _next(tokens: tuple[str, ...]) -> _Step:
    """Do the operation that comes first."""
    end = tokens.index(")") if ")" in tokens else len(tokens)
    start = max((i for i in range(end) if tokens[i] == "("), default=-1) + 1
    inner = tokens[start:end]
    if len(inner) == 1:
        return _step(tokens, start - 1, end + 1, inner[0], "boolean_order")
    if "not" in inner:
        place = start + len(inner) - 1 - inner[::-1].index("not")
        return _step(tokens, place, place + 2, str(tokens[place + 1] == "False"), "boolean_not")
    operator = "and" if "and" in inner else "or"
    place = start + inner.index(operator)
    sides = [tokens[place - 1] == "True", tokens[place + 1] == "True"]
    result = all(sides) if operator == "and" else any(sides)
    return _step(tokens, place - 1, place + 2, str(result), f"boolean_{operator}")


def _step(tokens: tuple[str, ...], start: int, end: int, result: str, skill: str) -> _Step:
    return _Step(_shown(tokens[start:end]), result, skill, (*tokens[:start], result, *tokens[end:]))


def _value(tokens: tuple[str, ...]) -> bool:
    while len(tokens) > 1:
        tokens = _next(tokens).rest
    return tokens[0] == "True"


def _skill(tokens: tuple[str, ...], *, said: bool) -> str:
    """Name what is lacking when an expression is said to have the wrong value."""
    operators = {word for word in tokens if word in ("not", "and", "or")}
    if len(operators) == 1:
        return f"boolean_{operators.pop()}"
    if "not" in operators and said != _value(_left_to_right(tokens)):
        return "boolean_not"
    return "boolean_order"


def _left_to_right(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Bracket an expression as somebody reads it who takes and and or in their order and sees no parentheses."""
    bracketed: tuple[str, ...] = ()
    for word in tokens:
        if word in ("and", "or"):
            bracketed = ("(", *bracketed, ")", word)
        elif word not in ("(", ")"):
            bracketed = (*bracketed, word)
    return bracketed


def _equalities(line: str) -> list[tuple[tuple[str, ...], tuple[str, ...], str]]:
    """Return the pairs of expressions that a line says are equal, each with the passage that says so."""
    found = []
    parts = line.split("=")
    for left_text, right_text in pairwise(parts):
        if max(len(left_text), len(right_text)) > _LONGEST:
            continue
        left_run, right_run = _AT_END.search(left_text), _AT_START.match(right_text)
        if left_run and right_run:
            left, right = _parsed(left_run.group()), _parsed(right_run.group())
            if left and right:
                found.append((left, right, f"{left_run.group()}={right_run.group()}".strip()))
    return found


def _shown(tokens: Sequence[str]) -> str:
    return " ".join(tokens)
