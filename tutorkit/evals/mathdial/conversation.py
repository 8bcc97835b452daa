"""MathDial's way to write a conversation down: ``Teacher: (move)text|EOM|Student: text|EOM|…``.

Some six of a hundred student turns stand under the student's own name. Whether these count decides the figures: see
``Students``.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from tutorkit.types import Record, Turn

Students = Literal["everyone", "labelled"]
"""Who is the student: everyone who is not the teacher, or only who is labelled ``Student``.

With ``labelled`` the turns under a name are nobody's. The whole official test file (599 dialogues) gives, for
success@1…7, .361 .474 .594 .688 .766 .811 .863 with ``everyone`` and .342 .447 .558 .648 .720 .761 .811 with
``labelled``.
"""
MOVES: Final = ("focus", "probing", "telling", "generic")
TEACHER: Final = "Teacher"
STUDENT: Final = "Student"

_MARK: Final = "|EOM|"
_SPOKEN = re.compile(r"\s*([^\W\d_][^:\n|]{0,39}):[ \t]?(.*)", re.DOTALL)
_MOVE = re.compile(rf"\s*\(({'|'.join(MOVES)})\)\s*")


class Utterance(Record):
    """What one speaker said. ``move`` is the teacher's, as it was labelled by the teacher."""

    speaker: str
    text: str
    move: str | None = None


def read_conversation(text: str) -> tuple[Utterance, ...]:
    """Take a conversation apart.

    Raises:
        ValueError: when a part has no speaker, or no teacher or nobody else speaks.
    """
    utterances = []
    for place, part in enumerate(text.split(_MARK)):
        if not part.strip():
            continue
        found = _SPOKEN.fullmatch(part)
        if found is None:
            raise ValueError(f"part {place} of the conversation has no speaker: {part.strip()[:40]!r}")
        utterances.append(_utterance(found[1].strip(), found[2]))
    speakers = {utterance.speaker == TEACHER for utterance in utterances}
    if speakers != {True, False}:
        raise ValueError("the conversation lacks a teacher or a student")
    return tuple(utterances)


def turns_of(utterances: tuple[Utterance, ...], *, students: Students = "everyone") -> tuple[Turn, ...]:
    """Return a conversation as turns; a turn that is nobody's, by ``students``, is left out."""
    kept = [each for each in utterances if students == "everyone" or each.speaker in (TEACHER, STUDENT)]
    return tuple(
        Turn(
            index=index,
            role="tutor" if utterance.speaker == TEACHER else "learner",
            text=utterance.text,
            move=utterance.move,
        )
        for index, utterance in enumerate(kept)
    )


def _utterance(speaker: str, said: str) -> Utterance:
    labelled = _MOVE.match(said) if speaker == TEACHER else None
    if labelled is None:
        return Utterance(speaker=speaker, text=said.strip())
    return Utterance(speaker=speaker, text=said[labelled.end() :].strip(), move=labelled[1])
