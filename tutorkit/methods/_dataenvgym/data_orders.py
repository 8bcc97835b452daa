"""Orders: what data a teacher is asked to write in one call, and what it is shown of the student for that."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from pydantic import JsonValue

from tutorkit.methods._nodes.practise import load_attempts
from tutorkit.methods._nodes.views import attempt_view, problem_view, task_view
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Attempt, Problem, Record


class Shown(Record):
    """A problem that the teacher is shown, with the student's wrong attempt at it or as a mere example."""

    problem_id: str
    attempt_id: str | None = None


class Order(Record):
    """One call in which data are written: how many, for which skill and subskill, in view of what.

    ``place`` numbers the orders of a run, so that two that show the same are two calls.
    """

    place: int
    purpose: str
    count: int
    skill: str = ""
    subskill: str = ""
    shown: tuple[Shown, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The attempts that the data answer to."""
        return tuple(each.attempt_id for each in self.shown if each.attempt_id is not None)


class Viewing(Record):
    """How much of the student a call shows: examples, and errors where the state is shown at all."""

    examples: int
    errors: int
    with_state: bool


def shown_at_random(
    pool: Sequence[Problem], wrong: Sequence[Attempt], viewing: Viewing, rng: Random
) -> tuple[Shown, ...]:
    """Draw examples, and put errors among them at random.

    The examples do not hang on the errors: with the state and without it they are the same, in the same order.
    """
    for_examples, for_errors = (Random(rng.random()) for _ in range(2))  # noqa: S311 (no secret)
    shown = [Shown(problem_id=each.id) for each in for_examples.sample(pool, min(viewing.examples, len(pool)))]
    if not viewing.with_state:
        return tuple(shown)
    for error in for_errors.sample(wrong, min(viewing.errors, len(wrong))):
        place = for_errors.randint(0, len(shown))
        shown.insert(place, Shown(problem_id=error.problem_id, attempt_id=error.id))
    return tuple(shown)


def portions(count: int, size: int) -> list[int]:
    """Divide a number of data among calls of at most ``size`` each."""
    return [min(size, count - start) for start in range(0, count, size)]


def inputs_of(deps: Deps, order: Order) -> dict[str, JsonValue]:
    """Return what the teacher is shown for an order."""
    inputs: dict[str, JsonValue] = {
        "task": task_view(deps.task),
        "count": order.count,
        "examples": views(deps, order.shown),
    }
    if order.skill:
        inputs["skill"] = order.skill
    if order.subskill:
        inputs["subskill"] = order.subskill
    return inputs


def views(deps: Deps, shown: Sequence[Shown]) -> list[JsonValue]:
    """Return the shown problems as JSON, an example without an attempt."""
    return [
        {
            "problem": problem_view(deps.sink.get(Problem, each.problem_id)),
            "attempt": attempt_view(load_attempts(deps, [each.attempt_id])[0]) if each.attempt_id else None,
        }
        for each in shown
    ]
