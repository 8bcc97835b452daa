"""How probable each explanation of one pupil's answers is: right procedure, malrule, several of them, or none known.

For an answer y to an item, with s the probability of a slip, a that of following a misconception one has, and K the
number of answers that a slip spreads over:

- the right procedure, whose answer is c: ``(1−s)·f(y, c) + s/K``;
- a malrule, whose answer is m: ``(1−s)·(a·f(y, m) + (1−a)·f(y, c)) + s/K``; where it does not show, as the right one;
- an unknown procedure: 0.3 where y is right, else ``1/K``.

``f(y, p)`` tells how well an answer fits a prediction: 1 when it has the very form, ½ when only the value is the same,
else 0; so ``2/4`` speaks more for a rule that ends in 2/4 than ``1/2`` does. A right answer in another form than c fits
in full, since to reduce is no error, unless a malrule predicts that very form.

The answers are taken as independent given the explanation. Misconceptions migrate (Brown and VanLehn 1980), so an older
answer counts less: its likelihood is raised to ``2^(−age/half-life)``, its age being the number of later answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp, log
from types import MappingProxyType
from typing import Literal, TypeAlias

from pydantic import Field

from tutorkit.misconceptions.catalogue import Malrule, malrules
from tutorkit.misconceptions.diagnosis import same_answer
from tutorkit.misconceptions.items import Part
from tutorkit.misconceptions.performance import solve_part
from tutorkit.types import Record

Opinion: TypeAlias = Literal["confirmed", "denied"]
"""What a teacher says of a misconception that was named for a pupil."""


class Assumptions(Record):
    """What is taken for granted about a pupil before any answer is seen.

    ``correct`` and ``unknown`` are weights beside the malrules' own ``prior``; all are divided by their sum.
    ``half_life`` counts answers; None keeps old answers at full weight. What a teacher confirms has its weight
    multiplied by ``opinion``, what is denied divided by it. ``report_at`` and ``least_items`` are the report rule: a
    misconception is named only when it is so probable, and predicted the wrong answers to so many different items.
    """

    slip: float = Field(default=0.05, gt=0, lt=1)
    applies: float = Field(default=0.9, gt=0, lt=1)
    answers: int = Field(default=20, ge=2)
    right_unknown: float = Field(default=0.3, gt=0, lt=1)
    correct: float = Field(default=1.0, gt=0)
    unknown: float = Field(default=0.1, ge=0)
    half_life: float | None = Field(default=20.0, gt=0)
    opinion: float = Field(default=20.0, ge=1)
    report_at: float = Field(default=0.8, gt=0.5, le=1)
    least_items: int = Field(default=2, ge=1)


@dataclass(frozen=True)
class Hypothesis:
    """An explanation. ``rules`` are the malrules that the pupil follows, the more urgent one first; or none."""

    id: str
    rules: tuple[str, ...] = ()

    @classmethod
    def of(cls, *rules: str) -> Hypothesis:
        """Return the hypothesis of these malrules."""
        return cls(" + ".join(rules), rules)


CORRECT = Hypothesis("correct")
UNKNOWN = Hypothesis("unknown")

Beliefs: TypeAlias = Mapping[Hypothesis, float]
"""Probabilities of explanations; they sum to 1."""


@dataclass(frozen=True)
class Outcomes:
    """What comes out for one item: by the right procedure, and by each malrule that changes the answer."""

    correct: str
    wrong: Mapping[str, str]

    def acting(self, hypothesis: Hypothesis) -> str | None:
        """Return the id of the malrule that acts on this item; None when the answer is the right one."""
        for rule in hypothesis.rules:
            if rule in self.wrong:
                return rule
        return None

    def predicted(self, hypothesis: Hypothesis) -> str:
        """Return the answer of a pupil of whom the hypothesis is true; of an unknown procedure, the right one."""
        rule = self.acting(hypothesis)
        return self.correct if rule is None else self.wrong[rule]


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One answer to one part of an item, as evidence.

    ``fits`` holds how well the answer fits each malrule that acts on the part, ``fits_correct`` the right answer.
    ``shown`` is how much of the shown working each of them has, by its id or ``correct``; empty without working.
    """

    index: int
    part: Part
    answer: str
    outcomes: Outcomes
    fits_correct: float
    fits: Mapping[str, float]
    right: bool
    shown: Mapping[str, float] = field(default_factory=dict)

    @property
    def explained(self) -> bool:
        """Whether it is the right answer or one that a malrule predicts."""
        return self.right or any(self.fits.values())


