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

from tutorkit.teachers.experts.expressions import (
    LONGEST,
    NUMBER,
    Reading,
    Token,
    number_value,
    read,
    signed_number,
    tokens_of,
)

_MARK = re.compile(rf"<<(?P<left>[^<>=]*)=(?P<said>[^<>=]*)>>(?P<written>-?\$?(?:{NUMBER})?)")
_BEFORE_MARK = re.compile(r"[\d\s.,$%()+\-*/x×÷−=]*$")
_LONGEST_BEFORE_MARK = 80
_MOST_PLACES = 6
_CONVERTED = frozenset(
    {"cent", "dollar", "second", "minute", "hour", "day", "week", "month", "year", "inch", "feet", "foot", "yard"}
    | {"mile", "meter", "metre", "cm", "km", "kilometer", "gram", "g", "kg", "pound", "ounce", "liter", "litre", "ml"}
    | {"dozen", "hundred", "thousand", "million", "half", "pair"}
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
        bare = None if here else read(tokens_of(line))
        if bare is not None and bare.operators:
            here = [_equation(index, line, bare, bare.value, holds=True)]
        found += [replace(equation, line=index) for equation in here]
    return tuple(found)


def numbers_in(text: str) -> tuple[Fraction, ...]:
    """Return the numbers that stand in a text in digits; a percentage counts as the number before its sign."""
    return tuple(number_value(token.text)[0] for token in tokens_of(text) if token.kind == "number")


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


def _marked(index: int, line: str) -> list[Equation]:
    found = []
    for match in _MARK.finditer(line):
        left, said = read(tokens_of(match["left"])), signed_number(match["said"])
        written = signed_number(match["written"])
        if left is None or said is None:
            continue
        holds = _agrees(left.value, match["said"], said) and (
            written is None or same_value(said, written) or _agrees(said, match["written"], written)
        )
        shown = said if written is None else written
        start = match.start() - len(_before(line, match.start()))
        found.append(_equation(index, line[start : match.end()].rstrip(), left, shown, holds=holds))
    return found


def _before(line: str, end: int) -> str:
    """Return the calculation that stands right before a mark in plain sight."""
    near = _BEFORE_MARK.search(line[max(0, end - _LONGEST_BEFORE_MARK) : end])
    return near.group().lstrip(" \t$=.,%)*/+x×÷−-") if near else ""


def _plain(index: int, line: str) -> list[Equation]:
    tokens = tokens_of(line)
    found = []
    for place, token in enumerate(tokens):
        if token.kind != "equals":
            continue
        start = _start_of(tokens, place)
        right = _right_of(tokens, place)
        left = None if start is None else read(tokens[start:place])
        if start is None or right is None or left is None or not left.operators:
            continue
        said, end = right
        holds = _holds(tokens[start:place], left, tokens[place + 1 : end], said)
        if holds is not None:
            span = line[tokens[start].start : tokens[end - 1].end]
            found.append(_equation(index, span, left, said, holds=holds))
    return found


def _equation(index: int, span: str, left: Reading, said: Fraction, *, holds: bool) -> Equation:
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


def _start_of(tokens: Sequence[Token], place: int) -> int | None:
    """Return where the expression before an equals sign begins; None when that is not clear."""
    start, index = None, place - 1
    number_next = True
    while index >= 0 and place - index <= LONGEST:
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


def _balanced(tokens: Sequence[Token], start: int, place: int) -> int | None:
    """Move the start behind parentheses that were opened for a remark and do not close before the equals sign."""
    while start < place and read(tokens[start:place]) is None:
        start += 1
        while start < place and tokens[start].kind not in ("number", "paren"):
            start += 1
    return start if start < place else None


def _is_sign(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether a minus stands at the head of an expression and right before its number."""
    token = tokens[index]
    if token.text not in "-−" or index + 1 >= len(tokens) or tokens[index + 1].start != token.end:
        return False
    return index == 0 or tokens[index - 1].kind in ("equals", "other", "operator") or tokens[index - 1].text == "("


def _right_of(tokens: Sequence[Token], place: int) -> tuple[Fraction, int] | None:
    """Return the number or fraction behind an equals sign, and where it ends."""
    index = place + 1
    negative = index < len(tokens) and tokens[index].text in ("-", "−")
    index += negative
    if index >= len(tokens) or tokens[index].kind != "number":
        return None
    value, _ = number_value(tokens[index].text)
    index += 1
    rest = tokens[index : index + 2]
    if [token.text for token in rest[:1]] == ["/"] and len(rest) == 2 and rest[1].text.isdigit() and int(rest[1].text):
        value, index = value / int(rest[1].text), index + 2
    return -value if negative else value, index


def _holds(left_tokens: Sequence[Token], left: Reading, right_tokens: Sequence[Token], said: Fraction) -> bool | None:
    """Tell whether left and right agree in some usual reading of percentages; None when units stand in the way."""
    written = right_tokens[-1].text
    values = {left.value}
    if any(token.text.endswith("%") for token in left_tokens) and (bare := read(left_tokens, percents=False)):
        values.add(bare.value)
    if written.endswith("%"):
        values |= {100 * value for value in values}
    if any(_agrees(value, written, said) for value in values):
        return True
    units = {token.text.casefold().rstrip("s") for token in left_tokens if token.kind == "word"}
    return None if units & _CONVERTED or _has_unknowns(left_tokens) else False


def _has_unknowns(tokens: Sequence[Token]) -> bool:
    """Tell whether a number is glued to a word: "3y" is algebra."""
    return any(
        left.kind == "number" and right.kind == "word" and left.end == right.start for left, right in pairwise(tokens)
    )


def _agrees(value: Fraction, written: str, said: Fraction) -> bool:
    """Tell whether a number as written is the value, rounded in any direction to the places that it shows."""
    places = min(len(written.rstrip("%").partition(".")[2]), _MOST_PLACES)
    unit = Fraction(1, 10**places)
    return abs(value - said) < (unit if abs(value) >= unit else unit / 2)
