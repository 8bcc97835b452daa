"""Negative numbers, right and wrong: double negation, and sums, differences and products of signed numbers."""

from __future__ import annotations

from random import Random
from typing import Annotated, Literal

from pydantic import Field

from tutorkit.misconceptions.numbers import SIGNS, Positive
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep, typeset
from tutorkit.types import Record


class Negation(Record):
    """−(−a)."""

    domain: Literal["neg"] = "neg"
    a: Positive

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"−(−{self.a})"


Signed = Annotated[int, Field(strict=True, gt=-(10**12), lt=10**12)]


class SignedOperation(Record):
    """a + b, a − b or a × b, where both numbers may be negative."""

    domain: Literal["neg"] = "neg"
    kind: Literal["operation"] = "operation"
    op: Literal["+", "-", "*"]
    a: Signed
    b: Signed

    @property
    def text(self) -> str:
        """The item as it is written."""
        second = f"(−{-self.b})" if self.b < 0 else str(self.b)
        return f"{typeset(str(self.a))} {SIGNS[self.op]} {second}"


_ADD, _MIXED, _SUBTRACT = "add_negatives", "add_mixed_signs", "subtract_negative"
_MULTIPLY, _BELOW = "multiply_negatives", "subtract_larger"


def solve(item: Negation) -> Work:
    """Work the item out rightly."""
    answer = str(item.a)
    return Work(answer, (WorkStep(f"The two minus signs cancel: {item.text} = {item.a}.", answer, "sign"),))


def _stays_negative(item: Negation) -> Work:
    """Read two minus signs as one.

    This rule is tutorkit's own: the published lists have only its relatives in sums and products.
    """
    answer = f"-{item.a}"
    return Work(answer, (WorkStep(f"There is a minus, so {item.text} = −{item.a}.", answer, "sign", ok=False),))


def _step(text: str, result: int, skill: str | None = None, *, ok: bool = True) -> WorkStep:
    return WorkStep(typeset(text), str(result), skill, ok)


def _end(item: SignedOperation, answer: int, steps: list[WorkStep]) -> Work:
    return Work(str(answer), (*steps, _step(f"So {item.text} = {answer}.", answer)))


def solve_operation(item: SignedOperation) -> Work:
    """Work with the sizes of the numbers, and decide the sign by itself."""
    if item.op == "*":
        return _end(item, item.a * item.b, _product_steps(item))
    if item.op == "+":
        return _end(item, item.a + item.b, _sum_steps(item.a, item.b))
    if item.b < 0:
        turned = SignedOperation(op="+", a=item.a, b=-item.b)
        text = f"To take away {item.b} is to add {-item.b}: {turned.text}."
        steps = [_step(text, -item.b, _SUBTRACT), *_sum_steps(item.a, -item.b)]
        return _end(item, item.a - item.b, steps)
    return _end(item, item.a - item.b, _fall_steps(item.a, item.b))


def _product_steps(item: SignedOperation) -> list[WorkStep]:
    size = abs(item.a * item.b)
    steps = [_step(f"{abs(item.a)} × {abs(item.b)} = {size}.", size)]
    if item.a < 0 and item.b < 0:
        steps.append(_step("Both factors are negative, so the product is positive.", size, _MULTIPLY))
    elif item.a * item.b < 0:
        steps.append(_step("One factor is negative, so the product is negative.", -size))
    return steps


def _sum_steps(a: int, b: int) -> list[WorkStep]:
    if a < 0 and b < 0:
        size = -a - b
        return [
            _step(f"Both numbers are negative: {-a} + {-b} = {size}.", size),
            _step(f"I go down twice, so it is {-size}.", -size, _ADD),
        ]
    if a * b < 0:
        larger, smaller = max(abs(a), abs(b)), min(abs(a), abs(b))
        text = f"The signs are different, so the smaller size is taken away: {larger} − {smaller} = {larger - smaller}."
        return [_step(text, larger - smaller, _MIXED)]
    return [_step(f"{a} + {b} = {a + b}.", a + b)]


def _fall_steps(a: int, b: int) -> list[WorkStep]:
    """Take a number that is not negative away."""
    if 0 <= a < b:
        return [
            _step(f"{b} is more than {a}, so the result is below zero.", a, _BELOW),
            _step(f"{b} − {a} = {b - a}, so it is {a - b}.", a - b),
        ]
    return [_step(f"From {a} I go down by {b}: {a - b}.", a - b)]


def _negatives_make_a_positive(item: SignedOperation) -> Work | None:
    if item.op != "+" or item.a >= 0 or item.b >= 0:
        return None
    size = -item.a - item.b
    return _end(
        item,
        size,
        [
            _step(f"{-item.a} + {-item.b} = {size}.", size),
            _step("Two minuses make a plus, so it is positive.", size, _ADD, ok=False),
        ],
    )


def _minuses_become_one(item: SignedOperation) -> Work | None:
    if item.op != "-" or item.b >= 0:
        return None
    turned = SignedOperation(op="-", a=item.a, b=-item.b)
    text = f"The two minus signs come to one: {turned.text}."
    return _end(item, item.a + item.b, [_step(text, item.b, _SUBTRACT, ok=False), *_fall_steps(item.a, -item.b)])


