"""A word with properties: the scorer ``properties``. It counts for itself, apart from whatever tool labelled the data.

An answer is right when it has every property that the scorer's name asks for, whatever the gold is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tutorkit.errors import BadSetting
from tutorkit.tasks.scorers.answers import Found, Reading, first_sentence, last_line, undressed
from tutorkit.tasks.scorers.base import Verdict
from tutorkit.types import Problem

_WORD = re.compile(r"[a-z]{1,100}", re.IGNORECASE)
_PATTERNS: Mapping[str, str] = {
    "length": r"(?:.){{{0}}}",
    "first": r"{0}.*",
    "last": r".*{0}",
    "vowels": r"[^aeiou]*(?:[aeiou][^aeiou]*){{{0}}}",
}


@dataclass(frozen=True)
class PropertiesRule:
    """One word that matches each of ``wanted``: names of properties with their values."""

    wanted: Mapping[str, str]

    def read(self, problem: Problem, text: str) -> Found[str]:
        """Read a text that is one word."""
        word = undressed(first_sentence(text)).strip()
        return Reading(word.casefold(), word.casefold()) if _WORD.fullmatch(word) else None

    def search(self, problem: Problem, raw: str) -> Found[str]:
        """Read the last line, when it is one word."""
        return self.read(problem, last_line(raw))

    def compare(self, gold: Reading[str], answer: Reading[str]) -> Verdict:
        """Say which properties the word lacks."""
        lacking = [name for name, value in self.wanted.items() if not _has(answer.value, name, value)]
        return Verdict("wrong" if lacking else "right", f"lacks {', '.join(lacking)}" if lacking else "has them all")


def wanted(options: dict[str, str]) -> dict[str, str]:
    """Take the properties out of a scorer's options.

    Raises:
        BadSetting: when there is none, or a value does not fit.
    """
    found = {name: options.pop(name) for name in _PATTERNS if name in options}
    for name, value in found.items():
        form = r"[a-z]" if name in ("first", "last") else r"\d{1,2}"
        if not re.fullmatch(form, value):
            raise BadSetting(f"A word's {name} cannot be {value!r}.", data={"property": name, "value": value})
    if not found:
        raise BadSetting(
            "The scorer properties wants at least one property.",
            remedy=f"Give some of {', '.join(_PATTERNS)}, as in properties?length=5&first=b.",
        )
    return found


def _has(word: str, name: str, value: str) -> bool:
    return re.fullmatch(_PATTERNS[name].format(value), word) is not None
