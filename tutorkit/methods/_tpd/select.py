"""Select: which items become demos, which principles stay, and in what order. Every tie has a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


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
    left = {attempt: set(broken) for attempt, broken in violations.items() if broken}
    order: list[str] = []
    shown: set[str] = set()
    while left:
        best = min(left, key=lambda a: (-len(left[a]), -len(left[a] - shown), problems[a]))
        shown |= left.pop(best)
        order.append(best)
    return order


def rank_principles(principles: Sequence[str], violations: Mapping[str, Sequence[str]], *, most: int) -> list[str]:
    """Order principles by how many attempts violate them and keep the first ``most``.

    A long list is read badly, so what is violated most comes first. Ties keep the given order.
    """
    counts = {p: sum(p in broken for broken in violations.values()) for p in principles}
    return sorted(principles, key=lambda p: -counts[p])[:most]
