"""Where a learner stands among the subproblems, and what may happen next. Code decides this, whoever speaks.

- A subproblem is finished by a right and complete answer, or by its solution being given (actions 2, 5, 9).
- The solution is given unasked (2, 5) only after ``tries`` wrong or partly right answers to this subproblem, and only
  where the help ceiling is at 6 or above; on request (9) only where the teacher lets it.
- Going back (10) takes the subproblem before up again; it finishes nothing. In the authors' data it counts the present
  one as finished, which would let a learner through without an answer.
- The state is z if and only if all subproblems are finished.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field, model_validator

from tutorkit.errors import BadSetting
from tutorkit.tutoring.spock.codes import ALLOWED, GIVING, Action, Evaluation, State
from tutorkit.types import Record

NEXT_STEP = 6
"""The rung of help from which on the solution of one step may be given."""
_TRIES: tuple[Evaluation, ...] = ("a", "c")


@dataclass(frozen=True, kw_only=True)
class SpockRules:
    """What a teacher sets: the tries before a solution, whether one is given on request, and the ceiling of help."""

    tries: int = 3
    solution_on_request: bool = False
    ceiling: int = 7

    def __post_init__(self) -> None:
        if self.tries < 1 or not 0 <= self.ceiling <= 7:
            raise BadSetting(
                f"{self.tries} tries before a solution and a ceiling of {self.ceiling} cannot be.",
                remedy="Give at least one try, and a ceiling from 0 to 7.",
                data={"tries": self.tries, "ceiling": self.ceiling},
            )


class Progress(Record):
    """Where a learner stands: the subproblem at hand, the failed tries at each, and which are finished.

    While subproblems are left, the one at hand is unfinished.
    """

    at: int = Field(default=0, ge=0)
    tries: tuple[int, ...]
    finished: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Progress:
        places = range(len(self.tries))
        if self.at not in places or not set(self.finished) <= set(places):
            raise ValueError("there is no such subproblem")
        if self.at in self.finished and not self.done:
            raise ValueError("the subproblem at hand is finished and others are not")
        return self

    @classmethod
    def beginning(cls, subproblems: int) -> Progress:
        """Return the beginning: the first of so many subproblems."""
        return cls(tries=(0,) * subproblems)

    @property
    def done(self) -> bool:
        """Whether all subproblems are finished."""
        return len(set(self.finished)) == len(self.tries)


def tried(progress: Progress, evaluation: Evaluation) -> Progress:
    """Count a wrong or partly right answer to the subproblem at hand."""
    if evaluation not in _TRIES or progress.done:
        return progress
    tries = tuple(count + (place == progress.at) for place, count in enumerate(progress.tries))
    return progress.model_copy(update={"tries": tries})


def allowed_actions(evaluation: Evaluation, progress: Progress, rules: SpockRules) -> tuple[Action, ...]:
    """Return the actions that may follow an evaluation.

    Args:
        evaluation: of the learner's last words.
        progress: with these words counted: see ``tried``.
        rules: what the teacher set.
    """
    return tuple(action for action in ALLOWED[evaluation] if _may(action, progress, rules))


def _may(action: Action, progress: Progress, rules: SpockRules) -> bool:
    if action in ("2", "5"):
        enough = progress.tries[progress.at] >= rules.tries
        return enough and rules.ceiling >= NEXT_STEP and not progress.done
    if action == "9":
        return rules.solution_on_request and not progress.done
    if action == "10":
        return progress.at > 0 or progress.done
    if action == "8":
        return not progress.done
    return True


def advance(progress: Progress, action: Action, *, complete: bool) -> Progress:
    """Return where the learner stands after an action.

    Args:
        progress: with the learner's words counted.
        action: one of those that are allowed.
        complete: for action 3, whether the answer is complete.
    """
    if progress.done:
        return _reopened(progress, progress.at) if action == "10" else progress
    if action == "10":
        return _reopened(progress, progress.at - 1) if progress.at else progress
    if action in GIVING or (action == "3" and complete):
        finished = tuple(sorted({*progress.finished, progress.at}))
        return progress.model_copy(update={"finished": finished, "at": _next(progress, finished)})
    return progress


def state_of(before: Progress, after: Progress, evaluation: Evaluation) -> State:
    """Return the state of the turn that led from one place to another."""
    if after.done:
        return "z"
    if set(after.finished) > set(before.finished):
        return "y"
    return "w" if evaluation == "g" else "x"


def _reopened(progress: Progress, place: int) -> Progress:
    left = tuple(other for other in progress.finished if other != place)
    return progress.model_copy(update={"at": place, "finished": left})


def _next(progress: Progress, finished: tuple[int, ...]) -> int:
    """Return the first unfinished subproblem, or the one at hand where none is left.

    Those that are unfinished never stand before the one at hand: who goes back has all from there on still to do.
    """
    return next((place for place in range(len(progress.tries)) if place not in finished), progress.at)
