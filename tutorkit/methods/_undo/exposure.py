"""Exposure: when to stop teaching a student that no longer moves.

To stop as soon as one round brings nothing is a false stop: a misconception may need several exercises before anything
shows. So the rule counts exercises, not rounds, and survives another batch size or number of skills.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def exposures(before: Mapping[str, int], now: Mapping[str, int], since: Mapping[str, int]) -> dict[str, int]:
    """Return how much each weak skill was taught since its number of errors last moved.

    Args:
        before: errors by skill at the last measurement; empty at the first.
        now: errors by skill; one with none is not weak.
        since: what was taught, by skill, since the errors last moved, as of now.
    """
    return {skill: since.get(skill, 0) if before.get(skill) == now[skill] else 0 for skill in now if now[skill]}


def none_moves(since: Mapping[str, int], *, enough: int) -> bool:
    """Tell whether every weak skill was taught at least ``enough`` times since it last moved."""
    return bool(since) and all(count >= enough for count in since.values())


def counted(skills: Sequence[Sequence[str]]) -> dict[str, int]:
    """Count skills over problems, each given by the skills that it takes; a problem without any counts as one skill."""
    names = [name for taken in skills for name in (taken or ("",))]
    return {name: names.count(name) for name in sorted(set(names))}
