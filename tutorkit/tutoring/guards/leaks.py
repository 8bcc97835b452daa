"""Guard 1: the answer is not given away, nor the result of a step that the learner has not reached."""

from __future__ import annotations

from tutorkit.misconceptions import SKILLS
from tutorkit.tutoring.guards.leaked_choices import leaked_choice
from tutorkit.tutoring.guards.leaked_code import leaked_code
from tutorkit.tutoring.guards.leaked_digits import leaked_digits
from tutorkit.tutoring.guards.leaked_numbers import leaked_number
from tutorkit.tutoring.guards.leaked_words import leaked_expression, leaked_text, leaked_time
from tutorkit.tutoring.guards.plain import plain
from tutorkit.tutoring.guards.protected import Answer, Visible, answers, visible
from tutorkit.tutoring.guards.seen import Seen, Violation
from tutorkit.tutoring.guards.unearned import unearned_result

_LEAK = (
    "It gives the answer away. Leave the answer out in every form: as a number, in words, in pieces, in disguise, "
    "as a calculation or an option that comes to it."
)
_UNEARNED = "It gives away the result of a step that the learner has not reached. Ask about the step instead."
_CODE = "It shows most of the program that the learner is to write. Show no code that solves the task."
_TURNS = 4


def leaks(text: str, seen: Seen) -> list[Violation]:
    """Object to a text that gives away what the learner is to find.

    Once the learner has the right answer, or where the solution is to be shown and the teacher allows it, there is
    nothing left to keep back. What the tutor said in its last turns is read together with the text, digit by digit.
    """
    if seen.may_tell:
        return []
    # A principle is the same for every problem: what numbers it has (per cent are of a hundred) are nobody's answer.
    skill = SKILLS.get(seen.act.skill or "")
    text = text.replace(skill.principle, "") if skill is not None else text
    known, found, read = visible(seen), answers(seen), plain(text)
    powers = plain(text, emphasis=False) if "**" in text else read
    for answer in found:
        place = _given_away(read, answer, known) or _in_pieces(read, answer, known, seen)
        place = place or leaked_expression(powers, answer, known)
        if place is not None:
            return [Violation(kind="leak", what=_LEAK, where=place[:80])]
    if (place := leaked_choice(read, seen.problem, seen.learner_said)) is not None:
        return [Violation(kind="leak", what=_LEAK, where=place[:80])]
    if (place := leaked_code(text, seen.reference_code)) is not None:
        return [Violation(kind="leak", what=_CODE, where=place)]
    if (place := unearned_result(read, seen, found, known)) is not None:
        return [Violation(kind="unearned", what=_UNEARNED, where=place[:80])]
    return []


def _given_away(read: str, answer: Answer, known: Visible) -> str | None:
    return (
        leaked_number(read, answer, known)
        or leaked_expression(read, answer, known)
        or leaked_time(read, answer, known)
        or leaked_text(read, answer, known)
    )


def _in_pieces(read: str, answer: Answer, known: Visible, seen: Seen) -> str | None:
    earlier = " ".join(plain(said) for said in seen.tutor_said[-_TURNS:])
    alone = leaked_digits(read, answer, known)
    if alone is not None or not earlier or leaked_digits(earlier, answer, known) is not None:
        return alone
    return leaked_digits(f"{earlier} {read}", answer, known)
