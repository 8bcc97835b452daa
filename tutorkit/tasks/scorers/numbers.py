"""Numbers as people write them, and the scorers ``number`` and ``fraction``."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from tutorkit.tasks.scorers.answers import Ambiguous, Found, Reading, first_sentence
from tutorkit.tasks.scorers.base import Verdict, verdict
from tutorkit.types import Problem

Comma = Literal["thousands", "decimal"]

_CURRENCY = re.compile(r"(?:\b(?:US|Rs\.?|USD|EUR|GBP|INR)\s?)?\\?[$€£¥₹]|\b(?:Rs\.?|USD|EUR|GBP|INR)\s?(?=[-−]?\d)")
_LATEX_FRACTION = re.compile(r"\\[dt]?frac\s?\{\s?(\d{1,20})\s?\}\s?\{\s?(\d{1,20})\s?\}")
_LATEX_NOISE = re.compile(r"\\[,;!: ]|\\(?:text|mathrm)\s?\{|\{,\}")
_VULGAR = re.compile(r"[¼-¾⅐-⅞]")
_NUMBER = re.compile(
    r"""
    (?P<sign> (?<![\w.)\]}]) [-−–+] )?
    (?<![A-Za-z_\d.,])
    (?P<body> \d[\d,.\u00a0\u202f]* | \.\d+ )
    (?: (?P<exponent> [eE][-+]?\d{1,3} (?!\d) )
      | \s?[/⁄]\s?(?P<den>\d{1,20}) (?![\d.,]\d)
      | (?:\s{1,2}|\s?(?:and|&)\s)(?P<num>\d{1,20})\s?[/⁄]\s?(?P<mixed_den>\d{1,20}) (?![\d.,]\d)
    )?
    (?P<percent> \s?\\?% | \s{0,2}per\s?cent\b )?
    """,
    re.VERBOSE,
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_EUROPEAN = re.compile(r"(?:\d+|\d{1,3}(?:[.\u00a0\u202f]\d{3})+)(?:,\d+)?")
_POINT = re.compile(r"\d+\.(?:\d{1,2}|\d{4,})")
_MORE = re.compile(
    r"\s{1,3}\d|\s*(?:[,;]|\\?\bor\b|\band\b|\bto\b|[-−–+*×x÷/^]|\\times|\\cdot|\\div)\s*[-−–]?\.?\d"
    r"|(?:\s+[^\W\d]+){0,3}\s+or\s+(?:maybe\s|perhaps\s)?[-−–]?\.?\d"
)
_SPACED = re.compile(r"\d{1,3}\s\d{3}")
_LONGEST = 300


@dataclass(frozen=True)
class Number:
    """A number as it was written. ``value`` is exact and takes no notice of the percent sign."""

    value: Fraction
    written: str
    percent: bool = False
    decimal: bool = False


def parse_number(text: str, *, comma: Comma = "thousands") -> Number | Ambiguous | None:
    """Read the number that a short text states.

    Currency signs and units are passed over. After an equals sign it is the last one's right side that counts, else
    the first number. ``18,000`` and ``1,00,000`` are whole numbers; ``3,5`` is not guessed at.

    Returns:
        None when there is no number; ``Ambiguous`` for several, for an open calculation, and for a comma that could
        mark decimals or thousands.
    """
    for part in (first_sentence(text), text):
        cleaned = _cleaned(part)
        tail = cleaned.rpartition("=")[2]
        match = _NUMBER.search(tail) or _NUMBER.search(cleaned)
        if match is not None:
            more = _MORE.match(match.string, match.end())
            return Ambiguous("more than one number stands there") if more else _number(match, comma)
    return None


def last_number(raw: str, *, comma: Comma = "thousands") -> Number | Ambiguous | None:
    """Read the last number of a text of any length."""
    line = next(
        (line for line in reversed(raw.splitlines()) if any(map(str.isdigit, line)) or _VULGAR.search(line)), ""
    )
    last = deque(_NUMBER.finditer(_cleaned(line)), maxlen=2)
    if not last:
        return None
    if len(last) == 2 and _SPACED.fullmatch(
        f"{last[0]['body']}{last[0].string[last[0].end() : last[1].start()]}{last[1]['body']}"
    ):
        return Ambiguous("the space can part two numbers or mark thousands")
    return _number(last[-1], comma)


@dataclass(frozen=True)
class NumberRule:
    """Equal value. ``tolerance`` is relative and used only where one side is a decimal; units are not compared."""

    tolerance: float = 1e-6
    comma: Comma = "thousands"

    def read(self, problem: Problem, text: str) -> Found[Number]:
        """Read the number that the text states."""
        found = parse_number(text, comma=self.comma)
        return Reading(found, _canonical(found)) if isinstance(found, Number) else found

    def search(self, problem: Problem, raw: str) -> Found[Number]:
        """Read the last number of the text."""
        found = last_number(raw, comma=self.comma)
        return Reading(found, _canonical(found)) if isinstance(found, Number) else found

    def compare(self, gold: Reading[Number], answer: Reading[Number]) -> Verdict:
        """Compare by value; ``45%`` is 45 where the gold is 45, and 0.45 where the gold is 0.45."""
        wanted, given = gold.value, answer.value
        pairs = [(wanted.value, given.value, "by value")]
        if given.percent and not wanted.percent:
            pairs.append((wanted.value, given.value / 100, "by value, percent read as hundredths"))
        if wanted.percent and not given.percent:
            pairs.append((wanted.value / 100, given.value, "by value, percent read as hundredths"))
        inexact = wanted.decimal or given.decimal
        for left, right, note in pairs:
            if left == right:
                return verdict(True, note)
            if inexact and abs(left - right) <= Fraction(self.tolerance) * max(abs(left), abs(right)):
                return verdict(True, f"{note}, within {self.tolerance:g}")
        return verdict(False, "by value")


@dataclass(frozen=True)
class FractionRule:
    """Equal value, exactly. The form is kept as written, since ``2/4`` tells of another procedure than ``1/2``."""

    comma: Comma = "thousands"

    def read(self, problem: Problem, text: str) -> Found[Number]:
        """Read the fraction that the text states."""
        found = parse_number(text, comma=self.comma)
        return Reading(found, as_written(found)) if isinstance(found, Number) else found

    def search(self, problem: Problem, raw: str) -> Found[Number]:
        """Read the last fraction or number of the text."""
        found = last_number(raw, comma=self.comma)
        return Reading(found, as_written(found)) if isinstance(found, Number) else found

    def compare(self, gold: Reading[Number], answer: Reading[Number]) -> Verdict:
        """Compare by exact value, and say when the answer could be reduced."""
        unreduced = "/" in answer.shown and answer.shown.rstrip("%") != str(answer.value.value)
        return verdict(_exact(gold.value) == _exact(answer.value), "by value, unreduced" if unreduced else "by value")


def _cleaned(text: str) -> str:
    text = _VULGAR.sub(lambda match: " " + unicodedata.normalize("NFKC", match[0]) + " ", text)
    text = _LATEX_FRACTION.sub(r" \1/\2 ", _CURRENCY.sub("", text))
    return _LATEX_NOISE.sub(lambda match: "," if match[0] == "{,}" else " ", text).replace("$", "")


def _number(match: re.Match[str], comma: Comma) -> Number | Ambiguous:
    body = match["body"].rstrip(".,\u00a0\u202f")
    if len(body) > _LONGEST:
        return Ambiguous("the number has too many digits")
    plain = _plain(body, comma)
    if plain is None:
        return Ambiguous(f"the comma or point in {body!r} can mark decimals or thousands")
    sign = -1 if match["sign"] and match["sign"] != "+" else 1
    written = plain + (match["exponent"] or "")
    value = Fraction(written)
    den = int(match["den"] or match["mixed_den"] or 1)
    if den == 0:
        return Ambiguous("a division by zero")
    if match["den"]:
        value, written = value / den, f"{plain}/{den}"
    elif match["mixed_den"]:
        value += Fraction(int(match["num"]), den)
        written = f"{value * den}/{den}"
    return Number(
        value=sign * value,
        written=("-" if sign < 0 else "") + written,
        percent=match["percent"] is not None,
        decimal="." in plain or match["exponent"] is not None,
    )


def _plain(body: str, comma: Comma) -> str | None:
    """Return the digits with at most a decimal point, or None where only a guess would do."""
    if comma == "decimal" and not _POINT.fullmatch(body):
        return re.sub(r"[.\u00a0\u202f]", "", body).replace(",", ".") if _EUROPEAN.fullmatch(body) else None
    if _PLAIN.fullmatch(body):
        return body
    return re.sub(r"[,\u00a0\u202f]", "", body) if _THOUSANDS.fullmatch(body) else None


def _canonical(number: Number) -> str:
    """Render the value: whole numbers without separators, decimals without closing zeros, fractions reduced."""
    text = (
        f"{Decimal(number.written).normalize():f}"
        if number.decimal and "/" not in number.written
        else str(number.value)
    )
    return text + ("%" if number.percent else "")


def as_written(number: Number) -> str:
    """Render the number without separators and as the fraction that it was, reduced or not."""
    return number.written if "/" in number.written and not number.decimal else _canonical(number)


def _exact(number: Number) -> Fraction:
    return number.value / 100 if number.percent else number.value
