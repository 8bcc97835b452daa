"""A simulated class: pupils with names, misconceptions, ways of being taught, all drawn from one seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from random import Random
from typing import Final

from tutorkit.canonical import digest
from tutorkit.errors import BadSetting, UnknownName
from tutorkit.misconceptions import DOMAINS, Item, Malrule, drawn_item, malrule, malrules
from tutorkit.misconceptions.domains import DOMAINS as _DOMAINS
from tutorkit.students.learner import SimulatedLearner
from tutorkit.students.personas import PERSONAS
from tutorkit.students.retention import Hold

DOMAINS_AT_FAULT: Final = ((0, 0.3), (1, 0.5), (2, 0.2))
"""In how many domains a pupil has a misconception, with the probability of each; ours."""

COMPOUND: Final = 0.12
"""The probability, where a pupil has a misconception in a domain, of a second one there, at another impasse; ours."""

LACKING: Final = 0.1
"""The probability that a pupil lacks some skill altogether and can only guess where it is needed; ours."""

PERSONA_SHARES: Final = (
    ("diligent", 0.25),
    ("curious", 0.15),
    ("quiet", 0.15),
    ("anxious", 0.12),
    ("over_confident", 0.1),
    ("answer_seeker", 0.1),
    ("off_task", 0.08),
    ("tired", 0.05),
)
"""How common each persona is; ours."""

MOST_PUPILS: Final = 1_000
MOST_ITEMS: Final = 500
_STRENGTHS = (0.6, 0.95)
_SLIPS = (0.01, 0.08)
_SPREAD = 0.1
_COMPLIANCE = (0.4, 0.9)
_DRAWS = 200


@dataclass(frozen=True)
class Pupil:
    """One pupil of a simulated class: a pseudonymous id, a name for the roster, and the learner behind it."""

    id: str
    name: str
    learner: SimulatedLearner


def drawn_class(size: int, *, seed: int, domains: Sequence[str] = DOMAINS) -> tuple[Pupil, ...]:
    """Draw the pupils of a class.

    Within a domain misconceptions come by their prior. Some pupils have none, some one, some two, seldom two in one
    domain; never two ways out of one impasse. Names are drawn without replacement from a list of first names from many
    parts of the world; in a class larger than the list a letter is added.

    Args:
        size: from 1 to 1,000 pupils.
        seed: the same seed gives the same class.
        domains: what the class may have misconceptions in.

    Raises:
        BadSetting: for a size that cannot be, or no domain.
        UnknownName: for a domain that there is not.
    """
    _check(domains, size, most=MOST_PUPILS, what="pupils")
    names = _names(size, seed)
    return tuple(_pupil(index, name, seed=seed, domains=tuple(domains)) for index, name in enumerate(names))


def drawn_worksheet(items: int, *, seed: int, domains: Sequence[str] = DOMAINS) -> tuple[Item, ...]:
    """Draw different items for a class, the domains taking turns.

    Args:
        items: from 1 to 500.
        seed: the same seed gives the same worksheet.
        domains: where they come from.

    Raises:
        BadSetting: for a number of items that cannot be, or of which the domains do not have so many.
        UnknownName: for a domain that there is not.
    """
    _check(domains, items, most=MOST_ITEMS, what="items")
    rng, found = _rng("worksheet", seed), list[Item]()
    for number in range(items):
        domain = domains[number % len(domains)]
        item = next((item for _ in range(_DRAWS) if (item := drawn_item(domain, rng)) not in found), None)
        if item is None:
            raise BadSetting(
                f"{domain} does not have so many different items.",
                remedy="Ask for fewer, or name further domains.",
                data={"domain": domain, "items": items},
            )
        found.append(item)
    return tuple(found)


def _pupil(index: int, name: str, *, seed: int, domains: tuple[str, ...]) -> Pupil:
    own = digest(["pupil", seed, index])
    rng = _rng("pupil", seed, index)
    bugs = _bugs(rng, domains)
    taken = {malrule(bug).skill for bug in bugs}
    skills = [
        skill.id for domain in _DOMAINS if domain.id in domains for skill in domain.skills if skill.id not in taken
    ]
    persona = PERSONAS[rng.choices([name for name, _ in PERSONA_SHARES], [share for _, share in PERSONA_SHARES])[0]]
    compliance = persona.compliance + rng.uniform(-_SPREAD, _SPREAD)
    learner = SimulatedLearner(
        bugs=bugs,
        lacks=(rng.choice(skills),) if skills and rng.random() < LACKING else (),
        slip=round(rng.uniform(*_SLIPS), 2),
        persona=persona,
        compliance=round(min(max(compliance, _COMPLIANCE[0]), _COMPLIANCE[1]), 2),
        seed=int(own[:8], 16),
    )
    return Pupil(id=f"sim-{own[-8:]}", name=name, learner=learner)


def _bugs(rng: Random, domains: tuple[str, ...]) -> dict[str, Hold]:
    count = rng.choices([count for count, _ in DOMAINS_AT_FAULT], [share for _, share in DOMAINS_AT_FAULT])[0]
    found: list[Malrule] = []
    for domain in rng.sample(domains, min(count, len(domains))):
        first = _drawn_rule(rng, malrules(domain))
        others = [rule for rule in malrules(domain) if rule.impasse != first.impasse]
        found.append(first)
        if others and rng.random() < COMPOUND:
            found.append(_drawn_rule(rng, others))
    strengths = {rule.id: round(rng.uniform(*_STRENGTHS), 2) for rule in found}
    return {bug: Hold(strength, strength) for bug, strength in strengths.items()}


def _drawn_rule(rng: Random, rules: Sequence[Malrule]) -> Malrule:
    return rng.choices(rules, [rule.prior for rule in rules])[0]


def _names(size: int, seed: int) -> list[str]:
    listed = list(_listed_names())
    _rng("names", seed).shuffle(listed)
    rounds = [listed, *([f"{name} {letter}." for name in listed] for letter in "ABCDEFGHIJ")]
    return [name for names in rounds for name in names][:size]


@lru_cache(maxsize=1)
def _listed_names() -> tuple[str, ...]:
    text = resources.files("tutorkit.students").joinpath("data", "names.txt").read_text(encoding="utf-8")
    return tuple(text.split())


def _check(domains: Sequence[str], number: int, *, most: int, what: str) -> None:
    for domain in domains:
        if domain not in DOMAINS:
            raise UnknownName("domain", domain, DOMAINS)
    if not domains:
        raise BadSetting("A class without a domain has nothing to work on.", remedy="Name at least one domain.")
    if not 1 <= number <= most:
        raise BadSetting(
            f"There is no class with {number:,} {what}.",
            remedy=f"Give from 1 to {most:,} {what}.",
            data={what: number},
        )


def _rng(*parts: object) -> Random:
    return Random(digest(list(parts)))  # noqa: S311 - a sample, not a secret
