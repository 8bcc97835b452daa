"""From an answer to the malrules that explain it, and from an item to the skills that it takes."""

from __future__ import annotations

import re
from fractions import Fraction

from tutorkit.misconceptions.catalogue import Malrule, malrules
from tutorkit.misconceptions.items import Item, Part, parts_of
from tutorkit.misconceptions.performance import SEPARATOR, skills_of_part, solve_part
from tutorkit.misconceptions.polynomials import Polynomial, read_polynomial

_NUMBER = re.compile(r"[-+]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})")
_MIXED = re.compile(r"([-+]?)(\d{1,40})\s+(\d{1,40})\s*/\s*(\d{1,40})")
_TIME = re.compile(r"\s*(\d{1,3}):(\d\d)\s*")


def skills_of(item: Item) -> tuple[str, ...]:
    """Return the skills that the correct work on an item really takes: a sum without a carry does not take ``carry``.

    To choose the operation is needed everywhere, tells no two items apart, and so is never named.

    Raises:
        DataError: when the item cannot be read.
    """
    return tuple(dict.fromkeys(skill for part in parts_of(item) for skill in skills_of_part(part)))


def split_answer(item: Item, answer: str) -> tuple[str, ...] | None:
    """Split the answer to an item into the answers to its parts; None when there are not as many of them as parts.

    Raises:
        DataError: when the item cannot be read.
    """
    answers = tuple(text.strip() for text in answer.split(SEPARATOR.strip()))
    return answers if len(answers) == len(parts_of(item)) else None


def same_answer(left: str, right: str) -> bool:
    """Tell whether two answers to one part have the same value: ``2/4`` and ``1/2`` do, ``−3`` and ``-3`` too."""
    return left == right or (_value(left) is not None and _value(left) == _value(right))


def matching(item: Item, answer: str) -> tuple[Malrule, ...]:
    """Return the malrules that predict this answer, the most probable first.

    A rule that predicts the very form of the answer (``2/4``, not ``1/2``) comes before one that predicts only its
    value. A right answer is explained by no rule. Of a chain each part is explained by itself, and the rules come in
    the order of the parts.

    Raises:
        DataError: when the item cannot be read.
    """
    answers = split_answer(item, answer)
    if answers is None:
        return ()
    found = [rule for part, text in zip(parts_of(item), answers, strict=True) for rule in matching_part(part, text)]
    return tuple({rule.id: rule for rule in found}.values())


def matching_part(part: Part, answer: str) -> tuple[Malrule, ...]:
    """Return the malrules that predict this answer to a part, the most probable first."""
    if same_answer(answer, solve_part(part).answer):
        return ()
    found: list[tuple[bool, float, Malrule]] = []
    for rule in malrules(part.domain):
        work = rule.procedure(part)
        if work is not None and same_answer(answer, work.answer):
            found.append((work.answer != answer, -rule.prior, rule))
    return tuple(rule for _, _, rule in sorted(found, key=lambda entry: entry[:2]))


def _value(answer: str) -> Fraction | Polynomial | tuple[int, int] | None:
    """Read a number, a fraction, a mixed number, a sum of terms in x, or hours and minutes.

    No more than these are read, since ``Fraction("1e999999999")`` would work for hours.
    """
    if time := _TIME.fullmatch(answer):
        return int(time[1]), int(time[2])
    if "x" in answer.lower():
        return read_polynomial(answer)
    if mixed := _MIXED.fullmatch(answer.replace("−", "-").strip()):
        sign, whole, numerator, denominator = mixed.groups()
        answer = f"{sign}{int(whole) * int(denominator) + int(numerator)}/{denominator}"
    top, _, bottom = answer.replace("−", "-").replace(" ", "").partition("/")
    if not (_NUMBER.fullmatch(top) and _NUMBER.fullmatch(bottom or "1")) or not Fraction(bottom or 1):
        return None
    return Fraction(top) / Fraction(bottom or 1)
