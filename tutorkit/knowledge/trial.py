"""A curriculum tried on simulated learners, against drawing tasks evenly."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tutorkit.errors import BadSetting
from tutorkit.knowledge.evaluating import Measure
from tutorkit.knowledge.mastering_rate import PUBLISHED, Weights
from tutorkit.knowledge.synthetic import Course, chain, follow
from tutorkit.types import Record

_RESAMPLES = 2_000


class CurriculumTrial(Record):
    """What the mastering rate saves simulated learners; all means are over learners, with 95 % bootstrap intervals.

    ``items`` are those until everything is mastered, ``premature`` the share of them that came before what they build
    on. ``fewer`` is the share of the even drawing's items that the mastering rate saves.
    """

    simulated: bool = True
    learners: int
    tasks: int
    items: Measure
    items_evenly: Measure
    fewer: Measure
    premature: Measure
    premature_evenly: Measure


def try_curriculum(
    *, learners: int = 40, tasks: int = 9, weights: Weights = PUBLISHED, uniform: float = 0.1, seed: int = 0
) -> CurriculumTrial:
    """Let simulated learners master a chain of tasks, each learner once by the mastering rate and once evenly.

    A learner learns a task with probability 0.25 at each item on it, once all before it are mastered; guesses with 0.2
    and slips with 0.1. The mastering rate sees nothing but right and wrong.

    Raises:
        BadSetting: for fewer than two learners or tasks.
    """
    if learners < 2 or tasks < 2:
        raise BadSetting("A trial takes two learners and two tasks at the least.")
    course = chain(tasks)
    seeds = range(seed, seed + learners)
    rated = [follow(course, seed=each, weights=weights, uniform=uniform) for each in seeds]
    even = [follow(course, seed=each, weights=None) for each in seeds]
    drawn = np.random.default_rng(seed).integers(learners, size=(_RESAMPLES, learners))

    def spread(of: Callable[[Sequence[int]], float]) -> Measure:
        low, high = np.quantile([of(rows) for rows in drawn], [0.025, 0.975])
        return Measure(value=of(range(learners)), low=float(low), high=float(high))

    def mean(courses: Sequence[Course], name: str) -> Callable[[Sequence[int]], float]:
        values = np.array([float(getattr(each, name)) for each in courses])
        return lambda rows: float(values[np.asarray(rows)].mean())

    items, evenly = mean(rated, "items"), mean(even, "items")
    return CurriculumTrial(
        learners=learners,
        tasks=tasks,
        items=spread(items),
        items_evenly=spread(evenly),
        fewer=spread(lambda rows: 1 - items(rows) / evenly(rows)),
        premature=spread(mean(rated, "premature")),
        premature_evenly=spread(mean(even, "premature")),
    )
