"""Mastering rate: how a learner's next practice is spread over tasks that build on each other.

Source: Willems, Lahlou, Bengio (2020, arXiv 2008.06456): attention to tasks that are learnable, because what comes
before them is mastered, and that are not mastered yet. Learning progress alone needs more samples. The constants are
the authors'; where their published code (2019) differs from the paper, the code is followed.

Three of the code's faults are not inherited. Progress that is only noise of the arithmetic counts as none, so that a
learner who masters everything gets no lopsided attention. A performance beyond its task's bounds widens them at once,
not after a full window. Bounds that are equal are refused, where the code divides by zero.

A method with several skills uses it as its scheduler so, ``progress`` being kept as JSON in its state::

    progress = Progress.model_validate(state["progress"]).after({"carry": 0.4, "percent": 0.1})
    shares = distribution(attention(curriculum, progress))
    counts = allocate(shares, 24)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from typing import Final

from pydantic import Field

from tutorkit.errors import BadSetting
from tutorkit.types import Record

_NOISE: Final = 1e-9
"""A slope smaller than this, in performance a step, is noise of the arithmetic."""


@dataclass(frozen=True, kw_only=True)
class Curriculum:
    """Which tasks come before which, and within which bounds the performance on them lies.

    Args:
        before: each task with the tasks that come directly before it. An edge that is not true starves a task: what
            comes before it must be mastered first.
        bounds: the lowest and highest performance of a task; (0, 1) where nothing is said.

    Raises:
        BadSetting: for a task that is not there, tasks that wait for each other, or bounds without room.
    """

    before: Mapping[str, tuple[str, ...]]
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = ({*chain.from_iterable(self.before.values())} | set(self.bounds)) - set(self.before)
        if unknown:
            raise BadSetting(
                f"The curriculum does not hold {', '.join(sorted(unknown))}.",
                remedy="Name every task, with () where nothing comes before it.",
                data={"unknown": sorted(unknown)},
            )
        try:
            order = tuple(TopologicalSorter(self.before).static_order())
        except CycleError as error:
            raise BadSetting(f"Tasks wait for each other: {' → '.join(error.args[1])}.") from error
        for task in order:
            low, high = self.bounds_of(task)
            if not low < high:
                raise BadSetting(f"The performance on {task} cannot lie between {low} and {high}.", data={"task": task})

    def bounds_of(self, task: str) -> tuple[float, float]:
        """Return the lowest and highest performance of a task."""
        return self.bounds.get(task, (0.0, 1.0))

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The tasks, each behind all that comes before it."""
        return tuple(TopologicalSorter(self.before).static_order())

    @cached_property
    def ancestors(self) -> dict[str, frozenset[str]]:
        """All that comes before each task, directly or not."""
        found: dict[str, frozenset[str]] = {}
        for task in self.order:
            found[task] = frozenset(self.before[task]).union(*(found[earlier] for earlier in self.before[task]))
        return found

    @cached_property
    def successors(self) -> dict[str, tuple[str, ...]]:
        """The tasks that come directly after each task."""
        return {task: tuple(later for later in self.before if task in self.before[later]) for task in self.before}


class Progress(Record):
    """What was seen of a learner: ``history`` holds the (step, performance) pairs of each task, oldest first."""

    step: int = Field(default=0, ge=0)
    history: dict[str, tuple[tuple[int, float], ...]] = Field(default_factory=dict)

    def after(self, performances: Mapping[str, float]) -> Progress:
        """Return the progress one step later, with what was seen of the tasks that were tried in it."""
        step = self.step + 1
        seen = {task: (*self.history.get(task, ()), (step, value)) for task, value in performances.items()}
        return Progress(step=step, history={**self.history, **seen})


class Weights(Record):
    """The constants of the attention, with the authors' defaults.

    ``window`` is how many of the last performances count; the authors take 10, with evaluations of 100 samples. With a
    language model, evaluations of 20 to 50 samples and a window of 3 to 5 are to be had; that is our choice.
    """

    power: float = Field(default=6.0, gt=0, description="How strictly what comes before must be mastered.")
    potential: float = Field(default=0.5, ge=0, le=1, description="Weight of what is left to learn against progress.")
    window: int = Field(default=10, ge=2, description="How many of the last performances count.")
    to_predecessors: float = Field(default=0.2, ge=0, le=1, description="Share handed to what comes directly before.")
    to_successors: float = Field(default=0.05, ge=0, le=1, description="Share handed to what comes directly after.")


PUBLISHED = Weights()


def mastery(curriculum: Curriculum, progress: Progress, *, window: int = PUBLISHED.window) -> dict[str, float]:
    """Return each task's mastering rate in [0, 1]: where the mean of its last performances lies between its bounds.

    A task of which nothing was seen has 0.
    """
    return {
        task: _rate(curriculum.bounds_of(task), progress.history.get(task, ()), window) for task in curriculum.before
    }


