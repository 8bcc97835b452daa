"""Calculations and equations in a text, worked out exactly.

An equation is called false only when no usual way of reading it is true: what is ambiguous has the benefit of the
doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from tutorkit.tutoring.guards.plain import plain
from tutorkit.tutoring.guards.tokens import Token, rewritten, tokens

_FILLER_WORDS = """
    exactly just the same as to only simply equal equals gleich genau nur einfach you us das
"""
_FILLER = frozenset(_FILLER_WORDS.split())
_COMPARED_WORDS = """
    more less fewer greater bigger larger smaller away times too off short out of mehr weniger größer kleiner zu
    von different apart digits steps numbers
"""
_COMPARED = frozenset(_COMPARED_WORDS.split())
_DIGIT = re.compile(r"\d")
_MOST_READINGS = 8
_HIGHEST_POWER = 12
_DEEPEST = 24


@dataclass(frozen=True)
class Side:
    """A calculation, or a number. ``values`` are its readings, ``operands`` the first readings of its numbers."""

    values: frozenset[Fraction]
    operands: tuple[Fraction, ...]
    operators: tuple[str, ...]
    start: int
    end: int
    places: int = 0
    units: frozenset[str] = frozenset()
    mixes_percent: bool = False
    named: bool = False

    @property
    def is_compound(self) -> bool:
        """Whether something is worked out in it."""
        return bool(self.operators)


@dataclass(frozen=True)
class Equation:
    """Two sides, next to each other, that are said to be equal; ``sign`` is how: ``=`` or a word."""

    left: Side
    right: Side
    sign: str
    remainder: Fraction | None = None

    @property
    def is_false(self) -> bool:
        """Whether no reading of it is true. What has several units, or adds numbers and percentages, is not judged."""
        sides = (self.left, self.right)
        if any(side.mixes_percent for side in sides) or len(self.left.units | self.right.units) > 1:
            return False
        if not any(side.is_compound for side in sides) and any(side.named or side.units for side in sides):
            return False
        if self.remainder is not None:
            return not self._holds_with(self.remainder)
        return not (self.left.values & self.right.values or _rounds(self.left, self.right))

    def _holds_with(self, remainder: Fraction) -> bool:
        if self.left.operators != ("÷",):
            return True
        top, low = self.left.operands
        return any(top == low * whole + remainder for whole in self.right.values)


@dataclass(frozen=True)
class Calculations:
    """The calculations of a text, as it was rewritten for reading, and the equations among them."""

    text: str
    sides: tuple[Side, ...]
    equations: tuple[Equation, ...]


@lru_cache(maxsize=512)
def calculations(text: str) -> Calculations:
    """Read the calculations of a text in any form.

    A calculation that is a part of something unknown (``2x + 3``, ``? + 3``, ``√9``) is none.
    """
    read = plain(text, emphasis=False) if "**" in text else plain(text)
    if not _DIGIT.search(read):
        return Calculations(read, (), ())
    read = rewritten(read)
    reader = _Reader(tokens(read))
    sides: list[Side] = []
    equations: list[Equation] = []
    while not reader.at_end:
        side = reader.side()
        if side is None:
            continue
        sides.append(side)
        while (sign := reader.equality()) is not None:
            right = reader.side()
            if right is None:
                break
            sides.append(right)
            remainder = reader.remainder()
            if sign == "=" or (side.is_compound and not reader.compares()):
                equations.append(Equation(side, right, sign, remainder))
            side = right
    return Calculations(read, tuple(sides), tuple(equations))


def _rounds(left: Side, right: Side) -> bool:
    """Tell whether one side is the other's endless decimal, rounded to two places or more."""
    for exact, rounded in ((left, right), (right, left)):
        if rounded.places >= 2 and not rounded.is_compound:
            half = Fraction(1, 2 * 10**rounded.places)
            endless = [value for value in exact.values if not _is_finite(value)]
            if any(abs(value - other) <= half for value in endless for other in rounded.values):
                return True
    return False


def _is_finite(value: Fraction) -> bool:
    rest = value.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    return rest == 1


class _Broken(Exception):
    """What is being read is part of something unknown."""


