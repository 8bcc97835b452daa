"""The domains, one module each: what its items are, how they are worked out rightly, and how pupils go wrong.

A new domain is a new module here and a line in ``DOMAINS``; its items join the union in ``items.py``.
"""

from tutorkit.misconceptions.domains import (
    addition,
    algebra,
    decimals,
    division,
    fractions,
    multiplication,
    order,
    percent,
    signs,
    subtraction,
    time,
    units,
    word_problems,
)
from tutorkit.misconceptions.vocabulary import Domain

DOMAINS: tuple[Domain, ...] = (
    subtraction.DOMAIN,
    addition.DOMAIN,
    multiplication.DOMAIN,
    division.DOMAIN,
    fractions.DOMAIN,
    decimals.DOMAIN,
    order.DOMAIN,
    percent.DOMAIN,
    signs.DOMAIN,
    algebra.DOMAIN,
    units.DOMAIN,
    time.DOMAIN,
    word_problems.DOMAIN,
)
