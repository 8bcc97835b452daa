"""The language in which educators write a wrong procedure: a formula over the numbers of an item, and nothing else.

``(a+c)/(b+d)`` is one. There are whole numbers, the item's letters, ``+ - * // %``, parentheses, and ``gcd``, ``lcm``,
``abs``, ``max``, ``min`` and ``digits``. ``/`` may stand once, outermost, and makes a fraction that is not reduced.
``digits(a)`` is the row of a's digits; what is done to a row is done in every column, ones under ones, and a row as the
result is written down as it stands: ``abs(digits(a)-digits(b))`` makes 46 of 52 and 18.

A formula is read into a tree of known nodes and evaluated by walking it: nothing of it is ever run as a program. Text,
tree, numbers and rows are bounded.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from math import gcd, lcm
from types import MappingProxyType
from typing import TypeAlias

from tutorkit.errors import DataError

LONGEST = 200
_DEEPEST = 12
_LARGEST = 10**12

Row: TypeAlias = tuple[int, ...]
Value: TypeAlias = int | Row
"""A whole number, or a row of them with the ones in front."""


@dataclass(frozen=True)
class Number:
    """A whole number as it is written."""

    value: int


@dataclass(frozen=True)
class Letter:
    """One of the item's numbers."""

    name: str


@dataclass(frozen=True)
class Applied:
    """An operator or a function, with what it is applied to."""

    name: str
    inputs: tuple[Formula, ...]


Formula: TypeAlias = Number | Letter | Applied


@dataclass(frozen=True)
class Result:
    """A formula with, for a fraction, the formula under the line."""

    top: Formula
    bottom: Formula | None = None

    def written(self, numbers: Mapping[str, int]) -> tuple[str, ...] | None:
        """Return the number, or the two of a fraction, as they are written; None where there is no such result.

        There is none after a division by zero, a negative digit, or a number of more than twelve digits.
        """
        texts = [_written(evaluate(part, numbers)) for part in (self.top, self.bottom) if part is not None]
        if None in texts or texts[1:] == ["0"]:
            return None
        return tuple(text for text in texts if text is not None)


def _written(value: Value | None) -> str | None:
    if value is None or isinstance(value, int):
        return None if value is None else str(value)
    if any(digit < 0 for digit in value):
        return None
    text = "".join(str(digit) for digit in reversed(value))
    return str(int(text)) if len(text) <= len(str(_LARGEST)) else None


def evaluate(formula: Formula, numbers: Mapping[str, int]) -> Value | None:
    """Work a formula out; None where it has no value, or one that is out of bounds."""
    if isinstance(formula, Number):
        return formula.value
    if isinstance(formula, Letter):
        return numbers[formula.name]
    values = [evaluate(part, numbers) for part in formula.inputs]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if formula.name == "digits":
        (number,) = known
        return tuple(int(digit) for digit in reversed(str(abs(number)))) if isinstance(number, int) else None
    return _applied(FUNCTIONS[formula.name], known)


def _applied(function: Callable[..., int | None], values: list[Value]) -> Value | None:
    """Apply a function to numbers, or column by column where one of them is a row; a missing digit counts as 0."""
    width = max((len(value) for value in values if isinstance(value, tuple)), default=None)
    if width is None:
        return bounded(function(*values))
    columns = [
        bounded(function(*(value if isinstance(value, int) else _digit(value, place) for value in values)))
        for place in range(width)
    ]
    known = tuple(column for column in columns if column is not None)
    return known if len(known) == width else None


def _digit(row: Row, place: int) -> int:
    return row[place] if place < len(row) else 0


def bounded(value: int | None) -> int | None:
    """Return a number, or None where it has more than twelve digits."""
    return value if value is not None and abs(value) <= _LARGEST else None


FUNCTIONS: Mapping[str, Callable[..., int | None]] = MappingProxyType(
    {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "//": lambda a, b: a // b if b else None,
        "%": lambda a, b: a % b if b else None,
        "neg": lambda a: -a,
        "abs": abs,
        "gcd": lambda *numbers: reduce(gcd, numbers),
        "lcm": lambda *numbers: reduce(lcm, numbers),
        "max": lambda *numbers: max(numbers),
        "min": lambda *numbers: min(numbers),
    }
)
"""What each operator and function does to numbers; None where that has no value."""

_OPERATORS: Mapping[type[ast.operator], str] = MappingProxyType(
    {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "%"}
)
_ARGUMENTS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"gcd": (2, 4), "lcm": (2, 4), "max": (2, 4), "min": (2, 4), "abs": (1, 1), "digits": (1, 1)}
)
_TYPED = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/"})


def read_formula(text: str, letters: tuple[str, ...]) -> Result:
    """Read a formula over these letters.

    Raises:
        DataError: saying at which character (from 1) what cannot stand there, and what to write instead.
    """
    typed = text.translate(_TYPED).strip()
    _check_text(typed)
    try:
        tree = ast.parse(typed, mode="eval").body
    except SyntaxError as error:
        raise _fault(typed, (error.offset or 1) - 1, f"{error.msg}", "Check the parentheses and the signs.") from error
    reader = _Reader(typed, letters)
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        return Result(reader.read(tree.left), reader.read(tree.right))
    return Result(reader.read(tree))


