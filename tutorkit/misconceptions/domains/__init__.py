"""The domains, one module each: what its items are, how they are worked out rightly, and how pupils go wrong.

A new domain is a new module here and a line in ``DOMAINS``; its items join the union in ``items.py``.
"""

from tutorkit.misconceptions.domains import addition, fractions, order, percent, signs, subtraction
from tutorkit.misconceptions.vocabulary import Domain

DOMAINS: tuple[Domain, ...] = (
    subtraction.DOMAIN,
    addition.DOMAIN,
    fractions.DOMAIN,
    order.DOMAIN,
    percent.DOMAIN,
    signs.DOMAIN,
)
