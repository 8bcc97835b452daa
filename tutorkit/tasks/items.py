"""A problem made of an item of any domain that has misconceptions."""

from __future__ import annotations

from tutorkit.canonical import stable_id
from tutorkit.misconceptions import Item, parts_of, skills_of, solve
from tutorkit.tasks.arithmetic import group_of, steps_of
from tutorkit.types import Problem, Split

WORDED = ("wp",)
"""Domains whose items are whole texts already."""


def item_problem(item: Item, *, split: Split = "train") -> Problem:
    """Make the problem of an item: its text, its worked steps, its answer, the skills that it takes.

    Raises:
        DataError: when the item cannot be read.
    """
    text, work, domain = parts_of(item)[0].text, solve(item), str(item["domain"])
    return Problem(
        id=stable_id("item", item),
        task=f"items/{domain}",
        text=text if domain in WORDED else f"Work out {text}.",
        gold=work.answer,
        scorer="worked",
        skills=skills_of(item),
        split=split,
        group=group_of(item),
        item=dict(item),
        steps=steps_of(work),
        source="tutorkit generator",
    )
