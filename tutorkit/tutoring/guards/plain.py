"""One plain way of writing for all the ways in which mathematics is typed.

LaTeX, Markdown, HTML, Unicode digits and fractions, invisible characters and number words all come out as plain
characters, so that every guard reads one form only.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from tutorkit.tutoring.guards.number_words import with_digits

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿˣ", "0123456789-+nx")
_SUPERSCRIPT = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿˣ]+")
_VULGAR = re.compile(r"(?<![\d/])\s?([¼-¾⅐-⅞↉])|([¼-¾⅐-⅞↉])")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u20e3]"
)
_THIN = re.compile("(?<=\\d)[\u00a0\u202f\u2009\u2007](?=\\d{3}(?!\\d))")
_TAG = re.compile(r"</?(?:b|i|u|em|strong|span|sub|font|small|mark|code|p|br|div|kbd)\b[^<>]{0,80}>", re.IGNORECASE)
_SUP = re.compile(r"<sup>([^<>]{0,20})</sup>", re.IGNORECASE)
_LATEX_FRACTION = re.compile(r"\\[dtc]?frac\s*\{([^{}]{1,40})\}\s*\{([^{}]{1,40})\}|\\[dtc]?frac\s?(\d)\s?(\d)")
_LATEX_SIGNS = re.compile(
    r"\\(times|cdot|ast|div|pm|neq?|approx|le|ge|lt|gt|percent|left|right|quad|qquad)(?![a-zA-Z])"
)
_SIGNS = {"times": "×", "cdot": "×", "ast": "×", "div": "÷", "neq": "≠", "ne": "≠", "approx": "≈", "percent": "%"}
_LATEX_TEXT = re.compile(r"\\(?:text|mathrm|mathbf|textbf|operatorname|displaystyle|mbox)\s?\{([^{}]{0,200})\}")
_BOXED = re.compile(r"\\(?:boxed|fbox)\s?\{([^{}]{0,200})\}")
_LATEX_NOISE = re.compile(r"\\[,;:! ()\[\]]|\{,\}|\\%|\\\$|(?<!\w)\$(?=[^\s$])|(?<=\S)\$(?!\w)")
_BRACED = re.compile(r"\{\s?([-−]?[\w.]{1,20})\s?\}")
_POWER = re.compile(r"(?<=[\w)])(?:\*\*|\s\*\*\s)(?=[-(\w])")
_EMPHASIS = re.compile(r"\*\*|__|~~|`+")
_JOINED = re.compile(r"(?<=\d)[_'’](?=\d)")
_BLANKS = re.compile(r"[^\S\n]+")
_DASHES = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ", "'"),
        **dict.fromkeys("−‐‑‒–﹣－", "-"),
        **dict.fromkeys("·∙⋅✕✖", "×"),
        "∕": "/",
        "⁄": "/",
        "➗": "÷",
        "➕": "+",
        "➖": "-",
    }
)


@lru_cache(maxsize=512)
def plain(text: str, *, emphasis: bool = True) -> str:
    """Write a text in the plain form: ASCII digits, ``a/b``, ``^``, ``×``, ``÷``, ``-``; number words as digits.

    Args:
        text: what somebody wrote.
        emphasis: whether ``**`` is Markdown's, and goes; otherwise it stands for a power, as in a program.
    """
    text = html.unescape(text)
    if not text.isascii():
        text = _ascii_digits(text)
    text = _TAG.sub("", _SUP.sub(r"^\1", text))
    if "\\" in text or "$" in text or "{" in text:
        text = _without_latex(text)
    if not emphasis:
        text = _POWER.sub("^", text)
    text = _JOINED.sub("", _EMPHASIS.sub("", text)).translate(_DASHES)
    return with_digits(_BLANKS.sub(" ", text))


def _ascii_digits(text: str) -> str:
    text = _THIN.sub("", _INVISIBLE.sub("", text))
    text = _SUPERSCRIPT.sub(lambda match: "^" + match[0].translate(_SUPERSCRIPTS), text)
    text = _VULGAR.sub(_vulgar, text)
    text = unicodedata.normalize("NFKC", text)
    return "".join(char if char < "\x80" else str(unicodedata.decimal(char, char)) for char in text)


def _vulgar(match: re.Match[str]) -> str:
    sign = match[1] or match[2]
    return f" {unicodedata.normalize('NFKC', sign).replace('⁄', '/')} "


def _without_latex(text: str) -> str:
    text = _LATEX_TEXT.sub(r"\1", text)
    text = _BOXED.sub(r" answer: \1 ", text)
    text = _LATEX_FRACTION.sub(_fraction, text)
    text = _LATEX_SIGNS.sub(lambda match: f" {_SIGNS.get(match[1], '')} ", text)
    text = _LATEX_NOISE.sub(lambda match: {"{,}": ",", "\\%": "%"}.get(match[0], ""), text)
    return _BRACED.sub(r"\1", text)


def _fraction(match: re.Match[str]) -> str:
    top, bottom = (match[1], match[2]) if match[1] else (match[3], match[4])
    parts = [part.strip() if part.strip().isalnum() else f"({part.strip()})" for part in (top, bottom)]
    return f" {parts[0]}/{parts[1]} "
