"""Simulated learners whose true parameters are known: to try models on, and curricula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

import numpy as np
from pydantic import Field

from tutorkit.knowledge.bkt import BKT
from tutorkit.knowledge.interactions import Interaction
from tutorkit.knowledge.mastering_rate import Curriculum, Progress, Weights, attention, distribution
from tutorkit.types import Record

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MOST_ITEMS: Final = 5_000


def simulated_answers(
    parameters: Mapping[str, BKT], *, students: int, answers: int, seed: int
) -> tuple[Interaction, ...]:
    """Draw answers of learners who are exactly as knowledge tracing has it, one skill after another, a minute each.

    Args:
        parameters: the true parameters of each skill.
        students: how many learners.
        answers: how many answers each gives on each skill.
        seed: of the drawing (numpy's default generator; for each learner and skill first the draw of mastery, then for
            each answer one for the answer and, without mastery, one for learning).
    """
    rng = np.random.default_rng(seed)
    found: list[Interaction] = []
    for number in range(students):
        for skill, true in parameters.items():
            mastered = bool(rng.random() < true.initial)
            for place in range(answers):
                right = bool(rng.random() < (1 - true.slip if mastered else true.guess))
                found.append(
                    Interaction(
                        id=f"{number}/{skill}/{place}",
                        student=f"s{number}",
                        skills=(skill,),
                        correct=right,
                        at=_EPOCH + timedelta(minutes=len(found)),
                    )
                )
                if not mastered and rng.random() < true.learn:
                    mastered = True
    return tuple(found)


class Course(Record):
    """What one simulated learner needed: ``items`` until all is mastered, and the share of them that came too early.

    Too early is an item on a task of which something that comes before is not mastered; nothing is learnt from it.
    """

    items: int = Field(ge=0)
    premature: float = Field(ge=0, le=1)
    finished: bool


TRUE: Final = BKT(initial=0.0, learn=0.25, slip=0.1, guess=0.2)
"""The learner of the comparison of curricula."""


def chain(tasks: int = 9) -> Curriculum:
    """Return tasks of which each builds on the one before."""
    names = [f"{place}" for place in range(tasks)]
    bounds = dict.fromkeys(names, (TRUE.guess, 1 - TRUE.slip))
    return Curriculum(before={name: tuple(names[:place][-1:]) for place, name in enumerate(names)}, bounds=bounds)


def follow(
    curriculum: Curriculum, *, seed: int, weights: Weights | None, uniform: float = 0.1, true: BKT = TRUE
) -> Course:
    """Let a simulated learner practise until it masters everything.

    Args:
        curriculum: the tasks.
        seed: of the learner and of the drawing of tasks.
        weights: of the mastering rate, which sees nothing but right and wrong answers; None draws tasks evenly.
        uniform: the part of the mastering rate's practice that is spread evenly.
        true: how the learner learns, slips and guesses, on every task alike.
    """
    rng = Random(seed)  # noqa: S311 - a simulation, not a secret
    mastered = dict.fromkeys(curriculum.before, False)
    progress, items, early = Progress(), 0, 0
    while not all(mastered.values()) and items < _MOST_ITEMS:
        task = _drawn(curriculum, progress, weights=weights, uniform=uniform, rng=rng)
        ready = all(mastered[earlier] for earlier in curriculum.ancestors[task])
        items, early = items + 1, early + (not ready)
        right = rng.random() < (1 - true.slip if mastered[task] else true.guess)
        progress = progress.after({task: float(right)})
        mastered[task] = mastered[task] or (ready and rng.random() < true.learn)
    return Course(items=items, premature=early / items if items else 0.0, finished=all(mastered.values()))


def _drawn(curriculum: Curriculum, progress: Progress, *, weights: Weights | None, uniform: float, rng: Random) -> str:
    names: Sequence[str] = tuple(curriculum.before)
    if weights is None:
        return rng.choice(names)
    shares = distribution(attention(curriculum, progress, weights), uniform=uniform)
    return rng.choices(names, weights=[shares[name] for name in names])[0]
