"""Expressions with variables, compared by value at a few places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

_PIECE = re.compile(r"\s*(\d{1,12}(?:\.\d{1,12})?|[a-zA-Z]|[-+×*/÷^()])")
_RUN = re.compile(r"(?:\d{1,12}(?:\.\d{1,12})?(?!\.?\d)|(?<![a-zA-Z])[a-zA-Z](?![a-zA-Z])|[-+×*/÷^()]|\s(?=\S))+")
_POWERS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), by)
    for pattern, by in (
        (r"\bto\s+the\s+(?:power\s+(?:of\s+)?)?(\d)(?:st|nd|rd|th)?(?:\s+power)?\b", r"^\1"),
        *((rf"\bto\s+the\s+{word}\b(?:\s+power)?", f"^{power}") for power, word in enumerate(_POWERS, start=2)),
        (r"\s+(?:squared|quadrat|zum\s+quadrat)\b", "^2"),
        (r"\s+cubed\b", "^3"),
        (r"\s+hoch\s+(?=\d)", "^"),
        (r"(?<=[\w)])\s+(?:plus|and\s+then\s+plus)\s+(?=[\w(-])", " + "),
        (r"(?<=[\w)])\s+minus\s+(?=[\w(-])", " - "),
        (r"(?<=[\w)])\s+(?:times|mal|multiplied\s+by|lots\s+of)\s+(?=[\w(-])", " × "),
        (r"(?<=[\w)])\s+(?:over|divided\s+by|durch)\s+(?=[\w(-])", " / "),
        (r"(?<=\d)\s?([a-zA-Z])(?:'s|s|-?es)(?![a-zA-Z])", r"\1"),
        (r"(?<=\d)-(?=[a-zA-Z](?![a-zA-Z]))", ""),
    )
)
_PLACES = (Fraction(3), Fraction(-7, 2), Fraction(11, 5), Fraction(13))
_HIGHEST_POWER = 12


@dataclass(frozen=True)
class Expression:
    """An expression with variables: its values at fixed places, and its shape."""

    text: str
    variables: frozenset[str]
    values: tuple[Fraction | None, ...]
    terms: int
    bracketed: bool


@dataclass(frozen=True)
class Placed:
    """An expression, and where it stands in a text, which has its operators as signs by then."""

    expression: Expression
    text: str
    start: int
    end: int


@lru_cache(maxsize=256)
def expressions(text: str) -> tuple[Placed, ...]:
    """Return the expressions with a variable that stand in a text in the plain form."""
    for pattern, by in _WORDS:
        text = pattern.sub(by, text)
    found = []
    for run in _RUN.finditer(text):
        read = expression(run[0].strip(" +×*/÷^-") if not run[0].strip().startswith("-") else run[0].strip(" +×*/÷^"))
        if read is not None and read.variables:
            begin = run.start() + len(run[0]) - len(run[0].lstrip())
            found.append(Placed(read, text, begin, begin + len(run[0].strip())))
    return tuple(found)


def expression(written: str) -> Expression | None:
    """Read one expression; None when it is none."""
    written = _unpaired(written)
    pieces = _PIECE.findall(written)
    if not pieces or _PIECE.sub("", written).strip() or len(pieces) > 60:
        return None
    variables = frozenset(piece for piece in pieces if piece.isalpha())
    values = []
    for shift in range(len(_PLACES)):
        known = {name: _PLACES[(shift + index) % len(_PLACES)] for index, name in enumerate(sorted(variables))}
        try:
            values.append(_Evaluation(pieces, known).value())
        except (_NotOne, ZeroDivisionError):
            return None
    text = "".join(pieces).replace("*", "×")
    return Expression(text, variables, tuple(values), _terms(pieces), "(" in pieces)


def _unpaired(written: str) -> str:
    """Drop a bracket at either end that has no partner: ``(7x`` in ``(7x, that is)``."""
    if written.count("(") > written.count(")"):
        return written.removeprefix("(")
    return written.removesuffix(")") if written.count(")") > written.count("(") else written


def _terms(pieces: list[str]) -> int:
    depth, count = 0, 1
    for index, piece in enumerate(pieces):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if piece in "+-" and depth == 0 and index and pieces[index - 1] not in "+-×*/÷^(":
            count += 1
    return count


class _NotOne(Exception):
    """The pieces make no expression."""


class _Evaluation:
    """Works an expression out with given values for its variables."""

    def __init__(self, pieces: list[str], known: Mapping[str, Fraction]) -> None:
        self._pieces = pieces
        self._known = known
        self._at = 0

    def value(self) -> Fraction:
        found = self._sum()
        if self._at != len(self._pieces):
            raise _NotOne
        return found

    def _next(self) -> str:
        return self._pieces[self._at] if self._at < len(self._pieces) else ""

    def _sum(self) -> Fraction:
        value = self._product()
        while self._next() in ("+", "-"):
            sign = self._next()
            self._at += 1
            right = self._product()
            value = value + right if sign == "+" else value - right
        return value

    def _product(self) -> Fraction:
        value = self._signed()
        while (piece := self._next()) and piece not in ("+", "-", ")", "^"):
            if piece in ("×", "*", "/", "÷"):
                self._at += 1
            right = self._signed()
            value = value / right if piece in ("/", "÷") else value * right
        return value

    def _signed(self) -> Fraction:
        if self._next() == "-":
            self._at += 1
            return -self._signed()
        base = self._atom()
        if self._next() != "^":
            return base
        self._at += 1
        exponent = self._signed()
        if exponent.denominator != 1 or abs(exponent) > _HIGHEST_POWER:
            raise _NotOne
        return Fraction(base ** int(exponent))

    def _atom(self) -> Fraction:
        piece = self._next()
        self._at += 1
        if piece == "(":
            value = self._sum()
            if self._next() != ")":
                raise _NotOne
            self._at += 1
            return value
        if piece.isalpha():
            return self._known[piece]
        if piece[:1].isdigit():
            return Fraction(piece)
        raise _NotOne