def learning_progress(
    curriculum: Curriculum, progress: Progress, *, window: int = PUBLISHED.window
) -> dict[str, float]:
    """Return each task's learning progress: the size of the slope of its last performances, a step."""
    return {task: abs(_slope(progress.history.get(task, ())[-window:])) for task in curriculum.before}


def pre_attention(curriculum: Curriculum, progress: Progress, weights: Weights = PUBLISHED) -> dict[str, float]:
    """Return each task's attention before any is handed on.

    It is ``(least mastery of all ancestors) ** power * ((1 - γ) * progress + γ * (1 - mastery)) * (1 - least mastery of
    the direct successors)`` with γ = ``potential`` and progress as a share of the greatest one.
    """
    rate = mastery(curriculum, progress, window=weights.window)
    moved = learning_progress(curriculum, progress, window=weights.window)
    most = max(moved.values(), default=0.0)
    found: dict[str, float] = {}
    for task in curriculum.before:
        share = moved[task] / most if most > _NOISE else 0.0
        wish = (1 - weights.potential) * share + weights.potential * (1 - rate[task])
        ready = min((rate[earlier] for earlier in curriculum.ancestors[task]), default=1.0)
        outgrown = min((rate[later] for later in curriculum.successors[task]), default=0.0)
        found[task] = ready**weights.power * wish * (1 - outgrown)
    return found


def attention(curriculum: Curriculum, progress: Progress, weights: Weights = PUBLISHED) -> dict[str, float]:
    """Return how much each task is worth practising, from 0.

    From the hardest task to the easiest, each hands a share to the tasks directly before it, in equal parts, and then a
    share to those directly after it. So what is handed towards the easier tasks is handed on, and what is handed to the
    harder ones is not. A task at an end of the curriculum loses the share all the same.
    """
    found = pre_attention(curriculum, progress, weights)
    for task in reversed(curriculum.order):
        for others, part in (
            (curriculum.before[task], weights.to_predecessors),
            (curriculum.successors[task], weights.to_successors),
        ):
            handed = found[task] * part
            found[task] -= handed
            for other in others:
                found[other] += handed / len(others)
    return found


def distribution(attention: Mapping[str, float], *, uniform: float = 0.1) -> dict[str, float]:
    """Return the share of practice of each task, proportional to its attention; the shares add up to 1.

    Args:
        attention: from 0; where there is none at all, every task gets the same.
        uniform: the part, in [0, 1], that is spread over all tasks alike, so that none is lost sight of; 0.1 in the
            paper's runs.

    Raises:
        BadSetting: for no tasks, a negative attention or another ``uniform``.
    """
    if not attention or min(attention.values()) < 0 or not 0 <= uniform <= 1:
        raise BadSetting("Shares are made of attentions from 0 on, with a uniform part from 0 to 1.")
    total = sum(attention.values())
    even = 1 / len(attention)
    return {
        task: (1 - uniform) * (value / total if total > 0 else even) + uniform * even
        for task, value in attention.items()
    }


def allocate(shares: Mapping[str, float], total: int) -> dict[str, int]:
    """Return whole numbers that add up to ``total``, in these shares: by largest remainder, earlier tasks first."""
    exact = {task: share * total for task, share in shares.items()}
    counts = {task: int(value) for task, value in exact.items()}
    left = total - sum(counts.values())
    for task in sorted(exact, key=lambda task: counts[task] - exact[task])[:left]:
        counts[task] += 1
    return counts


def is_mastered(curriculum: Curriculum, progress: Progress, *, at_least: float = 0.99, times: int = 3) -> bool:
    """Tell whether the last ``times`` performances on every task were at least this; the authors stop there."""
    lasts = [progress.history.get(task, ())[-times:] for task in curriculum.before]
    return all(len(last) == times and min(value for _, value in last) >= at_least for last in lasts)


def _rate(bounds: tuple[float, float], history: Sequence[tuple[int, float]], window: int) -> float:
    values = [value for _, value in history]
    means = [_mean(values[max(0, end - window) : end]) for end in range(1, len(values) + 1)]
    low, high = min([bounds[0], *means]), max([bounds[1], *means])
    return (means[-1] - low) / (high - low) if means else 0.0


def _slope(points: Sequence[tuple[int, float]]) -> float:
    """Return the slope of the least-squares line; 0 for fewer than two points."""
    if len(points) < 2:
        return 0.0
    x, y = _mean([step for step, _ in points]), _mean([value for _, value in points])
    return sum((step - x) * (value - y) for step, value in points) / sum((step - x) ** 2 for step, _ in points)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
