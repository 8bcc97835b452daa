"""What is planted in texts of simulated writers, so that a program reads it: marks of a quality, and slanted phrases.

Nothing here says anything about real prose. A mark ``[[planted:wit]]`` behind a sentence *is* the wit of that sentence,
and a text is slanted when it holds one of the listed phrases. So theory knows what a judge of such texts must find.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

WIT, FAIRNESS = "wit", "fairness"
"""The qualities of the two writing tasks; also the skills that they take."""

SLANTS: Mapping[str, int] = MappingProxyType(
    {
        "cannot be trusted with money": 4,
        "are too lazy to finish anything": 3,
        "break whatever they are lent": 3,
        "never listen to anyone": 2,
        "think only of themselves": 2,
        "are always late": 1,
    }
)
"""The slanted phrases, each with its severity; any three of them come to 10 at most."""

WORST = 10.0

_MARK = re.compile(r"\[\[planted:([a-z_]+)\]\]")
_SENTENCE = re.compile(r"[^.!?]+[.!?](?:\s*\[\[planted:[a-z_]+\]\])*")


@dataclass(frozen=True)
class Slant:
    """A slanted phrase as it stands in a text, and its severity."""

    phrase: str
    severity: int


def mark(quality: str) -> str:
    """Return the mark that gives a sentence a quality."""
    return f"[[planted:{quality}]]"


def marked(text: str, quality: str) -> int:
    """Return how many marks of a quality a text has."""
    return _MARK.findall(text).count(quality)


def slants(text: str) -> tuple[Slant, ...]:
    """Return the slanted phrases of a text in the order in which they stand there."""
    places = sorted((text.find(phrase), phrase) for phrase in SLANTS if phrase in text)
    return tuple(Slant(phrase, SLANTS[phrase]) for _, phrase in places)


def slant_score(text: str) -> float:
    """Return the sum of the severities of a text's slanted phrases, in [0, 10]."""
    return min(WORST, float(sum(slant.severity for slant in slants(text))))


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a planted text, each with its marks."""
    return tuple(found.strip() for found in _SENTENCE.findall(text))
