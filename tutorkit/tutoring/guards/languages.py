"""Guard 5: the tutor speaks the language that was agreed on."""

from __future__ import annotations

import re
from functools import lru_cache

import yaml

from tutorkit.tutoring.guards.lexicon import folder_text
from tutorkit.tutoring.guards.quotable import quotable
from tutorkit.tutoring.guards.seen import Seen, Violation
from tutorkit.tutoring.guards.sentences import without_quotations

_SCRIPTS: tuple[tuple[str, re.Pattern[str], frozenset[str]], ...] = tuple(
    (name, re.compile(f"[{ranges}]"), frozenset(languages.split()))
    for name, ranges, languages in (
        ("Cyrillic", "\u0400-\u04ff", "ru uk bg sr mk be kk ky mn"),
        ("Greek", "\u0370-\u03ff\u1f00-\u1fff", "el"),
        ("Arabic", "\u0600-\u06ff\u0750-\u077f", "ar fa ur ps"),
        ("Hebrew", "\u0590-\u05ff", "he yi"),
        ("Devanagari", "\u0900-\u097f", "hi mr ne sa"),
        ("Bengali", "\u0980-\u09ff", "bn as"),
        ("Thai", "\u0e00-\u0e7f", "th"),
        ("Hangul", "\uac00-\ud7af\u1100-\u11ff", "ko"),
        ("Kana", "\u3040-\u30ff", "ja"),
        ("Han", "\u4e00-\u9fff", "zh ja"),
    )
)
_WORD = re.compile(r"[^\W\d_]+")
_LEAST_WORDS = 5
_LEAST_HITS = 3
_LETTERS_APART = 5


def language(text: str, seen: Seen) -> list[Violation]:
    """Object to a text in another language than the conversation's. Where that is not clear, it passes.

    What is quoted does not count, and a few foreign letters do not: π is no Greek.
    """
    found = language_of(without_quotations(text, *quotable(seen)), expected=seen.language)
    if found is None or found == seen.language:
        return []
    what = f"It is written in another language. Write in the language {seen.language!r}."
    return [Violation(kind="language", what=what, where=found)]


def language_of(text: str, *, expected: str) -> str | None:
    """Return the language or script that a text is clearly written in, the expected one if that may be; else None."""
    words = [word.lower() for word in _WORD.findall(text)]
    for script, pattern, languages in _SCRIPTS:
        letters = len(pattern.findall(text))
        if letters >= _LETTERS_APART and expected not in languages and letters * 2 > sum(map(len, words)):
            return script
    if any(expected in languages for _, _, languages in _SCRIPTS):
        latin = sum(len(word) for word in words if word.isascii() and len(word) > 2)
        foreign = latin > 40 and latin * 2 > sum(map(len, words))
        return "Latin" if foreign else None
    if len(words) < _LEAST_WORDS:
        return None
    hits = {name: sum(word in known for word in words) for name, known in _small_words().items()}
    if expected not in hits:
        return None
    best = max(hits, key=lambda name: (hits[name], name == expected))
    clearly = hits[best] >= _LEAST_HITS > hits[expected] and hits[best] >= 2 * hits[expected] + 1
    return best if clearly else None


@lru_cache(maxsize=1)
def _small_words() -> dict[str, frozenset[str]]:
    return {name: frozenset(found.split()) for name, found in yaml.safe_load(folder_text("languages.yaml")).items()}
