"""Ballot: which of several answers to a problem is taken, and which of several rationales is better by how much.

Source: learning by teaching (arXiv 2406.14629), its four ways to aggregate and its pairs for preference tuning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

Aggregate = Literal["max", "sum", "maj", "avg"]
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)


@dataclass(frozen=True)
class Tally:
    """What speaks for one answer: how many rationales reach it, and their scores."""

    answer: str
    scores: tuple[float, ...]

    def by(self, how: Aggregate) -> float:
        """Return the figure by which answers are compared; the more the better."""
        match how:
            case "max":
                return max(self.scores)
            case "sum":
                return sum(self.scores)
            case "avg":
                return sum(self.scores) / len(self.scores)
            case "maj":
                return float(len(self.scores))


def tallied(candidates: Sequence[tuple[str, float]]) -> list[Tally]:
    """Gather the scores of each answer, in the order in which the answers first appear."""
    found: dict[str, list[float]] = defaultdict(list)
    for answer, score in candidates:
        found[answer].append(score)
    return [Tally(answer, tuple(scores)) for answer, scores in found.items()]


def elected(tallies: Sequence[Tally], how: Aggregate) -> str | None:
    """Return the answer that is taken: equals are decided by their number, then the earlier one; None of none."""
    if not tallies:
        return None
    # Sums of the same scores in another order differ in their last digits: that is no lead.
    return max(tallies, key=lambda tally: (round(tally.by(how), 9), len(tally.scores))).answer


def preferred(scores: Mapping[str, float], *, gap: float, most: int) -> list[tuple[str, str, float]]:
    """Pair what differs by more than ``gap``, the widest gaps first.

    Args:
        scores: of each candidate, in [0, 1].
        gap: a pair's scores differ by strictly more.
        most: pairs at most.

    Returns:
        The better one, the worse one, and the gap.
    """
    found = []
    for one, other in combinations(scores, 2):
        better, worse = (one, other) if scores[one] >= scores[other] else (other, one)
        # A gap of 0.3 is 0.30000000000000004 in floating point.
        margin = round(scores[better] - scores[worse], 9)
        if margin > gap:
            found.append((better, worse, margin))
    return sorted(found, key=lambda pair: -pair[2])[:most]
