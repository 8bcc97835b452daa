"""First algebra: linear equations, and expressions in x."""

from __future__ import annotations

from tutorkit.misconceptions.domains import equations, simplification
from tutorkit.misconceptions.vocabulary import Domain

DOMAIN = Domain(
    id="alg",
    title="Algebra",
    kinds=(*equations.KINDS, *simplification.KINDS),
    skills=(*equations.SKILLS, *simplification.SKILLS),
    rules=(*equations.RULES, *simplification.RULES),
)
