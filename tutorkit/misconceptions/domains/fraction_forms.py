"""What fractions are, right and wrong: their size, their other forms, and a whole number times one."""

from __future__ import annotations

from math import lcm
from random import Random
from typing import Any, Literal

from pydantic import model_validator

from tutorkit.misconceptions.numbers import Natural, Positive
from tutorkit.misconceptions.vocabulary import Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep
from tutorkit.types import Record


class WholeTimesFraction(Record):
    """n × a/b."""

    domain: Literal["frac"] = "frac"
    kind: Literal["whole_times"] = "whole_times"
    n: Natural
    a: Natural
    b: Positive

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.n} × {self.a}/{self.b}"


class MixedNumber(Record):
    """w n/d, to be written as one fraction; n/d is a proper fraction."""

    domain: Literal["frac"] = "frac"
    kind: Literal["mixed"] = "mixed"
    w: Positive
    n: Positive
    d: Positive

    @model_validator(mode="after")
    def _is_proper(self) -> MixedNumber:
        if self.n >= self.d:
            raise ValueError("the fraction is not smaller than one")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.w} {self.n}/{self.d} as an improper fraction"


class EquivalentFraction(Record):
    """a/b = ?/d, where one of the denominators is a multiple of the other; the answer is what stands for the ``?``."""

    domain: Literal["frac"] = "frac"
    kind: Literal["equivalent"] = "equivalent"
    a: Natural
    b: Positive
    d: Positive

    @model_validator(mode="after")
    def _has_a_whole_numerator(self) -> EquivalentFraction:
        if max(self.b, self.d) % min(self.b, self.d):
            raise ValueError("neither denominator is a multiple of the other")
        if self.a * self.d % self.b:
            raise ValueError("no whole numerator makes the fractions equal")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"the missing numerator in {self.a}/{self.b} = ?/{self.d}"


class FractionComparison(Record):
    """The larger of a/b and c/d, which are not equal; the answer is that fraction as it is written in the item."""

    domain: Literal["frac"] = "frac"
    kind: Literal["comparison"] = "comparison"
    a: Natural
    b: Positive
    c: Natural
    d: Positive

    @model_validator(mode="after")
    def _are_not_equal(self) -> FractionComparison:
        if self.a * self.d == self.c * self.b:
            raise ValueError("the fractions are equal")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"the larger of {self.a}/{self.b} and {self.c}/{self.d}"


_WHOLE, _MIXED, _EQUAL, _SIZE = "whole_times_fraction", "mixed_number", "equivalent_fractions", "fraction_size"


def _whole_times(item: WholeTimesFraction, by: int) -> Work:
    """Multiply the numerator by n, and the denominator by a number that is rightly one."""
    top, bottom = item.n * item.a, item.b * by
    kept = f"The denominator stays {bottom}." if by == 1 else f"Denominator: {by} × {item.b} = {bottom}."
    answer = f"{top}/{bottom}"
    steps = (
        WorkStep(f"Numerator: {item.n} × {item.a} = {top}.", str(top), _WHOLE),
        WorkStep(kept, str(bottom), _WHOLE, ok=by == 1),
        WorkStep(f"So {item.text} = {answer}.", answer),
    )
    return Work(answer, steps)


def solve_whole_times(item: WholeTimesFraction) -> Work:
    """Multiply the numerator alone."""
    return _whole_times(item, 1)


def _times_both(item: WholeTimesFraction) -> Work | None:
    return _whole_times(item, item.n) if item.n else None


def _improper(item: MixedNumber, steps: list[WorkStep], top: int) -> Work:
    answer = f"{top}/{item.d}"
    return Work(answer, (*steps, WorkStep(f"So {item.w} {item.n}/{item.d} = {answer}.", answer)))


