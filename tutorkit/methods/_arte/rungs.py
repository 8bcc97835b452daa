"""Rungs: try many lessons on the same problems one by one, and give up the worse half after a while."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import ceil

from tutorkit.methods._arte.draft_marks import share
from tutorkit.methods._arte.panel import rights
from tutorkit.methods._nodes.practise import load_lessons
from tutorkit.methods._nodes.probe import probe
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Problem

_SIGNS = {True: "1", False: "0", None: "-"}


def rungs(halving: Collection[int], items: int) -> tuple[int, ...]:
    """Return after how many problems the worse half is given up, and at last how many problems there are."""
    return (*sorted({size for size in halving if size < items}), items)


def rung_calls(lessons: int, sizes: Sequence[int]) -> int:
    """Return how many answers the student is asked for."""
    calls = before = 0
    for size in sizes:
        calls += lessons * (size - before)
        lessons, before = ceil(lessons / 2), size
    return calls


async def climb(
    deps: Deps, lesson_ids: Sequence[str], items: Sequence[Problem], *, sizes: Sequence[int], phase: str
) -> dict[str, str]:
    """Probe each lesson on the first problems of each rung, and take the better half up to the next.

    Successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943) spends most of the answers on the lessons that
    are worth it. Of equally good lessons the earlier goes on.

    Returns:
        The marks of each lesson (see ``draft_marks``), over the problems that it was tried on.
    """
    marks: dict[str, str] = {}
    left = list(lesson_ids)
    for size in sizes:
        left = _better_half(left, marks) if marks else left
        # What was answered on a lower rung is remembered and not asked again.
        seen = await probe(deps, load_lessons(deps, left), items[:size], phase=phase, kind="icl_accuracy")
        for name, probed in seen.items():
            marks[name] = "".join(_SIGNS[right] for right in rights(deps, probed.attempt_ids, items[:size]))
    return marks


def _better_half(lesson_ids: Sequence[str], marks: Mapping[str, str]) -> list[str]:
    ranked = sorted(lesson_ids, key=lambda name: -(share(marks[name]) or 0.0))
    kept = set(ranked[: ceil(len(ranked) / 2)])
    return [name for name in lesson_ids if name in kept]
