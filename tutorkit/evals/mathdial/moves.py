"""What teachers do, turn by turn: the shares of the labelled moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from tutorkit.evals.mathdial.rows import MathDialRow
from tutorkit.evals.mathdial.talks import Talk
from tutorkit.types import Record

LAST: Final = 6
UNLABELLED: Final = "unlabelled"


class MoveShares(Record):
    """The shares of the moves among some of the teachers' turns: those of one number from 0, of ``6+``, or ``all``."""

    turn: str
    n: int
    shares: Mapping[str, float]


def move_shares(talks: Sequence[Talk]) -> tuple[MoveShares, ...]:
    """Return the shares over all of the tutors' turns, then by the number of the turn, the seventh and later as one.

    Moves are whatever ``Turn.move`` holds, so that any tutor's dialogues can be looked at.
    """
    by_turn: dict[str, Counter[str]] = {"all": Counter()}
    for talk in talks:
        tutors = [turn for turn in talk.turns if turn.role == "tutor"]
        for number, turn in enumerate(tutors):
            move = turn.move or UNLABELLED
            by_turn["all"][move] += 1
            by_turn.setdefault(str(number) if number < LAST else f"{LAST}+", Counter())[move] += 1
    names = sorted(by_turn["all"], key=lambda move: (-by_turn["all"][move], move))
    return tuple(
        MoveShares(turn=turn, n=total, shares={move: counts[move] / total for move in names})
        for turn, counts in sorted(by_turn.items(), key=lambda entry: (entry[0] != "all", entry[0]))
        if (total := sum(counts.values()))
    )


def outcomes(rows: Sequence[MathDialRow]) -> dict[str, int]:
    """Count what the teachers said of the end: whether the student found the answer, was told it, or did not get it."""
    counted = Counter(row.self_correctness or "not said" for row in rows)
    return dict(counted.most_common())
