"""Column addition, right and wrong: a rule exchanges what becomes of a column's sum, or how numbers are lined up."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Literal

from tutorkit.misconceptions.numbers import Natural
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep, digits, place_name
from tutorkit.types import Record


class Addition(Record):
    """a + b in columns."""

    domain: Literal["add"] = "add"
    a: Natural
    b: Natural

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a} + {self.b}"


Carry = Callable[[int, bool], tuple[str, int]]
"""From a column's sum and whether the column is the last: what is written, and what is carried."""


def _carry(total: int, _last: bool) -> tuple[str, int]:
    return str(total % 10), total // 10


def _drop_carry(total: int, _last: bool) -> tuple[str, int]:
    return str(total % 10), 0


def _write_whole_sum(total: int, _last: bool) -> tuple[str, int]:
    return str(total), 0


def _swap_carry(total: int, _last: bool) -> tuple[str, int]:
    return (str(total // 10), total % 10) if total >= 10 else (str(total), 0)


def _carry_always(total: int, last: bool) -> tuple[str, int]:
    return str(total % 10), total // 10 if last else 1


def _columns(item: Addition, carry_rule: Carry = _carry) -> Work:
    """Add in columns; ones meet ones."""
    steps: list[WorkStep] = []
    lengths = len(str(item.a)), len(str(item.b))
    if lengths[0] != lengths[1]:
        longer, shorter = (item.a, item.b) if lengths[0] > lengths[1] else (item.b, item.a)
        text = f"I write {shorter} under {longer} so that the ones are under the ones."
        steps.append(WorkStep(text, item.text, "place_value"))
    return _finish(item, item.a, item.b, steps, carry_rule)


def _left_aligned(item: Addition) -> Work:
    """Line the numbers up at the left, as if the shorter one ended in zeros, and add in columns."""
    width = max(len(str(item.a)), len(str(item.b)))
    a, b = (int(str(number).ljust(width, "0")) for number in (item.a, item.b))
    ok = (a, b) == (item.a, item.b)
    step = WorkStep(f"I line the numbers up at the left: {a} and {b}.", f"{a} + {b}", "place_value", ok)
    return _finish(item, a, b, [step], _carry)


def _finish(item: Addition, a: int, b: int, steps: list[WorkStep], carry_rule: Carry) -> Work:
    columns = max(len(str(a)), len(str(b)))
    carried, written = 0, ""
    for column in range(columns):
        last = column == columns - 1
        terms = [number[column] for number in (digits(a), digits(b)) if column < len(number)]
        if carried:
            terms.append(carried)
        total = sum(terms)
        digit, carried = carry_rule(total, last)
        written = digit + written
        steps.append(_column_step(terms, digit, carried, column, last))
    answer = str(int(f"{carried}{written}"))
    return Work(answer, (*steps, WorkStep(f"So {item.text} = {answer}.", answer)))


def _column_step(terms: list[int], digit: str, carried: int, column: int, last: bool) -> WorkStep:
    total = sum(terms)
    shown = " + ".join(map(str, terms)) + (f" = {total}" if len(terms) > 1 else "")
    kept = f" and put {carried} in front" if last else f" and carry {carried}"
    text = f"{place_name(column).capitalize()}: {shown}, I write {digit}{kept if carried else ''}."
    skill = "carry" if total >= 10 else None if last else "carry_only_from_ten"
    return WorkStep(text, digit, skill, ok=int(digit) + 10 * carried == total and (last or len(digit) == 1))


def _with(carry_rule: Carry) -> Callable[[Addition], Work]:
    return lambda item: _columns(item, carry_rule)


solve = _with(_carry)


def draw(rng: Random) -> Addition:
    """Two or three digits each, so that half of the sums have numbers of unequal length."""
    a, b = (rng.randrange(11, 100) if rng.random() < 0.5 else rng.randrange(101, 1000) for _ in range(2))
    return Addition(a=a, b=b)


DOMAIN = Domain(
    id="add",
    title="Column addition",
    kinds=(Kind(Addition, solve, draw),),
    skills=(
        Skill(
            "carry",
            "Addition with carrying",
            "When the digits of a column add up to ten or more, write only the ones digit of the sum and carry "
            "the ten as an extra one into the next column to the left. Never forget to add the carried one "
            "there.",
        ),
        Skill(
            "carry_only_from_ten",
            "Carrying only when a column reaches ten",
            "When the digits of a column add up to less than ten, write the sum and carry nothing. Carry only "
            "out of a column that reaches ten.",
        ),
        Skill(
            "place_value",
            "Lining numbers up by place value",
            "Write numbers of different length with their ones digits under each other, so that ones meet ones "
            "and tens meet tens. Leave the gap at the left, never at the right.",
        ),
    ),
    rules=(
        Rule(
            name="drops_carry",
            kind=Addition,
            procedure=_with(_drop_carry),
            skill="carry",
            title="Forgets to carry",
            impasse="a column adds up to ten or more",
            prior=0.2,
        ),
        Rule(
            name="writes_whole_column_sum",
            kind=Addition,
            procedure=_with(_write_whole_sum),
            skill="carry",
            title="Writes the whole sum of each column",
            impasse="a column adds up to ten or more",
            prior=0.1,
        ),
        Rule(
            name="carries_ones_writes_tens",
            kind=Addition,
            procedure=_with(_swap_carry),
            skill="carry",
            title="Writes the ten and carries the ones",
            impasse="a column adds up to ten or more",
            prior=0.04,
        ),
        Rule(
            name="carries_always",
            kind=Addition,
            procedure=_with(_carry_always),
            skill="carry_only_from_ten",
            title="Carries out of every column",
            impasse="a column stays below ten",
            prior=0.03,
        ),
        Rule(
            name="left_aligns",
            kind=Addition,
            procedure=_left_aligned,
            skill="place_value",
            title="Lines the numbers up at the left",
            impasse="the numbers differ in length",
            prior=0.08,
        ),
    ),
)
