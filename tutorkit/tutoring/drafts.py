"""Exercises that a model writes: taken only when they can be worked out, and come to what the model says.

A model dresses an item in a story. The item is worked out here; the story must hold its numbers, must not hold the
answer, and must ask one thing. Whether it is a good story is for the teacher to say, who reviews it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from pydantic import BaseModel, Field

from tutorkit.errors import DataError
from tutorkit.misconceptions import Item, parts_of, same_answer
from tutorkit.tasks.items import item_problem
from tutorkit.tasks.scorers import scorer
from tutorkit.tutoring.exercises import Aim, Exercise, distractors_of
from tutorkit.types import Problem

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LONGEST = 600


class Draft(BaseModel):
    """What a model writes for one item: the story, and the answer that it believes it has."""

    text: str = Field(min_length=10, max_length=_LONGEST)
    answer: str = Field(min_length=1, max_length=60)


class Drafts(BaseModel):
    """The drafts for some items, in the order of the items."""

    drafts: list[Draft] = Field(min_length=1, max_length=20)


def dressed(item: Item, draft: Draft, *, aim: Aim, misconception_id: str | None) -> Exercise | str:
    """Make an exercise of a draft, or say why it was not taken.

    Args:
        item: what the draft was to be about.
        draft: the model's.
        aim: what the exercise is for.
        misconception_id: what it is aimed at.

    Raises:
        DataError: when the item cannot be read.
    """
    plain = item_problem(item)
    problem = plain.model_copy(update={"id": f"{plain.id}-told", "text": draft.text.strip(), "source": "model"})
    for fault in (_wrong_answer(problem, draft), _numbers_missing(item, draft), _answer_shown(problem, draft)):
        if fault:
            return fault
    if draft.text.count("?") > 1:
        return "it asks more than one question"
    return Exercise(
        id=f"exercise-{problem.id}",
        aim=aim,
        misconception_id=misconception_id,
        problem=problem,
        difficulty=len(problem.steps),
        distractors=distractors_of(item, first=misconception_id),
    )


def dress_all(
    items: Sequence[tuple[Item, Aim, str | None]], drafts: Drafts
) -> tuple[tuple[Exercise, ...], tuple[str, ...]]:
    """Take what can be taken of a model's drafts, and tell why the others were not.

    Raises:
        DataError: when there are not as many drafts as items.
    """
    if len(items) != len(drafts.drafts):
        raise DataError(
            f"{len(items)} exercises were asked for and {len(drafts.drafts)} came.",
            remedy="Ask again, or for fewer at once.",
            data={"asked": len(items), "came": len(drafts.drafts)},
        )
    taken: list[Exercise] = []
    refused: list[str] = []
    for (item, aim, rule), draft in zip(items, drafts.drafts, strict=True):
        made = dressed(item, draft, aim=aim, misconception_id=rule)
        if isinstance(made, Exercise):
            taken.append(made)
        else:
            refused.append(f"{draft.text[:80]!r}: {made}")
    return tuple(taken), tuple(refused)


def _wrong_answer(problem: Problem, draft: Draft) -> str | None:
    if scorer(problem.scorer).grade(problem, f"Answer: {draft.answer}").outcome == "right":
        return None
    return f"its answer is {draft.answer}, and working it out comes to {problem.gold}"


def _numbers_missing(item: Item, draft: Draft) -> str | None:
    wanted, there = _numbers(parts_of(item)[0].text), _numbers(draft.text)
    missing = [str(number) for number in wanted if number not in there]
    return f"its text lacks {', '.join(missing)}" if missing else None


def _answer_shown(problem: Problem, draft: Draft) -> str | None:
    gold = problem.gold or ""
    given = parts_of(problem.item or {})[0].text
    if any(same_answer(str(number), gold) for number in _numbers(draft.text) if number not in _numbers(given)):
        return "its text holds the answer"
    return None


def _numbers(text: str) -> list[Fraction]:
    return [Fraction(number) for number in _NUMBER.findall(text.replace(",", ""))]
