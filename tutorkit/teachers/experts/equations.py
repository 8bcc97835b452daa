"""Reading the calculations in running text: "5 packs * $4 per pack = $20", "<<5*4=20>>", and whether they hold.

Text is parsed, never evaluated. What cannot be read for sure is left out: a calculation that is passed over costs a
diagnosis, one that is misread makes a false one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_TOKEN = re.compile(
    rf"(?P<number>(?:{_NUMBER})%?)"
    r"|(?P<operator>\*\*|[-+*/^×÷−–x](?![a-z])|(?:plus|minus|times|divided by|of)\b)"
    r"|(?P<paren>[()])|(?P<equals>=)|(?P<word>[A-Za-z¢]\w*(?:['’]\w+)?)|(?P<space>[\s$€£]+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_MARK = re.compile(rf"[\d\s.,$%()+\-*/x×÷−=]*<<(?P<left>[^<>=]*)=(?P<said>[^<>=]*)>>(?P<written>-?\$?(?:{_NUMBER})?)")
_OPERATORS = {"×": "*", "x": "*", "times": "*", "of": "*", "÷": "/", "divided by": "/", "−": "-", "–": "-"} | {
    "minus": "-",
    "plus": "+",
    "**": "^",
}
_LONGEST = 60
_LARGEST_POWER = 12
_MOST_PLACES = 6
_MOST_DIGITS = 20
_LARGEST = 10**40
_CONVERTED = frozenset(
    {
        "cent",
        "dollar",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "year",
        "inch",
        "feet",
        "foot",
        "yard",
        "mile",
    }
    | {"meter", "metre", "cm", "km", "kilometer", "gram", "g", "kg", "pound", "ounce", "liter", "litre", "ml", "dozen"}
    | {"hundred", "thousand", "million", "half", "pair"}
)
"""Words behind which a number may stand for another one: "$5 + 50 cents" is no false sum."""


@dataclass(frozen=True, kw_only=True)
class Equation:
    """One calculation: its place, its parts, what it comes to and what is said that it comes to.

    ``span`` stands in the line word for word. ``partial`` are the results on the way to ``value``.
    """

    line: int
    span: str
    operands: tuple[Fraction, ...]
    operators: tuple[str, ...]
    partial: tuple[Fraction, ...]
    value: Fraction
    said: Fraction
    holds: bool


def equations_in(lines: Sequence[str]) -> tuple[Equation, ...]:
    """Return the calculations in some lines, in their order. Lines with <<marks>> are read by their marks."""
    found: list[Equation] = []
    for index, line in enumerate(lines):
        found += _marked(index, line) if "<<" in line else _plain(index, line)
    return tuple(found)


def expressions_in(lines: Sequence[str]) -> tuple[Equation, ...]:
    """Return the calculations in worked lines; a line may also be a bare expression such as "( 76 - 25 )"."""
    found: list[Equation] = []
    for index, line in enumerate(lines):
        here = list(equations_in((line,)))
        bare = None if here else _read(_tokens(line))
        if bare is not None and bare.operators:
            here = [_equation(index, line, bare, bare.value, holds=True)]
        found += [replace(equation, line=index) for equation in here]
    return tuple(found)


def numbers_in(text: str) -> tuple[Fraction, ...]:
    """Return the numbers that stand in a text in digits; a percentage counts as the number before its sign."""
    return tuple(_number(token.text)[0] for token in _tokens(text) if token.kind == "number")


def number_of(text: str | None) -> Fraction | None:
    """Return the only number of a text, such as an answer's; None when it has none or several."""
    found = numbers_in(text or "")
    if len(found) != 1:
        return None
    return -found[0] if re.match(r"\s*\$?[-−]", text or "") else found[0]


def without_marks(text: str) -> str:
    """Return a text without its <<calculation marks>>."""
    return re.sub(r"<<[^<>]*>>", "", text)


def same_value(left: Fraction, right: Fraction) -> bool:
    """Tell whether two numbers are one; broken ones may differ by a thousandth part, since they are often rounded."""
    if left == right:
        return True
    if left.denominator == right.denominator == 1:
        return False
    return abs(left - right) * 1000 <= max(abs(left), abs(right))


