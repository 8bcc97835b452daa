"""Order of operations, right and wrong: a rule exchanges the ranks, the meaning of a power, or forgets the parentheses.

A step is right when the expression that it leaves has the value of the one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tutorkit.misconceptions.expressions import (
    STANDARD,
    Ranks,
    Token,
    apply,
    next_operator,
    operands,
    put,
    show_tokens,
    tokens_of,
    value,
    window,
)
from tutorkit.misconceptions.items import Order
from tutorkit.misconceptions.work import Work, WorkStep, typeset


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


PROCEDURES: Mapping[str, Callable[[Order], Work | None]] = {
    "ooo.left_to_right": Evaluation(skill="precedence", ranks=("^*/+-",)),
    "ooo.add_before_sub": Evaluation(skill="left_to_right", ranks=("^", "*/", "+", "-")),
    "ooo.mul_before_div": Evaluation(skill="left_to_right", ranks=("^", "*", "/", "+-")),
    "ooo.power_is_product": Evaluation(skill="powers", power_is_product=True),
    "ooo.ignores_parens": Evaluation(skill="parentheses", forgets_parentheses=True),
    "ooo.add_sub_first": Evaluation(skill="precedence", ranks=("^", "+-", "*/")),
}
