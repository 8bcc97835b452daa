"""Select: which items become demos, which principles stay, and in what order. Every tie has a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heapreplace
from typing import TypeAlias

_Place: TypeAlias = tuple[int, int, tuple[int, str], int]
"""Minus the rules that an attempt breaks, minus those of them that are new, its problem's length and id, its number."""


def rank_by_violations(
    violations: Mapping[str, Sequence[str]], *, problems: Mapping[str, tuple[int, str]]
) -> list[str]:
    """Order attempts by how much they show: greedily, the most violated principles first.

    Source: TPD (arXiv 2401.13849) selects by violation count; the rule for ties is ours.

    Args:
        violations: the principles that each attempt violates.
        problems: the length, in characters, and the id of each attempt's problem.

    Returns:
        The attempts that violate something. Ties: more principles that no earlier one shows, then the shorter problem,
        then the problem's id; so it is the same choice in every run.
    """
    broken = {attempt: frozenset(rules) for attempt, rules in violations.items() if rules}
    attempts = list(broken)
    order: list[str] = []
    shown: set[str] = set()

    def place(number: int) -> _Place:
        rules = broken[attempts[number]]
        return (-len(rules), -len(rules - shown), problems[attempts[number]], number)

    queue = [place(number) for number in range(len(attempts))]
    heapify(queue)
    while queue:
        number = queue[0][-1]
        # What an attempt shows that is new only becomes less, so whoever is first by a fresh count is first of all.
        if (now := place(number)) > queue[0]:
            heapreplace(queue, now)
            continue
        heappop(queue)
        shown |= broken[attempts[number]]
        order.append(attempts[number])
    return order


def rank_principles(principles: Sequence[str], violations: Mapping[str, Sequence[str]], *, most: int) -> list[str]:
    """Order principles by how many attempts violate them and keep the first ``most``.

    A long list is read badly, so what is violated most comes first. Ties keep the given order.
    """
    counts = {p: sum(p in broken for broken in violations.values()) for p in principles}
    return sorted(principles, key=lambda p: -counts[p])[:most]
