"""Library: strategies for situations, no two of which contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

from tutorkit.methods._nodes.verify import likeness
from tutorkit.retrieval import similarities
from tutorkit.types import Lesson

OPPOSITE = 0.6
"""What one strategy says to do and another says not to do is the same when their words agree to this Jaccard index."""


def merged(
    library: Sequence[Lesson], fresh: Sequence[Lesson], *, alike_from: float
) -> tuple[list[Lesson], list[tuple[Lesson, Lesson]]]:
    """Put fresh strategies into a library. Of those that contradict each other in one situation the best stays.

    The best is the one with which the student did best (``data['score_after']``); of equals the one that was there.

    Returns:
        The library, and the pairs of loser and winner.
    """
    kept, beaten = list(library), list[tuple[Lesson, Lesson]]()
    for lesson in fresh:
        rivals = [known for known in kept if conflict(lesson, known, alike_from=alike_from)]
        best = max([*rivals, lesson], key=lambda each: float(str(each.data["score_after"])))
        losers = [each for each in (*rivals, lesson) if each is not best]
        beaten += [(loser, best) for loser in losers]
        kept = [known for known in kept if known not in losers] + ([lesson] if lesson not in losers else [])
    return kept, beaten


def conflict(one: Lesson, other: Lesson, *, alike_from: float) -> bool:
    """Tell whether two strategies are for one situation, and one says to do what the other says not to do.

    Args:
        one: a strategy.
        other: another one.
        alike_from: from this similarity of their situations on, in (0, 1], these are the same.
    """
    (near,) = similarities(str(one.data["situation"]), [str(other.data["situation"])])
    return near >= alike_from and (_contradicts(one, other) or _contradicts(other, one))


def _contradicts(one: Lesson, other: Lesson) -> bool:
    return any(likeness(do, dont) >= OPPOSITE for do in _moves(one, "do") for dont in _moves(other, "dont"))


def _moves(lesson: Lesson, kind: str) -> list[str]:
    found = lesson.data.get(kind)
    return [str(move) for move in found] if isinstance(found, list) else []