class _Reader:
    """Reads one side after another off the tokens."""

    def __init__(self, found: Sequence[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._operands: list[Fraction] = []
        self._operators: list[str] = []
        self._read: list[Token] = []
        self._named = False
        self._depth = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._tokens)

    def side(self) -> Side | None:
        """Read a calculation if one begins here and is whole; otherwise go on by what was looked at."""
        begin = self._at
        if not self._begins():
            self._at += 1
            return None
        self._operands, self._operators, self._read, self._named, self._depth = [], [], [], False, 0
        before = self._tokens[begin - 1] if begin else None
        known = before is None or before.kind not in ("op", "var", "other")
        try:
            values = self._sum()
        except _Broken:
            self._at = max(self._at, begin + 1)
            return None
        following = self._peek()
        if not known or (following is not None and following.kind in ("num", "var", "other")):
            return None
        percents = {token.percent for token in self._read}
        return Side(
            values=values,
            operands=tuple(self._operands),
            operators=tuple(self._operators),
            start=self._tokens[begin].start,
            end=self._tokens[self._at - 1].end,
            places=self._read[0].places if len(self._read) == 1 else 0,
            units=frozenset(token.unit for token in self._read if token.unit),
            mixes_percent=len(percents) > 1 and bool({"+", "-"} & set(self._operators)),
            named=self._named,
        )

    def equality(self) -> str | None:
        """Read an equals sign, or the words for one, if one stands here and a number follows."""
        begin, sign = self._at, None
        while (token := self._peek()) is not None:
            if token.kind == "eq":
                sign = "=" if token.text == "=" else sign or token.text
            elif not (sign is not None and token.kind == "word" and token.text in _FILLER):
                break
            self._at += 1
        if sign is None or not self._begins():
            self._at = begin if sign is None else self._at
            return None
        return sign

    def remainder(self) -> Fraction | None:
        """Read the remainder of a division, if one stands here."""
        token, after = self._peek(), self._peek(1)
        named = token is not None and token.text in ("r", "remainder", "rest")
        if not named or after is None or after.kind != "num":
            return None
        self._at += 2
        return after.values[0]

    def compares(self) -> bool:
        """Tell whether what was just read is a difference and no result: ``3 + 4 is 1 more than 6``."""
        token = self._peek()
        return token is not None and (token.text in _COMPARED or token.kind == "op")

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else None

    def _begins(self) -> bool:
        token, after = self._peek(), self._peek(1)
        if token is None:
            return False
        before = self._tokens[self._at - 1] if self._at else None
        signs = before is None or before.kind not in ("num", "var", "close")
        signed = token.kind == "op" and token.text == "-" and signs
        return token.kind in ("num", "open") or (signed and after is not None and after.kind in ("num", "open"))

    def _sum(self) -> frozenset[Fraction]:
        values = self._product()
        while (sign := self._operator("+", "-")) is not None:
            right = self._product()
            if sign == "+":
                values = _combined(values, right, lambda a, b: a + b)
            else:
                values = _combined(values, right, lambda a, b: a - b)
        return values

    def _product(self) -> frozenset[Fraction]:
        values = self._signed()
        while (sign := self._operator("×", "÷", "of")) is not None or self._multiplies():
            right = self._signed()
            if sign == "÷":
                if 0 in right:
                    raise _Broken
                values = _combined(values, right, lambda a, b: a / b)
            else:
                if sign is None:
                    self._operators.append("×")
                values = _combined(values, right, lambda a, b: a * b)
        return values

    def _signed(self) -> frozenset[Fraction]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Broken
        values = self._value()
        self._depth -= 1
        return values

    def _value(self) -> frozenset[Fraction]:
        token = self._peek()
        if token is not None and token.kind == "op" and token.text == "-":
            self._at += 1
            held = len(self._operands)
            values = self._signed()
            if len(self._operands) == held + 1:
                self._operands[held] *= -1
            return frozenset(-value for value in values)
        return self._power()

    def _power(self) -> frozenset[Fraction]:
        base = self._atom()
        if self._operator("^") is None:
            return base
        exponents = self._signed()
        if any(value.denominator != 1 or abs(value) > _HIGHEST_POWER for value in exponents):
            raise _Broken
        if 0 in base and any(value < 0 for value in exponents):
            raise _Broken
        return frozenset(value ** int(exponent) for value in base for exponent in exponents)

    def _atom(self) -> frozenset[Fraction]:
        token = self._peek()
        if token is None or token.kind not in ("num", "open"):
            raise _Broken
        self._at += 1
        if token.kind == "num":
            self._read.append(token)
            self._operands.append(token.values[0])
            self._skip_name()
            return frozenset(token.values)
        values = self._sum()
        closing = self._peek()
        if closing is None or closing.kind != "close":
            raise _Broken
        self._at += 1
        return values

    def _skip_name(self) -> None:
        """Pass over what is counted: ``3 apples + 4 apples``."""
        token, after = self._peek(), self._peek(1)
        if token is not None and token.kind == "word" and token.text not in _COMPARED | {"and", "und", "from", "to"}:
            calculates = after is not None and after.kind in ("op", "eq") and after.text not in ("of", "-")
            if calculates or (after is not None and after.text == "-" and (self._peek(2) or token).kind == "num"):
                self._named = True
                self._at += 1

    def _operator(self, *signs: str) -> str | None:
        token, after = self._peek(), self._peek(1)
        if token is None or token.kind != "op" or token.text not in signs:
            return None
        if token.text == "-" and (after is None or after.kind in ("word", "end", "eq")):
            return None
        if token.text == "of" and not (self._read and _is_share(self._read[-1])):
            return None
        self._at += 1
        self._operators.append(token.text)
        return token.text

    def _multiplies(self) -> bool:
        """Tell whether a bracket is multiplied without a sign: ``2(3 + 4)``, but not ``5 (in the ones place)``."""
        token, after, before = self._peek(), self._peek(1), self._tokens[self._at - 1]
        if token is None or token.kind != "open" or token.start != before.end:
            return False
        return after is not None and (after.kind in ("num", "open", "var") or after.text == "-")


def _is_share(token: Token) -> bool:
    return token.percent or "/" in token.text


def _combined(
    left: frozenset[Fraction], right: frozenset[Fraction], work: Callable[[Fraction, Fraction], Fraction]
) -> frozenset[Fraction]:
    found = {work(a, b) for a in left for b in right}
    if len(found) > _MOST_READINGS:
        raise _Broken
    return frozenset(found)
