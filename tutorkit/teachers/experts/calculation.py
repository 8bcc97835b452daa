"""Column arithmetic, fractions, order of operations, percent, signs, and chains of these.

An attempt is read against what each misconception would have written: its working first, then its answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tutorkit.misconceptions import (
    DOMAINS,
    SKILLS,
    Malrule,
    Work,
    malrules,
    matching,
    parts_of,
    same_answer,
    skills_of,
    solve,
)
from tutorkit.misconceptions.items import Part
from tutorkit.misconceptions.polynomials import read_polynomial
from tutorkit.teachers.experts.base import Advice, AttemptSeen, Finding, ProblemSeen, Worked, unexplained

_LABELLED = re.compile(r"\s*\(?([a-d])\)")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?(?:/\d{1,15})?|\d{1,3}:\d\d")
_LAST_RESULT = re.compile(r"=\s*([-−]?[\d./]+?)\.?$")
_LONGEST_RESULT = 60


def recognises(problem: ProblemSeen) -> bool:
    """Take what the misconceptions know the domain of."""
    return problem.domain in (*DOMAINS, "chain")


def advice(examples: Sequence[ProblemSeen]) -> Advice:
    """Say how to calculate in writing; for chains, to keep the parts apart."""
    if any(problem.domain == "chain" for problem in examples):
        return Advice(
            "Work out the parts one after the other, each by itself, and give the results in the order of the parts.",
            (
                "Copy the first part and see which operation it asks for.",
                "Work it out by the rule for that operation and write down its result.",
                "Do the same with every other part.",
                "Write all results in order, separated by commas.",
            ),
        )
    return Advice(
        "Work the problem out in writing, by the rule for its operation.",
        (
            "See which operation is asked for.",
            "Do one small step a line and write down what comes out.",
            "Go through all columns, terms or operations in their proper order.",
            "State the result.",
        ),
    )


def findings(problem: ProblemSeen, attempt: AttemptSeen) -> tuple[Finding, ...]:
    """Name the wrong step of every part that went wrong, and the misconception behind it."""
    parts = parts_of(problem.item or {})
    chain = problem.domain == "chain"
    tries = _tries(parts, attempt) if chain else [_Try(attempt.lines, 0, attempt.answer)]
    found = [
        _finding(part, each, attempt, wanted=problem.skills)
        for part, each in zip(parts, tries, strict=True)
        if _is_wrong(part, each, whole=len(parts) == 1)
    ]
    return tuple(found) or (unexplained(problem, attempt),)


def principle(skill: str, summary: str = "") -> str | None:  # noqa: ARG001 (the skill says it all)
    """Return the skill's own principle."""
    return SKILLS[skill].principle if skill in SKILLS else None


def worked(problem: ProblemSeen) -> Worked | None:
    """Work the item out by the correct procedure."""
    work = solve(problem.item or {})
    return Worked(tuple(step.text for step in work.steps), work.answer, skills_of(problem.item or {}))


@dataclass(frozen=True)
class _Try:
    """What an attempt says of one part: its lines, the number of the first of them, and the answer."""

    lines: tuple[str, ...]
    start: int
    answer: str | None


def _tries(parts: Sequence[Part], attempt: AttemptSeen) -> list[_Try]:
    """Take an attempt at a chain apart by the parts' letters, else by the answer's commas."""
    by_letter: dict[str, _Try] = {}
    for index, line in enumerate(attempt.lines):
        if match := _LABELLED.match(line):
            result = _LAST_RESULT.search(line.rstrip()[-_LONGEST_RESULT:])
            by_letter.setdefault(match[1], _Try((line,), index, result[1] if result else None))
    answers = _answers(parts, attempt)
    tries = []
    for letter, answer in zip("abcd", answers, strict=False):
        said = by_letter.get(letter, _Try((), 0, None))
        tries.append(_Try(said.lines, said.start, said.answer or answer))
    return tries


def _answers(parts: Sequence[Part], attempt: AttemptSeen) -> tuple[str | None, ...]:
    answers = (attempt.answer or "").split(",")
    return tuple(answers) if len(answers) == len(parts) else (None,) * len(parts)


def _is_wrong(part: Part, said: _Try, *, whole: bool) -> bool:
    """A problem of one part was marked wrong; of several parts each must show that it is."""
    if said.answer is None:
        return whole
    return not same_answer(_plain(said.answer), solve(part.model_dump()).answer)


