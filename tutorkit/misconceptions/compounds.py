"""Several misconceptions in one pupil: which sets of malrules are worth to be considered together.

Malrules that act on one impasse exclude each other: a pupil mends it in one way at a time (Brown and VanLehn 1980). Of
those that can stand together the one with the higher prior goes first where both would change an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from tutorkit.misconceptions.catalogue import Malrule
from tutorkit.misconceptions.posterior import Hypothesis

_SIZES = (2, 3)
_MOST_RULES = 6


def compatible(rules: Sequence[Malrule]) -> bool:
    """Tell whether one pupil can follow all of these: no two act on one impasse, and all are of one domain."""
    impasses = {rule.impasse for rule in rules}
    return len(impasses) == len(rules) and len({rule.domain for rule in rules}) <= 1


def in_order(rules: Sequence[Malrule]) -> tuple[str, ...]:
    """Return the ids of malrules, the one that goes first in front."""
    return tuple(rule.id for rule in sorted(rules, key=lambda rule: (-rule.prior, rule.id)))


def compounds(rules: Sequence[Malrule], support: Mapping[str, int]) -> tuple[Hypothesis, ...]:
    """Return the sets of two or three malrules to be considered.

    A set can explain more than its members only where each of them predicts a wrong answer, so only such are taken, and
    of these the six that predict the most.

    Args:
        rules: of one domain.
        support: how many wrong answers each of them predicts, by id.
    """
    supported = [rule for rule in rules if support.get(rule.id)]
    supported.sort(key=lambda rule: (-support[rule.id], -rule.prior, rule.id))
    sets = (chosen for size in _SIZES for chosen in combinations(supported[:_MOST_RULES], size))
    return tuple(Hypothesis.of(*in_order(chosen)) for chosen in sets if compatible(chosen))
