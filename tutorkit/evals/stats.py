"""How sure one can be of what was measured: accuracy, and the difference between two measurements of the same problems.

An outcome counts as right or not right: ``unfinished`` and ``invalid`` are not right. ``tally`` tells them apart.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tutorkit.errors import BadSetting
from tutorkit.knowledge.intervals import wilson
from tutorkit.types import Outcome, Record

_CELLS_AT_ONCE: Final = 2_000_000
"""Bounds the memory of a bootstrap: this many draws at a time, 16 MB."""


class Interval(Record):
    """An estimate over ``n`` problems with its confidence interval; ``method`` says how the interval was made."""

    value: float
    low: float
    high: float
    n: int = Field(ge=1)
    confidence: float
    method: str


class Tally(Record):
    """How many answers came out how."""

    right: int
    wrong: int
    unfinished: int
    invalid: int


def tally(outcomes: Sequence[Outcome]) -> Tally:
    """Count the outcomes."""
    found = Counter(outcomes)
    return Tally(right=found["right"], wrong=found["wrong"], unfinished=found["unfinished"], invalid=found["invalid"])


def accuracy(outcomes: Sequence[Outcome], *, confidence: float = 0.95) -> Interval:
    """Return the share of right answers with its score interval (Wilson 1927), which takes the problems as independent.

    Raises:
        BadSetting: when there are no outcomes, or the confidence is not between 0 and 1.
    """
    _check(len(outcomes), confidence=confidence)
    n = len(outcomes)
    right = tally(outcomes).right
    low, high = wilson(right, n, confidence=confidence)
    return Interval(value=right / n, low=low, high=high, n=n, confidence=confidence, method="Wilson score")


def paired_difference(
    before: Sequence[Outcome],
    after: Sequence[Outcome],
    groups: Sequence[Hashable],
    *,
    seed: int,
    confidence: float = 0.95,
    resamples: int = 10_000,
) -> Interval:
    """Return accuracy after minus accuracy before on the same problems, in [-1, 1], with a cluster bootstrap interval.

    Groups are drawn whole, with replacement, since problems of one group are not independent; the bounds are
    percentiles of the resampled differences (Efron and Tibshirani 1993, chapters 8 and 13). To the groups that were
    seen two are added for the drawing, one all better and one all worse, of the mean size: the bootstrap's
    counterpart of the pseudo-pairs of Agresti and Min (2005, "Simple improved confidence intervals for comparing
    matched proportions"). They keep a small sample from claiming more than it can: when all problems improve, or none
    changes, the plain percentiles would have no width at all. With the two groups, 20 problems that all improve give
    about [0.73, 1], and 20 that never change about [-0.14, 0.14]. In exchange the interval is wider than need be when
    groups are few and large. The value is the plain difference and always lies in the interval.

    Args:
        before: outcomes without the lessons.
        after: outcomes with them, in the same order of problems.
        groups: the leak family of each problem; the problem's own id where each stands for itself.
        seed: of the drawing; the same seed gives the same interval.
        confidence: coverage, between 0 and 1.
        resamples: how many drawings.

    Returns:
        The interval; with a single group, the whole of [-1, 1].

    Raises:
        BadSetting: when the lists differ in length or are empty, or a number is out of range.
    """
    _check(len(before), len(after), len(groups), confidence=confidence)
    if resamples < 1:
        raise BadSetting(f"{resamples} resamples give no interval.", data={"resamples": resamples})
    sums, sizes = _by_group(before, after, groups)
    value = float(sums.sum() / sizes.sum())
    low, high = -1.0, 1.0
    if len(sums) > 1:
        tail = (1 - confidence) / 2
        drawn = _bootstrap(sums, sizes, rng=np.random.default_rng(seed), resamples=resamples)
        low, high = (float(bound) for bound in np.quantile(drawn, [tail, 1 - tail]))
    return Interval(
        value=value,
        low=min(low, value),
        high=max(high, value),
        n=len(before),
        confidence=confidence,
        method=f"cluster bootstrap, {len(sums)} groups and 2 pseudo-groups, {resamples} resamples, seed {seed}",
    )


def mcnemar(before: Sequence[Outcome], after: Sequence[Outcome], groups: Sequence[Hashable]) -> float:
    """Return the two-sided exact p-value of "as many got better as got worse" (McNemar 1947, binomial form).

    It counts groups: one is better or worse by its net change. Where each problem is a group of its own this is
    McNemar's test; else it is the sign test over groups.

    Raises:
        BadSetting: when the lists differ in length or are empty.
    """
    _check(len(before), len(after), len(groups))
    sums, _ = _by_group(before, after, groups)
    better, worse = int((sums > 0).sum()), int((sums < 0).sum())
    n = better + worse
    tail = sum(math.comb(n, k) for k in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / (1 << n))


def ratio(numerator: Interval, denominator: Interval) -> Interval | None:
    """Return the ratio of two independent estimates with its interval, made of theirs (MOVER-R).

    Source: Donner and Zou (2012), "Closed-form confidence intervals for functions of the normal mean and standard
    deviation", Statistical Methods in Medical Research 21, 347–359, section 2.

    Returns:
        The ratio; None where the denominator's interval reaches to 0, or as far beyond the estimate: then it can be
        anything. ``n`` is the smaller one.

    Raises:
        BadSetting: when the two intervals have different confidence.
    """
    if numerator.confidence != denominator.confidence:
        raise BadSetting("Intervals of different confidence have no ratio.")
    if denominator.value < 0:
        return ratio(_negated(numerator), _negated(denominator))
    if denominator.low <= 0 or denominator.high >= 2 * denominator.value:
        return None
    top, bottom = numerator.value, denominator.value

    def bound(reach: float, against: float, sign: int) -> float:
        inside = (top * bottom) ** 2 - reach * against * (2 * top - reach) * (2 * bottom - against)
        return (top * bottom + sign * math.sqrt(max(0.0, inside))) / (against * (2 * bottom - against))

    return Interval(
        value=top / bottom,
        low=bound(numerator.low, denominator.high, -1),
        high=bound(numerator.high, denominator.low, 1),
        n=min(numerator.n, denominator.n),
        confidence=numerator.confidence,
        method="MOVER-R",
    )


def _negated(interval: Interval) -> Interval:
    return interval.model_copy(update={"value": -interval.value, "low": -interval.high, "high": -interval.low})


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values corrected for being tested together, in the given order (Holm 1979).

    Of hypotheses that are all true, one or more is rejected at level α with a probability of at most α, whatever the
    dependence between the tests.

    Raises:
        BadSetting: for a p-value outside of [0, 1].
    """
    if any(not 0 <= p <= 1 for p in p_values):
        raise BadSetting("A p-value lies in [0, 1].", data={"p_values": list(p_values)})
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def _by_group(
    before: Sequence[Outcome], after: Sequence[Outcome], groups: Sequence[Hashable]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the net change and the number of problems of each group, in order of first appearance."""
    changes: defaultdict[Hashable, list[int]] = defaultdict(list)
    for was, now, group in zip(before, after, groups, strict=True):
        changes[group].append((now == "right") - (was == "right"))
    sums = np.array([sum(change) for change in changes.values()], dtype=np.float64)
    sizes = np.array([len(change) for change in changes.values()], dtype=np.float64)
    return sums, sizes


def _bootstrap(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], *, rng: np.random.Generator, resamples: int
) -> NDArray[np.float64]:
    """Return ``resamples`` mean differences of as many groups, pseudo-groups among them, as there are."""
    mean = sizes.mean()
    sums, sizes = np.append(sums, [mean, -mean]), np.append(sizes, [mean, mean])
    at_once = max(1, _CELLS_AT_ONCE // len(sums))
    drawn = []
    for start in range(0, resamples, at_once):
        rows = rng.integers(len(sums), size=(min(at_once, resamples - start), len(sums)))
        drawn.append(sums[rows].sum(axis=1) / sizes[rows].sum(axis=1))
    return np.concatenate(drawn)


def _check(first: int, *others: int, confidence: float = 0.95) -> None:
    if not 0 < confidence < 1:
        raise BadSetting(f"A confidence of {confidence} is not between 0 and 1.", data={"confidence": confidence})
    if first == 0:
        raise BadSetting("There are no outcomes to compute from.")
    if any(other != first for other in others):
        raise BadSetting(
            f"Paired outcomes want lists of one length, not {', '.join(str(length) for length in (first, *others))}.",
            data={"lengths": [first, *others]},
        )
