"""What time does to what a learner has unlearnt: misconceptions come back, and turn into their siblings.

By repair theory (Brown and VanLehn 1980) a misconception is one of several ways out of one impasse, and pupils move
between these from one session to the next. A pair of constants stands for both effects; they are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from tutorkit.misconceptions import malrule, malrules
from tutorkit.students.voices import chance

FORGETTING: Final = 0.02
"""By how much a weakened misconception gains strength in a day, up to the highest strength it ever had."""

MIGRATION: Final = 0.05
"""The probability, each day, that a misconception turns into another of the same impasse."""

_DECIMALS = 4


@dataclass(frozen=True)
class Hold:
    """How firmly a misconception is held: the probability that it acts where it can, and the highest it ever was."""

    strength: float
    peak: float

    def weakened(self, *, by: float) -> Hold:
        """Return it with a share of its strength taken away."""
        return replace(self, strength=round(self.strength * (1 - by), _DECIMALS))

    def strengthened(self, *, by: float) -> Hold:
        """Return it stronger, up to 1."""
        strength = round(min(1.0, self.strength + by), _DECIMALS)
        return Hold(strength, max(self.peak, strength))


def after_a_day(bugs: Mapping[str, Hold], *, seed: int, day: int) -> dict[str, Hold]:
    """Return what a learner's misconceptions are a day later.

    Args:
        bugs: how firmly each is held.
        seed: the learner's.
        day: the number of the day, which the draws depend on.
    """
    later: dict[str, Hold] = {}
    for bug, hold in bugs.items():
        strength = round(min(hold.peak, hold.strength + FORGETTING), _DECIMALS)
        heirs = siblings(bug, taken=(*bugs, *later))
        migrates = heirs and chance(seed, "migrates", bug, day) < MIGRATION
        heir = heirs[int(chance(seed, "heir", bug, day) * len(heirs))] if migrates else bug
        later[heir] = replace(hold, strength=strength)
    return later


def siblings(misconception_id: str, *, taken: Iterable[str] = ()) -> list[str]:
    """Return the other misconceptions of the same domain and impasse, without those that are taken."""
    rule, excluded = malrule(misconception_id), {misconception_id, *taken}
    return [each.id for each in malrules(rule.domain) if each.impasse == rule.impasse and each.id not in excluded]
