"""Chains: problems of one to four micro-steps, each of which takes exactly one skill and has its own gold.

In a chain an error shows where it was made, so what a student lacks can be counted: without two of the five skills, 64
of 100 chains of width 2 go wrong. Skills are dealt, not drawn: every block of ``5 ** width`` chains in a split holds
each sequence of skills once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from random import Random

from pydantic import JsonValue

from tutorkit.canonical import stable_id
from tutorkit.errors import BadSetting
from tutorkit.misconceptions import parts_of, skills_of, solve
from tutorkit.tasks.arithmetic import group_of, split_of, steps_of
from tutorkit.types import Problem, Split

_TRIES_PER_PART = 500
_TRIES_PER_CHAIN = 50


def chain_problems(*, seed: int, sizes: Mapping[Split, int], width: int = 2) -> list[Problem]:
    """Draw chains.

    Args:
        seed: which sample to draw. It never moves a chain, or a part of one, from one split to another.
        sizes: how many problems each split gets.
        width: the number of parts, 1 to 4.

    Returns:
        The problems in the order of ``sizes``. No chain occurs twice, and no part occurs in two splits.

    Raises:
        BadSetting: for another width, or when a split asks for more different chains than are found.
    """
    if not 1 <= width <= 4:
        raise BadSetting(f"A chain has 1 to 4 parts, not {width}.", data={"width": width})
    problems: list[Problem] = []
    for split, size in sizes.items():
        rng = Random(f"chains:{width}:{split}:{seed}")  # noqa: S311 - a sample, not a secret
        deals = _deals(rng, width)
        seen: set[str] = set()
        for _ in range(size):
            problem = _new_chain(rng, next(deals), split, seen)
            seen.add(problem.group)
            problems.append(problem)
    return problems


def _deals(rng: Random, width: int) -> Iterator[tuple[str, ...]]:
    """Deal sequences of skills, each once before any comes again."""
    sequences = list(product(PARTS, repeat=width))
    while True:
        rng.shuffle(sequences)
        yield from sequences


def _new_chain(rng: Random, skills: tuple[str, ...], split: Split, seen: set[str]) -> Problem:
    for _ in range(_TRIES_PER_CHAIN):
        parts = [_part(rng, skill, split) for skill in skills]
        groups = sorted(group_of(part) for part in parts)
        group = "chain:" + ";".join(groups)
        if group not in seen and len(set(groups)) == len(groups):
            return chain_problem(parts, split=split, group=group)
    raise BadSetting(
        f"There are not as many different chains of {' and '.join(skills)} in the split {split} as asked for.",
        remedy="Ask for fewer problems, or for a greater width.",
    )


def _part(rng: Random, skill: str, split: Split) -> dict[str, JsonValue]:
    for _ in range(_TRIES_PER_PART):
        part = PARTS[skill](rng)
        if split_of(group_of(part)) == split:
            return part
    raise AssertionError(f"the generator of {skill} never meets the split {split}")


def chain_problem(parts: Sequence[dict[str, JsonValue]], *, split: Split, group: str) -> Problem:
    """Make the problem that asks for these parts, in their order."""
    item: dict[str, JsonValue] = {"domain": "chain", "parts": list[JsonValue](parts)}
    work, read = solve(item), parts_of(item)
    shown = " ".join(f"({letter}) {part.text}" for letter, part in zip("abcd", read, strict=False))
    asked = f"Work out each part and give the results in order, separated by commas: {shown}"
    return Problem(
        id=stable_id("chain", item),
        task="chains",
        text=asked if len(parts) > 1 else f"Work out {read[0].text}.",
        gold=work.answer,
        scorer="list",
        skills=skills_of(item),
        split=split,
        group=group,
        item=item,
        steps=steps_of(work),
        source="tutorkit generator",
    )


def _carry(rng: Random) -> dict[str, JsonValue]:
    """Two-digit numbers whose ones reach ten and whose tens do not."""
    ones = rng.randrange(1, 10)
    other_ones = rng.randrange(10 - ones, 10)
    tens = rng.randrange(1, 8)
    other_tens = rng.randrange(1, 9 - tens)
    return {"domain": "add", "a": 10 * tens + ones, "b": 10 * other_tens + other_ones}


def _borrow(rng: Random) -> dict[str, JsonValue]:
    """Two-digit numbers with one borrow, and no zero that would take a skill of its own."""
    upper = rng.randrange(1, 9)
    lower = rng.randrange(upper + 1, 10)
    tens = rng.randrange(3, 10)
    return {"domain": "sub", "a": 10 * tens + upper, "b": 10 * rng.randrange(1, tens - 1) + lower}


def _precedence(rng: Random) -> dict[str, JsonValue]:
    """One product after a sum or difference that stays above zero."""
    q, r = rng.randrange(2, 10), rng.randrange(2, 10)
    expression = f"{rng.randrange(2, 20)}+{q}*{r}" if rng.random() < 0.5 else f"{q * r + rng.randrange(1, 20)}-{q}*{r}"
    return {"domain": "ooo", "expression": expression}


def _percent(rng: Random) -> dict[str, JsonValue]:
    """A percentage that comes to a whole number."""
    percent = rng.choice((5, 15, 20, 25, 30, 40, 60, 75, 80))
    return {"domain": "pct", "kind": "of", "percent": percent, "amount": 20 * rng.randrange(6, 51)}


def _sign(rng: Random) -> dict[str, JsonValue]:
    return {"domain": "neg", "a": rng.randrange(2, 1000)}


PARTS: Mapping[str, Callable[[Random], dict[str, JsonValue]]] = {
    "carry": _carry,
    "borrow": _borrow,
    "precedence": _precedence,
    "percent": _percent,
    "sign": _sign,
}
