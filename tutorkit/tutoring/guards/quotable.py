"""What a tutor may quote, so that it is no wording of its own."""

from __future__ import annotations

from tutorkit.tutoring.guards.protected import texts_of
from tutorkit.tutoring.guards.seen import Seen


def quotable(seen: Seen) -> list[str]:
    """Return the problem, its worked steps, the item that is shown with its steps, and the learner's lines.

    The longest stand first, since one may hold another; what is only a number or a word is not among them.
    """
    lines = [line for said in seen.learner_said for line in said.splitlines()]
    problem = seen.problem
    steps = [step.text for step in problem.steps]
    texts = [problem.question().as_text(), problem.text, *steps, *texts_of(seen.act), *lines]
    return sorted((text for text in texts if len(text.split()) > 1), key=len, reverse=True)
