"""The numbers that a text mentions, each with every value that it may be read as."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from tutorkit.tutoring.guards.plain import plain

Form: TypeAlias = tuple[Fraction, str]
"""A value, and how it is written: ``whole``, ``decimal``, ``percent``, or as it stands for a fraction."""

_DIGITS = r"\d{1,40}"
_NUMBER = re.compile(
    rf"""
    (?P<sign> (?<![\w.)\]%}}])(?<![\d)\]%}}]\s)(?<!\b[b-hj-z]\s)-(?=[\d.])
      | (?<=[=(:])-\s(?=\d) | (?<=[=(:]\s)-\s(?=\d) )?
    (?<![\w.,]) (?<!\w\^)
    (?: (?P<whole>{_DIGITS}) (?:\s|\sand\s|-)(?P<top>\d{{1,12}})/(?P<low>\d{{1,12}}) (?![\d.,]\d)
      | (?P<num>{_DIGITS}) \s?/\s? (?P<den>{_DIGITS}) (?![\d.,]\d) (?!/)
      | (?P<body> \d{{1,3}}(?:\ \d{{3}})+(?!\d) | \d[\d.,']{{0,60}} | [.]\d{{1,40}} )
    )
    (?P<power> \s?(?:×|\*|x)\s?10\s?\^\s?\(?(?P<ten>-?\d{{1,2}})\)? | [eE](?P<e>[-+]?\d{{1,2}})(?!\w) )?
    (?P<percent> \s?% )?
    """,
    re.VERBOSE,
)
_GROUPED = re.compile(r"\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*")
_PLAIN = re.compile(r"\d+|\d*\.\d+|\d+\.")
_SEPARATED = re.compile(r"[\d']*\d")


@dataclass(frozen=True)
class Mention:
    """A number in the plain form of a text. ``forms`` are all its readings; the first is the likeliest in English."""

    forms: tuple[Form, ...]
    start: int
    end: int

    @property
    def values(self) -> frozenset[Fraction]:
        """The values that it may have."""
        return frozenset(value for value, _ in self.forms)


@lru_cache(maxsize=512)
def mentions(text: str) -> tuple[Mention, ...]:
    """Return the numbers of a text in the plain form, in their order.

    A comma or point that may part thousands or decimals is read both ways, a percentage as the number and as
    hundredths. What two numbers in a row may be besides (``3 4`` for 34) is not decided here.
    """
    found = []
    for match in _NUMBER.finditer(text):
        forms = tuple(dict.fromkeys(_forms(match)))
        if forms:
            found.append(Mention(forms, match.start(), match.start() + len(match[0].rstrip(".,' "))))
    return tuple(found)


@lru_cache(maxsize=512)
def forms_in(text: str) -> frozenset[Form]:
    """Return every reading of every number of a text, which may be in any form."""
    return frozenset(form for mention in mentions(plain(text)) for form in mention.forms)


def _forms(match: re.Match[str]) -> list[Form]:
    sign = -1 if match["sign"] else 1
    found = _mixed(match) or _fraction(match) or _numbers(match["body"] or "")
    scale = Fraction(10) ** int(match["ten"] or match["e"] or 0)
    forms = [(sign * value * scale, form) for value, form in found]
    if match["percent"]:
        forms = [read for value, form in forms for read in ((value, form), (value / 100, "percent"))]
    return forms


def _mixed(match: re.Match[str]) -> list[Form]:
    """Read ``2 1/3`` as one number, and its two parts too, since they may be two."""
    if not match["whole"] or int(match["low"]) == 0:
        return []
    part, whole = Fraction(int(match["top"]), int(match["low"])), Fraction(int(match["whole"]))
    written = f"{int(match['top'])}/{int(match['low'])}"
    return [(whole + part, f"{whole} {written}"), (part, written), (whole, "whole")]


def _fraction(match: re.Match[str]) -> list[Form]:
    if not match["num"]:
        return []
    top, low = int(match["num"]), int(match["den"])
    return [(Fraction(top, low), f"{top}/{low}")] if low else [(Fraction(top), "whole")]


def _numbers(body: str) -> list[Form]:
    body = body.rstrip(".,'")
    found: list[Form] = []
    if _PLAIN.fullmatch(body):
        found.append((Fraction(body), "decimal" if "." in body else "whole"))
    if _GROUPED.fullmatch(body):
        found.append((Fraction(re.sub(r"[.,' ]", "", body)), "whole"))
    if " " in body:
        found += [(Fraction(number), "whole") for number in body.split(" ")]
    commas, points = body.count(","), body.count(".")
    if commas and points:
        mark = max(body.rfind(","), body.rfind("."))
        whole, places = re.sub(r"[.,' ]", "", body[:mark]), body[mark + 1 :]
        if _SEPARATED.fullmatch(whole) and places.isdigit():
            found.append((Fraction(f"{whole}.{places}"), "decimal"))
    elif commas == 1 and not body.startswith(","):
        found.append((Fraction(body.replace(",", ".").replace("'", "").replace(" ", "")), "decimal"))
    return found or [(Fraction(number), "whole") for number in re.findall(r"\d+", body)]
