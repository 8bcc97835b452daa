"""Exams: problems that are like another one, on which a student shows whether it understood what it was taught."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tutorkit.methods._nodes.splits import needed_problems
from tutorkit.methods.vocabulary import Deps
from tutorkit.retrieval import similarities
from tutorkit.types import Problem


def exam_pool(deps: Deps, *, most: int) -> list[Problem]:
    """Return the problems with a gold that students may be examined on: of the probe split, then of train.

    Raises:
        BadSetting: when there are none.
    """
    found = [*deps.problems("probe"), *deps.problems("train")] or needed_problems(
        deps, "train", to="examine students on"
    )
    return [problem for problem in found if problem.gold is not None][:most]


def exams_for(
    problem: Problem, pool: Sequence[Problem], *, avoid: Collection[str], most: int, alike: bool
) -> list[Problem]:
    """Choose exam problems for a problem: those most like it, of other leak families.

    Like it are problems that take the same skills (the Jaccard index of the two sets); where the problem names none,
    problems that are worded alike. Of problems that are equally like it the earlier in the pool is taken.

    Args:
        problem: what was taught.
        pool: what there is, in random order.
        avoid: ids of problems that whoever repeats an answer to the problem would pass: others are taken, as long as
            there are enough of them.
        most: how many.
        alike: False takes those that are least like it: a control.
    """
    others = [other for other in pool if other.group != problem.group]
    fresh = [other for other in others if other.id not in avoid]
    found = fresh if len(fresh) >= most else others
    likeness = _likeness(problem, found)
    order = sorted(range(len(found)), key=lambda place: -likeness[place] if alike else likeness[place])
    return [found[place] for place in order[:most]]


def _likeness(problem: Problem, others: Sequence[Problem]) -> list[float]:
    mine = set(problem.skills)
    if not mine:
        return similarities(problem.question().as_text(), [other.question().as_text() for other in others])
    return [len(mine & set(other.skills)) / len(mine | set(other.skills)) for other in others]
