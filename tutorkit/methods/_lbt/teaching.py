"""Teaching: a rationale by which somebody could learn to solve problems like one; whether it is right is not known."""

from __future__ import annotations

from pydantic import Field

from tutorkit.methods._nodes.demo import keep_demo
from tutorkit.methods._nodes.verify import plain
from tutorkit.methods._nodes.views import task_view, unsolved_view
from tutorkit.methods.vocabulary import Deps, Wire
from tutorkit.types import Lesson, Problem


class TeachingRationale(Wire):
    """A problem worked so that others learn from it."""

    rationale: str = Field(max_length=4000, description="The solution, step by step, without the answer's line.")
    answer: str = Field(max_length=400, description="The final answer alone.")


async def teach_problem(deps: Deps, problem: Problem, *, sample: int, checked: bool) -> Lesson:
    """Ask for a rationale of a problem whose answer the teacher is not told, and keep it as an example.

    Args:
        deps: the run's participants.
        problem: what is taught.
        sample: which repeat this is.
        checked: whether the problem's scorer must find its answer right; else it must only be there.
    """
    said = await deps.teacher.call(
        "teach_problem",
        {"task": task_view(deps.task), "problem": unsolved_view(problem)},
        TeachingRationale,
        about=(problem.id,),
        sample=sample,
    )
    complete = plain(said.value.rationale) and said.value.answer.strip()
    return keep_demo(
        deps,
        problem,
        solution=said.value.rationale,
        answer=said.value.answer,
        call_ids=said.call_ids,
        faults=None if checked else () if complete else ("empty",),
        data={"sample": sample, "applies_to": problem.question().as_text()},
        about=f"{problem.id}#{sample}",
    )
