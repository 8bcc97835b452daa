"""How good predictions of answers are: measures with intervals, by skill, and whether they are fair to subgroups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tutorkit.errors import EmptyData
from tutorkit.knowledge.predictions import Prediction
from tutorkit.types import Record

Floats: TypeAlias = NDArray[np.float64]

_CLIP: Final = 1e-6
"""Log-loss takes no probability for more certain than this."""


class Measure(Record):
    """A measure with its 95 % interval, of students drawn with replacement; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


class Measures(Record):
    """How good predictions are.

    ``auc`` is the probability that a right answer had the higher prediction than a wrong one, ties counting half; not
    defined where all are right or all wrong. ``accuracy`` takes 0.5 and more as a prediction of right. ``rmse`` is the
    root of the Brier score, ``log_loss`` in nats, ``ece`` the expected calibration error over ten bins of equal width.
    """

    n: int = Field(ge=1)
    students: int = Field(ge=1)
    auc: Measure
    accuracy: Measure
    rmse: Measure
    log_loss: Measure
    ece: Measure


class Calibration(Record):
    """Predictions for one subgroup: the mean of them, the share that was right, and the first minus the second.

    ``gap`` has its interval by students; above 0 the model thinks too much of them. ``ece`` is their own.
    """

    group: str
    n: int
    students: int
    predicted: float
    observed: float
    gap: Measure
    ece: float


def measured(predictions: Sequence[Prediction], *, resamples: int = 1_000, seed: int = 0) -> Measures:
    """Measure predictions, with intervals by the cluster bootstrap over students.

    The answers of one student are not independent, so students are drawn whole (Efron and Tibshirani 1993). The model
    is taken as it is: that it would have been fitted otherwise to other students is not in the intervals.

    Args:
        predictions: of any number of students; with one student there are no intervals.
        resamples: how many drawings.
        seed: of the drawing.

    Raises:
        EmptyData: when there are none.
    """
    data = _Answers(predictions)
    drawn = data.draws(resamples, seed)
    found = {name: _interval(measure, data, drawn) for name, measure in MEASURES.items()}
    return Measures(n=len(predictions), students=data.students, **found)


def by_skill(predictions: Sequence[Prediction], *, resamples: int = 1_000, seed: int = 0) -> dict[str, Measures]:
    """Measure the predictions of each skill; a question of several skills counts in each of them, once."""
    rows: defaultdict[str, list[Prediction]] = defaultdict(list)
    for each in predictions:
        for skill in dict.fromkeys(each.skills):
            rows[skill].append(each)
    return {skill: measured(found, resamples=resamples, seed=seed) for skill, found in sorted(rows.items())}


def subgroups(
    predictions: Sequence[Prediction], groups: Mapping[str, str], *, resamples: int = 1_000, seed: int = 0
) -> tuple[Calibration, ...]:
    """Say for each subgroup of students whether the model thinks too much or too little of them.

    Args:
        predictions: the answers.
        groups: the subgroup of each student; students without one are left out.
        resamples: how many drawings of students.
        seed: of the drawing.
    """
    rows: defaultdict[str, list[Prediction]] = defaultdict(list)
    for each in predictions:
        if each.student in groups:
            rows[groups[each.student]].append(each)
    found = []
    for group, own in sorted(rows.items()):
        data = _Answers(own)
        gap = _interval(lambda p, y, w: float(np.average(p - y, weights=w)), data, data.draws(resamples, seed))
        found.append(
            Calibration(
                group=group,
                n=len(own),
                students=data.students,
                predicted=float(data.p.mean()),
                observed=float(data.y.mean()),
                gap=gap,
                ece=_ece(data.p, data.y, np.ones_like(data.p)),
            )
        )
    return tuple(found)


class _Answers:
    """Predictions as arrays, sorted by probability, with the place of each one's student."""

    def __init__(self, predictions: Sequence[Prediction]) -> None:
        if not predictions:
            raise EmptyData("There are no predictions to measure.", remedy="Give answers of at least one student.")
        ordered = sorted(predictions, key=lambda each: each.p)
        self.p = np.array([each.p for each in ordered])
        self.y = np.array([each.correct for each in ordered], dtype=np.float64)
        places = {name: place for place, name in enumerate(sorted({each.student for each in ordered}))}
        self.owner = np.array([places[each.student] for each in ordered])
        self.students = len(places)

    def draws(self, resamples: int, seed: int) -> list[Floats]:
        """Return how often each answer is there in each drawing of as many students; none with a single student."""
        if self.students < 2:
            return []
        rng = np.random.default_rng(seed)
        equal = np.full(self.students, 1 / self.students)
        return [rng.multinomial(self.students, equal)[self.owner].astype(np.float64) for _ in range(resamples)]


def _interval(measure: _Function, data: _Answers, drawn: Sequence[Floats]) -> Measure:
    value = measure(data.p, data.y, np.ones_like(data.p))
    others = [found for weights in drawn if (found := measure(data.p, data.y, weights)) is not None]
    if value is None or not others:
        return Measure(value=value, low=None, high=None)
    low, high = np.quantile(others, [0.025, 0.975])
    return Measure(value=value, low=float(low), high=float(high))


def _auc(p: Floats, y: Floats, weights: Floats) -> float | None:
    """Return the Mann–Whitney statistic; ``p`` is sorted, so those below are those before."""
    rights, wrongs = weights * y, weights * (1 - y)
    total = rights.sum() * wrongs.sum()
    if not total:
        return None
    starts = np.flatnonzero(np.diff(p, prepend=-1.0))
    right, wrong = np.add.reduceat(rights, starts), np.add.reduceat(wrongs, starts)
    below = np.cumsum(wrong) - wrong
    return float((right * (below + wrong / 2)).sum() / total)


def _accuracy(p: Floats, y: Floats, weights: Floats) -> float:
    return float(np.average((p >= 0.5) == (y > 0), weights=weights))


def _rmse(p: Floats, y: Floats, weights: Floats) -> float:
    return float(np.sqrt(np.average((p - y) ** 2, weights=weights)))


def _log_loss(p: Floats, y: Floats, weights: Floats) -> float:
    sure = np.clip(p, _CLIP, 1 - _CLIP)
    return float(-np.average(y * np.log(sure) + (1 - y) * np.log(1 - sure), weights=weights))


def _ece(p: Floats, y: Floats, weights: Floats) -> float:
    """Return the mean over bins of |mean prediction − share right|, each bin by its share of the answers."""
    places = np.minimum((p * 10).astype(int), 9)
    gaps = np.bincount(places, weights=weights * (p - y), minlength=10)
    return float(np.abs(gaps).sum() / weights.sum())


_Function: TypeAlias = Callable[[Floats, Floats, Floats], float | None]

MEASURES: Final[Mapping[str, _Function]] = MappingProxyType(
    {"auc": _auc, "accuracy": _accuracy, "rmse": _rmse, "log_loss": _log_loss, "ece": _ece}
)
"""The measures, each a function of predictions (sorted), answers as 0 and 1, and weights."""
