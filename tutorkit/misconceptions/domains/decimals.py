"""Sums and differences of decimals, right and wrong; the other kinds of this domain stand in ``decimal_forms.py``.

Numbers are strings as they are written in the item, such as ``2.50``, and answers keep the zeros that the working
leaves at their end. A rule has nothing to say where its answer would differ from the right one in such zeros alone.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Literal

from pydantic import model_validator

from tutorkit.misconceptions.domains import decimal_forms
from tutorkit.misconceptions.domains.decimal_notation import (
    Decimal,
    counted,
    split,
    unless_right,
    with_places,
    with_point,
    without_point,
)
from tutorkit.misconceptions.numbers import SIGNS
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep
from tutorkit.types import Record


class DecimalSum(Record):
    """a + b or a − b, with a not smaller than b in a difference."""

    domain: Literal["dec"] = "dec"
    op: Literal["+", "-"]
    a: Decimal
    b: Decimal

    @model_validator(mode="after")
    def _not_negative(self) -> DecimalSum:
        if self.op == "-" and Fraction(self.a) < Fraction(self.b):
            raise ValueError("a is smaller than b")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a} {SIGNS[self.op]} {self.b}"


_ALIGN, _ONE = "decimal_alignment", "decimal_as_one_number"


def _end(item: DecimalSum, answer: str, steps: list[WorkStep]) -> Work:
    return Work(answer, (*steps, WorkStep(f"So {item.text} = {answer}.", answer)))


def _longest(item: DecimalSum) -> int:
    return max(len(split(number)[1]) for number in (item.a, item.b))


def solve(item: DecimalSum) -> Work:
    """Give both numbers equally many decimals, work from the right, and carry or borrow across the point."""
    places = _longest(item)
    a, b = with_places(item.a, places), with_places(item.b, places)
    steps: list[WorkStep] = []
    if len(split(item.a)[1]) != len(split(item.b)[1]):
        before, after = (item.a, a) if a != item.a else (item.b, b)
        text = f"I write {before} as {after}, so that the points are under each other."
        steps.append(WorkStep(text, after, _ALIGN))
    if places:
        steps += _both_sides(item, split(a), split(b))
    left, right = without_point(a), without_point(b)
    return _end(item, with_point(left + right if item.op == "+" else left - right, places), steps)


def _both_sides(item: DecimalSum, a: tuple[int, str], b: tuple[int, str]) -> list[WorkStep]:
    """Write down what happens after the point, and then before it, with one carried or borrowed if need be."""
    whole, places = 10 ** len(a[1]), len(a[1])
    above, below = int(a[1]), int(b[1])
    sign = SIGNS[item.op]
    if item.op == "+":
        total = above + below
        carried, written = divmod(total, whole)
        told = f"{a[1]} + {b[1]} = {total:0{places}d}, I write {written:0{places}d}{' and carry 1' if carried else ''}"
        result = a[0] + b[0] + carried
    else:
        carried = int(above < below)
        written = above + carried * whole - below
        borrowed = f"{a[1]} is less than {b[1]}, so I borrow: " if carried else ""
        minuend = f"{above + whole}" if carried else a[1]
        told = f"{borrowed}{minuend} − {b[1]} = {written:0{places}d}, I write {written:0{places}d}"
        result = a[0] - b[0] - carried
    more = f" {sign} 1" if carried else ""
    return [
        WorkStep(f"After the point: {told}.", f"{written:0{places}d}", _ONE),
        WorkStep(f"Before the point: {a[0]} {sign} {b[0]}{more} = {result}.", str(result)),
    ]


def _right_aligned(item: DecimalSum) -> Work | None:
    """Write the last digits under each other, and give the result the decimals of the longer number.

    A difference that this makes negative sends a pupil back.
    """
    places = _longest(item)
    a, b = without_point(item.a), without_point(item.b)
    total = a + b if item.op == "+" else a - b
    if total < 0:
        return None
    answer = with_point(total, places)
    steps = [
        WorkStep(f"I write the last digits under each other: {a} and {b}.", f"{a} and {b}", _ALIGN, ok=False),
        WorkStep(f"{a} {SIGNS[item.op]} {b} = {total}.", str(total)),
        WorkStep(f"With {counted(places, 'decimal')} it is {answer}.", answer),
    ]
    return _end(item, answer, steps)


def _sides_apart(item: DecimalSum) -> Work | None:
    """Work on both sides of the point as on two whole numbers; after it, take the smaller from the larger."""
    (whole_a, after_a), (whole_b, after_b) = split(item.a), split(item.b)
    if not _longest(item):
        return None
    left, right = int(after_a or "0"), int(after_b or "0")
    if item.op == "-":
        left, right = max(left, right), min(left, right)
    sign = SIGNS[item.op]
    after = left + right if item.op == "+" else left - right
    before = whole_a + whole_b if item.op == "+" else whole_a - whole_b
    steps = [
        WorkStep(f"After the point: {left} {sign} {right} = {after}, I write {after}.", str(after), _ONE, ok=False),
        WorkStep(f"Before the point: {whole_a} {sign} {whole_b} = {before}.", str(before)),
    ]
    return _end(item, f"{before}.{after}", steps)


def draw(rng: Random) -> DecimalSum:
    """One or two decimals each, so that half of the items have numbers of unequal length."""
    a, b = (with_point(rng.randrange(11, 10 ** (places + 1)), places) for places in rng.choices((1, 2), k=2))
    op: Literal["+", "-"] = "+" if rng.random() < 0.5 else "-"
    if op == "-" and Fraction(a) < Fraction(b):
        a, b = b, a
    return DecimalSum(op=op, a=a, b=b)


DOMAIN = Domain(
    id="dec",
    title="Decimals",
    kinds=(Kind(DecimalSum, solve, draw), *decimal_forms.KINDS),
    skills=(
        Skill(
            "decimal_alignment",
            "Lining decimals up at the point",
            "Write decimals with their points under each other, so that tenths meet tenths. Fill the shorter one with "
            "zeros at its end, never at its front.",
        ),
        Skill(
            "decimal_as_one_number",
            "A decimal is one number",
            "Do not treat what stands after the point as a whole number of its own: it counts tenths, then hundredths. "
            "Work from the right, and carry or borrow across the point as between any other places.",
        ),
        *decimal_forms.SKILLS,
    ),
    rules=(
        Rule(
            name="right_aligns",
            kind=DecimalSum,
            procedure=unless_right(_right_aligned, solve),
            skill="decimal_alignment",
            title="Lines decimals up at their last digits",
            impasse="the numbers have unequally many decimals",
            prior=0.15,
        ),
        Rule(
            name="whole_and_decimal_separate",
            kind=DecimalSum,
            procedure=unless_right(_sides_apart, solve),
            skill="decimal_as_one_number",
            title="Works on both sides of the point as on two whole numbers",
            impasse="one is to be carried or borrowed across the point, or the decimals differ in number",
            prior=0.2,
        ),
        *decimal_forms.RULES,
    ),
)
