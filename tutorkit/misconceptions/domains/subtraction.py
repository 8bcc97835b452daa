"""Column subtraction, right and wrong.

The machinery is Brown and Burton's (1978): the right procedure with one part exchanged. Columns go from right to left;
where the upper digit is too small, a borrow changes digits further left and the upper digit gains ten. A rule exchanges
the borrow, or writes a column's digit without more ado, or stops early.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from pydantic import model_validator

from tutorkit.misconceptions.numbers import Natural
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep, digits, place_name
from tutorkit.types import Record


class Subtraction(Record):
    """a − b in columns, with a not smaller than b."""

    domain: Literal["sub"] = "sub"
    a: Natural
    b: Natural

    @model_validator(mode="after")
    def _not_negative(self) -> Subtraction:
        if self.a < self.b:
            raise ValueError("a is smaller than b")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a} − {self.b}"


Borrow = Callable[[list[int], int], None]
"""Change the upper digits left of a column that needs ten more."""

Shortcut = Callable[[int, int, bool], int | None]
"""From upper digit, lower digit and whether the lower is blank: the digit that is written without more ado, or None."""


def _borrow(top: list[int], column: int) -> None:
    """Turn zeros on the way into nines and take one from the first digit that is not zero."""
    left = column + 1
    while left < len(top) and top[left] == 0:
        top[left] = 9
        left += 1
    if left < len(top):
        top[left] -= 1


def _borrow_nothing(_top: list[int], _column: int) -> None:
    """Add ten and take it from nowhere."""


def _borrow_from_zero(top: list[int], column: int) -> None:
    """Turn a neighbouring zero into nine and go no further."""
    left = column + 1
    if left < len(top):
        top[left] = 9 if top[left] == 0 else top[left] - 1


def _borrow_across_zero(top: list[int], column: int) -> None:
    """Jump over zeros and leave them as they are."""
    left = column + 1
    while left < len(top) and top[left] == 0:
        left += 1
    if left < len(top):
        top[left] -= 1


def _borrow_unless_zero(top: list[int], column: int) -> None:
    """Give up on a neighbouring zero."""
    left = column + 1
    if left < len(top) and top[left] != 0:
        top[left] -= 1


def _borrow_from_leftmost(top: list[int], column: int) -> None:
    """Take one from the leftmost digit, wherever the column is."""
    if len(top) - 1 > column and top[-1] > 0:
        top[-1] -= 1


def _no_shortcut(_upper: int, _lower: int, _blank: bool) -> int | None:
    return None


def _smaller_from_larger(upper: int, lower: int, _blank: bool) -> int | None:
    return lower - upper if upper < lower else None


def _zero_for_borrow(upper: int, lower: int, _blank: bool) -> int | None:
    return 0 if upper < lower else None


def _copy_under_zero(upper: int, lower: int, _blank: bool) -> int | None:
    return lower if upper == 0 < lower else None


def _zero_under_zero(upper: int, lower: int, _blank: bool) -> int | None:
    return 0 if upper == 0 < lower else None


def _zero_over_zero(upper: int, lower: int, blank: bool) -> int | None:
    return 0 if lower == 0 < upper and not blank else None


@dataclass(frozen=True, kw_only=True)
class Columns:
    """A way to subtract in columns: the right one unless a part is exchanged, which shows a lack of ``skill``."""

    skill: str | None = None
    borrow: Borrow = _borrow
    shortcut: Shortcut = _no_shortcut
    stops_at_blank: bool = False

    def __call__(self, item: Subtraction) -> Work:
        """Subtract, and write the working down."""
        top, bottom = digits(item.a), digits(item.b)
        steps: list[WorkStep] = []
        written: list[int] = []
        for column in range(len(top)):
            if column >= len(bottom) and self.stops_at_blank:
                left = any(top[column:])
                steps.append(
                    WorkStep("There is nothing more below, so I stop here.", _number(written), self.skill, not left)
                )
                break
            if column >= len(bottom) and not any(top[column:]):
                break
            steps += self._column(top, bottom, column, written)
        answer = _number(written)
        return Work(answer, (*steps, WorkStep(f"So {item.text} = {answer}.", answer)))

    def _column(self, top: list[int], bottom: list[int], column: int, written: list[int]) -> list[WorkStep]:
        """Work one column off: return its steps, add its digit to ``written``, and let a borrow change ``top``."""
        place, upper = place_name(column).capitalize(), top[column]
        blank = column >= len(bottom)
        lower = 0 if blank else bottom[column]
        digit = self.shortcut(upper, lower, blank)
        if digit is not None:
            written.append(digit)
            return [WorkStep(f"{place}: {upper} and {lower}, I write {digit}.", str(digit), self.skill, ok=False)]
        steps = self._regroup(top, column, lower) if upper < lower else []
        digit = top[column] - lower
        written.append(digit)
        if blank:
            return [WorkStep(f"{place}: nothing below, I bring down {digit}.", str(digit), "bring_down")]
        skill = "subtract_from_zero" if upper == 0 < lower else "subtract_zero" if lower == 0 < upper else None
        return [*steps, WorkStep(f"{place}: {top[column]} − {lower} = {digit}.", str(digit), skill)]

    def _regroup(self, top: list[int], column: int, lower: int) -> list[WorkStep]:
        right, before = list(top), list(top)
        _borrow(right, column)
        self.borrow(top, column)
        ok = top == right
        across = column + 1 < len(top) and before[column + 1] == 0
        skill = ("borrow_across_zero" if across else "borrow") if ok else self.skill
        changes = [
            f"the {before[left]} in the {place_name(left)} becomes {top[left]}"
            for left in range(len(top) - 1, column, -1)
            if top[left] != before[left]
        ]
        upper = top[column]
        top[column] += 10
        told = " and ".join(changes) if changes else "nothing else changes"
        return [
            WorkStep(
                f"{place_name(column).capitalize()}: {upper} is less than {lower}, so I borrow.",
                str(upper + 10),
                "borrow",
            ),
            WorkStep(f"The {upper} becomes {upper + 10}, {told}.", " ".join(map(str, reversed(top))), skill, ok),
        ]


def _number(written: list[int]) -> str:
    return str(int("".join(map(str, reversed(written)))))


def _add_instead(item: Subtraction) -> Work:
    answer = str(item.a + item.b)
    text = f"I put the two together: {item.a} + {item.b} = {answer}."
    return Work(answer, (WorkStep(text, answer, "choose_operation", ok=item.b == 0),))


solve = Columns()


def draw(rng: Random) -> Subtraction:
    """Two to four digits; zeros above, zeros below, and lower numbers that are shorter all occur often."""
    while True:
        length = rng.choice((2, 3, 3, 4))
        a = _natural(rng, length)
        b = _natural(rng, rng.choice((length, length, length - 1)))
        if a > b >= 10:
            return Subtraction(a=a, b=b)


def _natural(rng: Random, length: int) -> int:
    return int(rng.choice("123456789") + "".join(rng.choice("000123456789") for _ in range(length - 1)))


DOMAIN = Domain(
    id="sub",
    title="Column subtraction",
    kinds=(Kind(Subtraction, solve, draw),),
    skills=(
        Skill(
            "borrow",
            "Subtraction with borrowing",
            "When the upper digit of a column is smaller than the lower one, do not swap them: take one from "
            "the next digit to the left, which becomes one less, and add ten to the upper digit before you "
            "subtract.",
        ),
        Skill(
            "borrow_across_zero",
            "Borrowing across a zero",
            "When you need to borrow and the next digit is a zero, go on to the left to the first digit that is "
            "not zero and make it one less. Turn every zero that you passed into a nine, and only then add ten "
            "to the digit that needed it.",
        ),
        Skill(
            "subtract_from_zero",
            "Subtracting from a zero",
            "When the upper digit is zero and the lower one is not, borrow first, so that the zero becomes a "
            "ten, and then subtract. Do not copy the lower digit, and do not write a zero.",
        ),
        Skill(
            "subtract_zero",
            "Subtracting zero",
            "Taking away zero changes nothing: when the lower digit is zero, write the upper digit as it stands.",
        ),
        Skill(
            "bring_down",
            "Bringing down the remaining digits",
            "When the lower number has no digits left, go on to the left and write down every remaining digit "
            "of the upper number, less what was borrowed from it.",
        ),
        Skill(
            "choose_operation",
            "Choosing the operation",
            "Read the sign before you calculate and do the operation that it names. A minus takes away, so the "
            "result is never larger than the number you started from.",
        ),
    ),
    rules=(
        Rule(
            name="smaller_from_larger",
            kind=Subtraction,
            procedure=Columns(skill="borrow", shortcut=_smaller_from_larger),
            skill="borrow",
            title="Takes the smaller digit from the larger in every column",
            impasse="the upper digit is smaller than the lower",
            prior=0.28,
        ),
        Rule(
            name="borrow_no_decrement",
            kind=Subtraction,
            procedure=Columns(skill="borrow", borrow=_borrow_nothing),
            skill="borrow",
            title="Adds ten without taking it from anywhere",
            impasse="the upper digit is smaller than the lower",
            prior=0.15,
        ),
        Rule(
            name="borrow_from_zero",
            kind=Subtraction,
            procedure=Columns(skill="borrow_across_zero", borrow=_borrow_from_zero),
            skill="borrow_across_zero",
            title="Turns the zero into nine and borrows no further",
            impasse="the digit to borrow from is a zero",
            prior=0.1,
        ),
        Rule(
            name="borrow_across_zero",
            kind=Subtraction,
            procedure=Columns(skill="borrow_across_zero", borrow=_borrow_across_zero),
            skill="borrow_across_zero",
            title="Borrows past the zero and leaves it a zero",
            impasse="the digit to borrow from is a zero",
            prior=0.18,
        ),
        Rule(
            name="stops_borrow_at_zero",
            kind=Subtraction,
            procedure=Columns(skill="borrow_across_zero", borrow=_borrow_unless_zero),
            skill="borrow_across_zero",
            title="Borrows from nowhere when next to a zero",
            impasse="the digit to borrow from is a zero",
            prior=0.08,
        ),
        Rule(
            name="zero_minus_n_is_n",
            kind=Subtraction,
            procedure=Columns(skill="subtract_from_zero", shortcut=_copy_under_zero),
            skill="subtract_from_zero",
            title="Copies the lower digit under a zero",
            impasse="zero minus a digit",
            prior=0.12,
        ),
        Rule(
            name="zero_minus_n_is_zero",
            kind=Subtraction,
            procedure=Columns(skill="subtract_from_zero", shortcut=_zero_under_zero),
            skill="subtract_from_zero",
            title="Writes zero under a zero",
            impasse="zero minus a digit",
            prior=0.06,
        ),
        Rule(
            name="n_minus_zero_is_zero",
            kind=Subtraction,
            procedure=Columns(skill="subtract_zero", shortcut=_zero_over_zero),
            skill="subtract_zero",
            title="Thinks that a digit minus zero is zero",
            impasse="a digit minus zero",
            prior=0.05,
        ),
        Rule(
            name="borrow_from_leftmost",
            kind=Subtraction,
            procedure=Columns(skill="borrow", borrow=_borrow_from_leftmost),
            skill="borrow",
            title="Always borrows from the leftmost digit",
            impasse="the upper digit is smaller than the lower",
            prior=0.04,
        ),
        Rule(
            name="zero_instead_of_borrow",
            kind=Subtraction,
            procedure=Columns(skill="borrow", shortcut=_zero_for_borrow),
            skill="borrow",
            title="Writes zero where a borrow is needed",
            impasse="the upper digit is smaller than the lower",
            prior=0.05,
        ),
        Rule(
            name="quit_when_bottom_blank",
            kind=Subtraction,
            procedure=Columns(skill="bring_down", stops_at_blank=True),
            skill="bring_down",
            title="Stops when the lower number ends",
            impasse="nothing below a digit",
            prior=0.04,
        ),
        Rule(
            name="adds_instead",
            kind=Subtraction,
            procedure=_add_instead,
            skill="choose_operation",
            title="Adds where a minus stands",
            impasse="a subtraction is asked for",
            prior=0.05,
        ),
    ),
)