def _finding(part: Part, said: _Try, attempt: AttemptSeen, *, wanted: Sequence[str]) -> Finding:
    item = part.model_dump()
    by_steps = _by_working(part, said, wanted=wanted)
    if by_steps is not None:
        rule, index = by_steps
        return _explained(part, rule, said.start + index, attempt.span(said.lines[index]), confidence=0.95)
    # Where several misconceptions give the same answer, one about a skill that the problem names is likelier.
    rules = sorted(matching(item, _plain(said.answer or "")), key=lambda rule: rule.skill not in wanted)
    step, evidence = _where(said, attempt)
    if rules:
        return _explained(part, rules[0], step, evidence, confidence=0.9 if len(rules) == 1 else 0.7)
    if said.answer and _is_slip(_plain(said.answer), solve(item).answer):
        return Finding(
            step=step,
            evidence=evidence,
            cause="slip",
            summary="One digit of the result is off although no known misunderstanding leads there: a slip.",
            analysis=f"{part.text} is {solve(item).answer}; {said.answer} differs from it in one digit.",
            confidence=0.5,
        )
    skills = skills_of(item)
    return Finding(
        step=step,
        evidence=evidence,
        cause="wrong calculation",
        summary="The result of the calculation is wrong, in a way that no known misunderstanding explains.",
        analysis=f"{part.text} is {solve(item).answer}, not {said.answer}.",
        skill=skills[0] if len(skills) == 1 else None,
        confidence=0.3,
    )


def _explained(part: Part, rule: Malrule, step: int | None, evidence: str, *, confidence: float) -> Finding:
    item = part.model_dump()
    return Finding(
        step=step,
        evidence=evidence,
        cause=rule.title,
        summary=f"{rule.title}; this shows when {rule.impasse}.",
        analysis=f"{part.text} is {solve(item).answer}. This is the work of somebody who {_as_clause(rule.title)}.",
        skill=rule.skill,
        misconception=rule.id,
        confidence=confidence,
    )


def _as_clause(title: str) -> str:
    return title[0].lower() + title[1:]


def _by_working(part: Part, said: _Try, *, wanted: Sequence[str]) -> tuple[Malrule, int] | None:
    """Return the misconception whose first wrong step stands in the working, and where.

    Its steps up to the wrong one must all be there, in their order. Of several misconceptions the one with most steps
    in the working wins, then one about a skill that the problem takes, then the commoner.
    """
    squeezed = [_squeezed(line) for line in said.lines]
    found: list[tuple[int, bool, float, Malrule, int]] = []
    for rule in malrules(part.domain):
        work = rule.run(part.model_dump())
        places = _places(work, squeezed)
        if work.first_wrong is not None and len(places) > work.first_wrong:
            found.append((len(places), rule.skill in wanted, rule.prior, rule, places[work.first_wrong]))
    return max(found, key=lambda each: each[:3])[3:] if found else None


def _places(work: Work, squeezed: Sequence[str]) -> list[int]:
    """Return the lines in which the steps of a work stand, one after the other, up to the first that is missing."""
    places: list[int] = []
    for step in work.steps:
        start = places[-1] + 1 if places else 0
        place = next((i for i in range(start, len(squeezed)) if squeezed[i] == _squeezed(step.text)), None)
        if place is None:
            break
        places.append(place)
    return places


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold().rstrip(".")


def _where(said: _Try, attempt: AttemptSeen) -> tuple[int | None, str]:
    """Return the line that states the part's result, and the evidence for it."""
    answer = said.answer or ""
    for index, line in enumerate(said.lines):
        if answer and answer in line:
            return said.start + index, attempt.span(line)
    return None, attempt.span(answer)


def _plain(answer: str) -> str:
    """Return an answer as a number, a time of day or a sum of terms in x; nothing when it is none of these."""
    text = answer.replace("−", "-").strip()
    return text if _NUMBER.fullmatch(text) or read_polynomial(text) is not None else ""


def _is_slip(answer: str, correct: str) -> bool:
    """Tell whether two numbers differ in one digit, by one."""
    if len(answer) != len(correct):
        return False
    unlike = [(a, b) for a, b in zip(answer, correct, strict=True) if a != b]
    if len(unlike) != 1 or not all(each.isdigit() for each in unlike[0]):
        return False
    return abs(int(unlike[0][0]) - int(unlike[0][1])) == 1
