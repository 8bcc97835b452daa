"""The seam between models of mastery and what uses them: predict, update, tell what is known, fit.

A model holds parameters and never changes; what is known of one student is a state of its own, which ``update`` returns
anew. So a state is the same whether it grew answer by answer or was replayed from the attempts that were kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Generic, Literal, Protocol, TypeAlias, TypeVar

from pydantic import AwareDatetime, Field

from tutorkit.knowledge.interactions import Interaction
from tutorkit.knowledge.intervals import wilson
from tutorkit.types import Record

StateT = TypeVar("StateT")
ModelT_co = TypeVar("ModelT_co", covariant=True)

Assisted: TypeAlias = Literal["ignored", "wrong"]
"""What an answer with much help counts as: nothing at all, or a wrong answer, against those who game the hints."""

Status: TypeAlias = Literal["new", "learning", "mastered", "review"]

MASTERED_AT: Final = 0.95
"""The probability from which a skill counts as mastered, as in Corbett and Anderson (1995)."""

LEAST_RIGHT: Final = 3
"""So many right answers without help are wanted besides, so that a strong prior masters nothing."""


class SkillMastery(Record):
    """What is known about one skill of one student.

    ``p`` is the model's: the probability of mastery where the model has such a thing, else that of a right answer.
    ``n`` counts the answers without much help, ``right`` the right ones among them; ``low`` and ``high`` are the 95 %
    interval of that share (Wilson), which takes no account of learning. ``status`` is ``review`` for what was mastered
    once and is so no more.
    """

    p: float = Field(ge=0, le=1)
    n: int = Field(ge=0)
    right: int = Field(ge=0)
    low: float
    high: float
    last_at: AwareDatetime | None
    status: Status


@dataclass(frozen=True)
class Tally:
    """How a student did on one skill: answers ``right`` and ``wrong`` without much help, and how many had it."""

    right: int = 0
    wrong: int = 0
    assisted: int = 0
    last_at: datetime | None = None
    was_mastered: bool = False

    def after(self, seen: Interaction) -> Tally:
        """Return the tally with one answer more."""
        return replace(
            self,
            right=self.right + (seen.correct and not seen.assisted),
            wrong=self.wrong + (not seen.correct and not seen.assisted),
            assisted=self.assisted + seen.assisted,
            last_at=seen.at or self.last_at,
        )

    def judged(self, p: float) -> Tally:
        """Return the tally that remembers whether mastery was reached."""
        return replace(self, was_mastered=True) if not self.was_mastered and self.masters(p) else self

    def masters(self, p: float) -> bool:
        """Tell whether a skill of this probability counts as mastered."""
        return p >= MASTERED_AT and self.right >= LEAST_RIGHT

    def told(self, p: float) -> SkillMastery:
        """Put what is known together."""
        n = self.right + self.wrong
        low, high = wilson(self.right, n)
        status: Status = "review" if self.was_mastered else "learning" if n + self.assisted else "new"
        return SkillMastery(
            p=p,
            n=n,
            right=self.right,
            low=low,
            high=high,
            last_at=self.last_at,
            status="mastered" if self.masters(p) else status,
        )


@dataclass(frozen=True, kw_only=True)
class Fit(Generic[ModelT_co]):
    """A fitted model, and how it was fitted.

    ``log_likelihood`` is that of the answers that it was fitted to, in nats. ``rounds`` is how often all of them were
    gone through; ``converged`` is False where the limit on that ended it.
    """

    model: ModelT_co
    log_likelihood: float
    answers: int
    students: int
    rounds: int
    converged: bool


class MasteryModel(Protocol[StateT]):
    """A model of what students master. ``StateT`` is what it keeps of one student."""

    @property
    def name(self) -> str:
        """The model's short name."""
        ...

    def begin(self) -> StateT:
        """Return what is known of a student of whom nothing was seen."""
        ...

    def predict(self, state: StateT, skills: Sequence[str], *, item: str | None = None) -> float:
        """Return the probability, in [0, 1], that the student answers a question on these skills rightly."""
        ...

    def update(self, state: StateT, seen: Interaction) -> StateT:
        """Return the state after one more answer; the state itself when the answer of that id was seen already."""
        ...

    def mastery(self, state: StateT) -> Mapping[str, SkillMastery]:
        """Return what is known about each skill of which something was seen."""
        ...

    def fit(self, interactions: Sequence[Interaction]) -> Fit[MasteryModel[StateT]]:
        """Return the model with parameters that are fitted to these answers, each student's in order of time.

        Raises:
            EmptyData: when there are none.
        """
        ...


def replay(model: MasteryModel[StateT], interactions: Iterable[Interaction]) -> dict[str, StateT]:
    """Return every student's state, from the answers that were kept, oldest first."""
    states: dict[str, StateT] = {}
    for each in interactions:
        states[each.student] = model.update(states[each.student] if each.student in states else model.begin(), each)
    return states
