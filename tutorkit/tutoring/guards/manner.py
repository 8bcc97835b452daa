"""Guard 4: short, and one question at a time."""

from __future__ import annotations

from tutorkit.tutoring.guards.quotable import quotable
from tutorkit.tutoring.guards.seen import Seen, Violation
from tutorkit.tutoring.guards.sentences import sentences, without_quotations
from tutorkit.tutoring.policy import RUNG, SOLUTION

_LONGEST = 1500
_SHOWING = RUNG["analogy"]
_LEAST_SHOWN = 3


def manner(text: str, seen: Seen) -> list[Violation]:
    """Object to a text that is too long, or asks more than one thing.

    What is quoted does not count: the problem, the item that is shown, worked steps, the learner's lines. Where
    something is worked out, on rung 5 and above, a sentence for every step comes on top, and a second question; with
    the whole solution there is a new problem to be put, too.
    """
    if len(text) > _LONGEST:
        return [_long(f"at most {_LONGEST} characters", f"{len(text)} characters")]
    shows = seen.act.rung >= _SHOWING
    own = without_quotations(text, *quotable(seen))
    most = seen.policy.max_sentences + (max(len(seen.problem.steps), _LEAST_SHOWN) if shows else 0)
    most += _LEAST_SHOWN if seen.act.rung >= SOLUTION else 0
    found: list[Violation] = []
    if (count := len(sentences(own))) > most:
        found.append(_long(f"at most {most} sentences", f"{count} sentences"))
    questions = sum("?" in sentence for sentence in sentences(own))
    if questions > 1 + shows:
        what = "It asks more than one question. Ask one, the one that helps most."
        found.append(Violation(kind="questions", what=what, where=f"{questions} questions"))
    return found


def _long(limit: str, found: str) -> Violation:
    return Violation(kind="length", what=f"It is too long. Write {limit}.", where=found)
