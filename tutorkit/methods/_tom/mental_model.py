"""Mental model: the teacher predicts a student's answers from a few that it saw.

Source: the theory-of-mind intervention (arXiv 2306.09299). The model sees what the student really answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field, JsonValue

from tutorkit.methods._nodes.views import task_view, unsolved_view
from tutorkit.methods.vocabulary import Deps, Wire
from tutorkit.types import Attempt, Lesson, Problem


class Prediction(Wire):
    """What a student will answer."""

    answer: str = Field(max_length=400, description="The final answer that this student will give.")
    p_correct: float = Field(ge=0, le=1, description="The chance that this student will be right, from 0 to 1.")


async def predict(
    deps: Deps, problems: Sequence[Problem], *, explanations: Mapping[str, Lesson], examples: Sequence[JsonValue]
) -> tuple[dict[str, float], dict[str, float]]:
    """Predict the chance of a right answer to each problem, without and with its explanation.

    Args:
        deps: the run's participants.
        problems: what the student will be asked.
        explanations: by problem; with one that may not be shown nothing is predicted.
        examples: what ``example_view`` makes of answers that were seen.

    Returns:
        The chances without and with explanation, in [0, 1], by problem; a prediction that failed for good is missing.
    """
    usable = {name: lesson.text for name, lesson in explanations.items() if lesson.verified}
    asked = [
        (side, problem, sample)
        for problem in problems
        for side in ("before", "after")
        if side == "before" or problem.id in usable
        for sample in range(deps.params.simulations)
    ]

    async def one(ask: tuple[str, Problem, int]) -> JsonValue:
        side, problem, sample = ask
        view = {**unsolved_view(problem), "gold": problem.gold if deps.params.gold_visible else None}
        inputs: dict[str, JsonValue] = {"task": task_view(deps.task), "problem": view, "examples": [*examples]}
        if side == "after":
            inputs["explanation"] = usable[problem.id]
        said = await deps.teacher.call(f"simulate_{side}", inputs, Prediction, about=(problem.id,), sample=sample)
        if deps.params.score_kind == "verbal":
            return said.value.p_correct
        lesson = explanations.get(problem.id)
        return float(_is_right(deps, problem, said.value.answer, believed=lesson.data["answer"] if lesson else None))

    def key(ask: tuple[str, Problem, int]) -> str:
        return f"{ask[0]}:{ask[1].id}:{ask[2]}"

    result = await deps.map(one, asked, key=key)
    chances: dict[str, dict[str, list[float]]] = {"before": {}, "after": {}}
    for ask in asked:
        if key(ask) in result.done:
            chances[ask[0]].setdefault(ask[1].id, []).append(float(str(result.done[key(ask)])))
    before, after = ({name: sum(v) / len(v) for name, v in chances[side].items()} for side in ("before", "after"))
    return before, after


def _is_right(deps: Deps, problem: Problem, answer: str, *, believed: JsonValue) -> bool:
    """Tell whether a predicted answer is the right one; with the gold hidden, the one that the teacher believes in."""
    grade = deps.scorer.grade(problem, f"Answer: {answer}")
    if deps.params.gold_visible:
        return grade.outcome == "right"
    known = deps.scorer.grade(problem, f"Answer: {believed or ''}")
    return grade.normalised is not None and grade.normalised == known.normalised


def example_view(deps: Deps, row: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Show what the student answered to one problem, and with an explanation; never what would have been right.

    ``row`` holds the ids of the attempt ``before``, of the ``explanation`` and of the attempt ``after`` it.
    """
    before, after = (deps.sink.get(Attempt, str(row[side])) for side in ("before", "after"))
    return {
        "problem": unsolved_view(deps.sink.get(Problem, before.problem_id)),
        "before": before.grade.normalised or "none",
        "explanation": deps.sink.get(Lesson, str(row["explanation"])).text,
        "after": after.grade.normalised or "none",
    }
