"""Adaptive practice as a state machine: a state, an event, the next state; nothing is read, written or random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from statistics import median
from typing import Final

from tutorkit.errors import BadSetting
from tutorkit.knowledge.bkt_model import Beliefs, BKTModel
from tutorkit.knowledge.interactions import Interaction
from tutorkit.knowledge.mastering_rate import Progress
from tutorkit.knowledge.mastery import SkillMastery, Tally
from tutorkit.knowledge.spacing import Recalled, ReviewCard, Spacing, due_cards, new_card
from tutorkit.lab.practice_events import Answered, Asked, Ended, Helped, Opened, PracticeEvent, StopReason

MODEL: Final = BKTModel()
SPACING: Final = Spacing()

ASSISTED_FROM: Final = 5
"""From this rung of help on a right answer is no evidence."""

_TIMED: Final = 5
"""Right answers that a learner's median of seconds rests on, at the least."""


@dataclass(frozen=True)
class Done:
    """A question with its answer, and the most help that was given."""

    asked: Asked
    answered: Answered
    rung: int


@dataclass(frozen=True, kw_only=True)
class PracticeState:
    """All that is known of one learner, and where the session stands.

    ``current`` is the question that waits for its answer, ``rung`` the most help given with it. ``progress`` holds the
    belief in each skill after each answer that touched it.
    """

    learner: str
    session: Opened | None = None
    ended: bool = False
    current: Asked | None = None
    rung: int = 0
    beliefs: Beliefs = field(default_factory=MODEL.begin)
    progress: Progress = field(default_factory=Progress)
    cards: Mapping[str, ReviewCard] = field(default_factory=dict)
    done: tuple[Done, ...] = ()

    @property
    def in_session(self) -> tuple[Done, ...]:
        """The questions that were answered in this session."""
        number = self.session.session if self.session else 0
        return tuple(each for each in self.done if each.asked.session == number)

    @property
    def wrong_in_a_row(self) -> int:
        """How many of the session's last answers were wrong, one after the other."""
        return sum(1 for _ in takewhile(lambda each: not each.answered.correct, reversed(self.in_session)))

    @property
    def median_seconds(self) -> float | None:
        """The median of the seconds that the learner's right answers took; None while there are too few."""
        rights = [each.answered for each in self.done if each.answered.correct]
        times = [each.seconds for each in rights if each.seconds is not None]
        return median(times) if len(times) >= _TIMED else None

    def belief(self, skill: str) -> float:
        """Return the probability that a skill is mastered."""
        return MODEL.believed(self.beliefs, skill)

    def is_mastered(self, skill: str) -> bool:
        """Tell whether a skill counts as mastered: 0.95, and three right answers without much help."""
        return self.beliefs.tallies.get(skill, Tally()).masters(self.belief(skill))

    def known(self) -> dict[str, SkillMastery]:
        """Return what is known of each skill of which something was seen."""
        return MODEL.mastery(self.beliefs)

    def due(self, domain: str, *, at: datetime) -> list[ReviewCard]:
        """Return the domain's cards that are due, the longest due first."""
        return [card for card in due_cards(self.cards, at=at) if card.id.startswith(f"{domain}/")]

    def after(self, event: PracticeEvent) -> PracticeState:
        """Return the state after an event.

        An answer to a question that is answered already changes nothing; so does help with it.

        Raises:
            BadSetting: for an answer to, or help with, a question that was never put.
        """
        if isinstance(event, Opened):
            return replace(self, session=event, ended=False, current=None, rung=0)
        if isinstance(event, Asked):
            return replace(self, current=event, rung=0)
        if isinstance(event, Ended):
            return replace(self, ended=True, current=None, rung=0)
        if self.current is None or event.id != self.current.id:
            if any(event.id == each.asked.id for each in self.done):
                return self
            raise BadSetting(f"The question {event.id} does not wait for an answer.", data={"question": event.id})
        if isinstance(event, Helped):
            return replace(self, rung=max(self.rung, event.rung))
        return self._answered(self.current, event)

    def stop_reason(self, skills: Iterable[str], *, at: datetime) -> StopReason | None:
        """Say why the session is over, or None: its questions, its minutes, or all is mastered and nothing is due."""
        if self.session is None:
            return None
        rows, allowed = self.in_session, self.session.minutes
        if len(rows) >= self.session.items:
            return "items"
        if allowed is not None and sum(each.answered.seconds or 0.0 for each in rows) >= allowed * 60:
            return "minutes"
        mastered = all(self.is_mastered(skill) for skill in skills)
        return "mastered" if mastered and not self.due(self.session.domain, at=at) else None

    def _answered(self, asked: Asked, event: Answered) -> PracticeState:
        seen = Interaction(
            id=asked.id,
            student=self.learner,
            skills=asked.skills,
            item=asked.text,
            correct=event.correct,
            at=event.at,
            assisted=self.rung >= ASSISTED_FROM,
        )
        beliefs = MODEL.update(self.beliefs, seen)
        return replace(
            self,
            current=None,
            rung=0,
            beliefs=beliefs,
            progress=self.progress.after({skill: beliefs.p[skill] for skill in asked.skills}),
            cards=self._scheduled(asked, event),
            done=(*self.done, Done(asked, event, self.rung)),
        )

    def _scheduled(self, asked: Asked, event: Answered) -> dict[str, ReviewCard]:
        """Rate the cards of all skills after a right answer; after a wrong one that of the skill that was lacking."""
        kind = asked.card.rpartition("/")[0]
        rated = asked.skills if event.correct else (event.blamed or asked.skill,)
        answer = Recalled(right=event.correct, rung=self.rung, seconds=event.seconds)
        cards = dict(self.cards)
        for skill in rated:
            card = self.cards.get(f"{kind}/{skill}") or new_card(f"{kind}/{skill}", at=event.at)
            cards[card.id] = SPACING.reviewed(card, answer, at=event.at, median=self.median_seconds)
        return cards


def replayed(learner: str, events: Iterable[PracticeEvent]) -> PracticeState:
    """Return a learner's state from everything that happened, oldest first."""
    state = PracticeState(learner=learner)
    for event in events:
        state = state.after(event)
    return state
