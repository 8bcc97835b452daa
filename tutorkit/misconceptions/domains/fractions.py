"""The four operations on fractions, right and wrong. Answers are left unreduced: ``2/4`` tells more than ``1/2``.

The other kinds of items of this domain stand in ``fraction_forms.py``.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from random import Random
from typing import Literal, cast

from pydantic import model_validator

from tutorkit.misconceptions.domains import fraction_forms
from tutorkit.misconceptions.numbers import SIGNS, Natural, Positive
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep, typeset
from tutorkit.types import Record


class Fractions(Record):
    """a/b op c/d."""

    domain: Literal["frac"] = "frac"
    op: Literal["+", "-", "*", "/"]
    a: Natural
    b: Positive
    c: Natural
    d: Positive

    @model_validator(mode="after")
    def _can_be_divided(self) -> Fractions:
        if self.op == "/" and self.c == 0:
            raise ValueError("division by zero")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a}/{self.b} {SIGNS[self.op]} {self.c}/{self.d}"


_ADD, _MULTIPLY, _DIVIDE = "fraction_addition", "fraction_multiplication", "fraction_division"


def _end(item: Fractions, numerator: int, denominator: int, steps: list[WorkStep], skill: str) -> Work:
    answer = f"{numerator}/{denominator}"
    return Work(answer, (*steps, WorkStep(typeset(f"So {item.text} = {answer}."), answer, skill)))


def _signed(item: Fractions, left: int, right: int) -> int:
    return left - right if item.op == "-" else left + right


def _over(item: Fractions, common: int, *, keeps_numerators: bool) -> Work:
    """Add or subtract over a common denominator, with the numerators raised to it or kept."""
    right = (item.a * common // item.b, item.c * common // item.d)
    tops = (item.a, item.c) if keeps_numerators else right
    steps = [WorkStep(f"Common denominator of {item.b} and {item.d}: {common}.", str(common), _ADD)]
    shown = f"{tops[0]}/{common} and {tops[1]}/{common}"
    steps.append(WorkStep(f"{item.a}/{item.b} and {item.c}/{item.d} become {shown}.", shown, _ADD, ok=tops == right))
    return _end(item, _signed(item, *tops), common, steps, _ADD)


def _add(item: Fractions) -> Work:
    return _over(item, lcm(item.b, item.d), keeps_numerators=False)


def _multiply(item: Fractions) -> Work:
    top, bottom = item.a * item.c, item.b * item.d
    steps = [
        WorkStep(f"Numerators: {item.a} × {item.c} = {top}.", str(top), _MULTIPLY),
        WorkStep(f"Denominators: {item.b} × {item.d} = {bottom}.", str(bottom), _MULTIPLY),
    ]
    return _end(item, top, bottom, steps, _MULTIPLY)


def _product(item: Fractions, told: str, left: tuple[int, int], right: tuple[int, int]) -> Work:
    """Divide by way of a product, which is right when it is that with the second fraction turned upside down."""
    ok = (left, right) == ((item.a, item.b), (item.d, item.c))
    product = f"{left[0]}/{left[1]} × {right[0]}/{right[1]}"
    top, bottom = left[0] * right[0], left[1] * right[1]
    steps = [
        WorkStep(f"{told}: {product}.", product, _DIVIDE, ok),
        WorkStep(f"{left[0]} × {right[0]} = {top} and {left[1]} × {right[1]} = {bottom}.", f"{top}/{bottom}", _DIVIDE),
    ]
    return _end(item, top, bottom, steps, _DIVIDE)


def _divide(item: Fractions) -> Work:
    return _product(item, "I turn the second fraction upside down and multiply", (item.a, item.b), (item.d, item.c))


def solve(item: Fractions) -> Work:
    """Work the item out rightly, over the least common denominator where it needs one."""
    return {"+": _add, "-": _add, "*": _multiply, "/": _divide}[item.op](item)


def _adds_both(item: Fractions) -> Work | None:
    if item.op not in "+-":
        return None
    top, bottom = _signed(item, item.a, item.c), _signed(item, item.b, item.d)
    sign = SIGNS[item.op]
    text = f"Numerators: {item.a} {sign} {item.c} = {top}. Denominators: {item.b} {sign} {item.d} = {bottom}."
    return _end(item, top, bottom, [WorkStep(typeset(text), f"{top}/{bottom}", _ADD, ok=False)], _ADD)


def _keeps_numerators(item: Fractions) -> Work | None:
    return _over(item, lcm(item.b, item.d), keeps_numerators=True) if item.op in "+-" else None


def _multiplies_denominators(item: Fractions) -> Work | None:
    # Nothing and nothing is nothing over any denominator.
    if item.op not in "+-" or item.a == item.c == 0:
        return None
    return _over(item, item.b * item.d, keeps_numerators=True)


def _keeps_common_denominator(item: Fractions) -> Work | None:
    if item.op != "*":
        return None
    common = lcm(item.b, item.d)
    left, right = item.a * common // item.b, item.c * common // item.d
    shown = f"{left}/{common} and {right}/{common}"
    steps = [
        WorkStep(f"{item.a}/{item.b} and {item.c}/{item.d} are {shown}.", shown, _MULTIPLY),
        WorkStep(
            f"Numerators: {left} × {right} = {left * right}. The denominator stays {common}.",
            f"{left * right}/{common}",
            _MULTIPLY,
            ok=common == 1,
        ),
    ]
    return _end(item, left * right, common, steps, _MULTIPLY)


def _inverts_first(item: Fractions) -> Work | None:
    if item.op != "/":
        return None
    return _product(item, "I turn the first fraction upside down and multiply", (item.b, item.a), (item.c, item.d))


def _inverts_nothing(item: Fractions) -> Work | None:
    if item.op != "/":
        return None
    return _product(item, "I work straight across", (item.a, item.b), (item.c, item.d))


def _multiplies_crosswise(item: Fractions) -> Work | None:
    if item.op != "*" or item.c == 0:
        return None
    top, bottom = item.a * item.d, item.b * item.c
    text = f"Crosswise: {item.a} × {item.d} = {top} and {item.b} × {item.c} = {bottom}."
    ok = (top, bottom) == (item.a * item.c, item.b * item.d)
    return _end(item, top, bottom, [WorkStep(text, f"{top}/{bottom}", _MULTIPLY, ok)], _MULTIPLY)


def _divides_numerators_only(item: Fractions) -> Work | None:
    if item.op != "/":
        return None
    common = lcm(item.b, item.d)
    left, right = item.a * common // item.b, item.c * common // item.d
    quotient = Fraction(left, right)
    top, bottom = quotient.numerator, quotient.denominator * common
    shown = f"{left}/{common} and {right}/{common}"
    steps = [
        WorkStep(f"{item.a}/{item.b} and {item.c}/{item.d} are {shown}.", shown, _DIVIDE),
        WorkStep(
            f"Numerators: {left} ÷ {right} = {quotient}. The denominator stays {common}: {top}/{bottom}.",
            f"{top}/{bottom}",
            _DIVIDE,
            ok=(top, bottom) == (item.a * item.d, item.b * item.c),
        ),
    ]
    return _end(item, top, bottom, steps, _DIVIDE)


def draw(rng: Random) -> Fractions:
    """Proper fractions of unequal denominators; in a difference the first has both numbers larger."""
    return draw_with(rng, rng.choice("+-*/"))


def draw_with(rng: Random, op: str) -> Fractions:
    """As ``draw``, for one of the four operations."""
    while True:
        b, d = rng.sample(range(2, 16), 2)
        a, c = rng.randrange(1, b), rng.randrange(1, d)
        if op != "-" or (a > c and b > d and a * d > c * b):
            return Fractions(op=cast(Literal["+", "-", "*", "/"], op), a=a, b=b, c=c, d=d)


DOMAIN = Domain(
    id="frac",
    title="Fractions",
    kinds=(Kind(Fractions, solve, draw), *fraction_forms.KINDS),
    skills=(
        Skill(
            "fraction_addition",
            "Adding and subtracting fractions",
            "Rewrite both fractions over one common denominator, multiplying each numerator by the same factor "
            "as its denominator. Then add or subtract only the numerators and keep that denominator.",
        ),
        Skill(
            "fraction_multiplication",
            "Multiplying fractions",
            "Multiply the numerators with each other and the denominators with each other. Multiplying needs no "
            "common denominator; if you made one, multiply it by itself too.",
        ),
        Skill(
            "fraction_division",
            "Dividing fractions",
            "Turn the second fraction, the one you divide by, upside down, leave the first as it is, and multiply "
            "the two.",
        ),
        *fraction_forms.SKILLS,
    ),
    rules=(
        Rule(
            name="adds_num_and_den",
            kind=Fractions,
            procedure=_adds_both,
            skill="fraction_addition",
            title="Works on numerators and denominators alike",
            impasse="two fractions are to be added or subtracted",
            prior=0.3,
        ),
        Rule(
            name="common_den_keeps_num",
            kind=Fractions,
            procedure=_keeps_numerators,
            skill="fraction_addition",
            title="Changes the denominators but not the numerators",
            impasse="two fractions are to be added or subtracted",
            prior=0.15,
        ),
        Rule(
            name="multiplies_dens_adds_nums",
            kind=Fractions,
            procedure=_multiplies_denominators,
            skill="fraction_addition",
            title="Multiplies only the denominators",
            impasse="two fractions are to be added or subtracted",
            prior=0.1,
        ),
        Rule(
            name="mul_keeps_common_den",
            kind=Fractions,
            procedure=_keeps_common_denominator,
            skill="fraction_multiplication",
            title="Keeps a common denominator when multiplying",
            impasse="two fractions are to be multiplied",
            prior=0.15,
        ),
        Rule(
            name="div_inverts_first",
            kind=Fractions,
            procedure=_inverts_first,
            skill="fraction_division",
            title="Turns the first fraction upside down",
            impasse="two fractions are to be divided",
            prior=0.1,
        ),
        Rule(
            name="div_no_invert",
            kind=Fractions,
            procedure=_inverts_nothing,
            skill="fraction_division",
            title="Multiplies instead of dividing",
            impasse="two fractions are to be divided",
            prior=0.08,
        ),
        Rule(
            name="mul_cross",
            kind=Fractions,
            procedure=_multiplies_crosswise,
            skill="fraction_multiplication",
            title="Multiplies crosswise",
            impasse="two fractions are to be multiplied",
            prior=0.06,
        ),
        Rule(
            name="div_common_den_keeps_den",
            kind=Fractions,
            procedure=_divides_numerators_only,
            skill="fraction_division",
            title="Keeps a common denominator when dividing",
            impasse="two fractions are to be divided",
            # Plausible, and rarely documented.
            prior=0.02,
        ),
        *fraction_forms.RULES,
    ),
)
