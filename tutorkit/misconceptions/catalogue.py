"""The malrules: wrong procedures that pupils follow, each as something that can be run.

The procedures are those of the literature on buggy arithmetic that began with Brown and Burton (1978). An impasse is
the situation in which, by Brown and VanLehn's repair theory (1980), a pupil without the skill makes something up.
``prior`` orders rules that predict the same answer: for the three commonest borrowing rules it is about the share of
children with difficulties in mathematics who were seen to follow them (Raghubar and others 2009); all other figures are
our own ranks, not measurements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tutorkit.errors import UnknownName
from tutorkit.misconceptions import domains
from tutorkit.misconceptions.items import Item
from tutorkit.misconceptions.performance import Procedure, perform, solve
from tutorkit.misconceptions.work import Work


@dataclass(frozen=True, kw_only=True)
class Malrule:
    """One wrong procedure. ``skill`` is what a pupil lacks who follows it; ``impasse`` is when it shows."""

    id: str
    domain: str
    skill: str
    title: str
    impasse: str
    prior: float
    procedure: Procedure = field(repr=False)

    def run(self, item: Item) -> Work:
        """Work an item out as a pupil does who follows this rule and knows everything else.

        Where the rule has nothing to say, or comes to the right answer all the same, the work is the correct one. In a
        chain the rule acts on every part that it fits.

        Raises:
            DataError: when the item cannot be read.
        """
        return perform(item, (self.procedure,))

    def applies(self, item: Item) -> bool:
        """Tell whether following the rule changes the answer to this item.

        Raises:
            DataError: when the item cannot be read.
        """
        return self.run(item).answer != solve(item).answer


_ALL = [
    Malrule(
        id=f"{domain.id}.{rule.name}",
        domain=domain.id,
        skill=rule.skill,
        title=rule.title,
        impasse=rule.impasse,
        prior=rule.prior,
        procedure=rule.act,
    )
    for domain in domains.DOMAINS
    for rule in domain.rules
]

_MALRULES: Mapping[str, Malrule] = MappingProxyType({rule.id: rule for rule in _ALL})

DOMAINS: tuple[str, ...] = tuple(domain.id for domain in domains.DOMAINS)


def malrule(malrule_id: str) -> Malrule:
    """Return the malrule of that id.

    Raises:
        UnknownName: when there is none.
    """
    if malrule_id not in _MALRULES:
        raise UnknownName("malrule", malrule_id, tuple(_MALRULES))
    return _MALRULES[malrule_id]


def malrules(domain: str | None = None) -> tuple[Malrule, ...]:
    """Return every malrule, or those of one domain, in the catalogue's order.

    Raises:
        UnknownName: when no malrule has that domain.
    """
    if domain is not None and domain not in DOMAINS:
        raise UnknownName("domain", domain, DOMAINS)
    return tuple(rule for rule in _ALL if domain in (None, rule.domain))
