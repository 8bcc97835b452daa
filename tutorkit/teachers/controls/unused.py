"""Conventions that no problem is about: something to teach that has the right form and helps nobody."""

from __future__ import annotations

from collections.abc import Sequence

from tutorkit.tasks.conventions import BOXES, OPERATORS, SIGNS
from tutorkit.teachers.experts.conventions import RULE, summary_of
from tutorkit.teachers.purposes.base import Target
from tutorkit.types import Problem

_THINGS = ("planet", "coin", "poem")


def unused_conventions(problems: Sequence[Problem]) -> list[Target]:
    """Return rules for signs, and boxes for kinds of things, that the problems do not use; none for other problems."""
    items = [problem.item for problem in problems if problem.item and problem.item.get("domain") == "convention"]
    if not items:
        return []
    families = {item["family"] for item in items}
    taken = {str(item.get("sign")) for item in items} | {str(problem.gold) for problem in problems}
    signs = [sign for sign in SIGNS if sign not in taken]
    boxes = [box for box in BOXES if box not in taken]
    operators = [
        Target(f"unused_{operator.rule}", summary_of({"family": "operators", "rule": operator.rule, "sign": sign}))
        for operator, sign in zip(OPERATORS, signs, strict=False)
    ]
    routes = [
        Target(f"unused_{thing}", f"The box was not known. {RULE}Put every {thing} into the {box} box.")
        for thing, box in zip(_THINGS, boxes, strict=False)
    ]
    return (operators if "operators" in families else []) + (routes if "routing" in families else [])
