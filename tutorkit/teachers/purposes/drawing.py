"""Drawing new problems for a teacher that writes by rule: like one that is shown, or about another skill."""

from __future__ import annotations

from collections.abc import Collection
from random import Random

from tutorkit.errors import DataError
from tutorkit.misconceptions import Item
from tutorkit.tasks.variation import about, another, chain_of, one_with
from tutorkit.teachers.purposes.base import Target
from tutorkit.types import Problem


def like(item: Item | None, rng: Random) -> Problem | None:
    """Draw a problem like the one of an item; None where there is no item, or none that others can be drawn like."""
    try:
        return another(item or {}, rng)
    except DataError:
        return None


def lacking(skill: str, rng: Random, *, item: Item | None, without: Collection[str] = ()) -> Problem | None:
    """Draw a problem about a skill that a problem with this item showed to be lacking; None where none can be drawn."""
    try:
        return about(skill, rng, like=item or {}, without=without)
    except DataError:
        return None


def instead(target: Target, rng: Random, *, item: Item | None, without: Collection[str]) -> Problem | None:
    """Draw a problem about what a deranged teacher teaches, in the form of the one, with this item, that it stands for.

    Args:
        target: what is taught.
        rng: decides which.
        item: of the problem that it stands for.
        without: what the student lacks: it must gain nothing by the problem.
    """
    if target.item is not None:
        return lacking(target.skill, rng, item=target.item, without=without)
    if (item or {}).get("domain") == "chain":
        return chain_of([target.skill], rng)
    return one_with(target.skill, rng, without=without)
