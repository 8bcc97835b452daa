"""Measure: no teaching, only the student on the test problems, untaught and with given lessons.

This is how a pack is tried on another student or task. It is a method like any other, so that it is resumed, counted
and stored in the same way; it stands in no list, since it teaches nothing.
"""

from __future__ import annotations

from pydantic import Field

from tutorkit.methods._nodes.evaluate import evaluate as evaluate_lessons
from tutorkit.methods._nodes.practise import load_lessons
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Paper, Params, State
from tutorkit.retrieval import ALL, choose
from tutorkit.types import Problem


class MeasureParams(Params):
    """What is measured."""

    pack: str = Field(description="Digest of the pack that the lessons come from.")
    lesson_ids: tuple[str, ...] = Field(description="The lessons, in the order in which the student reads them.")
    retrieval: str = Field(default=ALL, description="Which of them go along with a question: all, or top-3 above 0.2.")


async def evaluate(_state: State, deps: Deps) -> State:
    """Measure the student on the test problems, untaught and with the lessons."""
    names, rule = deps.params.lesson_ids, deps.params.retrieval
    lessons = load_lessons(deps, names)

    def chosen(problem: Problem) -> list[str]:
        return [lesson.id for lesson in choose(problem.question().as_text(), lessons, rule=rule)]

    test = await evaluate_lessons(deps, lesson_ids=names if rule == ALL else chosen)
    return {"lessons": [*names], "test": test}


METHOD = Method(
    name="measure",
    version="1",
    summary="Measures a student with and without given lessons.",
    paper=Paper("no paper", "", 2026),
    params=MeasureParams,
    fidelity=lambda _: "paper",
    nodes={"evaluate": evaluate},
    edges=(Edge(START, "evaluate"), Edge("evaluate", END)),
    artefacts=(),
    cost=lambda _params, _sizes: Cost(teacher=0, student=0),
)
