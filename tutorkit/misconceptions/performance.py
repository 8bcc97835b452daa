"""Working an item out: by the correct procedure, or with wrong ones in its place; chains part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from tutorkit.misconceptions.domains import DOMAINS
from tutorkit.misconceptions.items import Item, Part, parts_of
from tutorkit.misconceptions.vocabulary import Kind
from tutorkit.misconceptions.work import Work, WorkStep, typeset

Procedure: TypeAlias = Callable[[Part], Work | None]
"""A wrong way to work a part out; None when it has nothing to say about this part."""

SEPARATOR = ", "

_KINDS: dict[type, Kind[Any]] = {kind.record: kind for domain in DOMAINS for kind in domain.kinds}


def solve(item: Item) -> Work:
    """Work an item out by the correct procedure.

    Raises:
        DataError: when the item cannot be read.
    """
    return perform(item, ())


def perform(item: Item, procedures: Sequence[Procedure]) -> Work:
    """Work an item out as a pupil who has these wrong procedures, the more urgent one first, and knows everything else.

    In each part the first procedure acts that changes the answer. A chain of several parts has one step for each part
    and one that gathers the answers.

    Raises:
        DataError: when the item cannot be read.
    """
    parts = parts_of(item)
    works = [_perform_part(part, procedures) for part in parts]
    if item["domain"] != "chain":
        return works[0]
    steps = [_part_step(index, part, work) for index, (part, work) in enumerate(zip(parts, works, strict=True))]
    answer = SEPARATOR.join(work.answer for work in works)
    if len(steps) > 1:
        steps.append(WorkStep(typeset(f"In order: {answer}."), answer))
    return Work(answer, tuple(steps))


def continuation(item: Item, procedures: Sequence[Procedure], begun: Sequence[str]) -> Work:
    """Go on with an item of which the first steps are given, with these wrong procedures for what is left.

    In a chain the given steps stand for its first parts, each with the answer that it ends in. In a single part a pupil
    who is shown steps of the correct work follows that work to its end; any other beginning it goes on from in its own
    way.

    Returns:
        The new steps, and the answer of the whole.

    Raises:
        DataError: when the item cannot be read.
    """
    work = perform(item, procedures)
    if not begun:
        return work
    count = len(begun)
    if item["domain"] != "chain":
        correct = solve(item)
        follows = [step.text for step in correct.steps[:count]] == [*begun]
        followed = correct if follows else work
        return Work(followed.answer, followed.steps[count:])
    parts = len(parts_of(item))
    own = work.answer.split(SEPARATOR)
    given = [line.rpartition("=")[2].strip().replace("−", "-") for line in begun[:parts]]
    answer = SEPARATOR.join([*given, *own[len(given) :]])
    steps = list(work.steps[count:])
    if steps and parts > 1:
        steps[-1] = WorkStep(typeset(f"In order: {answer}."), answer)
    return Work(answer, tuple(steps))


@lru_cache(maxsize=256)
def solve_part(part: Part) -> Work:
    """Work one part out by the correct procedure; the last ones are kept, since each is asked for several times."""
    return _KINDS[type(part)].solve(part)


def skills_of_part(part: Part) -> tuple[str, ...]:
    """Return the skills that the correct work on a part takes, in the order in which they are needed."""
    return tuple(dict.fromkeys(step.skill for step in solve_part(part).steps if step.skill))


def _perform_part(part: Part, procedures: Sequence[Procedure]) -> Work:
    correct = solve_part(part)
    for procedure in procedures:
        work = procedure(part)
        if work is not None and work.answer != correct.answer:
            return work
    return correct


def _part_step(index: int, part: Part, work: Work) -> WorkStep:
    wrong = work.first_wrong
    skill = next(iter(skills_of_part(part)), None) if wrong is None else work.steps[wrong].skill
    text = typeset(f"({'abcd'[index]}) {part.text} = {work.answer}")
    return WorkStep(text, work.answer, skill, ok=wrong is None)
