"""Bayesian knowledge tracing of many skills, as a ``MasteryModel``.

A question that takes several skills is right when all are mastered and nothing slips, or by a guess: the probability is
that of one skill (``BKT.predicted``) with the product of the beliefs in place of the belief and the greatest slip and
guess. A right answer counts in full for each skill. A wrong one counts for a skill by its blame, (1 − L) as a share of
the sum over the skills: the belief moves so far towards where it would stand if this skill alone had been asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from types import MappingProxyType
from typing import Final

from tutorkit.errors import EmptyData
from tutorkit.knowledge.bkt import BKT
from tutorkit.knowledge.bkt_fit import START, fit_bkt, log_likelihood
from tutorkit.knowledge.interactions import Interaction, by_student
from tutorkit.knowledge.mastery import Assisted, Fit, SkillMastery, Tally

LEAST_ANSWERS: Final = 30
"""With fewer answers a skill gets the parameters that all answers together have."""


@dataclass(frozen=True)
class Beliefs:
    """What is known of one student: the belief in each skill, and the answers that it rests on."""

    seen: frozenset[str] = frozenset()
    p: Mapping[str, float] = field(default_factory=dict)
    tallies: Mapping[str, Tally] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class BKTModel:
    """Knowledge tracing with parameters for each skill, and ``usual`` ones for a skill that has none of its own."""

    skills: Mapping[str, BKT] = field(default_factory=lambda: MappingProxyType({}))
    usual: BKT = START
    assisted: Assisted = "ignored"
    name: str = "bkt"

    def begin(self) -> Beliefs:
        """Return what is known of a student of whom nothing was seen."""
        return Beliefs()

    def parameters(self, skill: str) -> BKT:
        """Return the parameters of a skill."""
        return self.skills.get(skill, self.usual)

    def believed(self, state: Beliefs, skill: str) -> float:
        """Return the probability that a skill is mastered."""
        return state.p.get(skill, self.parameters(skill).initial)

    def predict(self, state: Beliefs, skills: Sequence[str], *, item: str | None = None) -> float:
        """Return the probability of a right answer; the item plays no part in it."""
        if not skills:
            return self.usual.predicted(self.usual.initial)
        known = [self.parameters(skill) for skill in skills]
        mastered = prod(self.believed(state, skill) for skill in set(skills))
        slip, guess = max(each.slip for each in known), max(each.guess for each in known)
        return mastered * (1 - slip) + (1 - mastered) * guess

    def update(self, state: Beliefs, seen: Interaction) -> Beliefs:
        """Return the beliefs after one more answer; see the module."""
        if seen.id in state.seen:
            return state
        counts = not seen.assisted or self.assisted == "wrong"
        right = seen.correct and not seen.assisted
        doubt = {skill: 1 - self.believed(state, skill) for skill in seen.skills}
        total = sum(doubt.values())
        p, tallies = dict(state.p), dict(state.tallies)
        for skill in doubt:
            parameters, before = self.parameters(skill), self.believed(state, skill)
            if counts:
                blame = 1.0 if right else doubt[skill] / total if total else 1 / len(doubt)
                after = parameters.practised(before + blame * (parameters.seen(before, right=right) - before))
            else:
                after = before
            p[skill] = after
            tallies[skill] = tallies.get(skill, Tally()).after(seen).judged(after)
        return Beliefs(state.seen | {seen.id}, p, tallies)

    def mastery(self, state: Beliefs) -> dict[str, SkillMastery]:
        """Return the belief in each skill of which something was seen."""
        return {skill: tally.told(state.p[skill]) for skill, tally in state.tallies.items()}

    def fit(self, interactions: Sequence[Interaction]) -> Fit[BKTModel]:
        """Fit each skill by itself, as if its questions took no other; a skill with few answers gets the usual ones.

        The usual parameters are fitted to all skills' answers together.
        """
        sequences = self._sequences(interactions)
        everything = [row for rows in sequences.values() for row in rows]
        if not everything:
            raise EmptyData("There are no answers to fit knowledge tracing to.", remedy="Give answers without help.")
        usual = fit_bkt(everything)
        own = {
            skill: fit_bkt(rows, start=usual.parameters)
            for skill, rows in sequences.items()
            if len(sequences) > 1 and sum(map(len, rows)) >= LEAST_ANSWERS
        }
        skills = MappingProxyType({skill: each.parameters for skill, each in own.items()})
        model = replace(self, skills=skills, usual=usual.parameters)
        return Fit(
            model=model,
            log_likelihood=sum(log_likelihood(rows, model.parameters(skill)) for skill, rows in sequences.items()),
            answers=sum(map(len, everything)),
            students=len({each.student for each in interactions}),
            rounds=max(each.rounds for each in (usual, *own.values())),
            converged=all(each.converged for each in (usual, *own.values())),
        )

    def _sequences(self, interactions: Sequence[Interaction]) -> dict[str, list[list[bool]]]:
        """Return each skill's answers: one list for each student."""
        found: defaultdict[str, list[list[bool]]] = defaultdict(list)
        for rows in by_student(interactions).values():
            own: defaultdict[str, list[bool]] = defaultdict(list)
            for row in rows:
                if not row.assisted or self.assisted == "wrong":
                    for skill in set(row.skills):
                        own[skill].append(row.correct and not row.assisted)
            for skill, answers in own.items():
                found[skill].append(answers)
        return dict(found)
