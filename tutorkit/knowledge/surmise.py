"""Which skill comes before which, from what the items take: the surmise relation of knowledge space theory.

Source: Doignon and Falmagne, "Spaces for the assessment of knowledge" (1985): from mastery of one thing that of another
is surmised. Here one skill comes before another when nearly every item that takes the second takes the first too, and
clearly more items take the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

_NEARLY_EVERY: Final = 0.95
_CLEARLY_MORE: Final = 1.1


def surmised(items: Sequence[Collection[str]]) -> dict[str, tuple[str, ...]]:
    """Return each skill with those that come directly before it, as a ``Curriculum`` takes them.

    Args:
        items: the skills that each of many items takes, as practice has them. Two skills that are always taken together
            cannot be told apart, and neither comes before the other.
    """
    counts = Counter(skill for item in items for skill in set(item))
    both = Counter((one, other) for item in items for one in set(item) for other in set(item))
    before = {
        skill: {
            other
            for other in counts
            if both[other, skill] >= _NEARLY_EVERY * counts[skill] and counts[other] > _CLEARLY_MORE * counts[skill]
        }
        for skill in sorted(counts)
    }
    # What comes before something that comes before is known from there.
    return {
        skill: tuple(sorted(mine - {far for near in mine for far in before[near]})) for skill, mine in before.items()
    }
