"""Variations: another problem that takes the same skills, or one that takes a given skill.

All are of the share of problems that is ``train`` for every seed, so that none can be a problem that is measured with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from random import Random
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.misconceptions import Item, parts_of, skills_of
from tutorkit.tasks.arithmetic import FAMILIES, arithmetic_problem, group_of, split_of
from tutorkit.tasks.chains import PARTS, chain_problem
from tutorkit.tasks.conventions import convention_like, convention_of
from tutorkit.tasks.sums import sum_like, sum_of
from tutorkit.types import Problem

_TRIES = 400

_FAMILY: Mapping[str, str] = MappingProxyType(
    {"sub": "subtraction", "add": "addition", "frac": "fractions", "ooo": "order", "pct": "percent"}
)


def another(item: Item, rng: Random) -> Problem | None:
    """Draw another problem like this one.

    Args:
        item: what it is to be like: an arithmetic item, a chain of items that take one skill each, a private
            convention's or a sum in words.
        rng: decides which.

    Returns:
        A problem of the same domain that takes the same skills; where none is found, of those that share a skill with
        it the one with the fewest skills that differ. None for items of which no other can be drawn.

    Raises:
        DataError: for an item that is none of its domain.
    """
    match item.get("domain"):
        case "chain":
            taken = [skills_of(part.model_dump()) for part in parts_of(item)]
            return chain_of([skills[0] for skills in taken if skills], rng) if all(taken) else None
        case "convention":
            return convention_like(item, rng)
        case "sums":
            return sum_like(item, rng)
        case domain:
            family = _FAMILY.get(str(domain))
            return None if family is None else _arithmetic_like(family, item, rng)


def about(skill: str, rng: Random, *, like: Item, without: Collection[str] = ()) -> Problem | None:
    """Draw a problem about a skill, of the domain that an item is of.

    Args:
        skill: what it takes. Where no problem of the domain takes it (an error of reading or reckoning, say), the new
            problem is one like the item.
        rng: decides which.
        like: an item of the domain. A chain is drawn with one part; a private convention by the item's own rule.
        without: skills that a problem of written arithmetic does not take.

    Returns:
        The problem; None where none can be drawn.

    Raises:
        DataError: for an item that is none of its domain.
    """
    match like.get("domain"):
        case "chain":
            return chain_of([skill], rng)
        case "convention":
            return convention_like(like, rng)
        case "sums":
            return sum_like(like, rng, skill=skill) or sum_like(like, rng)
        case _:
            return one_with(skill, rng, without=without)


def problem_of(item: Item) -> Problem | None:
    """Return the problem behind a private convention's item or a sum's, with its steps; None for other items.

    Raises:
        DataError: for an item that is none of its domain.
    """
    match item.get("domain"):
        case "convention":
            return convention_of(item)
        case "sums":
            return sum_of(item)
        case _:
            return None


def _arithmetic_like(family: str, item: Item, rng: Random) -> Problem | None:
    wanted = set(skills_of(item))
    best: tuple[int, dict[str, JsonValue]] | None = None
    for _ in range(_TRIES):
        drawn = FAMILIES[family](rng)
        if drawn != item and drawn.get("kind") == item.get("kind") and _may_be_practised(drawn):
            skills = set(skills_of(drawn))
            off = len(skills ^ wanted)
            if (skills & wanted or not wanted) and (best is None or off < best[0]):
                best = (off, drawn)
            if off == 0:
                break
    return arithmetic_problem(family, best[1], split="train") if best else None


def chain_of(skills: Sequence[str], rng: Random) -> Problem | None:
    """Draw a chain whose parts take these skills, one each, in their order; None for a skill that no chain has."""
    if not skills or not set(skills) <= set(PARTS):
        return None
    parts = [_practised(PARTS[skill], rng) for skill in skills]
    return chain_problem(parts, split="train", group="chain:" + ";".join(sorted(map(group_of, parts))))


def one_with(skill: str, rng: Random, *, without: Collection[str] = ()) -> Problem | None:
    """Draw a problem of written arithmetic that takes a skill and none of some others; None when none is found."""
    for family, draw in FAMILIES.items():
        for _ in range(_TRIES):
            item = draw(rng)
            skills = skills_of(item)
            if skill in skills and not set(skills) & set(without) and _may_be_practised(item):
                return arithmetic_problem(family, item, split="train")
    return None


def _practised(draw: Callable[[Random], dict[str, JsonValue]], rng: Random) -> dict[str, JsonValue]:
    while True:
        item = draw(rng)
        if _may_be_practised(item):
            return item


def _may_be_practised(item: Item) -> bool:
    return split_of(group_of(item)) == "train"