def is_among(value: Fraction, values: Iterable[Fraction]) -> bool:
    """Tell whether a number is one of several."""
    return any(same_value(value, each) for each in values)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class _Sum:
    """An expression that was read."""

    value: Fraction
    operands: tuple[Fraction, ...]
    operators: tuple[str, ...]
    partial: tuple[Fraction, ...]


def _tokens(text: str) -> list[_Token]:
    found = [
        _Token(_kind(match), match.group(), match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "space"
    ]
    return [_as_word(token) if _is_only_a_word(found, place) else token for place, token in enumerate(found)]


def _kind(match: re.Match[str]) -> str:
    kind = str(match.lastgroup)
    return "other" if kind == "number" and len(match.group()) > _MOST_DIGITS else kind


def _is_only_a_word(tokens: Sequence[_Token], place: int) -> bool:
    """Tell whether a sign does not calculate: "of" but between two numbers, a stroke or hyphen before a word."""
    text = tokens[place].text.casefold()
    follower = tokens[place + 1].kind if place + 1 < len(tokens) else ""
    if text == "of":
        return place == 0 or (tokens[place - 1].kind, follower) != ("number", "number")
    return text in ("/", "-") and follower == "word"


def _as_word(token: _Token) -> _Token:
    return replace(token, kind="word")


def _number(text: str) -> tuple[Fraction, bool]:
    """Return a number's value, and whether a percent sign follows it; the value is the number before the sign."""
    return Fraction(text.rstrip("%").replace(",", "")), text.endswith("%")


def _marked(index: int, line: str) -> list[Equation]:
    found = []
    for match in _MARK.finditer(line):
        left, said = _read(_tokens(match["left"])), _signed(match["said"])
        written = _signed(match["written"])
        if left is None or said is None:
            continue
        holds = _agrees(left.value, match["said"], said) and (
            written is None or same_value(said, written) or _agrees(said, match["written"], written)
        )
        shown = said if written is None else written
        span = match.group().lstrip(" \t$=.,%)*/+x×÷−-").rstrip()
        found.append(_equation(index, span, left, shown, holds=holds))
    return found


def _plain(index: int, line: str) -> list[Equation]:
    tokens = _tokens(line)
    found = []
    for place, token in enumerate(tokens):
        if token.kind != "equals":
            continue
        start = _start_of(tokens, place)
        right = _right_of(tokens, place)
        left = None if start is None else _read(tokens[start:place])
        if start is None or right is None or left is None or not left.operators:
            continue
        said, end = right
        holds = _holds(tokens[start:place], left, tokens[place + 1 : end], said)
        if holds is not None:
            span = line[tokens[start].start : tokens[end - 1].end]
            found.append(_equation(index, span, left, said, holds=holds))
    return found


def _equation(index: int, span: str, left: _Sum, said: Fraction, *, holds: bool) -> Equation:
    return Equation(
        line=index,
        span=span,
        operands=left.operands,
        operators=left.operators,
        partial=left.partial,
        value=left.value,
        said=said,
        holds=holds,
    )


def _start_of(tokens: Sequence[_Token], place: int) -> int | None:
    """Return where the expression before an equals sign begins; None when that is not clear."""
    start, index = None, place - 1
    number_next = True
    while index >= 0 and place - index <= _LONGEST:
        token = tokens[index]
        if token.kind in ("equals", "other"):
            break
        if token.kind == "number":
            if not number_next and not (tokens[index + 1].text == "(" and tokens[index + 1].start == token.end):
                break
            number_next = False
        elif token.kind == "operator":
            number_next = True
        if token.kind == "number" or token.text == "(" or _is_sign(tokens, index):
            start = index
        index -= 1
    # "2 1/2" and "sqrt(9 + 7)" are not what they look like from behind.
    before = tokens[start - 1] if start else None
    if start is None or (before is not None and before.kind == "number"):
        return None
    glued = before is not None and before.kind == "word" and before.end == tokens[start].start
    return None if glued else _balanced(tokens, start, place)


def _balanced(tokens: Sequence[_Token], start: int, place: int) -> int | None:
    """Move the start behind parentheses that were opened for a remark and do not close before the equals sign."""
    while start < place and _read(tokens[start:place]) is None:
        start += 1
        while start < place and tokens[start].kind not in ("number", "paren"):
            start += 1
    return start if start < place else None


def _is_sign(tokens: Sequence[_Token], index: int) -> bool:
    """Tell whether a minus stands at the head of an expression and right before its number."""
    token = tokens[index]
    if token.text not in "-−" or index + 1 >= len(tokens) or tokens[index + 1].start != token.end:
        return False
    return index == 0 or tokens[index - 1].kind in ("equals", "other", "operator") or tokens[index - 1].text == "("


def _right_of(tokens: Sequence[_Token], place: int) -> tuple[Fraction, int] | None:
    """Return the number or fraction behind an equals sign, and where it ends."""
    index = place + 1
    negative = index < len(tokens) and tokens[index].text in ("-", "−")
    index += negative
    if index >= len(tokens) or tokens[index].kind != "number":
        return None
    value, _ = _number(tokens[index].text)
    index += 1
    rest = tokens[index : index + 2]
    if [token.text for token in rest[:1]] == ["/"] and len(rest) == 2 and rest[1].text.isdigit() and int(rest[1].text):
        value, index = value / int(rest[1].text), index + 2
    return -value if negative else value, index


def _holds(left_tokens: Sequence[_Token], left: _Sum, right_tokens: Sequence[_Token], said: Fraction) -> bool | None:
    """Tell whether left and right agree in some usual reading of percentages; None when units stand in the way."""
    written = right_tokens[-1].text
    values = {left.value}
    if any(token.text.endswith("%") for token in left_tokens) and (bare := _read(left_tokens, percents=False)):
        values.add(bare.value)
    if written.endswith("%"):
        values |= {100 * value for value in values}
    if any(_agrees(value, written, said) for value in values):
        return True
    units = {token.text.casefold().rstrip("s") for token in left_tokens if token.kind == "word"}
    return None if units & _CONVERTED or _has_unknowns(left_tokens) else False


def _has_unknowns(tokens: Sequence[_Token]) -> bool:
    """Tell whether a number is glued to a word: "3y" is algebra."""
    return any(
        left.kind == "number" and right.kind == "word" and left.end == right.start for left, right in pairwise(tokens)
    )


def _agrees(value: Fraction, written: str, said: Fraction) -> bool:
    """Tell whether a number as written is the value, rounded in any direction to the places that it shows."""
    places = min(len(written.rstrip("%").partition(".")[2]), _MOST_PLACES)
    unit = Fraction(1, 10**places)
    return abs(value - said) < (unit if abs(value) >= unit else unit / 2)


def _signed(text: str) -> Fraction | None:
    match = re.fullmatch(rf"\s*(-?)\s*\$?\s*({_NUMBER})%?\s*", text)
    if match is None or len(match[2]) > _MOST_DIGITS:
        return None
    return Fraction(f"{match[1]}{match[2].replace(',', '')}")


def _read(tokens: Sequence[_Token], *, percents: bool = True) -> _Sum | None:
    """Parse an expression, units left out; None when it is none."""
    kept = [token for token in tokens if token.kind != "word"]
    if not 0 < len(kept) <= _LONGEST or any(token.kind in ("equals", "other") for token in kept):
        return None
    reader = _Reader(kept, percents=percents)
    try:
        value = reader.additive()
    except (_Unreadable, ZeroDivisionError):
        return None
    if reader.place < len(kept):
        return None
    return _Sum(value, tuple(reader.operands), tuple(reader.operators), tuple(reader.partial))


class _Unreadable(Exception):
    """Not an expression."""


class _Reader:
    """Reads one expression by the usual ranks; ``percents`` turns "20%" into a fifth."""

    def __init__(self, tokens: Sequence[_Token], *, percents: bool) -> None:
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
        value, percent = _number(token.text)
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

    def _next(self) -> _Token:
        if self.place >= len(self._tokens):
            raise _Unreadable
        token = self._tokens[self.place]
        self.place += 1
        return token
