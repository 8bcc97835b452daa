"""Order of operations, right and wrong: a rule exchanges the ranks, the meaning of a power, or forgets the parentheses.

A step is right when the expression that it leaves has the value of the one before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from pydantic import Field, field_validator

from tutorkit.misconceptions.expressions import (
    STANDARD,
    Ranks,
    Token,
    apply,
    next_operator,
    operands,
    put,
    show_expression,
    show_tokens,
    tokens_of,
    value,
    value_of,
    window,
)
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep, typeset
from tutorkit.types import Record


class Order(Record):
    """An expression of natural numbers, ``+ - * / ^`` and parentheses; powers, like the rest, go from left to right."""

    domain: Literal["ooo"] = "ooo"
    expression: str = Field(max_length=80)

    @field_validator("expression")
    @classmethod
    def _has_a_value(cls, expression: str) -> str:
        if value_of(expression) is None:
            raise ValueError("the expression has no value")
        return expression

    @property
    def text(self) -> str:
        """The item as it is written."""
        return show_expression(self.expression)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A way to work an expression off: the right one unless a part is exchanged, which shows a lack of ``skill``."""

    skill: str | None = None
    ranks: Ranks = STANDARD
    power_is_product: bool = False
    forgets_parentheses: bool = False

    def __call__(self, item: Order) -> Work | None:
        """Work the expression off; None when this way meets something without a value, where a pupil would go back."""
        tokens: tuple[Token, ...] | None = tokens_of(item.expression)
        steps: list[WorkStep] = []
        if tokens is not None and self.forgets_parentheses and "(" in tokens:
            plain = tuple(token for token in tokens if token not in ("(", ")"))
            text = f"Without the parentheses it is {show_tokens(plain)}."
            steps.append(WorkStep(text, show_tokens(plain), self.skill, value(plain) == value(tokens)))
            tokens = plain
        while tokens is not None and len(tokens) > 1:
            tokens = self._next(tokens, steps)
        if tokens is None:
            return None
        return Work(steps[-1].result, tuple(steps))

    def _next(self, tokens: tuple[Token, ...], steps: list[WorkStep]) -> tuple[Token, ...] | None:
        place = next_operator(tokens, self.ranks)
        left, operator, right = operands(tokens, place)
        power = operator == "^"
        done = "*" if power and self.power_is_product else operator
        result = apply(done, left, right)
        if result is None:
            return None
        rest = put(tokens, place, result)
        if power:
            steps += _choice_of_power(tokens, place)
        ok = value(tokens) == value(rest)
        skill = _skill(tokens, place) if ok else self.skill
        meant = f"{show_tokens((left, operator, right))} = " if done != operator else ""
        text = f"{meant}{show_tokens((left, done, right))} = {show_tokens((result,))}"
        left_over = f", so {show_tokens(rest)}." if len(rest) > 1 else "."
        steps.append(WorkStep(typeset(text + left_over), show_tokens(rest), skill, ok))
        return rest


def _choice_of_power(tokens: tuple[Token, ...], place: int) -> list[WorkStep]:
    """To do a power before its neighbours is one skill, to work it out another, so each has a step."""
    inner = window(tokens)
    alone = inner.end - inner.start == 3
    if alone and not inner.bracketed:
        return []
    power = show_tokens(tokens[place - 1 : place + 2])
    return [WorkStep(f"First {power}.", power, "parentheses" if alone else "precedence")]


def _skill(tokens: tuple[Token, ...], place: int) -> str | None:
    """Name the skill that it takes to do this operation now and not another."""
    inner, operator = window(tokens), str(tokens[place])
    others = [str(tokens[other]) for other in range(inner.start + 1, inner.end, 2) if other != place]
    if operator == "^":
        return "powers"
    if not others:
        return "parentheses" if inner.bracketed else None
    follower = str(tokens[place + 2]) if place + 2 < inner.end else ""
    # A run of equal ranks ends in a step without a follower, so "precedence" is still named when both are needed.
    if (operator == "-" and follower in ("+", "-")) or (operator == "/" and follower in ("*", "/")):
        return "left_to_right"
    return "precedence" if operator in "*/" and {"+", "-"} & set(others) else None