def outcomes_of(part: Part, own: Sequence[Malrule] = ()) -> Outcomes:
    """Work a part out in every known way: by the built-in malrules of its domain, and by ``own`` ones."""
    known = _built_in(part)
    mine = {rule.id: answer for rule in own if rule.domain == part.domain and (answer := _answer(rule, part))}
    wrong = {name: answer for name, answer in mine.items() if answer != known.correct}
    return Outcomes(known.correct, MappingProxyType({**known.wrong, **wrong})) if wrong else known


@lru_cache(maxsize=16_384)
def _built_in(part: Part) -> Outcomes:
    """Keep the answers, which are short, and not the working: a class answers the same items."""
    correct = solve_part(part).answer
    found = {rule.id: _answer(rule, part) for rule in malrules(part.domain)}
    wrong = {name: answer for name, answer in found.items() if answer is not None and answer != correct}
    return Outcomes(correct, MappingProxyType(wrong))


def forget_outcomes() -> None:
    """Forget what was worked out so far, so that the next diagnosis takes as long as a first one."""
    _built_in.cache_clear()


def _answer(rule: Malrule, part: Part) -> str | None:
    work = rule.procedure(part)
    return None if work is None else work.answer


def fit(answer: str, predicted: str) -> float:
    """Return 1 when an answer is the predicted one in form, ½ when only in value, else 0."""
    return 1.0 if answer == predicted else 0.5 if same_answer(answer, predicted) else 0.0


def likelihood(hypothesis: Hypothesis, seen: Observed, *, assume: Assumptions) -> float:
    """Return the probability of an answer and its working given an explanation, by the formulas above.

    Shown working multiplies in as ``s + (1−s)·share``, the share of the telling lines that the procedure's own working
    holds; under an unknown procedure it counts as ½, whatever it is.
    """
    spread = assume.slip / assume.answers
    if hypothesis == UNKNOWN:
        return (assume.right_unknown if seen.right else 1 / assume.answers) * (0.5 if seen.shown else 1.0)
    working = _working(seen, "correct", assume)
    hit, missed = seen.fits_correct * working, working
    rule = seen.outcomes.acting(hypothesis)
    if rule is not None:
        own = _working(seen, rule, assume)
        hit = assume.applies * seen.fits[rule] * own + (1 - assume.applies) * hit
        missed = assume.applies * own + (1 - assume.applies) * missed
    return (1 - assume.slip) * hit + spread * missed


def _working(seen: Observed, name: str, assume: Assumptions) -> float:
    return assume.slip + (1 - assume.slip) * seen.shown.get(name, 0.0) if seen.shown else 1.0


def prior(
    rules: Sequence[Malrule],
    *,
    together: Sequence[Hypothesis] = (),
    opinions: Mapping[str, Opinion] = MappingProxyType({}),
    assume: Assumptions,
) -> dict[Hypothesis, float]:
    """Return the beliefs before any answer; several malrules together have the product of their own weights."""
    weight = {rule.id: rule.prior * _factor(opinions.get(rule.id), assume) for rule in rules}
    found = {CORRECT: assume.correct, **{Hypothesis.of(name): value for name, value in weight.items()}}
    for hypothesis in together:
        found[hypothesis] = 1.0
        for name in hypothesis.rules:
            found[hypothesis] *= weight[name]
    if assume.unknown:
        found[UNKNOWN] = assume.unknown
    total = sum(found.values())
    return {hypothesis: value / total for hypothesis, value in found.items()}


def _factor(opinion: Opinion | None, assume: Assumptions) -> float:
    return {None: 1.0, "confirmed": assume.opinion, "denied": 1 / assume.opinion}[opinion]


def posterior(before: Beliefs, evidence: Sequence[Observed], *, assume: Assumptions) -> dict[Hypothesis, float]:
    """Return the beliefs after these answers, the oldest answer first."""
    logs = {hypothesis: log(p) for hypothesis, p in before.items() if p > 0}
    for age, seen in zip(range(len(evidence) - 1, -1, -1), evidence, strict=True):
        weight = 1.0 if assume.half_life is None else 0.5 ** (age / assume.half_life)
        for hypothesis in logs:
            logs[hypothesis] += weight * log(likelihood(hypothesis, seen, assume=assume))
    highest = max(logs.values())
    scaled = {hypothesis: exp(value - highest) for hypothesis, value in logs.items()}
    total = sum(scaled.values())
    return {hypothesis: value / total for hypothesis, value in scaled.items()}
