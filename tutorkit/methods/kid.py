"""KID's imperfect prefixes (Learning from Imperfect Data, arXiv 2410.11371): go on from a beginning with an own error.

A student that is trained on perfect solutions alone never learns to go on after a slip of its own. So part of a gold
solution is masked, the student fills it in, and it is trained to come to the right answer from there.

The steps before the mask are shown to the student, who fills the rest in; that is the method. They are those of a
problem of ``train``, and never hold the last step.

What is known: the abstract. The paper masks, predicts and rewrites text-to-SQL data and trains with a loss on logits,
which nobody has who asks a model through an API. This is the part that can be had without them: rows of a prompt, an
imperfect prefix and a target. So every setting is a variant. Where the mask stands, its width and how often a solution
is masked are not confirmed and are parameters. Reported: up to 5.83 points on average of five text-to-SQL sets
(abstract), with the loss that is not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_student
from tutorkit.methods._nodes.practise import load_attempts
from tutorkit.methods._nodes.rows import keep_sft
from tutorkit.methods._nodes.splits import needed_problems
from tutorkit.methods._nodes.state import ids
from tutorkit.methods._nodes.verify import demo_faults
from tutorkit.methods._nodes.views import problem_view, task_view
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Need, Paper, Params, Sizes, State, Wire
from tutorkit.types import Attempt, Lesson, Message, Problem, Record, SFTExample

GIVEN = "These first steps are done:"


class KIDParams(Params):
    """The parameters of KID."""

    masks: int = Field(default=1, ge=0, le=8, description="Masks of each solution; none makes plain fine-tuning data.")
    width: int = Field(default=1, ge=1, le=8, description="Steps that a mask hides at most.")
    target: Literal["gold", "redone", "teacher"] = Field(
        default="gold",
        description="How it goes on: the gold steps after the mask, those from the mask on, or the teacher's.",
    )
    train: bool = Field(default=True, description="Train the student on the rows; without it they are only made.")


class Continuation(Wire):
    """How a solution goes on from a given beginning."""

    solution: str = Field(max_length=4000, description="The remaining steps, one a line, without the answer's line.")
    final_answer: str = Field(max_length=400, description="The final answer alone.")


class Mask(Record):
    """Which steps of a problem's gold solution are hidden: those from ``start`` on to before ``end``."""

    problem_id: str
    place: int
    start: int
    end: int

    @property
    def key(self) -> str:
        """The mask's name."""
        return f"{self.problem_id}:{self.place}"


async def mask(state: State, deps: Deps) -> State:  # noqa: ARG001 (the state is empty yet)
    """Choose what to hide of each gold solution; one of fewer than two steps stays whole."""
    params: KIDParams = deps.params
    drawn: list[JsonValue] = []
    for problem in needed_problems(deps, "train", to="make rows of"):
        width = min(params.width, len(problem.steps) - 1)
        # The last step stays unmasked: something must be left to go on with.
        starts = range(len(problem.steps) - width) if width > 0 else range(0)
        for place, start in enumerate(deps.rng.sample(starts, min(params.masks, len(starts)))):
            found = Mask(problem_id=problem.id, place=place, start=start, end=start + width)
            drawn.append(found.model_dump(mode="json"))
    return {"masks": drawn}


async def fill(state: State, deps: Deps) -> State:
    """Have the student fill in what is hidden, going on from the gold steps before it."""
    problems = _train(deps)

    async def one(hidden: Mask) -> JsonValue:
        problem = problems[hidden.problem_id]
        begun = [step.text for step in problem.steps[: hidden.start]]
        return (await deps.student.answer(problem, (), phase="train-0", sample=hidden.place, begun=begun)).id

    result = await deps.map(one, _masks(state), key=lambda hidden: hidden.key)
    return {"fills": dict(result.done)}


async def rewrite(state: State, deps: Deps) -> State:
    """Make the rows: from each imperfect prefix to the right answer, and plain ones of solutions that were not masked.

    A mask that the student left unfilled gives no row, and neither does a teacher's continuation that does not come to
    the right answer.
    """
    problems, fills = _train(deps), state["fills"]
    attempts = {key: str(name) for key, name in fills.items()} if isinstance(fills, dict) else {}
    masks = _masks(state)

    async def one(hidden: Mask) -> JsonValue:
        (attempt,) = load_attempts(deps, [attempts[hidden.key]])
        return await _row(deps, problems[hidden.problem_id], hidden, attempt)

    result = await deps.map(one, [hidden for hidden in masks if hidden.key in attempts], key=lambda hidden: hidden.key)
    masked = {hidden.problem_id for hidden in masks}
    plain = [
        _plain_row(deps, problem)
        for problem in problems.values()
        if problem.id not in masked and problem.gold is not None and deps.params.target != "teacher"
    ]
    return {"rows": [*plain, *(name for name in result.done.values() if name is not None)]}


