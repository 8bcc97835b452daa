"""The pieces of which calculations in a text are made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["num", "var", "op", "eq", "open", "close", "word", "end", "other"]

_N = r"-?\d(?:[\d./]{0,15}\d)?"
_REWRITTEN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), by)
    for pattern, by in (
        (rf"\b(?:the\s+)?sum\s+of\s+({_N})\s+and\s+({_N})(?![\w,])", r"(\1 + \2)"),
        (rf"\b(?:the\s+)?product\s+of\s+({_N})\s+and\s+({_N})(?![\w,])", r"(\1 × \2)"),
        (rf"\b(?:die\s+)?summe\s+(?:aus|von)\s+({_N})\s+und\s+({_N})(?![\w,])", r"(\1 + \2)"),
        (rf"\b(?:das\s+)?produkt\s+(?:aus|von)\s+({_N})\s+und\s+({_N})(?![\w,])", r"(\1 × \2)"),
        (rf"\b(?:double|twice|das\s+doppelte\s+von)\s+({_N})(?![\w,])", r"(2 × \1)"),
        (rf"\bdie\s+hälfte\s+von\s+({_N})(?![\w,])", r"(1/2 of \1)"),
        (rf"({_N})\s+(?:subtracted|taken)\s+(?:away\s+)?from\s+({_N})(?![\w,])", r"(\2 - \1)"),
        (rf"\b(?:subtract|take)\s+({_N})\s+(?:away\s+)?from\s+({_N})(?![\w,])", r"(\2 - \1)"),
        (rf"({_N})\s+(?:less|fewer|smaller)\s+than\s+({_N})(?![\w,])", r"(\2 - \1)"),
        (rf"({_N})\s+(?:more|greater|bigger|larger)\s+than\s+({_N})(?![\w,])", r"(\2 + \1)"),
        (rf"({_N})\s+(?:weniger|kleiner)\s+als\s+({_N})(?![\w,])", r"(\2 - \1)"),
        (rf"({_N})\s+(?:mehr|größer)\s+als\s+({_N})(?![\w,])", r"(\2 + \1)"),
        (r"(?<=[\d)])\s+(?:take\s+away|less)\s+(?=[\d(])", " - "),
        (r"(?<=[\d)])\s+(?:squared|zum\s+quadrat)\b", "^2"),
        (r"(?<=[\d)])\s+(?:cubed|hoch\s+3)\b", "^3"),
        (r"(?<=[\d)])\s+hoch\s+(?=\d)", "^"),
        (r"(?<=\d)\s?[xX]\s?(?=\d)", " × "),
        (r"(?m)^\s*[-*•]\s+(?=[\d(])", "\n"),
    )
)
_TOKEN = re.compile(
    r"""
      (?P<time> (?<!\d)\d{1,2}:\d{2}(?![\d:]) )
    | (?P<mixed> \d{1,9}\s\d{1,9}/\d{1,9}(?![\d./]) )
    | (?P<frac> \d{1,12}\s?/\s?\d{1,12}(?![\d./]|\s?/) )
    | (?P<num> \d[\d.,']{0,60}\d | \.?\d )
    | (?P<eq> ={1,2}(?!>) )
    | (?P<op> [-+×÷*/^] | (?<=\s):(?=\s) | (?<=\d):(?=\d) )
    | (?P<open> \( ) | (?P<close> \) )
    | (?P<word> [^\W\d_]+(?:'[^\W\d_]+)? )
    | (?P<gap> [^\S\n]+ )
    | (?P<end> [.,;:!?"“”„‘’'»«\n—] )
    | (?P<other> . )
    """,
    re.VERBOSE,
)
_OPERATORS: Mapping[str, str] = {
    **{"plus": "+", "minus": "-", "times": "×", "mal": "×", "geteilt": "÷", "durch": "÷", "multiplied": "×"},
    **{"divided": "÷", "over": "÷", "of": "of", "von": "of", "of the": "of"},
}
_EQUALITIES_WORDS = """
    is are equals equal makes make gives give leaves leave ist sind ergibt ergeben macht machen gibt bleibt
"""
_EQUALITIES = frozenset(_EQUALITIES_WORDS.split())
_SIGNS = {"*": "×", "/": "÷", ":": "÷"}
_UNITS_WORDS = """
    mm cm dm m km g mg kg t ml cl l s sec second seconds min minute minutes h hour hours day days week weeks
    month months year years cent cents euro euros dollar dollars pence penny pound pounds inch inches foot feet
    mile miles sekunde sekunden minuten stunde stunden tag tage woche wochen meter liter gramm metre metres
    litre litres
"""
UNITS = frozenset(_UNITS_WORDS.split())
_PLACES: Mapping[str, Fraction] = {
    **dict.fromkeys(("ones", "units", "einer"), Fraction(1)),
    **dict.fromkeys(("ten", "tens", "zehner"), Fraction(10)),
    **dict.fromkeys(("hundreds", "hunderter"), Fraction(100)),
    **dict.fromkeys(("thousands", "tausender"), Fraction(1000)),
    **dict.fromkeys(("tenths", "zehntel"), Fraction(1, 10)),
    **dict.fromkeys(("hundredths", "hundertstel"), Fraction(1, 100)),
}
_LONGEST = 40


@dataclass(frozen=True)
class Token:
    """One piece. A number has its readings as ``values``; ``places`` counts its decimals, ``unit`` is what follows."""

    kind: Kind
    text: str
    start: int
    end: int
    values: tuple[Fraction, ...] = ()
    places: int = 0
    unit: str = ""
    percent: bool = False


def rewritten(text: str) -> str:
    """Write calculations in words with signs: ``twice 17`` as ``(2 × 17)``. The text is in the plain form."""
    for pattern, by in _REWRITTEN:
        text = pattern.sub(by, text)
    return text


def tokens(text: str) -> list[Token]:
    """Cut a text in the plain form into the pieces of calculations."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        token = _token(match)
        if token is not None:
            found.append(token)
    return _joined(found)


def _token(match: re.Match[str]) -> Token | None:
    kind, text = match.lastgroup or "other", match[0]
    if kind == "gap":
        return None
    if kind in ("mixed", "frac", "num"):
        values = _values(kind, text)
        places = len(text.partition(".")[2]) if kind == "num" and "," not in text else 0
        return Token("num" if values else "other", text, match.start(), match.end(), values, places)
    if kind == "word":
        return _word(text, match.start(), match.end())
    if kind == "op":
        return Token("op", _SIGNS.get(text, text), match.start(), match.end())
    known: dict[str, Kind] = {"eq": "eq", "open": "open", "close": "close", "end": "end"}
    return Token(known.get(kind, "other"), "=" if kind == "eq" else text, match.start(), match.end())


def _word(text: str, start: int, end: int) -> Token:
    word = text.lower()
    if word in _OPERATORS:
        return Token("op", _OPERATORS[word], start, end)
    if word in _EQUALITIES:
        return Token("eq", word, start, end)
    is_variable = len(text) == 1 and text not in "aAIR"
    return Token("var" if is_variable else "word", word, start, end)


def _joined(found: list[Token]) -> list[Token]:
    """Give each number the percent sign, unit or place that follows it; what has a variable beside it is one too."""
    done: list[Token] = []
    for token in found:
        last = done[-1] if done else None
        if last is None or last.kind != "num":
            # ``x2`` is a variable too; ``divided by`` and ``multiplied by`` are one operator.
            if token.text in ("by", "durch") and last is not None and last.kind == "op":
                continue
            done.append(replace(token, kind="word") if _is_preposition(token, last) else token)
        elif token.text == "%":
            done[-1] = replace(last, values=tuple(value / 100 for value in last.values), end=token.end, percent=True)
        elif token.kind == "var" and token.text not in UNITS:
            done[-1] = Token("var", last.text + token.text, last.start, token.end)
        elif token.text in _PLACES and token.kind == "word":
            scale = _PLACES[token.text]
            both = tuple(dict.fromkeys((*last.values, *(value * scale for value in last.values))))
            done[-1] = replace(last, values=both, end=token.end)
        elif token.text in UNITS:
            done[-1] = replace(last, unit=token.text.rstrip("s"), end=token.end)
        else:
            done.append(token)
    return done


def _is_preposition(token: Token, last: Token | None) -> bool:
    """Tell whether a word that may be an operator has nothing to operate on: ``think of 40 + 8``."""
    return token.text in ("of", "÷") and token.kind == "op" and (last is None or last.kind == "word")


def _values(kind: str, text: str) -> tuple[Fraction, ...]:
    if kind == "mixed":
        whole, top, low = (int(part) for part in re.split(r"[\s/]", text))
        return (whole + Fraction(top, low),) if low else ()
    if kind == "frac":
        top, low = (int(part) for part in text.split("/"))
        return (Fraction(top, low),) if low else ()
    return _number_values(text) if len(text) <= _LONGEST else ()


def _number_values(text: str) -> tuple[Fraction, ...]:
    grouped = re.fullmatch(r"[1-9]\d{0,2}(?:([.,'])\d{3})(?:\1\d{3})*", text)
    found = [Fraction(re.sub(r"[.,']", "", text))] if grouped else []
    if re.fullmatch(r"\d+|\d*\.\d+", text):
        found.insert(0, Fraction(text))
    elif re.fullmatch(r"\d+,\d+", text):
        found.append(Fraction(text.replace(",", ".")))
    elif re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d+", text):
        found.append(Fraction(text.replace(",", "")))
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", text):
        found.append(Fraction(text.replace(".", "").replace(",", ".")))
    return tuple(found)