def _whole_as_parts(item: MixedNumber, by: int, added: int) -> Work:
    """Multiply the whole number by one of the fraction's numbers and add the other."""
    product = item.w * by
    top = product + added
    steps = [
        WorkStep(f"{item.w} × {by} = {product}.", str(product), _MIXED, ok=product == item.w * item.d),
        WorkStep(f"{product} + {added} = {top}.", str(top), _MIXED),
    ]
    return _improper(item, steps, top)


def solve_mixed(item: MixedNumber) -> Work:
    """Turn the whole number into parts and add the numerator."""
    return _whole_as_parts(item, item.d, item.n)


def _swaps_roles(item: MixedNumber) -> Work:
    return _whole_as_parts(item, item.n, item.d)


def _adds_whole(item: MixedNumber) -> Work:
    top = item.w + item.n
    return _improper(item, [WorkStep(f"{item.w} + {item.n} = {top}.", str(top), _MIXED, ok=False)], top)


def _raised(item: EquivalentFraction, steps: list[WorkStep], top: int) -> Work:
    text = f"So {item.a}/{item.b} = {top}/{item.d}, and the missing number is {top}."
    return Work(str(top), (*steps, WorkStep(text, str(top))))


def solve_equivalent(item: EquivalentFraction) -> Work:
    """Do to the numerator what was done to the denominator."""
    top = item.a * item.d // item.b
    sign, factor = ("×", item.d // item.b) if item.d >= item.b else ("÷", item.b // item.d)
    steps = [
        WorkStep(f"{item.b} {sign} {factor} = {item.d}.", str(factor), _EQUAL),
        WorkStep(f"{item.a} {sign} {factor} = {top}.", str(top), _EQUAL),
    ]
    return _raised(item, steps, top)


def _adds_the_difference(item: EquivalentFraction) -> Work | None:
    """Add to the numerator what was added to the denominator; a pupil whom that leads below zero goes back."""
    difference = item.d - item.b
    top = item.a + difference
    if top < 0:
        return None
    sign = "−" if difference < 0 else "+"
    ok = top * item.b == item.a * item.d
    steps = [
        WorkStep(f"{item.b} {sign} {abs(difference)} = {item.d}.", str(abs(difference)), _EQUAL),
        WorkStep(f"{item.a} {sign} {abs(difference)} = {top}.", str(top), _EQUAL, ok),
    ]
    return _raised(item, steps, top)


def _larger(item: FractionComparison, steps: list[WorkStep], *, first: bool) -> Work:
    fractions = f"{item.a}/{item.b}", f"{item.c}/{item.d}"
    answer, other = fractions if first else fractions[::-1]
    ok = first == (item.a * item.d > item.c * item.b)
    return Work(answer, (*steps, WorkStep(f"So {answer} is larger than {other}.", answer, _SIZE, ok)))


def solve_comparison(item: FractionComparison) -> Work:
    """Compare over the least common denominator."""
    common = lcm(item.b, item.d)
    left, right = item.a * common // item.b, item.c * common // item.d
    steps = []
    if item.b != item.d:
        shown = f"{left}/{common} and {right}/{common}"
        steps.append(WorkStep(f"{item.a}/{item.b} and {item.c}/{item.d} are {shown}.", shown, _SIZE))
    steps.append(WorkStep(f"{max(left, right)} is larger than {min(left, right)}.", str(max(left, right))))
    return _larger(item, steps, first=left > right)


def _bigger_denominator(item: FractionComparison) -> Work | None:
    if item.b == item.d:
        return None
    larger, smaller = max(item.b, item.d), min(item.b, item.d)
    step = WorkStep(f"The denominator {larger} is larger than {smaller}.", str(larger))
    return _larger(item, [step], first=item.b > item.d)


def draw_whole_times(rng: Random) -> WholeTimesFraction:
    """A proper fraction, taken two to twelve times."""
    b = rng.randrange(2, 13)
    return WholeTimesFraction(n=rng.randrange(2, 13), a=rng.randrange(1, b), b=b)


def draw_mixed(rng: Random) -> MixedNumber:
    """From two wholes on, since with one whole the order of the numbers does not matter."""
    d = rng.randrange(2, 13)
    return MixedNumber(w=rng.randrange(2, 10), n=rng.randrange(1, d), d=d)


def draw_equivalent(rng: Random) -> EquivalentFraction:
    """A proper fraction that is expanded, or in one of four items reduced."""
    b, factor = rng.randrange(2, 11), rng.randrange(2, 8)
    a = rng.randrange(1, b)
    if rng.random() < 0.25:
        return EquivalentFraction(a=a * factor, b=b * factor, d=b)
    return EquivalentFraction(a=a, b=b, d=b * factor)


def draw_comparison(rng: Random) -> FractionComparison:
    """Proper fractions of unequal size; in one of two items they have the same numerator."""
    while True:
        b, d = rng.sample(range(2, 13), 2)
        a = rng.randrange(1, b)
        c = a if rng.random() < 0.5 else rng.randrange(1, d)
        if c < d and a * d != c * b:
            return FractionComparison(a=a, b=b, c=c, d=d)


KINDS: tuple[Kind[Any], ...] = (
    Kind(WholeTimesFraction, solve_whole_times, draw_whole_times),
    Kind(MixedNumber, solve_mixed, draw_mixed),
    Kind(EquivalentFraction, solve_equivalent, draw_equivalent),
    Kind(FractionComparison, solve_comparison, draw_comparison),
)

SKILLS: tuple[Skill, ...] = (
    Skill(
        "whole_times_fraction",
        "A whole number times a fraction",
        "To take a fraction several times, multiply only its numerator by the whole number: there are more parts, and "
        "each is as large as before. The denominator stays.",
    ),
    Skill(
        "mixed_number",
        "Mixed numbers as fractions",
        "Multiply the whole number by the denominator, since each whole has as many parts as the denominator says, and "
        "add the numerator. The denominator stays.",
    ),
    Skill(
        "equivalent_fractions",
        "Equal fractions",
        "Multiply or divide numerator and denominator by the same number. To add the same number to both changes what "
        "the fraction is worth.",
    ),
    Skill(
        "fraction_size",
        "Which fraction is larger",
        "Rewrite both fractions over a common denominator and compare the numerators. The more parts a whole is cut "
        "into, the smaller each part is, so a larger denominator alone does not make a fraction larger.",
    ),
)

RULES: tuple[Rule[Any], ...] = (
    Rule(
        name="whole_times_both",
        kind=WholeTimesFraction,
        procedure=_times_both,
        skill="whole_times_fraction",
        title="Multiplies numerator and denominator by the whole number",
        impasse="a whole number is to be multiplied by a fraction",
        prior=0.2,
    ),
    Rule(
        name="mixed_swaps_roles",
        kind=MixedNumber,
        procedure=_swaps_roles,
        skill="mixed_number",
        title="Multiplies the whole number by the numerator and adds the denominator",
        impasse="a mixed number is to be written as a fraction",
        prior=0.08,
    ),
    Rule(
        name="mixed_adds_whole",
        kind=MixedNumber,
        procedure=_adds_whole,
        skill="mixed_number",
        title="Adds the whole number to the numerator",
        impasse="a mixed number is to be written as a fraction",
        prior=0.1,
    ),
    Rule(
        name="equiv_additive",
        kind=EquivalentFraction,
        procedure=_adds_the_difference,
        skill="equivalent_fractions",
        title="Adds the same number to numerator and denominator",
        impasse="a fraction is to be given another denominator",
        prior=0.2,
    ),
    Rule(
        name="bigger_den_is_bigger",
        kind=FractionComparison,
        procedure=_bigger_denominator,
        skill="fraction_size",
        title="Takes the fraction with the larger denominator for the larger one",
        impasse="fractions of different denominators are to be compared",
        prior=0.25,
    ),
)
