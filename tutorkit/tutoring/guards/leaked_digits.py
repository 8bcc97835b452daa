"""Whether a text gives an answer away digit by digit."""

from __future__ import annotations

import re
from collections import defaultdict
from fractions import Fraction

from tutorkit.tutoring.guards.lexicon import words
from tutorkit.tutoring.guards.protected import Answer, Visible

_RUN = re.compile(
    r"(?<![\w./])(?<!\d[.,])\d(?:(?:\s|-|\s?[,;_|·…]\s?|\.{2,3}\s?|\s?\.\s"
    r"|,?\s(?:(?:and|und)(?:\sthen|\sdann)?|then|dann|followed\sby|gefolgt\svon)\s)(?:an?\s|einer\s)?\d)+(?![\d/%]|[.,]\d)"
)
_LINES = re.compile(r"(?m)^\s*(?:[-*•]|\d{1,2}[.)]|[a-zA-Z]\))\s*(\d)(?![\w/%]|[.,]\d)")
_PLACE = r"(ones|units|tens|hundreds|thousands|tenths|hundredths|einer|zehner|hunderter|tausender|zehntel|hundertstel)"
_POWERS = {
    **{"ones": 0, "units": 0, "tens": 1, "hundreds": 2, "thousands": 3, "tenths": -1, "hundredths": -2},
    **{"einer": 0, "zehner": 1, "hunderter": 2, "tausender": 3, "zehntel": -1, "hundertstel": -2},
}
_COLUMN = r"(?:[- ]?(?:place|column|digit|stelle|spalte|position|ziffer))?"
_ATTRIBUTED = (
    re.compile(
        rf"(?<![\w.,/])(\d)\s+(?:in|for|at|under|as|auf|bei|an|als)(?:\s+(?:the|der|den|die|your))?\s+{_PLACE}{_COLUMN}",
        re.I,
    ),
    re.compile(rf"(?<![\w.,/])(\d)\s+{_PLACE}\b", re.I),
)
_ATTRIBUTED_AFTER = re.compile(
    rf"\b{_PLACE}{_COLUMN}(?:\s+(?:of\s+the\s+answer\s+)?(?:is|are|gets?|has|becomes?|shows?|ist|sind|steht|kommt|hat|wird)(?:\s+(?:a|an|the|eine?|die))?|\s*[:=])\s*(\d)(?![\d.,/]\d|\d)",
    re.I,
)
_ENDS = (
    (
        re.compile(
            r"\b(?:start|begin|beginn)(?:s|ning|t|st)?\s+(?:with|mit)\s+(?:an?\s+|the\s+|einer?\s+)?(?:digit\s+)?(\d)\b",
            re.I,
        ),
        0,
    ),
    (
        re.compile(
            r"\b(?:first|leading|erste|linke)\s+(?:digit|figure|one|ziffer)?\s*(?:is|=|:|ist)?\s*(?:an?\s+)?(\d)\b",
            re.I,
        ),
        0,
    ),
    (
        re.compile(
            r"\b(?:end|ende)(?:s|ing|t)?\s+(?:in|with|on|mit|auf)\s+(?:an?\s+|einer?\s+)?(?:digit\s+)?(\d)\b", re.I
        ),
        -1,
    ),
    (
        re.compile(
            r"\b(?:last|final|letzte|rechte)\s+(?:digit|figure|one|ziffer)?\s*(?:is|=|:|ist)?\s*(?:an?\s+)?(\d)\b", re.I
        ),
        -1,
    ),
    (
        re.compile(
            r"\b(?:second|other|zweite|andere)\s+(?:digit|figure|one|ziffer)?\s*(?:is|=|:|ist)?\s*(?:an?\s+)?(\d)\b",
            re.I,
        ),
        1,
    ),
    (re.compile(r"\b(?:third|dritte)\s+(?:digit|figure|one|ziffer)?\s*(?:is|=|:|ist)?\s*(?:an?\s+)?(\d)\b", re.I), 2),
)
_LONE = re.compile(r"(?<![\w.,/])\d(?![\d/%]|[.,]\d)")
_MASKED = re.compile(r"(?<![\w.,/])(?=[\d_#□]*\d)(?=\d*[_#□])[\d_#□]{2,12}(?![\w.,/])")
_HEAD = re.compile(r"(?m)^\s*\d{1,2}[.)]\s+")


