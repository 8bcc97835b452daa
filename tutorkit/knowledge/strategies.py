"""Predicting how a student will go about a problem: the sequence of steps, not only whether the answer is right.

After "MVec" (Shakya, Rus and Venugopal 2023, arXiv 2308.03892), of which the abstract alone was at
hand: instances of a student and a problem are embedded with the student's mastery, clustered without a number of
clusters being given, sampled across the clusters, and a sequence model is trained on the sample. Here the embedding is
the mastery of each skill beside TF-IDF of the operations, the clustering DP-means, and the sequence model a Markov
chain of order two that falls back on shorter contexts; ``tutorkit.knowledge.neural`` has a recurrent one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tutorkit.errors import BadSetting, EmptyData
from tutorkit.knowledge.intervals import wilson
from tutorkit.types import Record

Floats: TypeAlias = NDArray[np.float64]

END: Final = "<end>"
"""What stands behind the last operation: to stop is predicted too."""

_START: Final = "<start>"
_QUARTERS: Final = 4


class StrategyTrace(Record):
    """One student's way through one problem: ``ops`` names what each step does, in order.

    ``mastery`` is the probability of mastery of each skill before the problem.
    """

    student: str
    problem: str
    ops: tuple[str, ...] = Field(min_length=1)
    mastery: Mapping[str, float] = Field(default_factory=dict)


def embedded(traces: Sequence[StrategyTrace], *, mastery_weight: float = 1.0) -> Floats:
    """Return a row for each trace: its mastery of every skill, then TF-IDF of its operations.

    A skill of which nothing is said counts as 0. The counts of operations are multiplied by ln((1 + n)/(1 + df)) + 1,
    with n traces and df of them that have the operation, and each row's part is divided by its length.

    Raises:
        EmptyData: when there are no traces.
    """
    if not traces:
        raise EmptyData("There are no traces to embed.", remedy="Give at least one worked problem.")
    skills = sorted({skill for trace in traces for skill in trace.mastery})
    ops = sorted({op for trace in traces for op in trace.ops})
    mastery = np.array([[trace.mastery.get(skill, 0.0) for skill in skills] for trace in traces])
    counts = np.array([[trace.ops.count(op) for op in ops] for trace in traces], dtype=np.float64)
    rarity = np.log((1 + len(traces)) / (1 + (counts > 0).sum(axis=0))) + 1
    weighed = counts * rarity
    return np.hstack([mastery * mastery_weight, weighed / np.linalg.norm(weighed, axis=1, keepdims=True)])


def dp_means(points: Floats, *, radius: float, seed: int = 0, rounds: int = 100) -> NDArray[np.int_]:
    """Return the cluster of each point, numbered from 0; there are as many clusters as the radius asks for.

    Source: Kulis and Jordan, "Revisiting k-means: new algorithms via Bayesian nonparametrics" (ICML 2012), algorithm 1:
    k-means in which a point farther than ``radius`` from every centre founds a cluster of its own.

    Args:
        points: one a row.
        radius: the distance from which on a point is a stranger, above 0.
        seed: of the order in which points are looked at.
        rounds: the most times that all points are gone through.

    Raises:
        BadSetting: for a radius that is not above 0.
    """
    if radius <= 0:
        raise BadSetting(f"A radius of {radius} makes every point a cluster.", remedy="Give a radius above 0.")
    order = np.random.default_rng(seed).permutation(len(points))
    centres, owner = [points.mean(axis=0)], np.full(len(points), -1)
    for _ in range(rounds):
        before = owner.copy()
        for place in order:
            distances = np.linalg.norm(np.array(centres) - points[place], axis=1)
            owner[place] = int(distances.argmin())
            if distances.min() > radius:
                centres.append(points[place])
                owner[place] = len(centres) - 1
        used, owner = np.unique(owner, return_inverse=True)
        centres = [points[owner == cluster].mean(axis=0) for cluster in range(len(used))]
        if np.array_equal(owner, before):
            break
    return owner


def sampled(clusters: Sequence[int], count: int, *, seed: int = 0) -> list[int]:
    """Return the places of ``count`` members, or of all: one from each cluster in turn, the smallest cluster first.

    So a rare strategy is in the sample as surely as a common one. Places come in ascending order.
    """
    rng = Random(seed)  # noqa: S311 - a sample, not a secret
    members: defaultdict[int, list[int]] = defaultdict(list)
    for place, cluster in enumerate(clusters):
        members[int(cluster)].append(place)
    waiting = sorted((rng.sample(own, len(own)) for own in members.values()), key=len)
    chosen: list[int] = []
    while waiting and len(chosen) < count:
        chosen += [own.pop() for own in waiting[: count - len(chosen)]]
        waiting = [own for own in waiting if own]
    return sorted(chosen)


class StrategyModel(Protocol):
    """Something that says what a student does next."""

    def next_op(self, begun: Sequence[str], mastery: Mapping[str, float]) -> str:
        """Return the likeliest next operation after these, or ``END``."""
        ...


@dataclass(frozen=True)
class MarkovStrategies:
    """The operation that came most often after the last two, else after the last one, else at all.

    ``table`` has it by context, of length 2, 1 and 0; of equally frequent ones the alphabetically first.
    """

    table: Mapping[tuple[str, ...], str]

    @classmethod
    def fitted(cls, traces: Sequence[StrategyTrace]) -> MarkovStrategies:
        """Count what follows what.

        Raises:
            EmptyData: when there are no traces.
        """
        if not traces:
            raise EmptyData("There are no traces to learn strategies from.", remedy="Give at least one.")
        counts: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for trace in traces:
            path = (_START, _START, *trace.ops, END)
            for place in range(2, len(path)):
                for length in (2, 1, 0):
                    counts[path[place - length : place]][path[place]] += 1
        return cls({context: min(after, key=lambda op: (-after[op], op)) for context, after in counts.items()})

    def next_op(self, begun: Sequence[str], mastery: Mapping[str, float]) -> str:
        """Return the likeliest next operation; mastery plays no part in it."""
        path = (_START, _START, *begun)
        contexts = (path[len(path) - length :] for length in (2, 1, 0))
        return next(self.table[context] for context in contexts if context in self.table)


class StrategyAccuracy(Record):
    """How often the next operation was foretold for one group, with the 95 % interval of that share (Wilson).

    The steps of one trace are taken as independent, so the interval is somewhat too narrow.
    """

    group: str
    traces: int
    steps: int
    accuracy: float
    low: float
    high: float


class StrategyFairness(Record):
    """Accuracy by quarters of mean mastery, the weakest students first, and the greatest difference between two."""

    overall: StrategyAccuracy
    quarters: tuple[StrategyAccuracy, ...]
    gap: float


def fairness(model: StrategyModel, traces: Sequence[StrategyTrace]) -> StrategyFairness:
    """Measure a model on traces that it was not fitted to, for weak and strong students apart.

    Raises:
        EmptyData: when there are no traces.
    """
    if not traces:
        raise EmptyData("There are no traces to measure on.", remedy="Give at least one worked problem.")
    ordered = sorted(traces, key=lambda trace: sum(trace.mastery.values()) / max(len(trace.mastery), 1))
    edges = [round(len(ordered) * quarter / _QUARTERS) for quarter in range(_QUARTERS + 1)]
    quarters = tuple(
        _accuracy(f"quarter {number + 1}", model, ordered[edges[number] : edges[number + 1]])
        for number in range(_QUARTERS)
        if edges[number] < edges[number + 1]
    )
    values = [quarter.accuracy for quarter in quarters]
    return StrategyFairness(overall=_accuracy("all", model, ordered), quarters=quarters, gap=max(values) - min(values))


def _accuracy(group: str, model: StrategyModel, traces: Sequence[StrategyTrace]) -> StrategyAccuracy:
    hits = [
        model.next_op(trace.ops[:place], trace.mastery) == op
        for trace in traces
        for place, op in enumerate((*trace.ops, END))
    ]
    low, high = wilson(sum(hits), len(hits))
    return StrategyAccuracy(
        group=group, traces=len(traces), steps=len(hits), accuracy=sum(hits) / len(hits), low=low, high=high
    )
