"""Marks: which of a teacher's drafts a student learns from, by what it did with each. Every tie has a rule.

What a student did with a draft is written as *marks*, one for each probed problem and in their order: ``1`` right,
``0`` not right, ``-`` nothing known. The marks of a draft that was given up early are shorter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from random import Random
from statistics import fmean
from typing import TypeVar

ScoreT = TypeVar("ScoreT", float, tuple[int, float])


def share(marks: str) -> float | None:
    """Return the share that is right of what is known, in [0, 1]; None when nothing is."""
    known = [mark == "1" for mark in marks if mark != "-"]
    return fmean(known) if known else None


def shares_of_both(one: str, other: str) -> tuple[float, float] | None:
    """Return the shares of two drafts on the problems on which both are known; None when there is none."""
    known = [(a, b) for a, b in zip(one, other, strict=False) if "-" not in (a, b)]
    if not known:
        return None
    return fmean(a == "1" for a, _ in known), fmean(b == "1" for _, b in known)


def worths(marks: Mapping[str, str]) -> dict[str, tuple[int, float]]:
    """Return what drafts are ranked by: how long one was tried before it was given up, then the share that is right.

    A draft of which nothing is known has no worth.
    """
    return {name: (len(row), value) for name, row in marks.items() if (value := share(row)) is not None}


def technique_means(scores: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return the mean score of each technique over the questions that every technique has a score for.

    Where there is no such question each technique's mean is over its own: one that fails on hard questions is then
    judged on the easy ones.

    Args:
        scores: by question, then by technique.
    """
    techniques = list(dict.fromkeys(name for row in scores.values() for name in row))
    whole = [row for row in scores.values() if len(row) == len(techniques)]
    rows = whole or [*scores.values()]
    return {name: fmean(row[name] for row in rows if name in row) for name in techniques}


def best(scores: Mapping[str, ScoreT], order: Sequence[str]) -> str | None:
    """Return the name with the highest score; of equal ones that which comes first in ``order``."""
    known = [name for name in order if name in scores]
    return max(known, key=scores.__getitem__, default=None)


def best_and_worst(marks: Mapping[str, str]) -> tuple[str, str, tuple[float, float]] | None:
    """Return the two drafts of one question that make a pair, and their scores; None where neither is better.

    They are the drafts of most and least worth, of equal ones the earlier. Both are scored on the problems that both
    were tried on, and equal scores are no preference.
    """
    known = worths(marks)
    if not known:
        return None
    chosen, rejected = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    both = shares_of_both(marks[chosen], marks[rejected])
    return (chosen, rejected, both) if both and both[0] > both[1] else None


def top_and_bottom(scores: Mapping[str, float]) -> tuple[list[str], list[str]]:
    """Return the top and the bottom quarter, best first; one each where there are fewer than eight."""
    ranked = sorted(scores, key=lambda name: -scores[name])
    size = max(1, len(ranked) // 4)
    return ranked[:size], ranked[len(ranked) - size :] if ranked else []


def quarter_pairs(scores: Mapping[str, float], *, most: int, rng: Random) -> list[tuple[str, str]]:
    """Draw different pairs of one from the top quarter and one from the bottom quarter that scored less."""
    top, bottom = top_and_bottom(scores)
    pairs = [(chosen, rejected) for chosen, rejected in product(top, bottom) if scores[chosen] > scores[rejected]]
    return rng.sample(pairs, min(most, len(pairs)))


def covering(marks: Mapping[str, str], *, most: int) -> list[str]:
    """Choose up to ``most`` drafts that together make right as many problems as can be, greedily.

    Two drafts that teach the same are worth no more than one. The next is the draft that makes right most problems that
    none before it does; then the one of most worth; then the earlier one. A draft of which nothing is known is none.
    """
    left = worths(marks)
    right = {name: {place for place, mark in enumerate(marks[name]) if mark == "1"} for name in left}
    chosen: list[str] = []
    covered: set[int] = set()
    while left and len(chosen) < most:
        name = max(left, key=lambda name: (len(right[name] - covered), left[name]))
        covered |= right[name]
        del left[name]
        chosen.append(name)
    return chosen


def by_question(scores: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    """Arrange the scores of (question, technique) by question."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (question, technique), score in scores.items():
        found[question][technique] = score
    return dict(found)
