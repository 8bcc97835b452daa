"""Explaining: the teacher explains one problem to the student without stating its answer."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, JsonValue

from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.leak import without_answer
from tutorkit.methods._nodes.verify import plain
from tutorkit.methods._nodes.views import problem_view, task_view, unsolved_view
from tutorkit.methods.vocabulary import Deps, Wire
from tutorkit.types import Lesson, Problem


class Explanation(Wire):
    """What would help a student with one problem."""

    explanation: str = Field(max_length=3000, description="The explanation, addressed to the student.")
    answer: str = Field(max_length=400, description="The final answer alone; the student is not shown it.")
    confidence: float = Field(ge=0, le=1, description="How sure you are of the answer, from 0 to 1.")
    skill: str | None = Field(default=None, max_length=80, description="The skill that it teaches, if it has a name.")


async def keep_explanation(
    deps: Deps, problem: Problem, *, sources: Sequence[str], demos: Sequence[JsonValue]
) -> Lesson:
    """Ask for an explanation of a problem and keep it, without the sentences that state the answer.

    Where the method's ``gold_visible`` is off, the teacher sees neither the gold nor the worked steps. What nothing is
    left of is kept as rejected. The lesson carries no leak family: it is for this very problem.

    Args:
        deps: the run's participants.
        problem: what is explained.
        sources: the student's attempts at it.
        demos: explanations of other problems, each with its ``problem``, as models.
    """
    view = problem_view(problem) if deps.params.gold_visible else unsolved_view(problem)
    said = await deps.teacher.call(
        "explain_problem",
        {"task": task_view(deps.task), "problem": view, "demos": [*demos]},
        Explanation,
        about=(problem.id,),
    )
    text, taken_out = said.value.explanation.strip(), 0
    # Neither the right answer nor the one that the teacher believes in is for the student.
    for answer in dict.fromkeys((problem.gold, said.value.answer.strip())):
        text, sentences = without_answer(text, problem.model_copy(update={"gold": answer or None}))
        taken_out += sentences
    return keep_lesson(
        deps,
        kind="explanation",
        text=text,
        faults=() if plain(text) else ("states the answer",) if taken_out else ("empty",),
        call_ids=said.call_ids,
        skill=said.value.skill,
        sources=sources,
        source_split=problem.split,
        about=problem.id,
        data={
            "problem_id": problem.id,
            "answer": said.value.answer.strip(),
            "confidence": said.value.confidence,
            "taken_out": taken_out,
        },
    )
