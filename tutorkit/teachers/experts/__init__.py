"""What the rule-based teacher knows: one module for each kind of problem, the first that recognises a problem has it.

A module is an expert when it has the five functions of ``base.Expert``. To add one, write the module and name it here,
before ``generic``, which recognises everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from tutorkit.errors import DataError
from tutorkit.tasks.variation import problem_of
from tutorkit.teachers.experts import booleans, calculation, conventions, generic, navigation, service, word_problems
from tutorkit.teachers.experts.base import Expert, ProblemSeen, Worked

EXPERTS: tuple[Expert, ...] = (calculation, conventions, service, booleans, navigation, word_problems, generic)


def expert_for(problem: ProblemSeen) -> Expert:
    """Return the expert that has this problem."""
    return next(expert for expert in EXPERTS if expert.recognises(problem))


def expert_for_all(problems: Sequence[ProblemSeen]) -> Expert:
    """Return the expert that has the most of these problems; the generic one when there are none."""
    found = [expert_for(problem) for problem in problems]
    return max(EXPERTS, key=found.count) if found else generic


def worked_out(problem: ProblemSeen) -> Worked | None:
    """Return a problem's worked solution; where its steps are not shown, made anew from its item.

    None where nobody can work it out.
    """
    return expert_for(whole := _with_steps(problem)).worked(whole)


def _with_steps(problem: ProblemSeen) -> ProblemSeen:
    if problem.steps or problem.item is None:
        return problem
    try:
        made = problem_of(problem.item)
    except DataError:  # an item that somebody wrote by hand
        return problem
    if made is None:
        return problem
    steps = tuple(step.text for step in made.steps)
    return problem.model_copy(update={"gold": made.gold, "steps": steps, "skills": made.skills})


def principle_for(skill: str, summary: str = "") -> str | None:
    """Return the principle that teaches a skill, from whichever expert knows it."""
    return next((text for expert in EXPERTS if (text := expert.principle(skill, summary)) is not None), None)


def summary_of_lack(skill: str, problems: Sequence[ProblemSeen]) -> str:
    """Say of somebody that a skill is lacking, with all that ``principle_for`` needs to teach it."""
    for problem in problems:
        if skill in problem.skills and conventions.recognises(problem):
            return conventions.summary_of(problem.item or {})
    return f"The skill {skill} is lacking."


__all__ = ["EXPERTS", "Expert", "expert_for", "expert_for_all", "principle_for", "summary_of_lack", "worked_out"]
