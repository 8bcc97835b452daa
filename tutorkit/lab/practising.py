"""Practice for one learner: questions that adapt, graded by code, kept so that nothing is lost and nothing asked twice.

The loop, without any model: what is due for review, or else the skill that is worth most by the mastering rate; an item
whose predicted success suits, and whose answer tells most about misconceptions; the grade; what is known and when to
come back. Source of the parts: ``tutorkit.knowledge``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Final, Self

from pydantic import AwareDatetime

from tutorkit.errors import BadSetting, DataError, UnknownName
from tutorkit.knowledge.mastery import SkillMastery, Tally
from tutorkit.lab.home import Home
from tutorkit.lab.practice_book import PracticeBook, learner_file, read_events
from tutorkit.lab.practice_choice import curriculum_of, explanations, next_question
from tutorkit.lab.practice_events import Answered, Asked, Ended, Helped, Opened, PracticeEvent, StopReason, Why
from tutorkit.lab.practice_state import PracticeState, replayed
from tutorkit.misconceptions import SKILLS, Item, drawn_item, matching, parts_of, same_answer, skills_of, solve
from tutorkit.misconceptions.reading import read_answer
from tutorkit.types import Record

DEFAULT_DOMAIN: Final = "sub"
DEFAULT_ITEMS: Final = 10
_MOST_DRAWS = 500


class PracticeQuestion(Record):
    """A question to be answered: ``number`` of ``of`` in this session; ``expected`` is the predicted success."""

    id: str
    number: int
    of: int
    text: str
    skill: str
    why: Why
    expected: float


class Feedback(Record):
    """What is said to an answer. After a wrong one ``steps`` hold the right way and ``principle`` what it rests on."""

    right: bool
    text: str
    answer: str
    steps: tuple[str, ...] = ()
    skill: str | None = None
    principle: str | None = None


class Hint(Record):
    """Help with a question; ``rung`` 3 is the principle, 5 another item worked out. More there is not."""

    rung: int
    text: str


class SkillLine(Record):
    """What is known of one skill: the model's belief and what it rests on, and when its first review is due."""

    domain: str
    skill: str
    title: str
    mastery: SkillMastery
    due: AwareDatetime | None


