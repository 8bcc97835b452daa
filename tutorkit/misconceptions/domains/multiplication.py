"""Long multiplication, right and wrong: a rule exchanges how a column's product is made, or which products are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from tutorkit.misconceptions.numbers import Natural
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep, digits, place_name
from tutorkit.types import Record


class Multiplication(Record):
    """a × b, the digits of b being worked off one after the other."""

    domain: Literal["mul"] = "mul"
    a: Natural
    b: Natural

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a} × {self.b}"


ColumnRule = Callable[[int, int, int], tuple[str, int]]
"""From a digit of a, a digit of b and what was carried: what is said of them, and the number that they make."""


def _multiply_then_add(digit: int, by: int, carried: int) -> tuple[str, int]:
    product = digit * by
    more = f", and {carried} carried is {product + carried}" if carried else ""
    return f"{digit} × {by} = {product}{more}", product + carried


def _add_then_multiply(digit: int, by: int, carried: int) -> tuple[str, int]:
    if not carried:
        return _multiply_then_add(digit, by, carried)
    upper = digit + carried
    return f"{digit} and {carried} carried is {upper}, {upper} × {by} = {upper * by}", upper * by


def _zero_changes_nothing(digit: int, by: int, carried: int) -> tuple[str, int]:
    if digit and by:
        return _multiply_then_add(digit, by, carried)
    product = max(digit, by)
    more = f", and {carried} carried is {product + carried}" if carried else ""
    return f"{digit} × {by} = {product}{more}", product + carried


@dataclass(frozen=True, kw_only=True)
class LongMultiplication:
    """A way to multiply by one digit after the other: the right one unless a part is exchanged, for want of ``skill``.

    ``carries`` is whether tens are kept at all, ``shifts`` whether a product with tens is written as so many tens.
    """

    skill: str | None = None
    column: ColumnRule = _multiply_then_add
    carries: bool = True
    shifts: bool = True

    def __call__(self, item: Multiplication) -> Work:
        """Multiply, and write the working down."""
        steps: list[WorkStep] = []
        products: list[int] = []
        for place, by in enumerate(digits(item.b)):
            product, columns = self._by_digit(item.a, by)
            steps += columns
            if item.b >= 10:
                steps.append(WorkStep(f"So {item.a} × {by} = {product}.", str(product)))
            if place and product:
                shifted = product * 10**place if self.shifts else product
                steps.append(self._shift(by, product, shifted, place))
                product = shifted
            products.append(product)
        answer = str(sum(products))
        if item.b >= 10:
            text = f"I add them up: {' + '.join(map(str, products))} = {answer}."
            steps.append(WorkStep(text, answer, "partial_products"))
        several = item.a >= 10 and item.b < 10
        last = WorkStep(f"So {item.text} = {answer}.", answer, "partial_products" if several else None)
        return Work(answer, (*steps, last))

    def _by_digit(self, number: int, by: int) -> tuple[int, list[WorkStep]]:
        """Multiply a number by one digit, column by column."""
        steps: list[WorkStep] = []
        written, carried = "", 0
        upper = digits(number)
        for column, digit in enumerate(upper):
            said, total = self.column(digit, by, carried)
            whole = column == len(upper) - 1 and self.carries
            ok = total == digit * by + carried and (self.carries or total < 10)
            part = str(total) if whole else str(total % 10)
            carried = total // 10 if self.carries and not whole else 0
            written = part + written
            kept = f" and carry {carried}" if carried else ""
            text = f"{place_name(column).capitalize()}: {said}, I write {part}{kept}."
            steps.append(WorkStep(text, part, _skill(digit, by, total) if ok else self.skill, ok))
        return int(written), steps

    def _shift(self, by: int, product: int, shifted: int, place: int) -> WorkStep:
        if self.shifts:
            text = f"The {by} stands for {place_name(place)}, so I write {shifted}."
        else:
            text = f"I write {product} below with its ones under the ones."
        return WorkStep(text, str(shifted), "place_shift", ok=self.shifts)


def _skill(digit: int, by: int, total: int) -> str | None:
    """Name the skill that the right work in a column takes."""
    if total >= 10:
        return "multiplication_carry"
    return "multiply_by_zero" if (digit == 0) != (by == 0) else None


solve = LongMultiplication()


def _omits_cross_products(item: Multiplication) -> Work | None:
    """Multiply ones by ones, tens by tens and so on, and add these products only."""
    if min(item.a, item.b) < 10:
        return None
    pairs = list(zip(digits(item.a), digits(item.b), strict=False))
    products = [upper * lower * 100**place for place, (upper, lower) in enumerate(pairs)]
    total = sum(products)
    plan = f"I multiply only {' and '.join(f'{place_name(p)} by {place_name(p)}' for p in range(len(pairs)))}."
    steps = [WorkStep(plan, item.text, "partial_products", ok=total == item.a * item.b)]
    for place, (upper, lower) in enumerate(pairs):
        unit = 10**place
        text = f"{upper * unit} × {lower * unit} = {products[place]}."
        steps.append(WorkStep(text, str(products[place])))
    text = f"I add them up: {' + '.join(map(str, products))} = {total}."
    steps.append(WorkStep(text, str(total)))
    return Work(str(total), (*steps, WorkStep(f"So {item.text} = {total}.", str(total))))


def _columnwise(item: Multiplication) -> Work | None:
    """Multiply each digit by the one below it, as if adding, and bring down what has nothing below."""
    right = str(item.a * item.b)
    upper, lower = digits(item.a), digits(item.b)
    columns = max(len(upper), len(lower))
    steps: list[WorkStep] = []
    written, carried = "", 0
    for column in range(columns):
        if column < min(len(upper), len(lower)):
            said, total = _multiply_then_add(upper[column], lower[column], carried)
        else:
            digit = (upper if column < len(upper) else lower)[column]
            total = digit + carried
            more = f", and {carried} carried is {total}" if carried else ""
            said = f"nothing to multiply {digit} by{more}"
        last = column == columns - 1
        part = str(total) if last else str(total % 10)
        carried = 0 if last else total // 10
        written = part + written
        kept = f" and carry {carried}" if carried else ""
        steps.append(WorkStep(f"{place_name(column).capitalize()}: {said}, I write {part}{kept}.", part))
    answer = str(int(written))
    plan = WorkStep("I multiply each digit by the digit below it.", item.text, "partial_products", answer == right)
    return Work(answer, (plan, *steps, WorkStep(f"So {item.text} = {answer}.", answer)))


def draw(rng: Random) -> Multiplication:
    """Two or three digits by one, or two by two; a zero stands in a fair share of them."""
    while True:
        long, short = rng.choice(((2, 1), (3, 1), (2, 2), (2, 2)))
        a, b = _natural(rng, long), _natural(rng, short)
        if b > 1:
            return Multiplication(a=a, b=b)


def _natural(rng: Random, length: int) -> int:
    return int(rng.choice("123456789") + "".join(rng.choice("00123456789") for _ in range(length - 1)))


DOMAIN = Domain(
    id="mul",
    title="Long multiplication",
    kinds=(Kind(Multiplication, solve, draw),),
    skills=(
        Skill(
            "multiplication_carry",
            "Multiplication with carrying",
            "When the product of two digits is ten or more, write its ones and carry its tens into the next column "
            "to the left. There, multiply first and add the carried number afterwards. Of the last column write "
            "the whole number.",
        ),
        Skill(
            "partial_products",
            "Multiplying every digit by every digit",
            "Multiply each digit of one number by every digit of the other, whichever places they stand in, and add "
            "up all these products. Leave none of them out, and copy no digit that has not been multiplied.",
        ),
        Skill(
            "place_shift",
            "Products with tens and hundreds",
            "When you multiply by the tens digit, the product counts tens: begin to write it one place further to the "
            "left. Move one more place to the left for each further digit that you multiply by.",
        ),
        Skill(
            "multiply_by_zero",
            "Multiplying by zero",
            "Zero times any number is zero, since nothing is taken any number of times. Write the zero, or what was "
            "carried, and never the other digit.",
        ),
    ),
    rules=(
        Rule(
            name="omits_cross_products",
            kind=Multiplication,
            procedure=_omits_cross_products,
            skill="partial_products",
            title="Multiplies only ones by ones and tens by tens",
            impasse="both numbers have more than one digit",
            prior=0.1,
        ),
        Rule(
            name="no_place_shift",
            kind=Multiplication,
            procedure=LongMultiplication(skill="place_shift", shifts=False),
            skill="place_shift",
            title="Writes the products with tens as if with ones",
            impasse="the second number has more than one digit",
            prior=0.15,
        ),
        Rule(
            name="drops_carry",
            kind=Multiplication,
            procedure=LongMultiplication(skill="multiplication_carry", carries=False),
            skill="multiplication_carry",
            title="Forgets to carry when multiplying",
            impasse="a product of two digits is ten or more",
            prior=0.2,
        ),
        Rule(
            name="adds_carry_before_multiplying",
            kind=Multiplication,
            procedure=LongMultiplication(skill="multiplication_carry", column=_add_then_multiply),
            skill="multiplication_carry",
            title="Adds the carried number before multiplying",
            impasse="a number is carried into a digit that is still to be multiplied",
            prior=0.08,
        ),
        Rule(
            name="zero_times_n_is_n",
            kind=Multiplication,
            procedure=LongMultiplication(skill="multiply_by_zero", column=_zero_changes_nothing),
            skill="multiply_by_zero",
            title="Takes zero times a number for the number",
            impasse="a digit is to be multiplied by zero",
            prior=0.12,
        ),
        Rule(
            name="columnwise",
            kind=Multiplication,
            procedure=_columnwise,
            skill="partial_products",
            title="Multiplies column by column as in an addition",
            impasse="a number has more than one digit",
            prior=0.06,
        ),
    ),
)
