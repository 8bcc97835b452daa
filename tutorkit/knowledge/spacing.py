"""When to come back to what was learnt: spaced repetition by the Free Spaced Repetition Scheduler (FSRS-6).

A card stands for one thing that a learner is to keep: a skill in one kind of item, say. What is due and when is the
``fsrs`` package's; here stands what an answer is worth as a rating, and how reviews and new practice take turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Final, Literal, TypeVar

from fsrs import Card, Rating, Scheduler, State
from pydantic import AwareDatetime, Field

from tutorkit.errors import BadSetting
from tutorkit.types import Record

T = TypeVar("T")

Recall = Literal["again", "hard", "good", "easy"]
"""How well something was recalled, by FSRS's names."""

Phase = Literal["learning", "review", "relearning"]

MUCH_HELP: Final = 6
"""From this rung of help on the solution was given, step by step or whole: it was not recalled."""

SOME_HELP: Final = 3
"""From this rung on more was said than where to look."""

SLOW, FAST = 2.0, 0.5
"""Times the learner's median; that half the median is fast is our choice."""

_PHASES: Final[Mapping[State, Phase]] = {
    State.Learning: "learning",
    State.Review: "review",
    State.Relearning: "relearning",
}
_RATINGS: Final = {"again": Rating.Again, "hard": Rating.Hard, "good": Rating.Good, "easy": Rating.Easy}


class ReviewCard(Record):
    """One thing to be kept, as FSRS sees it; ``stability`` in days, ``difficulty`` from 1 to 10.

    ``due`` is when to ask again. ``was_fast`` tells that the last answer was right, fast and without help.
    """

    id: str
    phase: Phase = "learning"
    step: int | None = 0
    stability: float | None = Field(default=None, gt=0)
    difficulty: float | None = Field(default=None, ge=1, le=10)
    due: AwareDatetime
    last_review: AwareDatetime | None = None
    was_fast: bool = False


class Recalled(Record):
    """An answer as a review. ``rung`` is the most help that was given, from 0 to 7; ``seconds`` None when unknown."""

    right: bool
    rung: int = Field(default=0, ge=0, le=7)
    seconds: float | None = Field(default=None, ge=0)

    def is_slow(self, median: float | None) -> bool:
        """Tell whether it took more than twice the learner's median."""
        return self.seconds is not None and median is not None and self.seconds > SLOW * median

    def is_fast(self, median: float | None) -> bool:
        """Tell whether it was right without any help, in less than half the learner's median."""
        quick = self.seconds is not None and median is not None and self.seconds < FAST * median
        return self.right and self.rung == 0 and quick


def recall(answer: Recalled, *, median: float | None, was_fast: bool) -> Recall:
    """Rate an answer.

    ``again`` when it is wrong or the solution was given (rung 6 and 7); ``hard`` when it is right after much was said
    (rungs 3 to 5) or slow; ``easy`` when it is fast and without help, as the one before was; else ``good``.

    Args:
        answer: the answer.
        median: of the seconds that the learner takes for a right answer; None while that is not known.
        was_fast: whether the answer before it on the same card was fast.
    """
    if not answer.right or answer.rung >= MUCH_HELP:
        return "again"
    if answer.rung >= SOME_HELP or answer.is_slow(median):
        return "hard"
    return "easy" if was_fast and answer.is_fast(median) else "good"


@dataclass(frozen=True, kw_only=True)
class Spacing:
    """The schedule. ``retention`` is the probability of recall at which a card is due, between 0 and 1.

    With ``fuzz`` intervals are scattered a little, by chance that no seed rules: then a state that is replayed from
    the answers is not the one that there was.
    """

    retention: float = 0.9
    fuzz: bool = False
    _scheduler: Scheduler = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 < self.retention < 1:
            raise BadSetting(f"A retention of {self.retention} is not between 0 and 1.")
        scheduler = Scheduler(desired_retention=self.retention, enable_fuzzing=self.fuzz)
        object.__setattr__(self, "_scheduler", scheduler)

    def reviewed(self, card: ReviewCard, answer: Recalled, *, at: datetime, median: float | None = None) -> ReviewCard:
        """Return the card after an answer at that time, which may not lie before the last one."""
        rating = recall(answer, median=median, was_fast=card.was_fast)
        after, _ = self._scheduler.review_card(_theirs(card), _RATINGS[rating], at.astimezone(UTC))
        return _ours(card.id, after, was_fast=answer.is_fast(median))

    def retrievability(self, card: ReviewCard, *, at: datetime) -> float:
        """Return the probability that it is recalled at that time; 0 for a card that was never reviewed."""
        return float(self._scheduler.get_card_retrievability(_theirs(card), at.astimezone(UTC)))


def new_card(card_id: str, *, at: datetime) -> ReviewCard:
    """Return a card that was never reviewed, due at once."""
    return ReviewCard(id=card_id, due=at)


def due_cards(cards: Mapping[str, ReviewCard], *, at: datetime) -> list[ReviewCard]:
    """Return the cards that were reviewed once and are due again, the longest due first."""
    return sorted(
        (card for card in cards.values() if card.last_review is not None and card.due <= at),
        key=lambda card: (card.due, card.id),
    )


def interleaved(reviews: Sequence[T], fresh: Sequence[T], *, every: int = 3) -> Iterator[T]:
    """Let reviews and new practice take turns: one review, then two new ones (``every`` = 3); what is left comes last.

    Raises:
        BadSetting: for ``every`` under 2.
    """
    if every < 2:
        raise BadSetting(f"Every {every}th cannot be a review: nothing new would come.")
    rest, new = iter(reviews), iter(fresh)
    while True:
        turn = [*islice(rest, 1), *islice(new, every - 1)]
        if not turn:
            return
        yield from turn


def _theirs(card: ReviewCard) -> Card:
    return Card(
        card_id=0,
        state=next(state for state, phase in _PHASES.items() if phase == card.phase),
        step=card.step,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due.astimezone(UTC),
        last_review=None if card.last_review is None else card.last_review.astimezone(UTC),
    )


def _ours(card_id: str, card: Card, *, was_fast: bool) -> ReviewCard:
    return ReviewCard(
        id=card_id,
        phase=_PHASES[card.state],
        step=card.step,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due,
        last_review=card.last_review,
        was_fast=was_fast,
    )
