"""All guards, one after the other."""

from __future__ import annotations

from tutorkit.tutoring.guards.languages import language
from tutorkit.tutoring.guards.leaks import leaks
from tutorkit.tutoring.guards.manner import manner
from tutorkit.tutoring.guards.persona import persona
from tutorkit.tutoring.guards.praise import praise
from tutorkit.tutoring.guards.privacy import personal
from tutorkit.tutoring.guards.rules import rules
from tutorkit.tutoring.guards.seen import Guard, Seen, Violation
from tutorkit.tutoring.guards.truth import false_equations

GUARDS: tuple[Guard, ...] = (leaks, false_equations, praise, manner, language, personal, persona, rules)
"""Every guard, in the order in which their objections are told."""

_LONGEST = 6_000
_TOO_LONG = "It is much too long. Write a few short sentences."


def check(text: str, seen: Seen) -> tuple[Violation, ...]:
    """Return every objection to what a tutor is about to say; none for a text that may go out.

    A text of more than 6,000 characters is refused unread.
    """
    if len(text) > _LONGEST:
        return (Violation(kind="length", what=_TOO_LONG, where=f"{len(text)} characters"),)
    return tuple(violation for guard in GUARDS for violation in guard(text, seen))
