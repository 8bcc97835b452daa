"""How well a page was read: how many characters differ, and whether a mistake was mended on the way."""

from __future__ import annotations

from collections.abc import Sequence

from tutorkit.tutoring.programming.results import RunReport


def normalised_distance(gold: str, read: str) -> float:
    """Return Levenshtein's distance between two texts over the length of the longer one: 0 for one text, at most 1."""
    if not gold and not read:
        return 0.0
    row = list(range(len(read) + 1))
    for at, letter in enumerate(gold, start=1):
        before, row[0] = row[0], at
        for position, other in enumerate(read, start=1):
            cost = min(row[position] + 1, row[position - 1] + 1, before + (letter != other))
            before, row[position] = row[position], cost
    return row[-1] / max(len(gold), len(read))


def is_logical_fix(gold: RunReport, read: RunReport) -> bool:
    """Tell whether a case that the learner's own program fails passes in the program that was read from the page."""
    if gold.refused or read.refused:
        return False
    return any(a.outcome != "passed" and b.outcome == "passed" for a, b in zip(gold.results, read.results, strict=True))


def logical_fix_rate(pairs: Sequence[tuple[RunReport, RunReport]]) -> float | None:
    """Return the share of failing programs in which a mistake vanished while they were read; None when none fails.

    Args:
        pairs: what became of the true text of each program, and of what was read.
    """
    failing = [(gold, read) for gold, read in pairs if gold.verdict == "wrong"]
    return sum(is_logical_fix(gold, read) for gold, read in failing) / len(failing) if failing else None