def _adds_sizes(item: SignedOperation) -> Work | None:
    if item.op != "+" or item.a * item.b >= 0:
        return None
    size = abs(item.a) + abs(item.b)
    leading = item.a if abs(item.a) >= abs(item.b) else item.b
    answer = size if leading > 0 else -size
    sign = "plus" if leading > 0 else "minus"
    return _end(
        item,
        answer,
        [
            _step(f"{abs(item.a)} + {abs(item.b)} = {size}.", size, _MIXED, ok=False),
            _step(f"The larger number has a {sign}, so it is {answer}.", answer),
        ],
    )


def _product_stays_negative(item: SignedOperation) -> Work | None:
    if item.op != "*" or item.a >= 0 or item.b >= 0:
        return None
    size = item.a * item.b
    return _end(
        item,
        -size,
        [
            _step(f"{-item.a} × {-item.b} = {size}.", size),
            _step("The factors are negative, so the product is negative.", -size, _MULTIPLY, ok=False),
        ],
    )


def _smaller_from_larger(item: SignedOperation) -> Work | None:
    if item.op != "-" or not 0 <= item.a < item.b:
        return None
    difference = item.b - item.a
    text = f"I take the smaller number from the larger one: {item.b} − {item.a} = {difference}."
    return _end(item, difference, [_step(text, difference, _BELOW, ok=False)])


def draw(rng: Random) -> Negation:
    """A number of one or two digits."""
    return Negation(a=rng.randrange(1, 100))


_SHAPES: tuple[tuple[Literal["+", "-", "*"], int, int], ...] = (
    *(("+", -1, -1), ("+", -1, 1), ("+", 1, -1)),
    *(("-", 1, -1), ("-", -1, -1), ("-", 1, 1)),
    *(("*", -1, -1), ("*", -1, 1)),
)
"""Operations with the signs of their numbers, all of them equally probable."""


def draw_operation(rng: Random) -> SignedOperation:
    """Sizes of one or two digits, of one digit in products; a difference of two positive numbers is negative."""
    op, *signs = rng.choice(_SHAPES)
    most = 13 if op == "*" else rng.choice((13, 13, 60))
    a, b = rng.randrange(2, most), rng.randrange(2, most)
    if (op, *signs) == ("-", 1, 1):
        a, b = min(a, b), max(a, b) + 1
    return SignedOperation(op=op, a=signs[0] * a, b=signs[1] * b)


DOMAIN = Domain(
    id="neg",
    title="Negative numbers",
    kinds=(Kind(Negation, solve, draw), Kind(SignedOperation, solve_operation, draw_operation)),
    skills=(
        Skill(
            "sign",
            "Double negation",
            "Two minus signs that follow one another cancel: the opposite of a negative number is the positive "
            "number. Replace both signs together, and never drop only one of them.",
        ),
        Skill(
            "add_negatives",
            "Adding two negative numbers",
            "To add two negative numbers, add their sizes and keep the minus: two debts together are a larger debt. "
            "That two minuses make a plus holds for products, not for sums.",
        ),
        Skill(
            "subtract_negative",
            "Taking a negative number away",
            "To take a negative number away, add its opposite: when a debt is taken away, there is more than before. "
            "Change both signs at once, the one of the operation and the one of the number.",
        ),
        Skill(
            "add_mixed_signs",
            "Adding numbers of different signs",
            "When one number is negative and the other positive, subtract the smaller size from the larger, and give "
            "the result the sign of the number with the larger size.",
        ),
        Skill(
            "multiply_negatives",
            "Multiplying two negative numbers",
            "Multiply the sizes, and then decide the sign: with equal signs the product is positive, with different "
            "signs it is negative.",
        ),
        Skill(
            "subtract_larger",
            "Taking away more than there is",
            "Keep the order of a subtraction. When you take away more than there is, go on below zero: the result is "
            "negative, by as much as was missing.",
        ),
    ),
    rules=(
        Rule(
            name="double_negative_stays_negative",
            kind=Negation,
            procedure=_stays_negative,
            skill="sign",
            title="Reads two minus signs as one",
            impasse="two minus signs meet",
            prior=0.2,
        ),
        Rule(
            name="two_negatives_add_positive",
            kind=SignedOperation,
            procedure=_negatives_make_a_positive,
            skill="add_negatives",
            title="Takes the sum of two negative numbers for positive",
            impasse="two negative numbers are to be added",
            prior=0.2,
        ),
        Rule(
            name="minus_negative_is_minus",
            kind=SignedOperation,
            procedure=_minuses_become_one,
            skill="subtract_negative",
            title="Takes a negative number away as if it were positive",
            impasse="a negative number is to be taken away",
            prior=0.25,
        ),
        Rule(
            name="adds_magnitudes_sign_of_larger",
            kind=SignedOperation,
            procedure=_adds_sizes,
            skill="add_mixed_signs",
            title="Adds the sizes of numbers of different signs",
            impasse="a negative and a positive number are to be added",
            prior=0.15,
        ),
        Rule(
            name="neg_times_neg_is_neg",
            kind=SignedOperation,
            procedure=_product_stays_negative,
            skill="multiply_negatives",
            title="Takes the product of two negative numbers for negative",
            impasse="two negative numbers are to be multiplied",
            prior=0.15,
        ),
        Rule(
            name="smaller_from_larger_positive",
            kind=SignedOperation,
            procedure=_smaller_from_larger,
            skill="subtract_larger",
            title="Takes the smaller number from the larger one, whichever comes first",
            impasse="a larger number is to be taken from a smaller one",
            prior=0.2,
        ),
    ),
)
