"""Where in a free text the final answer stands, and what a scorer may make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")

# Every repetition below is bounded: a student's text is of any length, and the search must stay linear in it.
_MARKER = re.compile(
    r"""
      (?P<hashes>\#{4})
    | (?P<boxed>\\(?:boxed|fbox)\s{0,2}\{)
    | (?P<answer>\banswers?\b[*_]{0,3}
        (?: [ \t]{1,3}to\ [^\n.:]{1,80}? )?
        (?: [ \t]{0,3}[:=] | [ \t]{1,3}(?:is|are|would\ be|must\ be|should\ be)\b[ \t]{0,3}:? )
        (?!\ ?not\b) )
    | (?P<letter>^[ \t]{0,8}[*_]{0,3}A[*_]{0,3}:)
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_SENTENCE_END = re.compile(r"(?<!\bRs)(?<!\bNo)(?<!\bDr)(?<!\bMr)[.!?](?=\s|$)")
_LATEX_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mathbf)\{([^{}]{0,500})\}")
_SHOWN = {"hashes": "####", "boxed": r"\boxed", "answer": "Answer", "letter": "A:"}
_MARKERS_READ = 50
_LONGEST_BOX = 2000
_LAYERS = 8


@dataclass(frozen=True)
class Reading(Generic[ValueT]):
    """An answer as a scorer understands it: what is compared, how it is shown, and how it was read."""

    value: ValueT
    shown: str
    note: str = ""


@dataclass(frozen=True)
class Ambiguous:
    """An answer that stands there and can be read in more than one way. It is not guessed at."""

    why: str


Found = Reading[ValueT] | Ambiguous | None


@dataclass(frozen=True)
class Span:
    """The text after a marker, and the place in the whole text where it starts.

    ``closed`` is False when it runs to the very end, where a cut may have shortened it.
    """

    text: str
    marker: str
    start: int
    closed: bool


def marked_spans(raw: str) -> Iterator[Span]:
    r"""Yield the texts that follow an answer marker, the last one first.

    Markers are ``Answer: …``, ``the answer is …``, ``#### …``, ``A: …`` at the start of a line and ``\boxed{…}``. A
    span ends with its line; after a marker that ends its line, it is the next line that holds text.
    """
    for match in reversed(list(_MARKER.finditer(raw))[-_MARKERS_READ:]):
        kind = match.lastgroup or "answer"
        span = _boxed(raw, match.end()) if kind == "boxed" else _line(raw, match.end())
        if span is not None:
            text, closed = span
            yield Span(text=text, marker=_SHOWN[kind], start=match.end(), closed=closed)


def first_sentence(text: str) -> str:
    """Return ``text`` up to the end of its first sentence; a point inside a number or after ``Rs`` ends none."""
    end = _SENTENCE_END.search(text)
    return text[: end.start()] if end else text


def last_line(text: str) -> str:
    """Return the last line that holds anything, or an empty text."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def undressed(text: str) -> str:
    """Take Markdown emphasis, dollar signs, quotes, LaTeX's text commands and a closing full stop off an answer."""
    text = _LATEX_TEXT.sub(r"\1", text)
    for _ in range(_LAYERS):
        before = text
        text = text.strip().strip("*_`").strip()
        text = text.removesuffix(".").rstrip() if not text.endswith("..") else text
        if len(text) > 1 and text[0] + text[-1] in {'""', "''", "“”", "‘’", "$$", "«»"}:
            text = text[1:-1]
        if text == before:
            break
    return text


def _line(raw: str, start: int) -> tuple[str, bool] | None:
    begin = start
    while begin < len(raw) and (raw[begin].isspace() or raw[begin] in "*_"):
        begin += 1
    if begin == len(raw):
        return None
    end = raw.find("\n", begin)
    return (raw[begin:], False) if end < 0 else (raw[begin:end], True)


def _boxed(raw: str, start: int) -> tuple[str, bool] | None:
    depth = 1
    for position in range(start, min(len(raw), start + _LONGEST_BOX)):
        depth += {"{": 1, "}": -1}.get(raw[position], 0)
        if depth == 0:
            return raw[start:position], True
    return None
