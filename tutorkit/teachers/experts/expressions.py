"""Arithmetic expressions with units in between: from text to tokens to a value, without evaluating any code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_TOKEN = re.compile(
    rf"(?P<number>(?:{NUMBER})%?)"
    r"|(?P<operator>\*\*|[-+*/^×÷−–x](?![a-z])|(?:plus|minus|times|divided by|of)\b)"
    r"|(?P<paren>[()])|(?P<equals>=)|(?P<word>[A-Za-z¢]\w*(?:['’]\w+)?)|(?P<space>[\s$€£]+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_OPERATORS = {"×": "*", "x": "*", "times": "*", "of": "*", "÷": "/", "divided by": "/", "−": "-", "–": "-"} | {
    "minus": "-",
    "plus": "+",
    "**": "^",
}
LONGEST = 60
"""Most tokens of an expression."""

_LARGEST_POWER = 12
_MOST_DIGITS = 20
_LARGEST = 10**40


@dataclass(frozen=True)
class Token:
    """A piece of a text: a number, operator, paren, equals, word, or other."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """An expression that was read. ``partial`` are the results on the way to ``value``."""

    value: Fraction
    operands: tuple[Fraction, ...]
    operators: tuple[str, ...]
    partial: tuple[Fraction, ...]


def tokens_of(text: str) -> list[Token]:
    """Take a text apart; white space and currency signs are left out."""
    found = [
        Token(_kind(match), match.group(), match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "space"
    ]
    return [_as_word(token) if _is_only_a_word(found, place) else token for place, token in enumerate(found)]


def _kind(match: re.Match[str]) -> str:
    kind = str(match.lastgroup)
    return "other" if kind == "number" and len(match.group()) > _MOST_DIGITS else kind


def _is_only_a_word(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether a sign does not calculate: "of" but between two numbers, a stroke or hyphen before a word."""
    text = tokens[place].text.casefold()
    follower = tokens[place + 1].kind if place + 1 < len(tokens) else ""
    if text == "of":
        return place == 0 or (tokens[place - 1].kind, follower) != ("number", "number")
    return text in ("/", "-") and follower == "word"


def _as_word(token: Token) -> Token:
    return replace(token, kind="word")


def number_value(text: str) -> tuple[Fraction, bool]:
    """Return a number's value, and whether a percent sign follows it; the value is the number before the sign."""
    return Fraction(text.rstrip("%").replace(",", "")), text.endswith("%")


def signed_number(text: str) -> Fraction | None:
    """Return a number that may be negative and have a currency or percent sign; None when a text is none."""
    match = re.fullmatch(rf"\s*(-?)\s*\$?\s*({NUMBER})%?\s*", text)
    if match is None or len(match[2]) > _MOST_DIGITS:
        return None
    return Fraction(f"{match[1]}{match[2].replace(',', '')}")


def read(tokens: Sequence[Token], *, percents: bool = True) -> Reading | None:
    """Parse an expression, units left out; None when it is none."""
    kept = [token for token in tokens if token.kind != "word"]
    if not 0 < len(kept) <= LONGEST or any(token.kind in ("equals", "other") for token in kept):
        return None
    reader = _Reader(kept, percents=percents)
    try:
        value = reader.additive()
    except (_Unreadable, ZeroDivisionError):
        return None
    if reader.place < len(kept):
        return None
    return Reading(value, tuple(reader.operands), tuple(reader.operators), tuple(reader.partial))


class _Unreadable(Exception):
    """Not an expression."""


class _Reader:
    """Reads one expression by the usual ranks; ``percents`` turns "20%" into a fifth."""

    def __init__(self, tokens: Sequence[Token], *, percents: bool) -> None:
        self._tokens = tokens
        self._percents = percents
        self.place = 0
        self.operands: list[Fraction] = []
        self.operators: list[str] = []
        self.partial: list[Fraction] = []

    def additive(self) -> Fraction:
        value = self._product()
        while (operator := self._take("+-")) is not None:
            right = self._product()
            value = self._note(operator, value + right if operator == "+" else value - right)
        return value

    def _product(self) -> Fraction:
        value = self._power()
        while (operator := self._take("*/")) is not None:
            right = self._power()
            value = self._note(operator, value * right if operator == "*" else value / right)
        return value

    def _power(self) -> Fraction:
        base = self._unit()
        if self._take("^") is None:
            return base
        exponent = self._unit()
        if exponent.denominator != 1 or abs(exponent) > _LARGEST_POWER or abs(base) > 10**_LARGEST_POWER:
            raise _Unreadable
        return self._note("^", Fraction(base ** int(exponent)))

    def _unit(self) -> Fraction:
        if self._take("-") is not None:
            return -self._unit()
        token = self._next()
        if token.text == "(":
            value = self.additive()
            if self._next().text != ")":
                raise _Unreadable
            return value
        if token.kind != "number":
            raise _Unreadable
        value, percent = number_value(token.text)
        value = value / 100 if percent and self._percents else value
        self.operands.append(value)
        return value

    def _note(self, operator: str, value: Fraction) -> Fraction:
        if abs(value) > _LARGEST:
            raise _Unreadable
        self.operators.append(operator)
        self.partial.append(value)
        return value

    def _take(self, operators: str) -> str | None:
        token = self._tokens[self.place] if self.place < len(self._tokens) else None
        if token is None or token.kind != "operator":
            # "27(1/3)" multiplies.
            glued = token is not None and self.place > 0 and self._tokens[self.place - 1].end == token.start
            return "*" if token is not None and glued and token.text == "(" and "*" in operators else None
        text = token.text.casefold()
        operator = _OPERATORS.get(text, text)
        if operator not in operators:
            return None
        self.place += 1
        return operator

    def _next(self) -> Token:
        if self.place >= len(self._tokens):
            raise _Unreadable
        token = self._tokens[self.place]
        self.place += 1
        return token
