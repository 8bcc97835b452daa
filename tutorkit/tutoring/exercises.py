"""Exercises aimed at a misconception: items on which it shows, items on which it does not, and some to review.

Of ten exercises seven are targets, two are contrasts (of the same sort, but the wrong way comes to the right answer
there, so that a learner sees where the difference lies) and one is a review of something else. A distractor is what a
misconception comes to, and carries its id: whoever chooses it has said which way was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count, cycle, islice
from random import Random
from typing import Literal

from tutorkit.canonical import stable_id
from tutorkit.errors import BadSetting
from tutorkit.misconceptions import (
    Item,
    Malrule,
    drawn_item,
    malrule,
    malrules,
    parts_of,
    same_answer,
    solve,
)
from tutorkit.tasks.items import item_problem
from tutorkit.types import Problem, Record

Aim = Literal["target", "contrast", "review"]

_TRIES = 600
_CYCLE: tuple[Aim, ...] = (
    *("target", "target", "contrast", "target", "target"),
    *("review", "target", "target", "contrast", "target"),
)
"""Ten places: seven targets, two contrasts, one review."""


class Distractor(Record):
    """A wrong option, and the misconception that comes to it."""

    text: str
    misconception_id: str


class Exercise(Record):
    """One exercise. ``difficulty`` is the number of steps of its worked solution.

    ``misconception_id`` is what it is aimed at; a review has none. ``distractors`` have different values, none of them
    right, and each is what exactly one known misconception comes to.
    """

    id: str
    aim: Aim
    misconception_id: str | None
    problem: Problem
    difficulty: int
    distractors: tuple[Distractor, ...] = ()


def make_exercises(
    aims: Sequence[str],
    *,
    size: int,
    seed: int,
    distractors: int = 3,
    hardest: int | None = None,
    review: Sequence[str] = (),
    without: Sequence[str] = (),
) -> tuple[Exercise, ...]:
    """Make exercises aimed at misconceptions, the easier ones in front.

    Where no contrast can be drawn, since a misconception shows on every item of its sort, there is a target in its
    place; where even no target has an option of its own, a review.

    Args:
        aims: the misconceptions, which take turns.
        size: how many.
        seed: which ones.
        distractors: at most so many wrong options each. A target always has what its own misconception comes to, which
            no other misconception of the domain comes to there.
        hardest: at most so many steps in the worked solution.
        review: domains that the reviews are drawn from; the aims' own where it is empty.
        without: ids of problems that must not come again.

    Raises:
        UnknownName: when there is no such misconception or domain.
        BadSetting: when there are no aims, or the items asked for cannot be found.
    """
    if not aims or size < 1:
        raise BadSetting("There is nothing to aim at.", remedy="Name a misconception, and how many exercises.")
    rules = [malrule(each) for each in aims]
    rng = Random(f"exercises:{seed}")  # noqa: S311 - a sample, not a secret
    used = set(without)
    made: list[Exercise] = []
    turn = count()
    for aim in islice(cycle(_CYCLE), size):
        rule = rules[next(turn) % len(rules)] if aim != "review" else rules[0]
        domains = tuple(review) if aim == "review" and review else (rule.domain,)
        make = partial(_one, rule=rule, domains=domains, rng=rng, distractors=distractors, hardest=hardest, used=used)
        exercise = make(aim) or make("target") or make("review")
        if exercise is None:
            raise BadSetting(
                f"No further exercise was found for {rule.id}.",
                remedy="Ask for fewer exercises, allow harder ones, or name another misconception beside it.",
                data={"misconception": rule.id, "made": len(made)},
            )
        used.add(exercise.problem.id)
        made.append(exercise)
    places = sorted(range(size), key=lambda place: (made[place].difficulty, place))
    return tuple(made[place] for place in places)


def distractors_of(item: Item, *, first: str | None = None, most: int = 3) -> tuple[Distractor, ...]:
    """Return what the misconceptions of an item's domain come to, where exactly one of them comes to it.

    Args:
        item: the item.
        first: the misconception whose answer leads, if it has one of its own.
        most: at most so many; the likelier misconceptions go first.
    """
    right = solve(item).answer
    predicted: list[tuple[str, list[Malrule]]] = []
    for rule in malrules(str(item["domain"])):
        answer = rule.run(item).answer
        if same_answer(answer, right):
            continue
        known = next((rules for text, rules in predicted if same_answer(text, answer)), None)
        if known is None:
            predicted.append((answer, [rule]))
        else:
            known.append(rule)
    alone = [(text, rules[0]) for text, rules in predicted if len(rules) == 1]
    alone.sort(key=lambda entry: (entry[1].id != first, -entry[1].prior))
    return tuple(Distractor(text=text, misconception_id=rule.id) for text, rule in alone[:most])


def _one(
    aim: Aim,
    *,
    rule: Malrule,
    domains: Sequence[str],
    rng: Random,
    distractors: int,
    hardest: int | None,
    used: set[str],
) -> Exercise | None:
    """Draw until an exercise fits; None where none is found, as for a contrast to a rule that always shows."""
    fits: Callable[[Item], bool] = {"target": rule.applies, "contrast": _contrast(rule), "review": lambda _: True}[aim]
    for _ in range(_TRIES):
        item = drawn_item(rng.choice(domains), rng)
        if not fits(item):
            continue
        problem, options = item_problem(item), distractors_of(item, first=rule.id, most=distractors)
        difficulty = len(solve(item).steps)
        if problem.id in used or (hardest is not None and difficulty > hardest):
            continue
        if aim == "target" and not (options and options[0].misconception_id == rule.id) and distractors:
            continue
        return Exercise(
            id=stable_id("exercise", aim, rule.id, problem.id),
            aim=aim,
            misconception_id=None if aim == "review" else rule.id,
            problem=problem,
            difficulty=difficulty,
            distractors=options,
        )
    return None


def _contrast(rule: Malrule) -> Callable[[Item], bool]:
    """Accept items of a sort on which the rule can show, and does not: there the wrong way comes out right."""
    shows = {_sort(item) for item in _showing(rule)}
    return lambda item: not rule.applies(item) and _sort(item) in shows


def _showing(rule: Malrule) -> list[Item]:
    rng = Random(rule.id)  # noqa: S311 - a sample, not a secret
    return [item for item in (drawn_item(rule.domain, rng) for _ in range(200)) if rule.applies(item)]


def _sort(item: Item) -> tuple[object, ...]:
    return type(parts_of(item)[0]), item.get("op"), item.get("kind")
