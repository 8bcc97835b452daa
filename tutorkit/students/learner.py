"""Simulated learners: people with misconceptions of a certain strength, who are tutored in conversations.

They serve where a tutor, a curriculum or a diagnosis is tried out before it meets anyone. A learner works an item out
by a misconception where one is strong enough, says so as its persona would, and changes only by help that is aimed at
what it does. Told the answer, it has the answer and little else: that telling raises success and not transfer can be
measured here without a language model. Everything drawn is a function of the learner's seed, the item and the turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from tutorkit.errors import BadSetting, DataError
from tutorkit.misconceptions import Item, WorkStep, read_item
from tutorkit.students.learner_refs import read_ref, written_ref
from tutorkit.students.personas import PERSONAS, Persona
from tutorkit.students.retention import Hold, after_a_day
from tutorkit.students.trying import Chances, Tried, by_urgency, item_key, lost, recalled, worked
from tutorkit.students.tutor_talk import Heard, understood
from tutorkit.students.uptake import PRAISE, WORTH, worth
from tutorkit.students.voices import ASSERTING, SpeechAct, chance, worded
from tutorkit.types import LearnerSaid, Question, Turn

PATIENCE: Final = 2
"""After so many turns without progress a learner may give up."""

TIRING: Final = 0.05
"""By how much a turn tires, up to 1; a tired learner listens less and gives up sooner."""

_LESS_ENGAGED = 0.3


@dataclass(frozen=True)
class Place:
    """Where a learner stands in a conversation: its present try, and how many turns have brought it no further.

    ``careful`` tells that it has looked for a slip.
    """

    question_id: str
    tried: Tried
    stuck: int = 0
    careful: bool = False


@dataclass(frozen=True, kw_only=True)
class SimulatedLearner:
    """A learner with misconceptions.

    ``bugs`` says how firmly each misconception is held: it acts on an item with the probability of its strength, always
    or never on the same one, so that an answer is not abandoned without a cause. ``lacks`` are skills without which it
    can only guess, being right with the probability ``guess``; ``slip`` is that of a digit written wrong.
    ``compliance`` stands in place of the persona's, if given. ``day`` counts the days since the beginning. ``place``,
    ``told`` (items whose solution it was given today) and ``fatigue`` are of this day's conversations; they alone are
    not in its ``ref``.
    """

    bugs: Mapping[str, Hold] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    lacks: tuple[str, ...] = ()
    slip: float = 0.05
    guess: float = 0.2
    persona: Persona = PERSONAS["diligent"]
    compliance: float | None = None
    seed: int = 0
    day: int = 0
    fatigue: float = 0.0
    place: Place | None = None
    told: frozenset[str] = frozenset()

    @property
    def ref(self) -> str:
        """The name by which this learner is built again; see ``parse_learner``."""
        plain = SimulatedLearner()
        told = {
            "persona": self.persona.name,
            "compliance": self.compliance,
            "slip": self.slip,
            "guess": self.guess,
            "lacks": "+".join(self.lacks),
            "seed": self.seed,
            "day": self.day,
        }
        usual = {**{name: getattr(plain, name) for name in told}, "persona": plain.persona.name, "lacks": ""}
        return written_ref(self.bugs, {name: _shown(value) for name, value in told.items() if value != usual[name]})

    @property
    def takes_in(self) -> float:
        """The share of a help that is taken in: η of the learning rule, in [0, 1]."""
        return self.persona.compliance if self.compliance is None else self.compliance

    @property
    def most_words(self) -> int:
        """The most words that it says in a turn."""
        return self.persona.verbosity

    def answer(self, item: Item) -> Tried:
        """Work an item out without any help. Nothing is learnt, so the order of items makes no difference.

        An item that cannot be read has no answer.
        """
        key = item_key(item)
        if key in self.told:
            return recalled(item)
        urgent = by_urgency(self.bugs)
        acting = [bug for bug in urgent if chance(self.seed, key, bug) < self.bugs[bug].strength]
        return self._worked(item, acting, careful=False)

    def explain(self, item: Item) -> str:
        """Say how it comes to its answer, in its persona's words: the lines of the very try that ``answer`` returns."""
        tried = self.answer(item)
        return self._said(_explaining(tried, willing=True), tried, steps=tried.steps).text

    async def begin(self, question: Question) -> tuple[SimulatedLearner, LearnerSaid]:
        """Try a problem, before any help, and say what came of it."""
        learner = self._seated(question)
        tried = learner._place.tried
        act: SpeechAct = "lost" if tried.answer is None else "guesses" if tried.cause == "guess" else "answer"
        shows = chance(self.seed, tried.key, "shows") < self.persona.shows_work
        return learner, learner._said(act, tried, steps=tried.steps if shows else ())

    async def hear(self, question: Question, turns: Sequence[Turn]) -> tuple[SimulatedLearner, LearnerSaid]:
        """Take in the last of ``turns``, which is a tutor's, and reply to it.

        A learner that has not tried the problem tries it first. Of the turn it reads the act, or the words where there
        is none. At most one misconception is weakened by a turn, and only one that led to the present answer.
        """
        learner = self if self.place is not None and self.place.question_id == question.id else self._seated(question)
        turn = turns[-1]
        tired = replace(learner, fatigue=round(min(1.0, learner.fatigue + TIRING), 2))
        heard = understood(turn, learner._place.tried)
        if heard.act.move != "close" and learner._draw(turn, "listens") >= learner._engagement:
            return tired, tired._said("off_task", learner._place.tried, at=(turn.index,))
        return tired._replied(heard, turn)

    def after(self, days: int) -> SimulatedLearner:
        """Return the learner some days later: rested, with no conversation in mind, and with part of it forgotten.

        Raises:
            BadSetting: for a negative number of days.
        """
        if days < 0:
            raise BadSetting(f"There is no time {days} days later.", remedy="Give a number of days from 0 on.")
        learner = self
        for _ in range(days):
            bugs = after_a_day(learner.bugs, seed=self.seed, day=learner.day)
            learner = replace(learner, bugs=bugs, day=learner.day + 1, fatigue=0.0, place=None, told=frozenset())
        return learner

    @property
    def _place(self) -> Place:
        if self.place is None:
            raise AssertionError("a learner replies in a conversation only")
        return self.place

    @property
    def _engagement(self) -> float:
        return self.persona.engagement * (1 - _LESS_ENGAGED * self.fatigue)

    def _draw(self, turn: Turn, what: str) -> float:
        return chance(self.seed, self._place.tried.key, turn.index, what)

    def _seated(self, question: Question) -> SimulatedLearner:
        return replace(self, place=Place(question.id, self.answer(question.item or {})))

    def _worked(self, item: Item, followed: Sequence[str], *, careful: bool) -> Tried:
        key = item_key(item)
        chances = Chances(
            slip=chance(self.seed, key, "slip"),
            guess=chance(self.seed, key, "guess"),
            pick=chance(self.seed, key, "pick"),
        )
        slip = 0.0 if careful else self.slip
        try:
            read_item(item)
            return worked(item, followed=followed, lacks=self.lacks, slip=slip, guess=self.guess, chances=chances)
        except DataError:
            return lost(item)

    def _replied(self, heard: Heard, turn: Turn) -> tuple[SimulatedLearner, LearnerSaid]:
        before = self._place.tried
        learner = self._taken_in(heard, turn)
        now = learner._place.tried
        changed = now.answer != before.answer
        stuck = 0 if changed or now.right else learner._place.stuck + 1
        learner = learner._at(replace(learner._place, stuck=stuck))
        act, steps = learner._speech(heard, turn, before=before)
        return learner, learner._said(act, now, steps=steps)

    def _taken_in(self, heard: Heard, turn: Turn) -> SimulatedLearner:
        """Return the learner that has learnt from a turn what there was to learn."""
        tried, act = self._place.tried, heard.act
        if tried.right or tried.cause == "lost":
            return self
        if act.verdict == "right" or act.move == "confirm":
            bug = tried.acting
            return self if bug is None else self._holding(bug, self.bugs[bug].strengthened(by=PRAISE))
        gained = worth(act, tried, text=turn.text) * self.takes_in
        learner = self._unlearning(tried, gained, turn) if gained else self
        if heard.told:
            told = replace(learner._place, tried=recalled(tried.item))
            return replace(learner, told=learner.told | {tried.key})._at(told)
        return learner

    def _unlearning(self, tried: Tried, gained: float, turn: Turn) -> SimulatedLearner:
        if tried.acting is not None:
            hold = self.bugs[tried.acting].weakened(by=gained)
            still = chance(self.seed, tried.key, tried.acting) < hold.strength
            followed = tuple(bug for bug in tried.followed if still or bug != tried.acting)
            return self._holding(tried.acting, hold)._again(followed)
        if tried.cause == "guess":
            if self._draw(turn, "learns") >= gained:
                return self
            left = tuple(skill for skill in self.lacks if skill != tried.missing[0])
            return replace(self, lacks=left)._again(tried.followed)
        looks = self._draw(turn, "looks") < self.takes_in
        return self._at(replace(self._place, careful=True))._again(tried.followed) if looks else self

    def _again(self, followed: Sequence[str]) -> SimulatedLearner:
        place = self._place
        return self._at(replace(place, tried=self._worked(place.tried.item, followed, careful=place.careful)))

    def _at(self, place: Place) -> SimulatedLearner:
        return replace(self, place=place)

    def _holding(self, bug: str, hold: Hold) -> SimulatedLearner:
        return replace(self, bugs={**self.bugs, bug: hold})

    def _speech(self, heard: Heard, turn: Turn, *, before: Tried) -> tuple[SpeechAct, tuple[WorkStep, ...]]:
        """Return what the learner does in reply, and of which working it may tell."""
        act, now = heard.act, self._place.tried
        if now.answer is None:
            return "goodbye" if act.move == "close" else "lost", ()
        if act.move == "close":
            return "goodbye", ()
        if act.verdict == "right" or act.move == "confirm":
            return self._to_praise(act.move == "elicit", turn)
        if now.answer != before.answer:
            return "told" if now.cause == "told" else "changes", self._unasked(turn)
        if act.move == "elicit":
            willing = self._draw(turn, "explains") < self.persona.explains
            return _explaining(now, willing=willing), now.steps if willing else ()
        return self._unmoved(act.move in WORTH and WORTH[act.move] > 0, turn)

    def _to_praise(self, asked: bool, turn: Turn) -> tuple[SpeechAct, tuple[WorkStep, ...]]:
        if not asked:
            return "pleased", ()
        willing = self._draw(turn, "explains") < self.persona.explains
        return _explaining(self._place.tried, willing=willing), self._place.tried.steps if willing else ()

    def _unmoved(self, helped: bool, turn: Turn) -> tuple[SpeechAct, tuple[WorkStep, ...]]:
        """Return what it does that stays with its answer: it gives up, asks, or says it again."""
        stuck, persona = self._place.stuck, self.persona
        if stuck > PATIENCE and self._draw(turn, "gives up") < min(1.0, persona.gives_up * (1 + self.fatigue)):
            return "gives_up", ()
        if helped and not self._place.tried.right and self._draw(turn, "asks") < persona.asks:
            return "asks", ()
        return "keeps", self._unasked(turn)

    def _unasked(self, turn: Turn) -> tuple[WorkStep, ...]:
        return self._place.tried.steps if self._draw(turn, "shows") < self.persona.shows_work / 2 else ()

    def _said(
        self, act: SpeechAct, tried: Tried, *, steps: Sequence[WorkStep] = (), at: tuple[int, ...] = ()
    ) -> LearnerSaid:
        answer = tried.answer if act in ASSERTING else None
        # Who says the same thing again says it in other words.
        nth = self.place.stuck if self.place is not None else 0
        drawn = chance(self.seed, tried.key, act, *at, "words")
        text = worded(self.persona, act, answer=answer, steps=steps, at=drawn, nth=nth)
        return LearnerSaid(
            text=text,
            answer=answer,
            steps=tuple(step.text for step in steps),
            explains=act == "explains",
            asks_help=act in ("asks", "lost"),
            wants_exit=act == "gives_up",
        )


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _explaining(tried: Tried, *, willing: bool) -> SpeechAct:
    if tried.answer is None:
        return "lost"
    if tried.cause == "told":
        return "copied"
    if tried.cause == "guess":
        return "guessed"
    return "explains" if willing else "cannot_explain"


def parse_learner(ref: str) -> SimulatedLearner:
    """Build the learner of a reference, such as ``learner/sub.smaller_from_larger:0.8?persona=anxious&seed=3``.

    Before ``?`` stand misconceptions joined by ``+``, or ``none``. After ``:`` comes the strength with which one is
    held (.9 if left out), after ``^`` the highest that it ever was. Options are ``persona``, ``compliance``, ``slip``,
    ``guess``, ``lacks`` (skills joined by ``+``), ``seed`` and ``day``.

    Raises:
        UnknownName: for a misconception, persona, skill or option that there is not.
        BadSetting: for a value that does not fit.
    """
    bugs, options = read_ref(ref)
    return SimulatedLearner(bugs=bugs, **options)
