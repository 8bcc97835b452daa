"""Performance factors analysis: a right answer is predicted by earlier successes and failures.

Source: Pavlik, Cen and Koedinger, "Performance Factors Analysis – a new alternative to knowledge tracing" (AIED 2009).
The logit of a right answer is the sum over the question's skills of ``β + γ · successes + ρ · failures``; here, where
wished, also of a weight for the item and one for the student.

Each skill's three weights are a usual part, that all skills share, and a part of its own that a ridge holds near 0; so
a skill of which little was seen is predicted like the others. With one skill this is the plain model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from tutorkit.errors import EmptyData
from tutorkit.knowledge.interactions import Interaction, by_student
from tutorkit.knowledge.logistic import fit_logistic, sigmoid
from tutorkit.knowledge.mastery import Assisted, Fit, SkillMastery, Tally

_FREE: Final = 1e-6
"""The penalty of the shared weights: next to none, so that data which part perfectly still have an answer."""


@dataclass(frozen=True)
class Factors:
    """The three weights of a skill, in logits: its easiness, and what a success and a failure add."""

    easiness: float = 0.0
    success: float = 0.0
    failure: float = 0.0

    def logit(self, tally: Tally, *, assisted: Assisted) -> float:
        """Return what a skill with this history adds to the logit of a right answer."""
        return self.easiness + self.success * tally.right + self.failure * _failures(tally, assisted)


@dataclass(frozen=True)
class Counts:
    """What is known of one student: the answers that were seen, and the tallies of each skill."""

    student: str = ""
    seen: frozenset[str] = frozenset()
    tallies: Mapping[str, Tally] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PFAModel:
    """Performance factors, with ``usual`` ones for a skill that has none of its own.

    ``ridge`` holds each skill's own part near 0, and the weights of items and students; they are fitted only with
    ``with_items`` and ``with_students``. A student without a weight has 0, the average.
    """

    usual: Factors = Factors(easiness=-0.5, success=0.4, failure=0.05)
    skills: Mapping[str, Factors] = field(default_factory=lambda: MappingProxyType({}))
    items: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    students: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    with_items: bool = False
    with_students: bool = False
    ridge: float = 1.0
    assisted: Assisted = "ignored"
    name: str = "pfa"

    def begin(self) -> Counts:
        """Return what is known of a student of whom nothing was seen."""
        return Counts()

    def predict(self, state: Counts, skills: Sequence[str], *, item: str | None = None) -> float:
        """Return the probability of a right answer."""
        logit = self.items.get(item or "", 0.0) + self.students.get(state.student, 0.0)
        for skill in dict.fromkeys(skills):
            factors = self.skills.get(skill, self.usual)
            logit += factors.logit(state.tallies.get(skill, Tally()), assisted=self.assisted)
        return sigmoid(logit)

    def update(self, state: Counts, seen: Interaction) -> Counts:
        """Return the tallies after one more answer."""
        if seen.id in state.seen:
            return state
        tallies = dict(state.tallies)
        for skill in dict.fromkeys(seen.skills):
            tallies[skill] = tallies.get(skill, Tally()).after(seen)
        after = Counts(seen.student, state.seen | {seen.id}, tallies)
        judged = {skill: tallies[skill].judged(self.predict(after, [skill])) for skill in seen.skills}
        return replace(after, tallies={**tallies, **judged})

    def mastery(self, state: Counts) -> dict[str, SkillMastery]:
        """Return, of each skill of which something was seen, the probability of a right answer that takes it alone."""
        return {skill: tally.told(self.predict(state, [skill])) for skill, tally in state.tallies.items()}

    def fit(self, interactions: Sequence[Interaction]) -> Fit[PFAModel]:
        """Fit all weights together, by maximum likelihood with the ridge; assisted answers are not predicted."""
        told = list(self._histories(interactions))
        if not told:
            raise EmptyData("There are no answers to fit performance factors to.", remedy="Give answers without help.")
        columns = _Columns(
            skills=_numbered(skill for row, _ in told for skill in row.skills),
            items=_numbered(row.item for row, _ in told if row.item and self.with_items),
            students=_numbered(row.student for row, _ in told if self.with_students),
        )
        rows = [columns.row(row, tallies, assisted=self.assisted) for row, tallies in told]
        penalties = [_FREE] * 3 + [self.ridge] * (columns.width - 3)
        found = fit_logistic(rows, [row.correct for row, _ in told], penalties)
        weights = [float(weight) for weight in found.weights]
        return Fit(
            model=replace(
                self,
                usual=Factors(*weights[:3]),
                skills=MappingProxyType(columns.factors(weights)),
                items=MappingProxyType(dict(zip(columns.items, weights[columns.first_item :], strict=False))),
                students=MappingProxyType(dict(zip(columns.students, weights[columns.first_student :], strict=True))),
            ),
            log_likelihood=found.log_likelihood,
            answers=len(told),
            students=len({row.student for row, _ in told}),
            rounds=found.rounds,
            converged=found.converged,
        )

    def _histories(self, interactions: Sequence[Interaction]) -> Iterator[tuple[Interaction, Mapping[str, Tally]]]:
        """Give each answer without help with the tallies before it."""
        for rows in by_student(interactions).values():
            tallies: dict[str, Tally] = {}
            for row in rows:
                if not row.assisted:
                    yield row, {skill: tallies.get(skill, Tally()) for skill in row.skills}
                for skill in dict.fromkeys(row.skills):
                    tallies[skill] = tallies.get(skill, Tally()).after(row)


@dataclass(frozen=True, kw_only=True)
class _Columns:
    """Which column is what: three that all skills share, three for each skill, then items, then students."""

    skills: Mapping[str, int]
    items: Mapping[str, int]
    students: Mapping[str, int]

    @property
    def first_item(self) -> int:
        return 3 + 3 * len(self.skills)

    @property
    def first_student(self) -> int:
        return self.first_item + len(self.items)

    @property
    def width(self) -> int:
        return self.first_student + len(self.students)

    def row(self, seen: Interaction, tallies: Mapping[str, Tally], *, assisted: Assisted) -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []
        for skill in dict.fromkeys(seen.skills):
            values = (1.0, float(tallies[skill].right), float(_failures(tallies[skill], assisted)))
            own = 3 + 3 * self.skills[skill]
            found += [(first + place, value) for first in (0, own) for place, value in enumerate(values)]
        if seen.item is not None and seen.item in self.items:
            found.append((self.first_item + self.items[seen.item], 1.0))
        if seen.student in self.students:
            found.append((self.first_student + self.students[seen.student], 1.0))
        return found

    def factors(self, weights: Sequence[float]) -> dict[str, Factors]:
        own = (weights[first : first + 3] for first in range(3, self.first_item, 3))
        return {
            skill: Factors(*(shared + mine for shared, mine in zip(weights[:3], part, strict=True)))
            for skill, part in zip(self.skills, own, strict=True)
        }


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _failures(tally: Tally, assisted: Assisted) -> int:
    return tally.wrong + (tally.assisted if assisted == "wrong" else 0)
