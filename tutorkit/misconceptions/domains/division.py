"""Division without remainder, right and wrong: what is written where the divisor does not go into a number."""

from __future__ import annotations

from random import Random
from typing import Literal

from pydantic import model_validator

from tutorkit.misconceptions.numbers import Natural, Positive
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep
from tutorkit.types import Record


class Division(Record):
    """a ÷ b, with a a multiple of b."""

    domain: Literal["div"] = "div"
    a: Natural
    b: Positive

    @model_validator(mode="after")
    def _leaves_nothing(self) -> Division:
        if self.a % self.b:
            raise ValueError("the division leaves a remainder")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a} ÷ {self.b}"


_DIVIDE, _ZERO = "short_division", "zero_in_quotient"


def _end(item: Division, written: str, steps: list[WorkStep]) -> Work:
    answer = str(int(written or "0"))
    return Work(answer, (*steps, WorkStep(f"So {item.text} = {answer}.", answer)))


def _goes(divisor: int, number: int) -> str:
    times = number // divisor
    return f"{divisor} into {number} goes {'once' if times == 1 else f'{times} times'}"


def _digit_by_digit(item: Division, *, writes_zeros: bool) -> Work:
    """Divide from the left, each remainder being taken along with the next digit; zeros are written or left out."""
    steps: list[WorkStep] = []
    written, remainder = "", 0
    for place, digit in enumerate(str(item.a), start=1):
        joined = _DIVIDE if remainder else None
        number = 10 * remainder + int(digit)
        times, remainder = divmod(number, item.b)
        left = f", {remainder} left" if remainder else ""
        if times or not item.a:
            written += str(times)
            steps.append(WorkStep(f"{_goes(item.b, number)}, I write {times}{left}.", str(times), joined))
        elif written:
            zero = "0" if writes_zeros else ""
            written += zero
            text = f"{item.b} does not go into {number}, I write {zero or 'nothing'}{left}."
            steps.append(WorkStep(text, zero or written, _ZERO, writes_zeros))
        else:
            text = f"{item.b} does not go into {number}, so I take {str(item.a)[: place + 1]}."
            steps.append(WorkStep(text, str(item.a)[: place + 1], _DIVIDE))
    return _end(item, written, steps)


def solve(item: Division) -> Work:
    """Work the item out rightly."""
    return _digit_by_digit(item, writes_zeros=True)


def _omits_zeros(item: Division) -> Work:
    return _digit_by_digit(item, writes_zeros=False)


def _digit_alone(item: Division) -> Work:
    """Divide within each digit by itself, the smaller number into the larger, and forget what is left."""
    steps: list[WorkStep] = []
    written, forgotten = "", 0
    for digit in map(int, str(item.a)):
        turned = 0 < digit < item.b
        larger, smaller = (item.b, digit) if turned else (digit, item.b)
        times = larger // smaller
        written += str(times)
        text = f"{_goes(smaller, larger)}, I write {times}." if times else f"0 ÷ {item.b} = 0, I write 0."
        steps.append(WorkStep(text, str(times), _DIVIDE, ok=not turned and not forgotten))
        forgotten = larger % smaller
    return _end(item, written, steps)


def draw(rng: Random) -> Division:
    """A divisor of one digit; two of five quotients have a zero, within or at the end."""
    divisor = rng.randrange(2, 10)
    first, second = rng.randrange(1, 10), rng.randrange(1, 10)
    quotient = rng.choice((first * 10, first * 100 + second, second, first * 10 + second, first * 100 + second * 11))
    return Division(a=divisor * quotient, b=divisor)


DOMAIN = Domain(
    id="div",
    title="Division",
    kinds=(Kind(Division, solve, draw),),
    skills=(
        Skill(
            "zero_in_quotient",
            "Zeros in a quotient",
            "Once the quotient has begun, write one digit in it for every further digit of the number that you divide. "
            "Where the divisor does not go, write a zero before you take the next digit along.",
        ),
        Skill(
            "short_division",
            "Dividing from the left",
            "Ask how often the divisor goes into the number, never the other way round. When it does not go, or leaves "
            "a remainder, take the next digit along and divide the two together.",
        ),
    ),
    rules=(
        Rule(
            name="omits_zero_in_quotient",
            kind=Division,
            procedure=_omits_zeros,
            skill="zero_in_quotient",
            title="Leaves zeros in the quotient out",
            impasse="the divisor does not go into the next digit",
            prior=0.2,
        ),
        Rule(
            name="digitwise_smaller_into_larger",
            kind=Division,
            procedure=_digit_alone,
            skill="short_division",
            title="Divides each digit by itself, the smaller number into the larger",
            impasse="a digit is smaller than the divisor or leaves a remainder",
            # Plausible, and rarely documented.
            prior=0.02,
        ),
    ),
)
