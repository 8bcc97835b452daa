"""Expressions in x to be rewritten or worked out, right and wrong. Answers have no brackets, highest power in front."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tutorkit.misconceptions.domains.equations import Coefficient, Constant, side
from tutorkit.misconceptions.numbers import Natural
from tutorkit.misconceptions.polynomials import polynomial, write_polynomial
from tutorkit.misconceptions.vocabulary import Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep, typeset
from tutorkit.types import Record

Small = Annotated[int, Field(strict=True, ge=1, lt=10**6)]
AtLeastTwo = Annotated[int, Field(strict=True, ge=2, lt=10**6)]
Exponent = Annotated[int, Field(strict=True, ge=1, le=30)]
Inner = Literal["sum", "product"]

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class UnlikeTerms(Record):
    """ax + b, which stays as it is; with ``like`` it is ax + bx."""

    domain: Literal["alg"] = "alg"
    kind: Literal["sum"] = "sum"
    a: Small
    b: Small
    like: bool = False

    @property
    def expression(self) -> str:
        """What is to be rewritten."""
        return f"{side(self.a, 0)} + {side(self.b, 0) if self.like else self.b}"

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.expression} in its simplest form"


class Multiple(Record):
    """a(x + b), with b not zero."""

    domain: Literal["alg"] = "alg"
    kind: Literal["multiple"] = "multiple"
    a: Coefficient
    b: Constant

    @model_validator(mode="after")
    def _has_a_sum(self) -> Multiple:
        if not self.b:
            raise ValueError("b is zero")
        return self

    @property
    def expression(self) -> str:
        """What is to be rewritten."""
        return f"{self.a}({side(1, self.b)})"

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.expression} without brackets"


class BracketTakenAway(Record):
    """c − (x − b)."""

    domain: Literal["alg"] = "alg"
    kind: Literal["minus_bracket"] = "minus_bracket"
    c: Small
    b: Small

    @property
    def expression(self) -> str:
        """What is to be rewritten."""
        return f"{self.c} − (x − {self.b})"

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.expression} without brackets"


class Square(Record):
    """(x + b)²; where ``inner`` is a product, (bx)²."""

    domain: Literal["alg"] = "alg"
    kind: Literal["square"] = "square"
    b: Small
    inner: Inner = "sum"

    @property
    def base(self) -> str:
        """What is squared, in brackets."""
        return f"({side(1, self.b) if self.inner == 'sum' else side(self.b, 0)})"

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.base}² without brackets"


class PowerProduct(Record):
    """x to the m times x to the n."""

    domain: Literal["alg"] = "alg"
    kind: Literal["powers"] = "powers"
    m: Exponent
    n: Exponent

    @property
    def expression(self) -> str:
        """What is to be rewritten."""
        return f"{_power(self.m)} · {_power(self.n)}"

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.expression} as one power"


class Quotient(Record):
    """(x + b)/b; where ``inner`` is a product, bx/b."""

    domain: Literal["alg"] = "alg"
    kind: Literal["quotient"] = "quotient"
    b: AtLeastTwo
    inner: Inner = "sum"

    @property
    def expression(self) -> str:
        """What is to be rewritten."""
        return f"({side(1, self.b)})/{self.b}" if self.inner == "sum" else f"{self.b}x/{self.b}"

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.expression} in its simplest form"


class Substitution(Record):
    """ax for a given x."""

    domain: Literal["alg"] = "alg"
    kind: Literal["substitution"] = "substitution"
    a: Coefficient
    x: Natural

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a}x for x = {self.x}"


_LIKE, _DISTRIBUTE, _MINUS = "like_terms", "distribution", "minus_bracket"
_SQUARE, _POWERS, _DIVIDE, _VALUE = "square_of_sum", "product_of_powers", "divide_every_term", "coefficient_times_value"


def _power(exponent: int) -> str:
    return "x" if exponent == 1 else f"x{str(exponent).translate(_SUPERSCRIPTS)}"


def _line(text: str, result: str, skill: str | None = None, *, ok: bool = True) -> WorkStep:
    return WorkStep(typeset(text), result, skill, ok)


def _end(expression: str, coefficients: Mapping[int, Fraction | int], *steps: WorkStep) -> Work:
    answer = write_polynomial(polynomial(coefficients))
    return Work(answer, (*steps, _line(f"So {expression} = {answer}.", answer)))


def solve_sum(item: UnlikeTerms) -> Work:
    """Put like terms together, and leave unlike ones apart."""
    if item.like:
        total = item.a + item.b
        text = f"Both are multiples of x: {item.a} + {item.b} = {total}."
        return _end(item.expression, {1: total}, _line(text, str(total), _LIKE))
    text = f"{side(item.a, 0)} and {item.b} are unlike terms, so they stay apart."
    return _end(item.expression, {1: item.a, 0: item.b}, _line(text, side(item.a, item.b), _LIKE))


def _conjoins(item: UnlikeTerms) -> Work | None:
    if item.like:
        return None
    total = item.a + item.b
    return _end(item.expression, {1: total}, _line(f"{item.a} + {item.b} = {total}.", str(total), _LIKE, ok=False))


def _first_term(item: Multiple) -> WorkStep:
    return _line(f"{item.a} · x = {item.a}x.", f"{item.a}x")


def solve_multiple(item: Multiple) -> Work:
    """Multiply both terms."""
    added = item.a * item.b
    factor = f"({item.b})" if item.b < 0 else str(item.b)
    second = _line(f"{item.a} · {factor} = {added}.", str(added), _DISTRIBUTE)
    return _end(item.expression, {1: item.a, 0: added}, _first_term(item), second)


def _distributes_partly(item: Multiple) -> Work:
    second = _line(f"The {item.b} stays.", str(item.b), _DISTRIBUTE, ok=False)
    return _end(item.expression, {1: item.a, 0: item.b}, _first_term(item), second)


def _taken_away(item: BracketTakenAway, b: int) -> Work:
    """Write c − x and then b with its sign."""
    sign, total = "+" if b > 0 else "−", item.c + b
    opened = f"{item.c} − x {sign} {abs(b)}"
    first = _line(f"{item.expression} = {opened}.", opened, _MINUS, ok=b > 0)
    second = _line(f"{item.c} {sign} {abs(b)} = {total}.", str(total))
    return _end(item.expression, {1: -1, 0: total}, first, second)


def solve_minus_bracket(item: BracketTakenAway) -> Work:
    """Turn every sign in the bracket."""
    return _taken_away(item, item.b)


def _keeps_second_sign(item: BracketTakenAway) -> Work:
    return _taken_away(item, -item.b)


def solve_square(item: Square) -> Work:
    """Multiply what stands in the brackets by itself."""
    square = item.b**2
    if item.inner == "product":
        first = _line(f"{item.b} · {item.b} = {square} and x · x = x^2.", f"{square}x^2")
        return _end(f"{item.base}²", {2: square}, first)
    steps = (
        _line(f"It is {item.base}{item.base}.", f"{item.base}{item.base}", _SQUARE),
        _line(f"x · x = x^2 and {item.b} · {item.b} = {square}.", f"x^2+{square}"),
        _line(f"x · {item.b} comes twice, that is {2 * item.b}x.", f"{2 * item.b}x"),
    )
    return _end(f"{item.base}²", {2: 1, 1: 2 * item.b, 0: square}, *steps)


def _squares_each(item: Square) -> Work | None:
    if item.inner == "product":
        return None
    square = item.b**2
    step = _line(f"I square each term: x^2 and {item.b} · {item.b} = {square}.", f"x^2+{square}", _SQUARE, ok=False)
    return _end(f"{item.base}²", {2: 1, 0: square}, step)


def solve_powers(item: PowerProduct) -> Work:
    """Count the factors."""
    total = item.m + item.n
    step = _line(f"Factors: {item.m} + {item.n} = {total}.", str(total), _POWERS)
    return _end(item.expression, {total: 1}, step)


def _multiplies_exponents(item: PowerProduct) -> Work:
    product = item.m * item.n
    step = _line(f"Exponents: {item.m} · {item.n} = {product}.", str(product), _POWERS, ok=False)
    return _end(item.expression, {product: 1}, step)


def solve_quotient(item: Quotient) -> Work:
    """Divide every term."""
    one = f"{item.b} ÷ {item.b} = 1"
    if item.inner == "product":
        return _end(item.expression, {1: 1}, _line(f"{one}, so the factors cancel.", "1"))
    first, second = _line(f"x ÷ {item.b} = x/{item.b}.", f"x/{item.b}"), _line(f"{one}.", "1", _DIVIDE)
    return _end(item.expression, {1: Fraction(1, item.b), 0: 1}, first, second)


def _cancels(item: Quotient) -> Work | None:
    if item.inner == "product":
        return None
    step = _line(f"The {item.b} above and the {item.b} below cancel.", "x", _DIVIDE, ok=False)
    return _end(item.expression, {1: 1}, step)


def solve_substitution(item: Substitution) -> Work:
    """Multiply the coefficient by the value."""
    product = item.a * item.x
    steps = (
        _line(f"{item.a}x is {item.a} times x.", f"{item.a} · x", _VALUE),
        _line(f"So it is {item.a} · {item.x} = {product}.", str(product)),
    )
    return Work(str(product), steps)


def _juxtaposes(item: Substitution) -> Work:
    answer = f"{item.a}{item.x}"
    text = f"I write {item.x} for x after the {item.a}, so it is {answer}."
    return Work(answer, (_line(text, answer, _VALUE, ok=False),))


def draw_sum(rng: Random) -> UnlikeTerms:
    """Numbers of one digit or a little more; in one of five items the terms are like."""
    return UnlikeTerms(a=rng.randrange(1, 13), b=rng.randrange(1, 13), like=rng.random() < 0.2)


def draw_multiple(rng: Random) -> Multiple:
    """A sum in two of three items, else a difference."""
    return Multiple(a=rng.randrange(2, 13), b=rng.choice((1, 1, -1)) * rng.randrange(1, 13))


def draw_minus_bracket(rng: Random) -> BracketTakenAway:
    """Numbers of one digit or a little more."""
    return BracketTakenAway(c=rng.randrange(1, 21), b=rng.randrange(1, 13))


def _inner(rng: Random) -> Inner:
    return "product" if rng.random() < 0.2 else "sum"


def draw_square(rng: Random) -> Square:
    """In one of five items a product is squared."""
    return Square(b=rng.randrange(2, 13), inner=_inner(rng))


def draw_powers(rng: Random) -> PowerProduct:
    """Exponents of one digit."""
    return PowerProduct(m=rng.randrange(1, 8), n=rng.randrange(2, 8))


def draw_quotient(rng: Random) -> Quotient:
    """In one of five items there is a product above the line."""
    return Quotient(b=rng.randrange(2, 13), inner=_inner(rng))


def draw_substitution(rng: Random) -> Substitution:
    """Numbers of one digit, a value of two in one of four items."""
    return Substitution(
        a=rng.randrange(2, 10), x=rng.randrange(10, 21) if rng.random() < 0.25 else rng.randrange(2, 10)
    )


KINDS: tuple[Kind[Any], ...] = (
    Kind(UnlikeTerms, solve_sum, draw_sum),
    Kind(Multiple, solve_multiple, draw_multiple),
    Kind(BracketTakenAway, solve_minus_bracket, draw_minus_bracket),
    Kind(Square, solve_square, draw_square),
    Kind(PowerProduct, solve_powers, draw_powers),
    Kind(Quotient, solve_quotient, draw_quotient),
    Kind(Substitution, solve_substitution, draw_substitution),
)

SKILLS: tuple[Skill, ...] = (
    Skill(
        "distribution",
        "Multiplying a bracket out",
        "A factor in front of a bracket takes the whole bracket several times. Multiply every term in the bracket by "
        "it, and not only the first.",
    ),
    Skill(
        "minus_bracket",
        "A minus in front of a bracket",
        "A minus in front of a bracket takes all of it away. When you leave the bracket out, change the sign of every "
        "term in it, and not only of the first.",
    ),
    Skill(
        "square_of_sum",
        "The square of a sum",
        "To square a sum, multiply the whole bracket by itself, each term by each. Besides the square of either term "
        "there is twice their product.",
    ),
    Skill(
        "product_of_powers",
        "Products of powers",
        "An exponent counts equal factors. When powers of the same base are multiplied, all those factors stand in a "
        "row, so add the exponents.",
    ),
    Skill(
        "divide_every_term",
        "Dividing a sum",
        "To divide a sum, divide every term of it. Cancel only what is a factor of everything above the line, and "
        "never a single term of a sum.",
    ),
    Skill(
        "coefficient_times_value",
        "A number in front of a variable",
        "A number in front of a variable multiplies it. When you put a value in for the variable, write a "
        "multiplication sign between the two, and do not set their digits side by side.",
    ),
)

RULES: tuple[Rule[Any], ...] = (
    Rule(
        name="conjoins",
        kind=UnlikeTerms,
        procedure=_conjoins,
        skill="like_terms",
        title="Puts unlike terms together into one",
        impasse="a sum of unlike terms looks unfinished",
        prior=0.25,
    ),
    Rule(
        name="partial_distribution",
        kind=Multiple,
        procedure=_distributes_partly,
        skill="distribution",
        title="Multiplies only the first term of a bracket",
        impasse="a bracket is to be multiplied out",
        prior=0.25,
    ),
    Rule(
        name="negative_not_distributed",
        kind=BracketTakenAway,
        procedure=_keeps_second_sign,
        skill="minus_bracket",
        title="Lets a minus in front of a bracket act on the first term alone",
        impasse="a bracket is to be taken away",
        prior=0.3,
    ),
    Rule(
        name="freshman_square",
        kind=Square,
        procedure=_squares_each,
        skill="square_of_sum",
        title="Squares a sum term by term",
        impasse="a sum is to be squared",
        prior=0.3,
    ),
    Rule(
        name="multiplies_exponents",
        kind=PowerProduct,
        procedure=_multiplies_exponents,
        skill="product_of_powers",
        title="Multiplies the exponents of a product of powers",
        impasse="powers of one base are to be multiplied",
        prior=0.2,
    ),
    Rule(
        name="cancels_terms",
        kind=Quotient,
        procedure=_cancels,
        skill="divide_every_term",
        title="Cancels a term of a sum",
        impasse="a sum is to be divided by one of its terms",
        prior=0.2,
    ),
    Rule(
        name="juxtaposes_value",
        kind=Substitution,
        procedure=_juxtaposes,
        skill="coefficient_times_value",
        title="Writes a value next to the coefficient",
        impasse="a value is to be put in for a variable with a coefficient",
        prior=0.15,
    ),
)
