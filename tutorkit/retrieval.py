"""Which lessons a student gets for one question: all of them, or those that are about something like it.

Similarity is the cosine of the two texts' word counts, each word weighed by how few of the lessons it stands in. It
needs no model, and the same lessons and question give the same choice everywhere.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from tutorkit.errors import BadSetting
from tutorkit.types import Lesson

ALL = "all"

_RULE = re.compile(r"top-(?P<most>[1-9]\d{0,3})(?: above (?P<floor>0(?:\.\d+)?|1(?:\.0+)?))?")
_WORD = re.compile(r"[^\W_]+|[^\w\s.,;:!?'\"]")
_CUE = re.compile(r"\[\[skill:[^\]]*\]\]")


def choose(question: str, lessons: Sequence[Lesson], *, rule: str = ALL) -> tuple[Lesson, ...]:
    """Return the lessons for a question, in the order in which they are given.

    Args:
        question: what the student is asked.
        lessons: what there is. What a lesson is about is its ``data['applies_to']``, else its text. Instructions are
            about everything.
        rule: ``all``; or ``top-K``, the K most similar ones; or ``top-K above F``, those of them whose similarity, in
            [0, 1], is more than F: below the floor none is better than one about something else. Of equally similar
            ones the earlier is taken.

    Raises:
        BadSetting: for another rule.
    """
    most, floor = read_rule(rule)
    if most is None:
        return tuple(lessons)
    special = [lesson for lesson in lessons if lesson.kind != "instruction"]
    near = similarities(question, [_subject(lesson) for lesson in special])
    ranked = sorted(range(len(special)), key=lambda place: -near[place])[:most]
    taken = {special[place].id for place in ranked if near[place] > floor}
    return tuple(lesson for lesson in lessons if lesson.kind == "instruction" or lesson.id in taken)


def read_rule(rule: str) -> tuple[int | None, float]:
    """Return how many lessons a rule takes at most, None for all, and the similarity that they must have more than.

    Raises:
        BadSetting: for a rule that is not one.
    """
    if rule == ALL:
        return None, 0.0
    found = _RULE.fullmatch(rule)
    if found is None:
        raise BadSetting(
            f"{rule!r} is no rule for choosing lessons.",
            remedy="Give all, top-3, or top-3 above 0.2.",
            data={"rule": rule},
        )
    return int(found["most"]), float(found["floor"] or 0.0)


def similarities(text: str, others: Sequence[str]) -> list[float]:
    """Return how similar each of the other texts is to a text, from 0 (no word in common) to 1.

    A word that none of the others has weighs as much as one that a single of them has.
    """
    pool = _pool(tuple(others))
    mine = _words(text)
    length = _length(mine, pool)
    return [
        min(1.0, sum(mine[word] * words[word] * pool.weight(word) ** 2 for word in mine if word in words) / scale)
        if (scale := length * own)
        else 0.0
        for words, own in zip(pool.counts, pool.lengths, strict=True)
    ]


@dataclass(frozen=True)
class _Pool:
    """Texts to compare with: the word counts of each, what a word weighs among them, and how long each is by that."""

    counts: tuple[Counter[str], ...]
    weights: Mapping[str, float]
    lengths: tuple[float, ...] = ()

    def weight(self, word: str) -> float:
        return self.weights.get(word, self.rarest)

    @cached_property
    def rarest(self) -> float:
        return max(self.weights.values(), default=1.0)


# A library is asked for every question of a run: its own side of the comparison is worked out once.
@lru_cache(maxsize=16)
def _pool(texts: tuple[str, ...]) -> _Pool:
    counts = tuple(_words(text) for text in texts)
    spread = Counter(word for words in counts for word in words)
    pool = _Pool(counts, {word: math.log(1 + len(counts) / number) for word, number in spread.items()})
    return replace(pool, lengths=tuple(_length(words, pool) for words in counts))


def _length(words: Mapping[str, int], pool: _Pool) -> float:
    return math.sqrt(sum((count * pool.weight(word)) ** 2 for word, count in words.items()))


def _words(text: str) -> Counter[str]:
    """Count words and signs, but not the marks that every sentence has.

    Every number is the same word, since lessons are about kinds of problems.
    """
    return Counter("0" if word.isdigit() else word.casefold() for word in _WORD.findall(_CUE.sub("", text)))


def _subject(lesson: Lesson) -> str:
    subject = lesson.data.get("applies_to")
    return subject if isinstance(subject, str) else lesson.text
