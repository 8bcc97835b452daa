"""Guard 6: no personal data. The same patterns take it out of what is sent to a model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from tutorkit.tutoring.guards.seen import Seen, Violation

PersonalKind: TypeAlias = Literal["e-mail", "phone", "number", "address", "name"]

_PATTERNS: tuple[tuple[PersonalKind, re.Pattern[str]], ...] = (
    (
        "e-mail",
        re.compile(
            r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\s?(?:\.|\(dot\)|\[dot\])\s?[\w-]{1,63}){1,4}"
        ),
    ),
    ("number", re.compile(r"\b\d{3}-\d{2}-\d{4}\b")),
    ("number", re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,4})?\b")),
    ("number", re.compile(r"(?<![\d.,])(?:\d{4}[ -]){3}\d{4}(?![\d.,])")),
    (
        "number",
        re.compile(
            r"\b(?:student|pupil|matriculation|passport|id|identity|insurance|social security|account|ausweis|schüler|"
            r"matrikel|personalausweis|versicherungs?|konto|steuer)[\s-]?(?:card|id|no\.?|number|nummer|nr\.?|identifikationsnummer)\s?"
            r"(?:is|ist|:|=|#)?\s?(?=[A-Z0-9-]*\d{3})[A-Z0-9-]{5,20}\b",
            re.IGNORECASE,
        ),
    ),
    ("phone", re.compile(r"(?<![\w.,])(?:\+|00)\d{1,3}[\s().-]{0,2}(?:\d[\s().-]{0,2}){6,12}\d(?!\w)")),
    ("phone", re.compile(r"(?<![\w.,])\(\d{2,5}\)\s?\d{3,4}[\s.-]?\d{3,5}(?!\w)")),
    ("phone", re.compile(r"(?<![\w.,/])0\d{2,4}[\s/-]\d{3,4}(?:[\s-]?\d{2,4}){0,2}(?![\w.,]\d|\w)")),
    ("phone", re.compile(r"(?<![\w.,-])\d{3}[-.]\d{3}[-.]\d{4}(?!\w)")),
    (
        "phone",
        re.compile(
            r"(?i:\b(?:call|phone|mobile|whatsapp|handy|telefon|tel\.?|text me)\b)[^\d\n]{0,25}\d(?:[\s/-]?\d){5,13}"
        ),
    ),
    (
        "address",
        re.compile(
            r"\b\d{1,4}\s(?:[A-Z][a-z]+\s){1,3}(?:Street|St\.|Road|Rd\.|Avenue|Ave\.|Lane|Drive)\b|"
            r"\b[A-ZÄÖÜ][a-zäöüß]+(?:straße|strasse|weg|gasse|allee)\s\d{1,4}\b"
        ),
    ),
)
_AMBIGUOUS_WORDS = """
    mark will rose grace hope may april june august art bill chase chance dean faith frank grant guy jack jade
    joy max miles olive pat penny pearl rich rob ruby sky sue summer victor wade iris drew gene ray
"""
_AMBIGUOUS = frozenset(_AMBIGUOUS_WORDS.split())


@dataclass(frozen=True)
class Personal:
    """A piece of personal data in a text."""

    kind: PersonalKind
    start: int
    end: int


def personal(text: str, seen: Seen) -> list[Violation]:
    """Object to e-mail addresses, phone numbers, ID numbers, addresses, and names of the roster.

    A name that the problem itself uses may be used.
    """
    roster = [name for name in seen.roster if not _name_pattern(name).search(seen.problem.text)]
    found = personal_in(text, roster=roster)
    if not found:
        return []
    what = "It holds personal data: a name, an address, or a number of a person. Leave that out."
    return [Violation(kind="personal", what=what, where=found[0].kind)]


def personal_in(text: str, *, roster: Sequence[str] = ()) -> list[Personal]:
    """Return the personal data in a text, in its order; of overlapping finds the longest.

    A name counts as a whole and by each of its parts. One that is an ordinary word too (Mark, Will) counts only inside
    a sentence.
    """
    found = [
        Personal(kind, match.start(), match.end()) for kind, pattern in _PATTERNS for match in pattern.finditer(text)
    ]
    found += [Personal("name", start, end) for name in roster for start, end in _named(text, name)]
    kept: list[Personal] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def masked(text: str, *, roster: Sequence[str] = ()) -> str:
    """Return a text with personal data replaced by what it is: ``[e-mail]``, ``[name]``."""
    for each in reversed(personal_in(text, roster=roster)):
        text = f"{text[: each.start]}[{each.kind}]{text[each.end :]}"
    return text


def _named(text: str, name: str) -> Iterator[tuple[int, int]]:
    for match in _name_pattern(name).finditer(text):
        begins = not text[: match.start()].strip() or text[: match.start()].rstrip()[-1] in ".!?:\n"
        if not (begins and match[0].lower() in _AMBIGUOUS):
            yield match.start(), match.end()


@lru_cache(maxsize=512)
def _name_pattern(name: str) -> re.Pattern[str]:
    parts = [part for part in name.split() if len(part) > 1]
    forms = [re.escape(" ".join(parts)), *map(re.escape, parts)] if parts else [r"(?!)"]
    shouted = [form.upper() for form in forms if len(form) > 2]
    return re.compile(rf"(?<!\w)(?:{'|'.join((*forms, *shouted))})(?!\w)")
