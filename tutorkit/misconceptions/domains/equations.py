"""Linear equations, right and wrong: what is undone first, by what, and what may be put together."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tutorkit.misconceptions.expressions import show_number
from tutorkit.misconceptions.polynomials import polynomial, write_polynomial
from tutorkit.misconceptions.vocabulary import Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep, typeset
from tutorkit.types import Record

Coefficient = Annotated[int, Field(strict=True, ge=2, lt=10**6)]
Constant = Annotated[int, Field(strict=True, gt=-(10**9), lt=10**9)]

_LIKE, _DISTRIBUTE = "like_terms", "distribution"
_INVERSE, _FACTOR, _ORDER = "inverse_operation", "undo_coefficient", "undo_order"


class _Equation(Record):
    """An equation to be solved for x; the answer is its solution."""

    domain: Literal["alg"] = "alg"
    a: Coefficient
    b: Constant
    c: Constant


class LinearEquation(_Equation):
    """ax + b = c."""

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"x in {side(self.a, self.b)} = {typeset(str(self.c))}"


class BracketEquation(_Equation):
    """a(x + b) = c, with b not zero."""

    kind: Literal["bracket_equation"] = "bracket_equation"

    @model_validator(mode="after")
    def _has_a_sum(self) -> BracketEquation:
        if not self.b:
            raise ValueError("b is zero")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"x in {self.a}({side(1, self.b)}) = {typeset(str(self.c))}"


def side(a: int, b: int) -> str:
    """Write ax + b as it is printed."""
    variable = typeset(write_polynomial(polynomial({1: a})))
    return f"{variable} {'−' if b < 0 else '+'} {abs(b)}" if b else variable


def _line(text: str, result: Fraction | int | str, skill: str | None = None, *, ok: bool = True) -> WorkStep:
    shown = result if isinstance(result, str) else show_number(Fraction(result))
    return WorkStep(typeset(text), shown, skill, ok)


def _in_product(number: int) -> str:
    return f"({number})" if number < 0 else str(number)


def _moved(
    left: str, b: int, c: Fraction, skill: str | None = None, *, inverse: bool = True
) -> tuple[Fraction, WorkStep]:
    """Bring b to the other side, by the inverse operation or by the same."""
    rest = c - b if inverse else c + b
    sign = "−" if (b > 0) == inverse else "+"
    text = f"{show_number(c)} {sign} {abs(b)} = {show_number(rest)}, so {left} = {show_number(rest)}."
    return rest, _line(text, rest, skill, ok=inverse)


def _divided(a: int, c: Fraction) -> tuple[Fraction, WorkStep]:
    x = c / a
    return x, _line(f"{show_number(c)} ÷ {_in_product(a)} = {show_number(x)}, so x = {show_number(x)}.", x, _FACTOR)


def _undone(a: int, b: int, c: int, steps: list[WorkStep], *, inverse: bool = True) -> Work:
    """Solve ax + b = c: undo the sum, then the product."""
    rest = Fraction(c)
    if b:
        sign = "−" if b < 0 else "+"
        rest, moved = _moved(f"{a}x", b, rest, _INVERSE, inverse=inverse)
        steps = [
            *steps,
            _line(f"{a}x and {abs(b)} are unlike terms, so they stay apart.", side(a, b), _LIKE),
            _line(f"First I undo the {sign} {abs(b)}, and then the factor {a}.", f"{sign}{abs(b)}", _ORDER),
            moved,
        ]
    x, last = _divided(a, rest)
    return Work(show_number(x), (*steps, last))


def _expanded(item: BracketEquation, added: int) -> WorkStep:
    left = side(item.a, added)
    text = f"{item.a}({side(1, item.b)}) = {left}, so {left} = {item.c}."
    return _line(text, left, _DISTRIBUTE, ok=added == item.a * item.b)


def solve_linear(item: LinearEquation) -> Work:
    """Undo the sum, then the product."""
    return _undone(item.a, item.b, item.c, [])


def solve_bracket(item: BracketEquation) -> Work:
    """Multiply the bracket out, and solve what comes of it."""
    added = item.a * item.b
    return _undone(item.a, added, item.c, [_expanded(item, added)])


def _same_operation(item: _Equation) -> Work | None:
    if not item.b:
        return None
    if isinstance(item, BracketEquation):
        added = item.a * item.b
        return _undone(item.a, added, item.c, [_expanded(item, added)], inverse=False)
    return _undone(item.a, item.b, item.c, [], inverse=False)


def _undoes_factor_by(sign: str, act: Callable[[Fraction, int], Fraction]) -> Callable[[_Equation], Work]:
    """Undo the factor by something else than a division; in a bracket before the sum, else after it."""

    def procedure(item: _Equation) -> Work:
        steps: list[WorkStep] = []
        rest = Fraction(item.c)
        bracket = isinstance(item, BracketEquation)
        if item.b and not bracket:
            rest, moved = _moved(f"{item.a}x", item.b, rest, _INVERSE)
            steps.append(moved)
        x = act(rest, item.a)
        left = side(1, item.b) if bracket else "x"
        text = f"{show_number(rest)} {sign} {item.a} = {show_number(x)}, so {left} = {show_number(x)}."
        steps.append(_line(text, x, _FACTOR, ok=False))
        if bracket:
            x, moved = _moved("x", item.b, x, _INVERSE)
            steps.append(moved)
        return Work(show_number(x), tuple(steps))

    return procedure


def _divides_some_terms(item: LinearEquation) -> Work | None:
    if not item.b:
        return None
    quotient = Fraction(item.c, item.a)
    text = f"First I divide by {item.a}: {item.c} ÷ {item.a} = {show_number(quotient)}"
    divided = _line(f"{text}, so {side(1, item.b)} = {show_number(quotient)}.", quotient, _ORDER, ok=False)
    x, moved = _moved("x", item.b, quotient, _INVERSE)
    return Work(show_number(x), (divided, moved))


def _combines_unlike_terms(item: _Equation) -> Work | None:
    bracket = isinstance(item, BracketEquation)
    inner = 1 + item.b if bracket else item.a + item.b
    if not inner or not item.b:
        return None
    within = side(inner, 0)
    if bracket:
        factor = item.a * inner
        text = f"{side(1, item.b)} is {within}, so {item.a}({side(1, item.b)}) is {side(factor, 0)}."
    else:
        factor = inner
        text = f"{side(item.a, item.b)} is {within}, so {within} = {item.c}."
    x, last = _divided(factor, Fraction(item.c))
    return Work(show_number(x), (_line(text, side(factor, 0), _LIKE, ok=False), last))


def _distributes_first_only(item: BracketEquation) -> Work:
    return _undone(item.a, item.b, item.c, [_expanded(item, item.b)])


def draw_linear(rng: Random) -> LinearEquation:
    """A whole solution, of which one in four is not positive; in one of eight items there is no sum."""
    a, x = rng.randrange(2, 10), _solution(rng)
    b = 0 if rng.random() < 0.125 else rng.choice((1, 1, -1)) * rng.randrange(1, 13)
    return LinearEquation(a=a, b=b, c=a * x + b)


def draw_bracket(rng: Random) -> BracketEquation:
    """A whole solution, of which one in four is not positive."""
    a, x = rng.randrange(2, 10), _solution(rng)
    b = rng.choice((1, 1, -1)) * rng.randrange(1, 10)
    return BracketEquation(a=a, b=b, c=a * (x + b))


def _solution(rng: Random) -> int:
    return rng.randrange(-5, 1) if rng.random() < 0.25 else rng.randrange(1, 13)


KINDS: tuple[Kind[Any], ...] = (
    Kind(LinearEquation, solve_linear, draw_linear),
    Kind(BracketEquation, solve_bracket, draw_bracket),
)

SKILLS: tuple[Skill, ...] = (
    Skill(
        "like_terms",
        "Like and unlike terms",
        "Put together only terms with the same power of the variable: so many of a thing and so many more of it. A "
        "number alone and a multiple of the variable stay apart.",
    ),
    Skill(
        "inverse_operation",
        "Undoing by the inverse operation",
        "Undo what was done to the unknown by its opposite: an addition by a subtraction, a subtraction by an "
        "addition. Do it on both sides, and put the solution into the equation to check it.",
    ),
    Skill(
        "undo_coefficient",
        "Undoing a coefficient",
        "A number in front of the unknown multiplies it. Undo it by dividing by that number, and not by subtracting "
        "it or by multiplying once more.",
    ),
    Skill(
        "undo_order",
        "What to undo first",
        "Undo the addition or subtraction before the multiplication. If you divide first, divide every term of both "
        "sides, and not only some of them.",
    ),
)

RULES: tuple[Rule[Any], ...] = (
    Rule(
        name="same_operation_not_inverse",
        kind=_Equation,
        procedure=_same_operation,
        skill="inverse_operation",
        title="Brings a term to the other side without changing its sign",
        impasse="a term is to be brought to the other side",
        prior=0.15,
    ),
    Rule(
        name="subtracts_coefficient",
        kind=_Equation,
        procedure=_undoes_factor_by("−", lambda number, a: number - a),
        skill="undo_coefficient",
        title="Subtracts the coefficient instead of dividing by it",
        impasse="a coefficient is to be undone",
        prior=0.15,
    ),
    Rule(
        name="divides_only_some_terms",
        kind=LinearEquation,
        procedure=_divides_some_terms,
        skill="undo_order",
        title="Divides only some terms of an equation",
        impasse="an equation has a sum on one side",
        prior=0.12,
    ),
    Rule(
        name="distributes_first_only",
        kind=BracketEquation,
        procedure=_distributes_first_only,
        skill="distribution",
        title="Multiplies only the first term of a bracket in an equation",
        impasse="an equation has a bracket",
        prior=0.2,
    ),
    Rule(
        name="combines_unlike_terms",
        kind=_Equation,
        procedure=_combines_unlike_terms,
        skill="like_terms",
        title="Adds a number to a coefficient in an equation",
        impasse="unlike terms stand side by side in an equation",
        prior=0.12,
    ),
    Rule(
        name="multiplies_by_coefficient",
        kind=_Equation,
        procedure=_undoes_factor_by("×", lambda number, a: number * a),
        skill="undo_coefficient",
        title="Multiplies by the coefficient instead of dividing by it",
        impasse="a coefficient is to be undone",
        # Plausible, and rarely documented.
        prior=0.02,
    ),
)