_RIGHT = Evaluation()


def solve(item: Order) -> Work:
    """Work the item out rightly."""
    work = _RIGHT(item)
    assert work is not None, "an item is only read when its expression has a value"
    return work


_SHAPES = (
    "{p}+{q}*{r}",
    "{big}-{q}*{r}",
    "{big}-{q}*{r}+{p}",
    "{big}-{p}+{q}",
    "{pqr}/{p}*{q}",
    "{pqr}/{q}*{r}+{p}",
    "{p}*({q}+{r})",
    "({p}+{q})*{r}-{q}",
    "{big}-({p}+{q})",
    "{big}-({p}-{q}+{r})",
    "{p}+{base}^{power}",
    "{p}*{base}^{power}",
    "{big}-{base}^{power}+{q}",
)


def draw(rng: Random) -> Order:
    """Expressions whose value is a natural number."""
    p, q, r = (rng.randrange(2, 13) for _ in range(3))
    numbers = {"p": p, "q": q, "r": r, "pqr": p * q * r, "big": rng.randrange(20, 200)}
    expression = rng.choice(_SHAPES).format(**numbers, base=rng.randrange(3, 10), power=rng.choice((2, 2, 3)))
    item = Order(expression=expression)
    return item if solve(item).answer.isdigit() else draw(rng)


DOMAIN = Domain(
    id="ooo",
    title="Order of operations",
    kinds=(Kind(Order, solve, draw),),
    skills=(
        Skill(
            "precedence",
            "Order of operations",
            "Do powers first, then multiplications and divisions, and only after them additions and "
            "subtractions, wherever they stand in the expression.",
        ),
        Skill(
            "left_to_right",
            "Operations of equal rank",
            "Do additions and subtractions in the order in which they come, from left to right, and likewise "
            "multiplications and divisions. Addition does not come before subtraction, nor multiplication "
            "before division.",
        ),
        Skill(
            "powers",
            "Powers",
            "A power is a repeated multiplication: write the base as a factor as many times as the exponent "
            "says, and multiply these factors. Do not multiply the base by the exponent.",
        ),
        Skill(
            "parentheses",
            "Parentheses",
            "Work out what stands inside parentheses first, down to a single number, and only then use that "
            "number in the rest of the expression.",
        ),
    ),
    rules=(
        Rule(
            name="left_to_right",
            kind=Order,
            procedure=Evaluation(skill="precedence", ranks=("^*/+-",)),
            skill="precedence",
            title="Works strictly from left to right",
            impasse="operations of different rank meet",
            prior=0.25,
        ),
        Rule(
            name="add_before_sub",
            kind=Order,
            procedure=Evaluation(skill="left_to_right", ranks=("^", "*/", "+", "-")),
            skill="left_to_right",
            title="Adds before subtracting",
            impasse="operations of equal rank meet",
            prior=0.1,
        ),
        Rule(
            name="mul_before_div",
            kind=Order,
            procedure=Evaluation(skill="left_to_right", ranks=("^", "*", "/", "+-")),
            skill="left_to_right",
            title="Multiplies before dividing",
            impasse="operations of equal rank meet",
            prior=0.1,
        ),
        Rule(
            name="power_is_product",
            kind=Order,
            procedure=Evaluation(skill="powers", power_is_product=True),
            skill="powers",
            title="Multiplies the base by the exponent",
            impasse="there is a power",
            prior=0.2,
        ),
        Rule(
            name="ignores_parens",
            kind=Order,
            procedure=Evaluation(skill="parentheses", forgets_parentheses=True),
            skill="parentheses",
            title="Ignores parentheses",
            impasse="there are parentheses",
            prior=0.1,
        ),
        Rule(
            name="add_sub_first",
            kind=Order,
            procedure=Evaluation(skill="precedence", ranks=("^", "+-", "*/")),
            skill="precedence",
            title="Adds and subtracts before multiplying and dividing",
            impasse="operations of different rank meet",
            prior=0.05,
        ),
    ),
)
