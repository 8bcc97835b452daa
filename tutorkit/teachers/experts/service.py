"""Customer service by a shop's own policy.

A situation's name does not tell what the policy wants there, so the policy travels in a finding's summary, behind
``POLICY``, and the principle is read from there.
"""

from __future__ import annotations

from collections.abc import Sequence

from tutorkit.tasks.service import DOMAIN, situation_of
from tutorkit.teachers.experts.base import Advice, AttemptSeen, Finding, ProblemSeen, Worked

POLICY = "The policy is: "


def recognises(problem: ProblemSeen) -> bool:
    """Take the conversations of the task ``service``."""
    return problem.domain == DOMAIN


def advice(examples: Sequence[ProblemSeen]) -> Advice:  # noqa: ARG001 (the policy itself is found in the errors)
    """Say that there is a policy, without telling it."""
    return Advice(
        "Every kind of complaint has a move that comes first by the shop's policy. Make that move, not the usual one.",
        ("See what kind of complaint it is.", "Take the move that comes first for it.", "Name this move alone."),
    )


def findings(problem: ProblemSeen, attempt: AttemptSeen) -> tuple[Finding, ...]:
    """Say which policy was not kept, and where the other move was made."""
    situation = situation_of(problem.item or {})
    step = next((place for place, line in enumerate(attempt.lines) if (attempt.answer or "\0") in line), None)
    return (
        Finding(
            step=step,
            evidence=attempt.span("" if step is None else attempt.lines[step]),
            cause=f"{situation.name}: another move than the policy's",
            summary=f"{situation.about} The agent did not keep to the policy. {POLICY}{situation.policy}",
            analysis=f"By the policy the next move is {situation.move}, not {attempt.answer}.",
            skill=situation.name,
            confidence=0.9,
        ),
    )


def principle(skill: str, summary: str = "") -> str | None:  # noqa: ARG001 (only the summary tells the policy)
    """Return the policy that a summary tells."""
    return summary.partition(POLICY)[2].strip() or None


def worked(problem: ProblemSeen) -> Worked | None:
    """Make the policy's move."""
    move = situation_of(problem.item or {}).move
    return Worked((f"The next move is {move}.",), move, problem.skills)
