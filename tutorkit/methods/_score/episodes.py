"""Episodes: what happened to one problem while it was solved and repaired in turn, and how that is rewarded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from tutorkit.methods._nodes.practise import load_attempts, load_lessons
from tutorkit.methods._nodes.state import id_lists, ids
from tutorkit.methods._nodes.steps import working_of
from tutorkit.methods.vocabulary import Deps, State
from tutorkit.types import Attempt, Lesson, Outcome, Problem

REWARD = "score-step: right 1; else as the teacher's step 0.5, as the old mistake 0, another 0.1; no answer 0"
"""The reward of an example that begins at a step: see ``step_reward``."""


@dataclass(frozen=True)
class Episode:
    """All that happened to one problem: its attempts, and the repairs, the last one last."""

    problem: Problem
    attempts: tuple[Attempt, ...]
    repairs: tuple[Lesson, ...]

    @property
    def last(self) -> Attempt:
        """The attempt in which it ended."""
        return self.attempts[-1]

    @property
    def right(self) -> bool:
        """Whether it ended with the right answer."""
        return self.last.grade.outcome == "right"

    @property
    def is_whole(self) -> bool:
        """Whether every attempt after the first goes on from a repair that is still there."""
        return len(self.attempts) == 1 + sum(repair.verified for repair in self.repairs)

    @property
    def authors(self) -> list[JsonValue]:
        """Who wrote each step of the last attempt, the line of the answer apart."""
        taught = {(repair.data["step"], repair.text) for repair in self.repairs if repair.verified}
        return ["teacher" if pair in taught else "student" for pair in enumerate(working_of(self.last))]

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know of the repairs."""
        lists = [repair.data["flags"] for repair in self.repairs]
        return tuple(dict.fromkeys(str(flag) for flags in lists if isinstance(flags, list) for flag in flags))

    @property
    def call_ids(self) -> tuple[str, ...]:
        """Every call that it took."""
        made: tuple[Attempt | Lesson, ...] = (*self.attempts, *self.repairs)
        return tuple(call_id for record in made for call_id in record.call_ids)

    def survives(self, repair: Lesson) -> bool:
        """Tell whether a repair stands in the last attempt where it was put."""
        return any((repair.data["step"], repair.text) == pair for pair in enumerate(self.last.steps))


def episodes_of(state: State, deps: Deps) -> list[Episode]:
    """Return what is known in full; a problem of which a call came to nothing is left out, and so are cut-off ones.

    So is one of which a repair was rejected since: the student went on from it, and its words stand in what followed.
    """
    tries, corrections, unusable = id_lists(state, "tries"), id_lists(state, "corrections"), ids(state, "unusable")
    episodes = [
        Episode(
            problem,
            tuple(load_attempts(deps, tries[problem.id])),
            tuple(load_lessons(deps, corrections.get(problem.id, []))),
        )
        for problem in deps.problems("train")
        if problem.id in tries and problem.id not in unusable
    ]
    return [each for each in episodes if each.last.grade.outcome != "unfinished" and each.is_whole]


def kept_steps(deps: Deps, lesson: Lesson) -> tuple[str, ...]:
    """Return the student's steps before the one that the lesson stands for."""
    place = lesson.data["step"]
    attempt = deps.sink.get(Attempt, lesson.source_attempt_ids[0])
    return attempt.steps[: place if isinstance(place, int) else 0]


def step_reward(outcome: Outcome, *, same_as: Literal["teacher", "mistake", "other"]) -> float:
    """Return the reward of what a student did from a prefix, in [0, 1], by the authors' table.

    Args:
        outcome: how its answer was graded; one that was cut off or cannot be read is no answer.
        same_as: which known step its first one comes to.
    """
    if outcome == "right":
        return 1.0
    if outcome in ("unfinished", "invalid"):
        return 0.0
    return {"teacher": 0.5, "mistake": 0.0, "other": 0.1}[same_as]
