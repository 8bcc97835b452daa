"""Intervention: in which order items are explained, and what a budget of explanations gains. Pure functions.

Source of the orders and of the curve: the authors' code of the theory-of-mind intervention (arXiv 2306.09299). That
every order keeps to the budget, also the one that knows the truth, is ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Strategy = Literal[
    "random",
    "oracle",
    "low_confidence",
    "post_confidence",
    "own_utility",
    "teacher_confidence",
    "mental_pre",
    "mental_post",
    "utility",
    "deceive",
]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
HINDSIGHT: frozenset[Strategy] = frozenset({"oracle", "post_confidence", "own_utility"})
"""These orders need what the student says after every explanation."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of one item. None where it is not known.

    ``own_pre`` and ``own_post`` are the student's own confidence without and with the explanation, ``simulated_pre``
    and ``simulated_post`` the chance of a right answer by the teacher's mental model, ``teacher`` the teacher's
    confidence in its answer; all in [0, 1]. ``right_pre`` and ``right_post`` tell whether the student was right.
    """

    right_pre: bool
    right_post: bool | None = None
    own_pre: float | None = None
    own_post: float | None = None
    simulated_pre: float | None = None
    simulated_post: float | None = None
    teacher: float | None = None

    @property
    def utility(self) -> float | None:
        """What the mental model expects of the explanation, in [-1, 1]."""
        return _difference(self.simulated_post, self.simulated_pre)

    @property
    def realised(self) -> int | None:
        """What the explanation did: 1 mended, -1 broke, 0 changed nothing."""
        return None if self.right_post is None else int(self.right_post) - int(self.right_pre)


def ranked(strategy: Strategy, items: Mapping[str, Evidence], *, shuffled: Sequence[str]) -> list[str]:
    """Order the items by who should be explained first.

    Args:
        strategy: the order. ``random``; ``oracle``, by what the explanation really does; the student's own
            ``low_confidence`` without explanation, its ``post_confidence`` with it, and ``own_utility``, the difference
            of the two; ``teacher_confidence``; the mental model's ``mental_pre`` (ascending), ``mental_post``
            (descending) and ``utility``, the difference; ``deceive``, utility the wrong way round.
        items: what is known of each.
        shuffled: all items in a random order: it decides between equals. Items of which the needed figure is not known
            come last.
    """
    scores = {name: _score(strategy, items[name]) for name in shuffled}
    return sorted(shuffled, key=lambda name: _last_when_unknown(scores[name]))


def _score(strategy: Strategy, item: Evidence) -> float | None:
    """Return the figure by which an item is ranked, the highest first."""
    match strategy:
        case "random":
            return 0.0
        case "oracle":
            return None if item.realised is None else float(item.realised)
        case "low_confidence":
            return _negative(item.own_pre)
        case "post_confidence":
            return item.own_post
        case "own_utility":
            return _difference(item.own_post, item.own_pre)
        case _:
            return _teachers_score(strategy, item)


def _teachers_score(strategy: Strategy, item: Evidence) -> float | None:
    match strategy:
        case "teacher_confidence":
            return item.teacher
        case "mental_pre":
            return _negative(item.simulated_pre)
        case "mental_post":
            return item.simulated_post
        case "deceive":
            return _negative(item.utility)
        case _:
            return item.utility


def allowed(budget: float, n: int) -> int:
    """Return how many of ``n`` items may be explained with a budget in [0, 1]: the whole part of the product."""
    # 0.29 times 100 is 28.999… in floating point.
    return math.floor(budget * n + 1e-9)


def accuracy_at(budget: float, order: Sequence[str], items: Mapping[str, Evidence]) -> float | None:
    """Return the accuracy when the first items of an order are explained and the others are not.

    None when there are no items, or when one that is explained was never asked with its explanation.
    """
    chosen = [items[name].right_post for name in order[: allowed(budget, len(order))]]
    rest = [items[name].right_pre for name in order[len(chosen) :]]
    if not order or None in chosen:
        return None
    return (sum(map(bool, chosen)) + sum(rest)) / len(order)


def brier(pairs: Sequence[tuple[float, bool]]) -> float | None:
    """Return the mean squared error of predicted chances against what came out: 0 is perfect, 0.25 is a coin's.

    Source: Brier 1950, the binary form.
    """
    return sum((chance - came) ** 2 for chance, came in pairs) / len(pairs) if pairs else None


def rank_correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Spearman's rank correlation, equals sharing the mean of their ranks; None where one side never varies."""
    if len(pairs) < 2:
        return None
    left, right = (_ranks([pair[side] for pair in pairs]) for side in (0, 1))
    middle = (len(pairs) + 1) / 2
    a, b = [x - middle for x in left], [y - middle for y in right]
    spread = math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / spread if spread else None


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + 1 + end) / 2
        start = end
    return ranks


def _difference(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else after - before


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def _last_when_unknown(score: float | None) -> tuple[bool, float]:
    return score is None, -(score or 0.0)