class Practice:
    """One learner's practice. Use it in a ``with``, or close it; meanwhile no other process can write to it.

    Every event is on the disk before anything more is shown, so practice goes on after a crash with the very question
    that was open.
    """

    def __init__(self, book: PracticeBook, learner: str, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock
        self._state = replayed(learner, book.read())

    @classmethod
    def open(
        cls,
        learner: str = "me",
        *,
        domain: str | None = None,
        items: int | None = None,
        minutes: float | None = None,
        lab: Home | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Practice:
        """Go on with the learner's open session, or begin one.

        A session that has ended is not gone on with, nor one of another domain or length than is asked for.

        Args:
            learner: a pseudonym; it names the file.
            domain: what is practised: ``sub``, ``frac``, …; that of the open session, or else ``sub``.
            items: how many questions; those of the open session, or else 10.
            minutes: the most minutes of answering.
            lab: the laboratory in whose home it is kept.
            clock: tells the time, with its zone.

        Raises:
            UnknownName: when there is no such domain.
            BadSetting: for a name, or a number, that cannot be.
            RunBusy: when the learner is practising elsewhere.
            BadRow: when the learner's file was damaged by hand.
        """
        if (items is not None and items < 1) or (minutes is not None and minutes <= 0):
            raise BadSetting("A session takes one question at least, and some time.")
        curriculum_of(domain or DEFAULT_DOMAIN)
        with ExitStack() as unless_it_fails:
            book = unless_it_fails.enter_context(PracticeBook(practice_folder(lab or Home()), learner))
            practice = cls(book, learner, clock)
            practice._begin(domain=domain, items=items, minutes=minutes)
            unless_it_fails.pop_all()
        return practice

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let other processes write. Everything is kept."""
        self._book.close()

    @property
    def state(self) -> PracticeState:
        """Everything that is known, for programs."""
        return self._state

    @property
    def answered(self) -> int:
        """How many questions of this session are answered."""
        return len(self._state.in_session)

    def question(self) -> PracticeQuestion | None:
        """Return the question that waits for its answer, or put the next one; None at the session's end."""
        if self._state.ended:
            return None
        if self._state.current is None:
            stop = self._stop_reason()
            if stop is not None:
                self._keep(Ended(session=self._session.session, why=stop, at=self._clock()))
                return None
            self._keep(next_question(self._state, at=self._clock()))
        asked = self._current
        return PracticeQuestion(
            id=asked.id,
            number=self.answered + 1,
            of=self._session.items,
            text=asked.text,
            skill=asked.skill,
            why=asked.why,
            expected=asked.expected,
        )

    def hint(self) -> Hint:
        """Help with the open question: first with its principle, then with another item that is worked out.

        With the second kind of help a right answer is no evidence of mastery.

        Raises:
            BadSetting: when no question is open.
        """
        asked = self._current
        rung = 5 if self._state.rung >= 3 else 3
        text = _example(asked) if rung == 5 else SKILLS[asked.skill].principle
        self._keep(Helped(id=asked.id, rung=rung, at=self._clock()))
        return Hint(rung=rung, text=text)

    def answer(self, text: str, *, seconds: float | None = None) -> Feedback:
        """Grade an answer to the open question, and keep it; an empty one says "I do not know", which is wrong.

        Args:
            text: as it was written.
            seconds: how long it took; None when nobody measured.

        Raises:
            DataError: when it cannot be read as an answer; then nothing is kept, and the question stays open.
            BadSetting: when no question is open.
        """
        asked = self._current
        plain = read_answer(text) if text.strip() else ""
        if plain is None:
            raise DataError(
                f"{text[:60]!r} cannot be read as an answer.",
                remedy="Write the answer alone, such as 34, 3/4 or 0.5; nothing at all for: I do not know.",
            )
        right = bool(plain) and same_answer(plain, solve(asked.item).answer)
        blamed = _lacking(self._state, asked, plain) if plain and not right else None
        self._keep(Answered(id=asked.id, answer=plain, correct=right, blamed=blamed, seconds=seconds, at=self._clock()))
        return _feedback(asked, right=right, skill=blamed or asked.skill)

    def known(self) -> list[SkillLine]:
        """Return what is known of each skill of the session's domain, in the order of the curriculum."""
        return known_skills(self._state, domain=self._session.domain)

    @property
    def why_ended(self) -> StopReason | None:
        """Why the session is over; None while it is not."""
        return self._stop_reason() if self._state.ended else None

    def _begin(self, *, domain: str | None, items: int | None, minutes: float | None) -> None:
        old = self._state.session
        if old is not None and not self._state.ended:
            same = domain in (None, old.domain) and items in (None, old.items) and minutes in (None, old.minutes)
            if same:
                return
        self._keep(
            Opened(
                session=old.session + 1 if old else 1,
                domain=domain or (old.domain if old else DEFAULT_DOMAIN),
                items=items or DEFAULT_ITEMS,
                minutes=minutes,
                at=self._clock(),
            )
        )

    def _keep(self, event: PracticeEvent) -> None:
        after = self._state.after(event)
        self._book.write(event)
        self._state = after

    def _stop_reason(self) -> StopReason | None:
        return self._state.stop_reason(curriculum_of(self._session.domain).before, at=self._clock())

    @property
    def _session(self) -> Opened:
        if self._state.session is None:
            raise BadSetting("No session is open.", remedy="Open one first.")
        return self._state.session

    @property
    def _current(self) -> Asked:
        if self._state.current is None:
            raise BadSetting("No question is open.", remedy="Ask for the next question first.")
        return self._state.current


def practice_folder(lab: Home) -> Path:
    """Return the folder of the learners' files."""
    return lab.settings.home / "practice"


def learner_state(learner: str, *, lab: Home) -> PracticeState:
    """Return what is known of a learner, without opening a session.

    Raises:
        BadRow: when the learner's file was damaged by hand.
    """
    return replayed(learner, read_events(learner_file(practice_folder(lab), learner)))


def learners(lab: Home) -> list[str]:
    """Return the names of those who have practised, in alphabetical order."""
    return sorted(path.stem for path in practice_folder(lab).glob("*.jsonl"))


def learner_knowledge(learner: str | None, *, lab: Home) -> dict[str, list[SkillLine]]:
    """Return what is known of one learner, or of all, in the domains that each has practised.

    Raises:
        UnknownName: when the learner has never practised.
        BadRow: when a file was damaged by hand.
    """
    names = learners(lab)
    if learner is not None and learner not in names:
        raise UnknownName("learner", learner, names)
    found = {}
    for name in names if learner is None else [learner]:
        state = learner_state(name, lab=lab)
        domains = dict.fromkeys(str(each.asked.item["domain"]) for each in state.done)
        found[name] = [line for domain in domains for line in known_skills(state, domain=domain)]
    return found


def known_skills(state: PracticeState, *, domain: str) -> list[SkillLine]:
    """Return what is known of each skill of a domain, in the order in which they build on each other."""
    seen = state.known()
    lines = []
    for skill in curriculum_of(domain).order:
        own = (card for card in state.cards.values() if card.id.split("/")[::2] == [domain, skill])
        lines.append(
            SkillLine(
                domain=domain,
                skill=skill,
                title=SKILLS[skill].title,
                mastery=seen.get(skill) or Tally().told(state.belief(skill)),
                due=min((card.due for card in own), default=None),
            )
        )
    return lines


def _lacking(state: PracticeState, asked: Asked, answer: str) -> str | None:
    """Return the skill of this item that is lacked by who follows the likeliest malrule behind a wrong answer.

    Of several that predict it, the likeliest is the one that explains the learner's earlier answers best.
    """
    found = [rule for rule in matching(asked.item, answer) if rule.skill in asked.skills]
    if len(found) < 2:
        return found[0].skill if found else None
    explained = explanations(state, str(asked.item["domain"]))
    weight = {rule.id: sum(p for each, p in explained.items() if rule.id in each.rules) for rule in found}
    return max(found, key=lambda rule: weight[rule.id]).skill


def _feedback(asked: Asked, *, right: bool, skill: str) -> Feedback:
    work = solve(asked.item)
    if right:
        return Feedback(right=True, text="Right.", answer=work.answer)
    return Feedback(
        right=False,
        text="Not right. This is how it goes:",
        answer=work.answer,
        steps=tuple(step.text for step in work.steps),
        skill=skill,
        principle=SKILLS[skill].principle,
    )


def _example(asked: Asked) -> str:
    """Work another item out that takes the same skill, of the same kind if there is one."""
    rng = Random(asked.id)  # noqa: S311 - an example, not a secret
    best: Item | None = None
    for _ in range(_MOST_DRAWS):
        item = drawn_item(str(asked.item["domain"]), rng)
        if asked.skill not in skills_of(item) or same_answer(solve(item).answer, solve(asked.item).answer):
            continue
        best = item
        if item.get("kind") == asked.item.get("kind"):
            break
    if best is None:
        return SKILLS[asked.skill].principle
    steps = "\n".join(step.text for step in solve(best).steps)
    return f"Another one, {parts_of(best)[0].text}:\n{steps}"