def leaked_digits(text: str, answer: Answer, seen: Visible) -> str | None:
    """Return the passage of a plain text that gives a numeric answer of several digits away in pieces, or None."""
    for value, form in answer.numbers:
        digits = _digits(value, form)
        if digits is None:
            continue
        place = (
            _in_a_row(text, digits, seen)
            or _by_place(text, value)
            or _by_order(text, digits)
            or _scattered(text, digits, seen)
        )
        if place is not None:
            return place
    return None


def _digits(value: Fraction, form: str) -> str | None:
    """Return the digits of a whole or finite decimal number, without its point, if there are several."""
    if form not in ("whole", "decimal"):
        return None
    value, places = abs(value), 0
    while value.denominator != 1 and places < 12:
        value, places = value * 10, places + 1
    digits = str(value.numerator).rjust(places + 1, "0")
    return digits if value.denominator == 1 and len(digits) > 1 else None


def _in_a_row(text: str, digits: str, seen: Visible) -> str | None:
    for match in _RUN.finditer(text):
        run = re.sub(r"\D", "", match[0])
        if run == digits and match[0] not in seen.text:
            return match[0]
    listed = "".join(_LINES.findall(text))
    return listed if listed == digits and len(digits) > 1 else None


def _by_place(text: str, value: Fraction) -> str | None:
    """Find a digit for every place: ``4 in the ones place and 3 tens``."""
    said: dict[int, set[int]] = defaultdict(set)
    for pattern in _ATTRIBUTED:
        for match in pattern.finditer(text):
            said[_POWERS[match[2].lower()]].add(int(match[1]))
    for match in _ATTRIBUTED_AFTER.finditer(text):
        said[_POWERS[match[1].lower()]].add(int(match[2]))
    wanted = _places(abs(value))
    return "digits by place" if len(wanted) > 1 and all(digit in said[place] for place, digit in wanted) else None


def _places(value: Fraction) -> list[tuple[int, int]]:
    scaled, lowest = value, 0
    while scaled.denominator != 1:
        scaled, lowest = scaled * 10, lowest - 1
    return [(lowest + at, int(digit)) for at, digit in enumerate(reversed(str(scaled.numerator)))]


def _by_order(text: str, digits: str) -> str | None:
    """Find what the answer begins with, goes on with and ends in."""
    said: dict[int, set[str]] = defaultdict(set)
    for pattern, place in _ENDS:
        for match in pattern.finditer(text):
            said[place % len(digits) if place < 0 else place].add(match[1])
    if len(digits) == 2:
        said[1] |= said[-1 % 2]
    return "digits in order" if all(digit in said[at] for at, digit in enumerate(digits)) else None


def _scattered(text: str, digits: str, seen: Visible) -> str | None:
    """Find the digits, alone and in order, in a text that speaks of digits; those of the problem do not count."""
    if masked := next((each[0] for each in _MASKED.finditer(text) if _fits(each[0], digits)), None):
        return masked
    if not words("splits").search(text):
        return None
    known = seen.single_digits()
    found = "".join(each for each in _LONE.findall(_HEAD.sub("", text)) if Fraction(each) not in known)
    return found if found in (digits, digits[::-1]) else None


def _fits(masked: str, digits: str) -> bool:
    """Tell whether a number with gaps shows all of the answer but one digit: ``3_`` for 34, ``34_`` for 344."""
    shown = sum(char.isdigit() for char in masked)
    same = all(char == digit or not char.isdigit() for char, digit in zip(masked, digits, strict=False))
    return len(masked) == len(digits) and same and shown >= max(1, len(digits) - 1)