async def _row(deps: Deps, problem: Problem, hidden: Mask, attempt: Attempt) -> str | None:
    filled = _filled(attempt, hidden)
    if not filled or problem.gold is None:
        return None
    prefix = [*(step.text for step in problem.steps[: hidden.start]), *filled]
    lesson = None
    if deps.params.target == "teacher":
        lesson = await _continued(deps, problem, prefix, attempt)
        if not lesson.verified:
            return None
    target = lesson.text if lesson else _gold_from(problem, hidden, redone=deps.params.target == "redone")
    asked = "\n".join((problem.question().as_text(), "", GIVEN, *prefix))
    row = SFTExample(
        id=stable_id("sft", deps.run_id, problem.id, hidden.key, prefix, target),
        run_id=deps.run_id,
        problem_id=problem.id,
        split=problem.split,
        student=deps.student.ref,
        lesson_ids=(lesson.id,) if lesson else (),
        source_attempt_ids=(attempt.id,),
        call_ids=(*attempt.call_ids, *(lesson.call_ids if lesson else ())),
        data={
            "item": problem.item,
            "answer": problem.gold,
            "prompt": problem.question().as_text(),
            "imperfect_prefix": [*prefix],
            "target": target,
            "masked": [hidden.start, hidden.end],
        },
        messages=(Message(role="user", content=asked), Message(role="assistant", content=target)),
    )
    deps.sink.put(row)
    return row.id


async def _continued(deps: Deps, problem: Problem, prefix: Sequence[str], attempt: Attempt) -> Lesson:
    """Have the teacher go on from the prefix; what does not come to the right answer is kept as refused."""
    said = await deps.teacher.call(
        "continue_solution",
        {"task": task_view(deps.task), "problem": problem_view(problem), "prefix": [*prefix]},
        Continuation,
        about=(attempt.id,),
    )
    solution, answer = said.value.solution.strip(), said.value.final_answer.strip()
    return keep_lesson(
        deps,
        kind="correction",
        text=f"{solution}\nAnswer: {answer}",
        faults=demo_faults(solution, answer, problem, deps.scorer),
        call_ids=said.call_ids,
        sources=(attempt.id,),
        source_split=problem.split,
        data={"problem_id": problem.id, "group": problem.group, "imperfect_prefix": [*prefix]},
    )


def _filled(attempt: Attempt, hidden: Mask) -> Sequence[str]:
    """Return what the student wrote in the mask's place; an answer is no step, and a cut-off attempt tells nothing."""
    if attempt.grade.outcome == "unfinished":
        return ()
    own = attempt.steps[hidden.start :]
    return [step for step in own if not step.casefold().startswith("answer:")][: hidden.end - hidden.start]


def _gold_from(problem: Problem, hidden: Mask, *, redone: bool) -> str:
    steps = problem.steps[hidden.start if redone else hidden.end :]
    return "\n".join((*(step.text for step in steps), f"Answer: {problem.gold}"))


def _plain_row(deps: Deps, problem: Problem) -> str:
    """Make a row of the whole gold solution, as fine-tuning does without this method."""
    rationale = "\n".join(step.text for step in problem.steps)
    return keep_sft(deps, problem, rationale=rationale, answer=problem.gold or "", round=0, student=deps.student.ref).id


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student as it is, and trained on the rows; no teacher takes part."""
    return {"lessons": [], "test": await evaluate_student(deps, rows=ids(state, "rows") if deps.params.train else ())}


def cost(params: KIDParams, sizes: Sizes) -> Cost:
    """Count the calls: n · ``masks`` for the student, and as many for the teacher where it writes the targets.

    It is exact where every solution has more than ``masks`` + ``width`` - 1 steps; shorter ones are masked less often.
    """
    filled = sizes.train * params.masks
    return Cost(teacher=filled if params.target == "teacher" else 0, student=filled)


def fidelity(params: KIDParams) -> str:
    """Name the variant: the published loss needs logits."""
    return f"variant:imperfect-prefixes-{params.target}" if params.masks else "variant:plain-fine-tuning"


def needs(params: KIDParams) -> frozenset[Need]:
    """Return what the student must be able to do: go on from given steps, and be trained."""
    needed: dict[Need, bool] = {"go_on": params.masks > 0, "train": params.train}
    return frozenset(need for need, wanted in needed.items() if wanted)


def _masks(state: State) -> list[Mask]:
    found = state.get("masks", [])
    return [Mask.model_validate(value) for value in found] if isinstance(found, list) else []


def _train(deps: Deps) -> dict[str, Problem]:
    return {problem.id: problem for problem in deps.problems("train")}


METHOD = Method(
    name="kid",
    version="1",
    summary="Makes training data that goes on from the student's own, imperfect steps to the right answer.",
    paper=Paper("Learning from Imperfect Data: Towards Efficient Knowledge Distillation", "arXiv:2410.11371", 2024),
    params=KIDParams,
    fidelity=fidelity,
    nodes={"mask": mask, "fill": fill, "rewrite": rewrite, "evaluate": evaluate},
    edges=(
        Edge(START, "mask"),
        Edge("mask", "fill"),
        Edge("fill", "rewrite"),
        Edge("rewrite", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("correction",),
    cost=cost,
    practice="train",
    needs=needs,
    when="Take it for a student whose early slips spoil the rest, if you have solutions in steps: it costs one call of"
    " the student for each mask, and no teacher. Compare it with plain fine-tuning on the same solutions (masks=0),"
    " which alone may gain as much. Without gold solutions it does nothing.",
    rows=("sft",),
    example="--task chains --student sim/two-bugs --teacher rules --train 24 --val 4 --test 40",
)
