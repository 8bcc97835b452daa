"""Products of decimals, powers of ten as factors, and which decimal is larger, right and wrong."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any, Literal

from pydantic import model_validator

from tutorkit.misconceptions.domains.decimal_notation import (
    Decimal,
    counted,
    split,
    unless_right,
    with_places,
    with_point,
    without_point,
)
from tutorkit.misconceptions.vocabulary import Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep
from tutorkit.types import Record


class DecimalProduct(Record):
    """a × b."""

    domain: Literal["dec"] = "dec"
    kind: Literal["product"] = "product"
    a: Decimal
    b: Decimal

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a} × {self.b}"


class TimesPowerOfTen(Record):
    """a × b, where b is a power of ten."""

    domain: Literal["dec"] = "dec"
    kind: Literal["times_ten"] = "times_ten"
    a: Decimal
    b: Literal[10, 100, 1000]

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a} × {self.b}"


class DecimalComparison(Record):
    """The larger of a and b, which are not equal; the answer is that number as it is written in the item."""

    domain: Literal["dec"] = "dec"
    kind: Literal["comparison"] = "comparison"
    a: Decimal
    b: Decimal

    @model_validator(mode="after")
    def _are_not_equal(self) -> DecimalComparison:
        if Fraction(self.a) == Fraction(self.b):
            raise ValueError("the numbers are equal")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"the larger of {self.a} and {self.b}"


_PLACES, _TEN, _SIZE = "decimals_of_a_product", "times_power_of_ten", "decimal_size"


def _end(item: DecimalProduct | TimesPowerOfTen, answer: str, steps: list[WorkStep]) -> Work:
    return Work(answer, (*steps, WorkStep(f"So {item.text} = {answer}.", answer)))


def _product(item: DecimalProduct, places: int, told: str) -> Work:
    """Multiply without the points, and give the product its decimals."""
    a, b = without_point(item.a), without_point(item.b)
    count = len(split(item.a)[1]) + len(split(item.b)[1])
    answer = with_point(a * b, places)
    steps = [
        WorkStep(f"Without the points: {a} × {b} = {a * b}.", str(a * b)),
        WorkStep(f"{told}, so it is {answer}.", answer, _PLACES, ok=places == count),
    ]
    return _end(item, answer, steps if count else [])


def solve_product(item: DecimalProduct) -> Work:
    """Give the product as many decimals as both factors have together."""
    first, second = len(split(item.a)[1]), len(split(item.b)[1])
    return _product(item, first + second, f"Decimals: {first} + {second} = {first + second}")


def _keeps_places(item: DecimalProduct) -> Work:
    places = max(len(split(item.a)[1]), len(split(item.b)[1]))
    return _product(item, places, f"The product has {counted(places, 'decimal')}, like the longer factor")


def solve_times_ten(item: TimesPowerOfTen) -> Work:
    """Move the point to the right, or write zeros at the end of a whole number."""
    _, decimals = split(item.a)
    zeros = len(str(item.b)) - 1
    if not decimals:
        answer = str(int(item.a) * item.b)
        return _end(item, answer, [WorkStep(f"I write {counted(zeros, 'zero')} at the end: {answer}.", answer)])
    left = max(0, len(decimals) - zeros)
    answer = with_point(without_point(item.a) * 10 ** (zeros - len(decimals) + left), left)
    text = f"I move the point {counted(zeros, 'place')} to the right: {answer}."
    return _end(item, answer, [WorkStep(text, answer, _TEN)])


def _appends_zeros(item: TimesPowerOfTen) -> Work | None:
    """Write zeros at the end of a decimal, whose value that leaves as it was."""
    if "." not in item.a:
        return None
    zeros = len(str(item.b)) - 1
    answer = item.a + "0" * zeros
    text = f"I write {counted(zeros, 'zero')} at the end: {answer}."
    return _end(item, answer, [WorkStep(text, answer, _TEN, ok=False)])


def _larger(item: DecimalComparison, steps: list[WorkStep], *, first: bool, skill: str | None) -> Work:
    answer, other = (item.a, item.b) if first else (item.b, item.a)
    ok = first == (Fraction(item.a) > Fraction(item.b))
    return Work(answer, (*steps, WorkStep(f"So {answer} is larger than {other}.", answer, skill, ok)))


def solve_comparison(item: DecimalComparison) -> Work:
    """Compare what stands before the point, and if that is the same, equally many decimals."""
    (whole_a, after_a), (whole_b, after_b) = split(item.a), split(item.b)
    first = Fraction(item.a) > Fraction(item.b)
    if whole_a != whole_b:
        larger, smaller = max(whole_a, whole_b), min(whole_a, whole_b)
        step = WorkStep(f"Before the point {larger} is larger than {smaller}.", str(larger))
        return _larger(item, [step], first=first, skill=None)
    places = max(len(after_a), len(after_b))
    skill = _SIZE if len(after_a) != len(after_b) else None
    both = [with_places(number, places) for number in (item.a, item.b)]
    text = f"With equally many decimals they are {both[0]} and {both[1]}."
    return _larger(item, [WorkStep(text, " and ".join(both), skill)] if skill else [], first=first, skill=skill)


def _longer_is_larger(item: DecimalComparison) -> Work | None:
    """Compare what stands after the point as whole numbers."""
    (whole_a, after_a), (whole_b, after_b) = split(item.a), split(item.b)
    left, right = int(after_a or "0"), int(after_b or "0")
    if whole_a != whole_b or left == right:
        return None
    step = WorkStep(f"After the point {max(left, right)} is larger than {min(left, right)}.", str(max(left, right)))
    return _larger(item, [step], first=left > right, skill=_SIZE)


def _shorter_is_larger(item: DecimalComparison) -> Work | None:
    """Take the number with fewer decimals for the larger one, since its parts are larger."""
    (whole_a, after_a), (whole_b, after_b) = split(item.a), split(item.b)
    if whole_a != whole_b or len(after_a) == len(after_b):
        return None
    first = len(after_a) < len(after_b)
    shorter, longer = (item.a, item.b) if first else (item.b, item.a)
    step = WorkStep(f"{shorter} has fewer decimals than {longer}.", shorter)
    return _larger(item, [step], first=first, skill=_SIZE)


def draw_product(rng: Random) -> DecimalProduct:
    """One or two digits with one or two decimals each; in one of four items a factor is a whole number."""
    places = rng.choice(((1, 1), (1, 2), (2, 1), (0, 1)))
    a, b = (with_point(rng.randrange(2, 10 if rng.random() < 0.5 else 100), count) for count in places)
    return DecimalProduct(a=a, b=b)


def draw_times_ten(rng: Random) -> TimesPowerOfTen:
    """One to three decimals; a whole number in one of six items."""
    places = rng.choice((0, 1, 1, 2, 2, 3))
    b: Literal[10, 100, 1000] = rng.choice((10, 10, 100, 1000))
    return TimesPowerOfTen(a=with_point(rng.randrange(11, 1000), places), b=b)


def draw_comparison(rng: Random) -> DecimalComparison:
    """Numbers that are the same before the point; in four of five items one has more decimals than the other."""
    whole = rng.choice((0, 0, 1, rng.randrange(2, 10)))
    while True:
        places = rng.choice(((1, 2), (2, 1), (2, 3), (3, 1), (2, 2)))
        a, b = (f"{whole}.{rng.randrange(1, 10**count):0{count}d}" for count in places)
        if Fraction(a) != Fraction(b):
            return DecimalComparison(a=a, b=b)


KINDS: tuple[Kind[Any], ...] = (
    Kind(DecimalProduct, solve_product, draw_product),
    Kind(TimesPowerOfTen, solve_times_ten, draw_times_ten),
    Kind(DecimalComparison, solve_comparison, draw_comparison),
)

SKILLS: tuple[Skill, ...] = (
    Skill(
        "decimals_of_a_product",
        "Where the point goes in a product",
        "Multiply as if there were no points. Then count the decimals of both factors together, and give the product "
        "as many, with zeros in front if its digits do not suffice.",
    ),
    Skill(
        "times_power_of_ten",
        "Decimals times ten, a hundred or a thousand",
        "To multiply a decimal by a power of ten, move the point to the right by as many places as there are zeros. A "
        "zero written at the end of a decimal leaves its value as it was.",
    ),
    Skill(
        "decimal_size",
        "Which decimal is larger",
        "Compare decimals place by place from the left. Write zeros at the end of the shorter one until both have "
        "equally many decimals: neither more decimals nor fewer make a number larger.",
    ),
)

RULES: tuple[Rule[Any], ...] = (
    Rule(
        name="longer_is_larger",
        kind=DecimalComparison,
        procedure=_longer_is_larger,
        skill="decimal_size",
        title="Takes the decimal with the larger number after the point for the larger one",
        impasse="two numbers differ in how many decimals they have",
        prior=0.3,
    ),
    Rule(
        name="shorter_is_larger",
        kind=DecimalComparison,
        procedure=_shorter_is_larger,
        skill="decimal_size",
        title="Takes the decimal with fewer digits after the point for the larger one",
        impasse="two numbers differ in how many decimals they have",
        prior=0.1,
    ),
    Rule(
        name="mul_keeps_max_places",
        kind=DecimalProduct,
        procedure=unless_right(_keeps_places, solve_product),
        skill="decimals_of_a_product",
        title="Gives a product as many decimals as the longer factor",
        impasse="both factors have decimals",
        prior=0.15,
    ),
    Rule(
        name="times_ten_appends_zero",
        kind=TimesPowerOfTen,
        procedure=unless_right(_appends_zeros, solve_times_ten),
        skill="times_power_of_ten",
        title="Multiplies a decimal by ten by writing a zero at its end",
        impasse="a decimal is to be multiplied by a power of ten",
        prior=0.15,
    ),
)
