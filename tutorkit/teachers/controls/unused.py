"""Conventions that no problem is about: something to teach that has the right form and helps nobody."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from tutorkit.tasks.conventions import BOXES, OPERATORS, SIGNS
from tutorkit.tasks.routing_items import UNUSED
from tutorkit.teachers.experts.conventions import RULE, summary_of
from tutorkit.teachers.purposes.base import Target
from tutorkit.types import Problem


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
        Target(f"unused_{operator.rule}", summary_of(item), item)
        for operator, sign in zip(OPERATORS, signs, strict=False)
        for item in [_item("operators", operator.rule, sign=sign, a=1, b=1)]
    ]
    routes = [
        Target(f"unused_{kind}", f"The box was not known. {RULE}Put every {kind} into the {box} box.", item)
        for (kind, things), box in zip(UNUSED.items(), boxes, strict=False)
        for item in [_item("routing", kind, box=box, item=things[0])]
    ]
    return (operators if "operators" in families else []) + (routes if "routing" in families else [])


def _item(family: str, rule: str, **rest: JsonValue) -> dict[str, JsonValue]:
    return {"domain": "convention", "family": family, "rule": rule, **rest}
