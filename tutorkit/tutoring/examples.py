"""Other items than the problem at hand, to show something on: where a rule fails, and where the right way is seen."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fractions import Fraction
from random import Random

from tutorkit.canonical import digest
from tutorkit.misconceptions import Item, drawn_item, malrule, parts_of, same_answer, skills_of, solve
from tutorkit.tutoring.guards.sentences import sentences
from tutorkit.types import Problem

_DRAWS = 400
_SMALL_OF = 4
_EQUATION = re.compile(r"\d+ [-+−×÷·] \d+ = \d+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def counterexample(misconception_id: str, problem: Problem, *, earlier: int = 0) -> Item | None:
    """Return a small item on which a misconception goes wrong, other than the problem; None when none was found.

    ``earlier`` is how many were shown before, so that each is another one. Nothing that is written there, and neither
    of its answers, gives the problem's answer away.
    """
    return _drawn(problem, misconception_id=misconception_id, of=_SMALL_OF, purpose=f"contrast {earlier}")


def analogy(problem: Problem, misconception_id: str | None, *, earlier: int = 0) -> Item | None:
    """Return an item of the problem's kind with other numbers, on which the misconception, if any is named, shows."""
    return _drawn(problem, misconception_id=misconception_id, of=_SMALL_OF, purpose=f"analogy {earlier}")


def _drawn(problem: Problem, *, misconception_id: str | None, of: int, purpose: str) -> Item | None:
    """Draw until so many items serve, and return the one with the least to read."""
    if problem.item is None:
        return None
    domain = str(problem.item["domain"]) if misconception_id is None else malrule(misconception_id).domain
    rng = Random(digest([problem.id, misconception_id, purpose]))  # noqa: S311 - a sample, not a secret
    kept = protected_numbers(problem)
    serving: list[Item] = []
    for _ in range(_DRAWS):
        item = drawn_item(domain, rng)
        if _serves(item, problem, misconception_id, kept):
            serving.append(item)
        if len(serving) == of:
            break
    return min(serving, key=_length, default=None)


def _length(item: Item) -> tuple[int, int]:
    """Return how much there is to read: the sentences of the worked solution, and the characters of the item."""
    return sum(len(sentences(step.text)) for step in solve(item).steps), len(parts_of(item)[0].text)


def _serves(item: Item, problem: Problem, misconception_id: str | None, kept: Collection[Fraction]) -> bool:
    right = solve(item)
    if misconception_id is None:
        # Without a rule the kind is all there is to go by: the same fields, so the same sort of item.
        if problem.item is None or item.keys() != problem.item.keys() or item.get("op") != problem.item.get("op"):
            return False
        if not set(problem.skills) <= set(skills_of(item)):
            return False
        shown = [right.answer]
    else:
        wrong = malrule(misconception_id).run(item)
        if same_answer(wrong.answer, right.answer):
            return False
        shown = [wrong.answer, right.answer, *(step.text for step in wrong.steps)]
    worked = [step.text for step in right.steps]
    if not _equations(worked).isdisjoint(_equations(step.text for step in problem.steps)):
        return False
    texts = [parts_of(item)[0].text, *shown, *worked]
    return not any(number in kept for text in texts for number in numbers_in(text))


def _equations(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(found for text in texts for found in _EQUATION.findall(text))


def protected_numbers(problem: Problem) -> frozenset[Fraction]:
    """Return the numbers that must not be seen: those of the answer that do not stand in the problem itself."""
    return frozenset(numbers_in(problem.gold or "")) - frozenset(numbers_in(problem.text))


def numbers_in(text: str) -> list[Fraction]:
    """Return the unsigned numbers that are written in a text, in its order."""
    return [Fraction(number) for number in _NUMBER.findall(text)]