def _check_text(text: str) -> None:
    """Refuse what Python's own parser should not be given: too much, too deep, or of other characters."""
    if not text or len(text) > LONGEST:
        what = "there is nothing" if not text else f"it has more than {LONGEST} characters"
        raise _fault(text, 0, what, "Write a formula such as (a+c)/(b+d).")
    if match := re.search(r"[^-+*/%(),a-z0-9\s]", text):
        raise _fault(text, match.start(), f"{match[0]!r} means nothing here", _INSTEAD.get(match[0], _WHAT_THERE_IS))
    if match := re.search(r"\*\s*\*", text):
        raise _fault(text, match.start(), "there are no powers", "Write a*a for a squared.")
    if match := re.search(r"\d\s*[a-z(]|\)\s*[a-z0-9(]", text):
        raise _fault(text, match.start() + 1, "a sign is missing", "Write 2*a, not 2a.")
    if match := re.search(r"\b0\d", text):
        raise _fault(text, match.start(), "a number begins with 0", "Leave the 0 out.")
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth > _DEEPEST:
            raise _fault(text, place, f"parentheses stand more than {_DEEPEST} deep", "Write it in fewer.")


_WHAT_THERE_IS = "There are whole numbers, letters, + - * // % / ( ) and gcd, lcm, abs, max, min, digits."
_INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        ".": "Use whole numbers: 1/2 is written with two of them, as a fraction.",
        "^": "There are no powers: write a*a for a squared.",
        "=": "Write only what comes out, such as a+b.",
        "<": "There are no comparisons; use max and min.",
        ">": "There are no comparisons; use max and min.",
        ":": "Write / for the line of a fraction, and // for a division whose remainder is dropped.",
    }
)


@dataclass(frozen=True)
class _Reader:
    """Turns Python's tree into one of ours; what has no place in it is refused."""

    text: str
    letters: tuple[str, ...]

    def read(self, node: ast.expr, depth: int = 0) -> Formula:
        if depth > 2 * _DEEPEST:
            raise self._refused(node, "it is nested too deeply", "Write it more simply.")
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.Name):
            return self._letter(node)
        if isinstance(node, ast.UnaryOp):
            return self._signed(node, depth)
        if isinstance(node, ast.BinOp):
            return self._operation(node, depth)
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        raise self._refused(node, "this is no formula", _WHAT_THERE_IS)

    def _number(self, node: ast.Constant) -> Formula:
        if type(node.value) is not int or node.value > _LARGEST:
            raise self._refused(node, "this is no whole number of at most twelve digits", "Write a smaller one.")
        return Number(node.value)

    def _letter(self, node: ast.Name) -> Formula:
        if node.id not in self.letters:
            there = ", ".join(self.letters) or "no letter"
            raise self._refused(node, f"{node.id!r} does not stand in the item", f"In it there is {there}.")
        return Letter(node.id)

    def _signed(self, node: ast.UnaryOp, depth: int) -> Formula:
        if not isinstance(node.op, ast.USub):
            raise self._refused(node, "only a minus can stand before a number", "Leave the sign out.")
        return Applied("neg", (self.read(node.operand, depth + 1),))

    def _operation(self, node: ast.BinOp, depth: int) -> Formula:
        name = _OPERATORS.get(type(node.op))
        if name is None:
            instead = "Write // for a division whose remainder is dropped; / stands once, outermost, for a fraction."
            raise self._refused(node, "a fraction stands inside of a formula", instead)
        return Applied(name, (self.read(node.left, depth + 1), self.read(node.right, depth + 1)))

    def _call(self, node: ast.Call, depth: int) -> Formula:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _ARGUMENTS or node.keywords:
            raise self._refused(node, "this is none of the functions", f"There are {', '.join(_ARGUMENTS)}.")
        least, most = _ARGUMENTS[name]
        if not least <= len(node.args) <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            raise self._refused(node, f"{name} has {len(node.args)} inputs", f"Give it {wanted}.")
        return Applied(name, tuple(self.read(part, depth + 1) for part in node.args))

    def _refused(self, node: ast.expr, what: str, instead: str) -> DataError:
        return _fault(self.text, node.col_offset, what, instead)


def _fault(text: str, place: int, what: str, instead: str) -> DataError:
    found = text[place : place + 20]
    where = f"at character {place + 1} ({found!r})" if found else "at its end"
    return DataError(
        f"The formula {text[:LONGEST]!r} cannot be read {where}: {what}.",
        remedy=instead,
        data={"formula": text[:LONGEST], "character": place + 1},
    )


def with_numbers(formula: Result, numbers: Mapping[str, int]) -> Result:
    """Put an item's numbers in the place of its letters."""
    bottom = formula.bottom
    return Result(_filled(formula.top, numbers), None if bottom is None else _filled(bottom, numbers))


def _filled(formula: Formula, numbers: Mapping[str, int]) -> Formula:
    if isinstance(formula, Letter):
        return Number(numbers[formula.name])
    if isinstance(formula, Applied):
        return Applied(formula.name, tuple(_filled(part, numbers) for part in formula.inputs))
    return formula


def show_formula(formula: Formula | Result, *, outer: int = 0) -> str:
    """Write a formula as it is typed, with no parentheses but those that it needs."""
    if isinstance(formula, Result):
        if formula.bottom is None:
            return show_formula(formula.top)
        return f"{show_formula(formula.top, outer=3)}/{show_formula(formula.bottom, outer=4)}"
    if isinstance(formula, Number):
        return str(formula.value)
    if isinstance(formula, Letter):
        return formula.name
    if formula.name in _ARGUMENTS:
        return f"{formula.name}({', '.join(show_formula(part) for part in formula.inputs)})"
    if formula.name == "neg":
        return _bracketed(f"-{show_formula(formula.inputs[0], outer=4)}", needed=outer > 1)
    rank = 1 if formula.name in "+-" else 2
    left, right = formula.inputs
    text = f"{show_formula(left, outer=rank)}{formula.name}{show_formula(right, outer=rank + 1)}"
    return _bracketed(text, needed=outer > rank)


def _bracketed(text: str, *, needed: bool) -> str:
    return f"({text})" if needed else text
