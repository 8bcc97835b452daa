"""How sure one can be of a share that was counted."""

from __future__ import annotations

import math
from statistics import NormalDist


def wilson(right: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927); it takes the observations as independent.

    Args:
        right: how many of them count.
        n: how many there are; of none nothing is known, and the interval is all of [0, 1].
        confidence: its coverage, between 0 and 1.
    """
    if n == 0:
        return 0.0, 1.0
    share = right / n
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    centre, width = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    scale = 1 + z * z / n
    low = (centre - width) / scale if right else 0.0
    high = (centre + width) / scale if right < n else 1.0
    return low, high
