"""Dialogues with what they are counted against: MathDial's own, and those of any tutor with any learner."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from pydantic import field_validator

from tutorkit.errors import DataError
from tutorkit.evals.mathdial.conversation import Students, read_conversation, turns_of
from tutorkit.evals.mathdial.rows import MathDialRow
from tutorkit.tasks.scorers.numbers import Number, parse_number
from tutorkit.types import Dialogue, Problem, Record, Turn

_PAIRS = 8
_OPENING = "Could you walk me through your solution?"


class Talk(Record):
    """A dialogue with its problem.

    ``gold`` is a number as text. ``wrong`` is the wrong solution that the learner began with, where one is known;
    ``group`` the leak family of the problem: talks of one family are not independent.
    """

    id: str
    group: str
    gold: str
    problem: str = ""
    wrong: str = ""
    turns: tuple[Turn, ...]

    @field_validator("gold")
    @classmethod
    def _is_number(cls, gold: str) -> str:
        if not isinstance(parse_number(gold), Number):
            raise ValueError(f"{gold!r} is no number")
        return gold

    @property
    def value(self) -> Fraction:
        """The answer as a number."""
        number = parse_number(self.gold)
        assert isinstance(number, Number)
        return number.value


def talks_of(rows: Sequence[MathDialRow], *, students: Students = "everyone") -> tuple[Talk, ...]:
    """Return MathDial's rows as talks, numbered from 0 in the order of the file."""
    return tuple(
        Talk(
            id=f"{row.qid}-{place}",
            group=row.group,
            gold=row.gold,
            problem=row.question,
            wrong=row.student_incorrect_solution,
            turns=turns_of(read_conversation(row.conversation), students=students),
        )
        for place, row in enumerate(rows)
    )


def talk_of(dialogue: Dialogue, problem: Problem, *, wrong: str = "") -> Talk:
    """Return a dialogue as a talk. Success and telling go by a number, so the problem's answer must be one.

    Raises:
        DataError: when the problem's gold is no number.
    """
    number = parse_number(problem.gold or "")
    if not isinstance(number, Number):
        raise DataError(
            f"The answer to {problem.id} is {problem.gold!r}: success and telling are counted by a number.",
            remedy="Leave out problems whose answer is no single number.",
            data={"problem_id": problem.id},
        )
    return Talk(
        id=dialogue.id,
        group=problem.group,
        gold=problem.gold or "",
        problem=problem.question().as_text(),
        wrong=wrong,
        turns=dialogue.turns,
    )


def always_telling(talk: Talk) -> Talk:
    """Return what became of a talk if the tutor said the answer at once and the learner repeated it: a baseline."""
    return _played(talk, told=f"The answer is {talk.gold}.", reply=f"So the answer is {talk.gold}.")


def never_helping(talk: Talk) -> Talk:
    """Return what became of a talk if the tutor helped with nothing and the learner stood by its words: a baseline."""
    first = next((turn.text for turn in talk.turns if turn.role == "learner"), "")
    return _played(talk, told="Hm, think about it once more.", reply=first)


def _played(talk: Talk, *, told: str, reply: str) -> Talk:
    """Let a learner begin as it did, and then always give the same reply to the same words."""
    spoken = [turn for turn in talk.turns if turn.role != "system"]
    first = next((turn.text for turn in spoken if turn.role == "learner"), "")
    said = [("tutor", _OPENING), ("learner", first), *[("tutor", told), ("learner", reply)] * _PAIRS]
    turns = tuple(
        Turn(index=index, role="tutor" if role == "tutor" else "learner", text=text)
        for index, (role, text) in enumerate(said)
    )
    return talk.model_copy(update={"turns": turns})
