"""Any other kind of problem: nothing is known of it, and nothing is made up."""

from __future__ import annotations

from collections.abc import Sequence

from tutorkit.teachers.experts.base import Advice, AttemptSeen, Finding, ProblemSeen, Worked, unexplained


def recognises(problem: ProblemSeen) -> bool:  # noqa: ARG001 (it takes what nobody else takes)
    """Take every problem."""
    return True


def advice(examples: Sequence[ProblemSeen]) -> Advice:  # noqa: ARG001 (nothing is known of them)
    """Say what holds for any problem."""
    return Advice(
        "Work towards exactly what the question asks, and write your working before the answer.",
        (
            "Name what is asked for.",
            "List what the problem gives.",
            "Go from the given to what is asked for, one short step a line.",
            "State the answer in the form that is asked for.",
        ),
    )


def findings(problem: ProblemSeen, attempt: AttemptSeen) -> tuple[Finding, ...]:
    """Say that the answer is wrong and that the reason is unknown."""
    return (unexplained(problem, attempt),)


def principle(skill: str, summary: str = "") -> str | None:  # noqa: ARG001 (it knows none)
    """Know no principle."""
    return None


def worked(problem: ProblemSeen) -> Worked | None:
    """Hand on the worked steps that the problem brings along, or its bare answer."""
    if problem.gold is None:
        return None
    return Worked(problem.steps or (f"The answer is {problem.gold}.",), problem.gold, problem.skills)
