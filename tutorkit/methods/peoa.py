"""PEOA, a meta-agent with experts (process-engineering LLM OS, arXiv 2408.14494), as a maker of training data.

A meta-agent takes a task apart, hands each part to an expert (a tool), mends what fails, goes back to a new plan where
mending does not help, and puts the results together. Here the teacher is the meta-agent on the problems of ``train``.
What it carries out and what comes to the right answer becomes fine-tuning data for the student's action generator: the
plan with its calls, or each call by itself.

The meta-agent sees the problem without its gold, which only checks the answer.

What is known: the abstract, and a digest; no code, and no number in the abstract. The experts of the paper are code and
maths models with Wolfram Alpha behind them; ours calculate and look facts up, and none runs code. The paper's domain
is chemical engineering, with a property graph of its literature; here ``facts`` are a property graph as triples, from
which the nearest are retrieved for each problem. So it is a variant. The student is measured alone, without experts:
what it has learnt is to plan and to calculate as the plans do.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Literal

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_student
from tutorkit.methods._nodes.exercises import unsolved_view
from tutorkit.methods._nodes.rows import keep_sft
from tutorkit.methods._nodes.splits import needed_problems
from tutorkit.methods._nodes.state import id_lists, ids
from tutorkit.methods._nodes.verify import demo_faults
from tutorkit.methods._nodes.views import task_view
from tutorkit.methods._peoa.experts import CalculatorExpert, Expert, Fact, LookupExpert, facts_near
from tutorkit.methods._peoa.orchestrate import Desk, Done, Episode, orchestrate
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Need, Paper, Params, Sizes, State
from tutorkit.types import Lesson, Message, Problem, Score, SFTExample


class PEOAParams(Params):
    """The parameters of PEOA."""

    facts: tuple[Fact, ...] = Field(
        default=(), max_length=10_000, description="The property graph: triples of subject, property and value."
    )
    retrieve: bool = Field(default=True, description="Show the meta-agent the nearest facts (False is the ablation).")
    facts_shown: int = Field(default=8, ge=1, le=100, description="Facts shown for one problem at most.")
    max_subtasks: int = Field(default=6, ge=1, le=20, description="Parts of a plan at most.")
    retries: int = Field(default=2, ge=0, le=10, description="Second tries of one part at most.")
    backtracks: int = Field(default=1, ge=0, le=5, description="New plans of one problem at most.")
    rows: Literal["solutions", "calls", "both"] = Field(
        default="solutions", description="Make a row of each solution, of each call to an expert, or both."
    )
    train: bool = Field(default=True, description="Train the student on the rows; without it they are only made.")


def experts_of(params: PEOAParams) -> dict[str, Expert]:
    """Return the experts by name; without facts there is nothing to look up."""
    calculator, lookup = CalculatorExpert(), LookupExpert(params.facts)
    experts: list[Expert] = [calculator, lookup] if params.facts else [calculator]
    return {expert.name: expert for expert in experts}


async def solve(state: State, deps: Deps) -> State:  # noqa: ARG001 (the state is empty yet)
    """Have the teacher carry every problem out with the experts; only what comes to the right answer is verified."""

    async def one(problem: Problem) -> JsonValue:
        episode = await orchestrate(_desk(deps, problem))
        deps.sink.put(*_scores(deps, problem, episode))
        return [_kept(deps, problem, episode).id]

    problems = needed_problems(deps, "train", to="be carried out")
    result = await deps.map(one, problems, key=lambda problem: problem.id)
    return {"episodes": dict(result.done)}


def _desk(deps: Deps, problem: Problem) -> Desk:
    params: PEOAParams = deps.params
    near = facts_near(problem.text, params.facts, most=params.facts_shown) if params.retrieve else []
    return Desk(
        ask=deps.teacher.call,
        task=task_view(deps.task),
        problem=unsolved_view(problem),
        experts=experts_of(params),
        facts=[f"{subject}: {name} = {value}" for subject, name, value in near],
        about=(problem.id,),
        max_subtasks=params.max_subtasks,
        retries=params.retries,
        backtracks=params.backtracks,
    )


def _kept(deps: Deps, problem: Problem, episode: Episode) -> Lesson:
    solution = "\n".join(map(_line, episode.done))
    faults = list(demo_faults(solution, episode.answer, problem, deps.scorer))
    if episode.outcome == "failed":
        faults = [f"failed: {episode.errors[-1]}" if episode.errors else "failed"]
    return keep_lesson(
        deps,
        kind="rationale",
        text=f"{solution}\nAnswer: {episode.answer}".strip(),
        faults=faults,
        call_ids=episode.call_ids,
        source_split=problem.split,
        about=problem.id,
        data={
            "problem_id": problem.id,
            "group": problem.group,
            "solution": solution,
            "answer": episode.answer,
            "tool_calls": [asdict(done) for done in episode.done],
            "outcome": episode.outcome,
            "errors": [*episode.errors],
            "backtracks": episode.backtracks,
            "refinements": episode.refinements,
        },
    )


def _line(done: Done) -> str:
    arguments = ", ".join(f"{name}: {value}" for name, value in done.arguments.items())
    return f"{done.description.strip()} {done.expert}({arguments}) = {done.result}"


def _scores(deps: Deps, problem: Problem, episode: Episode) -> list[Score]:
    """Say of each problem how often the meta-agent went back, and mended."""
    counts = {"backtracks": episode.backtracks, "refinements": episode.refinements}
    return [
        Score(
            id=stable_id("score", deps.run_id, kind, problem.id),
            run_id=deps.run_id,
            subject_id=problem.id,
            kind=kind,
            value=float(count),
            n=1,
            probe_set="train",
        )
        for kind, count in counts.items()
    ]


async def make_rows(state: State, deps: Deps) -> State:
    """Make the fine-tuning data of what was carried out and found right."""
    problems = {problem.id: problem for problem in deps.problems("train")}
    rows: list[JsonValue] = []
    for problem_id, kept in id_lists(state, "episodes").items():
        for lesson in (deps.sink.get(Lesson, name) for name in kept):
            if lesson.verified and deps.params.rows != "calls":
                rows.append(_solution_row(deps, problems[problem_id], lesson).id)
            if lesson.verified and deps.params.rows != "solutions":
                rows += [row.id for row in _call_rows(deps, problems[problem_id], lesson)]
    return {"rows": rows}


def _solution_row(deps: Deps, problem: Problem, lesson: Lesson) -> SFTExample:
    return keep_sft(
        deps,
        problem,
        rationale=str(lesson.data["solution"]),
        answer=str(lesson.data["answer"]),
        round=0,
        student=deps.student.ref,
        lesson_ids=(lesson.id,),
        call_ids=lesson.call_ids,
        data={"tool_calls": lesson.data["tool_calls"]},
    )


def _call_rows(deps: Deps, problem: Problem, lesson: Lesson) -> list[SFTExample]:
    """Make a row of each call: from the sub-task and the experts to the expert's name and its arguments, as JSON."""
    calls = lesson.data["tool_calls"]
    offered = "\n".join(f"- {expert.name}: {expert.does}" for expert in experts_of(deps.params).values())
    rows = []
    for call in calls if isinstance(calls, list) else []:
        if not isinstance(call, dict):
            continue
        said = json.dumps({"expert": call["expert"], "arguments": call["arguments"]}, ensure_ascii=False)
        asked = f"{call['description']}\n\nExperts:\n{offered}"
        rows.append(
            SFTExample(
                id=stable_id("sft", deps.run_id, problem.id, "call", asked, said),
                run_id=deps.run_id,
                problem_id=problem.id,
                split=problem.split,
                student=deps.student.ref,
                lesson_ids=(lesson.id,),
                call_ids=lesson.call_ids,
                data={"tool_call": call},
                messages=(Message(role="user", content=asked), Message(role="assistant", content=said)),
            )
        )
    deps.sink.put(*rows)
    return rows


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student as it is, and trained on the rows; neither teacher nor expert takes part."""
    return {"lessons": [], "test": await evaluate_student(deps, rows=ids(state, "rows") if deps.params.train else ())}


def cost(params: PEOAParams, sizes: Sizes) -> Cost:
    """Count the calls: n · (1 + s + 1) for the teacher, with s = ``max_subtasks`` parts; the student is only measured.

    It is exact where every problem has s parts and no call fails; fewer parts cost less. On top there can come
    s · ``retries`` calls for each plan, and as many plans as there are ``backtracks``.
    """
    plan = 1 + params.max_subtasks
    worst = (1 + params.backtracks) * (plan + params.max_subtasks * params.retries)
    return Cost(teacher=sizes.train * (plan + 1), student=0, again=sizes.train * (worst - plan))


def needs(params: PEOAParams) -> frozenset[Need]:
    """Return what the student must be able to do."""
    return frozenset({"train"}) if params.train else frozenset()


METHOD = Method(
    name="peoa",
    version="1",
    summary="Has the teacher solve problems with experts as tools, and trains the student on what worked.",
    paper=Paper(
        "Knowledge Graph Modeling-Driven Large Language Model Operating System (LLM OS) for Task Automation in Process "
        "Engineering Problem-Solving",
        "arXiv:2408.14494",
        2024,
    ),
    params=PEOAParams,
    fidelity=lambda params: "variant:teacher-data" if params.retrieve else "variant:teacher-data-without-retrieval",
    nodes={"solve": solve, "make_rows": make_rows, "evaluate": evaluate},
    edges=(
        Edge(START, "solve"),
        Edge("solve", "make_rows"),
        Edge("make_rows", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("rationale",),
    cost=cost,
    practice="train",
    needs=needs,
    when="Take it where problems fall into parts that a tool does better than a model, such as calculating and looking"
    " up, and the student is to learn to plan them. Give your own facts. It is not for problems that a teacher solves"
    " in one go: each part is a call.",
    rows=("sft",),
    example="--task chains --student sim/two-bugs --teacher rules --train 24 --val 4 --test 40",
)
