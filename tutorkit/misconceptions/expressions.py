"""Arithmetic expressions as token lists that are worked off one operation at a time, in any order of ranks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

Token: TypeAlias = Fraction | str
Ranks: TypeAlias = tuple[str, ...]
"""The operators by rank, those to be done first in front; each rank is worked off from left to right."""

STANDARD: Ranks = ("^", "*/", "+-")

_OPERATORS = frozenset("+-*/^")
_SHOWN = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ ", "^": "^"}
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGEST_BASE = 10**6
_LARGEST_EXPONENT = 20


@dataclass(frozen=True)
class Window:
    """The stretch of tokens to be worked on next: the first innermost parentheses, else all. ``end`` is exclusive."""

    start: int
    end: int
    bracketed: bool


@lru_cache(maxsize=256)
def tokens_of(expression: str) -> tuple[Token, ...] | None:
    """Split an expression into numbers, operators and parentheses; None when it is not well formed."""
    compact = re.sub(r"\s+", "", expression)
    texts = re.findall(r"[0-9]{1,12}|[-+*/^()]", compact)
    if "".join(texts) != compact or not _OPERATORS & set(texts):
        return None
    depth, number_next = 0, True
    for text in texts:
        if text == "(" and number_next:
            depth += 1
        elif text == ")" and not number_next and depth > 0:
            depth -= 1
        elif text.isdigit() and number_next:
            number_next = False
        elif text in _OPERATORS and not number_next:
            number_next = True
        else:
            return None
    if depth or number_next:
        return None
    return bare(tuple(Fraction(text) if text.isdigit() else text for text in texts))


def bare(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Drop the parentheses around single numbers."""
    kept: list[Token] = []
    for token in tokens:
        kept.append(token)
        while kept[-1] == ")" and len(kept) > 2 and kept[-3] == "(":
            kept[-3:] = [kept[-2]]
    return tuple(kept)


def window(tokens: Sequence[Token]) -> Window:
    """Find what has to be worked on next."""
    if ")" not in tokens:
        return Window(0, len(tokens), bracketed=False)
    end = tokens.index(")")
    start = max(index for index in range(end) if tokens[index] == "(") + 1
    return Window(start, end, bracketed=True)


def next_operator(tokens: Sequence[Token], ranks: Ranks) -> int:
    """Return the index of the operator to be done next; there must be one."""
    inner = window(tokens)
    places = range(inner.start + 1, inner.end, 2)
    return next(place for rank in ranks for place in places if str(tokens[place]) in rank)


def apply(operator: str, left: Fraction, right: Fraction) -> Fraction | None:
    """Do one operation; None where it has no value, or a power is too large to be an exercise."""
    if operator == "^":
        small = right.denominator == 1 and 0 <= right <= _LARGEST_EXPONENT
        return left ** int(right) if small and max(abs(left.numerator), left.denominator) <= _LARGEST_BASE else None
    if operator == "/":
        return left / right if right else None
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def operands(tokens: Sequence[Token], place: int) -> tuple[Fraction, str, Fraction]:
    """Return the operation at an operator's index: left number, operator, right number."""
    return Fraction(tokens[place - 1]), str(tokens[place]), Fraction(tokens[place + 1])


def put(tokens: Sequence[Token], place: int, value: Fraction) -> tuple[Token, ...]:
    """Replace the operation at an operator's index by its value."""
    return bare((*tokens[: place - 1], value, *tokens[place + 2 :]))


def value(tokens: Sequence[Token]) -> Fraction | None:
    """Work tokens off in the standard order; None when they have no value."""
    while len(tokens) > 1:
        place = next_operator(tokens, STANDARD)
        left, operator, right = operands(tokens, place)
        result = apply(operator, left, right)
        if result is None:
            return None
        tokens = put(tokens, place, result)
    return Fraction(tokens[0])


@lru_cache(maxsize=256)
def value_of(expression: str) -> Fraction | None:
    """Return the value of an expression; None when it is not well formed, has no operator, or has no value."""
    tokens = tokens_of(expression)
    return None if tokens is None else value(tokens)


def show_number(number: Fraction) -> str:
    """Write a number canonically: ``14``, ``-3``, ``8/3``."""
    return str(number.numerator) if number.denominator == 1 else f"{number.numerator}/{number.denominator}"


def show_tokens(tokens: Sequence[Token]) -> str:
    """Write tokens as a pupil does; a negative number or fraction inside an expression is put in parentheses."""
    alone = len(tokens) == 1
    texts = []
    for token in tokens:
        if isinstance(token, str):
            texts.append(_SHOWN.get(token, token))
        elif alone or (token >= 0 and token.denominator == 1):
            texts.append(show_number(token))
        else:
            texts.append(f"({show_number(token)})".replace("-", "−"))
    return re.sub(r"\^(\d+)", lambda match: match[1].translate(_SUPERSCRIPTS), "".join(texts))


def show_expression(expression: str) -> str:
    """Write an expression as it is printed: ``2 + 3 × 4``, ``2 + 3²``; it must be well formed."""
    tokens = tokens_of(expression)
    return expression if tokens is None else show_tokens(tokens)
